#include <cstdint>
#include <cstdlib>

#include "cloud/aws/ini.h"

// What is read can be written, and is read again as the same.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace stanch::cloud::aws;
  const auto ini = parse_ini({reinterpret_cast<const char*>(data), size});
  if (!ini) return 0;
  std::string text;
  for (const auto& [name, section] : *ini) {
    text += "[" + name + "]\n";
    for (const auto& [key, value] : section)
      text.append(key).append("=").append(value).append("\n");
  }
  if (text.size() > kIniBytesMax) return 0;
  const auto again = parse_ini(text);
  if (!again || *again != *ini) std::abort();
  return 0;
}
