#include "host/rule_tests.h"

#include <fmt/format.h>

#include <algorithm>

#include "codec/json.h"
#include "host/events.h"
#include "normalize/normalize.h"
#include "pipeline/content.h"
#include "pipeline/event_scanner.h"

namespace stanch::host {

namespace {

constexpr size_t kEventsBytesMax = size_t{64} << 20;

// rules/x.yml and rules/x.yaml have their events in rules/x.events.ndjson.
std::string events_path_of(const std::string& rule_path) {
  return rule_path.substr(0, rule_path.rfind('.')) + ".events.ndjson";
}

// One line of an events file, checked.
struct Case {
  bool expect = false;
  std::string why;
  codec::JsonView event;
  detect::Placeholders context;
  std::string problem;  // if not empty, nothing else holds
};

Case problem(std::string text) {
  Case bad;
  bad.problem = std::move(text);
  return bad;
}

Case read_case(codec::JsonView line) {
  if (!line.exists() || !line.is_object()) return problem("the line is no JSON object");
  Case read;
  bool has_expect = false;
  for (const codec::JsonMember member : line.members()) {
    const std::string key = member.key.string_or_empty();
    if (key == "expect" && member.value.is_bool()) {
      has_expect = true;
      read.expect = member.value.as_bool();
    } else if (key == "why" && member.value.is_string()) {
      read.why = member.value.string_or_empty();
    } else if (key == "event" && member.value.is_object()) {
      read.event = member.value;
    } else if (key == "context" && member.value.is_object()) {
      for (const codec::JsonMember list : member.value.members()) {
        std::vector<std::string>& values = read.context[list.key.string_or_empty()];
        if (!list.value.is_array()) return problem("a member of \"context\" is no list");
        for (const codec::JsonView value : list.value.elements()) {
          if (!value.is_scalar()) return problem("a value in \"context\" is no text or number");
          std::string scratch;
          values.emplace_back(value.text(scratch));
        }
      }
    } else {
      return problem(fmt::format("\"{}\" is unknown here, or not what it should be", key));
    }
  }
  if (!has_expect) return problem("\"expect\": true or false is missing");
  if (!read.event.exists()) return problem("\"event\" is missing");
  if (read.why.empty()) return problem("\"why\" is missing: say what this event shows");
  return read;
}

class FileTest {
 public:
  FileTest(const detect::RuleText& rule, const detect::Placeholders& placeholders, RuleTest& test)
      : rule_(rule),
        placeholders_(placeholders),
        usual_(detect::load_rules({&rule, 1}, placeholders)),
        test_(test) {
    for (const Diagnostic& diagnostic : usual_.diagnostics) {
      if (diagnostic.code->severity == Severity::kError) fail(0, to_text(diagnostic));
    }
  }

  void run(std::string_view events) {
    for (uint32_t number = 1; !events.empty(); ++number) {
      const size_t end = std::min(events.find('\n'), events.size());
      const std::string_view line = events.substr(0, end);
      events.remove_prefix(std::min(end + 1, events.size()));
      if (line.find_first_not_of(" \t\r") != std::string_view::npos) run_line(line, number);
    }
  }

  void check_counts() {
    if (test_.matches < kMatchesWanted || test_.near_misses < kNearMissesWanted) {
      fail(0,
           fmt::format("has {} matching events and {} near misses; at least {} and {} are wanted",
                       test_.matches, test_.near_misses, kMatchesWanted, kNearMissesWanted));
    }
  }

 private:
  void fail(uint32_t line, std::string message) {
    while (message.ends_with('\n')) message.pop_back();
    test_.failures.push_back({line, std::move(message)});
  }

  void run_line(std::string_view line, uint32_t number) {
    const Case read = read_case(parser_.parse(line));
    if (!read.problem.empty()) return fail(number, read.problem);
    ++(read.expect ? test_.matches : test_.near_misses);
    const bool fires = read.context.empty() ? matches(usual_, read.event)
                                            : matches(with_context(read.context), read.event);
    if (fires == read.expect) return;
    fail(number,
         fmt::format("{}: {}", read.expect ? "should match and does not" : "matches and should not",
                     read.why));
  }

  detect::Loaded with_context(const detect::Placeholders& context) const {
    detect::Placeholders all = placeholders_;
    for (const auto& [name, values] : context) all[name] = values;
    return detect::load_rules({&rule_, 1}, all);
  }

  bool matches(const detect::Loaded& loaded, codec::JsonView event) {
    detect::Matcher matcher(loaded.rules, codec::HashSecret{});
    return !matcher.match(event, pipeline::event_source(normalizer_.recognise(event)))
                .matches.empty();
  }

  const detect::RuleText& rule_;
  const detect::Placeholders& placeholders_;
  detect::Loaded usual_;
  RuleTest& test_;
  codec::JsonParser parser_;
  normalize::Normalizer normalizer_;
};

}  // namespace

Result<std::vector<RuleTest>> run_rule_tests(env::Env& env, std::span<const std::string> paths,
                                             const detect::Placeholders& placeholders,
                                             const RuleTestOptions& options) {
  TRY(const auto rules, pipeline::rule_texts(env.files, model::Content{}, paths));
  std::vector<RuleTest> tests;
  for (const detect::RuleText& rule : rules) {
    RuleTest& test = tests.emplace_back();
    test.path = rule.path;
    FileTest file(rule, placeholders, test);
    const std::string events_path = events_path_of(rule.path);
    if (env.files.status(events_path)) {
      test.events_path = events_path;
      TRY(const std::string events, pipeline::read_file(env.files, events_path, kEventsBytesMax));
      file.run(events);
    }
    if (options.strict) file.check_counts();
  }
  return tests;
}

}  // namespace stanch::host
