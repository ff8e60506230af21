#include "pipeline/dedup.h"

#include <algorithm>
#include <utility>

namespace stanch::pipeline {

DedupMemory::DedupMemory(size_t ids_max) : ids_max_(std::max<size_t>(ids_max, 1)) {}

DedupMemory::Slot& DedupMemory::Table::find(uint64_t id) {
  const size_t mask = slots.size() - 1;
  size_t at = id & mask;
  while (slots[at].id != 0 && slots[at].id != id) at = (at + 1) & mask;
  return slots[at];
}

void DedupMemory::Table::grow() {
  Table larger;
  larger.slots.assign(slots.size() * 2, Slot());
  larger.count = count;
  for (const Slot& slot : slots) {
    if (slot.id != 0) larger.find(slot.id) = slot;
  }
  *this = std::move(larger);
}

void DedupMemory::Table::clear() {
  std::ranges::fill(slots, Slot());
  count = 0;
}

DedupMemory::Verdict DedupMemory::see(uint64_t id, uint64_t content) {
  if (id == 0) id = 1;
  const auto verdict_of = [content](const Slot& known) {
    return known.content == content ? Verdict::kDuplicate : Verdict::kConflict;
  };
  Slot* slot = &young_.find(id);
  if (slot->id == id) return verdict_of(*slot);
  if (old_.count != 0) {
    const Slot& old = old_.find(id);
    if (old.id == id) return verdict_of(old);
  }
  if (young_.count == ids_max_) {
    forgotten_ += old_.count;
    std::swap(young_, old_);
    young_.clear();
    slot = &young_.find(id);
  }
  if (young_.is_full()) {
    young_.grow();
    slot = &young_.find(id);
  }
  *slot = {id, content};
  ++young_.count;
  return Verdict::kNew;
}

}  // namespace stanch::pipeline
