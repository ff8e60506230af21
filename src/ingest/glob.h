#pragma once

#include <string_view>

namespace stanch::ingest {

// Whether `text` has a character that is special in a glob.
bool is_glob(std::string_view text);

// Whether one name in a path fits a pattern of a shell: * (any characters, hidden
// files too), ? (one character), [a-z] and [!a-z], \ before a literal one. A '['
// that is never closed is literal. Time is linear in pattern × name.
bool fits_glob(std::string_view name, std::string_view pattern);

}  // namespace stanch::ingest
