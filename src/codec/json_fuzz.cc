// The two roads of the parser against each other and against simdjson's DOM.

#include <simdjson.h>

#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.h"
#include "codec/json.h"

using namespace stanch::codec;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string bytes(reinterpret_cast<const char*>(data), size);
  static JsonParser fast_parser, tolerant_parser;
  static simdjson::dom::parser dom;
  const JsonView fast = fast_parser.parse_fast(bytes);
  const JsonView tolerant = tolerant_parser.parse_tolerant(bytes);
  std::string from_fast, from_tolerant;
  if (fast) {
    // Whatever the fast road reads, the tolerant one reads, and the same.
    CHECK(tolerant.exists());
    append_compact(fast, from_fast);
    append_compact(tolerant, from_tolerant);
    CHECK(from_fast == from_tolerant);
    if (fast_parser.is_compact()) CHECK(from_fast == bytes);
    // Its compact text is a fixed point.
    JsonParser again;
    const JsonView second = again.parse_fast(from_fast);
    CHECK(second.exists());
    std::string twice;
    append_compact(second, twice);
    CHECK(twice == from_fast);
    (void)find_duplicate_key(fast);
  }
  if (dom.parse(bytes).error() == simdjson::SUCCESS) CHECK(fast.exists());
  if (tolerant) {
    from_tolerant.clear();
    append_compact(tolerant, from_tolerant);
    CHECK(simdjson::validate_utf8(from_tolerant));
  }
  return 0;
}
