#include "naive/correlate.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <memory>
#include <set>
#include <stdexcept>
#include <tuple>

// docs/formats/sigma.md, W1 to W9, from the innermost correlations to the outermost. A window is
// looked through from its beginning each time that something is asked. Numbers are long doubles:
// the tests use few digits, of which sums are exact.

namespace naive {
namespace over_time {

namespace sigma = stanch::detect::sigma;

// What a correlation looks at: an event, or what an inner one found.
struct Item {
  int64_t time = 0;
  std::string id;
  size_t slot = 0;
  const Event* event = nullptr;            // whose fields it has; of a firing its last
  const Renamed* renamed = nullptr;        // of the rule that matched it
  const sigma::Correlation* of = nullptr;  // the inner correlation
  const Item* last = nullptr;              // the inner one's last item
  std::vector<std::pair<int64_t, std::string>> events;
};

std::vector<std::string> alias(const sigma::Reference& reference, const std::string& name) {
  for (const sigma::Alias& one : reference.aliases) {
    if (one.name == name) return one.fields;
  }
  return {name};
}

// The field `name` of an item, as the correlation `tree` calls it.
std::optional<std::string> value(const sigma::Correlation& tree, const Item& item,
                                 const std::string& name) {
  for (const std::string& field : alias(tree.rules[item.slot], name)) {
    if (item.last != nullptr) return value(*item.of, *item.last, field);
    std::vector<std::string> names = {field};
    if (item.renamed != nullptr && item.renamed->contains(field)) names = item.renamed->at(field);
    for (const std::string& one : names) {
      for (const auto& [key, text] : item.event->fields) {
        if (key == one) return text;
      }
    }
  }
  return std::nullopt;
}

std::optional<long double> number(const std::string& text) {
  size_t end = 0;
  try {
    const long double parsed = std::stold(text, &end);
    if (end == text.size()) return parsed;
  } catch (const std::exception&) {
  }
  return std::nullopt;
}

bool compare(long double a, sigma::Bound::Operator op, long double b) {
  switch (op) {
    case sigma::Bound::Operator::kGt: return a > b;
    case sigma::Bound::Operator::kGte: return a >= b;
    case sigma::Bound::Operator::kLt: return a < b;
    case sigma::Bound::Operator::kLte: return a <= b;
    case sigma::Bound::Operator::kEq: return a == b;
    case sigma::Bound::Operator::kNeq: return a != b;
  }
  throw std::invalid_argument("operator");
}

bool holds(const sigma::Condition& condition, const std::set<size_t>& slots) {
  using Kind = sigma::Condition::Kind;
  switch (condition.kind) {
    case Kind::kAnd:
      for (const auto& child : condition.children) {
        if (!holds(child, slots)) return false;
      }
      return true;
    case Kind::kOr:
      for (const auto& child : condition.children) {
        if (holds(child, slots)) return true;
      }
      return false;
    case Kind::kNot: return !holds(condition.children.at(0), slots);
    case Kind::kAllOf:
      for (const uint32_t slot : condition.detections) {
        if (!slots.contains(slot)) return false;
      }
      return true;
    case Kind::kDetection:
    case Kind::kAnyOf:
      for (const uint32_t slot : condition.detections) {
        if (slots.contains(slot)) return true;
      }
      return false;
  }
  throw std::invalid_argument("condition");
}

// Whether some choice of one item a rule has times that never fall.
bool in_order(const std::vector<const Item*>& window, size_t slot, size_t slots, int64_t from) {
  if (slot == slots) return true;
  for (const Item* item : window) {
    // The earliest that can follow leaves most for the rest.
    if (item->slot == slot && item->time >= from) {
      return in_order(window, slot + 1, slots, item->time);
    }
  }
  return false;
}

bool holds(const sigma::Correlation& tree, const std::vector<const Item*>& window) {
  std::set<size_t> slots;
  for (const Item* item : window) slots.insert(item->slot);
  using Type = sigma::CorrelationType;
  if (tree.expression) return holds(*tree.expression, slots);
  if (tree.type == Type::kTemporalOrdered) return in_order(window, 0, tree.rules.size(), INT64_MIN);
  if (tree.bounds.empty()) return slots.size() == tree.rules.size();
  std::vector<long double> numbers;
  std::set<std::vector<std::string>> tuples;
  for (const Item* item : window) {
    std::vector<std::string> tuple;
    for (const std::string& field : tree.fields) tuple.push_back(value(tree, *item, field).value());
    if (tree.type != Type::kValueCount && !tuple.empty()) {
      numbers.push_back(number(tuple[0]).value());
    }
    tuples.insert(tuple);
  }
  std::sort(numbers.begin(), numbers.end());
  long double sum = 0;
  for (const long double one : numbers) sum += one;
  const auto count = static_cast<long double>(window.size());
  for (const sigma::Bound& bound : tree.bounds) {
    const long double than = std::stold(bound.number);
    long double is = 0;
    switch (tree.type) {
      case Type::kEventCount: is = count; break;
      case Type::kValueCount: is = static_cast<long double>(tuples.size()); break;
      case Type::kTemporal: is = static_cast<long double>(slots.size()); break;
      case Type::kValueSum: is = sum; break;
      case Type::kValueAvg: is = sum - than * count + than; break;  // sum against than × count
      case Type::kValuePercentile: {
        // The least of the values that at least so many percent of all do not exceed.
        for (const long double candidate : numbers) {
          const auto below = std::upper_bound(numbers.begin(), numbers.end(), candidate);
          if ((below - numbers.begin()) * 100 <
              static_cast<int64_t>(tree.percentile) * static_cast<int64_t>(numbers.size())) {
            continue;
          }
          is = candidate;
          break;
        }
        break;
      }
      case Type::kValueMedian: {
        const size_t half = numbers.size() / 2;
        is = numbers.size() % 2 == 1 ? numbers[half] : (numbers[half - 1] + numbers[half]) / 2;
        break;
      }
      case Type::kTemporalOrdered:
      case Type::kFirstSeen:
      case Type::kRare:
      case Type::kSurge:
      case Type::kSilence: break;
    }
    if (!compare(is, bound.op, than)) return false;
  }
  return true;
}

bool negates(const sigma::Condition& condition) {
  if (condition.kind == sigma::Condition::Kind::kNot) return true;
  for (const auto& child : condition.children) {
    if (negates(child)) return true;
  }
  return false;
}

bool waits_for_close(const sigma::Correlation& tree) {
  if (sigma::is_learning(tree.type)) return false;
  if (tree.expression && negates(*tree.expression)) return true;
  for (const sigma::Bound& bound : tree.bounds) {
    if (bound.op != sigma::Bound::Operator::kGt && bound.op != sigma::Bound::Operator::kGte) {
      return true;
    }
  }
  return false;
}

class Recomputation {
 public:
  Recomputation(const std::vector<sigma::Correlation>& correlations, std::vector<Event> events,
                std::vector<Renamed> renamed)
      : correlations_(correlations),
        events_(std::move(events)),
        renamed_(std::move(renamed)),
        found_(correlations.size()) {}

