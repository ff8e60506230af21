// What people do to an incident: each command is one act (host/incident.h) and one line that says
// what was done.

#include <fmt/format.h>

#include <algorithm>
#include <sstream>

#include "cli/commands.h"
#include "cli/incident.h"
#include "cli/ledger.h"
#include "cli/triage_tables.h"
#include "codec/timestamp.h"
#include "codec/utf8.h"
#include "host/incident.h"
#include "triage/brief.h"
#include "triage/lifecycle.h"
#include "triage/overview.h"

namespace stanch::cli {

namespace {

using codec::JsonWriter;
using host::json_object;
using host::Said;
using model::Status;
using triage::IncidentState;
using SaidOrNot = Result<std::vector<Said>>;

Error invalid(std::string text) { return {ErrorCode::kInvalid, std::move(text)}; }

// Nothing is done to what goes on elsewhere; nor to what is closed, but for words about it.
Result<> check_open(const IncidentState& state) {
  if (!state.merged_into.empty()) {
    return invalid(
        fmt::format("incident {} goes on in {}: say it there", state.id.text(), state.merged_into));
  }
  if (state.is_closed()) {
    return invalid(fmt::format("incident {} is closed; 'stanch incident reopen' opens it again",
                               state.id.text()));
  }
  return {};
}

void append_texts(std::string_view name, const std::vector<std::string>& texts, JsonWriter& json) {
  json.key(name).begin_array();
  for (const std::string& text : texts) json.string(text);
  json.end_array();
}

void text_if(std::string_view name, const std::string& text, JsonWriter& json) {
  if (!text.empty()) json.field(name, text);
}

// Does it, and says so: `what` of the state afterwards.
template <typename What>
int run_act(Context& context, const host::Act& act, What what) {
  const auto opened = open_incident_argument(context);
  if (!opened) return fail_incident(context, opened.error());
  const auto state =
      host::act(context.env(), *opened->store, opened->id, ledger_actor(context), act);
  if (!state) return fail_incident(context, state.error());
  if (context.settings().flag("json")) {
    return print_json(context, "stanch.incident/1", kExitOk,
                      [&](JsonWriter& json) { triage::append_json(*state, false, json); });
  }
  // A brief has lines; what stands in them is foreign.
  std::string text = state->id.text() + ": ";
  std::istringstream lines{std::string(what(*state))};
  for (std::string line; std::getline(lines, line);) text += codec::for_terminal(line) + "\n";
  return context.print(text);
}

// An act of one entry, on an incident that is open.
host::Act one(std::string kind, std::function<void(JsonWriter&)> body) {
  return [kind = std::move(kind), body = std::move(body)](const IncidentState& state) -> SaidOrNot {
    TRY(check_open(state));
    return std::vector<Said>{{kind, json_object(body)}};
  };
}

// The option's text, or an error that says that it is needed.
Result<std::string> needed(Context& context, std::string_view option) {
  const std::string text = context.settings().text(option);
  if (!text.empty()) return text;
  return invalid(fmt::format("--{} is needed: it is kept in the ledger", option));
}

int fail_usage(Context& context, const Error& error) {
  return context.fail(error.message(), fmt::format("See 'stanch help {}'.", context.command().name),
                      kExitUsage);
}

// A person: --person, or whoever gives the command.
std::string person_of(Context& context) {
  const std::string person = context.settings().text("person");
  return person.empty() ? own_name(context) : person;
}

Result<Time> when_of(Context& context) {
  const Time now = context.env().clock.now();
  const std::string text = context.settings().text("when");
  if (text.empty()) return now;
  TRY(const Time when, time_of(text, now));
  if (when > now) return invalid("--when lies in the future");
  return when;
}

// The argument TEXT; "-" is standard input.
Result<std::string> text_argument(Context& context) {
  const std::string& text = context.argument("TEXT");
  if (text != "-") return text;
  TRY(const auto file, context.env().files.open("-"));
  std::string read;
  char piece[65536];
  constexpr size_t kTextMax = size_t{512} << 10;
  for (;;) {
    TRY(const size_t count, file->read(piece));
    if (count == 0) break;
    read.append(piece, count);
    if (read.size() > kTextMax) return invalid("the text is longer than 512 kB");
  }
  while (read.ends_with('\n')) read.pop_back();
  if (read.empty()) return invalid("there is no text on standard input");
  return read;
}

}  // namespace

int run_incident_open(Context& context) {
  const auto store = open_ledger(context);
  if (!store) return fail_ledger(context, store.error());
  const Settings& settings = context.settings();
  const auto incident = host::open_incident(
      context.env(), **store,
      {.title = context.argument("TITLE"),
       .source = settings.text("source"),
       .description = settings.text("description"),
       .severity = model::find_severity(settings.text("severity")).value_or(model::Severity::kS3),
       .reason = settings.text("reason"),
       .drill = settings.flag("drill"),
       .actor = ledger_actor(context)});
  if (!incident) return fail_ledger(context, incident.error());
  if (settings.flag("json")) {
    return print_json(context, "stanch.incident-opened/1", kExitOk,
                      [&](JsonWriter& json) { json.field("incident", incident->text()); });
  }
  return context.print(fmt::format("{}: opened\n", incident->text()));
}

int run_incident_ack(Context& context) {
  const std::string person = own_name(context), comment = context.settings().text("comment");
  return run_act(
      context,
      [&](const IncidentState& state) -> SaidOrNot {
        TRY(check_open(state));
        if (state.acknowledged) {
          return invalid(fmt::format("incident {} was acknowledged by {} already", state.id.text(),
                                     state.acknowledged->by));
        }
        return std::vector<Said>{{"acknowledged", json_object([&](JsonWriter& json) {
                                    json.field("person", person);
                                    text_if("comment", comment, json);
                                  })}};
      },
      [&](const IncidentState&) { return "acknowledged by " + person; });
}

int run_incident_assign(Context& context) {
  const std::string person = context.argument("PERSON");
  return run_act(
      context,
      [&](const IncidentState& state) -> SaidOrNot {
        TRY(check_open(state));
        return std::vector<Said>{{"assigned", json_object([&](JsonWriter& json) {
                                    json.field("person", person);
                                    text_if("previous", state.assignee, json);
                                  })}};
      },
      [&](const IncidentState&) { return "owned by " + person; });
}

int run_incident_note(Context& context) {
  const auto text = text_argument(context);
  if (!text) return fail_usage(context, text.error());
  const bool privileged = context.settings().flag("privileged");
  // About a closed incident too: what is learned later belongs to it.
  return run_act(
      context,
      [&](const IncidentState&) -> SaidOrNot {
        return std::vector<Said>{{"note", json_object([&](JsonWriter& json) {
                                    json.field("text", *text);
                                    if (privileged) json.field("privileged", true);
                                  })}};
      },
      [&](const IncidentState&) { return privileged ? "noted, for counsel" : "noted"; });
}

int run_incident_task(Context& context) {
  const Settings& settings = context.settings();
  const std::string done = settings.text("done"), dropped = settings.text("drop");
  if (!done.empty() || !dropped.empty()) {
    const std::string& task = done.empty() ? dropped : done;
    return run_act(
        context,
        [&](const IncidentState& state) -> SaidOrNot {
          const auto found = state.tasks.find(task);
          if (found == state.tasks.end()) {
            return invalid(fmt::format("incident {} has no task {}", state.id.text(), task));
          }
          if (found->second.ended) return invalid(fmt::format("task {} has ended already", task));
          return std::vector<Said>{{"task_done", json_object([&](JsonWriter& json) {
                                      json.field("task", task);
                                      json.field("outcome", done.empty() ? "dropped" : "done");
                                      text_if("text", settings.text("comment"), json);
                                    })}};
        },
        [&](const IncidentState&) {
          return fmt::format("task {} {}", task, done.empty() ? "dropped" : "done");
        });
  }
  const auto titles = context.arguments("TITLE");
  if (titles.empty()) return fail_usage(context, invalid("TITLE, --done or --drop is needed"));
  std::optional<Time> due;
  if (const std::string text = settings.text("due"); !text.empty()) {
    const auto time = time_of(text, context.env().clock.now());
    if (!time) return fail_usage(context, time.error());
    due = *time;
  }
  std::string id;
  return run_act(
      context,
      [&](const IncidentState& state) -> SaidOrNot {
        TRY(check_open(state));
        id = fmt::format("t{}", state.tasks.size() + 1);
        return std::vector<Said>{{"task_added", json_object([&](JsonWriter& json) {
                                    json.field("task", id).field("title", titles[0]);
                                    text_if("owner", settings.text("owner"), json);
                                    if (due) json.field("due", codec::format_timestamp(*due));
                                  })}};
      },
      [&](const IncidentState&) { return "task " + id + " added"; });
}

int run_incident_severity(Context& context) {
  const auto severity = model::find_severity(context.argument("SEVERITY"));
  if (!severity) {
    return fail_usage(context, invalid(fmt::format("'{}' is no severity: S1, S2, S3 or S4",
                                                   context.argument("SEVERITY"))));
  }
  const auto reason = needed(context, "reason");
  if (!reason) return fail_usage(context, reason.error());
  return run_act(
      context,
      [&](const IncidentState& state) -> SaidOrNot {
        TRY(check_open(state));
        return std::vector<Said>{{"severity_set", json_object([&](JsonWriter& json) {
                                    json.field("severity", name_of(*severity));
                                    if (state.severity) {
                                      json.field("previous", name_of(*state.severity));
                                    }
                                    json.field("by", "person");
                                    append_texts("because", {"changed by a person"}, json);
                                    json.field("reason", *reason);
                                  })}};
      },
      [&](const IncidentState&) {
        return fmt::format("severity {} {}", name_of(*severity), caption_of(*severity));
      });
}

int run_incident_move(Context& context) {
  const auto status = model::find_status(context.argument("STATUS"));
  if (!status || *status == Status::kClosed || *status == Status::kNew) {
    return fail_usage(
        context,
        invalid(fmt::format("'{}' is no state to move to; 'close' and 'reopen' are commands of "
                            "their own",
                            context.argument("STATUS"))));
  }
  return run_act(
      context,
      [&](const IncidentState& state) -> SaidOrNot {
        TRY(check_open(state));
        TRY(triage::check_move(state.status, *status));
        return std::vector<Said>{{"state_moved", json_object([&](JsonWriter& json) {
                                    json.field("from", name_of(state.status));
                                    json.field("to", name_of(*status));
                                    text_if("reason", context.settings().text("reason"), json);
                                  })}};
      },
      [&](const IncidentState& state) { return std::string(caption_of(state.status)); });
}

int run_incident_role(Context& context) {
  const std::string role = context.argument("ROLE"), person = context.argument("PERSON");
  const bool withdraw = context.settings().flag("withdraw");
  return run_act(
      context,
      [&](const IncidentState& state) -> SaidOrNot {
        TRY(check_open(state));
        const auto held = state.roles.find(role);
        if (withdraw && (held == state.roles.end() || held->second != person)) {
          return invalid(fmt::format("{} is not {} of incident {}", person, role, state.id.text()));
        }
        return std::vector<Said>{
            {withdraw ? "role_withdrawn" : "role_given", json_object([&](JsonWriter& json) {
               json.field("role", role).field("person", person);
               if (withdraw) {
                 text_if("reason", context.settings().text("reason"), json);
               } else if (held != state.roles.end()) {
                 json.field("previous", held->second);
               }
             })}};
      },
      [&](const IncidentState&) {
        return fmt::format("{} is {}{}", person, withdraw ? "no longer " : "", role);
      });
}

int run_incident_handover(Context& context) {
  const Settings& settings = context.settings();
  const std::string role = context.argument("ROLE"), own = own_name(context);
  const auto receivers = context.arguments("PERSON");
  const bool accept = settings.flag("accept"), decline = settings.flag("decline");
  if (accept == decline && (accept || receivers.empty())) {
    return fail_usage(context, invalid("PERSON to offer it to, or --accept, or --decline"));
  }
  std::string brief;
  Result<host::TriageTables> tables = host::TriageTables{};
  if (!accept && !decline) {
    tables = load_triage_loudly(context);
    if (!tables) return context.fail(tables.error(), kExitUsage);
  }
  return run_act(
      context,
      [&](const IncidentState& state) -> SaidOrNot {
        TRY(check_open(state));
        if (!accept && !decline) {
          const auto held = state.roles.find(role);
          const Time now = context.env().clock.now();
          brief = triage::brief_of(
              state, triage::overview_of(state, tables->matrix, tables->assets, now), now);
          return std::vector<Said>{{"handover_offered", json_object([&](JsonWriter& json) {
                                      json.field("role", role)
                                          .field("from",
                                                 held == state.roles.end() ? own : held->second)
                                          .field("to", receivers[0])
                                          .field("brief", brief);
                                    })}};
        }
        const auto offer = state.handovers.find(role);
        if (offer == state.handovers.end()) {
          return invalid(fmt::format("nobody offers {} of incident {}", role, state.id.text()));
        }
        if (offer->second.to != own) {
          return invalid(
              fmt::format("{} is offered to {}, and you are {}", role, offer->second.to, own));
        }
        return std::vector<Said>{
            {accept ? "handover_accepted" : "handover_declined", json_object([&](JsonWriter& json) {
               json.field("role", role)
                   .field("from", offer->second.from)
                   .field("to", own)
                   .key("offer")
                   .begin_object()
                   .field("stream", offer->second.offer.stream.text())
                   .field("sequence", offer->second.offer.sequence)
                   .field("hash", codec::to_hex(offer->second.offer.hash))
                   .end_object();
               text_if("reason", settings.text("reason"), json);
             })}};
      },
      [&](const IncidentState&) {
        if (accept) return role + " is " + own;
        if (decline) return role + " declined";
        return fmt::format("{} offered to {}, who has to accept. The brief:\n{}", role,
                           receivers[0], brief);
      });
}

int run_incident_update(Context& context) {
  const auto text = text_argument(context);
  if (!text) return fail_usage(context, text.error());
  std::optional<Time> next;
  if (const std::string due = context.settings().text("next"); !due.empty()) {
    const auto time = time_of(due, context.env().clock.now());
    if (!time) return fail_usage(context, time.error());
    next = *time;
  }
  return run_act(context,
                 one("update_given",
                     [&](JsonWriter& json) {
                       json.field("text", *text);
                       text_if("audience", context.settings().text("audience"), json);
                       if (next) json.field("next_due", codec::format_timestamp(*next));
                     }),
                 [](const IncidentState&) { return std::string("update given"); });
}

int run_incident_pause(Context& context) {
  const std::string clock = context.argument("CLOCK");
  const auto reason = needed(context, "reason");
  if (!reason) return fail_usage(context, reason.error());
  if (context.settings().flag("resume")) {
    return run_act(
        context,
        one("clock_resumed",
            [&](JsonWriter& json) { json.field("clock", clock).field("reason", *reason); }),
        [&](const IncidentState&) { return clock + " runs again"; });
  }
  const auto text = needed(context, "until");
  if (!text) return fail_usage(context, text.error());
  const auto until = time_of(*text, context.env().clock.now());
  if (!until) return fail_usage(context, until.error());
  return run_act(context,
                 one("clock_paused",
                     [&](JsonWriter& json) {
                       json.field("clock", clock)
                           .field("until", codec::format_timestamp(*until))
                           .field("reason", *reason);
                     }),
                 [&](const IncidentState&) {
                   return fmt::format("{} waits until {}", clock, codec::format_timestamp(*until));
                 });
}

int run_incident_hypothesis(Context& context) {
  const auto text = text_argument(context);
  if (!text) return fail_usage(context, text.error());
  const Settings& settings = context.settings();
  std::string id = settings.text("hypothesis");
  return run_act(
      context,
      [&](const IncidentState& state) -> SaidOrNot {
        TRY(check_open(state));
        if (id.empty()) id = fmt::format("h{}", state.hypotheses.size() + 1);
        return std::vector<Said>{{"hypothesis_set", json_object([&](JsonWriter& json) {
                                    json.field("hypothesis", id).field("text", *text);
                                    json.field("standing", settings.text("standing"));
                                    if (const std::string reason = settings.text("reason");
                                        !reason.empty()) {
                                      append_texts("because", {reason}, json);
                                    }
                                  })}};
      },
      [&](const IncidentState&) {
        return fmt::format("hypothesis {} {}", id, settings.text("standing"));
      });
}

int run_incident_link(Context& context) {
  const std::string relation = context.argument("RELATION"), target = context.argument("TARGET");
  const bool remove = context.settings().flag("remove");
  return run_act(
      context,
      [&](const IncidentState&) -> SaidOrNot {
        return std::vector<Said>{
            {remove ? "link_removed" : "link_added", json_object([&](JsonWriter& json) {
               json.field("relation", relation).field("target", target);
               if (!remove) text_if("title", context.settings().text("title"), json);
             })}};
      },
      [&](const IncidentState&) {
        return fmt::format("{} {} {}", remove ? "no longer" : "linked:", relation, target);
      });
}

int run_incident_scope(Context& context) {
  const auto reason = needed(context, "reason");
  if (!reason) return fail_usage(context, reason.error());
  const auto entities = context.arguments("ENTITY");
  const bool remove = context.settings().flag("remove");
  return run_act(context,
                 one("scope_changed",
                     [&](JsonWriter& json) {
                       append_texts(remove ? "removed" : "added",
                                    {entities.begin(), entities.end()}, json);
                       append_texts("because", {*reason}, json);
                     }),
                 [&](const IncidentState&) {
                   return fmt::format("{} {} scope", entities[0], remove ? "out of" : "in");
                 });
}

int run_incident_tlp(Context& context) {
  const std::string tlp = context.argument("TLP");
  if (!model::find_tlp(tlp)) {
    return fail_usage(context, invalid(fmt::format(
                                   "'{}' is none of RED, AMBER+STRICT, AMBER, GREEN, CLEAR", tlp)));
  }
  return run_act(context, one("tlp_set", [&](JsonWriter& json) { json.field("tlp", tlp); }),
                 [&](const IncidentState&) { return "TLP:" + tlp; });
}

int run_incident_restrict(Context& context) {
  const auto reason = needed(context, "reason");
  if (!reason) return fail_usage(context, reason.error());
  const auto people = context.arguments("PERSON");
  return run_act(context,
                 one("restricted",
                     [&](JsonWriter& json) {
                       append_texts("people", {people.begin(), people.end()}, json);
                       json.field("reason", *reason);
                     }),
                 [&](const IncidentState&) {
                   return people.empty() ? std::string("no longer restricted")
                                         : fmt::format("restricted to {} people", people.size());
                 });
}

int run_incident_aware(Context& context) {
  const auto why = needed(context, "reason");
  if (!why) return fail_usage(context, why.error());
  const auto when = when_of(context);
  if (!when) return fail_usage(context, when.error());
  const std::string person = person_of(context);
  return run_act(context,
                 one("aware",
                     [&](JsonWriter& json) {
                       json.field("person", person)
                           .field("when", codec::format_timestamp(*when))
                           .field("why", *why);
                       text_if("regime", context.settings().text("regime"), json);
                     }),
                 [&](const IncidentState&) {
                   return fmt::format("{} was aware at {}: legal clocks run from then", person,
                                      codec::format_timestamp(*when));
                 });
}

int run_incident_material(Context& context) {
  const auto why = needed(context, "reason");
  if (!why) return fail_usage(context, why.error());
  const auto when = when_of(context);
  if (!when) return fail_usage(context, when.error());
  const std::string decision = context.argument("DECISION");
  return run_act(context,
                 one("material",
                     [&](JsonWriter& json) {
                       json.field("decision", decision)
                           .field("person", person_of(context))
                           .field("when", codec::format_timestamp(*when))
                           .field("why", *why);
                     }),
                 [&](const IncidentState&) { return decision; });
}

int run_incident_classify(Context& context) {
  const auto why = needed(context, "reason");
  if (!why) return fail_usage(context, why.error());
  const auto when = when_of(context);
  if (!when) return fail_usage(context, when.error());
  const std::string scheme = context.argument("SCHEME"), named = context.argument("CLASS");
  return run_act(context,
                 one("classified",
                     [&](JsonWriter& json) {
                       json.field("scheme", scheme)
                           .field("class", named)
                           .field("person", person_of(context))
                           .field("when", codec::format_timestamp(*when))
                           .field("why", *why);
                     }),
                 [&](const IncidentState&) { return fmt::format("{}: {}", scheme, named); });
}

int run_incident_close(Context& context) {
  const auto disposition = needed(context, "disposition");
  if (!disposition) return fail_usage(context, disposition.error());
  const auto reason = needed(context, "reason");
  if (!reason) return fail_usage(context, reason.error());
  return run_act(
      context,
      [&](const IncidentState& state) -> SaidOrNot {
        TRY(check_open(state));
        TRY(triage::check_move(state.status, Status::kClosed));
        return std::vector<Said>{{"closed", json_object([&](JsonWriter& json) {
                                    json.field("disposition", *disposition);
                                    json.field("reason", *reason);
                                  })}};
      },
      [&](const IncidentState&) { return "closed, " + *disposition; });
}

int run_incident_reopen(Context& context) {
  const auto reason = needed(context, "reason");
  if (!reason) return fail_usage(context, reason.error());
  return run_act(
      context,
      [&](const IncidentState& state) -> SaidOrNot {
        if (!state.is_closed()) {
          return invalid(fmt::format("incident {} is not closed", state.id.text()));
        }
        return std::vector<Said>{
            {"reopened", json_object([&](JsonWriter& json) { json.field("reason", *reason); })}};
      },
      [](const IncidentState&) {
        return std::string("reopened; somebody has to acknowledge it again");
      });
}

int run_incident_merge(Context& context) {
  const auto reason = needed(context, "reason");
  if (!reason) return fail_usage(context, reason.error());
  const auto opened = open_incident_argument(context);
  if (!opened) return fail_incident(context, opened.error());
  const auto into = host::find_incident(*opened->store, context.argument("INTO"));
  if (!into) return fail_incident(context, into.error());
  const auto merged = host::merge_incidents(
      context.env(), *opened->store,
      {.absorbed = opened->id, .into = *into, .reason = *reason, .actor = ledger_actor(context)});
  if (!merged) return fail_incident(context, merged.error());
  return context.print(fmt::format("{}: goes on in {}\n", opened->id.text(), into->text()));
}

int run_incident_split(Context& context) {
  const auto reason = needed(context, "reason");
  if (!reason) return fail_usage(context, reason.error());
  const auto opened = open_incident_argument(context);
  if (!opened) return fail_incident(context, opened.error());
  const auto findings = context.arguments("FINDING");
  const auto into = host::split_incident(context.env(), *opened->store,
                                         {.incident = opened->id,
                                          .findings = {findings.begin(), findings.end()},
                                          .title = context.settings().text("title"),
                                          .reason = *reason,
                                          .actor = ledger_actor(context)});
  if (!into) return fail_incident(context, into.error());
  return context.print(fmt::format("{}: {} findings left for {}\n", opened->id.text(),
                                   findings.size(), into->text()));
}

}  // namespace stanch::cli
