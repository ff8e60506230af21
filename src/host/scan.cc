#include "host/scan.h"

#include <algorithm>
#include <utility>

#include "pipeline/correlation_step.h"
#include "pipeline/journal.h"
#include "pipeline/own_files.h"

namespace stanch::host {

namespace {

namespace output = pipeline::output;

// Where text goes: a file or standard output, in pieces worth a system call.
class TextOut {
 public:
  TextOut(env::Env& env, const ScanObserver& observer) : env_(env), observer_(observer) {}

  Result<> open(const std::string& path) {
    if (is_standard_output(path)) return {};
    TRY(file_, env_.files.create(path));
    return {};
  }

  // A file whose first `keep` bytes stay, and whose name is durable.
  Result<> open_kept(const std::string& path, uint64_t keep) {
    const auto status = env_.files.status(path);
    if (status && status->kind != env::FileKind::kFile) {
      return Error(ErrorCode::kInvalid, path + " is no ordinary file, as --journal needs it");
    }
    TRY(file_, env_.files.open_append(path, keep));
    size_ = keep;
    return env_.files.sync_folder(pipeline::folder_of(path));
  }

  std::string& buffer() { return buffer_; }

  Result<> flush_if_large() {
    constexpr size_t kFlushBytes = size_t{64} << 10;
    return buffer_.size() >= kFlushBytes ? flush() : Result<>();
  }

  Result<> flush() {
    if (buffer_.empty()) return {};
    if (!file_ && observer_.before_output) observer_.before_output();
    const Result<> written = file_ ? file_->append(buffer_) : env_.terminal.write_out(buffer_);
    size_ += buffer_.size();
    buffer_.clear();
    return written;
  }

  // All of it is durable when this returns.
  Result<> sync() {
    TRY(flush());
    // Only a sync says that the bytes found room; some files (pipes, /dev/stdout) cannot.
    if (file_ == nullptr) return {};
    Result<> synced = file_->sync();
    if (!synced && synced.error().code() != ErrorCode::kInvalid) return synced;
    return {};
  }

  bool is_standard() const { return file_ == nullptr; }
  uint64_t size() const { return size_; }

 private:
  env::Env& env_;
  const ScanObserver& observer_;
  std::unique_ptr<env::WritableFile> file_;  // null: standard output
  std::string buffer_;
  uint64_t size_ = 0;  // bytes of the file, without the buffer
};

class FindingSink : public pipeline::DurableSink {
 public:
  FindingSink(const ScanRequest& request, const ScanObserver& observer,
              output::FindingWriter& writer, TextOut& findings, TextOut* letters)
      : request_(request),
        observer_(observer),
        writer_(writer),
        findings_(findings),
        letters_(letters) {}

  Result<> begin(const std::optional<pipeline::OutputSizes>& kept) override {
    if (request_.journal.path.empty()) {
      TRY(findings_.open(request_.output));
      if (letters_ != nullptr) TRY(letters_->open(request_.dead_letter));
    } else {
      const pipeline::OutputSizes sizes = kept.value_or(pipeline::OutputSizes());
      TRY(findings_.open_kept(request_.output, sizes.findings));
      if (letters_ != nullptr) TRY(letters_->open_kept(request_.dead_letter, sizes.dead_letters));
    }
    begun_ = true;
    // What a form begins with is in the output that was kept.
    if (!kept) writer_.begin(findings_.buffer());
    return {};
  }

  Result<pipeline::OutputSizes> commit() override {
    TRY(watch(findings_, findings_.sync()));
    if (letters_ != nullptr) TRY(watch(*letters_, letters_->sync()));
    return pipeline::OutputSizes{findings_.size(), letters_ != nullptr ? letters_->size() : 0};
  }

  Result<> finding(const model::Finding& finding) override {
    if (finding.rule.level < request_.min_level) return {};
    writer_.write(finding, findings_.buffer());
    return watch(findings_, findings_.flush_if_large());
  }

  Result<> dead_letter(const pipeline::DeadLetter& letter) override {
    if (letters_ == nullptr) return {};
    output::append_dead_letter_json(letter, letters_->buffer());
    return watch(*letters_, letters_->flush_if_large());
  }

  void conflict(const model::Origin& origin) override {
    if (observer_.conflict) observer_.conflict(origin);
  }

  void progress(const pipeline::Progress& progress) override {
    // Findings of a slow stream are seen when they are made. If this fails, the next
    // finding's write, or the last, says so.
    if (!failed_) (void)watch(findings_, findings_.flush());
    if (observer_.progress) observer_.progress(progress);
  }

  Result<> finish(const pipeline::ScanSummary& summary) override {
    writer_.end(summary, findings_.buffer());
    TRY(commit());
    return {};
  }

  // Whether the outputs are open: before, nothing was changed.
  bool begun() const { return begun_; }
  // The first write that failed.
  const std::optional<Error>& failed() const { return failed_; }
  bool reader_gone() const { return reader_gone_; }

 private:
  Result<> watch(const TextOut& out, Result<> written) {
    if (failed_) return *failed_;
    if (!written) {
      failed_ = written.error();
      reader_gone_ = out.is_standard() && is_reader_gone(*failed_);
    }
    return written;
  }

