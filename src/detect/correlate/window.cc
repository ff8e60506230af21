#include "detect/correlate/window.h"

#include <algorithm>
#include <ext/pb_ds/assoc_container.hpp>
#include <ext/pb_ds/hash_policy.hpp>
#include <ext/pb_ds/tree_policy.hpp>
#include <functional>
#include <utility>
#include <variant>

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
    if (fields == 1) return codec::keyed_hash(secret, *entry.value(0));
    key.clear();  // several: each behind its length
    for (size_t i = 0; i < fields; ++i) {
      const std::string_view value = *entry.value(i);
      key.append(std::to_string(value.size())).append(1, ':').append(value);
    }
    return codec::keyed_hash(secret, key);
  }
  codec::HashSecret secret;
  std::string key = {};
  __gnu_pbds::gp_hash_table<uint64_t, uint32_t, Same> counts = {};  // without a node a value
};

struct Window::More {
  std::variant<Slots, Numbers, Distinct> of;
  Slots* slots() { return std::get_if<Slots>(&of); }
  Numbers* numbers() { return std::get_if<Numbers>(&of); }
  Distinct* distinct() { return std::get_if<Distinct>(&of); }
};

Window::Window() = default;
Window::Window(const Compiled& compiled, codec::HashSecret secret) {
  const auto make = [this](auto of) { more_ = std::make_unique<More>(More{std::move(of)}); };
  switch (compiled.tree.type) {
    case kTemporal:
    case kTemporalOrdered: {
      Slots slots(compiled.tree.rules.size());
      if (compiled.tree.type == kTemporalOrdered) slots.chains.resize(slots.of_slot.size());
      make(std::move(slots));
      break;
    }
    case kValueCount: make(Distinct{secret}); break;
    case kValuePercentile:
    case kValueMedian: make(Numbers{.ranks = std::make_unique<Ranks>()}); break;
    case kValueSum:
    case kValueAvg: make(Numbers()); break;
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
  Slots* const slots = more_ ? more_->slots() : nullptr;
  return slots != nullptr ? std::span(slots->chains) : std::span<std::optional<Time>>();
}
std::span<const std::optional<Time>> Window::chains() const {
  const Slots* const slots = more_ ? more_->slots() : nullptr;
  return slots != nullptr ? std::span<const std::optional<Time>>(slots->chains)
                          : std::span<const std::optional<Time>>();
}

namespace {

std::optional<Fixed> number_of(const Entry& entry) { return parse_fixed(*entry.value(0)); }

}  // namespace

bool Window::add(const Compiled& compiled, Entry entry) {
  for (size_t i = 0; i < compiled.fields(); ++i) {
    if (!entry.value(i)) return false;
  }
  if (more_) {
    if (Numbers* const numbers = more_->numbers()) {
      const auto number = number_of(entry);
      if (!number) return false;
      numbers->sum += *number;
      if (numbers->ranks) {
        numbers->ranks->tree.insert({*number, numbers->first + entries().size()});
      }
    } else if (Distinct* const distinct = more_->distinct()) {
      ++distinct->counts[distinct->hash_of(entry, compiled.fields())];
    } else if (Slots* const slots = more_->slots()) {
      if (slots->of_slot[entry.slot]++ == 0) ++slots->count;
      slots->now[entry.slot] = true;
    }
  }
  // Room for one is what most need.
  if (entries_.empty()) entries_.reserve(1);
  entries_.push_back(std::move(entry));
  return true;
}

void Window::drop_first(const Compiled& compiled) {
  Entry& entry = entries_[begin_];
  if (more_) {
    if (Distinct* const distinct = more_->distinct()) {
      const auto found = distinct->counts.find(distinct->hash_of(entry, compiled.fields()));
      if (--found->second == 0) distinct->counts.erase(found->first);
    } else if (Numbers* const numbers = more_->numbers()) {
      const Fixed number = *number_of(entry);
      numbers->sum -= number;
      if (numbers->ranks) numbers->ranks->tree.erase({number, numbers->first});
      ++numbers->first;
    } else if (Slots* const slots = more_->slots()) {
      if (--slots->of_slot[entry.slot] == 0) --slots->count;
    }
  }
  entry = {};
  // What is gone is given back when it is half of all.
  if (++begin_ * size_t{2} < entries_.size()) return;
  entries_.erase(entries_.begin(), entries_.begin() + static_cast<std::ptrdiff_t>(begin_));
  begin_ = 0;
}

// A chain is an event of each rule up to one, none before the one in front of it. Events of one
// moment stand in any order, so that the rules are gone through in theirs.
void Window::end_moment(Time time) {
  in_moment_ = false;
  Slots* const slots = more_ ? more_->slots() : nullptr;
  if (slots == nullptr) return;
  std::vector<std::optional<Time>>& chains = slots->chains;
  for (size_t slot = 0; slot < chains.size(); ++slot) {
    if (!slots->now[slot]) continue;
    if (slot == 0) {
      chains[0] = time;
    } else if (chains[slot - 1]) {
      chains[slot] = chains[slot - 1];
    }
  }
  std::fill(slots->now.begin(), slots->now.end(), false);
}

namespace {

template <typename Fired>
bool condition_holds(const sigma::Condition& condition, const Fired& fired) {
  using enum sigma::Condition::Kind;
  const auto is_true = [&](const sigma::Condition& child) { return condition_holds(child, fired); };
  switch (condition.kind) {
    case kAnd: return std::ranges::all_of(condition.children, is_true);
    case kOr: return std::ranges::any_of(condition.children, is_true);
    case kNot: return !is_true(condition.children.front());
    case kDetection:
    case kAnyOf: return std::ranges::any_of(condition.detections, fired);
    case kAllOf: return std::ranges::all_of(condition.detections, fired);
  }
  return false;
}

}  // namespace

bool Window::holds(const Compiled& compiled, Time now) const {
  CHECK(!entries().empty());
  const sigma::Correlation& tree = compiled.tree;
  if (compiled.is_about_news()) return entries().size() <= compiled.seldom;
  const Slots* const slots = more_ ? more_->slots() : nullptr;
  if (tree.expression) {
    return condition_holds(*tree.expression,
                           [&](uint32_t slot) { return slots->of_slot[slot] != 0; });
  }
  if (tree.type == kTemporalOrdered) {
    const std::optional<Time>& begins = slots->chains.back();
    return begins && span_of(*begins, now) <= tree.timespan;
  }
  if (tree.bounds.empty()) return slots->count == slots->of_slot.size();
  return bounds_hold(compiled);
}

std::optional<Window::Measured> Window::measured(const Compiled& compiled) const {
  const size_t size = entries().size();
  const auto count = static_cast<Fixed>(size);
  switch (compiled.tree.type) {
    case kEventCount:
    case kSurge: return Measured{count * kFixedOne};
    case kValueCount:
      return Measured{static_cast<Fixed>(more_->distinct()->counts.size()) * kFixedOne};
    case kTemporal:
    case kTemporalOrdered: return Measured{static_cast<Fixed>(more_->slots()->count) * kFixedOne};
    case kValueSum: return Measured{more_->numbers()->sum};
    case kValueAvg: return Measured{more_->numbers()->sum, count};
    case kValuePercentile: {
      // The nearest rank: the least value that so many percent do not exceed.
      const size_t rank = (size * compiled.tree.percentile + 99) / 100;
      return Measured{more_->numbers()->ranks->at(rank - 1)};
    }
    case kValueMedian: {
      // Of an even number the mean of the two in the middle.
      const Ranks& ranks = *more_->numbers()->ranks;
      return Measured{ranks.at((size - 1) / 2) + ranks.at(size / 2), 2};
    }
    case kFirstSeen:
    case kRare:
    case kSilence: break;  // decided elsewhere
  }
  return std::nullopt;
}

bool Window::bounds_hold(const Compiled& compiled) const {
  const auto measured = this->measured(compiled);
  if (!measured) return false;
  // The bounds are multiplied instead of dividing.
  for (size_t i = 0; i < compiled.bounds.size(); ++i) {
    const Fixed bound = compiled.bounds[i] * measured->of;
    if (!compare(measured->value, compiled.tree.bounds[i].op, bound)) return false;
  }
  return true;
}

std::vector<Named> Window::name_events(const Compiled& compiled) const {
  std::vector<Named> named;
  std::vector<size_t> of_slot(compiled.tree.rules.size()), left(of_slot.size());
  for (const Entry& entry : entries()) ++left[entry.slot];
  for (const Entry& entry : entries()) {
    // The last of each rule is always named.
    const bool is_last = --left[entry.slot] == 0;
    if (of_slot[entry.slot]++ >= kNamedOfRuleMax - 1 && !is_last) continue;
    if (entry.inner) {
      named.insert(named.end(), entry.inner->begin(), entry.inner->end());
    } else {
      named.push_back({entry.time, std::string(entry.event())});
    }
  }
  std::ranges::sort(named);
  named.erase(std::ranges::unique(named).begin(), named.end());
  if (named.size() > kNamedMax) named.erase(named.begin() + kNamedMax - 1, named.end() - 1);
  return named;
}

}  // namespace stanch::detect::correlate
