#include "detect/correlate/window.h"

#include <algorithm>
#include <ext/pb_ds/assoc_container.hpp>
#include <ext/pb_ds/hash_policy.hpp>
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

// Of the temporal types: which rules there are events of.
struct Window::Slots {
  explicit Slots(size_t rules) : of_slot(rules), now(rules) {}
  std::vector<uint32_t> of_slot;
  std::vector<bool> now;  // in this moment
  size_t count = 0;
  std::vector<std::optional<Time>> chains;
};

// The numbers in their order; each with that of its entry, so that equal ones are kept apart.
struct Window::Ranks {
  using Key = std::pair<Fixed, uint64_t>;
  __gnu_pbds::tree<Key, __gnu_pbds::null_type, std::less<>, __gnu_pbds::rb_tree_tag,
                   __gnu_pbds::tree_order_statistics_node_update>
      tree;
  Fixed at(size_t rank) const { return tree.find_by_order(rank)->first; }
};

struct Window::Numbers {
  Fixed sum = 0;
  uint64_t first = 0;  // number of the first entry; they are counted on
  std::unique_ptr<Ranks> ranks;
};

// Values by their keyed hash: who does not know the secret cannot choose two that look one, and by
// chance it takes billions.
struct Window::Distinct {
  struct Same {
    size_t operator()(uint64_t hash) const { return hash; }
  };
  uint64_t hash_of(const Entry& entry, size_t fields) {
    if (fields == 1) return codec::keyed_hash(secret, *entry.values.front());
    key.clear();  // several: each behind its length
    for (size_t i = 0; i < fields; ++i) {
      key += std::to_string(entry.values[i]->size());
      key += ':';
      key += *entry.values[i];
    }
    return codec::keyed_hash(secret, key);
  }
  codec::HashSecret secret;
  std::string key = {};
  __gnu_pbds::gp_hash_table<uint64_t, uint32_t, Same> counts = {};  // without a node a value
};

Window::Window(const Compiled& compiled, codec::HashSecret secret) : compiled_(&compiled) {
  switch (compiled.tree.type) {
    case kTemporal:
    case kTemporalOrdered:
      slots_ = std::make_unique<Slots>(compiled.tree.rules.size());
      if (compiled.tree.type == kTemporalOrdered) slots_->chains.resize(slots_->of_slot.size());
      break;
    case kValueCount: distinct_ = std::make_unique<Distinct>(secret); break;
    case kValuePercentile:
    case kValueMedian:
      numbers_ = std::make_unique<Numbers>();
      numbers_->ranks = std::make_unique<Ranks>();
      break;
    case kValueSum:
    case kValueAvg: numbers_ = std::make_unique<Numbers>(); break;
    case kEventCount:
    case kFirstSeen:
    case kRare:
    case kSurge:
    case kSilence: break;
  }
}
Window::~Window() = default;
Window::Window(Window&&) noexcept = default;

std::span<std::optional<Time>> Window::chains() {
  return slots_ ? std::span(slots_->chains) : std::span<std::optional<Time>>();
}
std::span<const std::optional<Time>> Window::chains() const {
  return slots_ ? std::span<const std::optional<Time>>(slots_->chains)
                : std::span<const std::optional<Time>>();
}

std::optional<Fixed> Window::number_of(const Entry& entry) const {
  return parse_fixed(*entry.values.front());
}

bool Window::add(Entry entry) {
  for (size_t i = 0; i < compiled_->fields(); ++i) {
    if (!entry.values[i]) return false;
  }
  if (numbers_) {
    const auto number = number_of(entry);
    if (!number) return false;
    numbers_->sum += *number;
    if (numbers_->ranks) {
      numbers_->ranks->tree.insert({*number, numbers_->first + entries().size()});
    }
  }
  if (distinct_) ++distinct_->counts[distinct_->hash_of(entry, compiled_->fields())];
  if (slots_) {
    if (slots_->of_slot[entry.slot]++ == 0) ++slots_->count;
    slots_->now[entry.slot] = true;
  }
  // Room for one is what most need.
  if (entries_.empty()) entries_.reserve(1);
  entries_.push_back(std::move(entry));
  return true;
}

