#include "respond/evidence/evidence_book.h"

#include <algorithm>

#include "codec/timestamp.h"

namespace stanch::respond {

using codec::JsonValue;

void append_seal(const EvidenceSeal& seal, codec::JsonWriter& json) {
  json.key("sealed").begin_object().field("at", codec::format_timestamp(seal.at));
  json.field("by", seal.by).field("place", seal.place).field("size", seal.size);
  if (!seal.sha256.empty()) json.field("sha256", seal.sha256);
  if (seal.identity.is_object()) append_json(seal.identity, json.key("identity"));
  json.end_object();
}

const EvidenceItem* EvidenceBook::find(std::string_view id) const {
  const auto found = std::ranges::find(items_, id, &EvidenceItem::id);
  return found == items_.end() ? nullptr : &*found;
}

void EvidenceBook::apply(const model::Entry& entry) {
  if (!entry.kind.starts_with("evidence_") || !entry.payload) return;
  const JsonValue payload = JsonValue::of(parser_.parse(entry.payload->json));
  const auto text = [&](std::string_view name) { return payload[name].text_or_empty(); };
  const std::string id = text("evidence");
  const auto known = std::ranges::find(items_, id, &EvidenceItem::id);
  if (entry.kind == "evidence_missing") {
    missing_.push_back({entry.time, id, text("what"), text("source"), text("reason"),
                        payload["went_on"].is_bool() && payload["went_on"].boolean()});
  } else if (entry.kind == "evidence_taken" && !id.empty() && known == items_.end()) {
    items_.push_back({.stream = entry.stream,
                      .id = id,
                      .what = text("what"),
                      .source = text("source"),
                      .authority = text("authority"),
                      .means = text("means"),
                      .by = entry.actor,
                      .place = text("place"),
                      .sha256 = text("sha256"),
                      .taken_at = codec::parse_timestamp(text("taken_at")).value_or(entry.time),
                      .seal = {},
                      .moves = {}});
  } else if (known == items_.end()) {
    return;
  } else if (entry.kind == "evidence_sealed" && !known->seal) {  // the first counts
    const JsonValue& size = payload["size"];
    known->seal = {.at = entry.time,
                   .by = entry.actor,
                   .place = text("place"),
                   .size = size.is_number() ? static_cast<uint64_t>(size.number()) : 0,
                   .sha256 = text("sha256"),
                   .identity = payload["identity"]};
  } else if (entry.kind == "evidence_moved") {
    known->moves.push_back({entry.time, entry.actor, text("from"), text("to"), text("purpose")});
  }
}

}  // namespace stanch::respond
