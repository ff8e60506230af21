#include "model/ids.h"

#include <algorithm>
#include <string>
#include <vector>

#include "codec/hash.h"

namespace stanch::model {
namespace {

// 128 bits: two findings of one organisation never share an id by chance.
using ShortHash = std::array<char, codec::base32_size(16)>;

ShortHash short_hash(const codec::Sha256& hash) {
  ShortHash text;
  codec::write_base32(std::span(hash).first(16), text.data());
  return text;
}

std::string_view text_of(const ShortHash& hash) { return {hash.data(), hash.size()}; }

}  // namespace

EventIdRef event_id(std::string_view family, std::string_view provider_id, TextArena& arena) {
  return EventIdRef(
      make_entity({{family}, {"/"}, {provider_id, EntityPart::Kind::kName}}, arena).text);
}

EventIdRef event_id_of_bytes(std::string_view family, std::string_view bytes, uint64_t occurrence,
                             TextArena& arena) {
  const ShortHash hash = short_hash(codec::sha256(bytes));
  const std::string number = std::to_string(occurrence);
  return EventIdRef(make_entity({{family}, {"#"}, {text_of(hash)}, {"."}, {number}}, arena).text);
}

EventIdRef event_id_of_version(EventIdRef id, std::string_view bytes, TextArena& arena) {
  const ShortHash hash = short_hash(codec::sha256(bytes));
  return EventIdRef(make_entity({{id.text()}, {"#"}, {text_of(hash)}}, arena).text);
}

FindingIdRef finding_id(const FindingKey& key, TextArena& arena) {
  codec::Sha256Fields fields;
  fields.add("stanch.finding/1").add(key.rule_id).add(key.rule_version).add(key.group);
  if (key.events.size() == 1) {
    fields.add(key.events.front().text());
  } else {
    std::vector<EventIdRef> events(key.events.begin(), key.events.end());
    std::ranges::sort(events);
    for (const EventIdRef event : events) fields.add(event.text());
  }
  const ShortHash hash = short_hash(fields.finish());
  return FindingIdRef(make_entity({{"fnd-"}, {text_of(hash)}}, arena).text);
}

}  // namespace stanch::model
