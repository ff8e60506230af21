#pragma once

#include <optional>
#include <span>

#include "detect/fields/pipeline.h"
#include "detect/sigma/reporter.h"

namespace stanch::detect::fields {

// `given`, and what the maps add to it for this rule; nothing where they add nothing. A name that
// `given` has stays what it is.
std::optional<Placeholders> placeholders_for(std::span<const FieldMap> maps,
                                             const sigma::Rule& rule, const Placeholders& given);

// Rewrites a rule whose placeholders are replaced, as the maps say. False, and an error, if it
// becomes too large.
bool apply(std::span<const FieldMap> maps, sigma::Rule& rule, sigma::Reporter& reporter);

}  // namespace stanch::detect::fields
