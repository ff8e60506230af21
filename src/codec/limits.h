#pragma once

#include <cstddef>
#include <cstdint>

// How large what is computed here may become. What a format limits stands with its reader.

namespace stanch::codec {

// A JMESPath expression: its text, what stands inside each other in it, and the longest way from
// the root of its tree to a leaf, which is also as deep as an evaluation recurses.
inline constexpr size_t kJmespathBytesMax = 16 * 1024;
inline constexpr uint32_t kJmespathNestingMax = 160;
inline constexpr uint32_t kJmespathDepthMax = 400;

// What one evaluation may do. A step is about one value looked at, or 16 bytes of text.
inline constexpr uint64_t kJmespathStepsMax = 5'000'000;

// What it gives: values, bytes of their texts and keys, and containers inside each other, few
// enough that JsonParser reads the result back. No text on the way has more bytes either.
inline constexpr uint64_t kJmespathResultNodesMax = 250'000;
inline constexpr uint64_t kJmespathResultBytesMax = 16 * 1024 * 1024;
inline constexpr uint32_t kJmespathResultDepthMax = 500;

}  // namespace stanch::codec