  std::vector<Fired> run() {
    std::vector<size_t> order;
    for (uint32_t depth = 0; order.size() < correlations_.size(); ++depth) {
      for (size_t i = 0; i < correlations_.size(); ++i) {
        if (correlations_[i].depth == depth) order.push_back(i);
      }
    }
    for (const size_t index : order) run(index);
    std::sort(fired_.begin(), fired_.end());
    return fired_;
  }

 private:
  // All that a correlation looks at, in order, without repeats.
  std::vector<Item> items_of(const sigma::Correlation& tree) const {
    std::vector<Item> items;
    for (size_t slot = 0; slot < tree.rules.size(); ++slot) {
      const sigma::Reference& reference = tree.rules[slot];
      if (reference.is_correlation) {
        for (Item item : found_[reference.index]) {
          item.slot = slot;
          items.push_back(item);
        }
        continue;
      }
      for (const Event& event : events_) {
        if (std::count(event.rules.begin(), event.rules.end(), reference.index) == 0) continue;
        Item item;
        item.time = event.time;
        item.id = event.id;
        item.slot = slot;
        item.event = &event;
        if (!renamed_.empty()) item.renamed = &renamed_.at(reference.index);
        item.events = {{event.time, event.id}};
        items.push_back(item);
      }
    }
    std::stable_sort(items.begin(), items.end(), [](const Item& a, const Item& b) {
      return std::tie(a.time, a.id, a.slot) < std::tie(b.time, b.id, b.slot);
    });
    return items;
  }

