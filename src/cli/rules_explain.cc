#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <optional>
#include <vector>

#include "base/suggest.h"
#include "cli/commands.h"
#include "cli/context.h"
#include "cli/rule_sources.h"
#include "cli/rules_explain_correlation.h"
#include "codec/fold.h"
#include "codec/json_writer.h"
#include "codec/utf8.h"
#include "detect/sigma/filter.h"
#include "host/events.h"
#include "pipeline/event_scanner.h"
#include "pipeline/hiding_filter.h"
#include "pipeline/output/text.h"

namespace stanch::cli {

namespace {

namespace output = pipeline::output;
using detect::Explanation;

// The rule that was asked for, with the set it is in; or which ones it may be.
struct Found {
  host::LoadedRules rules;
  std::optional<uint32_t> index = {};
  std::string suggestion = {};
};

// "aws_evasion" of "rules/aws/aws_evasion.yaml"
std::string_view stem(std::string_view path) {
  path.remove_prefix(path.rfind('/') + 1);
  return path.substr(0, path.rfind('.'));
}

// "Did you mean …?", from rules whose path, title or id holds the name or is much like it.
std::string suggest(std::string_view name, const host::LoadedRules& rules) {
  constexpr size_t kShownMax = 5;
  const auto infos = detect::rule_infos(*rules.loaded.rules);
  std::string shown;
  size_t count = 0;
  const std::string wanted = codec::fold_case(name);
  const auto holds_name = [&](std::string_view text) {
    return codec::fold_case(text).contains(wanted);
  };
  std::vector<std::string_view> names;
  for (const auto& info : infos) {
    const std::string_view path = info->path;
    names.insert(names.end(), {stem(path), info->title, path, info->id.text()});
    const bool near = name.size() >= 3 &&
                      (holds_name(path) || holds_name(info->title) || holds_name(info->id.text()));
    if (!near || ++count > kShownMax) continue;
    shown += fmt::format("{}{}", shown.empty() ? "" : ", ", path);
  }
  if (count > kShownMax) shown += fmt::format(" and {} more", count - kShownMax);
  if (shown.empty()) shown = find_similar(name, names);
  if (shown.empty()) return "'stanch rules list' shows them.";
  return fmt::format("Did you mean {}{}?", count > 1 ? "one of " : "", shown);
}

Result<Found> find_rule(Context& context, const std::string& name) {
  host::RuleSources sources = rule_sources(context);
  const bool is_file = context.env().files.status(name).has_value();
  if (is_file) {
    sources.builtin = false;
    sources.paths = {name};
  }
  TRY(host::LoadedRules rules, is_file ? host::load_with_what_is_named(context.env(), sources)
                                       : host::load_rule_set(context.env(), sources));
  for (const Diagnostic& diagnostic : rules.loaded.diagnostics) {
    if (is_file && diagnostic.code->severity == Severity::kError) {
      context.env().terminal.write_error(to_text(diagnostic));
    }
  }
  const auto infos = detect::rule_infos(*rules.loaded.rules);
  std::vector<uint32_t> found;
  for (uint32_t i = 0; i < infos.size(); ++i) {
    const model::RuleInfo& info = *infos[i];
    if (is_file ? rules.is_own(info)
                : info.id.text() == name || info.title == name || info.path == name ||
                      stem(info.path) == name) {
      found.push_back(i);
    }
  }
  // A correlation and the rules that are there for it alone.
  if (found.size() > 1) {
    std::vector<uint32_t> shown;
    std::ranges::copy_if(found, std::back_inserter(shown),
                         [&](uint32_t i) { return detect::is_shown(*rules.loaded.rules, i); });
    if (shown.size() == 1) found = shown;
  }
  if (found.size() > 1) {
    return Error(ErrorCode::kInvalid,
                 fmt::format("'{}' is more than one rule; give an id with --rules", name));
  }
  if (found.empty() && is_file) {
    return Error(ErrorCode::kNotFound, fmt::format("no rule in '{}' could be loaded", name));
  }
  if (!found.empty()) return Found{std::move(rules), found.front()};
  std::string suggestion = suggest(name, rules);
  return Found{std::move(rules), {}, std::move(suggestion)};
}

std::string_view mark(bool holds, const output::Style& style) {
  if (style.unicode) return holds ? "✓" : "✗";
  return holds ? "+" : "-";
}

void append_tree(const Explanation& node, size_t depth, const output::Style& style,
                 std::string& out) {
  constexpr size_t kTextBytesMax = 2000;
  out.append(depth * 2, ' ');
  out += output::colored(std::string(mark(node.holds, style)),
                         node.holds ? output::Color::kGreen : output::Color::kRed, style);
  out += ' ';
  out += codec::for_terminal(std::string_view(node.text).substr(0, kTextBytesMax));
  if (!node.because.empty()) {
    out += ": ";
    out += codec::for_terminal(std::string_view(node.because).substr(0, kTextBytesMax));
  }
  out += '\n';
  for (const Explanation& child : node.children) append_tree(child, depth + 1, style, out);
}

std::string_view name_of(Explanation::Kind kind) {
  switch (kind) {
    case Explanation::Kind::kRule: return "rule";
    case Explanation::Kind::kLogSource: return "log-source";
    case Explanation::Kind::kCondition: return "condition";
    case Explanation::Kind::kDetection: return "detection";
    case Explanation::Kind::kItem: return "item";
    case Explanation::Kind::kValue: return "value";
  }
  return "unknown";
}

void append_json(const Explanation& node, codec::JsonWriter& json) {
  json.begin_object()
      .field("kind", name_of(node.kind))
      .field("holds", node.holds)
      .field("text", node.text)
      .field("because", node.because);
  json.key("children").begin_array();
  for (const Explanation& child : node.children) append_json(child, json);
  json.end_array().end_object();
}

std::string json_of(const model::RuleInfo& rule, const Explanation& tree) {
  std::string out;
  codec::JsonWriter json(out);
  json.begin_object()
      .field("schema", "stanch.explanation/1")
      .field("rule", rule.id.text())
      .field("title", rule.title)
      .field("matches", tree.holds)
      .key("explanation");
  append_json(tree, json);
  json.end_object();
  output::escape_hidden(out, 0);
  return out + "\n";
}

// If a filter hides what the rule finds in this event, which.
std::string hiding_words(const host::LoadedRules& loaded, uint32_t rule,
                         normalize::Normalizer& normalizer, codec::JsonView event) {
  const detect::RuleSet& rules = *loaded.loaded.rules;
  const normalize::LogFamily family = normalizer.recognise(event);
  detect::Matcher matcher(loaded.loaded.rules, codec::HashSecret{});
  const auto matches = matcher.match(event, pipeline::event_source(normalizer, family)).matches;
  const auto match = std::ranges::find(matches, rule, &detect::Match::rule);
  if (match == matches.end()) return "";
  TextArena texts;
  model::Facts facts;
  normalizer.extract(family, event, texts, facts);
  const auto filter = pipeline::find_hiding_filter(rules, match->filters, facts);
  if (!filter) return "";
  const model::RuleInfo& info = detect::filters(rules)[*filter].rule.info;
  return fmt::format("It matches, and is hidden by the filter '{}' ({})\n",
                     codec::for_terminal(info.title), codec::for_terminal(info.path));
}

}  // namespace

int run_rules_explain(Context& context) {
  const auto found = find_rule(context, context.argument("RULE"));
  if (!found) return context.fail(found.error(), kExitUsage);
  if (!found->index) {
    return context.fail(fmt::format("there is no rule '{}'", context.argument("RULE")),
                        found->suggestion, kExitUsage);
  }

  const detect::RuleSet& rules = *found->rules.loaded.rules;
  if (const size_t count = detect::rule_count(rules); *found->index >= count) {
    return explain_correlation(context, found->rules, static_cast<uint32_t>(*found->index - count));
  }
  const uint64_t wanted = context.settings().number("record");
  if (wanted == 0) return context.fail("--record counts from 1", "", kExitUsage);
  const std::string& path = context.argument("EVENT");
  uint64_t number = 0;
  std::optional<Explanation> tree;
  std::string hidden;
  const auto read =
      host::each_event(context.env().files, path, [&](codec::JsonView event, const model::Origin&) {
        if (++number < wanted) return true;
        normalize::Normalizer normalizer(found->rules.sources);
        tree = detect::explain(rules, *found->index, event,
                               pipeline::event_source(normalizer, normalizer.recognise(event)));
        hidden = hiding_words(found->rules, *found->index, normalizer, event);
        return false;
      });
  if (!tree) {
    if (!read) return context.fail(read.error(), kExitInput);
    return context.fail(fmt::format("'{}' has {} events, not {}", path, number, wanted),
                        number == 0 ? "It must hold JSON: one event, or many in any form that "
                                      "'stanch scan' reads."
                                    : "Give a smaller --record.",
                        kExitInput);
  }
  const model::RuleInfo& rule = *detect::rule_infos(rules)[*found->index];
  if (context.settings().flag("json")) return context.print(json_of(rule, *tree));
  std::string text;
  append_tree(*tree, 0, context.style(), text);
  text += hidden;
  return context.print(text);
}

}  // namespace stanch::cli
