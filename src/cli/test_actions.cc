#include <fmt/format.h>

#include "cli/actions.h"
#include "cli/commands.h"
#include "cli/diagnostics.h"
#include "codec/json_writer.h"
#include "codec/utf8.h"
#include "host/action_tests.h"
#include "pipeline/output/text.h"

// `stanch actions test`. (A file named actions_test.cc would be a unit test.)

namespace stanch::cli {

namespace {

namespace output = pipeline::output;
using output::counted;
using output::grouped;

struct CaseTotals {
  size_t cases = 0, failed = 0;
  std::vector<std::string> without;  // names of actions
};

CaseTotals totals_of(const host::ActionTests& tests) {
  CaseTotals totals;
  for (const host::ActionTest& test : tests.tests) {
    if (test.cases_path.empty()) totals.without.push_back(test.action);
    totals.cases += test.cases.size();
    for (const host::CaseTest& each : test.cases) totals.failed += !each.failures.empty();
  }
  return totals;
}

// Where it stands and what it is about; below it what was wanted and what came.
std::string text_of(const host::ActionTest& test, const host::CaseTest& of,
                    const respond::CaseFailure& failure, const output::Style& style) {
  const auto line = [&](std::string_view before, const std::string& text, size_t indent) {
    return output::wrapped(fmt::format("{}{}", before, codec::for_terminal(text)), indent,
                           style.columns) +
           "\n";
  };
  return line("", fmt::format("{}:{}: {}", test.cases_path, failure.line, of.name), 2) +
         line("  ", failure.what, 4) + line("    expected  ", failure.expected, 14) +
         line("    came      ", failure.came, 14);
}

std::string text_of(const host::ActionTests& tests, const output::Style& style, bool names_all) {
  std::string text = diagnostics_text(tests.diagnostics, true);
  for (const host::ActionTest& test : tests.tests) {
    for (const host::CaseTest& each : test.cases) {
      for (const respond::CaseFailure& failure : each.failures) {
        text += text_of(test, each, failure, style);
      }
    }
  }
  const CaseTotals totals = totals_of(tests);
  if (names_all) {
    for (const std::string& name : totals.without) text += fmt::format("no case: {}\n", name);
  }
  std::string closing = fmt::format(
      "{}, {}: {} passed, {} failed", counted(tests.tests.size(), "action"),
      counted(totals.cases, "case"), grouped(totals.cases - totals.failed), grouped(totals.failed));
  if (!totals.without.empty()) {
    closing += fmt::format("; {} without a case", counted(totals.without.size(), "action"));
  }
  if (tests.refused > 0) closing += fmt::format("; {} refused", counted(tests.refused, "action"));
  if (!tests.diagnostics.empty()) closing += "; " + counts_text(tests.diagnostics);
  return text + output::wrapped(closing, 2, style.columns) + "\n";
}

std::string json_of(const host::ActionTests& tests) {
  std::string out;
  codec::JsonWriter json(out);
  const CaseTotals totals = totals_of(tests);
  json.begin_object().field("schema", "stanch.actions-test/1");
  append_diagnostics(tests.diagnostics, json);
  json.field("actions", uint64_t{tests.tests.size()})
      .field("refused", uint64_t{tests.refused})
      .field("cases", uint64_t{totals.cases})
      .field("failed", uint64_t{totals.failed});
  append_texts("without_cases", totals.without, json);
  json.key("tests").begin_array();
  for (const host::ActionTest& test : tests.tests) {
    if (test.cases_path.empty()) continue;
    json.begin_object()
        .field("action", test.action)
        .field("path", test.path)
        .field("cases_path", test.cases_path);
    json.key("cases").begin_array();
    for (const host::CaseTest& each : test.cases) {
      json.begin_object()
          .field("name", each.name)
          .field("line", int64_t{each.line})
          .field("passed", each.failures.empty());
      json.key("failures").begin_array();
      for (const respond::CaseFailure& failure : each.failures) {
        json.begin_object()
            .field("line", int64_t{failure.line})
            .field("what", failure.what)
            .field("expected", failure.expected)
            .field("came", failure.came)
            .end_object();
      }
      json.end_array().end_object();
    }
    json.end_array().end_object();
  }
  json.end_array().end_object();
  output::escape_hidden(out, 0);
  return out + "\n";
}

}  // namespace

int run_actions_test(Context& context) {
  const auto wanted = context.arguments("WHAT");
  const auto tests = host::run_action_tests(
      context.env(),
      {.content = context.settings().text("content"), .wanted = {wanted.begin(), wanted.end()}});
  if (!tests) return context.fail(tests.error(), kExitUsage);
  const bool passed = totals_of(*tests).failed == 0 && !has_errors(tests->diagnostics);
  const int code = passed ? kExitOk : kExitFindings;
  if (context.settings().flag("json")) return context.print(json_of(*tests), code);
  return context.print(text_of(*tests, context.style(), context.verbosity() > 0), code);
}

}  // namespace stanch::cli
