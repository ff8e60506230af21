#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "codec/inflate.h"

// gzip (RFC 1952). Inflating costs more than all else that happens to a log
// file, so there are two ways: at once with libdeflate, about twice as fast,
// and as a stream with zlib for what is too large or damaged.

namespace stanch::codec {

bool is_gzip(std::string_view head);  // by its magic bytes

// The size that the last member claims to have (mod 2^32): a hint.
uint32_t claimed_gzip_size(std::string_view compressed);

struct WholeInflate {
  size_t size = 0;                  // of the text
  std::vector<size_t> member_ends;  // offsets in the text
};

// Inflates all members of `compressed` at once to the front of `out`, which
// grows as needed but never shrinks, and afterwards holds at least `slack` bytes behind the
// text. Nothing if the text is larger than `bytes_max` or anything is damaged:
// then an Inflater says what and gives what can still be read.
std::optional<WholeInflate> inflate_whole_gzip(std::string_view compressed, size_t bytes_max,
                                               size_t slack, std::vector<char>& out);

std::unique_ptr<Inflater> make_gzip_inflater(const InflateLimits& limits);

}  // namespace stanch::codec
