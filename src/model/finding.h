#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/id.h"
#include "base/text_arena.h"
#include "model/event.h"
#include "model/rule.h"

namespace stanch::model {

struct FindingIdTag;
using FindingId = Id<FindingIdTag>;
struct EventIdTag;
using EventId = Id<EventIdTag>;

// A value of the event that made a detection item true.
struct MatchedField {
  std::string selection;  // name of the search identifier in the rule
  std::string field;      // as the rule writes it; empty for a keyword
  std::string value;      // text of the event's value, cut at kMatchedValueBytesMax
};

inline constexpr size_t kMatchedValueBytesMax = 512;

// Where a finding's event was read, with owned text (see Origin).
struct FindingOrigin {
  std::string file;
  uint32_t member = 0;
  uint64_t record = 0;
  uint64_t offset = 0;
};

// Something says that an event matters. Owns all its text; move only.
struct Finding {
  FindingId id;                          // docs/formats/ids.md
  std::shared_ptr<const RuleInfo> rule;  // never null
  std::string content_version;
  EventId event_id;  // family + the provider's id
  std::vector<MatchedField> matched;
  FindingOrigin origin;
  std::string raw;  // the record, if asked for
  TextArena arena;
  Facts facts;  // texts live in `arena`
};

}  // namespace stanch::model
