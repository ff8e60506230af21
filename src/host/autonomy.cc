#include "host/autonomy.h"

#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

#include "codec/hash.h"
#include "codec/json_writer.h"
#include "codec/timestamp.h"
#include "model/streams.h"
#include "respond/guard/control.h"
#include "respond/plan/plan_book.h"
#include "triage/state.h"

namespace stanch::host {

using codec::json_object;
using model::IncidentId;
using respond::PlanState;
using respond::Step;

Result<std::vector<ShadowRow>> shadow_report(ledger::Ledger& ledger, const triage::Assets& assets,
                                             Time since) {
  std::map<std::tuple<std::string, std::string, std::string>, ShadowRow> rows;
  const auto add = [&](const IncidentId& incident) -> Result<> {
    triage::IncidentFold fold(incident);
    respond::PlanBook book;
    std::map<std::string, std::set<std::string>> shadowed;  // steps by plan
    codec::JsonParser parser;
    TRY(each_entry(ledger, model::incident_stream(incident),
                   [&](const model::Entry& entry) -> Result<> {
                     fold.apply(entry);
                     book.apply(entry);
                     if (entry.kind != "run_in_shadow" || !entry.payload || entry.time < since)
                       return {};
                     const auto payload = parser.parse(entry.payload->json);
                     for (const codec::JsonView step : payload["steps"].elements()) {
                       shadowed[payload["plan"].string_or_empty()].insert(step.string_or_empty());
                     }
                     return {};
                   }));
    const triage::IncidentState& state = fold.state();
    if (state.restricted) return {};  // it is told to those whom it names
    const bool is_false = state.disposition == model::Disposition::kFalsePositive ||
                          state.disposition == model::Disposition::kBenignExpected;
    for (const auto& [hash, steps] : shadowed) {
      const PlanState* plan = book.find(hash);
      if (plan == nullptr) continue;
      for (const std::string& id : steps) {
        const Step* step = plan->plan.find(id);
        if (step == nullptr) continue;
        const auto asset = assets.find(step->target.entity, step->target.account);
        const std::string environment = asset ? asset->environment : "";
        ShadowRow& row = rows[{step->action, step->target.account, environment}];
        row.action = step->action;
        row.account = step->target.account;
        row.environment = environment;
        ++row.steps;
        row.incidents.insert(incident.text());
        if (is_false) row.false_alarms.insert(incident.text());
        row.targets.insert(step->target.entity);
        row.also_hit.insert(step->also_hits.begin(), step->also_hits.end());
      }
    }
    return {};
  };
  for (std::string after;;) {
    TRY(const auto heads, ledger.streams(model::kIncidentStreams, after));
    if (heads.empty()) break;
    for (const ledger::StreamHead& head : heads) TRY(add(*model::find_incident_of(head.stream)));
    after = heads.back().stream.text();
  }
  std::vector<ShadowRow> all;
  for (auto& [key, row] : rows) all.push_back(std::move(row));
  std::ranges::stable_sort(all, std::ranges::greater(), &ShadowRow::steps);
  return all;
}

Result<> append_control(env::Env& env, ledger::Ledger& ledger, const std::string& actor,
                        const std::string& kind, const std::string& payload) {
  uint8_t bytes[16];
  env.random.fill(bytes);
  const model::EntryDraft draft{.kind = kind,
                                .key = codec::to_hex(bytes),
                                .time = env.clock.now(),
                                .actor = actor,
                                .content_version = "",
                                .payload = payload};
  TRY(ledger::append_missing(ledger, model::kControlStream, {&draft, 1}));
  return {};
}

Result<> set_autonomy(env::Env& env, ledger::Ledger& ledger, const AutonomyRequest& request) {
  TRY(const respond::Control control, respond::Control::load(ledger));
  const auto* before =
      control.find_autonomy(request.action, request.account, request.environment, env.clock.now());
  return append_control(
      env, ledger, request.actor, "autonomy_set", json_object([&](codec::JsonWriter& json) {
        json.field("action", request.action).field("account", request.account);
        json.field("environment", request.environment).field("autonomy", request.autonomy);
        if (before != nullptr) json.field("previous", before->autonomy);
        if (request.until) json.field("until", codec::format_timestamp(*request.until));
        json.field("reason", request.reason);
      }));
}

}  // namespace stanch::host
