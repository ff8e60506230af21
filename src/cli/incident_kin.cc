// Two incidents that are one, and one that is two.

#include <fmt/format.h>

#include "cli/commands.h"
#include "cli/incident.h"
#include "cli/incident_act.h"
#include "cli/ledger.h"
#include "host/incident.h"

namespace stanch::cli {

using codec::JsonWriter;

int run_incident_merge(Context& context) {
  if (const auto checked = check_arguments(context); !checked) {
    return fail_usage(context, checked.error());
  }
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
  if (context.settings().flag("json")) {
    return print_json(context, "stanch.incident-merged/1", kExitOk, [&](JsonWriter& json) {
      json.field("incident", opened->id.text()).field("into", into->text());
    });
  }
  return context.print(fmt::format("{}: goes on in {}\n", opened->id.text(), into->text()));
}

int run_incident_split(Context& context) {
  if (const auto checked = check_arguments(context); !checked) {
    return fail_usage(context, checked.error());
  }
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
  if (context.settings().flag("json")) {
    return print_json(context, "stanch.incident-split/1", kExitOk, [&](JsonWriter& json) {
      json.field("incident", opened->id.text()).field("into", into->text());
    });
  }
  return context.print(fmt::format("{}: {} findings left for {}\n", opened->id.text(),
                                   findings.size(), into->text()));
}

}  // namespace stanch::cli