void Window::drop_first() {
  Entry& entry = entries_[begin_];
  if (distinct_) {
    const auto found = distinct_->counts.find(distinct_->hash_of(entry, compiled_->fields()));
    if (--found->second == 0) distinct_->counts.erase(found->first);
  }
  if (numbers_) {
    const Fixed number = *number_of(entry);
    numbers_->sum -= number;
    if (numbers_->ranks) numbers_->ranks->tree.erase({number, numbers_->first});
    ++numbers_->first;
  }
  if (slots_ && --slots_->of_slot[entry.slot] == 0) --slots_->count;
  entry = {};
  // What is gone is given back when it is half of all.
  if (++begin_ * 2 < entries_.size()) return;
  entries_.erase(entries_.begin(), entries_.begin() + static_cast<std::ptrdiff_t>(begin_));
  begin_ = 0;
}

// A chain is an event of each rule up to one, none before the one in front of it. Events of one
// moment stand in any order, so that the rules are gone through in theirs.
void Window::end_moment(Time time) {
  if (!slots_) return;
  std::vector<std::optional<Time>>& chains = slots_->chains;
  for (size_t slot = 0; slot < chains.size(); ++slot) {
    if (!slots_->now[slot]) continue;
    if (slot == 0) {
      chains[0] = time;
    } else if (chains[slot - 1]) {
      chains[slot] = chains[slot - 1];
    }
  }
  std::fill(slots_->now.begin(), slots_->now.end(), false);
}

bool Window::holds(Time now) const {
  CHECK(!entries().empty());
  const sigma::Correlation& tree = compiled_->tree;
  if (tree.expression) return holds(*tree.expression);
  if (tree.type == kTemporalOrdered) {
    const std::optional<Time>& begins = slots_->chains.back();
    return begins && span_of(*begins, now) <= tree.timespan;
  }
  if (compiled_->is_about_news()) return entries().size() <= compiled_->seldom;
  if (tree.bounds.empty()) return slots_->count == slots_->of_slot.size();
  return bounds_hold();
}

bool Window::holds(const sigma::Condition& condition) const {
  using enum sigma::Condition::Kind;
  const auto is_true = [this](const sigma::Condition& child) { return holds(child); };
  const auto fired = [this](uint32_t slot) { return slots_->of_slot[slot] != 0; };
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
  const size_t size = entries().size();
  const auto count = static_cast<Fixed>(size);
  Fixed value = 0;
  Fixed times = 1;  // the bounds are multiplied by it instead of dividing
  switch (compiled_->tree.type) {
    case kEventCount:
    case kSurge: value = count * kFixedOne; break;
    case kValueCount: value = static_cast<Fixed>(distinct_->counts.size()) * kFixedOne; break;
    case kTemporal:
    case kTemporalOrdered: value = static_cast<Fixed>(slots_->count) * kFixedOne; break;
    case kValueSum: value = numbers_->sum; break;
    case kValueAvg:
      value = numbers_->sum;
      times = count;
      break;
    case kValuePercentile: {
      // The nearest rank: the least value that so many percent do not exceed.
      const size_t rank = (size * compiled_->tree.percentile + 99) / 100;
      value = numbers_->ranks->at(rank - 1);
      break;
    }
    case kValueMedian:
      // Of an even number the mean of the two in the middle.
      value = numbers_->ranks->at((size - 1) / 2) + numbers_->ranks->at(size / 2);
      times = 2;
      break;
    case kFirstSeen:
    case kRare:
    case kSilence: return false;  // decided elsewhere
  }
  for (size_t i = 0; i < compiled_->bounds.size(); ++i) {
    if (!compare(value, compiled_->tree.bounds[i].op, compiled_->bounds[i] * times)) return false;
  }
  return true;
}

std::vector<Named> Window::name_events() const {
  std::vector<Named> named;
  std::vector<size_t> of_slot(compiled_->tree.rules.size()), left(of_slot.size());
  for (const Entry& entry : entries()) ++left[entry.slot];
  for (const Entry& entry : entries()) {
    // The last of each rule is always named.
    const bool is_last = --left[entry.slot] == 0;
    if (of_slot[entry.slot]++ >= kNamedOfRuleMax - 1 && !is_last) continue;
    if (entry.inner) {
      named.insert(named.end(), entry.inner->begin(), entry.inner->end());
    } else {
      named.push_back({entry.time, entry.event});
    }
  }
  std::ranges::sort(named);
  named.erase(std::ranges::unique(named).begin(), named.end());
  if (named.size() > kNamedMax) named.erase(named.begin() + kNamedMax - 1, named.end() - 1);
  return named;
}

}  // namespace stanch::detect::correlate
