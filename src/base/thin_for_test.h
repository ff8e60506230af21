#pragma once

#include <cstdint>
#include <cstdlib>

namespace stanch {

// Of many places that a test goes over, each n-th is enough where each takes long: under
// sanitizers, for what was seen without them (./dev check).
inline uint64_t thin_for_test() {
  const char* said = std::getenv("STANCH_THIN");
  const uint64_t every = said == nullptr ? 1 : std::strtoull(said, nullptr, 10);
  return every == 0 ? 1 : every;
}

}  // namespace stanch
