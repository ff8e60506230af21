#include "model/ids.h"

#include <algorithm>
#include <string>
#include <vector>

#include "codec/hash.h"

namespace stanch::model {
namespace {

// 128 bits: two findings of one organisation never share an id by chance.
std::string short_hash(const codec::Sha256& hash) {
  return codec::to_base32(std::span(hash).first(16));
}

}  // namespace

EventId event_id(std::string_view family, std::string_view provider_id) {
  TextArena arena;
  EntityRef text = make_entity({{family}, {"/"}, {provider_id, EntityPart::Kind::kName}}, arena);
  return EventId(std::string(text.text));
}

EventId event_id_of_bytes(std::string_view family, std::string_view bytes, uint64_t occurrence) {
  std::string text(family);
  text += '#';
  text += short_hash(codec::sha256(bytes));
  text += '.';
  text += std::to_string(occurrence);
  return EventId(std::move(text));
}

FindingId finding_id(const FindingKey& key) {
  std::vector<std::string_view> events;
  for (const EventId& event : key.events) events.push_back(event.text());
  std::ranges::sort(events);
  codec::Sha256Fields fields;
  fields.add("stanch.finding/1").add(key.rule_id).add(key.rule_version).add(key.group);
  for (std::string_view event : events) fields.add(event);
  return FindingId("fnd-" + short_hash(fields.finish()));
}

}  // namespace stanch::model
