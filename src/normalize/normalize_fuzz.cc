// Any bytes that parse as JSON give facts, those are valid JSON again, and
// copying them changes nothing.

#include <cstdint>
#include <cstdlib>
#include <string>

#include "codec/json.h"
#include "codec/json_writer.h"
#include "model/facts_json.h"
#include "normalize/normalize.h"

namespace {

std::string to_json(const stanch::model::Facts& facts) {
  std::string json;
  stanch::codec::JsonWriter writer(json);
  stanch::model::append_json(facts, writer);
  return json;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace stanch;
  codec::JsonParser parser;
  codec::JsonView event = parser.parse({reinterpret_cast<const char*>(data), size});
  if (!event.exists()) return 0;
  normalize::recognise(event);
  TextArena arena, copies;
  model::Facts facts;
  normalize::extract(normalize::LogFamily::kAwsCloudTrail, event, arena, facts);
  std::string json = to_json(facts);
  codec::JsonParser check;
  if (!check.parse(json).exists()) std::abort();
  if (to_json(model::copy(facts, copies)) != json) std::abort();
  return 0;
}
