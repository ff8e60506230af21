#include <cstdlib>
#include <string>
#include <string_view>

#include "base/check.h"
#include "triage/assets.h"

// Any bytes, as YAML and as CSV: no crash, complaints lie inside the text and are inert, reading
// again says the same, and what contradicts nothing the first time contradicts nothing the second.

namespace {

using namespace stanch;
using triage::Assets;

constexpr size_t kBytesMax = 1 << 14;

void check_said(const Diagnostics& diagnostics, uint32_t lines) {
  for (const Diagnostic& said : diagnostics) {
    CHECK(said.place.line <= lines + 1);
    for (const char c : to_text(said)) {
      const auto byte = static_cast<unsigned char>(c);
      CHECK(byte == '\n' || (byte >= 0x20 && byte != 0x7f));
    }
  }
}

// Names that rows may fit, and the text itself as one.
void check_find(const Assets& assets, const std::string& text) {
  for (const std::string& entity :
       {std::string("aws:bucket/a"), std::string("aws:user/111122223333/eve"),
        std::string("aws:account/111122223333"), std::string("ip/203.0.113.7"), std::string(),
        std::string("/"), text.substr(0, 200)}) {
    if (const auto found = assets.find(entity)) CHECK(!assets.empty());
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size > kBytesMax) return 0;
  const std::string text(reinterpret_cast<const char*>(data), size);
  uint32_t lines = 1;
  for (const char c : text) lines += c == '\n';
  for (const auto add : {&Assets::add_yaml, &Assets::add_csv}) {
    Assets assets;
    Diagnostics first, second;
    (assets.*add)("a", text, first);
    check_said(first, lines);
    CHECK(assets.size() <= size);
    check_find(assets, text);
    const size_t rows = assets.size();
    (assets.*add)("a", text, second);
    CHECK(second.size() == first.size());
    CHECK(assets.size() == 2 * rows);
    check_find(assets, text);
  }
  return 0;
}
