#pragma once

#include <bit>
#include <cstdint>

namespace stanch::env::sim {

// Scatters a number over all 64 bits (the end of splitmix64).
constexpr uint64_t scatter(uint64_t x) {
  x ^= x >> 30;
  x *= 0xbf58476d1ce4e5b9U;
  x ^= x >> 27;
  x *= 0x94d049bb133111ebU;
  return x ^ (x >> 31);
}

// Seeded choices: splitmix64. The library's distributions differ between
// implementations, and a seed must mean the same run everywhere.
class Dice {
 public:
  // `stream` sets apart uses of one seed, so that more of one leaves the others alone.
  Dice(uint64_t seed, uint64_t stream) : state_(scatter(seed) ^ scatter(~stream)) {}

  uint64_t next() { return scatter(state_ += 0x9e3779b97f4a7c15U); }
  // 0 … bound - 1. The bias of the remainder does not matter for choices so small.
  uint64_t below(uint64_t bound) { return bound == 0 ? 0 : next() % bound; }
  bool one_in(uint64_t n) { return below(n) == 0; }

 private:
  uint64_t state_;
};

}  // namespace stanch::env::sim
