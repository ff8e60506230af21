#pragma once

#include <string_view>

#include "codec/json_value.h"

namespace stanch::codec {

// By names with dots between them, "ListResult.Items"; null where there is nothing.
const JsonValue& member_of(const JsonValue& value, std::string_view path);

}  // namespace stanch::codec
