#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "model/finding.h"

// Ids that are computed, never counted, so that the same input gives the same
// ids on every machine (docs/formats/ids.md).

namespace stanch::model {

// aws_cloudtrail/<the provider's id>, with the escapes of entity ids.
EventId event_id(std::string_view family, std::string_view provider_id);

// For an event without an id: aws_cloudtrail#<hash of its bytes>.<occurrence>,
// where `occurrence` counts records of the same bytes in one object, from 0.
EventId event_id_of_bytes(std::string_view family, std::string_view bytes, uint64_t occurrence);

// What makes a finding this one and no other.
struct FindingKey {
  std::string_view rule_id;
  std::string_view rule_version;
  std::span<const EventId> events;  // in any order
  std::string_view group;           // of a correlation; empty for a single event's finding
};

// fnd-<26 base32 characters>: 128 bits of the SHA-256 of the key.
FindingId finding_id(const FindingKey& key);

}  // namespace stanch::model
