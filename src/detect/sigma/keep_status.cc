// A rule that is there for correlations alone would become a finding of its own if these were left
// out and it stayed, so that it goes with them.

#include "detect/sigma/keep_status.h"

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

namespace stanch::detect::sigma {

namespace kept {
namespace {

// Rules first, then correlations.
class Choice {
 public:
  Choice(const LoadedRules& loaded, std::span<const std::string> statuses)
      : loaded_(loaded), kept_(loaded.rules.size() + loaded.correlations.size()) {
    const std::vector<bool> shown = find_shown(loaded.correlations, loaded.rules.size());
    for (size_t i = 0; i < kept_.size(); ++i) {
      if (shown[i] && std::ranges::find(statuses, info(i).status) != statuses.end()) keep(i);
    }
  }

  bool is_kept(size_t index) const { return kept_[index]; }

 private:
  size_t index_of(const Reference& reference) const {
    return reference.index + (reference.is_correlation ? loaded_.rules.size() : size_t{0});
  }
  const model::RuleInfo& info(size_t index) const {
    const size_t rules = loaded_.rules.size();
    return index < rules ? loaded_.rules[index].info : loaded_.correlations[index - rules].info;
  }
  void keep(size_t index) {
    if (kept_[index]) return;
    kept_[index] = true;
    if (index < loaded_.rules.size()) return;
    for (const Reference& reference : loaded_.correlations[index - loaded_.rules.size()].rules) {
      keep(index_of(reference));
    }
  }

  const LoadedRules& loaded_;
  std::vector<bool> kept_;
};

// Keeps those of `list` and `report_of` that were chosen; their new indices.
template <typename T>
std::vector<uint32_t> compact(std::vector<T>& list, std::vector<uint32_t>& report_of,
                              std::vector<RuleReport>& reports, const Choice& choice,
                              size_t first) {
  std::vector<uint32_t> moved(list.size());
  size_t to = 0;
  for (size_t from = 0; from < list.size(); ++from) {
    if (!choice.is_kept(first + from)) {
      reports[report_of[from]].state = RuleState::kLeftOut;
      continue;
    }
    moved[from] = static_cast<uint32_t>(to);
    if (to != from) list[to] = std::move(list[from]);
    report_of[to++] = report_of[from];
  }
  list.resize(to);
  report_of.resize(to);
  return moved;
}

}  // namespace
}  // namespace kept

void keep_status(LoadedRules& loaded, std::span<const std::string> statuses) {
  if (statuses.empty()) return;
  const kept::Choice choice(loaded, statuses);
  const size_t rules = loaded.rules.size();
  for (Filter& filter : loaded.filters) {
    std::erase_if(filter.rules, [&](uint32_t rule) { return !choice.is_kept(rule); });
  }
  const auto rule_moved = kept::compact(loaded.rules, loaded.report_of, loaded.reports, choice, 0);
  const auto correlation_moved = kept::compact(loaded.correlations, loaded.correlation_report_of,
                                               loaded.reports, choice, rules);
  for (Filter& filter : loaded.filters) {
    for (uint32_t& rule : filter.rules) rule = rule_moved[rule];
  }
  for (Correlation& correlation : loaded.correlations) {
    for (Reference& reference : correlation.rules) {
      reference.index =
          (reference.is_correlation ? correlation_moved : rule_moved)[reference.index];
    }
  }
}

}  // namespace stanch::detect::sigma
