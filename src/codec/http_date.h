#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"

namespace stanch::codec {

// RFC 9110, section 5.6.7: "Sun, 06 Nov 1994 08:49:37 GMT". Parts of a second are cut.
std::string format_http_date(Time time);
// Nothing of any other form.
std::optional<Time> parse_http_date(std::string_view text);

}  // namespace stanch::codec
