#include <cstddef>
#include <cstdint>
#include <string>

#include "base/check.h"
#include "respond/action/action.h"

// Any bytes as an action: it is read, or what is wrong is said, each time the same.

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace stanch;
  const std::string text(reinterpret_cast<const char*>(data), size);
  Diagnostics first, second;
  const bool read = respond::read_action("a.yaml", text, first).has_value();
  CHECK(read == respond::read_action("a.yaml", text, second).has_value());
  CHECK(read == first.empty());
  CHECK(first.size() == second.size());
  for (size_t i = 0; i < first.size(); ++i) CHECK(to_text(first[i]) == to_text(second[i]));
  return 0;
}
