#pragma once

#include <string>
#include <string_view>

namespace stanch::detect::fields {

// Names of fields are compared without ASCII case, as they are looked up (F2).
bool is_same_name(std::string_view a, std::string_view b);
bool starts_with_name(std::string_view name, std::string_view beginning);

// Without the brackets that mean nothing (F4); a selection (F8) stays.
std::string plain_name(std::string_view name);

// Without selections too: where in an event the field is.
std::string place_name(std::string_view name);

}  // namespace stanch::detect::fields
