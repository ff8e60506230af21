#pragma once

#include <string>
#include <string_view>

#include "cloud/operations.h"
#include "codec/json_value.h"

// Scalars as messages write them.

namespace stanch::cloud::aws {

// Of a value that check_parameters() found good for `kind`, which is a scalar.
std::string wire_text(Kind kind, const codec::JsonValue& value);

// The value of such a text: null if it is none.
codec::JsonValue value_of_text(Kind kind, std::string_view text);

}  // namespace stanch::cloud::aws
