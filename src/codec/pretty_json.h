#pragma once

#include <string>

#include "codec/json_value.h"

namespace stanch::codec {

// For people: a member or item a line, two spaces deeper each; a newline at the end.
std::string pretty_json(const JsonValue& value);

}  // namespace stanch::codec
