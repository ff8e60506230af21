#include "ledger/sqlite/writer.h"

#include <algorithm>
#include <utility>

namespace stanch::ledger::sqlite {
namespace {

constexpr size_t kBatchMax = 256;  // jobs that share one commit
constexpr int kLogFramesBetweenCheckpoints = 1000;

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

Writer::Writer(env::Threads& threads, std::unique_ptr<Connection> connection)
    : connection_(std::move(connection)), monitor_(threads.monitor()) {
  thread_ = threads.start("ledger", [this] { loop(); });
}

Result<std::unique_ptr<Writer>> Writer::start(env::Threads& threads,
                                              std::unique_ptr<Connection> connection) {
  std::unique_ptr<Writer> writer(new Writer(threads, std::move(connection)));
  if (!writer->thread_) {
    return Error(ErrorCode::kUnavailable, "the system gives no thread to write the ledger with");
  }
  return writer;
}

Writer::~Writer() {
  if (!thread_) return;
  {
    env::MonitorLock lock(*monitor_);
    stopping_ = true;
    monitor_->notify_all();
  }
  thread_->join();
}

Result<> Writer::run(const Job& job) {
  Request request{.job = &job, .result = {}, .done = false};
  return wait_for(request);
}

Result<> Writer::empty_log() {
  Request request{.job = nullptr, .result = {}, .done = false};
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
    request->result = connection_->checkpoint(true);
    if (!request->result && request->result.error().code() == ErrorCode::kCorrupt) {
      answer_all(jobs, request->result.error());
    }
  }
  checkpoint_now_and_then();
}

void Writer::commit(std::vector<Request*>& batch) {
  const auto undo = [&](const Error& error) {
    (void)connection_->run("ROLLBACK");  // SQLite may have done so already
    answer_all(batch, error);
  };
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

// After damage or a failed device nothing goes on. Refusals of before stand.
void Writer::answer_all(std::vector<Request*>& batch, const Error& error) {
  for (Request* request : batch) {
    if (request->result || !is_refusal(request->result.error())) request->result = error;
  }
  if (error.code() != ErrorCode::kCorrupt || failed_) return;
  env::MonitorLock lock(*monitor_);
  failed_.emplace(ErrorCode::kCorrupt,
                  "the ledger stopped, because its disk failed: end the program and look at the "
                  "disk (" +
                      error.message() + ")");
}

void Writer::checkpoint_now_and_then() {
  if (connection_->wal_frames() < kLogFramesBetweenCheckpoints) return;
  std::vector<Request*> nobody;
  if (const Result<> done = connection_->checkpoint(false); !done) answer_all(nobody, done.error());
}

}  // namespace stanch::ledger::sqlite
