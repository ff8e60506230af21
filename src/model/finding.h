#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "base/id.h"
#include "model/event.h"
#include "model/record.h"
#include "model/rule.h"

// What is found. Texts and lists live elsewhere, so that a finding costs little: those of a rule
// in its rule set, those of an event where the event was read (pipeline: in the result of its
// batch). Who keeps a finding copies it.

namespace stanch::model {

struct FindingIdTag;
using FindingIdRef = IdRef<FindingIdTag>;
struct EventIdTag;
using EventIdRef = IdRef<EventIdTag>;

// A value of the event that made a detection item true.
struct MatchedField {
  std::string_view selection;  // name of the search identifier in the rule
  std::string_view field;      // as the rule writes it; empty for a keyword
  // Text of the event's value, cut at kMatchedValueBytesMax; nothing where the event has none
  // (`field: null`, `exists: false`, an empty array).
  std::optional<std::string_view> value = {};
};

inline constexpr size_t kMatchedValueBytesMax = 512;

// An event that something was found in; shared by all findings about it.
struct FoundEvent {
  EventIdRef id;  // family + the provider's id
  Origin origin;
  std::string_view raw;  // the record, if asked for
  Facts facts;
};

// What a correlation counted, and what it asks for. Empty of other findings.
struct Counted {
  std::string_view type;   // "value_count"
  std::string_view value;  // what was held against the bounds; empty without bounds
  std::string_view asked;  // "gte 5 and lt 20"
  Duration timespan{};
  std::string_view words;  // all this for people: "5 different values of f in 7 events within 1 h"
};

// Something says that an event matters.
struct Finding {
  FindingIdRef id;  // docs/formats/ids.md
  const RuleInfo& rule;
  std::string_view content_version;
  const FoundEvent& event;                // of a correlation: the last that it counted
  std::span<const MatchedField> matched;  // of a correlation: its group
  // Of a correlation: what it counted, by time; not all, if it is much (docs/formats/sigma.md,
  // W10).
  std::span<const EventIdRef> correlated = {};
  uint64_t counted = 0;  // so many in all
  Counted correlation = {};
};

}  // namespace stanch::model
