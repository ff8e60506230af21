#pragma once

#include <cstddef>

// How much is said, and how much is remembered of one case.

namespace stanch::learn {

inline constexpr size_t kListedTexts = 6;       // of a list inside a sentence; then "and n more"
inline constexpr size_t kTextCodePoints = 400;  // of one foreign text inside a sentence
inline constexpr size_t kMergesFollowed = 64;   // incidents that went on in one another, in a row

}  // namespace stanch::learn
