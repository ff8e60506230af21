#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "detect/fields/pipeline.h"
#include "detect/sigma/reporter.h"

namespace stanch::detect::fields {

// `given`, and what the maps add to it for this rule; nothing where they add nothing. A name that
// `given` has stays what it is.
std::optional<Placeholders> placeholders_for(std::span<const FieldMap> maps,
                                             const sigma::Rule& rule, const Placeholders& given);

// What was done to a rule that concerns names alone, in order. The maps outlive it.
using Renamings = std::vector<const Transformation*>;

// Rewrites a rule whose placeholders are replaced, as the maps say. False, and an error, if it
// becomes too large.
bool apply(std::span<const FieldMap> maps, sigma::Rule& rule, sigma::Reporter& reporter,
           Renamings* renamings = nullptr);

// What a correlation of that rule means by a field: one name, or several in order. What maps do
// only to items with certain values, they do not do to it.
std::vector<std::string> rename(const Renamings& renamings, const std::string& field);

}  // namespace stanch::detect::fields
