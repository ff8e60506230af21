#include <fmt/format.h>

#include <algorithm>

#include "cli/commands.h"
#include "cli/compare.h"
#include "pipeline/output/text.h"

namespace stanch::cli {

namespace {

using pipeline::output::counted;

namespace output = pipeline::output;

double per_thousand(uint64_t findings, uint64_t events) {
  return events == 0 ? 0 : 1000.0 * static_cast<double>(findings) / static_cast<double>(events);
}

std::string text_of(const host::Backtest& result, const output::Style& style) {
  std::string text =
      fmt::format("{:>10}  {:>9}  {:<13}  {}\n", "FINDINGS", "PER 1,000", "LEVEL", "RULE");
  uint64_t all = 0;
  for (const host::RuleHits& rule : result.rules) {
    all += rule.findings;
    text += fmt::format("{:>10}  {:>9.3f}  {:<13}  {}\n", output::grouped(rule.findings),
                        per_thousand(rule.findings, result.summary.events), name_of(rule.level),
                        output::fit(rule.title, std::max(style.columns, 60u) - 38, style));
    text += examples_text("", rule.examples, style);
  }
  text +=
      fmt::format("\n{} in {} by {}\n", counted(all, "finding"),
                  counted(result.summary.events, "event"), counted(result.rules.size(), "rule"));
  return text;
}

std::string json_of(const host::Backtest& result) {
  std::string out;
  codec::JsonWriter json(out);
  json.begin_object()
      .field("schema", "stanch.backtest/1")
      .field("events", result.summary.events)
      .field("files", result.summary.files)
      .field("inputs_unread", result.summary.files_failed);
  json.key("rules").begin_array();
  for (const host::RuleHits& rule : result.rules) {
    json.begin_object()
        .field("id", rule.id)
        .field("title", rule.title)
        .field("level", name_of(rule.level))
        .field("findings", rule.findings)
        .field("per_thousand_events", per_thousand(rule.findings, result.summary.events));
    append_examples("examples", rule.examples, json);
    json.end_object();
  }
  json.end_array().end_object();
  output::escape_hidden(out, 0);
  return out + "\n";
}

}  // namespace

int run_rules_backtest(Context& context) {
  ProgressLine progress(context.env(), context.error_style(), shows_progress(context));
  const auto options = backtest_options(context, progress);
  if (!options) return context.fail(options.error(), kExitUsage);
  const auto paths = context.arguments("RULE");
  const auto rules = load_given_rules(context, {paths.begin(), paths.end()});
  if (!rules) return context.fail(rules.error(), kExitUsage);
  const auto result = host::backtest(context.env(), *rules, *options);
  progress.clear();
  if (!result) return context.fail(result.error(), kExitInternal);
  const int code = say_unread(context, result->summary);
  return context.print(
      context.settings().flag("json") ? json_of(*result) : text_of(*result, context.style()), code);
}

}  // namespace stanch::cli