  void run(size_t index) {
    const sigma::Correlation& tree = correlations_[index];
    kept_.push_back(std::make_unique<std::vector<Item>>(items_of(tree)));
    const bool temporal = tree.type == sigma::CorrelationType::kTemporal ||
                          tree.type == sigma::CorrelationType::kTemporalOrdered;
    std::map<std::vector<std::string>, std::vector<const Item*>> groups;
    for (const Item& item : *kept_.back()) {
      std::vector<std::string> group;
      bool counts = true;
      for (const std::string& name : tree.group_by) {
        const auto text = value(tree, item, name);
        counts = counts && text.has_value();
        group.push_back(text.value_or(""));
      }
      for (const std::string& field : tree.fields) {
        const auto text = value(tree, item, field);
        counts = counts && text.has_value();
        if (counts && tree.type != sigma::CorrelationType::kValueCount &&
            !sigma::is_learning(tree.type)) {
          counts = number(*text).has_value();
        }
      }
      if (!counts) continue;
      std::vector<const Item*>& members = groups[group];
      if (!members.empty() && members.back()->time == item.time && members.back()->id == item.id &&
          (!temporal || members.back()->slot == item.slot)) {
        continue;
      }
      members.push_back(&item);
    }
    for (const auto& [group, members] : groups) {
      if (tree.type == sigma::CorrelationType::kSurge) {
        run_surge(index, group, members);
      } else if (tree.type == sigma::CorrelationType::kSilence) {
        run_silence(index, group, members);
      } else if (sigma::is_learning(tree.type)) {
        run_learning(index, group, members);
      } else if (waits_for_close(tree)) {
        run_closing(index, group, members);
      } else {
        run_sliding(index, group, members);
      }
    }
    std::stable_sort(found_[index].begin(), found_[index].end(),
                     [](const Item& a, const Item& b) { return a.time < b.time; });
  }

  void run_sliding(size_t index, const std::vector<std::string>& group,
                   const std::vector<const Item*>& members) {
    const sigma::Correlation& tree = correlations_[index];
    std::optional<int64_t> fired;
    for (size_t i = 0; i < members.size(); ++i) {
      const int64_t now = members[i]->time;
      if (i + 1 < members.size() && members[i + 1]->time == now) continue;  // the moment goes on
      std::vector<const Item*> window;
      for (size_t j = 0; j <= i; ++j) {
        if (now - members[j]->time <= tree.timespan.count()) window.push_back(members[j]);
      }
      if (fired && now - *fired <= tree.timespan.count()) continue;
      if (!holds(tree, window)) continue;
      fired = now;
      fire(index, group, window, now);
    }
  }

  // What was done is told by its fields; who does it begins anew after a gap as long as the
  // timespan.
  void run_learning(size_t index, const std::vector<std::string>& group,
                    const std::vector<const Item*>& members) {
    const sigma::Correlation& tree = correlations_[index];
    const long double seldom = tree.bounds.empty() ? 1 : std::stold(tree.bounds[0].number);
    const auto done = [&](const Item& item) {
      std::vector<std::string> values;
      for (const std::string& field : tree.fields) values.push_back(*value(tree, item, field));
      return values;
    };
    std::map<std::vector<std::string>, int64_t> fired;
    int64_t began = 0;
    for (size_t i = 0; i < members.size(); ++i) {
      const int64_t now = members[i]->time;
      if (i == 0 || now - members[i - 1]->time > tree.timespan.count()) began = now;
      const std::vector<std::string> values = done(*members[i]);
      std::vector<const Item*> window;
      bool is_last = true;  // of this moment, of those that do the same
      for (size_t j = 0; j < members.size() && members[j]->time <= now; ++j) {
        if (done(*members[j]) != values) continue;
        const bool is_another = window.empty() || window.back()->time != members[j]->time;
        if (is_another && now - members[j]->time <= tree.timespan.count()) {
          window.push_back(members[j]);
        }
        if (j > i) is_last = false;
      }
      if (!is_last || static_cast<long double>(window.size()) > seldom) continue;
      if (now - began < tree.learning.count()) continue;
      if (fired.contains(values) && now - fired[values] <= tree.timespan.count()) continue;
      fired[values] = now;
      std::vector<std::string> names = group;
      names.insert(names.end(), values.begin(), values.end());
      fire(index, names, window, now);
    }
  }

