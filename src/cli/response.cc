#include "cli/response.h"

#include <fmt/format.h>

#include "cli/actions.h"
#include "cli/diagnostics.h"
#include "cli/incident.h"
#include "cli/ledger.h"
#include "cli/screen.h"
#include "codec/timestamp.h"
#include "codec/utf8.h"
#include "host/callers.h"
#include "host/incident.h"

namespace stanch::cli {

namespace {

using respond::PlanState;
using respond::Step;
using respond::StepState;

constexpr std::string_view kAws = "AWS";
constexpr size_t kShownOfHash = 12;
constexpr size_t kShownOfValue = 100;

std::string shown(std::string text) {
  if (text.size() > kShownOfValue) text = text.substr(0, kShownOfValue) + " […]";
  return text;
}

std::string value_text(const codec::JsonValue& value) {
  return shown(value.is_string() ? value.string() : to_json(value));
}

std::vector<std::string> state_lines(const codec::JsonValue& state) {
  std::vector<std::string> lines;
  if (!state.is_object()) return lines;
  for (const auto& [name, value] : state.object()) {
    if (!value.is_null()) lines.push_back(fmt::format("{}: {}", name, value_text(value)));
  }
  return lines;
}

// The operation, and a line for each parameter.
void add_call(const respond::PlannedCall& call, bool whole, std::vector<std::string>& lines) {
  lines.push_back(fmt::format("{}.{}", call.service, call.operation));
  const auto parts = call.with.parts();
  if (!parts) return;
  for (size_t i = 0; i < parts->names.size(); ++i) {
    const respond::CallValue& value = parts->values[i];
    std::string text;
    if (const codec::JsonValue* known = value.known()) {
      text = known->is_string() ? known->string() : to_json(*known);
    } else {
      codec::JsonWriter json(text);
      value.append_to(json);
    }
    lines.push_back(fmt::format("  {}: {}", parts->names[i], whole ? text : shown(text)));
  }
}

// For commands that read the ledger alone.
class NoCloud : public cloud::Caller {
 public:
  cloud::Called call(const cloud::Call&) override {
    cloud::Called called;
    called.refusal = {.code = ErrorCode::kUnavailable,
                      .provider_code = "",
                      .message = "the cloud is not asked here",
                      .request_id = ""};
    return called;
  }
  Duration signature_holds(const cloud::Call&) const override { return {}; }
};

void take_cloud(Context& context, host::AwsCaller aws, OpenedResponse& opened) {
  opened.identity = std::move(aws.identity);
  opened.caller =
      std::make_unique<host::Callers>(context.env(), std::move(aws.caller), opened.tables.webhooks);
}

// When somebody looks again whether it holds; "" if nobody does any more.
std::string watch_text(const StepState& state, const respond::Action* action) {
  constexpr size_t kLooks = std::size(respond::kWatchAfter);
  if (action == nullptr || !action->watch || state.is_undoing) return "";
  if (state.watched >= kLooks) return fmt::format(", held at {} looks", kLooks);
  return fmt::format(", held at {} of {} looks, the next {}", state.watched, kLooks,
                     second_text(state.verified->at + respond::kWatchAfter[state.watched]));
}

std::string standing_of(const Step& step, const StepState& state, const respond::Action* action) {
  if (state.is_undone) return "undone";
  if (state.is_open()) {
    return state.failed ? "NOT CONTAINED any more, and given up: " + state.failed->reason
                        : "NOT CONTAINED any more";
  }
  if (state.failed) return "FAILED: " + state.failed->reason;
  if (state.verified) {
    std::string text =
        fmt::format("{}, verified {}", state.done_already ? "was so already" : "done",
                    second_text(state.verified->at));
    text += watch_text(state, action);
    if (state.breaches > 0) text += fmt::format(", contained again {} times", state.breaches);
    return text;
  }
  if (!state.sent.empty()) return "calls have left; not verified yet";
  if (!step.lacks.empty()) return fmt::format("cannot be done: {}", fmt::join(step.lacks, " "));
  if (!step.is_observed) return "planned without looking at the cloud";
  if (step.done) return "is so already; nothing will be written";
  return "";
}

// What must have ended well before it. Evidence may be missing, but for what cannot be taken back.
std::vector<std::string> needed_before(const respond::Plan& plan, const Step& step) {
  std::vector<std::string> needed;
  for (const std::string& id : step.only_after) {
    const Step* const before = plan.find(id);
    const bool may_be_missing = before != nullptr && before->is_evidence && !step.is_evidence &&
                                step.risk != respond::RiskClass::kIrreversible;
    if (!may_be_missing) needed.push_back(id);
  }
  return needed;
}

void show_step(const PlanState& plan, const Step& step, const respond::Actions& actions,
               const Stops& stops, bool with_calls, Screen& screen) {
  const auto action = actions.find(step.action);
  const bool is_known = action != actions.end();
  const bool is_undo = plan.plan.mode == respond::PlanMode::kUndo;
  screen.gap();
  screen.title(fmt::format("{}. {}{}", step.id, is_undo ? "Undo: " : "",
                           is_known ? action->second.title : step.action));
  screen.line("Action", step.action);
  const bool is_regional = is_known && !action->second.is_global && !step.target.region.empty();
  screen.line("Target",
              fmt::format("{} · {}{}{}", step.target.entity, step.target.account,
                          is_regional ? " · " : "", is_regional ? step.target.region : ""));
  std::vector<std::string> given;
  for (const auto& [name, value] : step.target.given) {
    given.push_back(fmt::format("{}: {}", name, value));
  }
  screen.lines("With", given);
  screen.line("Class",
              std::string(name_of(step.risk)) +
                  (step.because.empty() ? "" : fmt::format(": {}", fmt::join(step.because, "; "))));
  screen.lines("Also hits", step.also_hits);
  screen.lines("Used", step.used);
  if (!step.after.empty()) {
    std::string text = fmt::format("step {}", fmt::join(step.after, ", "));
    if (const auto needed = needed_before(plan.plan, step); !needed.empty()) {
      text += fmt::format("; only if {} ended well", fmt::join(needed, ", "));
    }
    screen.line("After", text);
  }
  if (!step.within.empty()) {
    screen.line("Within", fmt::format("the envelope of plan {}", short_hash(step.within)));
  }
  screen.lines("Now", state_lines(step.state));
  std::vector<std::string> calls;
  for (const respond::PlannedCall& call : step.calls) add_call(call, with_calls, calls);
  screen.lines("Calls", calls);
  if (is_known && !is_undo) {
    screen.line("Undo", action->second.undo ? "possible" : "no: " + action->second.irreversible);
  }
  const StepState& state = plan.step(step.id);
  const respond::Action* const watched = is_known && !is_undo ? &action->second : nullptr;
  if (const std::string standing = standing_of(step, state, watched); !standing.empty()) {
    screen.line("Standing", standing);
  }
  const auto stop = stops.find(step.id);
  if (stop == stops.end() || state.verified || !step.lacks.empty()) return;
  std::vector<std::string> why = {
      stop->second.asks == respond::GuardAsks::kNothing
          ? fmt::format("nothing helps ({})", stop->second.guard)
          : fmt::format("approval by {} ({})", name_of(stop->second.asks), stop->second.guard)};
  why.insert(why.end(), stop->second.because.begin(), stop->second.because.end());
  screen.lines("Waits for", why);
}

}  // namespace

Result<host::AwsCaller> open_cloud(Context& context, const std::string& source_identity) {
  auto aws = host::open_aws(context.env(), {.profile = context.settings().text("profile"),
                                            .roles = context.settings().text("roles"),
                                            .external_id = context.settings().text("external-id"),
                                            .source_identity = source_identity});
  if (!aws) return std::move(aws).error().within(std::string(kAws));
  return std::move(*aws);
}

int fail_opening(Context& context, const Error& error) {
  if (!error.message().starts_with(kAws)) return fail_incident(context, error);
  return context.fail(error.message(),
                      "--profile and the variables AWS_… say which credentials are used; 'stanch "
                      "permissions' prints what they must be allowed.",
                      kExitInput);
}

int fail_response(Context& context, const Error& error) {
  switch (error.code()) {
    case ErrorCode::kInvalid:
    case ErrorCode::kNotFound:
    case ErrorCode::kDenied:
    case ErrorCode::kConflict: return context.fail(error.message(), "", kExitUsage);
    default: return fail_incident(context, error);
  }
}

Result<host::ResponseTables> sound_response_tables(Context& context) {
  TRY(host::ResponseTables tables,
      host::load_response_tables(context.env(), context.settings().text("content")));
  if (!tables.diagnostics.empty()) context.note(diagnostics_text(tables.diagnostics, false));
  if (has_errors(tables.diagnostics)) {
    return Error(ErrorCode::kInvalid, "the content for response has mistakes; see above");
  }
  return tables;
}

std::string stop_flag_of(Context& context) {
  return host::state_folder(context.env().variables, context.settings().text("state")) +
         "/response-stopped";
}

std::string evidence_folder_of(Context& context) {
  return host::state_folder(context.env().variables, context.settings().text("state")) +
         "/evidence";
}

host::Responding OpenedResponse::with(env::Env& env) const {
  return {.env = env,
          .ledger = *store,
          .tables = tables,
          .caller = *caller,
          .identity = identity,
          .actor = actor,
          .stop_flag = stop_flag,
          .evidence_folder = evidence_folder,
          .at_once = at_once};
}

Result<std::unique_ptr<OpenedResponse>> open_response(Context& context, Cloud cloud) {
  auto opened = std::make_unique<OpenedResponse>();
  TRY(OpenedIncident incident, open_incident_argument(context));
  opened->store = std::move(incident.store);
  opened->id = incident.id;
  TRY(opened->state, host::load_incident(*opened->store, opened->id));
  TRY(check_restricted(context, opened->state));
  opened->stop_flag = stop_flag_of(context);
  opened->evidence_folder = evidence_folder_of(context);
  opened->at_once = std::max<size_t>(context.settings().number("at-once"), 1);
  opened->actor = ledger_actor(context);
  TRY(opened->tables, sound_response_tables(context));
  if (cloud != Cloud::kUnused) {
    auto aws = open_cloud(context, opened->id.text());
    if (aws) {
      take_cloud(context, *std::move(aws), *opened);
    } else if (cloud == Cloud::kNeeded) {
      return std::move(aws).error();
    } else {
      context.note(fmt::format("the cloud is not asked: {}\n", aws.error().message()));
    }
  }
  if (!opened->caller) opened->caller = std::make_unique<NoCloud>();
  return opened;
}

Result<std::unique_ptr<OpenedResponse>> open_responder(Context& context) {
  auto opened = std::make_unique<OpenedResponse>();
  TRY(opened->store, open_ledger(context));
  opened->stop_flag = stop_flag_of(context);
  opened->evidence_folder = evidence_folder_of(context);
  opened->at_once = std::max<size_t>(context.settings().number("at-once"), 1);
  opened->actor = host::kEngineActor;
  TRY(opened->tables, sound_response_tables(context));
  TRY(host::AwsCaller aws, open_cloud(context, "stanch-respond"));
  take_cloud(context, std::move(aws), *opened);
  return opened;
}

Result<PlanState> plan_argument(Context& context, const OpenedResponse& opened,
                                host::WhichPlan which) {
  return host::find_plan(opened.with(context.env()), opened.id, context.settings().text("plan"),
                         which);
}

std::string short_hash(const std::string& hash) { return hash.substr(0, kShownOfHash); }

Result<Stops> stops_of(Context& context, const OpenedResponse& opened, const PlanState& plan) {
  Stops stops;
  if (plan.ended) return stops;
  for (const Step& step : plan.plan.steps) {
    TRY(auto stop, host::ask_guards(opened.with(context.env()), plan, step));
    if (stop) stops.emplace(step.id, std::move(*stop));
  }
  return stops;
}

std::string plan_text(const Context& context, const PlanState& plan,
                      const respond::Actions& actions, const Stops& stops, bool with_calls) {
  constexpr size_t kWhole = 100'000;
  Screen screen(context.style(), with_calls ? kWhole : 600);
  screen.title(fmt::format("Plan {} ({})", short_hash(plan.hash), name_of(plan.plan.mode)));
  screen.line("Incident", plan.plan.incident.text());
  screen.line("Made", fmt::format("{} by {}", second_text(plan.at), plan.actor));
  screen.lines("Because", plan.plan.because);
  if (!plan.plan.undoes.empty()) screen.line("Takes back", short_hash(plan.plan.undoes));
  if (!plan.plan.contain_first.empty()) screen.line("Contain first", plan.plan.contain_first);
  if (plan.plan.envelope) {
    screen.line(
        "Envelope",
        fmt::format("an approval also lets the same actions go on at most {} things that "
                    "its targets make, for {} after it",
                    plan.plan.envelope->targets_max, within_text(plan.plan.envelope->lasts)));
  }
  if (plan.ended) {
    screen.line("Ended", fmt::format("{} {}", plan.ended->outcome, plan.ended->reason));
  } else if (plan.is_paused) {
    screen.line("Paused", "nothing of it goes on until 'stanch resume'");
  }
  for (const respond::Approval& approval : plan.approvals) {
    if (approval.steps.empty()) continue;  // somebody refused them since
    screen.line("Approved",
                fmt::format("step {} by {} at {}, {}", fmt::join(approval.steps, ", "),
                            approval.person, second_text(approval.at),
                            approval.means == "ssh_signature" ? "signed" : "nobody checked who"));
  }
  if (!plan.asked.empty() && !plan.ended) {
    screen.line("Asked",
                fmt::format("people are asked until {}{}", second_text(plan.asked.back().deadline),
                            plan.asked.back().is_timed_out ? "; nobody answered" : ""));
  }
  if (!plan.refused.empty()) {
    screen.line("Refused", fmt::format("step {}", fmt::join(plan.refused, ", ")));
  }
  if (!plan.is_intact)
    screen.line("DAMAGED", "it is not what its hash is of; it cannot be applied");
  for (const Step& step : plan.plan.steps) {
    show_step(plan, step, actions, stops, with_calls, screen);
  }
  return screen.take();
}

void append_plan_json(const PlanState& plan, const Stops& stops, codec::JsonWriter& json) {
  json.field("plan", plan.hash).field("intact", plan.is_intact).field("paused", plan.is_paused);
  if (plan.ended) json.field("ended", plan.ended->outcome);
  json.key("approvals").begin_array();
  for (const respond::Approval& approval : plan.approvals) {
    json.begin_object().field("person", approval.person).field("means", approval.means);
    json.field("at", codec::format_timestamp(approval.at));
    append_texts("steps", {approval.steps.begin(), approval.steps.end()}, json);
    json.end_object();
  }
  json.end_array();
  append_texts("refused", {plan.refused.begin(), plan.refused.end()}, json);
  json.key("document").raw(plan_document(plan.plan));
  json.key("steps").begin_array();
  for (const Step& step : plan.plan.steps) {
    const StepState& state = plan.step(step.id);
    json.begin_object().field("step", step.id);
    json.field("begun", state.saved.has_value()).field("verified", state.verified.has_value());
    if (state.verified) json.field("verified_at", codec::format_timestamp(state.verified->at));
    if (state.failed) {
      json.key("failed").begin_object().field("outcome", state.failed->outcome);
      json.field("reason", state.failed->reason).end_object();
    }
    json.field("watched", uint64_t{state.watched}).field("breaches", state.breaches);
    json.field("undone", state.is_undone);
    if (const auto stop = stops.find(step.id); stop != stops.end()) {
      json.key("waits_for").begin_object().field("guard", stop->second.guard);
      json.field("asks_for", name_of(stop->second.asks));
      append_texts("because", stop->second.because, json);
      json.end_object();
    }
    json.end_object();
  }
  json.end_array();
}

}  // namespace stanch::cli
