#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace stanch::cloud {

// What a server says of a failure, for people to read: one line of ASCII, cut, and nothing of it
// if it repeats one of the secrets that it was sent.
std::string shown_text(std::string_view text, const std::vector<std::string>& secrets);

}  // namespace stanch::cloud
