#include "ledger/sqlite/incident_rows.h"

#include <algorithm>

namespace stanch::ledger::sqlite {
namespace {

// `age` is the negative time of opening, so that the index has the order of the list.
constexpr std::string_view kPut =
    "INSERT INTO incidents (id, closed, severity, age, updated, text) VALUES (?, ?, ?, ?, ?, ?) "
    "ON CONFLICT (id) DO UPDATE SET closed = excluded.closed, severity = excluded.severity, "
    "age = excluded.age, updated = excluded.updated, text = excluded.text";
constexpr std::string_view kList =
    "SELECT id, closed, severity, age, updated, text FROM incidents "
    "WHERE closed BETWEEN ? AND ? AND severity <= ? AND (closed, severity, age, id) > (?, ?, ?, ?) "
    "ORDER BY closed, severity, age, id LIMIT ?";

int64_t nanoseconds(Time time) { return time.time_since_epoch().count(); }

// Of rows that are older than the epoch by more than 292 years there are none.
int64_t age_of(Time opened) { return -std::max(nanoseconds(opened), -INT64_MAX); }

}  // namespace

Result<Cursor> list_cursor(Connection& database) {
  TRY(const std::string text,
      database.text("SELECT coalesce((SELECT value FROM ledger WHERE name = 'incidents'), '')"));
  return Cursor{text};
}

Result<std::vector<IncidentRow>> list(Connection& database, const IncidentQuery& query) {
  TRY(Statement * select, database.cached(kList));
  Using use(*select);
  select->bind(1, int64_t{query.closed.value_or(false)})
      .bind(2, int64_t{query.closed.value_or(true)})
      .bind(3, int64_t{query.severity_max});
  if (const auto& after = query.after) {
    select->bind(4, int64_t{after->closed})
        .bind(5, int64_t{after->severity})
        .bind(6, age_of(after->opened))
        .text(7, after->id);
  } else {
    select->bind(4, int64_t{-1}).bind(5, int64_t{0}).bind(6, int64_t{0}).text(7, "");
  }
  select->bind(8, uint64_t{std::min(query.limit, kIncidentPageMax)});
  std::vector<IncidentRow> rows;
  for (;;) {
    TRY(const bool found, select->step());
    if (!found) return rows;
    rows.push_back({.id = std::string(select->text(0)),
                    .closed = select->integer(1) != 0,
                    .severity = static_cast<uint8_t>(select->integer(2)),
                    .opened = Time(Duration(-select->integer(3))),
                    .updated = Time(Duration(select->integer(4))),
                    .text = std::string(select->text(5))});
  }
}

Result<> put_rows(Connection& database, std::span<const IncidentRow> rows, const Cursor& from,
                  const Cursor& to) {
  TRY(const Cursor now, list_cursor(database));
  if (now != from) {
    return Error(ErrorCode::kConflict, "another has brought the list of incidents up to date");
  }
  TRY(Statement * put, database.cached(kPut));
  for (const IncidentRow& row : rows) {
    Using use(*put);
    put->text(1, row.id)
        .bind(2, int64_t{row.closed})
        .bind(3, int64_t{row.severity})
        .bind(4, age_of(row.opened))
        .bind(5, nanoseconds(row.updated))
        .text(6, row.text);
    TRY(put->run());
  }
  TRY(Statement * cursor,
      database.cached("INSERT INTO ledger VALUES ('incidents', ?) "
                      "ON CONFLICT (name) DO UPDATE SET value = excluded.value"));
  Using use(*cursor);
  cursor->text(1, to.text);
  return cursor->run();
}

Result<> drop_rows(Connection& database) {
  return database.run("DELETE FROM incidents; DELETE FROM ledger WHERE name = 'incidents'");
}

}  // namespace stanch::ledger::sqlite
