#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

// What gzip and zstd have in common: compressed bytes in, text out, piece by
// piece, in constant memory.

namespace stanch::codec {

// A compressed input may say how large it is, and lie. So text is counted as it
// appears, and is a bomb beyond `bytes_max`, or beyond `free_bytes` and
// `ratio_max` times the compressed bytes so far. Repeated log lines reach about 200
// with gzip, while a bomb reaches 1000.
struct InflateLimits {
  uint64_t bytes_max = uint64_t{1} << 40;
  uint64_t free_bytes = uint64_t{256} << 20;
  uint64_t ratio_max = 400;

  bool allow(uint64_t compressed, uint64_t text) const {
    return text <= bytes_max && (text <= free_bytes || text / ratio_max <= compressed);
  }
};

enum class InflateState : uint8_t {
  kGoing,
  kTruncated,       // the input ended inside a member
  kCorrupt,         // also: something else behind the last member
  kBomb,            // beyond InflateLimits
  kWindowTooLarge,  // zstd only: would need more memory than we give it
};

// One input of one or more members (gzip) or frames (zstd), one behind the
// other; zeros between them and at the end are padding. Text is given out before
// its checksum is known: damage inside a gzip member can show as wrong text first and
// as an error later. Not thread-safe.
class Inflater {
 public:
  virtual ~Inflater() = default;

  struct Step {
    size_t consumed = 0;  // of `in`
    size_t produced = 0;  // in `out`, all of it from one member
    uint32_t member = 0;  // that one, from 0
    InflateState state = InflateState::kGoing;
  };
  // Makes progress as long as `out` has room and either `in` has bytes or text
  // is held back. After an error it must not be called again.
  virtual Step step(std::string_view in, std::span<char> out) = 0;

  // To be asked when the input is at its end and step() produces nothing:
  // kGoing if this is where a compressed input may end, else kTruncated.
  virtual InflateState at_end() const = 0;
};

}  // namespace stanch::codec
