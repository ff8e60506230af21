#include "triage/scope/links.h"

#include <algorithm>
#include <numeric>
#include <tuple>

namespace stanch::triage::scope {

Links::Links(const Graph& graph) : graph_(graph) {
  // Only texts of edges: which others a graph knows depends on what it has dropped.
  std::vector<Graph::Number> used = {0};
  graph.each_edge([&](const Graph::Key& key, const Tally&) {
    used.insert(used.end(), {key.from, key.to, key.what});
  });
  std::ranges::sort(used);
  const auto repeats = std::ranges::unique(used);
  used.erase(repeats.begin(), repeats.end());
  std::ranges::sort(used, {}, [&](Graph::Number number) { return graph.text(number); });
  std::vector<Number> number(used.empty() ? 0 : 1 + *std::ranges::max_element(used));
  texts_.reserve(used.size());
  for (const Graph::Number old : used) {
    number[old] = static_cast<Number>(texts_.size());
    texts_.push_back(graph.text(old));
  }
  edges_.reserve(graph.edges());
  graph.each_edge([&](const Graph::Key& key, const Tally& tally) {
    edges_.push_back({key.kind, number[key.from], number[key.to], number[key.what], &tally});
  });
  by_target_ = edges_;
  std::ranges::sort(edges_, {},
                    [](const Edge& e) { return std::tuple(e.from, e.kind, e.to, e.what); });
  std::ranges::sort(by_target_, {},
                    [](const Edge& e) { return std::tuple(e.to, e.kind, e.from, e.what); });
}

std::optional<Links::Number> Links::find(std::string_view text) const {
  const auto found = std::ranges::lower_bound(texts_, text);
  if (found == texts_.end() || *found != text) return std::nullopt;
  return static_cast<Number>(found - texts_.begin());
}

std::span<const Links::Edge> Links::out(Number from) const {
  const auto range = std::ranges::equal_range(edges_, from, {}, &Edge::from);
  return {range.begin(), range.end()};
}

std::span<const Links::Edge> Links::out(Number from, EdgeKind kind) const {
  const auto range = std::ranges::equal_range(
      edges_, std::tuple(from, kind), {}, [](const Edge& e) { return std::tuple(e.from, e.kind); });
  return {range.begin(), range.end()};
}

std::span<const Links::Edge> Links::in(Number to, EdgeKind kind) const {
  const auto range = std::ranges::equal_range(
      by_target_, std::tuple(to, kind), {}, [](const Edge& e) { return std::tuple(e.to, e.kind); });
  return {range.begin(), range.end()};
}

std::string_view Links::says(Number entity, std::string_view word) const {
  for (const Edge& edge : out(entity, EdgeKind::kSays)) {
    if (text(edge.what) == word) return text(edge.to);
  }
  return {};
}

bool Links::is(Number entity, std::string_view what) const {
  return std::ranges::any_of(out(entity, EdgeKind::kSays), [&](const Edge& edge) {
    return text(edge.what) == "is" && text(edge.to) == what;
  });
}

Units::Units(const Links& links) : unit_(links.size()), first_member_(links.size() + 1) {
  std::iota(unit_.begin(), unit_.end(), Number{0});
  const auto root = [this](Number number) {
    while (unit_[number] != number) number = unit_[number] = unit_[unit_[number]];
    return number;
  };
  for (const Links::Edge& edge : links.edges()) {
    if (edge.kind != EdgeKind::kPartOf) continue;
    const Number a = root(edge.from), b = root(edge.to);
    unit_[std::max(a, b)] = std::min(a, b);
  }
  for (Number number = 0; number < unit_.size(); ++number) unit_[number] = root(number);
  for (const Number unit : unit_) ++first_member_[unit + 1];
  std::partial_sum(first_member_.begin(), first_member_.end(), first_member_.begin());
  members_.resize(unit_.size());
  std::vector<uint32_t> next(first_member_.begin(), first_member_.end());
  for (Number number = 0; number < unit_.size(); ++number) members_[next[unit_[number]]++] = number;
}

std::span<const Units::Number> Units::members(Number unit) const {
  return std::span(members_).subspan(first_member_[unit],
                                     first_member_[unit + 1] - first_member_[unit]);
}

}  // namespace stanch::triage::scope
