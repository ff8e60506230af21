#include "host/rule_set.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "pipeline/content.h"

namespace stanch::host {

namespace {

// The logs that rules are to be held against; all of them if none was named.
std::vector<detect::LogSchema> named_logs(const RuleSources& sources, LoadedRules& rules) {
  std::vector<detect::LogSchema> named;
  for (const std::string& name : sources.logs) {
    const size_t before = named.size();
    std::ranges::copy_if(rules.fields.logs, std::back_inserter(named),
                         [&](const detect::LogSchema& log) { return is_log(log, name); });
    if (named.size() != before) rules.held_against.push_back(name);
  }
  return named.empty() ? rules.fields.logs : named;
}

bool names_unknown_rules(const LoadedRules& rules) {
  return std::ranges::any_of(rules.loaded.diagnostics, [](const Diagnostic& diagnostic) {
    return diagnostic.code->name == "unknown-rule";
  });
}

}  // namespace

bool is_log(const detect::LogSchema& log, std::string_view name) {
  std::string full = log.product;
  for (const std::string* part : {&log.service, &log.category}) {
    if (!part->empty()) full += "/" + *part;
  }
  return name == full || std::ranges::find(log.families, name) != log.families.end();
}

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
  rules.sources = pipeline::own_sources_of(content, rules.context);
  for (const auto& [path, text] : content.files) {
    if (path.starts_with("fields/")) detect::read_fields({path, text}, rules.fields, rules.context);
  }
  const std::vector<detect::LogSchema> logs = named_logs(sources, rules);
  rules.loaded = detect::load_rules(rules.texts, rules.placeholders, logs, rules.fields.maps,
                                    sources.statuses);
  if (rules.held_against.empty()) return rules;
  // Rules of other logs are not what was asked about.
  for (detect::RuleReport& report : rules.loaded.reports) {
    if (!report.fits_log) report.unbindable = false;
  }
  return rules;
}

Result<LoadedRules> load_with_what_is_named(env::Env& env, RuleSources sources) {
  TRY(LoadedRules own, load_rule_set(env, sources));
  if (sources.builtin || !names_unknown_rules(own)) return own;
  sources.builtin = true;
  TRY(LoadedRules all, load_rule_set(env, sources));
  const auto is_own = [&](const std::string& path) {
    return std::ranges::find(own.texts, path, &detect::RuleText::path) != own.texts.end();
  };
  std::erase_if(all.loaded.diagnostics,
                [&](const Diagnostic& diagnostic) { return !is_own(diagnostic.place.file); });
  std::erase_if(all.loaded.reports,
                [&](const detect::RuleReport& report) { return !is_own(report.path); });
  // Where the content itself is looked at, all of it is there twice.
  if (all.loaded.diagnostics.size() > own.loaded.diagnostics.size()) return own;
  for (const detect::RuleText& text : own.texts) all.own_paths.push_back(text.path);
  return all;
}

bool LoadedRules::is_own(const model::RuleInfo& rule) const {
  return own_paths.empty() || std::ranges::find(own_paths, rule.path) != own_paths.end();
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
      case detect::RuleState::kLeftOut: ++counts.left_out; break;
      case detect::RuleState::kRefused: ++counts.refused; break;
      case detect::RuleState::kRefusedPlaceholder: ++counts.refused_placeholder; break;
    }
  }
  return counts;
}

}  // namespace stanch::host
