#pragma once

#include <set>
#include <string>
#include <string_view>

#include "detect/fields/pipeline.h"

// Whether a transformation concerns a rule, one of its items, and the item's field.

namespace stanch::detect::fields {

using Applied = std::set<std::string, std::less<>>;  // ids of transformations

bool holds_for_rule(const Conditions& conditions, const sigma::Rule& rule, const Applied& applied);
bool holds_for_item(const Conditions& conditions, const sigma::Item& item);
bool holds_for_field(const Conditions& conditions, std::string_view field);

}  // namespace stanch::detect::fields
