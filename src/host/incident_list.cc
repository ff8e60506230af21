#include "host/incident_list.h"

#include <map>
#include <set>

#include "host/incident.h"
#include "host/limits.h"

namespace stanch::host {

using model::IncidentId;

ledger::IncidentRow row_of(const triage::IncidentState& state) {
  return {.id = state.id.text(),
          .closed = state.is_closed(),
          .severity = static_cast<uint8_t>(state.severity.value_or(model::Severity::kS4)),
          .opened = state.opened->at,
          .updated = state.updated,
          .text = json_object([&](codec::JsonWriter& json) {
            json.field("title", state.headline())
                .field("status", name_of(state.status))
                .field("assignee", state.assignee)
                .field("findings", state.finding_count())
                .field("restricted", state.restricted)
                .field("acknowledged", state.acknowledged.has_value())
                .field("merged_into", state.merged_into);
          })};
}

Result<> update_incident_list(ledger::Ledger& ledger) {
  ledger::IncidentList& list = ledger.incidents();
  for (unsigned attempt = 1;; ++attempt) {
    TRY(const ledger::Cursor from, list.list_cursor());
    // All that changed first, so that each incident is folded once.
    std::set<IncidentId> changed;
    ledger::Cursor to = from;
    for (;;) {
      TRY(const ledger::Followed followed, ledger.follow(to));
      if (followed.entries.empty()) break;
      to = followed.cursor;
      for (const model::Entry& entry : followed.entries) {
        if (auto id = model::find_incident_of(entry.stream)) changed.insert(*std::move(id));
      }
    }
    if (to == from) return {};
    std::vector<ledger::IncidentRow> rows;
    for (const IncidentId& id : changed) {
      const auto state = load_incident(ledger, id);
      if (state) {
        rows.push_back(row_of(*state));
      } else if (state.error().code() != ErrorCode::kNotFound) {
        return state.error();
      }
    }
    const Result<> put = list.put_rows(rows, from, to);
    if (put) continue;
    if (put.error().code() != ErrorCode::kConflict || attempt >= kAppendTriesMax)
      return put.error();
  }
}

Result<ListedIncident> read_row(const ledger::IncidentRow& row) {
  codec::JsonParser parser(codec::JsonParser::Texts::kFew);
  const codec::JsonView view = parser.parse(row.text);
  if (!view)
    return Error(ErrorCode::kCorrupt, "the list of incidents: run 'stanch ledger rebuild'");
  const auto flag = [&](std::string_view name) {
    const codec::JsonView value = view[name];
    return value && value.is_bool() && value.as_bool();
  };
  ListedIncident listed;
  listed.title = view["title"].string_or_empty();
  listed.status = view["status"].string_or_empty();
  listed.assignee = view["assignee"].string_or_empty();
  if (const codec::JsonView findings = view["findings"]; findings && findings.is_number()) {
    listed.findings = static_cast<uint64_t>(findings.as_int64().value_or(0));
  }
  listed.restricted = flag("restricted");
  listed.acknowledged = flag("acknowledged");
  listed.merged_into = view["merged_into"].string_or_empty();
  return listed;
}

}  // namespace stanch::host
