#pragma once

#include <string>
#include <vector>

#include "detect/detect.h"
#include "detect/sigma/reporter.h"
#include "detect/sigma/rule.h"

namespace stanch::detect::sigma {

// Puts the values of placeholders in the place of `%name%` in all items with `|expand`, so
// that what evaluates a rule sees final values only. A value is put in as if it had been written
// there: its wildcards are wildcards, and in a `re` item it is an expression. Several
// placeholders in one value give all combinations; in a `re` item the values of a list stand
// together as one group of alternatives, so that `^(%a%,)*$` means "nothing but these". `\%` is a
// percent sign.
//
// False if `placeholders` lacks a name; each is reported as kUnknownPlaceholder. An empty list
// leaves the item with the values that remain, perhaps none: then it never matches (rule.h).
bool expand_placeholders(Rule& rule, const Placeholders& placeholders, Reporter& reporter);

// The names of placeholders that stand in items with `|expand`.
std::vector<std::string> placeholder_names(const Rule& rule);

}  // namespace stanch::detect::sigma
