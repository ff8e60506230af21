#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "codec/hash.h"
#include "detect/detect.h"
#include "env/env.h"
#include "normalize/normalize.h"
#include "pipeline/batch_result.h"
#include "pipeline/time_order.h"

// What rules found for correlations is kept until all input is read, then goes through them in
// the order of time, so that it never matters which folder a file lay in. What does not fit into
// memory waits in files (TimeOrder). A finding tells of the last event that its correlation
// counted; the ids of the others are beside it.

namespace stanch::pipeline {

// Where a scan with a journal keeps what waits, so that a next run has it: in a file beside the
// journal, of which each checkpoint says how much counts.
std::string waiting_path(const std::string& journal_path);
// Removes it, if it is what a scan wrote.
Result<> remove_waiting(env::Files& files, const std::string& journal_path);

// What stands before an event of which correlations are told, and a tab.
void append_told(const Found& found, std::string& out);

class CorrelationStep {
 public:
  struct Options {
    std::string spool_folder;  // made when it is needed
    codec::HashSecret secret;
    bool keep_raw = false;
    std::string_view content_version;  // outlives the step
    std::shared_ptr<const normalize::OwnSources> sources = nullptr;
    unsigned jobs = 0;  // threads of finish(); 0: one for each core
  };
  CorrelationStep(const env::Env& env, const detect::RuleSet& rules, const Options& options);
  ~CorrelationStep();

  // From here on, what waits is in this file, behind its first `keep` bytes. Before the first
  // add(). kInvalid, and nothing is changed, if it is none that a scan wrote.
  Result<> make_durable(std::string path, uint64_t keep);

  // An event that rules with correlations have matched.
  Result<> add(const Found& found, CorrelationCounts& counts);
  // What was added is durable when this returns: so many bytes of the file.
  Result<uint64_t> commit();

  // Removes the files of what will not be correlated, as far as it can.
  void abandon();

  // After the last add(), once: what the correlations find, in the order of the events that they
  // tell of. `rule` is that of detect::rule_infos().
  using Emit = std::function<Result<>(uint32_t rule, const model::Finding& finding)>;
  Result<> finish(CorrelationCounts& counts, const Emit& emit);

 private:
  class Teller;
  class Parts;
  Result<> read_waiting();
  Result<> correlate(TimeOrder& firings, CorrelationCounts& counts);

  env::Files& files_;
  env::Threads& threads_;
  const detect::RuleSet& rules_;
  Options options_;
  TimeOrder events_;
  std::string path_;
  std::unique_ptr<env::WritableFile> file_;
  std::string buffer_;  // not yet appended
  uint64_t bytes_ = 0;  // appended
};

}  // namespace stanch::pipeline
