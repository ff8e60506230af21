#pragma once

#include <cstdint>

#include "codec/signature.h"

namespace stanch::ledger {

// The same for the same byte.
inline codec::SigningKey key_of(uint8_t byte) {
  codec::SigningKey::Seed seed;
  seed.fill(byte);
  return codec::SigningKey(seed);
}

}  // namespace stanch::ledger
