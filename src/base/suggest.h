#pragma once

#include <span>
#include <string>
#include <string_view>

namespace stanch {

// The candidate that `word` is most likely a slip of the pen for, or empty. Case is
// ignored; one slip in words up to five letters, two in longer ones (a slip: a letter too
// many, missing, wrong, or two swapped).
std::string_view find_similar(std::string_view word, std::span<const std::string_view> candidates);

// "did you mean 'x'?" or, where nothing is similar, `otherwise`.
std::string did_you_mean(std::string_view word, std::span<const std::string_view> candidates,
                         std::string otherwise = "");

}  // namespace stanch
