// Each group is gone through as the correlator does, window by window. A window is the better the
// more of what is asked it has: of each bound a part of one, one if it holds; of temporal types
// the rules that it has. Of windows that are as good the one with more events is taken, then the
// earlier. Of types that learn there is nothing to measure: the group with most events is taken.

#include "detect/correlate/nearest.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "detect/correlate/window.h"

namespace stanch::detect::correlate {

namespace {

using sigma::Bound;
using sigma::CorrelationType;

double as_double(Fixed number) {
  return static_cast<double>(number) / static_cast<double>(kFixedOne);
}

// How much of a bound is reached: from 0 to 1, which is all.
double reached(double value, Bound::Operator op, double bound) {
  using enum Bound::Operator;
  const auto part = [](double of, double all) {
    return all <= 0 || of <= 0 ? 0 : std::min(of / all, 0.999);
  };
  switch (op) {
    case kGt: return value > bound ? 1 : part(value, bound);
    case kGte: return value >= bound ? 1 : part(value, bound);
    case kLt: return value < bound ? 1 : part(bound, value);
    case kLte: return value <= bound ? 1 : part(bound, value);
    case kEq: return value == bound ? 1 : part(std::min(value, bound), std::max(value, bound));
    case kNeq: return value != bound ? 1 : 0;
  }
  return 0;
}

class Finder {
 public:
  Finder(const Compiled& correlation, std::span<const Arrived> arrivals)
      : correlation_(correlation), arrivals_(arrivals) {}

  Nearness find() {
    const size_t rules = correlation_.tree.rules.size();
    out_.of_slot.resize(rules);
    out_.without_group.resize(correlation_.groups());
    out_.without_value.resize(correlation_.fields());
    counts_.resize(rules);
    for (size_t i = 0; i < arrivals_.size(); ++i) sort_in(i);
    out_.groups = groups_.size();
    for (const auto& [key, members] : groups_) go_through(members);
    if (out_.nearest && is_temporal()) add_missing();
    return std::move(out_);
  }

 private:
  bool is_temporal() const {
    return correlation_.tree.type == CorrelationType::kTemporal || is_ordered();
  }
  bool is_ordered() const { return correlation_.tree.type == CorrelationType::kTemporalOrdered; }

  void sort_in(size_t index) {
    const Arrived& arrived = arrivals_[index];
    ++out_.of_slot[arrived.slot];
    bool counts = true;
    for (size_t i = 0; i < correlation_.groups(); ++i) {
      if (arrived.values[i]) continue;
      ++out_.without_group[i];
      counts = false;
    }
    if (!counts) return;
    for (size_t i = 0; i < correlation_.fields(); ++i) {
      if (arrived.values[correlation_.groups() + i]) continue;
      ++out_.without_value[i];
      counts = false;
    }
    if (!counts) return;
    if (!Window(correlation_, {}).add(correlation_, entry_of(arrived))) {
      ++out_.without_value.front();
      return;
    }
    ++counts_[arrived.slot];
    std::vector<std::string> group;
    for (size_t i = 0; i < correlation_.groups(); ++i) group.push_back(*arrived.values[i]);
    groups_[std::move(group)].push_back(index);
  }

  Entry entry_of(const Arrived& arrived) const {
    std::vector<std::optional<std::string_view>> values(arrived.values.begin(),
                                                        arrived.values.end());
    return {arrived.time, arrived.slot,
            PackedTexts(arrived.event, Texts(values).subspan(correlation_.groups())), nullptr};
  }

  // W6: several rules may match one event.
  bool is_known(const Window& window, const Arrived& arrived) const {
    if (window.entries().empty()) return false;
    const Entry& last = window.entries().back();
    return last.time == arrived.time && last.event() == arrived.event &&
           (!is_temporal() || last.slot == arrived.slot);
  }

