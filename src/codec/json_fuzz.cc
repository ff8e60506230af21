// The two roads of the parser against each other and against simdjson's DOM, both engines that
// find tokens, and a text whose shape is known against the same one met first.

#include <simdjson.h>

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.h"
#include "codec/json.h"
#include "codec/json_tokens.h"

using namespace stanch::codec;

namespace {

void check_engines(std::string_view bytes) {
  // simdjson takes two control characters for the comma and the colon from which they differ in
  // one bit. Outside of strings neither engine's tokens are then JSON to anybody.
  if (!Tokenizer::has_avx512() || bytes.find_first_of("\x0C\x1A") != bytes.npos) return;
  static Tokenizer simdjson(Tokenizer::Engine::kSimdjson), avx512(Tokenizer::Engine::kAvx512);
  const bool good = simdjson.find(bytes);
  CHECK(avx512.find(bytes) == good);
  if (!good) return;
  CHECK(avx512.tokens().kind_bytes() == simdjson.tokens().kind_bytes());
  CHECK(std::equal(avx512.tokens().positions(),
                   avx512.tokens().positions() + avx512.tokens().size() + 1,
                   simdjson.tokens().positions()));
  CHECK(avx512.has_backslash() == simdjson.has_backslash());
  CHECK(avx512.has_outer_space() == simdjson.has_outer_space());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string bytes(reinterpret_cast<const char*>(data), size);
  static JsonParser fast_parser, tolerant_parser;
  static simdjson::dom::parser dom;
  check_engines(bytes);
  std::string met_first;
  for (int i = 0; i < 2; ++i) {
    const JsonView view = fast_parser.parse_fast(bytes);
    if (!view) break;
    std::string text;
    append_compact(view, text);
    CHECK(i == 0 || text == met_first);
    met_first = text;
  }
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
