#pragma once

#include <algorithm>
#include <span>

#include "base/text_arena.h"
#include "model/event.h"

namespace stanch::normalize {

// The targets of facts while they are found: in the arena, kTargetsMax at most, what is beyond
// them counted.
class TargetList {
 public:
  // Both must outlive it; the facts have none yet.
  TargetList(TextArena& arena, model::Facts& facts) : arena_(arena), facts_(facts) {}

  // Null if it is not there.
  model::Target* find(model::EntityRef entity) {
    const auto begin = room_.begin(), end = begin + static_cast<std::ptrdiff_t>(size());
    const auto found = std::ranges::find(begin, end, entity, &model::Target::entity);
    return found == end ? nullptr : &*found;
  }

  // One that is not there.
  void append(const model::Target& target) {
    if (size() == model::kTargetsMax) {
      ++facts_.targets_omitted;
      return;
    }
    if (size() == room_.size()) {
      const auto room = arena_.make_list<model::Target>(std::max<size_t>(4, size() * 2));
      std::ranges::copy(facts_.targets, room.begin());
      room_ = room;
    }
    room_[size()] = target;
    facts_.targets = room_.first(size() + 1);
  }

  // Once, and only what has an id.
  void add(model::EntityRef entity, model::TargetSource source, bool created = false) {
    if (!entity.empty() && find(entity) == nullptr) append({entity, source, created});
  }

 private:
  size_t size() const { return facts_.targets.size(); }

  TextArena& arena_;
  model::Facts& facts_;
  std::span<model::Target> room_ = {};
};

}  // namespace stanch::normalize
