// From the outermost correlations to the innermost: what an outer one asks an inner one for, the
// inner one asks its rules for.

#include "detect/sigma/correlation_fields.h"

#include <algorithm>
#include <functional>
#include <numeric>
#include <string>
#include <utility>

#include "detect/sigma/bind.h"
#include "detect/sigma/reporter.h"

namespace stanch::detect::sigma {

namespace correlation_fields {
namespace {

// A name that a correlation is asked for, and where that stands.
struct Asked {
  std::string name;
  At at;
  uint32_t by = 0;  // the correlation that asks
};

class Mapper {
 public:
  Mapper(std::vector<Correlation>& correlations, std::span<const RuleText* const> files,
         const MappedRules& rules, std::span<const LogSchema> logs, Diagnostics& diagnostics)
      : correlations_(correlations),
        files_(files),
        rules_(rules),
        logs_(logs),
        diagnostics_(diagnostics),
        asked_(correlations.size()) {}

  void map_all() {
    std::vector<uint32_t> order(correlations_.size());
    std::iota(order.begin(), order.end(), 0);
    std::ranges::stable_sort(order, std::ranges::greater(),
                             [&](uint32_t index) { return correlations_[index].depth; });
    for (const uint32_t index : order) map(index);
  }

 private:
  void ask(uint32_t correlation, Asked asked) {
    std::vector<Asked>& all = asked_[correlation];
    if (std::ranges::find(all, asked.name, &Asked::name) == all.end()) {
      all.push_back(std::move(asked));
    }
  }

  void map(uint32_t index) {
    Correlation& tree = correlations_[index];
    for (size_t i = 0; i < tree.group_by.size(); ++i) {
      ask(index, {tree.group_by[i], tree.group_by_at[i], index});
    }
    for (size_t i = 0; i < tree.fields.size(); ++i) {
      ask(index, {tree.fields[i], tree.fields_at[i], index});
    }
    for (const Asked& asked : asked_[index]) {
      for (Reference& reference : tree.rules) map(reference, asked, index);
    }
  }

  void map(Reference& reference, const Asked& asked, uint32_t index) {
    const auto alias = std::ranges::find(reference.aliases, asked.name, &Alias::name);
    const bool is_alias = alias != reference.aliases.end();
    Asked field = asked;
    if (is_alias) field = {alias->fields.front(), alias->at, index};
    if (reference.is_correlation) return ask(reference.index, std::move(field));
    std::vector<std::string> names = fields::rename(rules_.renamings[reference.index], field.name);
    check(reference, field, names);
    if (is_alias) {
      alias->fields = std::move(names);
    } else if (names.size() != 1 || names.front() != asked.name) {
      reference.aliases.push_back({asked.name, std::move(names), asked.at});
    }
  }

  void check(const Reference& reference, const Asked& field,
             const std::vector<std::string>& names) {
    const Rule& rule = rules_.rules[reference.index];
    auto unknown = find_unknown_field(rule.logsource, names, logs_);
    if (!unknown) return;
    const RuleText& file = *files_[field.by];
    Reporter(file.path, file.text, diagnostics_)
        .report(Code::kUnknownLogField, field.at,
                unknown->message + ": nothing that '" + reference.text + "' matches counts",
                std::move(unknown->hint));
  }

  std::vector<Correlation>& correlations_;
  std::span<const RuleText* const> files_;
  const MappedRules& rules_;
  std::span<const LogSchema> logs_;
  Diagnostics& diagnostics_;
  std::vector<std::vector<Asked>> asked_;  // by correlation
};

}  // namespace
}  // namespace correlation_fields

void map_correlation_fields(std::vector<Correlation>& correlations,
                            std::span<const RuleText* const> files, const MappedRules& rules,
                            std::span<const LogSchema> logs, Diagnostics& diagnostics) {
  correlation_fields::Mapper(correlations, files, rules, logs, diagnostics).map_all();
}

}  // namespace stanch::detect::sigma
