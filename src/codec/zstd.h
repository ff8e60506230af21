#pragma once

#include <cstddef>
#include <memory>
#include <string_view>

#include "codec/inflate.h"

// Zstandard (RFC 8878).

namespace stanch::codec {

bool is_zstd(std::string_view head);  // by the magic bytes of a frame, or of a skippable one

// What a frame may ask us to remember. `zstd -19` asks for 8 MiB, `--ultra -22`
// and `--long` for 128 MiB, which is too much for two threads.
inline constexpr int kZstdWindowLogMax = 26;  // 64 MiB

std::unique_ptr<Inflater> make_zstd_inflater(const InflateLimits& limits);

}  // namespace stanch::codec