  void go_through(const std::vector<size_t>& members) {
    std::optional<Window> window(std::in_place, correlation_, codec::HashSecret{});
    Duration gap{};
    for (size_t i = 0; i < members.size(); ++i) {
      const Arrived& arrived = arrivals_[members[i]];
      if (i > 0) gap = std::max(gap, span_of(arrivals_[members[i - 1]].time, arrived.time));
      const auto is_over = [&] {
        return !window->entries().empty() &&
               span_of(window->entries().front().time, arrived.time) > correlation_.tree.timespan;
      };
      if (correlation_.at_close && is_over()) {
        consider(*window, members);
        window.emplace(correlation_, codec::HashSecret{});
      }
      while (is_over()) window->drop_first(correlation_);
      if (!is_known(*window, arrived)) window->add(correlation_, entry_of(arrived));
      const bool goes_on = i + 1 < members.size() && arrivals_[members[i + 1]].time == arrived.time;
      if (goes_on) continue;
      window->end_moment(arrived.time);
      if (!correlation_.at_close) consider(*window, members);
    }
    if (correlation_.at_close) consider(*window, members);
    if (best_members_ != &members) return;
    out_.nearest->known = span_of(arrivals_[members.front()].time, arrivals_[members.back()].time);
    out_.nearest->gap = gap;
  }

  // Of temporal_ordered: how many rules, from the first on, follow each other.
  size_t chain_of(const Window& window) const {
    const Time now = window.entries().back().time;
    size_t length = 0;
    for (const std::optional<Time>& begins : window.chains()) {
      if (!begins || span_of(*begins, now) > correlation_.tree.timespan) break;
      ++length;
    }
    return length;
  }

  std::vector<bool> rules_in(const Window& window) const {
    std::vector<bool> in(correlation_.tree.rules.size());
    for (const Entry& entry : window.entries()) in[entry.slot] = true;
    return in;
  }

  double score_of(const Window& window) const {
    double score = 0;
    if (is_ordered()) return static_cast<double>(chain_of(window));
    if (correlation_.tree.bounds.empty() && is_temporal()) {
      return static_cast<double>(std::ranges::count(rules_in(window), true));
    }
    const auto measured = window.measured(correlation_);
    for (size_t i = 0; measured && i < correlation_.bounds.size(); ++i) {
      score += reached(as_double(measured->value) / static_cast<double>(measured->of),
                       correlation_.tree.bounds[i].op, as_double(correlation_.bounds[i]));
    }
    return score;
  }

  void consider(const Window& window, const std::vector<size_t>& members) {
    const auto rank = std::tuple(score_of(window), window.entries().size());
    if (out_.nearest && rank <= best_) return;
    best_ = rank;
    best_members_ = &members;
    Nearest& nearest = out_.nearest.emplace();
    const Arrived& first = arrivals_[members.front()];
    for (size_t i = 0; i < correlation_.groups(); ++i) nearest.group.push_back(*first.values[i]);
    nearest.from = window.entries().front().time;
    nearest.to = window.entries().back().time;
    nearest.counted = window.entries().size();
    nearest.in_group = members.size();
    if (const auto measured = window.measured(correlation_);
        measured && !correlation_.bounds.empty()) {
      nearest.value = to_text(measured->value / measured->of);
    }
    best_rules_ = rules_in(window);
    best_chain_ = is_ordered() ? chain_of(window) : 0;
  }

  void add_missing() {
    using enum MissingRule::Where;
    for (uint32_t slot = 0; slot < best_rules_.size(); ++slot) {
      if (is_ordered() ? slot < best_chain_ : best_rules_[slot]) continue;
      const bool in_group = std::ranges::any_of(
          *best_members_, [&](size_t index) { return arrivals_[index].slot == slot; });
      const auto where = best_rules_[slot]   ? kBefore
                         : in_group          ? kOutside
                         : counts_[slot] > 0 ? kOtherGroup
                                             : kNowhere;
      out_.nearest->missing.push_back({slot, where});
    }
  }

  const Compiled& correlation_;
  std::span<const Arrived> arrivals_;
  std::map<std::vector<std::string>, std::vector<size_t>> groups_;  // of what counts
  std::vector<uint64_t> counts_;                                    // of it, by rule
  std::tuple<double, size_t> best_;
  const std::vector<size_t>* best_members_ = nullptr;
  std::vector<bool> best_rules_;
  size_t best_chain_ = 0;
  Nearness out_;
};

}  // namespace

Nearness find_nearest(const Compiled& correlation, std::span<const Arrived> arrivals) {
  return Finder(correlation, arrivals).find();
}

}  // namespace stanch::detect::correlate
