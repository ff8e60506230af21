// Roles, handovers and tasks.

#include <fmt/format.h>

#include "cli/commands.h"
#include "cli/incident.h"
#include "cli/incident_act.h"
#include "cli/triage_tables.h"
#include "codec/timestamp.h"
#include "host/incident.h"
#include "triage/brief.h"
#include "triage/overview.h"

namespace stanch::cli {

using codec::JsonWriter;
using host::json_object;
using host::Said;
using triage::IncidentState;

int run_incident_role(Context& context) {
  const std::string role = context.argument("ROLE"), person = context.argument("PERSON");
  const bool withdraw = context.settings().flag("withdraw");
  return run_act(
      context,
      [&](const IncidentState& state) -> SaidOrNot {
        TRY(host::check_open(state));
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
  const auto receiver = single(context, "PERSON");
  if (!receiver) return fail_usage(context, receiver.error());
  const bool accept = settings.flag("accept"), decline = settings.flag("decline");
  if (accept && decline) return fail_usage(context, invalid("--accept or --decline, not both"));
  if (!accept && !decline && receiver->empty()) {
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
        TRY(host::check_open(state));
        if (!accept && !decline) {
          const auto held = state.roles.find(role);
          const Time now = context.env().clock.now();
          brief = triage::brief_of(
              state, triage::overview_of(state, tables->matrix, tables->assets, now), now);
          return std::vector<Said>{{"handover_offered", json_object([&](JsonWriter& json) {
                                      json.field("role", role)
                                          .field("from",
                                                 held == state.roles.end() ? own : held->second)
                                          .field("to", *receiver)
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
        return fmt::format("{} offered to {}, who has to accept. The brief:\n{}", role, *receiver,
                           brief);
      });
}

namespace {

int give_task(Context& context, const std::string& task, std::optional<Time> due) {
  const auto owner = needed(context, "owner");
  if (!owner) return fail_usage(context, owner.error());
  return run_act(
      context,
      [&](const IncidentState& state) -> SaidOrNot {
        TRY(host::check_open(state));
        const auto found = state.tasks.find(task);
        if (found == state.tasks.end() || found->second.ended) {
          return invalid(fmt::format("incident {} has no open task {}", state.id.text(), task));
        }
        return std::vector<Said>{{"task_assigned", json_object([&](JsonWriter& json) {
                                    json.field("task", task).field("owner", *owner);
                                    if (due) json.field("due", codec::format_timestamp(*due));
                                  })}};
      },
      [&](const IncidentState&) { return fmt::format("{} does task {}", *owner, task); });
}

}  // namespace

int run_incident_task(Context& context) {
  const Settings& settings = context.settings();
  const std::string done = settings.text("done"), dropped = settings.text("drop");
  const auto wanted = (done.empty() ? 0 : 1) + (dropped.empty() ? 0 : 1) +
                      (settings.text("give").empty() ? 0 : 1) +
                      (context.arguments("TITLE").empty() ? 0 : 1);
  if (wanted > 1) {
    return fail_usage(context, invalid("one of TITLE, --give, --done and --drop at a time"));
  }
  if (!done.empty() || !dropped.empty()) {
    const std::string& task = done.empty() ? dropped : done;
    return run_act(
        context,
        [&](const IncidentState& state) -> SaidOrNot {
          TRY(host::check_open(state));
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
  const auto title = single(context, "TITLE");
  if (!title) return fail_usage(context, title.error());
  const std::string given = settings.text("give");
  if (title->empty() && given.empty()) {
    return fail_usage(context, invalid("TITLE, --give, --done or --drop is needed"));
  }
  std::optional<Time> due;
  if (const std::string text = settings.text("due"); !text.empty()) {
    const auto time = time_of(text, context.env().clock.now());
    if (!time) return fail_usage(context, time.error());
    if (*time <= context.env().clock.now()) {
      return fail_usage(context, invalid("--due lies in the past"));
    }
    due = *time;
  }
  if (!given.empty()) return give_task(context, given, due);
  std::string id;
  return run_act(
      context,
      [&](const IncidentState& state) -> SaidOrNot {
        TRY(host::check_open(state));
        id = fmt::format("t{}", state.tasks.size() + 1);
        return std::vector<Said>{{"task_added", json_object([&](JsonWriter& json) {
                                    json.field("task", id).field("title", *title);
                                    text_if("owner", settings.text("owner"), json);
                                    if (due) json.field("due", codec::format_timestamp(*due));
                                  })}};
      },
      [&](const IncidentState&) { return "task " + id + " added"; });
}

}  // namespace stanch::cli
