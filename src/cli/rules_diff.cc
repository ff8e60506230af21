#include <fmt/format.h>

#include <algorithm>

#include "cli/commands.h"
#include "cli/compare.h"
#include "pipeline/output/text.h"

namespace stanch::cli {

namespace {

namespace output = pipeline::output;
using host::RuleDifference;
using pipeline::output::counted;

std::string_view change_of(const RuleDifference& rule) {
  if (!rule.in_old) return "new";
  if (!rule.in_new) return "removed";
  if (rule.gained > 0 && rule.lost > 0) return "changed";
  return rule.gained > 0 ? "more" : "less";
}

std::string text_of(const host::RuleSetDifference& result, const output::Style& style) {
  std::string text;
  for (const RuleDifference& rule : result.rules) {
    text +=
        fmt::format("{:<8} {:>8} -> {:<8} +{:<6} -{:<6} {}\n", change_of(rule),
                    output::grouped(rule.before), output::grouped(rule.after), rule.gained,
                    rule.lost, output::fit(rule.title, std::max(style.columns, 60u) - 46, style));
    text += examples_text("+", rule.gained_examples, style);
    text += examples_text("-", rule.lost_examples, style);
  }
  return text + fmt::format("{} {}, {} {} the same; {}\n", counted(result.rules.size(), "rule"),
                            result.rules.size() == 1 ? "differs" : "differ",
                            output::grouped(result.same), result.same == 1 ? "finds" : "find",
                            counted(result.summary.events, "event"));
}

std::string json_of(const host::RuleSetDifference& result) {
  std::string out;
  codec::JsonWriter json(out);
  json.begin_object()
      .field("schema", "stanch.rules-diff/1")
      .field("events", result.summary.events)
      .field("same", result.same)
      .field("inputs_unread", result.summary.files_failed);
  json.key("rules").begin_array();
  for (const RuleDifference& rule : result.rules) {
    json.begin_object()
        .field("id", rule.id)
        .field("title", rule.title)
        .field("change", change_of(rule))
        .field("before", rule.before)
        .field("after", rule.after)
        .field("gained", rule.gained)
        .field("lost", rule.lost);
    append_examples("gained_examples", rule.gained_examples, json);
    append_examples("lost_examples", rule.lost_examples, json);
    json.end_object();
  }
  json.end_array().end_object();
  output::escape_hidden(out, 0);
  return out + "\n";
}

}  // namespace

int run_rules_diff(Context& context) {
  ProgressLine progress(context.env(), context.error_style(), shows_progress(context));
  const auto options = backtest_options(context, progress);
  if (!options) return context.fail(options.error(), kExitUsage);
  if (std::ranges::find(options->on, "-") != options->on.end()) {
    return context.fail(
        "'rules diff' reads the logs more than once, and standard input is gone "
        "after the first time",
        "Give it files.", kExitUsage);
  }
  const std::string& old_path = context.argument("OLD");
  const std::string& new_path = context.argument("NEW");
  const auto old_rules = load_given_rules(context, {old_path});
  if (!old_rules) return context.fail(old_rules.error(), kExitUsage);
  const auto new_rules = load_given_rules(context, {new_path});
  if (!new_rules) return context.fail(new_rules.error(), kExitUsage);
  const auto result =
      host::compare_rules(context.env(), {*old_rules, old_path}, {*new_rules, new_path}, *options);
  progress.clear();
  if (!result) return context.fail(result.error(), kExitInternal);
  const int code = say_unread(context, result->summary);
  return context.print(
      context.settings().flag("json") ? json_of(*result) : text_of(*result, context.style()), code);
}

}  // namespace stanch::cli
