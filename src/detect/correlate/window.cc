#include "detect/correlate/window.h"

#include <algorithm>
#include <ext/pb_ds/assoc_container.hpp>
#include <ext/pb_ds/tree_policy.hpp>
#include <functional>
#include <utility>

#include "base/check.h"
#include "detect/correlate/limits.h"

namespace stanch::detect::correlate {

using enum sigma::CorrelationType;

namespace {

bool compare(Fixed a, sigma::Bound::Operator op, Fixed b) {
  using enum sigma::Bound::Operator;
  switch (op) {
    case kGt: return a > b;
    case kGte: return a >= b;
    case kLt: return a < b;
    case kLte: return a <= b;
    case kEq: return a == b;
    case kNeq: return a != b;
  }
  return false;
}

}  // namespace

// The numbers in their order; each with that of its entry, so that equal ones are kept apart.
struct Window::Ranks {
  using Key = std::pair<Fixed, uint64_t>;
  __gnu_pbds::tree<Key, __gnu_pbds::null_type, std::less<>, __gnu_pbds::rb_tree_tag,
                   __gnu_pbds::tree_order_statistics_node_update>
      tree;
  Fixed at(size_t rank) const { return tree.find_by_order(rank)->first; }
};

Window::Window(const Compiled& compiled, codec::HashSecret secret)
    : compiled_(&compiled),
      of_slot_(compiled.tree.rules.size()),
      slots_now_(compiled.tree.rules.size()),
      distinct_(0, KeyHash{secret}) {
  if (compiled.tree.type == kTemporalOrdered) chains.resize(of_slot_.size());
  if (compiled.tree.type == kValuePercentile || compiled.tree.type == kValueMedian) {
    ranks_ = std::make_unique<Ranks>();
  }
}
Window::~Window() = default;
Window::Window(Window&&) noexcept = default;

// Several fields: their values, each behind its length.
std::string Window::distinct_key(const Entry& entry) const {
  std::string key;
  for (size_t i = 0; i < compiled_->fields(); ++i) {
    key += std::to_string(entry.values[i]->size()) + ":" + *entry.values[i];
  }
  return key;
}

std::optional<Fixed> Window::number_of(const Entry& entry) const {
  return parse_fixed(*entry.values.front());
}

bool Window::add(Entry entry) {
  const sigma::CorrelationType type = compiled_->tree.type;
  for (size_t i = 0; i < compiled_->fields(); ++i) {
    if (!entry.values[i]) return false;
  }
  if (type == kValueCount) {
    ++distinct_[distinct_key(entry)];
  } else if (compiled_->fields() != 0 && !compiled_->is_learning()) {
    const auto number = number_of(entry);
    if (!number) return false;
    sum_ += *number;
    if (ranks_) ranks_->tree.insert({*number, first_ + entries_.size()});
  }
  if (of_slot_[entry.slot]++ == 0) ++slots_;
  slots_now_[entry.slot] = true;
  entries_.push_back(std::move(entry));
  return true;
}

void Window::drop_first() {
  const Entry& entry = entries_.front();
  if (compiled_->tree.type == kValueCount) {
    const auto found = distinct_.find(distinct_key(entry));
    if (--found->second == 0) distinct_.erase(found);
  } else if (compiled_->fields() != 0 && !compiled_->is_learning()) {
    const Fixed number = *number_of(entry);
    sum_ -= number;
    if (ranks_) ranks_->tree.erase({number, first_});
  }
  if (--of_slot_[entry.slot] == 0) --slots_;
  entries_.pop_front();
  ++first_;
}

// A chain is an event of each rule up to one, none before the one in front of it. Events of one
// moment stand in any order, so that the rules are gone through in theirs.
void Window::end_moment(Time time) {
  for (size_t slot = 0; slot < chains.size(); ++slot) {
    if (!slots_now_[slot]) continue;
    if (slot == 0) {
      chains[0] = time;
    } else if (chains[slot - 1]) {
      chains[slot] = chains[slot - 1];
    }
  }
  std::fill(slots_now_.begin(), slots_now_.end(), false);
}

bool Window::holds(Time now) const {
  CHECK(!entries_.empty());
  const sigma::Correlation& tree = compiled_->tree;
  if (tree.expression) return holds(*tree.expression);
  if (tree.type == kTemporalOrdered) {
    return chains.back() && span_of(*chains.back(), now) <= tree.timespan;
  }
  if (compiled_->is_learning()) return entries_.size() <= compiled_->seldom;
  if (tree.bounds.empty()) return slots_ == of_slot_.size();
  return bounds_hold();
}

bool Window::holds(const sigma::Condition& condition) const {
  using enum sigma::Condition::Kind;
  const auto is_true = [this](const sigma::Condition& child) { return holds(child); };
  const auto fired = [this](uint32_t slot) { return of_slot_[slot] != 0; };
  switch (condition.kind) {
    case kAnd: return std::ranges::all_of(condition.children, is_true);
    case kOr: return std::ranges::any_of(condition.children, is_true);
    case kNot: return !holds(condition.children.front());
    case kDetection:
    case kAnyOf: return std::ranges::any_of(condition.detections, fired);
    case kAllOf: return std::ranges::all_of(condition.detections, fired);
  }
  return false;
}

bool Window::bounds_hold() const {
  const auto count = static_cast<Fixed>(entries_.size());
  Fixed value = 0;
  Fixed times = 1;  // the bounds are multiplied by it instead of dividing
  switch (compiled_->tree.type) {
    case kEventCount: value = count * kFixedOne; break;
    case kValueCount: value = static_cast<Fixed>(distinct_.size()) * kFixedOne; break;
    case kTemporal:
    case kTemporalOrdered: value = static_cast<Fixed>(slots_) * kFixedOne; break;
    case kValueSum: value = sum_; break;
    case kValueAvg:
      value = sum_;
      times = count;
      break;
    case kValuePercentile: {
      // The nearest rank: the least value that so many percent do not exceed.
      const size_t rank = (entries_.size() * compiled_->tree.percentile + 99) / 100;
      value = ranks_->at(rank - 1);
      break;
    }
    case kValueMedian:
      // Of an even number the mean of the two in the middle.
      value = ranks_->at((entries_.size() - 1) / 2) + ranks_->at(entries_.size() / 2);
      times = 2;
      break;
    case kFirstSeen:
    case kRare: return false;  // holds() has said
  }
  for (size_t i = 0; i < compiled_->bounds.size(); ++i) {
    if (!compare(value, compiled_->tree.bounds[i].op, compiled_->bounds[i] * times)) return false;
  }
  return true;
}

std::vector<Named> Window::name_events() const {
  std::vector<Named> named;
  std::vector<size_t> of_slot(of_slot_.size());
  for (const Entry& entry : entries_) {
    if (of_slot[entry.slot]++ >= kNamedOfRuleMax) continue;
    if (entry.inner) {
      named.insert(named.end(), entry.inner->begin(), entry.inner->end());
    } else {
      named.push_back({entry.time, entry.event});
    }
  }
  std::ranges::sort(named);
  named.erase(std::ranges::unique(named).begin(), named.end());
  if (named.size() > kNamedMax) named.resize(kNamedMax);
  return named;
}

}  // namespace stanch::detect::correlate
