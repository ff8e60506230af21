#include "learn/case.h"

#include <algorithm>
#include <ranges>
#include <utility>

#include "base/check.h"
#include "learn/payload.h"
#include "model/entry_kind.h"

namespace stanch::learn {

namespace {

using codec::JsonView;
using model::Status;

struct Row {
  Measure measure;
  std::string_view name, caption;
};
constexpr Row kMeasuresTable[] = {
    {Measure::kDetect, "detect", "to detect"},
    {Measure::kSourceDelay, "source_delay", "  waiting for the source"},
    {Measure::kEngineDelay, "engine_delay", "  in the engine"},
    {Measure::kAcknowledge, "acknowledge", "to acknowledge"},
    {Measure::kContain, "contain", "to contain, verified"},
    {Measure::kMachine, "machine", "  machine at work"},
    {Measure::kWaiting, "waiting", "  waiting for people"},
    {Measure::kOther, "other", "  people at work"},
    {Measure::kEradicate, "eradicate", "to eradicate"},
    {Measure::kRecover, "recover", "to recover"},
};
static_assert(std::size(kMeasuresTable) == kMeasures);

const Row& row_of(Measure measure) {
  const auto* row = std::ranges::find(kMeasuresTable, measure, &Row::measure);
  CHECK(row != std::end(kMeasuresTable));
  return *row;
}

void keep_earlier(std::optional<Time>& kept, std::optional<Time> other) {
  if (other && (!kept || *other < *kept)) kept = other;
}

Duration between(Time from, Time to) { return std::max(Duration{}, span_of(from, to)); }

std::optional<Measured> lasted(std::optional<Time> from, std::optional<Time> to) {
  if (!from || !to) return std::nullopt;
  return Measured{between(*from, *to)};
}

// Until a stage was reached. Of a case that ended without it, it was not wanted.
std::optional<Measured> until_stage(const Case& of, std::optional<Time> reached, Time now) {
  if (!of.opened) return std::nullopt;
  if (reached) return lasted(of.opened, reached);
  if (of.closed || !of.merged_into.empty()) return std::nullopt;
  return Measured{between(*of.opened, now), true};
}

std::optional<Measured> part(const Case& of, Measure measure) {
  if (!of.opened || !of.contained) return std::nullopt;
  const Span whole{*of.opened, std::max(*of.opened, *of.contained)};
  const std::vector<Span> machine = within(of.machine, whole);
  std::vector<Span> waited = of.approvals;
  waited.push_back({*of.opened, of.acknowledged.value_or(kEndless)});
  const std::vector<Span> waiting = without(within(united(std::move(waited)), whole), machine);
  switch (measure) {
    case Measure::kMachine: return Measured{length_of(machine)};
    case Measure::kWaiting: return Measured{length_of(waiting)};
    default: return Measured{whole.to - whole.from - length_of(machine) - length_of(waiting)};
  }
}

}  // namespace

std::string_view name_of(Measure measure) { return row_of(measure).name; }
std::string_view caption_of(Measure measure) { return row_of(measure).caption; }

bool Case::was_no_attack() const {
  return disposition == model::Disposition::kFalsePositive ||
         disposition == model::Disposition::kBenignExpected;
}

CaseFold::CaseFold(model::IncidentId id) : parser_(codec::JsonParser::Texts::kFew) {
  case_.id = std::move(id);
}

void CaseFold::apply(const model::Entry& entry) {
  ++case_.entries;
  // These say what they say by being there, even if their payloads were erased.
  if (entry.kind == "incident_opened" && !case_.opened) case_.opened = entry.time;
  if (entry.kind == "acknowledged" && !case_.acknowledged) case_.acknowledged = entry.time;
  if (entry.kind == "closed") case_.closed = entry.time;
  if (entry.kind == "reopened") {
    case_.closed.reset();
    case_.disposition.reset();
    case_.merged_into.clear();
    lose(Status::kNew);
  }
  if (entry.kind == "merged_into" && case_.merged_into.empty()) case_.merged_into = "(erased)";
  if (!entry.payload) {
    ++case_.erased;
  } else if (model::find_entry_kind(entry.kind, entry.kind_version) == nullptr) {
    ++case_.foreign;
  } else {
    const JsonView payload = parser_.parse(entry.payload->json);
    if (!payload || !apply_payload(entry, payload)) ++case_.foreign;
  }
}

// Takes back what is not so any more when the incident stands there.
void CaseFold::lose(Status to) {
  if (to <= Status::kContaining) case_.contained.reset();
  if (to <= Status::kEradicating) case_.eradicated.reset();
  if (to <= Status::kRecovering) case_.recovered.reset();
}

bool CaseFold::move(const std::string& from_name, const std::string& to_name, Time at) {
  const auto from = model::find_status(from_name), to = model::find_status(to_name);
  if (!from || !to) return false;
  lose(*to);
  const auto reach = [&](std::optional<Time>& stage, bool reached) {
    if (reached && !stage) stage = at;
  };
  reach(case_.contained, *to == Status::kContainedWatching || *to == Status::kContained);
  reach(case_.eradicated,
        *to == Status::kRecovering || (*from == Status::kEradicating && *to == Status::kReview));
  reach(case_.recovered, *to == Status::kRecovered);
  return true;
}

void CaseFold::end_waiting(const std::string& plan, Time at) {
  const auto asked = asked_.find(plan);
  if (asked == asked_.end()) return;
  case_.approvals.push_back({asked->second.since, at});
  asked_.erase(asked);
}

bool CaseFold::apply_payload(const model::Entry& entry, JsonView payload) {
  const std::string& kind = entry.kind;
  const auto text = [&](std::string_view name) { return payload[name].string_or_empty(); };
  if (kind == "incident_opened") {
    case_.drill = case_.drill || flag_in(payload["drill"]);
    case_.replayed = flag_in(payload["replayed"]);
    if (opening_finding_.empty()) opening_finding_ = text("finding");
  } else if (kind == "finding_joined") {
    const Joined joined{time_in(payload["event_time"]), time_in(payload["origin"]["received_at"]),
                        entry.time};
    findings_[text("finding")] = joined;
    if (!opening_ && !opening_finding_.empty() && text("finding") == opening_finding_) {
      opening_ = joined;
    }
  } else if (kind == "split") {
    for (const std::string& id : texts_in(payload["findings"])) findings_.erase(id);
  } else if (kind == "severity_set") {
    const auto severity = model::find_severity(text("severity"));
    if (!severity) return false;
    case_.severity = std::min(*severity, case_.severity.value_or(*severity));
  } else if (kind == "state_moved") {
    return move(text("from"), text("to"), entry.time);
  } else if (kind == "closed") {
    case_.disposition = model::find_disposition(text("disposition"));
    return case_.disposition.has_value();
  } else if (kind == "merged_into") {
    case_.merged_into = text("incident");
  } else if (kind == "merged_from") {
    case_.merged_from.push_back(text("incident"));
  } else if (kind == "approval_asked") {
    const JsonView approvers = payload["approvers"];
    const int64_t count = approvers && approvers.is_number() ? approvers.as_int64().value_or(1) : 1;
    end_waiting(text("plan"), entry.time);
    asked_[text("plan")] = {entry.time, static_cast<uint64_t>(std::max(count, int64_t{1})), {}};
  } else if (kind == "approved") {
    const auto asked = asked_.find(text("plan"));
    if (asked == asked_.end() || text("means") == "unverified") return true;
    asked->second.approved.insert(text("person"));
    if (asked->second.approved.size() >= asked->second.approvers) {
      end_waiting(text("plan"), entry.time);
    }
  } else if (kind == "approval_withdrawn") {
    if (const auto asked = asked_.find(text("plan")); asked != asked_.end()) {
      asked->second.approved.erase(text("person"));
    }
  } else if (kind == "approval_refused" || kind == "approval_timed_out" || kind == "plan_ended") {
    end_waiting(text("plan"), entry.time);
  } else if (kind == "state_saved" || kind == "intended") {
    running_.try_emplace({text("plan"), text("step")}, entry.time);
  } else if (kind == "verified" || kind == "step_failed") {
    const auto running = running_.find({text("plan"), text("step")});
    if (running == running_.end()) return true;
    case_.machine.push_back({running->second, entry.time});
    running_.erase(running);
  }
  return true;
}

Case CaseFold::result() const {
  Case found = case_;
  for (const Joined& joined : std::views::values(findings_)) {
    keep_earlier(found.first_event, joined.event);
  }
  if (opening_) {
    found.opening_event = opening_->event;
    found.opening_received = opening_->received;
    found.opening_joined = opening_->joined;
  }
  for (const Time since : std::views::values(running_)) found.machine.push_back({since, kEndless});
  for (const Asked& asked : std::views::values(asked_)) {
    found.approvals.push_back({asked.since, kEndless});
  }
  found.machine = united(std::move(found.machine));
  found.approvals = united(std::move(found.approvals));
  return found;
}

void absorb(const Case& absorbed, Case& into) {
  keep_earlier(into.first_event, absorbed.first_event);
  if (absorbed.opened && (!into.opened || *absorbed.opened < *into.opened)) {
    into.opened = absorbed.opened;
    into.opening_event = absorbed.opening_event;
    into.opening_received = absorbed.opening_received;
    into.opening_joined = absorbed.opening_joined;
  }
  keep_earlier(into.acknowledged, absorbed.acknowledged);
  if (absorbed.severity) {
    into.severity = std::min(*absorbed.severity, into.severity.value_or(*absorbed.severity));
  }
  into.machine.insert(into.machine.end(), absorbed.machine.begin(), absorbed.machine.end());
  into.machine = united(std::move(into.machine));
  into.approvals.insert(into.approvals.end(), absorbed.approvals.begin(), absorbed.approvals.end());
  into.approvals = united(std::move(into.approvals));
  into.entries += absorbed.entries;
  into.erased += absorbed.erased;
  into.foreign += absorbed.foreign;
}

std::optional<Measured> measure(const Case& of, Measure measure, Time now) {
  if (of.was_no_attack() && measure != Measure::kAcknowledge) return std::nullopt;
  switch (measure) {
    case Measure::kDetect:
      // When it was replayed, nobody detected anything at the time of its events.
      return of.replayed ? std::nullopt : lasted(of.first_event, of.opened);
    case Measure::kSourceDelay: return lasted(of.opening_event, of.opening_received);
    case Measure::kEngineDelay: return lasted(of.opening_received, of.opening_joined);
    case Measure::kAcknowledge: return until_stage(of, of.acknowledged, now);
    case Measure::kContain: return until_stage(of, of.contained, now);
    case Measure::kEradicate: return until_stage(of, of.eradicated, now);
    case Measure::kRecover: return until_stage(of, of.recovered, now);
    case Measure::kMachine:
    case Measure::kWaiting:
    case Measure::kOther: return part(of, measure);
  }
  return std::nullopt;
}

}  // namespace stanch::learn
