#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.h"
#include "codec/json.h"
#include "codec/json_writer.h"
#include "model/entry_kind.h"
#include "model/streams.h"
#include "triage/brief.h"
#include "triage/overview.h"
#include "triage/state.h"

// Any payloads, a line each, as entries of an incident; the first byte of a line picks the kind.
// Folding never fails; folding twice gives the same; what is shown of it is bounded, and what goes
// into a brief begins no line of its own.

namespace {

using namespace stanch;

std::string json_of(const triage::IncidentState& state) {
  std::string text;
  codec::JsonWriter json(text);
  json.begin_object();
  append_json(state, true, json);
  json.end_object();
  return text;
}

triage::IncidentState fold(std::string_view text) {
  triage::IncidentFold fold(model::IncidentId("inc-fuzz"));
  const auto kinds = model::entry_kinds();
  int64_t second = 0;
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    if (line.empty()) continue;
    const model::EntryKind& kind = kinds[static_cast<uint8_t>(line[0]) % kinds.size()];
    model::Entry entry;
    entry.stream = model::incident_stream(model::IncidentId("inc-fuzz"));
    entry.kind = kind.name;
    entry.time = Time(std::chrono::seconds(++second));
    entry.actor = "engine";
    if (line.size() > 1) entry.payload = model::EntryPayload{std::string(line.substr(1)), ""};
    fold.apply(entry);
  }
  return fold.state();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const triage::IncidentState state = fold(text);
  const std::string json = json_of(state);
  CHECK(json == json_of(fold(text)));
  codec::JsonParser parser;
  CHECK(parser.parse(json).is_object());
  const Time now(std::chrono::hours(1));
  const auto overview = overview_of(state, triage::SeverityMatrix(), triage::Assets(), now);
  for (const char c : brief_of(state, overview, now)) {
    CHECK(c == '\n' || static_cast<unsigned char>(c) >= 0x20);
  }
  return 0;
}
