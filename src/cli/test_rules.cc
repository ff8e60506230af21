#include <fmt/format.h>

#include <algorithm>

#include "cli/commands.h"
#include "cli/context.h"
#include "codec/json_writer.h"
#include "codec/utf8.h"
#include "host/rule_tests.h"
#include "pipeline/content.h"
#include "pipeline/output/text.h"

// `stanch rules test`. (A file named rules_test.cc would be a unit test.)

namespace stanch::cli {

namespace {

using pipeline::output::counted;
using pipeline::output::grouped;

struct Totals {
  size_t rules = 0, failed = 0, without_events = 0, events = 0;
};

Totals totals_of(const std::vector<host::RuleTest>& tests) {
  Totals totals;
  for (const host::RuleTest& test : tests) {
    ++totals.rules;
    totals.failed += !test.failures.empty();
    totals.without_events += test.events_path.empty();
    totals.events += test.matches + test.near_misses;
  }
  return totals;
}

std::string text_of(const std::vector<host::RuleTest>& tests) {
  std::string text;
  for (const host::RuleTest& test : tests) {
    for (const host::RuleTestFailure& failure : test.failures) {
      const std::string place =
          failure.line == 0 ? test.path : fmt::format("{}:{}", test.events_path, failure.line);
      // What is said about a text says where itself, on several lines.
      const bool is_diagnostic = failure.line == 0 && failure.message.starts_with(place);
      if (!is_diagnostic) text += codec::for_terminal(place) + ": ";
      std::string_view rest = failure.message;
      for (size_t end = 0; end != rest.npos;
           rest.remove_prefix(std::min(end, rest.size() - 1) + 1)) {
        end = rest.find('\n');
        text += codec::for_terminal(rest.substr(0, end)) + "\n";
        if (end == rest.npos) break;
      }
      if (failure.one_event) {
        text += fmt::format("    stanch rules explain {} {} --record {}\n",
                            codec::for_terminal(test.path), codec::for_terminal(test.events_path),
                            failure.line);
      }
    }
  }
  const Totals totals = totals_of(tests);
  text += fmt::format("{}, {}: {} passed, {} failed", counted(totals.rules, "rule"),
                      counted(totals.events, "event"), grouped(totals.rules - totals.failed),
                      grouped(totals.failed));
  if (totals.without_events > 0) {
    text += fmt::format("; {} without an events file", grouped(totals.without_events));
  }
  return text + "\n";
}

std::string json_of(const std::vector<host::RuleTest>& tests) {
  std::string out;
  codec::JsonWriter json(out);
  const Totals totals = totals_of(tests);
  json.begin_object()
      .field("schema", "stanch.rules-test/1")
      .field("rules", uint64_t{totals.rules})
      .field("failed", uint64_t{totals.failed})
      .field("events", uint64_t{totals.events});
  json.key("tests").begin_array();
  for (const host::RuleTest& test : tests) {
    json.begin_object()
        .field("path", test.path)
        .field("events_path", test.events_path)
        .field("matches", int64_t{test.matches})
        .field("near_misses", int64_t{test.near_misses})
        .field("passed", test.failures.empty());
    json.key("failures").begin_array();
    for (const host::RuleTestFailure& failure : test.failures) {
      json.begin_object()
          .field("line", int64_t{failure.line})
          .field("message", failure.message)
          .end_object();
    }
    json.end_array().end_object();
  }
  json.end_array().end_object();
  pipeline::output::escape_hidden(out, 0);
  return out + "\n";
}

}  // namespace

int run_rules_test(Context& context) {
  const auto content =
      pipeline::load_content(context.env().files, context.settings().text("content"));
  if (!content) return context.fail(content.error(), kExitUsage);
  Diagnostics diagnostics;
  const auto placeholders = pipeline::placeholders_of(*content, diagnostics);
  auto sources = pipeline::own_sources_of(*content, diagnostics);
  detect::FieldContent fields;
  for (const auto& [path, text] : content->files) {
    if (path.starts_with("fields/")) detect::read_fields({path, text}, fields, diagnostics);
  }
  if (has_errors(diagnostics)) {
    for (const Diagnostic& diagnostic : diagnostics) {
      if (diagnostic.code->severity == Severity::kError) {
        context.env().terminal.write_error(to_text(diagnostic));
      }
    }
    return context.fail("the context has errors", "", kExitUsage);
  }
  const auto tests = host::run_rule_tests(context.env(), context.arguments("DIR"), placeholders,
                                          {.strict = context.settings().flag("strict"),
                                           .sources = std::move(sources),
                                           .maps = fields.maps});
  if (!tests) return context.fail(tests.error(), kExitUsage);
  if (tests->empty()) {
    return context.fail("there is no rule (*.yml, *.yaml) at these paths", "", kExitUsage);
  }
  const int code = totals_of(*tests).failed > 0 ? kExitFindings : kExitOk;
  return context.print(context.settings().flag("json") ? json_of(*tests) : text_of(*tests), code);
}

}  // namespace stanch::cli
