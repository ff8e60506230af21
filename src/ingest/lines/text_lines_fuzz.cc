#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.h"
#include "codec/json.h"
#include "ingest/ingest.h"

// Any lines: what is read of one is one JSON object that names its form and holds the line.

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace stanch;
  std::string_view text(reinterpret_cast<const char*>(data), size);
  ingest::TextLines lines;
  codec::JsonParser parser;
  std::string json;
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    const ingest::TextLines::Kind kind = lines.read(line, json);
    CHECK((kind == ingest::TextLines::Kind::kRecord) == !json.empty());
    if (json.empty()) continue;
    const codec::JsonView object = parser.parse(json);
    CHECK(object.exists() && object.is_object());
    CHECK(object["text_form"].exists() && object["line"].exists());
  }
  return 0;
}
