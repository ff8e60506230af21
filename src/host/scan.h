#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "env/env.h"
#include "host/rule_set.h"
#include "pipeline/output/finding_writer.h"
#include "pipeline/scan.h"

// `stanch scan`: content -> rules -> pipeline::scan -> writer. Everything
// but the words of the command line.

namespace stanch::host {

struct ScanRequest {
  // `own_files` are those that the caller writes later; keep_dead is set by scan().
  pipeline::ScanOptions options;
  pipeline::output::Format format = pipeline::output::Format::kNdjson;
  pipeline::output::Style style;
  std::string program_version;
  model::Level min_level = model::Level::kInformational;
  std::string output;       // a file; "" or "-" for standard output
  std::string dead_letter;  // a file; "" for none
  // To go on from after a crash; without a path: none. The settings are filled in by scan().
  pipeline::JournalOptions journal;
};

// What a scan tells while it runs. Called from one thread at a time.
struct ScanObserver {
  std::function<void(const pipeline::Progress&)> progress;
  // Before something is written to standard output: whatever stands on the
  // terminal's last line has to go.
  std::function<void()> before_output;
  std::function<void(const model::Origin&)> conflict;
};

struct ScanOutcome {
  pipeline::ScanSummary summary;
  pipeline::output::RunInfo run;
  // Why it ended early, with the findings so far written and no summary; or neither.
  bool reader_gone = false;     // standard output was closed by its reader
  std::optional<Error> failed;  // disk full …
};

// Fails, with nothing changed, if what would be written is also read, or written twice, or
// cannot be opened; or if the journal is not this scan's, or another one's at this moment.
Result<ScanOutcome> scan(env::Env& env, const LoadedRules& rules, const ScanRequest& request,
                         const ScanObserver& observer);

// Whether an output that is called this goes there: no name, or "-".
inline bool is_standard_output(std::string_view path) { return path.empty() || path == "-"; }

// Whether this error of Terminal::write_out() says that nobody reads any more.
bool is_reader_gone(const Error& error);

// The highest level that findings have, or nothing without any.
std::optional<model::Level> highest_level(const pipeline::ScanSummary& summary);

}  // namespace stanch::host
