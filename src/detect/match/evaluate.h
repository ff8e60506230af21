#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/text_arena.h"
#include "codec/json.h"
#include "detect/match/field.h"
#include "detect/match/field_table.h"
#include "detect/match/predicate.h"

namespace stanch::detect::match {

// A scalar or object that a field stands for, with the texts made from it on demand.
struct ResolvedValue {
  codec::JsonView view;
  std::string_view text;    // decoded; set if has_text
  std::string_view folded;  // set if has_folded
  bool has_text = false;
  bool has_folded = false;
};

struct ResolvedField {
  uint64_t event = 0;  // number of the event that it was resolved for
  bool present = false;
  std::span<ResolvedValue> values;

  // Where the values are: nearly all fields have at most one.
  ResolvedValue one;
  std::vector<ResolvedValue> many;
};

// One event, with what was looked up in it so far. Reused for the next.
class EventReader {
 public:
  explicit EventReader(const FieldTable& fields);
  EventReader(const EventReader&) = delete;  // its fields point into themselves
  EventReader& operator=(const EventReader&) = delete;

  // Starts another event. Everything handed out for the last one dies.
  void start(codec::JsonView event);

  codec::JsonView event() const { return event_; }
  uint64_t number() const { return number_; }
  FieldFinder& finder() { return finder_; }
  ResolvedField& field(uint32_t field);

  // All scalars of the event but null, for keywords.
  std::span<ResolvedValue> scalars();

  // The text of a string, number or boolean; not for null and objects.
  std::string_view text(ResolvedValue& value);
  std::string_view folded(ResolvedValue& value);

 private:
  codec::JsonView event_;
  uint64_t number_ = 0;
  FieldFinder finder_;
  std::vector<ResolvedField> resolved_;
  ResolvedField scalars_;
  FieldValues found_;
  EmbeddedJson embedded_;
  TextArena arena_;
  std::string scratch_;
};

// Appends all scalars below `view` but null; also those inside arrays.
void append_scalars(codec::JsonView view, std::vector<ResolvedValue>& out);

// A predicate with its fields as numbers.
struct BoundPredicate {
  Predicate predicate;
  uint32_t field = 0;                  // kKeywordField for keywords
  std::vector<uint32_t> other_fields;  // of kFieldRef
};
inline constexpr uint32_t kKeywordField = UINT32_MAX;

bool holds(const BoundPredicate& predicate, EventReader& event);

// Whether this one value makes the predicate true by itself; used to say which did.
bool value_holds(const BoundPredicate& predicate, ResolvedValue& value, EventReader& event);

// The value for people and findings: its text, "null", or the compact JSON of an object; cut at
// model::kMatchedValueBytesMax bytes, between characters.
std::string display_text(ResolvedValue& value, EventReader& event);

}  // namespace stanch::detect::match
