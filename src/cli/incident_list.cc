#include "host/incident_list.h"

#include <fmt/format.h>

#include <algorithm>

#include "cli/commands.h"
#include "cli/incident.h"
#include "cli/ledger.h"
#include "codec/timestamp.h"
#include "host/incident.h"
#include "model/incident.h"
#include "pipeline/output/text.h"

namespace stanch::cli {

namespace {

namespace output = pipeline::output;

struct Listed {
  ledger::IncidentRow row;
  host::ListedIncident said;
};

// Only named people see a restricted incident, and a user of the system is nobody: its id and
// severity are all that is told.
host::ListedIncident withheld() {
  host::ListedIncident listed;
  listed.title = "(restricted)";
  listed.restricted = true;
  return listed;
}

bool is_wanted(const Listed& listed, const Settings& settings, const std::string& own) {
  // What goes on in another incident is told there.
  if (!listed.said.merged_into.empty() && !settings.flag("all")) return false;
  // Whether it fits would tell what is withheld.
  if (settings.is_set("status") &&
      (listed.said.restricted || listed.said.status != settings.text("status"))) {
    return false;
  }
  return !settings.flag("mine") || (!listed.said.restricted && listed.said.assignee == own);
}

// The row behind which the list goes on.
Result<ledger::IncidentRow> row_of(ledger::Ledger& ledger, const std::string& text) {
  TRY(const model::IncidentId incident, host::find_incident(ledger, text));
  TRY(const triage::IncidentState state, host::load_incident(ledger, incident));
  return host::row_of(state);
}

struct Rows {
  std::vector<Listed> rows;
  bool more = false;
};

Result<Rows> rows_of(Context& context, ledger::Ledger& ledger) {
  const Settings& settings = context.settings();
  if (settings.is_set("status") && !model::find_status(settings.text("status"))) {
    return Error(ErrorCode::kInvalid,
                 fmt::format("'{}' is no state of an incident: new, acknowledged, triaged, "
                             "containing, contained_watching, contained, eradicating, recovering, "
                             "recovered, review, closed",
                             settings.text("status")));
  }
  TRY(host::update_incident_list(ledger));
  ledger::IncidentQuery query;
  if (!settings.flag("all")) {
    query.closed = settings.flag("closed") || settings.text("status") == "closed";
  }
  if (settings.is_set("severity")) {
    query.severity_max = static_cast<uint8_t>(*model::find_severity(settings.text("severity")));
  }
  if (settings.is_set("after")) {
    TRY(query.after, row_of(ledger, settings.text("after")));
  }
  const std::string own = own_name(context);
  const size_t limit = std::max<size_t>(settings.number("limit"), 1);
  Rows out;
  while (!out.more) {
    TRY(const std::vector<ledger::IncidentRow> page, ledger.incidents().list(query));
    if (page.empty()) break;
    query.after = page.back();
    for (const ledger::IncidentRow& row : page) {
      TRY(host::ListedIncident said, host::read_row(row));
      Listed listed{row, std::move(said)};
      if (!is_wanted(listed, settings, own)) continue;
      if (listed.said.restricted) listed.said = withheld();
      out.more = out.rows.size() == limit;
      if (out.more) break;
      out.rows.push_back(std::move(listed));
    }
  }
  return out;
}

void append_said(const Listed& listed, codec::JsonWriter& json) {
  json.field("status", listed.said.status)
      .field("title", listed.said.title)
      .field("assignee", listed.said.assignee)
      .field("findings", listed.said.findings)
      .field("acknowledged", listed.said.acknowledged)
      .field("opened", codec::format_timestamp(listed.row.opened))
      .field("updated", codec::format_timestamp(listed.row.updated));
}

std::string table_of(const std::vector<Listed>& rows, Time now, const output::Style& style) {
  // Of an id, as much as can be typed: 50 bits of it are its own. Columns are as wide as they need.
  constexpr size_t kId = 14, kAge = 7, kFindings = 5, kOwnerMax = 10;
  size_t owner = 0, status_width = 6;
  for (const Listed& listed : rows) {
    owner = std::max(owner, std::min(kOwnerMax, output::columns_of(listed.said.assignee)));
    const auto status = model::find_status(listed.said.status);
    if (status) status_width = std::max(status_width, caption_of(*status).size());
  }
  if (owner > 0) owner = std::max(owner, std::string_view("OWNER").size());
  std::string text = fmt::format("SEV {:<{}} {:>{}} {:<{}} {:>{}} {}TITLE\n", "INCIDENT", kId,
                                 "AGE", kAge, "STATUS", status_width, "FOUND", kFindings,
                                 owner > 0 ? fmt::format("{:<{}} ", "OWNER", owner) : "");
  const size_t used = 4 + kId + kAge + status_width + kFindings + 4 + (owner > 0 ? owner + 1 : 0);
  const size_t title = style.columns > used + 16 ? style.columns - used : 16;
  for (const Listed& listed : rows) {
    const auto status = model::find_status(listed.said.status);
    const std::string severity = fmt::format("S{}", listed.row.severity);
    text += fmt::format(
        "{}  {} {:>{}} {} {:>{}} {}{}\n",
        output::colored(severity,
                        listed.row.severity == 1 ? output::Color::kBoldRed : output::Color::kNone,
                        style),
        fmt::format("{:<{}}", listed.row.id.substr(0, kId), kId),
        listed.said.restricted ? "-" : span_text(now - listed.row.opened), kAge,
        output::fit_padded(status ? caption_of(*status) : "-", status_width, style),
        listed.said.restricted ? "-" : output::grouped(listed.said.findings), kFindings,
        owner == 0 ? ""
                   : output::fit_padded(listed.said.assignee.empty() ? "-" : listed.said.assignee,
                                        owner, style) +
                         " ",
        output::fit(listed.said.title, title, style));
  }
  return text;
}

}  // namespace

int run_incident_list(Context& context) {
  const auto store = open_ledger(context);
  if (!store) return fail_ledger(context, store.error());
  const auto listed_rows = rows_of(context, **store);
  if (!listed_rows) return fail_incident(context, listed_rows.error());
  const std::vector<Listed>& rows = listed_rows->rows;
  if (context.settings().flag("json")) {
    return print_json(context, "stanch.incident-list/1", kExitOk, [&](codec::JsonWriter& json) {
      json.key("incidents").begin_array();
      for (const Listed& listed : rows) {
        json.begin_object()
            .field("incident", listed.row.id)
            .field("severity", fmt::format("S{}", listed.row.severity))
            .field("restricted", listed.said.restricted);
        if (!listed.said.restricted) append_said(listed, json);
        json.end_object();
      }
      json.end_array();
      if (listed_rows->more) json.field("next", rows.back().row.id);
    });
  }
  if (rows.empty()) return context.print("no incident\n");
  std::string text = table_of(rows, context.env().clock.now(), context.style());
  if (listed_rows->more) {
    text += fmt::format("more: --after {}\n", rows.back().row.id);
  }
  return context.print(text);
}

}  // namespace stanch::cli
