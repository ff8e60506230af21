#pragma once

#include <cstdint>
#include <vector>

#include "codec/json.h"
#include "codec/json_layout.h"
#include "normalize/json_reader.h"

namespace stanch::normalize {

// The members of a record that a table knows, remembered for the next record of the same layout.
// One a thread.
template <size_t N>
class RecordMembers {
 public:
  explicit RecordMembers(const KeyTable<N>& table) : table_(table) {}

  // Valid until the next call.
  const Members<N>& of(codec::JsonView record) {
    codec::JsonLayouts* const layouts = record.document()->layouts;
    if (layouts != nullptr) layouts->start(record);
    if (layouts == nullptr || !layouts->has_layout()) return collect(record, 0, other_);
    if (known_.empty()) known_.resize(codec::JsonLayouts::kSlots);
    Known& known = known_[layouts->slot()];
    if (known.layout != layouts->number()) {
      return collect(record, layouts->number(), known);
    }
    known.members.move_to(record.document());
    return known.members;
  }

 private:
  struct Known {
    uint64_t layout = 0;
    Members<N> members;
  };

  const Members<N>& collect(codec::JsonView record, uint64_t layout, Known& out) {
    TextArena keys;
    out = {.layout = layout, .members = JsonReader(keys).collect(record, table_)};
    return out.members;
  }

  const KeyTable<N>& table_;
  std::vector<Known> known_;  // by slot of a layout; empty until it is used
  Known other_;               // of a record without a layout
};

}  // namespace stanch::normalize