  const ScanRequest& request_;
  const ScanObserver& observer_;
  output::FindingWriter& writer_;
  TextOut& findings_;
  TextOut* letters_;
  std::optional<Error> failed_;
  bool reader_gone_ = false;
  bool begun_ = false;
};

// Forms that can be cut at any finding and gone on with.
struct JournalFormat {
  output::Format format;
  std::string_view name;
};
constexpr JournalFormat kJournalFormats[] = {{output::Format::kNdjson, "ndjson"},
                                             {output::Format::kOcsf, "ocsf"},
                                             {output::Format::kCsv, "csv"}};

// All that is written, as far as it can be input or written twice.
std::vector<std::string> written_files(const ScanRequest& request) {
  std::vector<std::string> files = request.options.own_files;
  for (const std::string& path : {request.output, request.dead_letter}) {
    if (!is_standard_output(path)) files.push_back(path);
  }
  if (const std::string& journal = request.journal.path; !journal.empty()) {
    for (const std::string& path :
         {journal, pipeline::new_journal_path(journal), pipeline::JournalLock::path_of(journal),
          pipeline::waiting_path(journal)}) {
      files.push_back(path);
    }
  }
  return files;
}

// Before anything is changed: what is written is one file each, and none that the rules are in.
Result<> check_written(env::Env& env, const LoadedRules& rules,
                       std::span<const std::string> written) {
  TRY(pipeline::check_different(env.files, written));
  const pipeline::OwnFiles own(env.files, written);
  if (own.empty()) return {};
  const auto rule = std::ranges::find_if(
      rules.texts, [&](const detect::RuleText& text) { return own.contains(text.path); });
  if (rule == rules.texts.end()) return {};
  return Error(ErrorCode::kInvalid, rule->path +
                                        " is a rule of this scan, and the scan would write to it; "
                                        "nothing was changed. Write to another file");
}

// What must not change until the scan is complete, or why there can be no journal.
Result<pipeline::JournalOptions> journal_of(const ScanRequest& request) {
  const auto format = std::ranges::find(kJournalFormats, request.format, &JournalFormat::format);
  if (format == std::end(kJournalFormats)) {
    return Error(ErrorCode::kInvalid, "--journal needs --format ndjson, ocsf or csv");
  }
  if (is_standard_output(request.output)) {
    return Error(ErrorCode::kInvalid,
                 "--journal needs --output FILE: what was printed cannot be taken back");
  }
  pipeline::JournalOptions journal = request.journal;
  journal.settings = {{"program", request.program_version},
                      {"--format", std::string(format->name)},
                      {"--output", request.output},
                      {"--dead-letter", request.dead_letter},
                      {"--min-level", std::string(name_of(request.min_level))}};
  return journal;
}

}  // namespace

// env/system_error.cc: EPIPE is "denied", the only way in which writing to an open
// stream is.
bool is_reader_gone(const Error& error) { return error.code() == ErrorCode::kDenied; }

Result<ScanOutcome> scan(env::Env& env, const LoadedRules& rules, const ScanRequest& request,
                         const ScanObserver& observer) {
  ScanOutcome outcome;
  outcome.run = {.program_version = request.program_version,
                 .content_version = rules.content_version,
                 .rules = count_rules(rules.loaded),
                 .min_level = request.min_level};
  const bool journaled = !request.journal.path.empty();
  pipeline::JournalOptions journal;
  if (journaled) {
    TRY(journal, journal_of(request));
  }
  TextOut findings(env, observer);
  TextOut letters(env, observer);
  const bool keep_letters = !request.dead_letter.empty();
  const auto writer =
      output::make_writer(request.format, {.run = outcome.run, .style = request.style});
  FindingSink sink(request, observer, *writer, findings, keep_letters ? &letters : nullptr);

  pipeline::ScanOptions options = request.options;
  options.own_files = written_files(request);
  TRY(check_written(env, rules, options.own_files));
  // Where a shell has sent standard output may be among the input too.
  if (is_standard_output(request.output)) options.own_files.push_back("/dev/stdout");
  options.keep_dead = keep_letters;
  options.sources = rules.sources;
  const auto& rule_set = rules.loaded.rules;
  auto summary = journaled ? pipeline::scan_with_journal(env, rule_set, rules.content_version,
                                                         options, journal, sink)
                           : pipeline::scan(env, rule_set, rules.content_version, options, sink);
  if (!summary && !sink.begun()) return std::move(summary).error();
  if (summary) {
    outcome.summary = *std::move(summary);
    outcome.run.hidden = output::hidden_in(outcome.summary, *rule_set);
  } else if (!sink.failed()) {
    outcome.failed = std::move(summary).error();
  }
  if (sink.failed()) {
    outcome.reader_gone = sink.reader_gone();
    if (!outcome.reader_gone) outcome.failed = sink.failed();
  }
  return outcome;
}

std::optional<model::Level> highest_level(const pipeline::ScanSummary& summary) {
  for (size_t i = summary.findings.size(); i-- > 0;) {
    if (summary.findings[i] > 0) return static_cast<model::Level>(i);
  }
  return std::nullopt;
}

}  // namespace stanch::host
