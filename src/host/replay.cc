#include "host/replay.h"

#include <algorithm>
#include <utility>

#include "pipeline/output/finding_payload.h"
#include "pipeline/time_order.h"

namespace stanch::host {

namespace {

// Scanned findings, until all are there.
class Collect : public pipeline::ScanSink {
 public:
  Collect(pipeline::TimeOrder& order, const ReplayObserver& observer)
      : order_(order), observer_(observer) {}

  Result<> finding(const model::Finding& finding) override {
    const std::string payload = pipeline::output::finding_payload(finding);
    return order_.add(
        {.time = finding.event.facts.time, .id = finding.id.text(), .document = payload});
  }
  // Counted in the summary; `stanch scan --dead-letter` keeps them.
  Result<> dead_letter(const pipeline::DeadLetter&) override { return {}; }
  void conflict(const model::Origin&) override {}
  void progress(const pipeline::Progress& progress) override {
    if (observer_.scanning) observer_.scanning(progress);
  }

 private:
  pipeline::TimeOrder& order_;
  const ReplayObserver& observer_;
};

}  // namespace

Result<ReplayOutcome> replay(env::Env& env, const LoadedRules& rules, ledger::Ledger& ledger,
                             ReplayRequest request, const ReplayObserver& observer) {
  ReplayOutcome outcome;
  outcome.run = {.program_version = request.program_version,
                 .content_version = rules.content_version,
                 .rules = count_rules(rules.loaded),
                 .min_level = model::Level::kInformational};
  request.options.keep_raw = true;
  request.options.keep_dead = false;
  request.options.sources = rules.sources;
  pipeline::TimeOrder order(env.files, {.folder = request.options.spool_folder});
  Collect collect(order, observer);
  TRY(outcome.summary,
      pipeline::scan(env, rules.loaded.rules, rules.content_version, request.options, collect));
  outcome.run.hidden = pipeline::output::hidden_in(outcome.summary, *rules.loaded.rules);
  TRY(order.sort());

  request.recorder.replayed = true;
  TRY(const auto recorder, pipeline::IncidentRecorder::open(ledger, std::move(request.recorder)));
  Time now{};  // the time of the latest event so far
  for (;;) {
    TRY(const auto next, order.next());
    if (!next) break;
    now = std::max(now, next->time.value_or(now));
    TRY(recorder->add(std::string(next->document), now));
  }
  TRY(recorder->finish());
  TRY(order.remove_files());
  outcome.counts = recorder->counts();
  outcome.incidents.assign(recorder->touched().begin(), recorder->touched().end());
  return outcome;
}

}  // namespace stanch::host
