#pragma once

#include <cstdint>
#include <string>

// xoshiro256**, seeded by splitmix64. Standard library distributions differ
// between implementations, so the few that are needed stand here: the same seed
// gives the same bytes everywhere.

namespace stanch::generator {

class Random {
 public:
  explicit Random(uint64_t seed) {
    for (uint64_t& word : state_) {
      seed += 0x9e3779b97f4a7c15;
      uint64_t z = seed;
      z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
      z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
      word = z ^ (z >> 31);
    }
  }

  uint64_t next() {
    const uint64_t result = rotate(state_[1] * 5, 7) * 9;
    const uint64_t t = state_[1] << 17;
    state_[2] ^= state_[0];
    state_[3] ^= state_[1];
    state_[1] ^= state_[2];
    state_[0] ^= state_[3];
    state_[2] ^= t;
    state_[3] = rotate(state_[3], 45);
    return result;
  }

  // In [0, bound), bound > 0.
  uint32_t below(uint32_t bound) {
    return static_cast<uint32_t>((static_cast<uint64_t>(static_cast<uint32_t>(next())) * bound) >>
                                 32);
  }
  uint32_t between(uint32_t low, uint32_t high) { return low + below(high - low + 1); }
  // In [0, 1).
  double fraction() { return static_cast<double>(next() >> 11) * 0x1.0p-53; }

  void append_hex(int digits, std::string& out) { append(digits, "0123456789abcdef", 4, out); }
  void append_base32(int digits, std::string& out) {
    append(digits, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", 5, out);
  }
  void append_uuid(std::string& out) {
    append_hex(8, out);
    out += '-';
    append_hex(4, out);
    out += "-4";
    append_hex(3, out);
    out += '-';
    out += "89ab"[next() >> 62];
    append_hex(3, out);
    out += '-';
    append_hex(12, out);
  }

 private:
  static uint64_t rotate(uint64_t value, int by) { return (value << by) | (value >> (64 - by)); }

  void append(int digits, const char* alphabet, int bits, std::string& out) {
    uint64_t word = 0;
    int left = 0;
    const uint64_t mask = (uint64_t{1} << bits) - 1;
    for (int i = 0; i < digits; ++i) {
      if (left < bits) {
        word = next();
        left = 60;
      }
      out += alphabet[word & mask];
      word >>= bits;
      left -= bits;
    }
  }

  uint64_t state_[4];
};

}  // namespace stanch::generator
