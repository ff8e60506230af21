#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/time.h"
#include "codec/json.h"
#include "codec/json_value.h"
#include "codec/json_writer.h"
#include "model/entry.h"

// What evidence an incident has, and who had it when: the fold of its entries.

namespace stanch::respond {

struct EvidenceSeal {
  Time at{};
  std::string by, place;
  uint64_t size = 0;          // bytes
  std::string sha256;         // hex; "" where the provider gives no hash: then
  codec::JsonValue identity;  // what tells it: ids, times
};

// The member "sealed" of an item in documents.
void append_seal(const EvidenceSeal& seal, codec::JsonWriter& json);

struct EvidenceMove {
  Time at{};
  std::string by, from, to, purpose;
};

struct EvidenceItem {
  model::StreamId stream;  // that has it: of its incident, or of one that went on there
  std::string id, what, source, authority, means;
  std::string by, place, sha256;  // "": nobody said
  Time taken_at{};                // the point in time that it shows
  std::optional<EvidenceSeal> seal;
  std::vector<EvidenceMove> moves;
};

struct MissingEvidence {
  Time at{};
  std::string id, what, source, reason;
  bool went_on = false;  // containment did
};

// Apply the entries of an incident's stream, in their order, after those of incidents that went on
// in it. What makes no sense changes nothing.
class EvidenceBook {
 public:
  void apply(const model::Entry& entry);

  const std::vector<EvidenceItem>& items() const { return items_; }  // as they were taken
  const EvidenceItem* find(std::string_view id) const;
  const std::vector<MissingEvidence>& missing() const { return missing_; }

 private:
  std::vector<EvidenceItem> items_;
  std::vector<MissingEvidence> missing_;
  codec::JsonParser parser_;
};

}  // namespace stanch::respond
