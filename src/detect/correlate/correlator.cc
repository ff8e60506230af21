// Time goes in moments: the time of an event that waits, or the end of a window. In a moment the
// correlations run in the order of their depth, so that what an inner one finds is an event of
// the outer one in the same moment. All that happens in one is put in order first (event id,
// rule), so that nothing depends on the order of arrival.
//
// The groups of a correlation lie in a list, in the order of their last event or, where windows
// are decided at their close, of their first. Since the timespan is one for all of them, what is
// over is always at the front: neither heap nor timer of each group is needed. Only for silence,
// which comes after a time of its own for each group, they are in order of that too.

#include "detect/correlate/correlator.h"

#include <algorithm>
#include <charconv>
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

std::string key_of(std::span<const std::string> values) {
  std::string key;
  for (const std::string& value : values) key += std::to_string(value.size()) + ":" + value;
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
  waiting_.insert(std::move(seen));
  raise(earlier(time, options_.lateness));
  if (waiting_.size() > options_.waiting_max) {
    ++tally_.hurried;
    raise(later(waiting_.begin()->time, Duration(1)));
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
    next = waiting_.begin()->time;
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
  while (!waiting_.empty() && waiting_.begin()->time == time) {
    const Seen seen = std::move(waiting_.extract(waiting_.begin()).value());
    tell(plan_.rule_feeds[seen.rule], seen.event, seen.values, nullptr);
  }
  for (auto timer = timers_.begin(); timer != timers_.end() && timer->first == time; ++timer) {
    to_run_.emplace(plan_.correlations[timer->second].tree.depth, timer->second);
  }
  std::vector<Firing> firings;
  while (!to_run_.empty()) {
    const uint32_t correlation = to_run_.extract(to_run_.begin()).value().second;
    run(correlation, time, firings);
  }
  evict();
  std::ranges::sort(
      firings, {}, [](const Firing& firing) { return std::tie(firing.correlation, firing.group); });
  std::ranges::move(firings, std::back_inserter(firings_));
}

void Correlator::tell(const std::vector<Feed>& feeds, const std::string& event,
                      const std::vector<std::optional<std::string>>& values,
                      const std::shared_ptr<const std::vector<Named>>& inner) {
  for (const Feed& feed : feeds) {
    Arrival arrival{event, feed.slot, {}, inner};
    for (const uint32_t at : feed.values) arrival.values.push_back(values[at]);
    states_[feed.correlation].arrivals.push_back(std::move(arrival));
    to_run_.emplace(plan_.correlations[feed.correlation].tree.depth, feed.correlation);
  }
}

void Correlator::run(uint32_t correlation, Time time, std::vector<Firing>& firings) {
  const Compiled& compiled = plan_.correlations[correlation];
  State& state = states_[correlation];
  std::vector<Arrival> arrivals = std::exchange(state.arrivals, {});
  std::ranges::sort(arrivals, std::less());
  if (!compiled.at_close && !compiled.is_silence()) {
    // Groups that were quiet for long: forgotten.
    while (!state.groups.empty() && span_of(state.groups.front().since, time) > compiled.memory()) {
      drop_group(correlation, state.groups.begin());
    }
  }
  std::vector<Group*> touched;
  for (Arrival& arrival : arrivals) {
    Group* group = count(correlation, arrival, time);
    if (group == nullptr || std::exchange(group->touched, true)) continue;
    touched.push_back(group);
  }
  for (Group* group : touched) {
    group->touched = false;
    group->window.end_moment(time);
    if (compiled.at_close || compiled.is_silence()) continue;
    const bool quiet = group->fired && span_of(*group->fired, time) <= compiled.tree.timespan;
    if (quiet || !group->window.holds(time) || !is_learnt(correlation, *group, time)) continue;
    group->fired = time;
    fire(correlation, *group, time, firings);
  }
  if (compiled.is_silence() && !ending_) run_silence(correlation, time, firings);
  while (compiled.at_close && !state.groups.empty() && due(correlation) <= time) {
    Group& group = state.groups.front();
    if (group.window.holds(time)) fire(correlation, group, time, firings);
    drop_group(correlation, state.groups.begin());
  }
  set_timer(correlation);
}

// The group in which an event counts; null if it counts nowhere.
Correlator::Group* Correlator::count(uint32_t correlation, Arrival& arrival, Time time) {
  const Compiled& compiled = plan_.correlations[correlation];
  Tally::Of& tally = tally_.of[correlation];
  std::vector<std::string> values;
  for (size_t i = 0; i < compiled.groups(); ++i) {
    if (!arrival.values[i]) {
      ++tally.no_group;
      return nullptr;
    }
    values.push_back(*arrival.values[i]);
  }
  Entry entry{time, arrival.slot, arrival.event, {}, arrival.inner};
  entry.values.assign(std::make_move_iterator(arrival.values.begin() +
                                              static_cast<std::ptrdiff_t>(compiled.groups())),
                      std::make_move_iterator(arrival.values.end()));

  State& state = states_[correlation];
  if (compiled.is_about_news()) {
    // What is done is a group of its own, beside that of who does it.
    std::vector<std::string> done = values;
    for (size_t i = 0; i < compiled.fields(); ++i) {
      if (!entry.values[i]) {
        ++tally.no_value;
        return nullptr;
      }
      done.push_back(*entry.values[i]);
    }
    const Groups::iterator who = find_or_add(correlation, key_of(values), time);
    if (!who->began) who->began = time;
    who->since = time;
    state.groups.splice(state.groups.end(), state.groups, who);
    values = std::move(done);
  }
  const size_t groups_before = groups_;
  const Groups::iterator found = find_or_add(correlation, key_of(values), time);
  const bool is_new = groups_ != groups_before;
  Group& group = *found;
  if (compiled.is_silence()) {
    // Of what came, the last is enough.
    state.silences.erase({silent_at(correlation, group), group.key});
    group.gap = std::max(group.gap, span_of(group.since, time));
    if (!group.window.entries().empty()) drop_first(state, group);
  } else if (!compiled.at_close) {
    while (!group.window.entries().empty() &&
           span_of(group.window.entries().front().time, time) > compiled.tree.timespan) {
      drop_first(state, group);
      ++group.before;
    }
  }
  if (sigma::is_learning(compiled.tree.type) && !group.began) group.began = time;
  // An event counts once, though several rules match it; where it matters which rules there
  // were, once for each.
  const bool by_rule = compiled.tree.type == sigma::CorrelationType::kTemporal ||
                       compiled.tree.type == sigma::CorrelationType::kTemporalOrdered;
  if (!group.window.entries().empty()) {
    const Entry& last = group.window.entries().back();
    if (last.time == time && last.event == entry.event && (!by_rule || last.slot == entry.slot)) {
      return &group;
    }
    // Who does something new often does it twice in the second that a log knows.
    if (compiled.is_about_news() && last.time == time) return &group;
  }
  if (!group.window.add(std::move(entry))) {
    ++tally.no_value;
    if (is_new) drop_group(correlation, found);
    return nullptr;
  }
  ++entries_;
  ++state.entries;
  if (compiled.is_about_news()) {
    // One more than is seldom is often.
    if (group.window.entries().size() > compiled.seldom + 1) drop_first(state, group);
  } else if (group.window.entries().size() > options_.group_entries_max) {
    drop_first(state, group);
    ++tally_.entries_evicted;
  }
  if (!compiled.at_close) {
    group.since = time;
    state.groups.splice(state.groups.end(), state.groups, found);
  }
  if (compiled.is_silence()) state.silences.emplace(silent_at(correlation, group), group.key);
  return &group;
}

// When a group is silent, if nothing more comes of it; or forgotten, if it is not known for long.
Time Correlator::silent_at(uint32_t correlation, const Group& group) const {
  const sigma::Correlation& tree = plan_.correlations[correlation].tree;
  if (!group.began || span_of(*group.began, group.since) < tree.learning) {
    return later(group.since, tree.learning);
  }
  const Duration longest = Duration::max() / tree.factor;
  const Duration usual = std::min(group.gap, longest) * tree.factor;
  return later(group.since, std::max(tree.timespan, usual));
}

// Those that are silent are told of, and have to be learnt anew.
void Correlator::run_silence(uint32_t correlation, Time time, std::vector<Firing>& firings) {
  State& state = states_[correlation];
  while (!state.silences.empty() && state.silences.begin()->first <= time) {
    const Groups::iterator group = state.by_key.find(state.silences.begin()->second)->second;
    const Duration known = span_of(*group->began, group->since);
    if (known >= plan_.correlations[correlation].tree.learning) {
      fire(correlation, *group, time, firings);
    }
    drop_group(correlation, group);
  }
}

Correlator::Groups::iterator Correlator::find_or_add(uint32_t correlation, std::string key,
                                                     Time time) {
  State& state = states_[correlation];
  if (const auto found = state.by_key.find(key); found != state.by_key.end()) return found->second;
  add_group(correlation, {std::move(key), Window(plan_.correlations[correlation], secret_), time});
  return std::prev(state.groups.end());
}

// Whether the group is known for long enough, and, of x_surge, what it does unusual. All are, of
// correlations that do not learn.
bool Correlator::is_learnt(uint32_t correlation, const Group& group, Time time) const {
  const Compiled& compiled = plan_.correlations[correlation];
  if (compiled.tree.type == sigma::CorrelationType::kSurge) {
    // events in the window / timespan >= factor x events before / time before
    const Duration known = span_of(*group.began, time);
    if (known < compiled.tree.learning || known <= compiled.tree.timespan) return false;
    const auto in_window = static_cast<Fixed>(group.window.entries().size());
    const auto usual = static_cast<Fixed>(group.before) * compiled.tree.factor;
    return in_window * (known - compiled.tree.timespan).count() >=
           usual * compiled.tree.timespan.count();
  }
  if (!compiled.is_about_news()) return true;
  const std::vector<std::string> values = values_of(group.key);
  const auto who =
      states_[correlation].by_key.find(key_of(std::span(values).first(compiled.groups())));
  CHECK(who != states_[correlation].by_key.end());
  return span_of(*who->second->began, time) >= compiled.tree.learning;
}

void Correlator::add_group(uint32_t correlation, Group group) {
  State& state = states_[correlation];
  state.groups.push_back(std::move(group));
  state.by_key.emplace(state.groups.back().key, std::prev(state.groups.end()));
  ++groups_;
}

void Correlator::drop_group(uint32_t correlation, Groups::iterator group) {
  entries_ -= group->window.entries().size();
  states_[correlation].entries -= group->window.entries().size();
  --groups_;
  if (plan_.correlations[correlation].is_silence()) {
    states_[correlation].silences.erase({silent_at(correlation, *group), group->key});
  }
  states_[correlation].by_key.erase(group->key);
  states_[correlation].groups.erase(group);
}

void Correlator::drop_first(State& state, Group& group) {
  group.window.drop_first();
  --state.entries;
  --entries_;
}

void Correlator::fire(uint32_t correlation, Group& group, Time time, std::vector<Firing>& firings) {
  const Compiled& compiled = plan_.correlations[correlation];
  Firing firing{time, correlation, values_of(group.key), group.window.name_events(),
                group.window.entries().size()};
  if (!compiled.feeds.empty()) {
    // For others it is an event, with the fields of its last one.
    const auto behind = firing.group.begin() + static_cast<std::ptrdiff_t>(compiled.groups());
    std::vector<std::optional<std::string>> values(firing.group.begin(), behind);
    const Entry& last = group.window.entries().back();
    values.insert(values.end(), last.values.begin(), last.values.end());
    tell(compiled.feeds,
         compiled.tree.info.id.text() + "@" + std::to_string(time.time_since_epoch().count()) +
             "/" + group.key,
         values, std::make_shared<const std::vector<Named>>(firing.events));
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
    tally_.entries_evicted += most->groups.front().window.entries().size();
    drop_group(correlation, most->groups.begin());
    set_timer(correlation);
  }
}

Time Correlator::due(uint32_t correlation) const {
  return later(states_[correlation].groups.front().since,
               plan_.correlations[correlation].tree.timespan);
}

void Correlator::set_timer(uint32_t correlation) {
  const bool silence = plan_.correlations[correlation].is_silence();
  if (!silence && !plan_.correlations[correlation].at_close) return;
  const State& state = states_[correlation];
  std::optional<Time>& timer = timer_of_[correlation];
  if (timer) timers_.erase({*timer, correlation});
  timer.reset();
  if (silence ? ending_ || state.silences.empty() : state.groups.empty()) return;
  timer = silence ? state.silences.begin()->first : due(correlation);
  timers_.emplace(*timer, correlation);
}

}  // namespace stanch::detect::correlate
