#include "pipeline/dedup.h"

#include <algorithm>
#include <utility>

namespace stanch::pipeline {

DedupMemory::DedupMemory(size_t ids_max) : ids_max_(std::max<size_t>(ids_max, 1)) {}

DedupMemory::Slot* DedupMemory::Table::find(uint64_t id) {
  const size_t mask = slots.size() - 1;
  for (size_t at = id & mask; slots[at].id != 0; at = (at + 1) & mask) {
    if (slots[at].id == id) return &slots[at];
  }
  return nullptr;
}

void DedupMemory::Table::insert(uint64_t id, uint64_t content) {
  if ((count + 1) * 4 > slots.size() * 3) {
    Table larger;
    larger.slots.assign(slots.size() * 2, Slot());
    for (const Slot& slot : slots) {
      if (slot.id != 0) larger.insert(slot.id, slot.content);
    }
    *this = std::move(larger);
  }
  const size_t mask = slots.size() - 1;
  size_t at = id & mask;
  while (slots[at].id != 0) at = (at + 1) & mask;
  slots[at] = {id, content};
  ++count;
}

void DedupMemory::Table::clear() {
  std::ranges::fill(slots, Slot());
  count = 0;
}

DedupMemory::Verdict DedupMemory::see(uint64_t id, uint64_t content) {
  if (id == 0) id = 1;
  Slot* known = young_.find(id);
  if (!known) known = old_.find(id);
  if (known) return known->content == content ? Verdict::kDuplicate : Verdict::kConflict;
  if (young_.count == ids_max_) {
    forgotten_ += old_.count;
    std::swap(young_, old_);
    young_.clear();
  }
  young_.insert(id, content);
  return Verdict::kNew;
}

}  // namespace stanch::pipeline
