#pragma once

#include <cstddef>
#include <string>

#include "base/result.h"
#include "env/env.h"

namespace stanch::cloud {

// All of a small file. kInvalid if it holds more than `bytes_max`.
Result<std::string> read_text_file(env::Files& files, const std::string& path, size_t bytes_max);

// A token from a file: its text without white space around it. kInvalid if it is empty or
// holds anything but printable ASCII, since it goes into a header or a form.
Result<std::string> read_token_file(env::Files& files, const std::string& path);

bool is_printable_word(std::string_view text);  // not empty, printable ASCII without spaces

}  // namespace stanch::cloud
