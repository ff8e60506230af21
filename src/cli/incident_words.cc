// What people write down: notes, updates, hypotheses, links, scope, why a clock waits.

#include <fmt/format.h>

#include <algorithm>

#include "cli/commands.h"
#include "cli/incident.h"
#include "cli/incident_act.h"
#include "codec/timestamp.h"
#include "host/incident.h"

namespace stanch::cli {

using codec::JsonWriter;
using host::json_object;
using host::Said;
using triage::IncidentState;

int run_incident_note(Context& context) {
  const auto text = text_argument(context);
  if (!text) return fail_usage(context, text.error());
  const bool privileged = context.settings().flag("privileged");
  // About a closed incident too: what is learned later belongs to it.
  return run_act(
      context,
      [&](const IncidentState& state) -> SaidOrNot {
        TRY(host::check_here(state));
        return std::vector<Said>{{"note", json_object([&](JsonWriter& json) {
                                    json.field("text", *text);
                                    if (privileged) json.field("privileged", true);
                                  })}};
      },
      [&](const IncidentState&) { return privileged ? "noted, for counsel" : "noted"; });
}

int run_incident_update(Context& context) {
  const auto text = text_argument(context);
  if (!text) return fail_usage(context, text.error());
  std::optional<Time> next;
  if (const std::string due = context.settings().text("next"); !due.empty()) {
    const auto time = time_of(due, context.env().clock.now());
    if (!time) return fail_usage(context, time.error());
    if (*time <= context.env().clock.now()) {
      return fail_usage(context, invalid("--next lies in the past"));
    }
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

int run_incident_hypothesis(Context& context) {
  const auto text = text_argument(context);
  if (!text) return fail_usage(context, text.error());
  const Settings& settings = context.settings();
  const std::string known = settings.text("hypothesis");
  std::string id;
  return run_act(
      context,
      [&](const IncidentState& state) -> SaidOrNot {
        TRY(host::check_open(state));
        // In every try anew: who was quicker may have taken the number.
        id = known.empty() ? fmt::format("h{}", state.hypotheses.size() + 1) : known;
        if (!known.empty() && !state.hypotheses.contains(known)) {
          return invalid(fmt::format("incident {} has no hypothesis {}", state.id.text(), known));
        }
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
      [&](const IncidentState& state) -> SaidOrNot {
        TRY(host::check_here(state));
        const bool linked = state.links.contains({relation, target});
        if (remove && !linked) {
          return invalid(
              fmt::format("incident {} has no link {} {}", state.id.text(), relation, target));
        }
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

namespace {

// <type>/<…>, where a type is a word or <cloud>:<word> (docs/formats/entity-ids.md).
bool is_entity_id(std::string_view text) {
  const size_t slash = text.find('/');
  if (slash == 0 || slash == text.npos || slash + 1 == text.size()) return false;
  return text.substr(0, slash).find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789:-") ==
         text.npos;
}

bool is_clock(std::string_view name) {
  using enum model::ClockName;
  return std::ranges::any_of(
      std::initializer_list<model::ClockName>{kAcknowledge, kContain, kUpdate},
      [&](model::ClockName clock) { return name_of(clock) == name; });
}

}  // namespace

int run_incident_scope(Context& context) {
  const auto reason = needed(context, "reason");
  if (!reason) return fail_usage(context, reason.error());
  const auto entities = context.arguments("ENTITY");
  for (const std::string& entity : entities) {
    if (!is_entity_id(entity)) {
      return fail_usage(context,
                        invalid(fmt::format("'{}' is no entity id, as 'aws:access-key/AKIA…' is; "
                                            "'stanch trace' finds it by a name",
                                            entity)));
    }
  }
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

int run_incident_pause(Context& context) {
  const std::string clock = context.argument("CLOCK");
  if (!is_clock(clock)) {
    return fail_usage(context, invalid("CLOCK is acknowledge, contain or update"));
  }
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
  if (*until <= context.env().clock.now()) {
    return fail_usage(context, invalid("--until lies in the past"));
  }
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

}  // namespace stanch::cli
