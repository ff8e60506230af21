#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "codec/json_writer.h"
#include "learn/case.h"
#include "learn/distribution.h"

// Many cases as numbers (docs/formats/metrics.md).

namespace stanch::learn {

struct MetricsOptions {
  std::optional<Time> since, until;         // of the alert; without `until`
  std::optional<model::Severity> severity;  // only these
};

// Of the cases of one severity, or of all.
struct MetricsRow {
  std::optional<model::Severity> severity;  // nothing: none was ever set, or of all
  uint64_t cases = 0;
  uint64_t open = 0;  // not closed
  uint64_t no_attack =
      0;  // closed as a false alarm or as expected: they count for acknowledging only
  std::array<Distribution, kMeasures> measures;  // by Measure

  const Distribution& of(Measure measure) const { return measures[static_cast<size_t>(measure)]; }
};

struct MetricsGroup {
  std::vector<MetricsRow> severities;  // those that there are, the worst first
  MetricsRow all;
};

struct Metrics {
  MetricsGroup real, drills;
  uint64_t merged = 0;      // went on in another case: no cases of their own
  uint64_t unopened = 0;    // streams that no entry opens; they count nowhere
  uint64_t outside = 0;     // of other times or severities
  uint64_t undetected = 0;  // cases where no finding tells when the attack began
  uint64_t unreceived = 0;  // cases where nobody noted when the opening record was received
  // Entries whose payloads were erased, or that say nothing to this program; of cases that count.
  uint64_t erased = 0, foreign = 0;
};

// `cases` in any order; what went on in another is added to it first.
Metrics metrics_of(std::vector<Case> cases, const MetricsOptions& options, Time now);

// Members of "stanch.metrics/1", and of one case inside "stanch.report/1".
void append_json(const Metrics& metrics, codec::JsonWriter& json);
void append_json(const Case& of, Time now, codec::JsonWriter& json);

}  // namespace stanch::learn
