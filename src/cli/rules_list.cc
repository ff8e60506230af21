#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <string_view>

#include "cli/commands.h"
#include "cli/context.h"
#include "cli/rule_sources.h"
#include "codec/json_writer.h"
#include "codec/timestamp.h"
#include "detect/correlate/plan.h"
#include "detect/sigma/filter.h"
#include "detect/sigma/rule.h"
#include "pipeline/output/attack.h"
#include "pipeline/output/text.h"

namespace stanch::cli {

namespace {

namespace output = pipeline::output;
using detect::sigma::Correlation;
using detect::sigma::Filter;
using detect::sigma::Rule;
using pipeline::output::counted;

// A rule, a correlation or a filter.
struct Listed {
  const model::RuleInfo* info = nullptr;
  const Rule* rule = nullptr;
  const Correlation* correlation = nullptr;
  const Filter* filter = nullptr;
  bool is_shown = true;

  std::string_view kind() const {
    if (filter != nullptr) return "filter";
    return correlation != nullptr ? "correlation" : "rule";
  }
};

// Which techniques are covered below each tactic, by how many rules.
struct Coverage {
  std::map<std::string, std::map<std::string, size_t>, std::less<>> techniques;  // tactic -> …
  std::map<std::string, size_t, std::less<>> rules;
  std::set<std::string> all_techniques;
};

Coverage coverage_of(const std::vector<Listed>& rules) {
  Coverage coverage;
  for (const Listed& rule : rules) {
    if (rule.filter != nullptr) continue;
    const output::Attack attack = output::attack_of(rule.info->tags);
    coverage.all_techniques.insert(attack.techniques.begin(), attack.techniques.end());
    for (const std::string& tactic : attack.tactics) {
      ++coverage.rules[tactic];
      for (const std::string& technique : attack.techniques) {
        ++coverage.techniques[tactic][technique];
      }
    }
  }
  return coverage;
}

std::vector<Listed> sorted_rules(const detect::RuleSet& set) {
  std::vector<Listed> rules;
  for (const Rule& rule : detect::rule_trees(set)) {
    rules.push_back({.info = &rule.info, .rule = &rule});
  }
  for (const auto& correlation : detect::correlations(set).correlations) {
    rules.push_back({.info = &correlation.tree.info, .correlation = &correlation.tree});
  }
  for (uint32_t i = 0; i < rules.size(); ++i) rules[i].is_shown = detect::is_shown(set, i);
  std::ranges::stable_sort(rules, [](const Listed& a, const Listed& b) {
    return a.info->level != b.info->level ? a.info->level > b.info->level
                                          : a.info->title < b.info->title;
  });
  // Filters have no level.
  for (const Filter& filter : detect::filters(set)) {
    rules.push_back({.info = &filter.rule.info, .filter = &filter});
  }
  return rules;
}

size_t count_kind(const std::vector<Listed>& rules, std::string_view kind) {
  return static_cast<size_t>(std::ranges::count(rules, kind, &Listed::kind));
}

std::string joined(const std::vector<std::string>& texts) {
  std::string out;
  for (const std::string& text : texts) {
    if (!out.empty()) out += ' ';
    out += text;
  }
  return out;
}

std::string text_of(const std::vector<Listed>& rules, const output::Style& style) {
  constexpr size_t kLevelColumns = 13, kKindColumns = 11;
  const size_t columns = std::max(style.columns, 60u);
  const size_t technique_columns = columns < 100 ? 10 : 21;
  const size_t title_columns =
      std::min<size_t>(columns - kLevelColumns - kKindColumns - technique_columns - 3, 100);
  std::string text;
  for (const Listed& rule : rules) {
    const output::Attack attack = output::attack_of(rule.info->tags);
    text +=
        fmt::format("{:<{}} {:<{}} {} {}", rule.filter != nullptr ? "-" : name_of(rule.info->level),
                    kLevelColumns, rule.kind(), kKindColumns,
                    output::fit_padded(rule.info->title, title_columns, style),
                    output::fit(joined(attack.techniques), technique_columns, style));
    text.erase(text.find_last_not_of(' ') + 1);
    text += '\n';
  }
  const Coverage coverage = coverage_of(rules);
  text += fmt::format("\n{}, {}, {}, {}\n\n", counted(count_kind(rules, "rule"), "rule"),
                      counted(count_kind(rules, "correlation"), "correlation"),
                      counted(count_kind(rules, "filter"), "filter"),
                      counted(coverage.all_techniques.size(), "ATT&CK technique"));
  for (const output::Tactic& tactic : output::tactics()) {
    const auto found = coverage.rules.find(tactic.name);
    if (found == coverage.rules.end()) continue;
    std::string techniques;
    if (const auto below = coverage.techniques.find(tactic.name);
        below != coverage.techniques.end()) {
      for (const auto& [technique, count] : below->second) techniques += " " + technique;
    }
    constexpr size_t kIndent = 31;
    text += fmt::format("{:<21} {:>3} {}", tactic.caption, found->second,
                        found->second == 1 ? "rule " : "rules");
    std::string_view rest = techniques;
    size_t at = kIndent;
    while (!rest.empty()) {
      rest.remove_prefix(1);
      const size_t end = std::min(rest.find(' '), rest.size());
      if (at + 1 + end > columns) {
        text += "\n" + std::string(kIndent, ' ');
        at = kIndent;
      }
      text += fmt::format(" {}", rest.substr(0, end));
      at += 1 + end;
      rest.remove_prefix(end);
    }
    text += '\n';
  }
  return text;
}

void append_members(const Rule& rule, codec::JsonWriter& json) {
  json.field("kind", "rule")
      .field("triage", rule.triage)
      .field("needs_data_events", rule.needs_data_events);
  json.key("logsource")
      .begin_object()
      .field("product", rule.logsource.product)
      .field("service", rule.logsource.service)
      .field("category", rule.logsource.category)
      .end_object();
}

void append_members(const Correlation& correlation, codec::JsonWriter& json) {
  json.field("kind", "correlation").field("type", name_of(correlation.type));
  json.key("rules").begin_array();
  for (const detect::sigma::Reference& rule : correlation.rules) json.string(rule.text);
  json.end_array();
  append_texts("group_by", correlation.group_by, json);
  json.field(
      "timespan_seconds",
      int64_t{std::chrono::duration_cast<std::chrono::seconds>(correlation.timespan).count()});
}

void append_members(const Filter& filter, codec::JsonWriter& json) {
  json.field("kind", "filter").field("any", filter.any);
  json.key("rules").begin_array();
  for (const detect::sigma::FilteredRule& rule : filter.named) json.string(rule.text);
  json.end_array().field("owner", filter.owner).field("reason", filter.reason);
  if (filter.expires) json.field("expires", codec::format_timestamp(*filter.expires));
}

void append_counts(const std::vector<Listed>& rules, codec::JsonWriter& json) {
  json.key("counts")
      .begin_object()
      .field("rules", uint64_t{count_kind(rules, "rule")})
      .field("correlations", uint64_t{count_kind(rules, "correlation")})
      .field("filters", uint64_t{count_kind(rules, "filter")})
      .end_object();
}

std::string json_of(const std::vector<Listed>& rules, const std::string& content_version) {
  std::string out;
  codec::JsonWriter json(out);
  json.begin_object().field("schema", "stanch.rules/1").field("content_version", content_version);
  json.key("rules").begin_array();
  for (const Listed& rule : rules) {
    const model::RuleInfo& info = *rule.info;
    const output::Attack attack = output::attack_of(info.tags);
    json.begin_object()
        .field("id", info.id.text())
        .field("title", info.title)
        .field("description", info.description);
    if (rule.filter == nullptr) json.field("level", name_of(info.level));
    json.field("status", info.status).field("path", info.path).field("version", info.version);
    append_texts("tags", info.tags, json);
    append_texts("tactics", attack.tactics, json);
    append_texts("techniques", attack.techniques, json);
    append_texts("falsepositives", info.falsepositives, json);
    append_texts("references", info.references, json);
    if (rule.filter == nullptr) json.field("is_shown", rule.is_shown);
    if (rule.rule != nullptr) append_members(*rule.rule, json);
    if (rule.correlation != nullptr) append_members(*rule.correlation, json);
    if (rule.filter != nullptr) append_members(*rule.filter, json);
    json.end_object();
  }
  json.end_array();
  append_counts(rules, json);
  json.key("coverage").begin_array();
  const Coverage coverage = coverage_of(rules);
  for (const output::Tactic& tactic : output::tactics()) {
    const auto found = coverage.rules.find(tactic.name);
    json.begin_object()
        .field("tactic", tactic.name)
        .field("rules", uint64_t{found == coverage.rules.end() ? 0 : found->second});
    json.key("techniques").begin_object();
    if (const auto below = coverage.techniques.find(tactic.name);
        below != coverage.techniques.end()) {
      for (const auto& [technique, count] : below->second) json.field(technique, uint64_t{count});
    }
    json.end_object().end_object();
  }
  json.end_array().end_object();
  output::escape_hidden(out, 0);
  return out + "\n";
}

}  // namespace

int run_rules_list(Context& context) {
  const auto loaded = host::load_rule_set(context.env(), rule_sources(context));
  if (!loaded) return context.fail(loaded.error(), kExitUsage);
  const auto rules = sorted_rules(*loaded->loaded.rules);
  return context.print(context.settings().flag("json") ? json_of(rules, loaded->content_version)
                                                       : text_of(rules, context.style()));
}

}  // namespace stanch::cli
