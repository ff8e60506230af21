#pragma once

#include <string>
#include <string_view>

namespace stanch::cli {

std::string_view program_version();   // "0.1.0"
std::string_view compiler_version();  // "gcc 12.2.0"
std::string version_line();           // "stanch 0.1.0 (content …, gcc 12.2.0)\n"

}  // namespace stanch::cli
