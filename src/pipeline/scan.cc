// Who does what, when:
//
//   worker   takes a file, reads it batch by batch, scans each batch
//   worker   …                                                         ─▶ ordered step
//   worker   …
//
// A file is worked through by one thread, from bytes to findings, while it is
// hot in that core's cache. A large file is shared: whoever is free reads its
// next batch, one at a time, and scans it outside the lock. Results wait for
// their turn; whichever worker completes the one that is due runs the ordered
// step. Workers stop taking work while too many results wait, but for the one that
// is due: its worker never waits, and if nobody has it, the next who is free takes it. So this
// cannot lock up.

#include "pipeline/scan.h"

#include <algorithm>
#include <deque>
#include <map>
#include <utility>

#include "base/check.h"
#include "pipeline/event_scanner.h"
#include "pipeline/journal.h"
#include "pipeline/ordered_step.h"
#include "pipeline/scan_identity.h"

namespace stanch::pipeline {

namespace {

struct FileWork {
  FileWork(env::Files& files, const ingest::InputFile& input, const ingest::Limits& limits)
      : path(input.path), reader(files, input, limits) {}

  std::string path;
  uint64_t number = 0;
  ingest::RecordReader reader;
  uint64_t batches = 0;     // handed out
  uint64_t bytes_read = 0;  // as of the last batch
  uint64_t bytes_text = 0;
  bool reading = false;  // some thread is in reader.next()
  bool exhausted = false;
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
  void list();
  Progress progress_of(const ScanSummary& summary) const;
  void run_threads(codec::HashSecret secret);
  void work(codec::HashSecret secret);
  std::shared_ptr<FileWork> take_file();
  std::shared_ptr<FileWork> find_shared(bool room) const;
  std::shared_ptr<FileWork> start_file();
  bool read_batch(FileWork& file, ingest::RecordBatch& batch, BatchResult& result);
  void scan_batch(EventScanner& scanner, const ingest::RecordBatch& batch, BatchResult& result);
  bool hand_in(BatchResult result);

  env::Env& env_;
  std::shared_ptr<const detect::RuleSet> rules_;
  std::string content_version_;
  const ScanOptions& options_;
  ScanSink& sink_;
  unsigned jobs_ = 1;

  // Guarded by the monitor.
  std::unique_ptr<env::Monitor> monitor_;
  ingest::Listing listing_;
  size_t next_file_ = 0;
  std::deque<std::shared_ptr<FileWork>> shared_;
  using Position = std::pair<uint64_t, uint64_t>;  // file, batch
  Position due_{0, 0};
  std::map<Position, BatchResult> waiting_;
  bool handing_on_ = false;
  std::optional<Error> failed_;

