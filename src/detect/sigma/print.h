#pragma once

#include <string>

#include "detect/sigma/correlation.h"
#include "detect/sigma/rule.h"

namespace stanch::detect::sigma {

// A condition with all parentheses: "(selection and (not 1 of [filter_a filter_b]))".
std::string to_text(const Condition& condition, const Rule& rule);

// The detections of a rule, one line each, and its conditions: what the engine sees. For
// tests and for `rules explain`; values are shown with their type: 'text', 5, true, null.
std::string to_text(const Rule& rule);

std::string to_text(const Item& item);

// What a correlation asks, in one line.
std::string to_text(const Correlation& correlation);

}  // namespace stanch::detect::sigma
