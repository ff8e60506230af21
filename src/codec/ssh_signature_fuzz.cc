#include <cstdint>
#include <string>
#include <string_view>

#include "codec/base64.h"
#include "codec/ssh_signature.h"

// Signatures that anybody may hand in: as they are, and as the bytes inside the armour.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace stanch::codec;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  (void)verify_ssh_signature(bytes, "x", "");
  const std::string armored =
      "-----BEGIN SSH SIGNATURE-----\n" + encode_base64(bytes) + "\n-----END SSH SIGNATURE-----\n";
  (void)verify_ssh_signature(armored, "x", "");
  return 0;
}
