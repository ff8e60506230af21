#pragma once

#include <string>
#include <vector>

#include "detect/sigma/rule.h"

namespace stanch::detect::fields {

// What each value of an item becomes: one or several, any of which will do.
using Choices = std::vector<std::vector<sigma::Scalar>>;

// An item on a field that may be any of `fields`, with values that may be any of their choices,
// as a detection of items on one field each. What it asks of the fields together is what the
// item asked of one: some value of some field matches. So "absent" (null, `exists: false`) is
// asked of all of them, and `neq` of the whole.
sigma::Detection spread(const sigma::Item& item, const std::vector<std::string>& fields,
                        const Choices& choices);

// Takes out what stands twice in one list, and lists in lists of the same kind.
void simplify(sigma::Detection& detection);

}  // namespace stanch::detect::fields