  std::unique_ptr<OrderedStep> step_;  // used by whoever set handing_on_
};

// What is read, without the files that are written meanwhile.
void Scan::list() {
  listing_ = ingest::list_inputs(env_.files, options_.paths, options_.limits);
  std::erase_if(listing_.files, [&](const ingest::InputFile& file) {
    return file.found && std::ranges::any_of(options_.own_files, [&](const std::string& own) {
             return is_same_file(env_.files, file.path, own);
           });
  });
}

Result<ScanSummary> Scan::run(const Durable* durable) {
  const Steady start = env_.clock.steady();
  list();
  ScanSummary summary;
  std::unique_ptr<Journal> journal;
  if (durable != nullptr) {
    TRY(check_repeatable(env_.files, listing_, options_));
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
    summary.digests_skipped = listing_.skipped_digests;
  }
  step_ = std::make_unique<OrderedStep>(*rules_, options_, sink_, summary, progress_of(summary));
  if (journal) {
    TRY(step_->make_durable({*journal, durable->sink, env_.clock, start, durable->options}));
    TRY(durable->sink.begin(resumed ? std::optional(journal->resumed()->output) : std::nullopt));
    next_file_ = summary.files;
    due_ = {next_file_, 0};
  }
  const Duration elapsed_before = summary.elapsed;

  codec::HashSecret secret;
  if (journal) {
    secret = journal->secret();
  } else {
    env_.random.fill({reinterpret_cast<uint8_t*>(&secret.value), sizeof(secret.value)});
  }
  run_threads(secret);
  if (failed_) return *failed_;
  TRY(step_->finish());
  // join() returns in a simulated crash too; a call that unwinds has to come before the CHECK.
  summary.elapsed = elapsed_before + (env_.clock.steady() - start);
  CHECK(waiting_.empty());
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

void Scan::run_threads(codec::HashSecret secret) {
  jobs_ = options_.jobs != 0 ? options_.jobs : env_.threads.cores();
  if (jobs_ == 1) return work(secret);
  std::vector<std::unique_ptr<env::Thread>> threads;
  for (unsigned i = 0; i < jobs_; ++i) {
    threads.push_back(env_.threads.start("scan-" + std::to_string(i), [&] { work(secret); }));
  }
  for (auto& thread : threads) thread->join();
}

// A shared file whose next batch may be read now; null if there is none. Called with the lock.
std::shared_ptr<FileWork> Scan::find_shared(bool room) const {
  for (const auto& file : shared_) {
    if (file->reading || file->exhausted) continue;
    // With no room left, only what all others wait for: whose turn it is, and in nobody's hands.
    if (room || Position{file->number, file->batches} == due_) return file;
  }
  return nullptr;
}

// Blocks until there is something to do; null when there is nothing left.
std::shared_ptr<FileWork> Scan::take_file() {
  env::MonitorLock lock(*monitor_);
  for (;;) {
    if (failed_) return nullptr;
    const bool room = waiting_.size() < options_.waiting_max * jobs_;
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
  if (input.size >= options_.shared_file_bytes || input.path == "-") shared_.push_back(file);
  return file;
}

// The next batch of a file, whose reading this thread has. Gives the reading back if
// the file is shared.
bool Scan::read_batch(FileWork& file, ingest::RecordBatch& batch, BatchResult& result) {
  const bool more = file.reader.next(batch);
  result = {};
  result.path = file.path;
  result.file = file.number;
  result.batch = file.batches++;
  result.bytes_read =
      file.reader.bytes_read() - std::exchange(file.bytes_read, file.reader.bytes_read());
  result.bytes_text =
      file.reader.bytes_text() - std::exchange(file.bytes_text, file.reader.bytes_text());
  if (!more) {
    result.last = true;
    result.digest = file.reader.is_digest();
    if (file.reader.error()) result.error = *file.reader.error();
  }
  return more;
}

void Scan::scan_batch(EventScanner& scanner, const ingest::RecordBatch& batch,
                      BatchResult& result) {
  for (const ingest::RecordBatch::Rejected& piece : batch.rejected) {
    ++result.records;
    const Unparsed reason = unparsed_of(piece.problem);
    ++result.unparsed[static_cast<size_t>(reason)];
    result.dead.push_back({{std::string(piece.origin.file), piece.origin.member,
                            piece.origin.record, piece.origin.offset},
                           reason,
                           std::string(piece.bytes)});
  }
  for (const model::Record& record : batch.records) scanner.scan(record, result);
}

void Scan::work(codec::HashSecret secret) {
  EventScanner scanner(
      rules_, content_version_, secret,
      {.dedup = options_.dedup, .keep_raw = options_.keep_raw, .limits = options_.limits});
  ingest::RecordBatch batch;
  BatchResult result;
  while (const std::shared_ptr<FileWork> file = take_file()) {
    const bool is_shared = [&] {
      env::MonitorLock lock(*monitor_);
      return std::ranges::find(shared_, file) != shared_.end();
    }();
    for (bool more = true; more;) {
      more = read_batch(*file, batch, result);
      if (is_shared) {
        env::MonitorLock lock(*monitor_);
        file->reading = false;
        if (!more) {
          file->exhausted = true;
          std::erase(shared_, file);
        }
        monitor_->notify_all();
      }
      if (!result.last) scan_batch(scanner, batch, result);
      if (!hand_in(std::move(result))) return;
      if (is_shared) break;
    }
  }
}

// Puts a result where its turn finds it, and hands on all that are due unless somebody
// is doing so. False if the scan has failed.
bool Scan::hand_in(BatchResult result) {
  env::MonitorLock lock(*monitor_);
  waiting_.emplace(Position{result.file, result.batch}, std::move(result));
  if (handing_on_) return !failed_;
  handing_on_ = true;
  while (!failed_ && !waiting_.empty() && waiting_.begin()->first == due_) {
    BatchResult due = std::move(waiting_.begin()->second);
    waiting_.erase(waiting_.begin());
    due_ = due.last ? Position{due_.first + 1, 0} : Position{due_.first, due_.second + 1};
    monitor_->unlock();
    Result<> taken = step_->take(std::move(due));
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
  own.own_files.insert(own.own_files.end(), {journal.path, new_journal_path(journal.path)});
  return Scan(env, std::move(rules), content_version, own, sink).run(&durable);
}

}  // namespace stanch::pipeline
