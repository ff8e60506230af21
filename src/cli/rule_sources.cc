#include "cli/rule_sources.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <utility>

#include "cli/diagnostics.h"
#include "pipeline/output/text.h"

namespace stanch::cli {

namespace {

using pipeline::output::counted;
using pipeline::output::grouped;

// Empty lists are ordinary at first: one line says so, -v what each of them means.
void say_context(Context& context, const Diagnostics& diagnostics) {
  std::string empty;
  size_t count = 0;
  for (const Diagnostic& diagnostic : diagnostics) {
    if (diagnostic.code->severity != Severity::kNote) {
      context.env().terminal.write_error(to_text(diagnostic));
      continue;
    }
    ++count;
    if (context.verbosity() > 0) empty += fmt::format("note: {}\n", diagnostic.message);
  }
  if (count == 0) return;
  if (context.verbosity() == 0) {
    empty = fmt::format(
        "note: {} {} of context.yaml {} empty, so findings are wider than need be (-v says how)\n",
        count, count == 1 ? "list" : "lists", count == 1 ? "is" : "are");
  }
  context.note(empty);
}

void say_rules(Context& context, const host::LoadedRules& rules) {
  const auto counts = host::count_rules(rules.loaded);
  if (context.verbosity() > 0) {
    Diagnostics diagnostics = rules.loaded.diagnostics;
    if (context.verbosity() < 2) {
      std::erase_if(diagnostics, [](const Diagnostic& diagnostic) {
        return diagnostic.code->severity == Severity::kNote;
      });
    }
    context.note(diagnostics_text(diagnostics, context.verbosity() > 2));
  }
  if (counts.refused > 0 || counts.refused_placeholder > 0) {
    context.note(fmt::format("note: {} of {} refused; 'stanch rules lint' says why\n",
                             grouped(counts.refused + counts.refused_placeholder),
                             counted(rules.loaded.reports.size(), "rule")));
  }
}

Result<host::LoadedRules> say_all(Context& context, Result<host::LoadedRules> rules) {
  if (!rules) return rules;
  say_context(context, rules->context);
  if (has_errors(rules->context)) {
    return Error(ErrorCode::kInvalid, "the context has errors");
  }
  say_rules(context, *rules);
  const auto infos = detect::rule_infos(*rules->loaded.rules);
  if (std::ranges::none_of(infos, [&](const auto& info) { return rules->is_own(*info); })) {
    return Error(ErrorCode::kInvalid, "there is not one rule that could be loaded");
  }
  return rules;
}

}  // namespace

host::RuleSources rule_sources(const Context& context) {
  return {.builtin = !context.settings().flag("no-builtin-rules"),
          .content = context.settings().text("content"),
          .paths = context.settings().list("rules"),
          .statuses = takes(context.command(), *find_option("rule-status"))
                          ? context.settings().list("rule-status")
                          : std::vector<std::string>()};
}

Result<host::LoadedRules> load_rules_loudly(Context& context, const host::RuleSources& sources) {
  return say_all(context, host::load_rule_set(context.env(), sources));
}

Result<host::LoadedRules> load_named_rules_loudly(Context& context,
                                                  const host::RuleSources& sources) {
  return say_all(context, host::load_with_what_is_named(context.env(), sources));
}

}  // namespace stanch::cli
