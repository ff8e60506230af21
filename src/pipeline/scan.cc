// Who does what, when:
//
//   worker   takes a file, reads it batch by batch, scans each batch
//   worker   …                                                         ─▶ ordered step
//   worker   …
//
// A file is worked through by one thread, from bytes to findings, while it is
// hot in that core's cache. A large file is shared: whoever is free reads its
// next batch, one at a time, and scans it outside the lock. What a batch gives is handed in
// in parts of limited size, of which most batches have one. Results wait for
// their turn; whichever worker hands in the one that is due runs the ordered
// step.
//
// While too many results wait, workers neither take work nor hand in, but for what is due:
// whoever has that never waits, and if nobody has it, the next who is free takes it. Somebody is:
// a worker that waits with a later part in hand came by it when what is due now was in another's,
// and that one, having handed it in, takes work next. So this cannot lock up.

#include "pipeline/scan.h"

#include <algorithm>
#include <compare>
#include <deque>
#include <map>
#include <numeric>
#include <utility>

#include "base/check.h"
#include "pipeline/event_scanner.h"
#include "pipeline/journal.h"
#include "pipeline/ordered_step.h"
#include "pipeline/own_files.h"
#include "pipeline/scan_identity.h"

namespace stanch::pipeline {

namespace {

struct FileWork {
  FileWork(env::Files& files, const ingest::InputFile& input, const ingest::Limits& limits)
      : path(input.path), named(!input.found), reader(files, input, limits) {}

  std::string path;
  bool named;  // not only found
  uint64_t number = 0;
  ingest::RecordReader reader;
  uint64_t batches = 0;     // handed out
  uint64_t bytes_read = 0;  // as of the last batch
  uint64_t bytes_text = 0;
  bool shared = false;   // by all threads, batch by batch
  bool reading = false;  // some thread is in reader.next(); guarded by the monitor
};

// The order of results: that of files, of batches in them, of parts of what a batch gives.
struct Position {
  uint64_t file = 0, batch = 0, part = 0;
  auto operator<=>(const Position&) const = default;
};

// A part of what a batch gives.
struct Part {
  BatchResult result = {};
  uint64_t number = 0;
  bool last = true;  // of its batch

  Position position() const { return {result.file, result.batch, number}; }
  Position next_position() const {
    if (result.last) return {result.file + 1, 0, 0};
    if (last) return {result.file, result.batch + 1, 0};
    return {result.file, result.batch, number + 1};
  }
};

class Scan {
 public:
  Scan(env::Env& env, std::shared_ptr<const detect::RuleSet> rules, std::string content_version,
       const ScanOptions& options, ScanSink& sink)
      : env_(env),
        rules_(std::move(rules)),
        content_version_(std::move(content_version)),
        options_(options),
        sink_(sink),
        monitor_(env.threads.monitor()) {}

  // Both or none: with a journal, the sink is a durable one.
  struct Durable {
    const JournalOptions& options;
    DurableSink& sink;
  };
  Result<ScanSummary> run(const Durable* durable);

 private:
  Result<ScanSummary> run_listed(const Durable* durable);
  Progress progress_of(const ScanSummary& summary) const;
  unsigned run_threads(codec::HashSecret secret);
  void work(codec::HashSecret secret);
  std::shared_ptr<FileWork> take_file();
  std::shared_ptr<FileWork> find_shared(bool room) const;
  std::shared_ptr<FileWork> start_file();
  BatchResult read_batch(FileWork& file, ingest::RecordBatch& batch);
  void give_back(FileWork& file, bool more);
  bool scan_batch(EventScanner& scanner, const ingest::RecordBatch& batch, BatchResult result);
  bool hand_in_if_large(Part& part);
  bool hand_in(Part part);
  bool has_room() const;

  env::Env& env_;
  std::shared_ptr<const detect::RuleSet> rules_;
  std::string content_version_;
  const ScanOptions& options_;
  ScanSink& sink_;
  unsigned jobs_ = 1;
  Steady start_;

