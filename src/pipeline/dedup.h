#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace stanch::pipeline {

// Remembers which event ids were seen, and with what content, in bounded
// memory: two generations of a hash table. When the young one is full, the old
// one is forgotten and they change places, so at least `ids_max` and at most
// twice as many ids are remembered, the newest ones. Not thread-safe.
//
// Ids and contents are 64-bit keyed hashes (codec::keyed_hash). Two events are
// taken for one only if both agree; if two different ids collide, which takes
// about 2^32 events by chance, the second is kept and reported as a conflict.
class DedupMemory {
 public:
  explicit DedupMemory(size_t ids_max);

  enum class Verdict : uint8_t {
    kNew,
    kDuplicate,  // same id, same content
    kConflict,   // same id, different content
  };
  Verdict see(uint64_t id, uint64_t content);

  // A hint that see(id, …) comes soon; hides the memory's latency.
  void prefetch(uint64_t id) const {
    __builtin_prefetch(&young_.slots[id & (young_.slots.size() - 1)]);
    if (old_.count != 0) __builtin_prefetch(&old_.slots[id & (old_.slots.size() - 1)]);
  }

  uint64_t forgotten() const { return forgotten_; }
  size_t ids_max() const { return ids_max_; }

  // Calls `visit(id, content)` for all that is remembered, so that another memory of the same
  // size that sees them in this order gives the same verdicts from then on.
  template <typename Visit>
  void for_each(Visit visit) const {
    for (const Table* table : {&old_, &young_}) {
      for (const Slot& slot : table->slots) {
        if (slot.id != 0) visit(slot.id, slot.content);
      }
    }
  }
  // Such a memory knows nothing of what was forgotten before.
  void set_forgotten(uint64_t count) { forgotten_ = count; }

 private:
  struct Slot {
    uint64_t id = 0;  // 0: free
    uint64_t content = 0;
  };
  // Open addressing, at most three quarters full. Starts small and doubles, so that a small
  // scan takes little memory.
  struct Table {
    std::vector<Slot> slots = std::vector<Slot>(kSlotsMin);  // a power of two
    size_t count = 0;

    bool is_full() const { return (count + 1) * 4 > slots.size() * 3; }
    Slot& find(uint64_t id);  // where it is, or a free one where it belongs
    void grow();
    void clear();
  };
  static constexpr size_t kSlotsMin = 4096;

  size_t ids_max_;
  Table young_, old_;
  uint64_t forgotten_ = 0;
};

}  // namespace stanch::pipeline
