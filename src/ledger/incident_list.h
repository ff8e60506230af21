#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/time.h"

// The list of incidents, for screens: derived from the entries, and made anew from them whenever
// it is dropped. Whoever wants to read it first brings it up to date (host/incident_list.h):
// the ledger does not know what entries mean.

namespace stanch::ledger {

struct Cursor;

struct IncidentRow {
  std::string id;
  bool closed = false;
  uint8_t severity = 0;  // 1 … 4
  Time opened{}, updated{};
  std::string text;  // all else that a list shows, as JSON

  bool operator==(const IncidentRow&) const = default;
};

struct IncidentQuery {
  std::optional<bool> closed;
  uint8_t severity_max = UINT8_MAX;       // the least severe that is wanted
  std::optional<IncidentRow> after = {};  // the last row of the page before
  size_t limit = 100;                     // kIncidentPageMax at most
};
inline constexpr size_t kIncidentPageMax = 1000;

class IncidentList {
 public:
  virtual ~IncidentList() = default;

  // Up to where in the ledger the list was made; the beginning, if it was dropped.
  virtual Result<Cursor> list_cursor() = 0;

  // Replaces rows of these ids, and says that the list is made up to `to`. kConflict, with nothing
  // done, if it is not at `from` any more.
  virtual Result<> put_rows(std::span<const IncidentRow> rows, const Cursor& from,
                            const Cursor& to) = 0;

  // Open ones first, then by severity, then the newest, then by id.
  virtual Result<std::vector<IncidentRow>> list(const IncidentQuery& query) = 0;
};

}  // namespace stanch::ledger
