// What people do to an incident: each command is one act (host/incident.h) and one line that says
// what was done. This file: its life; others beside it: people, words, what law asks, its kin.

#include <fmt/format.h>

#include <algorithm>

#include "cli/commands.h"
#include "cli/incident.h"
#include "cli/incident_act.h"
#include "cli/ledger.h"
#include "host/incident.h"
#include "pipeline/output/text.h"
#include "triage/lifecycle.h"

namespace stanch::cli {

using codec::JsonWriter;
using host::json_object;
using host::Said;
using model::Status;
using triage::IncidentState;

int run_incident_open(Context& context) {
  if (const auto checked = check_arguments(context); !checked) {
    return fail_usage(context, checked.error());
  }
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
        TRY(host::check_open(state));
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
        TRY(host::check_open(state));
        return std::vector<Said>{{"assigned", json_object([&](JsonWriter& json) {
                                    json.field("person", person);
                                    text_if("previous", state.assignee, json);
                                  })}};
      },
      [&](const IncidentState&) { return "owned by " + person; });
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
        TRY(host::check_open(state));
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
  if (*status == Status::kAcknowledged) {
    return fail_usage(context, invalid("'stanch incident ack' acknowledges: it says by whom"));
  }
  return run_act(
      context,
      [&](const IncidentState& state) -> SaidOrNot {
        TRY(host::check_open(state));
        TRY(triage::check_move(state.status, *status));
        return std::vector<Said>{{"state_moved", json_object([&](JsonWriter& json) {
                                    json.field("from", name_of(state.status));
                                    json.field("to", name_of(*status));
                                    text_if("reason", context.settings().text("reason"), json);
                                  })}};
      },
      [&](const IncidentState& state) { return std::string(caption_of(state.status)); });
}

int run_incident_close(Context& context) {
  const auto disposition = needed(context, "disposition");
  if (!disposition) return fail_usage(context, disposition.error());
  const auto reason = needed(context, "reason");
  if (!reason) return fail_usage(context, reason.error());
  return run_act(
      context,
      [&](const IncidentState& state) -> SaidOrNot {
        TRY(host::check_open(state));
        TRY(triage::check_move(state.status, Status::kClosed));
        return std::vector<Said>{{"closed", json_object([&](JsonWriter& json) {
                                    json.field("disposition", *disposition);
                                    json.field("reason", *reason);
                                  })}};
      },
      [&](const IncidentState& state) {
        std::string text = "closed, " + *disposition;
        const auto open = std::ranges::count_if(
            state.tasks, [](const auto& task) { return !task.second.ended.has_value(); });
        if (open > 0)
          text += fmt::format("\nnote: {} left open",
                              pipeline::output::counted(static_cast<uint64_t>(open), "task"));
        if (!state.contained && *disposition == "true_positive") {
          text += "\nnote: nothing says that it was ever contained";
        }
        return text;
      });
}

int run_incident_reopen(Context& context) {
  const auto reason = needed(context, "reason");
  if (!reason) return fail_usage(context, reason.error());
  return run_act(
      context,
      [&](const IncidentState& state) -> SaidOrNot {
        TRY(host::check_here(state));
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

}  // namespace stanch::cli
