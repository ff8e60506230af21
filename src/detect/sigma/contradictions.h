#pragma once

#include <string>
#include <vector>

#include "detect/sigma/filter.h"
#include "detect/sigma/rule.h"

// What a rule asks for and no event can have: both of two things.

namespace stanch::detect::sigma {

struct Contradiction {
  At at;            // of the item that comes second
  std::string why;  // "'f' is asked to be 'a' and to be 'b'"
  std::string hint;
};

// In all parts of the condition, alternatives too. Not all that there is: only what constants,
// bounds, absence and `not` say of one field.
std::vector<Contradiction> find_contradictions(const Rule& rule);

// Whether the filter may hide something that the rule finds. False only where that is sure, of
// fields with one value: one that is a list can have what the rule asks for and what is excluded.
bool can_hide(const Filter& filter, const Rule& rule);

}  // namespace stanch::detect::sigma
