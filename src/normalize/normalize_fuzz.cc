// Any bytes that parse as JSON give facts, those are valid JSON again, and
// kept they are the same when the bytes are gone. What a reader remembers of
// other bytes changes nothing.

#include <cstdint>
#include <cstdlib>
#include <memory>
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

// Of what no family knows, some is read by this.
std::shared_ptr<const stanch::normalize::OwnSources> own_sources() {
  const stanch::normalize::SourceText file = {
      "sources/own.yaml",
      "name: own-log\nlog: {product: own}\nneeds: [a]\nis: {a.b: [x, '1']}\n"
      "facts: {time: t, id: i.d, actor: a.b, action: a.c, address: ip, outcome: o, error: a}\n"
      "targets: {thing: [a.t, t], other: a}\n"};
  stanch::Diagnostics diagnostics;
  auto sources = stanch::normalize::read_own_sources({&file, 1}, diagnostics);
  if (sources == nullptr) std::abort();
  return sources;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace stanch;
  codec::JsonParser parser;
  std::string record(reinterpret_cast<const char*>(data), size);
  codec::JsonView event = parser.parse(record);
  if (!event.exists()) return 0;
  static const auto own = own_sources();
  normalize::Normalizer normalizer(own);
  using enum normalize::LogFamily;
  normalize::LogFamily family = normalizer.recognise(event);
  if (family == kUnknown) family = kAwsCloudTrail;
  TextArena arena;
  model::Facts facts;
  normalizer.extract(family, event, arena, facts);
  std::string json = to_json(facts);
  codec::JsonParser check;
  if (!check.parse(json).exists()) std::abort();
  model::keep(facts, event.raw(), arena);
  record.assign(record.size(), '#');
  if (to_json(facts) != json) std::abort();

  // With what was remembered of all inputs before.
  static codec::JsonParser continued_parser;
  static normalize::Normalizer continued(own);
  record.assign(reinterpret_cast<const char*>(data), size);
  for (int i = 0; i < 2; ++i) {
    event = continued_parser.parse(record);
    arena.clear();
    continued.extract(family, event, arena, facts);
    if (to_json(facts) != json) std::abort();
  }
  return 0;
}
