#include "host/incident_list.h"

#include <fmt/format.h>

#include "cli/commands.h"
#include "cli/incident.h"
#include "cli/ledger.h"
#include "codec/timestamp.h"
#include "model/incident.h"
#include "pipeline/output/text.h"

namespace stanch::cli {

namespace {

namespace output = pipeline::output;

struct Listed {
  ledger::IncidentRow row;
  host::ListedIncident said;
};

// Only named people see a restricted incident; a user of the system is nobody.
constexpr std::string_view kRestricted = "(restricted)";

Result<std::vector<Listed>> rows_of(Context& context, ledger::Ledger& ledger) {
  const Settings& settings = context.settings();
  TRY(host::update_incident_list(ledger));
  ledger::IncidentQuery query;
  if (!settings.flag("all")) query.closed = settings.flag("closed");
  if (settings.is_set("severity")) {
    query.severity_max = static_cast<uint8_t>(*model::find_severity(settings.text("severity")));
  }
  const size_t limit = settings.number("limit");
  std::vector<Listed> rows;
  while (rows.size() < limit) {
    TRY(const std::vector<ledger::IncidentRow> page, ledger.incidents().list(query));
    if (page.empty()) break;
    query.after = page.back();
    for (const ledger::IncidentRow& row : page) {
      TRY(host::ListedIncident said, host::read_row(row));
      // What goes on in another incident is told there.
      if (!said.merged_into.empty() && !settings.flag("all")) continue;
      if (said.restricted) said.title = kRestricted;
      if (rows.size() < limit) rows.push_back({row, std::move(said)});
    }
  }
  return rows;
}

std::string table_of(const std::vector<Listed>& rows, Time now, const output::Style& style) {
  constexpr size_t kId = 14, kOwner = 10, kStatus = 12, kAge = 7, kFindings = 8;
  std::string text =
      fmt::format("SEV {:<{}} {:>{}} {:<{}} {:>{}} {:<{}} TITLE\n", "INCIDENT", kId, "AGE", kAge,
                  "STATUS", kStatus, "FINDINGS", kFindings, "OWNER", kOwner);
  const size_t used = 4 + kId + kAge + kStatus + kFindings + kOwner + 5;
  const size_t title = style.columns > used + 16 ? style.columns - used : 16;
  for (const Listed& listed : rows) {
    const auto status = model::find_status(listed.said.status);
    const std::string severity = fmt::format("S{}", listed.row.severity);
    text += fmt::format(
        "{}  {} {:>{}} {} {:>{}} {} {}\n",
        output::colored(severity,
                        listed.row.severity == 1 ? output::Color::kBoldRed : output::Color::kNone,
                        style),
        output::fit_padded(listed.row.id, kId, style), span_text(now - listed.row.opened), kAge,
        output::fit_padded(status ? caption_of(*status) : listed.said.status, kStatus, style),
        output::grouped(listed.said.findings), kFindings,
        output::fit_padded(listed.said.assignee.empty() ? "-" : listed.said.assignee, kOwner,
                           style),
        output::fit(listed.said.title, title, style));
  }
  return text;
}

}  // namespace

int run_incident_list(Context& context) {
  const auto store = open_ledger(context);
  if (!store) return fail_ledger(context, store.error());
  const auto rows = rows_of(context, **store);
  if (!rows) return fail_ledger(context, rows.error());
  if (context.settings().flag("json")) {
    return print_json(context, "stanch.incident-list/1", kExitOk, [&](codec::JsonWriter& json) {
      json.key("incidents").begin_array();
      for (const Listed& listed : *rows) {
        json.begin_object()
            .field("incident", listed.row.id)
            .field("severity", fmt::format("S{}", listed.row.severity))
            .field("status", listed.said.status)
            .field("title", listed.said.title)
            .field("assignee", listed.said.assignee)
            .field("findings", listed.said.findings)
            .field("acknowledged", listed.said.acknowledged)
            .field("restricted", listed.said.restricted)
            .field("opened", codec::format_timestamp(listed.row.opened))
            .field("updated", codec::format_timestamp(listed.row.updated))
            .end_object();
      }
      json.end_array();
    });
  }
  if (rows->empty()) return context.print("no incident\n");
  return context.print(table_of(*rows, context.env().clock.now(), context.style()));
}

}  // namespace stanch::cli
