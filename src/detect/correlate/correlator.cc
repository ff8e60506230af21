// Time goes in moments: the time of an event that waits, or the end of a window. In a moment the
// correlations run in the order of their depth, so that what an inner one finds is an event of
// the outer one in the same moment. All that happens in one is put in order first (event id,
// rule), so that nothing depends on the order of arrival.
//
// The groups of a correlation are in the order of their last event or, where windows are
// decided at their close, of their first. Since the timespan is one for all of them, what is
// over is always at the front: neither heap nor timer of each group is needed. Only for silence,
// which comes after a time of its own for each group, they are in order of that too.

#include "detect/correlate/correlator.h"

#include <algorithm>
#include <charconv>
#include <functional>
#include <iterator>
#include <tuple>

#include "base/check.h"

namespace stanch::detect::correlate {

namespace {

Time later(Time time, Duration by) {
  return time.time_since_epoch() > Duration::max() - by && by > Duration{} ? Time::max()
                                                                           : time + by;
}

Time earlier(Time time, Duration by) {
  return time.time_since_epoch() < Duration::min() + by ? Time::min() : time - by;
}

}  // namespace

namespace {

void append_key(std::string_view value, std::string& key) {
  char size[24];
  const auto [end, problem] = std::to_chars(std::begin(size), std::end(size), value.size());
  key.append(size, end).append(1, ':').append(value);
}

}  // namespace

std::string key_of(std::span<const std::string> values) {
  std::string key;
  for (const std::string& value : values) append_key(value, key);
  return key;
}

std::vector<std::string> values_of(std::string_view key) {
  std::vector<std::string> values;
  while (!key.empty()) {
    size_t size = 0;
    const auto [end, problem] = std::from_chars(key.data(), key.data() + key.size(), size);
    const auto digits = static_cast<size_t>(end - key.data());
    CHECK(problem == std::errc() && digits < key.size() && key.size() - digits - 1 >= size);
    values.emplace_back(key.substr(digits + 1, size));
    key.remove_prefix(digits + 1 + size);
  }
  return values;
}

Correlator::Correlator(const Plan& plan, const Options& options, codec::HashSecret secret)
    : plan_(plan), options_(options), secret_(secret), timer_of_(plan.correlations.size()) {
  CHECK(options.lateness >= Duration{});
  for (size_t i = 0; i < plan.correlations.size(); ++i) {
    states_.emplace_back(secret);
  }
  tally_.of.resize(plan.correlations.size());
}

void Correlator::add(Seen seen) {
  CHECK(!finished_);
  CHECK(seen.values.size() == plan_.rule_fields[seen.rule].size());
  if (seen.time < watermark_) {
    ++tally_.late;
    return;
  }
  const Time time = seen.time;
  newest_ = std::max(newest_, time);
  waiting_[time].push_back(std::move(seen));
  ++waiting_count_;
  raise(earlier(time, options_.lateness));
  if (waiting_count_ > options_.waiting_max) {
    ++tally_.hurried;
    raise(later(waiting_.begin()->first, Duration(1)));
  }
}

void Correlator::advance(Time now) {
  newest_ = std::max(newest_, now);
  raise(earlier(now, options_.lateness));
}

void Correlator::finish() {
  raise(later(newest_, Duration(1)));
  // That nothing more was read does not say that nothing more happened: nobody falls silent now.
  ending_ = true;
  for (uint32_t i = 0; i < states_.size(); ++i) set_timer(i);
  while (run_next_moment(true)) {
  }
  finished_ = true;
}

void Correlator::raise(Time watermark) {
  if (watermark <= watermark_) return;
  watermark_ = watermark;
  while (run_next_moment(false)) {
  }
}

// The first moment before the watermark, or at all. False if there is none.
bool Correlator::run_next_moment(bool all) {
  Time next = Time::max();
  bool found = false;
  if (!waiting_.empty()) {
    next = waiting_.begin()->first;
    found = true;
  }
  if (!timers_.empty()) {
    next = std::min(next, timers_.begin()->first);
    found = true;
  }
  if (!found || (!all && next >= watermark_)) return false;
  run_moment(next);
  return true;
}

void Correlator::run_moment(Time time) {
  std::vector<Seen> seen;
  if (!waiting_.empty() && waiting_.begin()->first == time) {
    seen = std::move(waiting_.extract(waiting_.begin()).mapped());
    waiting_count_ -= seen.size();
    std::ranges::sort(seen);
    seen.erase(std::ranges::unique(seen).begin(), seen.end());
  }
  for (const Seen& each : seen) {
    const auto values = texts_.make_list<std::optional<std::string_view>>(each.values.size());
    std::ranges::copy(each.values, values.begin());
    tell(plan_.rule_feeds[each.rule], each.event, values, nullptr);
  }
  for (auto timer = timers_.begin(); timer != timers_.end() && timer->first == time; ++timer) {
    make_due(timer->second);
  }
  std::vector<Firing> firings;
  while (!due_.empty()) {
    const auto next = std::ranges::min_element(due_);
    const uint32_t correlation = next->second;
    due_.erase(next);
    run(correlation, time, firings);
  }
  texts_.clear();
  evict();
  std::ranges::sort(
      firings, {}, [](const Firing& firing) { return std::tie(firing.correlation, firing.group); });
  std::ranges::move(firings, std::back_inserter(firings_));
}

bool Correlator::Arrival::operator<(const Arrival& other) const {
  if (event != other.event) return event < other.event;
  if (slot != other.slot) return slot < other.slot;
  return std::ranges::lexicographical_compare(values, other.values);
}

void Correlator::tell(const std::vector<Feed>& feeds, std::string_view event, Texts values,
                      const Inner& inner) {
  for (const Feed& feed : feeds) {
    const auto wanted = texts_.make_list<std::optional<std::string_view>>(feed.values.size());
    std::ranges::transform(feed.values, wanted.begin(), [&](const std::vector<uint32_t>& places) {
      const auto found =
          std::ranges::find_if(places, [&](uint32_t place) { return values[place].has_value(); });
      return found != places.end() ? values[*found] : std::nullopt;
    });
    states_[feed.correlation].arrivals.push_back({event, feed.slot, wanted, inner});
    make_due(feed.correlation);
  }
}

void Correlator::make_due(uint32_t correlation) {
  if (std::exchange(states_[correlation].is_due, true)) return;
  due_.emplace_back(plan_.correlations[correlation].tree.depth, correlation);
}

void Correlator::run(uint32_t correlation, Time time, std::vector<Firing>& firings) {
  const Compiled& compiled = plan_.correlations[correlation];
  State& state = states_[correlation];
  state.is_due = false;
  std::vector<Arrival> arrivals = std::exchange(state.arrivals, {});
  std::ranges::sort(arrivals, std::less());
  if (!compiled.at_close && !compiled.is_silence()) {
    // Groups that were quiet for long: forgotten.
    while (state.groups.first() != nullptr &&
           span_of(state.groups.first()->since, time) > compiled.memory()) {
      drop_group(correlation, *state.groups.first());
    }
  }
  std::vector<Group*> touched;
  for (const Arrival& arrival : arrivals) {
    if (options_.on_arrival) {
      Arrived arrived{time, std::string(arrival.event), arrival.slot, {}};
      for (const auto& value : arrival.values) {
        arrived.values.push_back(value ? std::optional(std::string(*value)) : std::nullopt);
      }
      options_.on_arrival(correlation, arrived);
    }
    Group* group = count(correlation, arrival, time);
    if (group != nullptr && group->window.begin_moment()) touched.push_back(group);
  }
  for (Group* group : touched) {
    group->window.end_moment(time);
    if (compiled.at_close || compiled.is_silence()) continue;
    const std::optional<Time> fired = group->fired();
    const bool quiet = fired && span_of(*fired, time) <= compiled.tree.timespan;
    if (quiet || !group->window.holds(compiled, time) || !is_learnt(correlation, *group, time)) {
      continue;
    }
    group->more().fired = time;
    fire(correlation, *group, time, firings);
  }
  if (compiled.is_silence() && !ending_) run_silence(correlation, time, firings);
  while (compiled.at_close && state.groups.first() != nullptr && due(correlation) <= time) {
    Group& group = *state.groups.first();
    if (group.window.holds(compiled, time)) fire(correlation, group, time, firings);
    drop_group(correlation, group);
  }
  set_timer(correlation);
  arrivals.clear();
  state.arrivals = std::move(arrivals);  // its memory is for the next moment
}

// The group that an event belongs to; null if it has not what it takes.
Group* Correlator::find_for(uint32_t correlation, const Arrival& arrival, Time time) {
  const Compiled& compiled = plan_.correlations[correlation];
  Tally::Of& tally = tally_.of[correlation];
  key_.clear();
  for (const auto& value : arrival.values.first(compiled.groups())) {
    if (!value) {
      ++tally.no_group;
      return nullptr;
    }
    append_key(*value, key_);
  }
  if (!compiled.is_about_news()) return &find_or_add(correlation, key_, time);
  // What is done is a group of its own, beside that of who does it.
  const size_t who_size = key_.size();
  for (const auto& value : arrival.values.subspan(compiled.groups(), compiled.fields())) {
    if (!value) {
      ++tally.no_value;
      return nullptr;
    }
    append_key(*value, key_);
  }
  Group& who = find_or_add(correlation, std::string_view(key_).substr(0, who_size), time);
  if (!who.began()) who.more().began = time;
  who.since = time;
  states_[correlation].groups.move_to_end(who);
  return &find_or_add(correlation, key_, time);
}

// Of the group's events, those that count no more now.
void Correlator::drop_over(uint32_t correlation, Group& group, Time time) {
  const Compiled& compiled = plan_.correlations[correlation];
  if (compiled.at_close) return;
  if (compiled.is_silence()) {
    // Of what came, the last is enough.
    states_[correlation].silences.erase({silent_at(correlation, group), group.key()});
    group.more().gap = std::max(group.more().gap, span_of(group.since, time));
    if (!group.window.entries().empty()) drop_first(correlation, group);
    return;
  }
  while (!group.window.entries().empty() &&
         span_of(group.window.entries().front().time, time) > compiled.tree.timespan) {
    drop_first(correlation, group);
    if (compiled.tree.type == sigma::CorrelationType::kSurge) ++group.more().before;
  }
}

// The group in which an event counts; null if it counts nowhere.
Group* Correlator::count(uint32_t correlation, const Arrival& arrival, Time time) {
  const Compiled& compiled = plan_.correlations[correlation];
  State& state = states_[correlation];
  const size_t groups_before = groups_;
  Group* const group = find_for(correlation, arrival, time);
  if (group == nullptr) return nullptr;
  const bool is_new = groups_ != groups_before;
  drop_over(correlation, *group, time);
  if (sigma::is_learning(compiled.tree.type) && !group->began()) group->more().began = time;
  // An event counts once, though several rules match it; where it matters which rules there
  // were, once for each.
  const bool by_rule = compiled.tree.type == sigma::CorrelationType::kTemporal ||
                       compiled.tree.type == sigma::CorrelationType::kTemporalOrdered;
  if (!group->window.entries().empty()) {
    const Entry& last = group->window.entries().back();
    if (last.time == time && last.event() == arrival.event &&
        (!by_rule || last.slot == arrival.slot)) {
      return group;
    }
    // Who does something new often does it twice in the second that a log knows.
    if (compiled.is_about_news() && last.time == time) return group;
  }
  Entry entry{time, arrival.slot,
              PackedTexts(arrival.event, arrival.values.subspan(compiled.groups())), arrival.inner};
  if (!group->window.add(compiled, std::move(entry))) {
    ++tally_.of[correlation].no_value;
    if (is_new) drop_group(correlation, *group);
    return nullptr;
  }
  ++entries_;
  ++state.entries;
  if (compiled.is_about_news()) {
    // One more than is seldom is often.
    if (group->window.entries().size() > compiled.seldom + 1) drop_first(correlation, *group);
  } else if (group->window.entries().size() > options_.group_entries_max) {
    drop_first(correlation, *group);
    ++tally_.entries_evicted;
  }
  if (!compiled.at_close) {
    group->since = time;
    state.groups.move_to_end(*group);
  }
  if (compiled.is_silence()) state.silences.emplace(silent_at(correlation, *group), group->key());
  return group;
}

// When a group is silent, if nothing more comes of it; or forgotten, if it is not known for long.
Time Correlator::silent_at(uint32_t correlation, const Group& group) const {
  const sigma::Correlation& tree = plan_.correlations[correlation].tree;
  const std::optional<Time> began = group.began();
  if (!began || span_of(*began, group.since) < tree.learning) {
    return later(group.since, tree.learning);
  }
  const Duration longest = Duration::max() / tree.factor;
  const Duration usual = std::min(group.extra->gap, longest) * tree.factor;
  return later(group.since, std::max(tree.timespan, usual));
}

// Those that are silent are told of, and have to be learnt anew.
void Correlator::run_silence(uint32_t correlation, Time time, std::vector<Firing>& firings) {
  State& state = states_[correlation];
  while (!state.silences.empty() && state.silences.begin()->first <= time) {
    Group& group = *state.groups.find(state.silences.begin()->second);
    const Duration known = span_of(*group.began(), group.since);
    if (known >= plan_.correlations[correlation].tree.learning) {
      fire(correlation, group, time, firings);
    }
    drop_group(correlation, group);
  }
}

Group& Correlator::find_or_add(uint32_t correlation, std::string_view key, Time time) {
  if (Group* const found = states_[correlation].groups.find(key)) return *found;
  return add_group(correlation,
                   {PackedTexts(key), time, Window(plan_.correlations[correlation], secret_)});
}

// Whether the group is known for long enough, and, of x_surge, what it does unusual. All are, of
// correlations that do not learn.
bool Correlator::is_learnt(uint32_t correlation, const Group& group, Time time) const {
  const Compiled& compiled = plan_.correlations[correlation];
  if (compiled.tree.type == sigma::CorrelationType::kSurge) {
    // events in the window / timespan >= factor x events before / time before
    const Duration known = span_of(*group.began(), time);
    if (known < compiled.tree.learning || known <= compiled.tree.timespan) return false;
    const auto in_window = static_cast<Fixed>(group.window.entries().size());
    const auto usual = static_cast<Fixed>(group.extra->before) * compiled.tree.factor;
    return in_window * (known - compiled.tree.timespan).count() >=
           usual * compiled.tree.timespan.count();
  }
  if (!compiled.is_about_news()) return true;
  const std::vector<std::string> values = values_of(group.key());
  const Group* const who =
      states_[correlation].groups.find(key_of(std::span(values).first(compiled.groups())));
  CHECK(who != nullptr);
  return span_of(*who->began(), time) >= compiled.tree.learning;
}

Group& Correlator::add_group(uint32_t correlation, Group group) {
  ++groups_;
  return states_[correlation].groups.add(std::move(group));
}

void Correlator::drop_group(uint32_t correlation, Group& group) {
  State& state = states_[correlation];
  entries_ -= group.window.entries().size();
  state.entries -= group.window.entries().size();
  --groups_;
  if (plan_.correlations[correlation].is_silence()) {
    state.silences.erase({silent_at(correlation, group), group.key()});
  }
  state.groups.drop(group);
}

void Correlator::drop_first(uint32_t correlation, Group& group) {
  group.window.drop_first(plan_.correlations[correlation]);
  --states_[correlation].entries;
  --entries_;
}

void Correlator::fire(uint32_t correlation, Group& group, Time time, std::vector<Firing>& firings) {
  const Compiled& compiled = plan_.correlations[correlation];
  Firing firing{time, correlation, values_of(group.key()), group.window.name_events(compiled),
                group.window.entries().size()};
  if (const auto measured = group.window.measured(compiled); measured && !compiled.bounds.empty()) {
    firing.value = to_text(measured->value / measured->of);
  }
  if (!compiled.feeds.empty()) {
    // For others it is an event, with the fields of its last one.
    const Entry& last = group.window.entries().back();
    const auto values = texts_.make_list<std::optional<std::string_view>>(compiled.names.size());
    for (size_t i = 0; i < values.size(); ++i) {
      const std::optional<std::string_view> value =
          i < compiled.groups() ? firing.group[i] : last.value(i - compiled.groups());
      if (value) values[i] = texts_.store(*value);
    }
    const std::string event = compiled.tree.info.id.text() + "@" +
                              std::to_string(time.time_since_epoch().count()) + "/" +
                              std::string(group.key());
    tell(compiled.feeds, texts_.store(event), values,
         std::make_shared<const std::vector<Named>>(firing.events));
  }
  firings.push_back(std::move(firing));
}

// From the correlation that holds most, so that a flood into one costs no other what it has learnt.
void Correlator::evict() {
  while (groups_ > options_.groups_max || entries_ > options_.entries_max) {
    const bool by_groups = groups_ > options_.groups_max;
    const auto held = [&](const State& state) {
      return by_groups ? state.groups.size() : state.entries;
    };
    const auto most = std::ranges::max_element(states_, {}, held);
    const auto correlation = static_cast<uint32_t>(most - states_.begin());
    ++tally_.groups_evicted;
    tally_.entries_evicted += most->groups.first()->window.entries().size();
    drop_group(correlation, *most->groups.first());
    set_timer(correlation);
  }
}

Time Correlator::due(uint32_t correlation) const {
  return later(states_[correlation].groups.first()->since,
               plan_.correlations[correlation].tree.timespan);
}

void Correlator::set_timer(uint32_t correlation) {
  const bool silence = plan_.correlations[correlation].is_silence();
  if (!silence && !plan_.correlations[correlation].at_close) return;
  const State& state = states_[correlation];
  std::optional<Time> next;
  if (silence && !ending_ && !state.silences.empty()) next = state.silences.begin()->first;
  if (!silence && state.groups.size() > 0) next = due(correlation);
  std::optional<Time>& timer = timer_of_[correlation];
  if (next == timer) return;
  if (timer) timers_.erase({*timer, correlation});
  timer = next;
  if (timer) timers_.emplace(*timer, correlation);
}

}  // namespace stanch::detect::correlate
