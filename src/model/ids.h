#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "base/text_arena.h"
#include "model/finding.h"

// Ids that are computed, never counted, so that the same input gives the same
// ids on every machine (docs/formats/ids.md). Their texts are in `arena`.

namespace stanch::model {

// aws_cloudtrail/<the provider's id>, with the escapes of entity ids.
EventIdRef event_id(std::string_view family, std::string_view provider_id, TextArena& arena);

// For an event without an id: aws_cloudtrail#<hash of its bytes>.<occurrence>,
// where `occurrence` counts records of the same bytes in one object, from 0.
EventIdRef event_id_of_bytes(std::string_view family, std::string_view bytes, uint64_t occurrence,
                             TextArena& arena);

// For an event with the id of an earlier one but other content: `id`#<hash of its bytes>.
EventIdRef event_id_of_version(EventIdRef id, std::string_view bytes, TextArena& arena);

// What makes a finding this one and no other.
struct FindingKey {
  std::string_view rule_id;
  std::string_view rule_version;
  std::span<const EventIdRef> events;  // in any order
  std::string_view group;              // of a correlation; empty for a single event's finding
};

// fnd-<26 base32 characters>: 128 bits of the SHA-256 of the key.
FindingIdRef finding_id(const FindingKey& key, TextArena& arena);

}  // namespace stanch::model
