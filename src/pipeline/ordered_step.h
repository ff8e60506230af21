#pragma once

#include <cstdint>
#include <optional>
#include <unordered_map>

#include "base/result.h"
#include "detect/detect.h"
#include "pipeline/batch_result.h"
#include "pipeline/correlation_step.h"
#include "pipeline/dedup.h"
#include "pipeline/journal.h"
#include "pipeline/scan.h"

namespace stanch::pipeline {

// The end of the pipeline: takes the results of all batches in the order of
// the input, drops duplicates, counts, and hands findings on. Because only this step
// knows about earlier events, what comes out never depends on the number of threads.
// Called by one thread at a time.
class OrderedStep {
 public:
  OrderedStep(const env::Env& env, const detect::RuleSet& rules, std::string_view content_version,
              const ScanOptions& options, codec::HashSecret secret, ScanSink& sink,
              ScanSummary& summary, Progress progress);

  // From here on, after whole files, makes durable what was handed on and notes it in
  // the journal. Goes on from where that stands: `summary` must be its checkpoint's.
  struct Durable {
    Journal& journal;
    DurableSink& sink;  // the same as `sink`
    env::Clock& clock;
    Steady start;            // of this run
    uint64_t waiting_bytes;  // of its checkpoint
    const JournalOptions& options;
  };
  Result<> make_durable(const Durable& durable);

  Result<> take(BatchResult result);
  // When there is no last result: what waited is of no use.
  void abandon() { correlations_.abandon(); }
  // After the last result: what correlations find is handed on too.
  Result<> finish();

 private:
  Result<> take_keys(BatchResult& result);
  Result<> take_found(const Found& found);
  bool is_hidden(const FoundRule& of, const model::Facts& facts);
  Result<> hand_on(uint32_t rule, const model::Finding& finding);
  Result<> end_file(BatchResult& result);
  void note_error(ingest::InputError error);
  Result<> commit();

  const detect::RuleSet& rules_;
  std::string_view content_version_;
  bool dedup_;
  bool all_events_;
  ScanSink& sink_;
  ScanSummary& summary_;
  Progress progress_;
  DedupMemory memory_;
  CorrelationStep correlations_;
  // Events without an id are told apart by how often their bytes came in this file.
  std::unordered_map<uint64_t, uint64_t> occurrences_;
  uint64_t file_records_ = 0, file_events_ = 0;  // so far, of the file at hand

  std::optional<Durable> durable_;
  Duration elapsed_before_{};  // in earlier runs
  uint64_t files_committed_ = 0, text_committed_ = 0;
};

}  // namespace stanch::pipeline
