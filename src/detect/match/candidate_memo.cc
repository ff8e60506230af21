#include "detect/match/candidate_memo.h"

namespace stanch::detect::match {

CandidateMemo::Entry* CandidateMemo::find(EventReader& event) {
  if (key_fields_.empty() || !take_hash(event)) return nullptr;
  if (entries_.empty()) entries_.resize(kSlots);
  return &entries_[(hash_ >> 20) % kSlots];
}

// Of the layout and of what rules can see of each key field: nothing, null, or a scalar's type
// and bytes. False if there is more to see, as in an array.
bool CandidateMemo::take_hash(EventReader& event) {
  Places& places = event.finder().places();
  const codec::JsonDocument& document = *event.event().document();
  if (places.layout() == 0) return false;
  hash_ = places.layout();
  for (const uint32_t field : key_fields_) {
    const Place place = places.find(field);
    if (place.kind == Place::Kind::kComplex) return false;
    uint64_t seen = static_cast<uint64_t>(place.kind) << 8 | static_cast<uint64_t>(place.type);
    if (place.kind == Place::Kind::kScalar) {
      seen ^= hasher_.of_bytes(document.raw_scalar(place.token, place.type));
    }
    hash_ = hasher_.join(hash_, seen);
  }
  hash_ |= 1;  // 0 is that of an empty entry
  return true;
}

}  // namespace stanch::detect::match
