#include "host/rule_set.h"

#include <fmt/format.h>

#include <algorithm>

#include "pipeline/content.h"

namespace stanch::host {

Result<LoadedRules> load_rule_set(env::Env& env, const RuleSources& sources) {
  LoadedRules rules;
  TRY(model::Content content, pipeline::load_content(env.files, sources.content));
  rules.content_version = content.version();
  rules.placeholders = pipeline::placeholders_of(content, rules.context);
  if (!sources.builtin) {
    std::erase_if(content.files, [](const auto& file) { return file.first.starts_with("rules/"); });
  }
  TRY(rules.texts, pipeline::rule_texts(env.files, content, sources.paths));
  pipeline::check_lists(content, rules.texts, rules.context);
  for (const std::string& path : sources.paths) {
    const bool found = std::ranges::any_of(
        rules.texts, [&](const detect::RuleText& text) { return text.path.starts_with(path); });
    if (!found) {
      return Error(ErrorCode::kNotFound,
                   fmt::format("there is no rule (*.yml, *.yaml) in {}", path));
    }
  }
  for (const auto& [path, text] : content.files) {
    if (path.starts_with("fields/")) detect::read_fields({path, text}, rules.fields, rules.context);
  }
  rules.loaded =
      detect::load_rules(rules.texts, rules.placeholders, rules.fields.logs, rules.fields.maps);
  return rules;
}

pipeline::output::RuleCounts count_rules(const detect::Loaded& loaded) {
  pipeline::output::RuleCounts counts;
  for (const detect::RuleReport& report : loaded.reports) {
    switch (report.state) {
      case detect::RuleState::kLoaded:
        ++(report.is_filter ? counts.filters : counts.loaded);
        counts.unbindable += report.unbindable;
        counts.unindexed += !report.indexed;
        break;
      case detect::RuleState::kRefused: ++counts.refused; break;
      case detect::RuleState::kRefusedPlaceholder: ++counts.refused_placeholder; break;
    }
  }
  return counts;
}

}  // namespace stanch::host
