// One function a kind of entry, in one table; each sets what its kind says and nothing else. An
// entry of a kind that says nothing about the incident as such (a plan's steps, evidence) is
// counted under its kind. A payload that was erased, or does not fit, changes nothing.

#include "triage/state.h"

#include <algorithm>
#include <ranges>
#include <tuple>

#include "codec/hash.h"
#include "codec/timestamp.h"
#include "model/entry_kind.h"

namespace stanch::triage {

namespace {

using codec::JsonView;
using model::Entry;
using model::Status;

// What a handler works with. It says false if the payload makes no sense.
struct Applied {
  IncidentState& state;
  const Entry& entry;
  JsonView payload;

  std::string text(std::string_view name) const { return payload[name].string_or_empty(); }
  std::optional<Time> time(std::string_view name) const {
    const JsonView view = payload[name];
    return view ? codec::parse_timestamp(view.string_or_empty()) : std::nullopt;
  }
  bool flag(std::string_view name) const {
    const JsonView view = payload[name];
    return view && view.is_bool() && view.as_bool();
  }
  std::vector<std::string> texts(std::string_view name) const {
    std::vector<std::string> found;
    for (const JsonView view : payload[name].elements()) found.push_back(view.string_or_empty());
    return found;
  }
  uint64_t count(std::string_view name) const {
    const JsonView view = payload[name];
    return view && view.is_number()
               ? static_cast<uint64_t>(std::max(int64_t{0}, view.as_int64().value_or(0)))
               : 0;
  }
  Said said() const { return {.at = entry.time, .by = entry.actor}; }
};

void move(const Applied& a, Status to, const std::string& reason) {
  StatusStep step{a.said(), a.state.status, to, reason};
  if (is_breach(step)) a.state.contained.reset();
  if (to == Status::kContainedWatching && !a.state.contained) a.state.contained = a.said();
  a.state.status = to;
  a.state.steps.push_back(std::move(step));
}

bool incident_opened(const Applied& a) {
  if (a.state.opened) return false;
  a.state.opened = a.said();
  a.state.title = a.text("title");
  a.state.opened_by = a.text("by");
  a.state.source = a.text("source");
  a.state.description = a.text("description");
  a.state.drill = a.flag("drill");
  return true;
}

void count_entities(IncidentState& state, const Finding& finding, bool joined) {
  for (const std::string& entity : finding.entities) {
    ScopedEntity& scoped = state.entities[entity];
    if (joined) {
      ++scoped.findings;
    } else {
      --scoped.findings;
    }
  }
}

// A merge or a split puts its own reason in front of those that were there.
bool is_carried(const std::vector<std::string>& because) {
  return !because.empty() &&
         (because[0].starts_with("merged from ") || because[0].starts_with("split from "));
}

bool finding_joined(const Applied& a) {
  Result<Finding> finding = read_finding(a.payload);
  if (!finding) return false;
  JoinedFinding joined{a.said(), *std::move(finding), a.texts("because")};
  joined.carried = is_carried(joined.because);
  joined.sequence = a.entry.sequence;
  const auto [at, added] = a.state.findings.try_emplace(joined.finding.id, joined);
  if (!added) {
    if (!at->second.gone) return false;
    at->second = std::move(joined);  // it came back: its incident was merged into this one
  }
  count_entities(a.state, at->second.finding, true);
  return true;
}

bool findings_folded(const Applied& a) {
  a.state.folded += a.count("count");
  return true;
}

bool severity_set(const Applied& a) {
  const auto severity = model::find_severity(a.text("severity"));
  if (!severity) return false;
  a.state.severity = severity;
  a.state.severities.push_back(
      {a.said(), *severity, a.text("by") == "person", a.texts("because"), a.text("reason")});
  return true;
}

bool acknowledged(const Applied& a) {
  if (!a.state.acknowledged) a.state.acknowledged = a.said();
  if (a.state.assignee.empty()) a.state.assignee = a.text("person");
  if (a.state.status == Status::kNew) move(a, Status::kAcknowledged, a.text("comment"));
  return true;
}

bool assigned(const Applied& a) {
  a.state.assignee = a.text("person");
  return true;
}

bool role_given(const Applied& a) {
  a.state.roles[a.text("role")] = a.text("person");
  return true;
}

bool role_withdrawn(const Applied& a) {
  const auto role = a.state.roles.find(a.text("role"));
  if (role == a.state.roles.end() || role->second != a.text("person")) return false;
  a.state.roles.erase(role);
  return true;
}

bool handover_offered(const Applied& a) {
  a.state.handovers[a.text("role")] = {a.said(),     a.text("role"),  a.text("from"),
                                       a.text("to"), a.text("brief"), model::citation_of(a.entry)};
  return true;
}

// Answers to an offer that was answered, or replaced by another, say nothing.
bool is_open_offer(const Applied& a) {
  const auto offer = a.state.handovers.find(a.text("role"));
  return offer != a.state.handovers.end() && offer->second.to == a.text("to") &&
         codec::to_hex(offer->second.offer.hash) == a.payload["offer"]["hash"].string_or_empty();
}

bool handover_accepted(const Applied& a) {
  if (!is_open_offer(a)) return false;
  a.state.roles[a.text("role")] = a.text("to");
  a.state.handovers.erase(a.text("role"));
  return true;
}

bool handover_declined(const Applied& a) {
  return is_open_offer(a) && a.state.handovers.erase(a.text("role")) > 0;
}

bool state_moved(const Applied& a) {
  const auto to = model::find_status(a.text("to"));
  if (!to) return false;
  move(a, *to, a.text("reason"));
  return true;
}

std::optional<model::ClockName> clock_of(const Applied& a) {
  using enum model::ClockName;
  for (const model::ClockName clock : {kAcknowledge, kContain, kUpdate}) {
    if (name_of(clock) == a.text("clock")) return clock;
  }
  return std::nullopt;
}

bool clock_paused(const Applied& a) {
  const auto clock = clock_of(a);
  const auto until = a.time("until");
  if (!clock || !until) return false;
  a.state.pauses.push_back({a.said(), *clock, *until, a.text("reason")});
  return true;
}

bool clock_resumed(const Applied& a) {
  const auto clock = clock_of(a);
  if (!clock) return false;
  for (Pause& pause : a.state.pauses) {
    if (pause.clock == *clock) pause.until = std::min(pause.until, a.entry.time);
  }
  return true;
}

bool update_given(const Applied& a) {
  a.state.updates.push_back({a.said(), a.text("text"), a.text("audience"), a.time("next_due")});
  return true;
}

bool note(const Applied& a) {
  a.state.notes.push_back({a.said(), a.text("text"), a.flag("privileged")});
  return true;
}

bool hypothesis_set(const Applied& a) {
  a.state.hypotheses[a.text("hypothesis")] = {a.said(), a.text("text"), a.text("standing"),
                                              a.texts("because")};
  return true;
}

bool task_added(const Applied& a) {
  Task task{a.said(), a.text("title"), a.text("owner"), a.time("due"), {}, false, {}};
  return a.state.tasks.emplace(a.text("task"), std::move(task)).second;
}

bool task_assigned(const Applied& a) {
  const auto task = a.state.tasks.find(a.text("task"));
  if (task == a.state.tasks.end()) return false;
  task->second.owner = a.text("owner");
  if (const auto due = a.time("due")) task->second.due = due;
  return true;
}

bool task_done(const Applied& a) {
  const auto task = a.state.tasks.find(a.text("task"));
  if (task == a.state.tasks.end()) return false;
  task->second.ended = a.entry.time;
  task->second.dropped = a.text("outcome") == "dropped";
  task->second.outcome = a.text("text");
  return true;
}

bool link_added(const Applied& a) {
  a.state.links[{a.text("relation"), a.text("target")}] = a.text("title");
  return true;
}

bool link_removed(const Applied& a) {
  return a.state.links.erase({a.text("relation"), a.text("target")}) > 0;
}

bool merged_into(const Applied& a) {
  a.state.merged_into = a.text("incident");
  move(a, Status::kClosed, "merged into " + a.state.merged_into);
  return true;
}

bool merged_from(const Applied& a) {
  a.state.merged_from.insert(a.text("incident"));
  return true;
}

bool split(const Applied& a) {
  a.state.split_into.insert(a.text("into"));
  for (const std::string& id : a.texts("findings")) {
    const auto found = a.state.findings.find(id);
    if (found == a.state.findings.end() || found->second.gone) continue;
    found->second.gone = true;
    count_entities(a.state, found->second.finding, false);
  }
  return true;
}

bool scope_changed(const Applied& a) {
  for (const auto& [member, in] : {std::pair{"added", true}, std::pair{"removed", false}}) {
    for (const std::string& id : a.texts(member)) {
      ScopedEntity& scoped = a.state.entities[id];
      scoped.by_person = in;
      scoped.because = a.texts("because");
    }
  }
  return true;
}

bool aware(const Applied& a) {
  const auto when = a.time("when");
  if (!when) return false;
  a.state.aware.push_back({a.said(), a.text("person"), a.text("why"), a.text("regime"), *when});
  return true;
}

bool material(const Applied& a) {
  const auto when = a.time("when");
  if (!when) return false;
  a.state.material = {a.said(), a.text("decision"), a.text("person"), a.text("why"), *when};
  return true;
}

bool classified(const Applied& a) {
  const auto when = a.time("when");
  if (!when) return false;
  a.state.classified[a.text("scheme")] = {a.said(), a.text("class"), a.text("person"),
                                          a.text("why"), *when};
  return true;
}

bool tlp_set(const Applied& a) {
  const auto tlp = model::find_tlp(a.text("tlp"));
  if (tlp) a.state.tlp = tlp;
  return tlp.has_value();
}

bool restricted(const Applied& a) {
  a.state.people = a.texts("people");
  a.state.restricted = !a.state.people.empty();
  return true;
}

bool closed(const Applied& a) {
  a.state.disposition = model::find_disposition(a.text("disposition"));
  a.state.closing_reason = a.text("reason");
  move(a, Status::kClosed, a.state.closing_reason);
  return true;
}

// Somebody has to take it up again, and contain it again: those clocks begin anew.
bool reopened(const Applied& a) {
  a.state.disposition.reset();
  a.state.closing_reason.clear();
  a.state.merged_into.clear();
  a.state.acknowledged.reset();
  a.state.contained.reset();
  move(a, Status::kNew, a.text("reason"));
  return true;
}

bool unknown_stated(const Applied& a) {
  a.state.unknowns.push_back(a.text("what"));
  return true;
}

// What is true by the header alone, of an entry whose payload was erased or is a newer program's.
// Where it matters who may see something, the strictest is taken.
void apply_header(IncidentState& state, const Entry& entry) {
  const Applied a{state, entry, {}};
  if (entry.kind == "incident_opened" && !state.opened) {
    state.opened = a.said();
  } else if (entry.kind == "acknowledged") {
    acknowledged(a);
  } else if (entry.kind == "closed" || entry.kind == "merged_into") {
    move(a, Status::kClosed, "");
  } else if (entry.kind == "reopened") {
    reopened(a);
  } else if (entry.kind == "update_given") {
    state.updates.push_back({a.said(), "", "", {}});
  } else if (entry.kind == "restricted") {
    state.restricted = true;
    state.people.clear();
  } else if (entry.kind == "tlp_set") {
    state.tlp = model::Tlp::kRed;
  }
}

struct Handler {
  std::string_view kind;
  bool (*apply)(const Applied&);
};
constexpr Handler kHandlers[] = {
    {"incident_opened", incident_opened},
    {"finding_joined", finding_joined},
    {"findings_folded", findings_folded},
    {"severity_set", severity_set},
    {"acknowledged", acknowledged},
    {"assigned", assigned},
    {"role_given", role_given},
    {"role_withdrawn", role_withdrawn},
    {"handover_offered", handover_offered},
    {"handover_accepted", handover_accepted},
    {"handover_declined", handover_declined},
    {"state_moved", state_moved},
    {"clock_paused", clock_paused},
    {"clock_resumed", clock_resumed},
    {"update_given", update_given},
    {"note", note},
    {"hypothesis_set", hypothesis_set},
    {"task_added", task_added},
    {"task_assigned", task_assigned},
    {"task_done", task_done},
    {"link_added", link_added},
    {"link_removed", link_removed},
    {"merged_into", merged_into},
    {"merged_from", merged_from},
    {"split", split},
    {"scope_changed", scope_changed},
    {"aware", aware},
    {"material", material},
    {"classified", classified},
    {"tlp_set", tlp_set},
    {"restricted", restricted},
    {"closed", closed},
    {"reopened", reopened},
    {"unknown_stated", unknown_stated},
};

}  // namespace

bool is_breach(const StatusStep& step) {
  return step.to == Status::kContaining && step.from >= Status::kContainedWatching &&
         step.from != Status::kClosed;
}

std::optional<model::Severity> IncidentState::worst_severity() const {
  std::optional<model::Severity> worst;
  for (const SeverityStep& step : severities) {
    if (!worst || step.severity < *worst) worst = step.severity;
  }
  return worst;
}

std::set<std::string> IncidentState::techniques() const {
  std::set<std::string> all;
  for (const JoinedFinding& joined : std::views::values(findings)) {
    if (!joined.gone)
      all.insert(joined.finding.techniques.begin(), joined.finding.techniques.end());
  }
  return all;
}

uint64_t IncidentState::finding_count() const {
  uint64_t count = folded;
  for (const JoinedFinding& joined : std::views::values(findings)) count += joined.gone ? 0 : 1;
  return count;
}

std::string IncidentState::headline() const {
  if (opened_by == "person") return title;
  const JoinedFinding* worst = nullptr;
  const auto rank = [](const JoinedFinding& joined) {
    return std::tuple(-static_cast<int>(joined.finding.level), joined.finding.event_time,
                      joined.finding.id);
  };
  for (const JoinedFinding& joined : std::views::values(findings)) {
    if (!joined.gone && (worst == nullptr || rank(joined) < rank(*worst))) worst = &joined;
  }
  return worst == nullptr ? title : worst->finding.title;
}

IncidentFold::IncidentFold(model::IncidentId id) : parser_(codec::JsonParser::Texts::kFew) {
  state_.id = std::move(id);
}

void IncidentFold::apply(const Entry& entry) {
  ++state_.entries;
  state_.updated = std::max(state_.updated, entry.time);
  if (!entry.payload) {
    ++state_.erased;
    apply_header(state_, entry);
    return;
  }
  const auto handler = std::ranges::find(kHandlers, entry.kind, &Handler::kind);
  if (model::find_entry_kind(entry.kind, entry.kind_version) == nullptr) {
    ++state_.foreign;
    apply_header(state_, entry);
  } else if (handler == std::end(kHandlers)) {
    ++state_.other_kinds[entry.kind];
  } else {
    const JsonView payload = parser_.parse(entry.payload->json);
    if (!payload || !handler->apply({state_, entry, payload})) ++state_.foreign;
  }
}

}  // namespace stanch::triage
