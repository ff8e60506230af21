#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>

#include "base/result.h"

namespace stanch::cloud::aws {

// A section by its name, a key by its name in lower case.
using IniSection = std::map<std::string, std::string>;
using Ini = std::map<std::string, IniSection>;

inline constexpr size_t kIniBytesMax = size_t{1} << 20;

// The files of ~/.aws (AWS SDKs and Tools Reference Guide, "Format of the shared files"):
//
//   # a comment, also with ';'
//   [profile prod]           what is between the brackets, without white space around it
//   region = eu-west-1 # x   a value ends before a comment that white space precedes
//   s3 =
//     addressing_style = path    indented lines belong to the key above and are passed over
//
// Sections of one name are one; of two keys the last counts. kInvalid names the line that is
// none of these, but not what stands in it: it may be a secret.
Result<Ini> parse_ini(std::string_view text);

}  // namespace stanch::cloud::aws
