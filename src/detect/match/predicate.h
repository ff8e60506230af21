#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "codec/network.h"
#include "detect/match/decimal.h"
#include "detect/match/expression.h"
#include "detect/match/text_pattern.h"
#include "detect/sigma/rule.h"

// One question about one field of an event. Rules that ask the same question
// share the predicate, and it is answered at most once an event.

namespace stanch::detect::match {

enum class PredicateKind : uint8_t {
  kValue,     // some value is equal to, or like, one of those given
  kRegex,     // some value is matched by one of the expressions
  kNetwork,   // some value is an address inside one of the networks
  kCompare,   // some value is a number that compares so
  kTimePart,  // some value is a time whose part compares so
  kExists,    // the field is present, or is not
  kFieldRef,  // some value is like some value of another field
  kNever,     // an empty placeholder
};

enum class Comparison : uint8_t { kEqual, kLess, kLessOrEqual, kGreater, kGreaterOrEqual };
enum class TimePart : uint8_t { kMinute, kHour, kDay, kWeek, kMonth, kYear };
enum class TextRelation : uint8_t { kEqual, kContains, kStartsWith, kEndsWith };

struct Predicate {
  PredicateKind kind = PredicateKind::kNever;
  std::string field;   // as written; empty: any scalar of the event (keywords)
  bool cased = false;  // of texts and kFieldRef

  std::vector<TextPattern> texts;                // kValue; the plain ones first, sorted
  size_t exact_texts = 0;                        // how many those are
  std::vector<Decimal> numbers;                  // kValue; kCompare, kTimePart: any of them
  std::vector<bool> booleans;                    // kValue (V6)
  bool null = false;                             // kValue: also absent or null (V7)
  std::vector<Expression> expressions;           // kRegex
  std::vector<codec::Network> networks;          // kNetwork
  Comparison comparison = Comparison::kEqual;    // kCompare, kTimePart
  TimePart time_part = TimePart::kMinute;        // kTimePart
  bool exists = true;                            // kExists
  std::vector<std::string> other_fields;         // kFieldRef
  TextRelation relation = TextRelation::kEqual;  // kFieldRef

  // Equal keys, equal question.
  std::string key;
};

// An item of a rule as predicates: all of them must hold, or, if `negated`, not all.
struct LoweredItem {
  std::vector<Predicate> all;  // one, unless the item has |all
  bool negated = false;        // |neq
};

// Applies the item's modifiers (M1-M11). Items come from a checked tree, so
// nothing can fail; what the loader should have refused is kNever.
LoweredItem lower(const sigma::Item& item);

}  // namespace stanch::detect::match
