#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

// A map of bounded size: what was not looked up for longest makes room. Values do not move while
// they are in it. `LookedUp` is what a key is looked up by: of std::string a view.

namespace stanch::triage {

template <typename Key, typename Value, typename LookedUp = Key>
class RecentMap {
 public:
  explicit RecentMap(size_t size_max) : size_max_(size_max) {}
  RecentMap(RecentMap&&) noexcept = default;
  RecentMap& operator=(RecentMap&&) noexcept = default;
  ~RecentMap() = default;

  // Null if it is not there. Counts as looked up.
  Value* find(LookedUp key) {
    const auto found = places_.find(key);
    if (found == places_.end()) return nullptr;
    rows_.splice(rows_.end(), rows_, found->second);
    return &found->second->second;
  }

  // The value of `key`; a new one if it is not there. `forget` is told what makes room for it.
  Value& at(LookedUp key) {
    return at(key, [](Value&) {});
  }
  template <typename Forget>
  Value& at(LookedUp key, Forget forget) {
    if (Value* value = find(key)) return *value;
    if (rows_.size() >= size_max_) {
      forget(rows_.front().second);
      places_.erase(LookedUp(rows_.front().first));
      rows_.pop_front();
      ++forgotten_;
    }
    rows_.emplace_back(Key(key), Value{});
    places_.emplace(LookedUp(rows_.back().first), std::prev(rows_.end()));
    return rows_.back().second;
  }

  void erase(LookedUp key) {
    const auto found = places_.find(key);
    if (found == places_.end()) return;
    const auto row = found->second;
    places_.erase(found);
    rows_.erase(row);
  }

  // Those that were not looked up for longest first.
  template <typename Visit>
  void each(Visit visit) {
    for (auto& [key, value] : rows_) visit(value);
  }

  size_t size() const { return rows_.size(); }
  uint64_t forgotten() const { return forgotten_; }  // to make room

 private:
  using Rows = std::list<std::pair<const Key, Value>>;

  size_t size_max_;
  Rows rows_;  // what was looked up last, last
  std::unordered_map<LookedUp, typename Rows::iterator> places_;
  uint64_t forgotten_ = 0;
};

// By texts that it owns.
template <typename Value>
using RecentTexts = RecentMap<std::string, Value, std::string_view>;

}  // namespace stanch::triage
