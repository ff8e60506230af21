// Who may be told, and what legal clocks hang on.

#include <fmt/format.h>

#include "cli/commands.h"
#include "cli/incident.h"
#include "cli/incident_act.h"
#include "codec/timestamp.h"
#include "host/incident.h"

namespace stanch::cli {

using codec::JsonWriter;
using triage::IncidentState;

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
  const bool may = context.settings().flag("restricted");
  const host::Act restrict = one("restricted", [&](JsonWriter& json) {
    append_texts("people", {people.begin(), people.end()}, json);
    json.field("reason", *reason);
  });
  return run_act(
      context,
      [&](const IncidentState& state) -> SaidOrNot {
        if (state.restricted && !may) {
          return Error(ErrorCode::kDenied, state.id.text() + " is restricted to named people");
        }
        return restrict(state);
      },
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
  const std::string person = person_of(context), regime = context.settings().text("regime");
  return run_act(context,
                 one("aware",
                     [&](JsonWriter& json) {
                       json.field("person", person)
                           .field("when", codec::format_timestamp(*when))
                           .field("why", *why);
                       text_if("regime", regime, json);
                     }),
                 [&](const IncidentState&) {
                   return fmt::format(
                       "{} was aware at {}{}; what the law wants within "
                       "which time is not watched yet: look it up",
                       person, codec::format_timestamp(*when), regime.empty() ? "" : ", " + regime);
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

}  // namespace stanch::cli
