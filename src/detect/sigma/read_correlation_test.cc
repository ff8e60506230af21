#include "detect/sigma/read_correlation.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "detect/sigma/load.h"
#include "detect/sigma/print.h"

namespace stanch::detect::sigma {
namespace {

// Two rules, `a` and `b`, and a correlation with these lines.
std::string with_rules(std::string_view lines) {
  std::string text;
  for (const char* name : {"a", "b"}) {
    text += "title: " + std::string(name) + "\nname: " + name +
            "\nlogsource: {product: aws}\ndetection: {s: {f: x}, condition: s}\n---\n";
  }
  return text + "title: C\nname: c\ncorrelation: " + std::string(lines) + "\n";
}

// The correlations, or all that is wrong.
std::string read(const std::string& text) {
  const RuleText file{"r.yml", text};
  const LoadedRules loaded = load({&file, 1}, {});
  std::string out;
  for (const Correlation& correlation : loaded.correlations) out += to_text(correlation);
  for (const Diagnostic& diagnostic : loaded.diagnostics) {
    if (diagnostic.code->id == "SIG036") continue;
    out += std::string(diagnostic.code->id) + " " + diagnostic.message + " | " + diagnostic.hint +
           "\n";
  }
  return out;
}

TEST(SigmaCorrelation, OfEveryTypeBecomeTrees) {
  struct Case {
    std::string lines, expected;
  };
  const Case cases[] = {
      {"{type: event_count, rules: a, group-by: u, timespan: 5m, condition: {gt: 1, lte: 9}}",
       "event_count(a) by (u) in 300s gt 1 lte 9\n"},
      {"{type: value_count, rules: [a, b], group-by: [u, v], timespan: 1h, generate: true, "
       "condition: {gte: 3, field: [x, y]}}",
       "value_count(a, b) by (u, v) in 3600s gte 3 of (x, y) generate\n"},
      {"{type: temporal, rules: [a, b], timespan: 1d}", "temporal(a, b) by () in 86400s\n"},
      {"{type: temporal, rules: [a, b], timespan: 1w, condition: {gte: 2}}",
       "temporal(a, b) by () in 604800s gte 2\n"},
      {"{type: temporal, rules: [a, b], timespan: 1s, condition: a and not b}",
       "temporal(a, b) by () in 1s if (a and (not b))\n"},
      {"{type: temporal_ordered, rules: [b, a], timespan: 1M, group-by: u, "
       "aliases: {u: {a: x, b: y}}}",
       "temporal_ordered(b u=y, a u=x) by (u) in 2629746s\n"},
      {"{type: value_sum, rules: a, timespan: 1y, condition: {field: n, gt: -1.5}}",
       "value_sum(a) by () in 31556952s gt -1.5 of (n)\n"},
      {"{type: value_avg, rules: a, timespan: 1m, condition: {field: n, lt: 5}}",
       "value_avg(a) by () in 60s lt 5 of (n)\n"},
      {"{type: value_percentile, rules: a, timespan: 1m, "
       "condition: {field: n, neq: 5, percentile: 95}}",
       "value_percentile(a) by () in 60s neq 5 of (n) at 95\n"},
      {"{type: value_median, rules: a, timespan: 1m, condition: {field: n, eq: 5}}",
       "value_median(a) by () in 60s eq 5 of (n)\n"},
      {"{type: x_first_seen, rules: a, group-by: u, timespan: 30d, condition: {field: [r, s]}}",
       "x_first_seen(a) by (u) in 2592000s of (r, s) known for 604800s\n"},
      {"{type: x_surge, rules: a, timespan: 1h, condition: {gte: 100}}",
       "x_surge(a) by () in 3600s gte 100 times 5 known for 604800s\n"},
      {"{type: x_silence, rules: a, timespan: 1h, learning: 1d}",
       "x_silence(a) by () in 3600s times 3 known for 86400s\n"},
      {"{type: x_rare, rules: a, timespan: 30d, learning: 0s, condition: {lte: 2, field: r}}",
       "x_rare(a) by () in 2592000s lte 2 of (r) known for 0s\n"},
  };
  for (const Case& c : cases) EXPECT_EQ(read(with_rules(c.lines)), c.expected) << c.lines;
  EXPECT_EQ(read(with_rules("{type: event_count, rules: a, timespan: 1s, condition: {eq: 2}}") +
                 "generate: true\n"),
            "event_count(a) by () in 1s eq 2 generate\n")
      << "the specification has it beside `correlation`";
}

TEST(SigmaCorrelation, MistakesAreToldWithWhatToDo) {
  struct Case {
    std::string lines, expected;
  };
  const std::string temporal = "{type: temporal, rules: [a, b], timespan: 1m, ";
  const std::string count = "{type: event_count, rules: a, timespan: 1m, ";
  const Case cases[] = {
      {"x", "SIG007 `correlation` is not a map | write type, rules, timespan, condition\n"},
      {count + "condition: {}}",
       "SIG046 the condition compares with nothing | write e.g. {gte: 10}\n"},
      {count + "condition: {gtt: 5}}",
       "SIG046 'gtt' means nothing in the condition | did you mean 'gt'?\n"},
      {count + "condition: {gte: 5, field: x}}",
       "SIG046 event_count takes no `field` | remove it, or use value_count\n"},
      {count + "condition: {gte: 1.5}}", "SIG046 '1.5' is no count | write a whole number\n"},
      {count + "condition: {lt: 1}}",
       "SIG046 the condition can never hold: what is counted is from 1 to 250000 | a window begins "
       "with an event; silence is not a correlation\n"},
      {count + "condition: {gte: 5, lt: 5}}",
       "SIG046 the condition can never hold: its numbers exclude each other | write numbers "
       "between "
       "which there is one\n"},
      {temporal + "condition: {gte: 3}}",
       "SIG046 the condition can never hold: what is counted is from 1 to 2 | a window begins with "
       "an event; silence is not a correlation\n"},
      {temporal + "condition: a and}",
       "SIG024 the condition ends where the name of a rule should follow | the rules are: a b\n"},
      {temporal + "condition: a and c}", "SIG025 there is no rule 'c' | the rules are: a b\n"},
      {temporal + "condition: a}",
       "temporal(a, b) by () in 60s if a\nSIG027 the condition does not use the rule 'b' | its "
       "events still open windows: use it, or remove it\n"},
      {"{type: temporal_ordered, rules: [a, b], timespan: 1m, condition: {gte: 2}}",
       "SIG046 temporal_ordered takes no condition: all rules, in order | remove it, or use "
       "temporal\n"},
      {"{type: value_sum, rules: a, timespan: 1m, condition: {gte: 2}}",
       "SIG046 value_sum needs a `field` | say which field's values are meant\n"},
      {"{type: value_sum, rules: a, timespan: 1m, condition: {gte: 2, field: [x, y]}}",
       "SIG046 value_sum takes one field | several fields are for value_count, x_first_seen and "
       "x_rare, which take tuples\n"},
      {count + "learning: 1h, condition: {gte: 5}}",
       "SIG046 `learning` is for the types that begin with x_ | remove it\n"},
      {"{type: x_first_seen, rules: a, timespan: 1h, condition: {gte: 1, field: x}}",
       "SIG046 x_first_seen compares with nothing | write {field: f} alone\n"},
      {"{type: x_first_seen, rules: a, timespan: 1h, condition: {}}",
       "SIG046 x_first_seen needs a `field` | say which field's values are meant\n"},
      {"{type: x_first_seen, rules: a, timespan: 1h, learning: 2h, condition: {field: x}}",
       "SIG043 '2h' is no time for learning | write e.g. 7d, at most the timespan; 0s for none\n"},
      {"{type: x_surge, rules: a, timespan: 1h, condition: {factor: 5}}",
       "SIG046 the condition compares with nothing | write e.g. {gte: 10}\n"
       "SIG046 x_surge needs the least number that is one | write e.g. {gte: 100, factor: 5}\n"},
      {"{type: x_surge, rules: a, timespan: 1h, condition: {gte: 5, factor: 1}}",
       "SIG046 the factor is not a whole number from 2 to 1000 | write e.g. 5\n"},
      {"{type: x_silence, rules: a, timespan: 1h, condition: {gte: 5}}",
       "SIG046 x_silence compares with nothing | write {factor: 3} or nothing\n"},
      {"{type: x_silence, rules: a, timespan: 1h, learning: 1m}",
       "SIG043 '1m' is no time for learning | write e.g. 7d, at least the timespan\n"},
      {count + "condition: {gte: 5, factor: 2}}",
       "SIG046 `factor` is for x_surge and x_silence | remove it\n"},
      {"{type: x_rare, rules: a, timespan: 1h, condition: {gte: 2, field: x}}",
       "SIG046 x_rare compares with one small number | write e.g. {lte: 3, field: f}\n"},
      {"{type: value_percentile, rules: a, timespan: 1m, condition: {gte: 2, field: x}}",
       "SIG046 value_percentile needs a `percentile` | write e.g. percentile: 95\n"},
      {"{type: temporal, rules: [a, a, b], timespan: 1m}",
       "SIG044 'a' stands in `rules` already | name each rule once; how often it fires is what "
       "conditions are for\n"},
      {"{type: temporal, rules: [a, b], timespan: 1m, group-by: u, aliases: {u: {a: x}}}",
       "SIG047 the alias 'u' names no field of 'b' | say which field it is there; without it no "
       "event of that rule would count\n"},
      {"{type: temporal, rules: [a, b], timespan: 1m, groupby: u}",
       "temporal(a, b) by () in 60s\nSIG015 'groupby' means nothing in `correlation` | did you "
       "mean 'group-by'?\n"},
      {"{type: tempral, timespan: 0s}",
       "SIG042 'tempral' is not a type of correlation | did you mean 'temporal'?\n"
       "SIG006 the correlation has no `rules` | write a list of names or ids of rules\n"
       "SIG043 '0s' is not a timespan | write a number and one of s m h d w M y, from 1s to 1y\n"},
  };
  for (const Case& c : cases) EXPECT_EQ(read(with_rules(c.lines)), c.expected) << c.lines;
}

TEST(SigmaCorrelation, RefersToRulesByNameOrIdInAnyFile) {
  const std::string id = "6C8D1C4E-0000-4000-8000-00000000000";
  const auto rule = [&](std::string_view number, std::string_view name) {
    return "title: T\nid: " + id + std::string(number) + "\nname: " + std::string(name) +
           "\nlogsource: {product: aws}\ndetection: {s: {f: x}, condition: s}\n";
  };
  const auto correlation = [](const std::string& name, const std::string& rules) {
    return "title: " + name + "\nname: " + name +
           "\ncorrelation: {type: temporal, rules: " + rules + ", timespan: 1m}\n";
  };
  const auto load_all = [](const std::vector<std::string>& texts) {
    std::vector<RuleText> files;
    for (const std::string& text : texts) {
      files.push_back({std::string(1, static_cast<char>('a' + files.size())) + ".yml", text});
    }
    return load(files, {});
  };
  LoadedRules loaded = load_all({correlation("outer", "[inner, second]"),
                                 correlation("inner", "['" + id + "1', second]"),
                                 rule("1", "first"), rule("2", "second")});
  ASSERT_EQ(loaded.correlations.size(), 2u);
  const Correlation& outer = loaded.correlations[0];
  EXPECT_EQ(outer.depth, 1u);
  EXPECT_TRUE(outer.rules[0].is_correlation);
  EXPECT_EQ(outer.rules[0].index, 1u);
  EXPECT_FALSE(outer.rules[1].is_correlation);
  EXPECT_EQ(outer.rules[1].index, 1u);
  EXPECT_EQ(loaded.correlations[1].rules[0].index, 0u) << "ids are compared without case";

  // What is not loaded takes with it what looks at it; the others stay.
  loaded = load_all({correlation("outer", "[inner]"), correlation("inner", "[bad]"),
                     correlation("other", "[first]"), rule("1", "first"), rule("1", "bad")});
  ASSERT_EQ(loaded.correlations.size(), 1u);
  EXPECT_EQ(loaded.correlations[0].name, "other");
  EXPECT_EQ(loaded.reports[0].state, RuleState::kRefused);

  // A circle of three, and one beside it that looks into it.
  loaded = load_all({correlation("x", "[y, first]"), correlation("y", "[z]"),
                     correlation("z", "[x]"), correlation("beside", "[y]"), rule("1", "first")});
  EXPECT_TRUE(loaded.correlations.empty());
  size_t cycles = 0;
  for (const Diagnostic& diagnostic : loaded.diagnostics) {
    cycles += diagnostic.code->id == "SIG045";
    if (diagnostic.code->id != "SIG045") continue;
    EXPECT_EQ(diagnostic.message, "the correlation refers to itself: x -> y -> z -> x");
  }
  EXPECT_EQ(cycles, 1u);

  loaded = load_all({correlation("c", "[same]"), rule("1", "same"), rule("2", "same")});
  EXPECT_TRUE(loaded.correlations.empty());
  EXPECT_EQ(loaded.diagnostics.at(0).message, "'same' is the name of 2 rules");
}

TEST(SigmaCorrelation, TimespansHaveUnitsAndBounds) {
  EXPECT_EQ(parse_timespan("90m"), std::chrono::minutes(90));
  EXPECT_EQ(parse_timespan("2w"), std::chrono::days(14));
  EXPECT_EQ(parse_timespan("1M"), std::chrono::seconds(2'629'746));
  EXPECT_EQ(parse_timespan("1y"), std::chrono::seconds(31'556'952));
  for (const char* wrong : {"", "m", "5", "5x", "0m", "-1m", "+1m", "1.5h", "1 h", "2y", "53w",
                            "9999999999s", "1H", "5m "}) {
    EXPECT_FALSE(parse_timespan(wrong)) << wrong;
  }
}

}  // namespace
}  // namespace stanch::detect::sigma
