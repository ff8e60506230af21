#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "detect/detect.h"
#include "env/env.h"
#include "ingest/ingest.h"
#include "model/finding.h"
#include "normalize/normalize.h"

// Files in, findings out: joins ingest, normalize and detect. Threads live
// here: each takes a file, or the next piece of a large one, and works it
// through alone; one ordered step at the end drops duplicates and hands on the
// findings, so that their order never depends on the number of threads.

namespace stanch::pipeline {

struct ScanOptions {
  std::vector<std::string> paths;
  unsigned jobs = 0;                 // 0: one a core; kJobsMax at most
  bool dedup = true;                 // drop events whose id and content were seen before
  size_t dedup_ids_max = 3'000'000;  // remembered at least; twice that at most: 128 MiB
  bool keep_raw = false;             // Finding::raw is filled
  bool keep_dead = true;             // the sink gets dead letters; they are counted anyway
  bool all_events = false;           // the sink gets every event, not only what was found in it
  // Files from this size on are shared by all threads.
  uint64_t shared_file_bytes = uint64_t{16} << 20;
  // Results that may wait for their turn: their number, a thread, and their memory in all. What
  // one thread has in hand is handed in when it reaches the last.
  size_t waiting_max = 64;
  size_t waiting_bytes_max = size_t{32} << 20;
  size_t result_bytes_max = size_t{2} << 20;
  std::shared_ptr<const normalize::OwnSources> sources;  // of the content; may be null
  std::string spool_folder;  // for what waits to be correlated, if memory does not hold it
  // Files that this scan writes. One that is named as input too is an error before anything is
  // changed; so is one that is found, unless an earlier scan wrote it: then it is not read.
  std::vector<std::string> own_files;
  ingest::Limits limits;
};

inline constexpr unsigned kJobsMax = 256;

// Why a record led to no event, beside codec::JsonProblem.
enum class Unparsed : uint8_t {
  kEmpty,
  kSyntax,
  kTruncated,
  kTooDeep,
  kTooLarge,      // the JSON itself
  kUnrecognised,  // JSON, but no log that we know
};
inline constexpr size_t kUnparsedReasons = 6;
std::string_view name_of(Unparsed reason);

// What went into correlations, and what of it could not count.
struct CorrelationCounts {
  uint64_t events = 0;          // that a rule with correlations matched
  uint64_t without_time = 0;    // of these
  uint64_t without_group = 0;   // times that one had no value to be grouped by …
  uint64_t without_value = 0;   // … or to be counted
  uint64_t evicted = 0;         // times that one gave way because too much was remembered
  uint64_t groups_evicted = 0;  // groups that did, with all that was known of them
  uint64_t late = 0;  // that could not wait for the others of their moment: there were too many
};

// Everything that went in and what became of it (design.md 7: nothing is
// dropped without a count).
struct ScanSummary {
  uint64_t files = 0;
  uint64_t files_failed = 0;  // errors that are a loss
  uint64_t files_empty = 0;
  uint64_t digests_skipped = 0;
  uint64_t bytes_read = 0;       // from disk
  uint64_t bytes_text = 0;       // after decompression
  uint64_t records = 0;          // found in the text, or in envelopes, parsed or not:
                                 // events + duplicates + all that is unparsed
  uint64_t events = 0;           // understood, duplicates not counted
  uint64_t duplicates = 0;       // dropped: same id, same content
  uint64_t conflicts = 0;        // kept: same id, different content
  uint64_t dedup_forgotten = 0;  // ids that fell out of the bounded memory
  uint64_t tolerated = 0;        // events that only the tolerant parser could read
  uint64_t duplicate_keys = 0;   // events of findings with one key twice in an object
  uint64_t gated = 0;            // events that no loaded rule is for
  std::array<uint64_t, kUnparsedReasons> unparsed{};
  std::array<uint64_t, 5> findings{};      // by model::Level
  std::vector<uint64_t> findings_by_rule;  // index as in detect::rule_infos()
  // Hidden: by filter and rule, as in detect::filters() and detect::rule_infos().
  std::map<std::pair<uint32_t, uint32_t>, uint64_t> findings_hidden;
  CorrelationCounts correlations;
  std::optional<Time> first_event, last_event;  // of events that the sink was given
  std::vector<ingest::InputError> errors;
  Duration elapsed{};
  unsigned threads_missing = 0;  // that were asked for and the system did not give
};

// Whether input that somebody asked for could not be read, in whole or in part.
bool has_lost_input(const ScanSummary& summary);

struct Progress {
  uint64_t files_done = 0, files_all = 0;
  uint64_t bytes_read = 0, bytes_all = 0;  // on disk; bytes_all is 0 if not known
  uint64_t bytes_text = 0;
  uint64_t events = 0;
  uint64_t findings = 0;
};

// A record that gave no event, with where it came from.
struct DeadLetter {
  model::Origin origin;
  Unparsed reason;
  std::string_view bytes;  // as they stood in the file, cut at kDeadLetterBytesMax
};
inline constexpr size_t kDeadLetterBytesMax = size_t{1} << 20;

struct OutputSizes {
  uint64_t findings = 0, dead_letters = 0;  // bytes
};

// Called from one thread at a time, in the order of the input. What it is given
// lasts as long as the call. An error stops the scan and is its result.
class ScanSink {
 public:
  virtual ~ScanSink() = default;
  // Once, before all else, when it is known that no input would be written over: here outputs
  // are opened. With `kept` (DurableSink only) they are cut to what an earlier run had
  // committed; without, they begin.
  virtual Result<> begin(const std::optional<OutputSizes>& /*kept*/) { return {}; }
  virtual Result<> finding(const model::Finding& finding) = 0;
  // With ScanOptions::all_events: each event once, before its findings; `raw` as for these.
  virtual Result<> event(const model::FoundEvent& /*event*/) { return {}; }
  virtual Result<> dead_letter(const DeadLetter& letter) = 0;
  // This record's event has the id of an earlier one but other content. It was kept.
  virtual void conflict(const model::Origin& origin) = 0;
  virtual void progress(const Progress& progress) = 0;  // often; throttle yourself
  // Once, after all else: with a journal, all is durable when it returns.
  virtual Result<> finish(const ScanSummary& /*summary*/) { return {}; }
};

// Unreadable input is in the summary, not an error: the rest goes on.
Result<ScanSummary> scan(env::Env& env, std::shared_ptr<const detect::RuleSet> rules,
                         const std::string& content_version, const ScanOptions& options,
                         ScanSink& sink);

// ------------------------------------------------- scans that survive being killed

// A sink whose output is kept from run to run.
class DurableSink : public ScanSink {
 public:
  // All that was handed over so far is durable when this returns.
  virtual Result<OutputSizes> commit() = 0;
};

// Something that has to be the same when a scan goes on, in words of the command line.
struct ScanSetting {
  std::string name, value;
};

struct JournalOptions {
  std::string path;
  // Beside the input, the rules, the content and ScanOptions, which are always compared.
  std::vector<ScanSetting> settings;
  // A checkpoint comes after the file with which one of these is reached.
  uint64_t checkpoint_files = 512;
  uint64_t checkpoint_text_bytes = uint64_t{256} << 20;
};

// scan() with a journal: called again after a crash at any moment, it goes on from the
// last checkpoint, and the output, the dead letters and the summary are in the end those of an
// undisturbed scan. Then the journal is removed. Before anything is changed: kConflict if
// another scan is at work with this journal; kInvalid if it belongs to another scan, or for
// input that cannot be read twice (pipes).
Result<ScanSummary> scan_with_journal(env::Env& env, std::shared_ptr<const detect::RuleSet> rules,
                                      const std::string& content_version,
                                      const ScanOptions& options, const JournalOptions& journal,
                                      DurableSink& sink);

}  // namespace stanch::pipeline
