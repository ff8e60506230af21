#pragma once

#include <cstdint>
#include <string_view>

#include "base/result.h"

namespace stanch::env {

// What an errno value means for the caller, in words: "cannot read logs/a.gz:
// permission denied". Control characters of `object` become '?', since names
// of files are foreign text. env/os and env/sim share this, so that code under
// simulation sees the errors that it will see in the field.
Error system_error(int number, std::string_view doing, std::string_view object);

// For open_append(): `keep` bytes were promised, and the file holds only `size`.
Error shorter_than_kept(std::string_view path, uint64_t size, uint64_t keep);

}  // namespace stanch::env
