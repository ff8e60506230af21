#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "codec/rsa.h"

// Keys out of files that anybody may hand in: a key or a reason, and a key verifies or does not.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const auto key = stanch::codec::RsaPublicKey::parse(bytes);
  if (key) (void)key->verify("text", bytes.substr(0, 256));
  // And those that a person has: out of a file, encrypted ones too.
  const auto own = stanch::codec::RsaSigningKey::parse_pem(bytes);
  if (own && !stanch::codec::RsaPublicKey::parse(own->public_der())) std::abort();
  (void)stanch::codec::certificate_der_of_pem(bytes);
  return 0;
}
