#include "host/trace.h"

#include <fmt/format.h>

#include <map>
#include <set>
#include <utility>

#include "host/address_book.h"
#include "model/aws_entity.h"
#include "model/azure_entity.h"
#include "model/gcp_entity.h"
#include "model/kubernetes_entity.h"
#include "pipeline/output/trace/trace_writer.h"

namespace stanch::host {

namespace {

namespace scope = triage::scope;

using OnEvent = std::function<void(const model::FoundEvent&)>;

class EventSink : public pipeline::ScanSink {
 public:
  EventSink(const OnEvent& on_event, const std::function<void(const pipeline::Progress&)>& progress)
      : on_event_(on_event), progress_(progress) {}

  Result<> event(const model::FoundEvent& event) override {
    on_event_(event);
    return {};
  }
  Result<> finding(const model::Finding&) override { return {}; }
  Result<> dead_letter(const pipeline::DeadLetter&) override { return {}; }
  void conflict(const model::Origin&) override {}
  void progress(const pipeline::Progress& progress) override {
    if (progress_) progress_(progress);
  }

 private:
  const OnEvent& on_event_;
  const std::function<void(const pipeline::Progress&)>& progress_;
};

Result<pipeline::ScanSummary> each_event(
    env::Env& env, const TraceRequest& request, const OnEvent& on_event,
    const std::function<void(const pipeline::Progress&)>& progress) {
  pipeline::ScanOptions options = request.options;
  options.all_events = true;
  options.keep_dead = false;
  EventSink sink(on_event, progress);
  const auto no_rules = detect::load_rules({}, {}).rules;
  return pipeline::scan(env, no_rules, "", options, sink);
}

// Ids that a text may stand for in the words of a cloud.
std::vector<std::string> ids_of(std::string_view text) {
  TextArena arena;
  std::vector<std::string> ids;
  for (const model::EntityRef entity :
       {model::ip_entity(text, arena), model::aws_entity(text, arena),
        aws_entity(model::AwsType::kAccessKey, text, {}, arena), model::gcp_member(text, arena),
        model::gcp_resource(text, arena), model::arm_entity(text, arena),
        model::kubernetes_subject(text, arena)}) {
    if (!entity.empty()) ids.emplace_back(entity.text);
  }
  return ids;
}

// What the reading itself adds to what cannot be known.
void add_lost_input(const pipeline::ScanSummary& summary, scope::Trace& trace) {
  uint64_t unparsed = 0;
  for (const uint64_t count : summary.unparsed) unparsed += count;
  if (pipeline::has_lost_input(summary)) {
    trace.unknowns.push_back(
        {"not-read", fmt::format("What is in the {} input{} that could not be read.",
                                 summary.files_failed, summary.files_failed == 1 ? "" : "s")});
  }
  if (unparsed > 0) {
    trace.unknowns.push_back(
        {"unparsed", fmt::format("What {} record{} say that could not be understood "
                                 "('stanch scan --dead-letter FILE' keeps them).",
                                 unparsed, unparsed == 1 ? "" : "s")});
  }
}

class Timeline {
 public:
  Timeline(const scope::Trace& trace, TraceOutcome& outcome) : outcome_(outcome), trace_(trace) {
    for (size_t i = 0; i < trace.holders.size(); ++i) {
      for (const std::string& id : trace.holders[i].ids) holders_[id] = i;
    }
  }

  void add(const model::FoundEvent& event) {
    const model::Facts& facts = event.facts;
    if (!facts.time) return;
    const std::string holder = scope::holder_of(facts);
    const auto known = holders_.find(holder);
    const bool in_window = trace_.window.has(*facts.time);
    std::string_view relation;
    if (known != holders_.end() && in_window) {
      relation = name_of(trace_.holders[known->second].relation);
    } else if (mints(facts)) {
      relation = "issued";
    } else if (touches(facts) && in_window) {
      relation = "touched";
    } else {
      return;
    }
    const std::string_view who =
        known != holders_.end() ? trace_.holders[known->second].id : std::string_view(holder);
    rows_.emplace(std::pair(*facts.time, std::string(event.id.text())),
                  pipeline::output::timeline_row(event, who, relation));
    if (rows_.size() > kTimelineRowsMax) {
      rows_.erase(std::prev(rows_.end()));
      ++outcome_.timeline_more;
    }
  }

  void finish() {
    for (auto& [key, row] : rows_) outcome_.timeline.push_back(std::move(row));
  }

 private:
  bool mints(const model::Facts& facts) const {
    for (const model::Minted& minted : facts.minted) {
      if (holders_.contains(std::string(minted.entity.text))) return true;
      if (holders_.contains(std::string(minted.session.text))) return true;
    }
    return false;
  }
  bool touches(const model::Facts& facts) const {
    for (const model::Target& target : facts.targets) {
      if (target.entity.text == trace_.entity) return true;
    }
    return false;
  }

  TraceOutcome& outcome_;
  const scope::Trace& trace_;
  std::map<std::string, size_t> holders_;
  std::multimap<std::pair<Time, std::string>, std::string> rows_;
};

}  // namespace

Result<TraceOutcome> trace(env::Env& env, const TraceRequest& request,
                           const std::function<void(const pipeline::Progress&)>& progress) {
  for (const std::string& path : request.options.paths) {
    if (path == "-" && request.timeline) {
      return Error(ErrorCode::kInvalid,
                   "a timeline reads the logs twice, and standard input can be read once; write it "
                   "to a file first");
    }
  }
  TRY(const AddressBook addresses,
      AddressBook::open(env, request.geo_database, request.network_database));
  codec::HashSecret secret;
  env.random.fill({reinterpret_cast<uint8_t*>(&secret.value), sizeof(secret.value)});
  scope::Graph graph(scope::GraphOptions{.activity = request.window, .secret = secret});
  TraceOutcome outcome;
  const OnEvent add = [&](const model::FoundEvent& event) { graph.add(event.facts, event.id); };
  TRY(outcome.summary, each_event(env, request, add, progress));

  const scope::Links links(graph);
  const scope::Lineage lineage(links);
  outcome.lookup = scope::find_entity(links, request.entity, ids_of(request.entity), &lineage);
  if (outcome.lookup.matches.size() != 1) return outcome;
  TRY(outcome.trace, scope::trace(lineage, outcome.lookup.matches.front().id, request.window));
  add_lost_input(outcome.summary, outcome.trace);
  addresses.fill(outcome.trace);

  if (request.timeline) {
    Timeline timeline(outcome.trace, outcome);
    const OnEvent note = [&](const model::FoundEvent& event) { timeline.add(event); };
    TRY(each_event(env, request, note, progress));
    timeline.finish();
  }
  return outcome;
}

}  // namespace stanch::host
