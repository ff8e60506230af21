#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <vector>

#include "cli/commands.h"
#include "cli/context.h"
#include "cli/diagnostics.h"
#include "cli/rule_sources.h"
#include "codec/json_writer.h"
#include "detect/detect.h"
#include "host/lint.h"
#include "pipeline/output/text.h"

namespace stanch::cli {

namespace {

using pipeline::output::counted;
using pipeline::output::grouped;

std::string_view name_of(detect::RuleState state) {
  switch (state) {
    case detect::RuleState::kLoaded: return "loaded";
    case detect::RuleState::kRefused: return "refused";
    case detect::RuleState::kRefusedPlaceholder: return "refused-placeholder";
    case detect::RuleState::kLeftOut: return "left-out";
  }
  return "unknown";
}

// Exactly one sentence for people after all problems.
std::string closing_line(const host::LoadedRules& rules, const host::LintReport& report) {
  const auto states = host::count_rules(rules.loaded);
  std::string line = fmt::format("{}: {} loaded", counted(rules.loaded.reports.size(), "rule"),
                                 grouped(states.loaded));
  const auto add = [&line](uint64_t number, std::string_view what) {
    if (number > 0) line += fmt::format(", {} {}", grouped(number), what);
  };
  add(states.refused, "refused");
  add(states.refused_placeholder, "refused for a placeholder without value");
  add(states.filters, states.filters == 1 ? "filter" : "filters");
  add(states.unbindable, "can never match");
  add(states.unindexed, "not indexed");
  return line + fmt::format("; {}\n", counts_text(report.diagnostics));
}

std::string json_of(const host::LoadedRules& rules, const host::LintReport& report) {
  std::string out;
  codec::JsonWriter json(out);
  json.begin_object().field("schema", "stanch.lint/1");
  append_diagnostics(report.diagnostics, json);
  json.key("rules").begin_array();
  for (const detect::RuleReport& rule : rules.loaded.reports) {
    json.begin_object()
        .field("path", rule.path)
        .field("document", int64_t{rule.document})
        .field("id", rule.id)
        .field("title", rule.title)
        .field("state", name_of(rule.state))
        .field("indexed", rule.indexed)
        .field("unbindable", rule.unbindable);
    if (rule.unbindable) json.field("unbindable_why", rule.unbindable_why);
    json.end_object();
  }
  json.end_array().end_object();
  pipeline::output::escape_hidden(out, 0);
  return out + "\n";
}

}  // namespace

int run_rules_lint(Context& context) {
  const auto paths = context.arguments("DIR");
  const host::RuleSources sources{.builtin = paths.empty(),
                                  .content = context.settings().text("content"),
                                  .paths = {paths.begin(), paths.end()},
                                  .logs = context.settings().list("against")};
  const auto rules = host::load_with_what_is_named(context.env(), sources);
  if (!rules) return context.fail(rules.error(), kExitUsage);
  // What names no log is a path of logs.
  std::vector<std::string> against = context.settings().list("against");
  std::erase_if(against, [&](const std::string& name) {
    return std::ranges::find(rules->held_against, name) != rules->held_against.end();
  });
  auto report = host::lint(context.env(), *rules, against);
  if (!report) return context.fail(report.error(), kExitInput);
  if (!paths.empty()) {
    // Who checks rules of their own does not ask about the content's empty lists.
    std::erase_if(report->diagnostics, [](const Diagnostic& diagnostic) {
      return diagnostic.code->name == "context-empty";
    });
  }

  const int code = has_errors(report->diagnostics) ? kExitFindings : kExitOk;
  if (context.settings().flag("json")) return context.print(json_of(*rules, *report), code);
  if (context.quiet()) {
    std::erase_if(report->diagnostics, [](const Diagnostic& diagnostic) {
      return diagnostic.code->severity == Severity::kNote;
    });
  }
  const std::string text = diagnostics_text(report->diagnostics, context.verbosity() > 0);
  return context.print(text + closing_line(*rules, *report), code);
}

}  // namespace stanch::cli