  // Guarded by the monitor.
  std::unique_ptr<env::Monitor> monitor_;
  ingest::Listing listing_;
  size_t next_file_ = 0;
  std::deque<std::shared_ptr<FileWork>> shared_;  // in the order of the listing
  Position due_;
  std::map<Position, Part> waiting_;
  size_t waiting_bytes_ = 0;  // by their weights
  bool handing_on_ = false;
  std::optional<Error> failed_;

  std::unique_ptr<OrderedStep> step_;  // used by whoever set handing_on_
};

Result<ScanSummary> Scan::run(const Durable* durable) {
  start_ = env_.clock.steady();
  listing_ = ingest::list_inputs(env_.files, options_.paths, options_.limits);
  TRY(keep_apart(env_.files, options_.own_files, options_.paths, listing_));
  if (durable == nullptr) return run_listed(nullptr);
  TRY(check_repeatable(env_.files, listing_));
  TRY(JournalLock lock, JournalLock::take(env_.files, durable->options.path));
  Result<ScanSummary> summary = run_listed(durable);
  lock.give_back();
  return summary;
}

Result<ScanSummary> Scan::run_listed(const Durable* durable) {
  ScanSummary summary;
  std::unique_ptr<Journal> journal;
  if (durable != nullptr) {
    TRY(journal, Journal::open(env_, durable->options.path,
                               settings_of(*rules_, content_version_, options_, listing_,
                                           durable->options.settings)));
  }
  const bool resumed = journal && journal->resumed();
  if (resumed) {
    summary = journal->resumed()->summary;
    if (summary.files > listing_.files.size()) {
      return Error(ErrorCode::kCorrupt, "the journal knows more files than there are");
    }
  } else {
    summary.errors = listing_.errors;
    summary.files_failed = summary.errors.size();
  }
  codec::HashSecret secret;
  if (journal) {
    secret = journal->secret();
  } else {
    env_.random.fill({reinterpret_cast<uint8_t*>(&secret.value), sizeof(secret.value)});
  }
  step_ = std::make_unique<OrderedStep>(env_, *rules_, content_version_, options_, secret, sink_,
                                        summary, progress_of(summary));
  if (journal) {
    const uint64_t waiting_bytes = resumed ? journal->resumed()->waiting_bytes : 0;
    TRY(step_->make_durable(
        {*journal, durable->sink, env_.clock, start_, waiting_bytes, durable->options}));
    next_file_ = summary.files;
    due_ = {.file = next_file_};
  }
  TRY(sink_.begin(resumed ? std::optional(journal->resumed()->output) : std::nullopt));
  const Duration elapsed_before = summary.elapsed;

  const unsigned missing = run_threads(secret);
  Result<> done = failed_ ? Result<>(*failed_) : step_->finish();
  if (!done) {
    step_->abandon();
    return std::move(done).error();
  }
  summary.threads_missing = missing;
  // join() returns in a simulated crash too; a call that unwinds has to come before the CHECK.
  summary.elapsed = elapsed_before + (env_.clock.steady() - start_);
  CHECK(waiting_.empty());
  CHECK(waiting_bytes_ == 0);
  CHECK(summary.records ==
        summary.events + summary.duplicates +
            std::accumulate(summary.unparsed.begin(), summary.unparsed.end(), uint64_t{0}));
  TRY(sink_.finish(summary));
  if (journal) TRY(remove_journal(env_.files, durable->options.path));
  return summary;
}

Progress Scan::progress_of(const ScanSummary& summary) const {
  Progress progress;
  progress.files_all = listing_.files.size();
  bool sizes_known = true;
  for (const ingest::InputFile& file : listing_.files) {
    progress.bytes_all += file.size;
    sizes_known = sizes_known && file.path != "-";
  }
  if (!sizes_known) progress.bytes_all = 0;
  progress.files_done = summary.files;
  progress.bytes_read = summary.bytes_read;
  progress.bytes_text = summary.bytes_text;
  progress.events = summary.events;
  for (const uint64_t count : summary.findings) progress.findings += count;
  return progress;
}

// Returns how many threads the system did not give.
unsigned Scan::run_threads(codec::HashSecret secret) {
  jobs_ = std::min(options_.jobs != 0 ? options_.jobs : env_.threads.cores(), kJobsMax);
  if (jobs_ == 1) {
    work(secret);
    return 0;
  }
  std::vector<std::unique_ptr<env::Thread>> threads;
  while (threads.size() < jobs_) {
    auto thread =
        env_.threads.start("scan-" + std::to_string(threads.size()), [&] { work(secret); });
    if (!thread) break;  // fewer do the same
    threads.push_back(std::move(thread));
  }
  const auto started = static_cast<unsigned>(threads.size());
  if (started == 0) work(secret);
  for (auto& thread : threads) thread->join();
  return jobs_ - std::max(started, 1u);
}

// A shared file whose next batch may be read now; null if there is none. Called with the lock.
std::shared_ptr<FileWork> Scan::find_shared(bool room) const {
  for (const auto& file : shared_) {
    if (file->reading) continue;
    // With no room left, only what all others wait for: whose turn it is, and in nobody's hands.
    if (room || Position{file->number, file->batches, 0} == due_) return file;
  }
  return nullptr;
}

// Blocks until there is something to do; null when there is nothing left.
std::shared_ptr<FileWork> Scan::take_file() {
  env::MonitorLock lock(*monitor_);
  for (;;) {
    if (failed_) return nullptr;
    const bool room = has_room();
    if (const auto file = find_shared(room)) {
      file->reading = true;
      return file;
    }
    if (room) {
      if (next_file_ < listing_.files.size()) return start_file();
      // A shared file that others are reading may have more batches.
      if (shared_.empty()) return nullptr;
    }
    monitor_->wait();
  }
}

std::shared_ptr<FileWork> Scan::start_file() {
  const ingest::InputFile& input = listing_.files[next_file_];
  auto file = std::make_shared<FileWork>(env_.files, input, options_.limits);
  file->number = next_file_++;
  file->reading = true;
  file->shared = input.size >= options_.shared_file_bytes || input.path == "-";
  if (file->shared) shared_.push_back(file);
  return file;
}

bool Scan::has_room() const {
  return waiting_.size() < options_.waiting_max * jobs_ &&
         waiting_bytes_ < options_.waiting_bytes_max;
}

// The next batch of a file that this thread has the reading of, and what is known of it without
// its records. The last of a file has none.
BatchResult Scan::read_batch(FileWork& file, ingest::RecordBatch& batch) {
  const bool more = file.reader.next(batch);
  BatchResult result;
  result.path = result.texts.store(file.path);
  result.file = file.number;
  result.batch = file.batches++;
  result.bytes_read =
      file.reader.bytes_read() - std::exchange(file.bytes_read, file.reader.bytes_read());
  result.bytes_text =
      file.reader.bytes_text() - std::exchange(file.bytes_text, file.reader.bytes_text());
  if (!more) {
    result.last = true;
    result.named = file.named;
    result.digest = file.reader.is_digest();
    result.empty = file.reader.is_empty();
    if (file.reader.error()) result.error = *file.reader.error();
  }
  return result;
}

// Gives the reading of a shared file back to whoever is free.
void Scan::give_back(FileWork& file, bool more) {
  env::MonitorLock lock(*monitor_);
  file.reading = false;
  if (!more) {
    std::erase_if(shared_, [&](const auto& shared) { return shared.get() == &file; });
  }
  monitor_->notify_all();
}

// False if the scan has failed.
bool Scan::scan_batch(EventScanner& scanner, const ingest::RecordBatch& batch, BatchResult result) {
  Part part{.result = std::move(result), .last = false};
  for (const ingest::RecordBatch::Rejected& piece : batch.rejected) {
    ++part.result.records;
    const Unparsed reason = unparsed_of(piece.problem);
    ++part.result.unparsed[static_cast<size_t>(reason)];
    if (!options_.keep_dead) continue;
    model::Origin origin = piece.origin;
    origin.file = part.result.path;
    part.result.dead.push_back({origin, reason, part.result.texts.store(piece.bytes)});
    if (!hand_in_if_large(part)) return false;
  }
  for (const model::Record& record : batch.records) {
    scanner.scan(record, part.result);
    if (!hand_in_if_large(part)) return false;
  }
  part.last = true;
  return hand_in(std::move(part));
}

void Scan::work(codec::HashSecret secret) {
  EventScanner scanner(rules_, secret,
                       {.dedup = options_.dedup,
                        .keep_raw = options_.keep_raw,
                        .keep_dead = options_.keep_dead,
                        .all_events = options_.all_events,
                        .limits = options_.limits,
                        .sources = options_.sources});
  ingest::RecordBatch batch;
  while (const std::shared_ptr<FileWork> file = take_file()) {
    for (bool more = true; more;) {
      BatchResult result = read_batch(*file, batch);
      more = !result.last;
      if (file->shared) give_back(*file, more);
      const bool going =
          more ? scan_batch(scanner, batch, std::move(result)) : hand_in({std::move(result)});
      if (!going) return;
      if (file->shared) break;
    }
  }
}

// What one batch gives may be more than should be in one hand. False if the scan has failed.
bool Scan::hand_in_if_large(Part& part) {
  if (weight_of(part.result) < options_.result_bytes_max) return true;
  Part rest{.number = part.number + 1, .last = false};
  rest.result.path = rest.result.texts.store(part.result.path);
  rest.result.file = part.result.file;
  rest.result.batch = part.result.batch;
  const bool going = hand_in(std::move(part));
  part = std::move(rest);
  return going;
}

// Puts a result where its turn finds it, and hands on all that are due unless somebody
// is doing so. False if the scan has failed.
bool Scan::hand_in(Part part) {
  const Position position = part.position();
  const size_t weight = weight_of(part.result);
  env::MonitorLock lock(*monitor_);
  while (!failed_ && position != due_ && !has_room()) monitor_->wait();
  waiting_bytes_ += weight;
  waiting_.emplace(position, std::move(part));
  if (handing_on_) return !failed_;
  handing_on_ = true;
  while (!failed_ && !waiting_.empty() && waiting_.begin()->first == due_) {
    Part due = std::move(waiting_.begin()->second);
    waiting_.erase(waiting_.begin());
    waiting_bytes_ -= weight_of(due.result);
    due_ = due.next_position();
    monitor_->unlock();
    Result<> taken = step_->take(std::move(due.result));
    monitor_->lock();
    if (!taken) failed_ = std::move(taken).error();
    monitor_->notify_all();
  }
  handing_on_ = false;
  return !failed_;
}

}  // namespace

bool has_lost_input(const ScanSummary& summary) {
  return std::ranges::any_of(summary.errors, &ingest::InputError::loss);
}

std::string_view name_of(Unparsed reason) {
  switch (reason) {
    case Unparsed::kEmpty: return "empty";
    case Unparsed::kSyntax: return "syntax";
    case Unparsed::kTruncated: return "truncated";
    case Unparsed::kTooDeep: return "too-deep";
    case Unparsed::kTooLarge: return "too-large";
    case Unparsed::kUnrecognised: return "unrecognised";
  }
  CHECK(false);
}

Result<ScanSummary> scan(env::Env& env, std::shared_ptr<const detect::RuleSet> rules,
                         const std::string& content_version, const ScanOptions& options,
                         ScanSink& sink) {
  return Scan(env, std::move(rules), content_version, options, sink).run(nullptr);
}

Result<ScanSummary> scan_with_journal(env::Env& env, std::shared_ptr<const detect::RuleSet> rules,
                                      const std::string& content_version,
                                      const ScanOptions& options, const JournalOptions& journal,
                                      DurableSink& sink) {
  const Scan::Durable durable{journal, sink};
  ScanOptions own = options;
  own.own_files.insert(own.own_files.end(),
                       {journal.path, new_journal_path(journal.path),
                        JournalLock::path_of(journal.path), waiting_path(journal.path)});
  return Scan(env, std::move(rules), content_version, own, sink).run(&durable);
}

}  // namespace stanch::pipeline