  // Known from the first event, or the first after a gap as long as it takes to learn.
  void run_surge(size_t index, const std::vector<std::string>& group,
                 const std::vector<const Item*>& members) {
    const sigma::Correlation& tree = correlations_[index];
    const long double least = std::stold(tree.bounds.at(0).number);
    const int64_t timespan = tree.timespan.count(), learning = tree.learning.count();
    bool has_fired = false;
    int64_t fired = 0;
    size_t first = 0;
    for (size_t i = 0; i < members.size(); ++i) {
      const int64_t now = members[i]->time;
      if (i > 0 && now - members[i - 1]->time > learning) {
        first = i;
        has_fired = false;
      }
      if (i + 1 < members.size() && members[i + 1]->time == now) continue;
      const int64_t known = now - members[first]->time;
      std::vector<const Item*> window;
      for (size_t j = first; j <= i; ++j) {
        if (now - members[j]->time <= timespan) window.push_back(members[j]);
      }
      const auto before = static_cast<long double>(i + 1 - first - window.size());
      const auto count = static_cast<long double>(window.size());
      if (has_fired && now - fired <= timespan) continue;
      if (count < least || known < learning || known <= timespan) continue;
      const long double usual = before / static_cast<long double>(known - timespan);
      const long double is = count / static_cast<long double>(timespan);
      // Beside rounding: equal is enough.
      if (is < usual * tree.factor * (1 - 1e-12L)) continue;
      has_fired = true;
      fired = now;
      fire(index, group, window, now);
    }
  }

  void run_silence(size_t index, const std::vector<std::string>& group,
                   const std::vector<const Item*>& members) {
    const sigma::Correlation& tree = correlations_[index];
    int64_t newest = 0;
    for (const Event& event : events_) {
      if (!event.rules.empty()) newest = std::max(newest, event.time);
    }
    int64_t began = members.front()->time, gap = 0;
    for (size_t i = 0; i < members.size(); ++i) {
      const int64_t now = members[i]->time;
      const bool learnt = now - began >= tree.learning.count();
      const int64_t usual = std::max<int64_t>(tree.timespan.count(), tree.factor * gap);
      const int64_t silent = now + (learnt ? usual : tree.learning.count());
      const bool more = i + 1 < members.size();
      if (more && members[i + 1]->time <= silent) {
        gap = std::max(gap, members[i + 1]->time - now);
        continue;
      }
      if (silent <= newest && learnt) {
        fire(index, group, {members[i]}, silent);
      }
      if (!more) return;
      began = members[i + 1]->time;
      gap = 0;
    }
  }

  void run_closing(size_t index, const std::vector<std::string>& group,
                   const std::vector<const Item*>& members) {
    const sigma::Correlation& tree = correlations_[index];
    for (size_t i = 0; i < members.size();) {
      const int64_t close = members[i]->time + tree.timespan.count();
      std::vector<const Item*> window;
      for (; i < members.size() && members[i]->time <= close; ++i) window.push_back(members[i]);
      if (holds(tree, window)) fire(index, group, window, close);
    }
  }

  void fire(size_t index, const std::vector<std::string>& group,
            const std::vector<const Item*>& window, int64_t time) {
    const sigma::Correlation& tree = correlations_[index];
    Item item;
    item.time = time;
    item.id = tree.info.id.text() + "@" + std::to_string(time) + "/";
    for (const std::string& text : group) item.id += std::to_string(text.size()) + ":" + text;
    item.of = &tree;
    item.last = window.back();
    std::set<std::pair<int64_t, std::string>> events;
    std::map<size_t, std::vector<const Item*>> of_rule;
    for (const Item* one : window) of_rule[one->slot].push_back(one);
    for (const auto& [slot, items] : of_rule) {
      for (size_t i = 0; i < items.size(); ++i) {
        if (i >= 19 && i + 1 < items.size()) continue;
        events.insert(items[i]->events.begin(), items[i]->events.end());
      }
    }
    for (const auto& event : events) {
      if (item.events.size() < 199 || event == *events.rbegin()) item.events.push_back(event);
    }
    Fired fired{time, static_cast<uint32_t>(index), group, {}, window.size()};
    for (const auto& [at, id] : item.events) fired.events.push_back(id);
    fired_.push_back(fired);
    found_[index].push_back(item);
  }

  const std::vector<sigma::Correlation>& correlations_;
  std::vector<Event> events_;
  std::vector<Renamed> renamed_;                          // by rule; empty: none
  std::vector<std::vector<Item>> found_;                  // by correlation
  std::vector<std::unique_ptr<std::vector<Item>>> kept_;  // what Item::last points into
  std::vector<Fired> fired_;
};

}  // namespace over_time

std::vector<Fired> correlate(const std::vector<stanch::detect::sigma::Correlation>& correlations,
                             std::vector<Event> events, std::vector<Renamed> renamed) {
  return over_time::Recomputation(correlations, std::move(events), std::move(renamed)).run();
}

}  // namespace naive
