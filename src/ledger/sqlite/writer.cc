#include "ledger/sqlite/writer.h"

#include <algorithm>
#include <utility>

namespace stanch::ledger::sqlite {
namespace {

constexpr size_t kBatchMax = 256;  // jobs that share one commit
constexpr int kMovesMax = 3;       // until the log holds nothing that the database has not

// The job looked, and did nothing.
bool is_refusal(const Error& error) {
  switch (error.code()) {
    case ErrorCode::kInvalid:
    case ErrorCode::kConflict:
    case ErrorCode::kDenied:
    case ErrorCode::kNotFound: return true;
    default: return false;
  }
}

}  // namespace

Writer::Writer(env::Threads& threads, std::unique_ptr<Connection> connection,
               std::unique_ptr<Connection> mover, int log_frames)
    : connection_(std::move(connection)),
      mover_(std::move(mover)),
      log_frames_step_(log_frames),
      monitor_(threads.monitor()) {
  thread_ = threads.start("ledger", [this] { loop(); });
  if (mover_) moving_thread_ = threads.start("ledger log", [this] { move_log_now_and_then(); });
}

Result<std::unique_ptr<Writer>> Writer::start(env::Threads& threads,
                                              std::unique_ptr<Connection> connection,
                                              std::unique_ptr<Connection> mover, int log_frames) {
  std::unique_ptr<Writer> writer(
      new Writer(threads, std::move(connection), std::move(mover), log_frames));
  if (!writer->thread_ || (writer->mover_ && !writer->moving_thread_)) {
    return Error(ErrorCode::kUnavailable, "the system gives no thread to write the ledger with");
  }
  return writer;
}

Writer::~Writer() {
  {
    env::MonitorLock lock(*monitor_);
    stopping_ = true;
    monitor_->notify_all();
  }
  for (const auto& thread : {thread_.get(), moving_thread_.get()}) {
    if (thread != nullptr) thread->join();
  }
}

Result<> Writer::run(const Job& job, Durable durable) {
  Request request{.job = &job, .durable = durable};
  return wait_for(request);
}

Result<> Writer::empty_log() {
  Request request{.job = nullptr};
  return wait_for(request);
}

Result<> Writer::wait_for(Request& request) {
  env::MonitorLock lock(*monitor_);
  if (failed_) return *failed_;
  waiting_.push_back(&request);
  monitor_->notify_all();
  while (!request.done) monitor_->wait();
  return std::move(request.result);
}

void Writer::loop() {
  std::vector<Request*> batch;
  for (;;) {
    {
      env::MonitorLock lock(*monitor_);
      for (Request* request : batch) request->done = true;
      log_frames_ = connection_->wal_frames();
      if (log_frames_ < tried_at_) tried_at_ = 0;  // it began anew
      if (!batch.empty()) monitor_->notify_all();
      batch.clear();
      while (waiting_.empty() && !stopping_) monitor_->wait();
      if (waiting_.empty()) return;
      const size_t count = std::min(waiting_.size(), kBatchMax);
      batch.assign(waiting_.begin(), waiting_.begin() + static_cast<ptrdiff_t>(count));
      waiting_.erase(waiting_.begin(), waiting_.begin() + static_cast<ptrdiff_t>(count));
      if (failed_) {
        for (Request* request : batch) request->result = *failed_;
        continue;
      }
    }
    serve(batch);
  }
}

void Writer::serve(std::vector<Request*>& batch) {
  std::vector<Request*> jobs;
  for (Request* request : batch) {
    if (request->job != nullptr) jobs.push_back(request);
  }
  if (!jobs.empty()) commit(jobs);
  for (Request* request : batch) {
    if (request->job != nullptr) continue;
    request->result = at_rest([](Connection& database) { return database.empty_log(); });
  }
  if (connection_->wal_frames() < kLogFramesMax) return;
  (void)at_rest([](Connection& database) -> Result<> {
    TRY(database.move_log());
    return {};
  });
}

void Writer::commit(std::vector<Request*>& batch) {
  const auto undo = [&](const Error& error) {
    (void)connection_->run("ROLLBACK");  // SQLite may have done so already
    answer_all(batch, error);
  };
  const bool any_now = std::ranges::any_of(
      batch, [](const Request* request) { return request->durable == Durable::kNow; });
  if (const Result<> set = set_durable(any_now ? Durable::kNow : Durable::kLater); !set) {
    return answer_all(batch, set.error());
  }
  if (const Result<> begun = connection_->run("BEGIN IMMEDIATE"); !begun) {
    return answer_all(batch, begun.error());
  }
  for (Request* request : batch) {
    request->result = (*request->job)(*connection_);
    if (!request->result && !is_refusal(request->result.error())) {
      const Error error = request->result.error();
      return undo(error);
    }
  }
  const Result<> committed = connection_->run("COMMIT");
  if (committed) return;
  if (committed.error().code() == ErrorCode::kUnavailable) return undo(committed.error());
  // The device failed during the commit: it may be there or not after the next start.
  undo(Error(committed.error().code(), committed.error().message()));
  for (Request* request : batch) {
    request->result = Error(ErrorCode::kUnknownOutcome, committed.error().message());
  }
}

// With NORMAL a commit writes the log and does not wait for the disk; the next with FULL makes both
// durable, since they stand in one file (sqlite.org/pragma.html#pragma_synchronous).
Result<> Writer::set_durable(Durable durable) {
  if (durable == durable_) return {};
  TRY(connection_->run(durable == Durable::kNow ? "PRAGMA synchronous=FULL"
                                                : "PRAGMA synchronous=NORMAL"));
  durable_ = durable;
  return {};
}

// After damage or a failed device nothing goes on. Refusals of before stand.
void Writer::answer_all(std::vector<Request*>& batch, const Error& error) {
  for (Request* request : batch) {
    if (request->result || !is_refusal(request->result.error())) request->result = error;
  }
  fail(error);
}

void Writer::fail(const Error& error) {
  if (error.code() != ErrorCode::kCorrupt) return;
  env::MonitorLock lock(*monitor_);
  if (failed_) return;
  failed_.emplace(ErrorCode::kCorrupt,
                  "the ledger stopped, because its disk failed: end the program and look at the "
                  "disk (" +
                      error.message() + ")");
}

Result<> Writer::at_rest(const std::function<Result<>(Connection&)>& body) {
  {
    env::MonitorLock lock(*monitor_);
    rests_ = true;
    while (moving_) monitor_->wait();
  }
  Result<> done = body(*connection_);
  if (!done) fail(done.error());
  env::MonitorLock lock(*monitor_);
  rests_ = false;
  monitor_->notify_all();
  return done;
}

void Writer::move_log_now_and_then() {
  for (;;) {
    {
      env::MonitorLock lock(*monitor_);
      moving_ = false;
      monitor_->notify_all();
      while (!stopping_ && !is_log_long()) monitor_->wait();
      if (stopping_) return;
      moving_ = true;
    }
    if (const Result<> moved = move_log(); !moved) fail(moved.error());
  }
}

bool Writer::is_log_long() {
  return !rests_ && !failed_ && log_frames_ - tried_at_ >= log_frames_step_;
}

// What was appended meanwhile is little, so that it is moved before more is: only when the database
// has all of it does the log begin anew.
Result<> Writer::move_log() {
  for (int moves = 1;; ++moves) {
    TRY(const LogMoved log, mover_->move_log());
    env::MonitorLock lock(*monitor_);
    tried_at_ = std::max(log.frames, 0);
    if (log.moved == log.frames || moves == kMovesMax || rests_) return {};
  }
}

}  // namespace stanch::ledger::sqlite
