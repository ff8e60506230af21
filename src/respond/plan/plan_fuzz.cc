#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "codec/json.h"
#include "respond/plan/plan.h"

// Plans that a damaged ledger may hold: what is taken for one is written again as the same plan.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace stanch;
  codec::JsonParser parser;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const auto plan = respond::read_plan(codec::JsonValue::of(parser.parse(bytes)));
  if (!plan) return 0;
  const std::string document = respond::plan_document(*plan);
  codec::JsonParser again;
  const auto same = respond::read_plan(codec::JsonValue::of(again.parse(document)));
  if (!same || respond::plan_document(*same) != document) std::abort();
  return 0;
}
