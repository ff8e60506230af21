#include "detect/sigma/link_filters.h"

#include <algorithm>
#include <utility>

#include "base/ascii.h"
#include "base/suggest.h"
#include "detect/sigma/contradictions.h"

namespace stanch::detect::sigma {

namespace filters {

// What the filter says of a log must be what the rule says of its.
bool fits(const LogSource& filter, const LogSource& rule) {
  const auto agree = [](std::string_view wanted, std::string_view given) {
    return wanted.empty() || equal_ignoring_ascii_case(wanted, given);
  };
  return agree(filter.product, rule.product) && agree(filter.service, rule.service) &&
         agree(filter.category, rule.category);
}

class Linker {
 public:
  Linker(std::span<const Rule> rules, const RuleNames& names, Diagnostics& diagnostics)
      : rules_(rules), names_(names), diagnostics_(diagnostics) {}

  // False: it is refused.
  bool link(ReadFilter& read) {
    Filter& filter = read.filter;
    const size_t errors_before = errors_;
    if (filter.any) {
      for (uint32_t rule = 0; rule < rules_.size(); ++rule) {
        if (fits(filter.rule.logsource, rules_[rule].logsource)) filter.rules.push_back(rule);
      }
    }
    for (const FilteredRule& named : filter.named) link(read, named);
    if (errors_ != errors_before) return false;
    std::ranges::sort(filter.rules);
    filter.rules.erase(std::ranges::unique(filter.rules).begin(), filter.rules.end());
    if (filter.rules.empty()) {
      report(read, Code::kFilterFitsNothing, read.at, "no loaded rule is meant by this filter",
             "see whether its `rules` and `logsource` say what they should");
    }
    return true;
  }

 private:
  void link(ReadFilter& read, const FilteredRule& named) {
    const std::vector<RuleNames::Target> targets = names_.find(named.text);
    const auto unknown = [&](std::string message, std::string hint) {
      ++errors_;
      report(read, Code::kUnknownRule, named.at, std::move(message), std::move(hint));
    };
    if (targets.empty()) {
      return unknown("there is no rule '" + named.text + "'",
                     did_you_mean(named.text, names_.known(),
                                  "write the `name` or `id` of a rule that is loaded with it"));
    }
    if (targets.size() > 1) {
      return unknown(
          "'" + named.text + "' is the name of " + std::to_string(targets.size()) + " rules",
          "refer to one by its `id`");
    }
    const RuleNames::Target& target = targets.front();
    if (target.is_correlation) {
      return unknown("'" + named.text + "' is a correlation", "filter the rules that it looks at");
    }
    if (target.refused) {
      return unknown("the rule '" + named.text + "' is not loaded", "see what is said about it");
    }
    if (fits(read.filter.rule.logsource, rules_[target.index].logsource)) {
      read.filter.rules.push_back(target.index);
      if (can_hide(read.filter, rules_[target.index])) return;
      report(read, Code::kFilterHidesNothing, named.at,
             "what is hidden here is nothing that '" + named.text +
                 "' finds, but where a field is a list",
             "hold its condition against that of the rule");
      return;
    }
    report(read, Code::kFilterFitsNothing, named.at,
           "'" + named.text + "' looks at another log than the filter says",
           "give the filter the `logsource` of the rule");
  }

  void report(const ReadFilter& read, Code code, At at, std::string message, std::string hint) {
    Reporter(read.file->path, read.file->text, diagnostics_)
        .report(code, at, std::move(message), std::move(hint));
  }

  std::span<const Rule> rules_;
  const RuleNames& names_;
  Diagnostics& diagnostics_;
  size_t errors_ = 0;
};

}  // namespace filters

LinkedFilters link_filters(std::vector<ReadFilter> read, std::span<const Rule> rules,
                           const RuleNames& names, Diagnostics& diagnostics) {
  LinkedFilters linked;
  filters::Linker linker(rules, names, diagnostics);
  for (ReadFilter& one : read) {
    if (!linker.link(one)) continue;
    linked.filters.push_back(std::move(one.filter));
    linked.report_of.push_back(one.report);
  }
  return linked;
}

}  // namespace stanch::detect::sigma
