#include "detect/sigma/codes.h"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <set>
#include <string>
#include <vector>

#include "detect/sigma/load.h"
#include "detect/sigma/rule_text_for_test.h"

namespace stanch::detect::sigma {
namespace {

// "SIG006 1:1" for each diagnostic, in order.
std::vector<std::string> show(const Diagnostics& diagnostics) {
  std::vector<std::string> shown;
  for (const Diagnostic& diagnostic : diagnostics) {
    shown.push_back(std::string(diagnostic.code->id) + " " + std::to_string(diagnostic.place.line) +
                    ":" + std::to_string(diagnostic.place.column));
  }
  return shown;
}

std::string d(std::string_view detection) { return rule_with_detection_for_test(detection); }

constexpr std::string_view kGood =
    "title: T\nlogsource: {product: aws}\ndetection: {s: {a: b}, condition: s}\n";

std::string with(std::string_view lines) { return std::string(kGood) + std::string(lines); }

// A correlation that is right but for `line`, which stands in place of the one with its key.
std::string correlation(std::string_view line) {
  std::string text =
      "title: T\nname: base\nlogsource: {product: aws}\n"
      "detection: {s: {a: b}, condition: s}\n---\n"
      "title: C\nname: itself\ncorrelation:\n";
  for (const std::string_view right : {"type: event_count", "rules: [base]", "timespan: 5m",
                                       "condition: {gte: 2}", "aliases: {}"}) {
    const std::string_view key = right.substr(0, right.find(':'));
    text += "  " + std::string(line.substr(0, line.find(':')) == key ? line : right) + "\n";
  }
  return text;
}

std::string filter(std::string_view map) {
  return "title: T\nlogsource: {product: aws}\ndetection: {s: {a: b}, condition: s}\n---\n"
         "title: F\nlogsource: {product: aws}\n"
         "stanch: {owner: ann, reason: r, expires: 2026-03-01}\nfilter: " +
         std::string(map) + "\n";
}

struct Case {
  const char* name;
  std::string text;
  std::vector<std::string> expected;  // code, line:column
};

const Placeholders& placeholders() {
  static const Placeholders kPlaceholders = {{"accounts", {"1", "2"}},
                                             {"none", {}},
                                             {"networks", {"10.0.0.0/8"}},
                                             {"bad", {"10.0.0.1/8"}}};
  return kPlaceholders;
}

const std::vector<LogSchema>& logs() {
  static const std::vector<LogSchema> kLogs = {
      {"aws", "cloudtrail", "", {"eventName", "eventSource", "userIdentity", "a", "b"}}};
  return kLogs;
}

// Nearly every line here is a mistake that somebody has made, or will.
const std::vector<Case>& cases() {
  static const std::vector<Case> kCases = {
      {"right", std::string(kGood), {}},
      {"YAML broken", "title: [x\n", {"SIG001 2:1"}},
      {"wildcard without quotes",
       d("  s: {a: b}\n  t:\n    b: *x*\n  condition: s or t\n"),
       {"SIG001 6:8"}},
      {"not UTF-8", "title: \xff\n", {"SIG002 0:0"}},
      {"nested too deep",
       "title: " + std::string(40, '[') + std::string(40, ']') + "\n",
       {"SIG003 1:39"}},
      {"value too long",
       d("  s: {a: " + std::string(9000, 'x') + "}\n  condition: s\n"),
       {"SIG003 4:10"}},
      {"condition too long",
       d("  s: {a: b}\n  condition: s" +
         [] {
           std::string more;
           for (int i = 0; i < 2000; ++i) more += " or s";
           return more;
         }() +
         "\n"),
       {"SIG003 5:14"}},
      {"condition too deep",
       d("  s: {a: b}\n  condition: " + std::string(65, '(') + "s" + std::string(65, ')') + "\n"),
       {"SIG003 5:78"}},
      {"too many nots",
       d("  s: {a: b}\n  condition: " +
         [] {
           std::string nots;
           for (int i = 0; i < 65; ++i) nots += "not ";
           return nots;
         }() +
         "s\n"),
       {"SIG003 5:270"}},
      {"too many modifiers",
       d("  s: {a|i|i|i|i|i|i|i|i|i|i|i|i|i|i: b}\n  condition: s\n"),
       {"SIG003 4:7"}},
      {"description too long",
       with("description: '" + std::string(65'536, 'x') + "'\n"),
       {"SIG003 4:14"}},
      {"one key twice", with("level: low\nlevel: high\n"), {"SIG004 5:1"}},
      {"one detection twice", d("  s: {a: b}\n  s: {b: c}\n  condition: s\n"), {"SIG004 5:3"}},
      {"a list", "- title: x\n", {"SIG005 1:1"}},
      {"something else in YAML", "version: 3\nservices: {}\n", {"SIG005 1:1"}},
      {"nothing but a title and a detection",
       "title: x\ndetection: {s: {a: b}, condition: s}\n",
       {"SIG006 1:1"}},
      {"no detection", "title: x\nlogsource: {product: aws}\n", {"SIG006 1:1"}},
      {"no title",
       "logsource: {product: aws}\ndetection: {s: {a: b}, condition: s}\n",
       {"SIG006 1:1"}},
      {"empty title",
       "title: ''\nlogsource: {product: aws}\ndetection: {s: {a: b}, condition: s}\n",
       {"SIG006 1:1"}},
      {"no condition", d("  s: {a: b}\n"), {"SIG006 4:3"}},
      {"empty condition", d("  s: {a: b}\n  condition: ''\n"), {"SIG006 4:3"}},
      {"empty list of conditions", d("  s: {a: b}\n  condition: []\n"), {"SIG006 4:3"}},
      {"log source says nothing",
       "title: x\nlogsource: {definition: all}\ndetection: {s: {a: b}, condition: s}\n",
       {"SIG006 2:12"}},
      {"correlation without title, rules, timespan and condition",
       "correlation: {type: event_count}\n",
       {"SIG006 1:1", "SIG006 1:14", "SIG006 1:14", "SIG006 1:14"}},
      {"correlation of another type", correlation("type: evnt_count"), {"SIG042 9:9"}},
      {"timespan in words", correlation("timespan: five minutes"), {"SIG043 11:13"}},
      {"correlation of nothing known", correlation("rules: [bases]"), {"SIG044 10:11"}},
      {"correlation of itself", correlation("rules: [base, itself]"), {"SIG045 10:17"}},
      {"count below zero", correlation("condition: {gte: -1}"), {"SIG046 12:20"}},
      {"alias of no rule", correlation("aliases: {u: {base: a, other: b}}"), {"SIG047 13:26"}},
      {"title is a list",
       "title: [x]\nlogsource: {product: aws}\n"
       "detection: {s: {a: b}, condition: s}\n",
       {"SIG007 1:8"}},
      {"log source is text",
       "title: x\nlogsource: aws\ndetection: {s: {a: b}, condition: s}\n",
       {"SIG007 2:12"}},
      {"detection is text", "title: x\nlogsource: {product: aws}\ndetection: s\n", {"SIG007 3:12"}},
      {"field holds a map", d("  s:\n    a: {b: c}\n  condition: s\n"), {"SIG007 5:8"}},
      {"value is a list in a list", d("  s:\n    a: [[b]]\n  condition: s\n"), {"SIG007 5:9"}},
      {"condition is a map", d("  s: {a: b}\n  condition: {x: y}\n"), {"SIG007 5:14"}},
      {"a condition is null", d("  s: {a: b}\n  condition: [s, null]\n"), {"SIG007 5:18"}},
      {"references hold a map", with("references: [{a: b}]\n"), {"SIG007 4:14"}},
      {"title too long",
       "title: " + std::string(257, 'x') +
           "\nlogsource: {product: aws}\ndetection: {s: {a: b}, condition: s}\n",
       {"SIG008 1:8"}},
      {"id is a word", with("id: my-rule\n"), {"SIG009 4:5"}},
      {"id with a letter too many",
       with("id: 00000000-0000-4000-8000-0000000000000\n"),
       {"SIG009 4:5"}},
      {"level of another tool", with("level: hgih\n"), {"SIG010 4:8"}},
      {"status", with("status: testing\n"), {"SIG011 4:9"}},
      {"date with slashes", with("date: 2024/01/02\n"), {"SIG012 4:7"}},
      {"no such day", with("modified: 2023-02-29\n"), {"SIG012 4:11"}},
      {"date is a list", with("date: [x]\n"), {"SIG012 4:7"}},
      {"tag without namespace", with("tags:\n  - attack.t1078\n  - cloud\n"), {"SIG013 6:5"}},
      {"tag in upper case", with("tags: [attack.T1078]\n"), {"SIG013 4:8"}},
      {"related is a map", with("related: {id: x}\n"), {"SIG014 4:10"}},
      {"related without id", with("related: [{type: similar}]\n"), {"SIG014 4:11"}},
      {"related of no type",
       with("related: [{id: 00000000-0000-4000-8000-000000000000, type: old}]\n"),
       {"SIG014 4:11"}},
      {"field misspelt", with("falsepositive: [x]\n"), {"SIG015 4:1"}},
      {"own fields are legal", with("my_team: {owner: x}\nrsigma.x: 1\n"), {}},
      {"log source misspelt",
       "title: x\nlogsource: {product: aws, servce: cloudtrail}\n"
       "detection: {s: {a: b}, condition: s}\n",
       {"SIG015 2:27"}},
      {"stanch field misspelt", with("stanch: {needs_data_event: true}\n"), {"SIG016 4:10"}},
      {"stanch field of no boolean",
       with("stanch: {needs_data_events: sometimes}\n"),
       {"SIG016 4:29"}},
      {"stanch triage of no text", with("stanch: {triage: [x]}\n"), {"SIG016 4:18"}},
      {"stanch is text", with("stanch: x\n"), {"SIG016 4:9"}},
      {"id twice in a file",
       with("id: 00000000-0000-4000-8000-00000000000a\n---\n") +
           with("id: 00000000-0000-4000-8000-00000000000A\n"),
       {"SIG017 9:5"}},
      {"unknown modifier", d("  s: {a|contain: b}\n  condition: s\n"), {"SIG018 4:9"}},
      {"empty modifier", d("  s: {a||contains: b}\n  condition: s\n"), {"SIG018 4:9"}},
      {"two unknown modifiers",
       d("  s: {a|x|y: b}\n  condition: s\n"),
       {"SIG018 4:9", "SIG018 4:11"}},
      {"re is not first", d("  s: {a|contains|re: b}\n  condition: s\n"), {"SIG019 4:7"}},
      {"modifier on a keyword", d("  s: {'|gt': 5}\n  condition: s\n"), {"SIG019 4:7"}},
      {"exists is text", d("  s: {a|exists: maybe}\n  condition: s\n"), {"SIG020 4:17"}},
      {"exists in quotes", d("  s: {a|exists: 'true'}\n  condition: s\n"), {"SIG020 4:17"}},
      {"exists of two", d("  s: {a|exists: [true, false]}\n  condition: s\n"), {"SIG020 4:7"}},
      {"number is text", d("  s: {a|gt: five}\n  condition: s\n"), {"SIG020 4:13"}},
      {"number in quotes", d("  s: {a|lte: '5'}\n  condition: s\n"), {"SIG020 4:14"}},
      {"wildcard in base64", d("  s: {a|base64: x*}\n  condition: s\n"), {"SIG020 4:17"}},
      {"wildcard in utf16", d("  s: {a|wide: 'x?'}\n  condition: s\n"), {"SIG020 4:15"}},
      {"null contained", d("  s: {a|contains: null}\n  condition: s\n"), {"SIG020 4:19"}},
      {"null as keyword", d("  s: [null, x]\n  condition: s\n"), {"SIG020 4:7"}},
      {"null as expression", d("  s: {a|re: null}\n  condition: s\n"), {"SIG020 4:13"}},
      {"hour 24", d("  s: {a|hour: 24}\n  condition: s\n"), {"SIG020 4:15"}},
      {"hour in words", d("  s: {a|hour: noon}\n  condition: s\n"), {"SIG020 4:15"}},
      {"fieldref of a number", d("  s: {a|fieldref: 5}\n  condition: s\n"), {"SIG020 4:19"}},
      {"network with host bits", d("  s: {a|cidr: 10.0.0.1/8}\n  condition: s\n"), {"SIG021 4:15"}},
      {"network with a wildcard", d("  s: {a|cidr: 10.*}\n  condition: s\n"), {"SIG021 4:15"}},
      {"network is a number", d("  s: {a|cidr: 10}\n  condition: s\n"), {"SIG021 4:15"}},
      {"network from a placeholder",
       d("  s: {a|cidr|expand: ['%networks%', '%bad%']}\n  condition: s\n"),
       {"SIG021 4:37"}},
      {"expression", d("  s: {a|re: '(?=x)'}\n  condition: s\n"), {"SIG022 4:13"}},
      {"aggregation", d("  s: {a: b}\n  condition: s | count() > 5\n"), {"SIG023 5:16"}},
      {"near", d("  s: {a: b}\n  condition: s near s\n"), {"SIG023 5:16"}},
      {"timeframe", d("  s: {a: b}\n  timeframe: 5m\n  condition: s\n"), {"SIG023 5:3"}},
      {"condition ends early", d("  s: {a: b}\n  condition: s and\n"), {"SIG024 5:19"}},
      {"upper-case word", d("  s: {a: b}\n  t: {b: c}\n  condition: s AND t\n"), {"SIG024 6:16"}},
      {"two of", d("  s1: {a: b}\n  s2: {a: c}\n  condition: 2 of s*\n"), {"SIG024 6:14"}},
      {"pattern without of", d("  s1: {a: b}\n  condition: s*\n"), {"SIG024 5:14"}},
      {"open parenthesis", d("  s: {a: b}\n  condition: (s\n"), {"SIG024 5:16"}},
      {"detection named and", d("  and: {a: b}\n  s: {a: b}\n  condition: s\n"), {"SIG024 4:3"}},
      {"unknown detection", d("  selection: {a: b}\n  condition: selektion\n"), {"SIG025 5:14"}},
      {"unknown detection in quotes", d("  s: {a: b}\n  condition: 's and x'\n"), {"SIG025 5:21"}},
      {"pattern names nothing",
       d("  s: {a: b}\n  condition: s and not 1 of filter_*\n"),
       {"SIG026 5:29"}},
      {"them without the hidden", d("  _s: {a: b}\n  condition: all of them\n"), {"SIG026 5:21"}},
      {"unused detection", d("  s: {a: b}\n  filter: {b: c}\n  condition: s\n"), {"SIG027 5:3"}},
      {"used by a pattern", d("  s1: {a: b}\n  s2: {a: c}\n  condition: 1 of s*\n"), {}},
      {"used by them", d("  s1: {a: b}\n  _x: {a: c}\n  condition: all of them\n"), {"SIG027 5:3"}},
      {"null in a list", d("  s: {a: [b, null]}\n  condition: s\n"), {"SIG028 4:14"}},
      {"all of one", d("  s: {a|contains|all: b}\n  condition: s\n"), {"SIG029 4:7"}},
      {"yes", d("  s: {a: yes}\n  condition: s\n"), {"SIG030 4:10"}},
      {"hexadecimal", d("  s: {a: 0x1F}\n  condition: s\n"), {"SIG030 4:10"}},
      {"leading zero", d("  s: {a: 012345678901}\n  condition: s\n"), {"SIG030 4:10"}},
      {"quoted it is clear", d("  s: {a: ['yes', '0x1F', 10.0.0.0, 1-2]}\n  condition: s\n"), {}},
      {"empty detection", d("  s: {}\n  condition: s\n"), {"SIG031 4:3"}},
      {"null detection", d("  s:\n  condition: s\n"), {"SIG031 4:3"}},
      {"empty list", d("  s: {a: []}\n  condition: s\n"), {"SIG031 4:7"}},
      {"empty map in a list", d("  s: [{a: b}, {}]\n  condition: s\n"), {"SIG031 4:15"}},
      {"no detections", d("  condition: s\n"), {"SIG025 4:14", "SIG031 4:3"}},
      {"contains nothing", d("  s: {a|contains: ''}\n  condition: s\n"), {"SIG032 4:19"}},
      {"empty keyword", d("  s: ['']\n  condition: s\n"), {"SIG032 4:7"}},
      {"empty expression", d("  s: {a|re: ''}\n  condition: s\n"), {"SIG032 4:13"}},
      {"unknown placeholder", d("  s: {a|expand: '%account%'}\n  condition: s\n"), {"SIG033 4:17"}},
      {"empty placeholder", d("  s: {a|expand: ['%none%', x]}\n  condition: s\n"), {"SIG034 4:18"}},
      {"empty placeholder twice",
       d("  s: {a|expand: '%none%', b|expand: ['%none%', '%none%']}\n  condition: s\n"),
       {"SIG034 4:17"}},
      {"placeholder without expand",
       d("  s: {a: '%accounts%'}\n  condition: s\n"),
       {"SIG035 4:10"}},
      {"expand without placeholder", d("  s: {a|expand: x}\n  condition: s\n"), {"SIG035 4:7"}},
      {"correlation", correlation(""), {}},
      {"filter without polarity", filter("{rules: any, s: {b: c}, condition: s}"), {"SIG036 8:44"}},
      {"filter of which much is hidden",
       filter("{rules: any, s: {b: c}, t: {d: e}, condition: s and not t}"),
       {"SIG036 8:55"}},
      {"filter that anybody passes",
       filter("{rules: any, s: {userAgent: c}, condition: not s}"),
       {"SIG048 8:9"}},
      {"filter without terms",
       "title: x\nlogsource: {product: aws}\nfilter: {rules: any, s: {b: c}, condition: not s}\n",
       {"SIG049 1:1", "SIG050 1:1"}},
      {"filter that hides nothing",
       "title: T\nname: x\nlogsource: {product: aws}\ndetection: {s: {a: b}, condition: s}\n---\n"
       "title: F\nlogsource: {product: aws}\n"
       "stanch: {owner: ann, reason: r, expires: 2026-03-01}\n"
       "filter: {rules: [x], s: {a: c}, condition: not s}\n",
       {"SIG054 9:18"}},
      {"contradiction", d("  s: {a: b}\n  t: {a: c}\n  condition: s and t\n"), {"SIG053 5:7"}},
      {"unknown action", "action: globl\ntitle: x\n", {"SIG037 1:9"}},
      {"nothing to repeat", "action: repeat\ntitle: x\n", {"SIG037 1:9"}},
      {"field that the log never has",
       d("  s: {a: b, src_ip: c}\n  condition: s\n"),
       {"SIG038 4:13"}},
      {"field that the log writes in another case",
       d("  s: {EventName: b, userIdentity.ARN: c, UserIdentity.arn: c}\n  condition: s\n"),
       {"SIG040 4:7", "SIG040 4:42"}},
      {"nothing", "", {"SIG041 1:1"}},
      {"nothing but a comment", "# to be written\n---\n", {"SIG041 1:1"}},
      {"keys and values in one rule: all are told",
       "titel: x\nlogsource: {product: aws}\nlevel: x\ndetection:\n  s: {a|x: b, b|re: '('}\n"
       "  condition: s and t\n",
       {"SIG006 1:1", "SIG015 1:1", "SIG010 3:8", "SIG018 5:9", "SIG022 5:21", "SIG025 6:20"}},
  };
  return kCases;
}

TEST(SigmaCodes, EachMistakeIsToldWithItsPlace) {
  for (const Case& c : cases()) {
    const RuleText text{"r.yml", c.text};
    const LoadedRules loaded = load({&text, 1}, placeholders(), logs());
    EXPECT_EQ(show(loaded.diagnostics), c.expected) << c.name;
    for (const Diagnostic& diagnostic : loaded.diagnostics) {
      EXPECT_EQ(diagnostic.place.file, "r.yml");
      EXPECT_FALSE(diagnostic.message.empty()) << c.name;
      if (diagnostic.place.line != 0) {
        EXPECT_EQ(diagnostic.snippet, line_of(c.text, diagnostic.place.line)) << c.name;
      }
    }
  }
}

TEST(SigmaCodes, ARuleIsLoadedExactlyIfItHasNoError) {
  for (const Case& c : cases()) {
    const RuleText text{"r.yml", c.text};
    const LoadedRules loaded = load({&text, 1}, placeholders(), logs());
    size_t count = 0;
    for (const RuleReport& report : loaded.reports) count += report.state == RuleState::kLoaded;
    EXPECT_EQ(count, loaded.rules.size() + loaded.correlations.size() + loaded.filters.size())
        << c.name;
    if (loaded.reports.size() != 1) continue;
    const bool refused = loaded.reports[0].state == RuleState::kRefused ||
                         loaded.reports[0].state == RuleState::kRefusedPlaceholder;
    EXPECT_EQ(refused, has_errors(loaded.diagnostics)) << c.name;
  }
}

TEST(SigmaCodes, EachCodeHasACase) {
  std::set<std::string_view> seen = {"SIG039", "SIG051", "SIG052"};  // in detect/fields/
  for (const Case& c : cases()) {
    for (const std::string& expected : c.expected) {
      seen.insert(std::string_view(expected).substr(0, 6));
    }
  }
  for (const DiagnosticCode& code : diagnostic_codes()) {
    EXPECT_TRUE(seen.contains(code.id)) << code.id << " " << code.name;
  }
}

TEST(SigmaCodes, IdsAreDistinctAndInOrder) {
  std::set<std::string_view> names;
  std::string_view last;
  for (const DiagnosticCode& code : diagnostic_codes()) {
    EXPECT_LT(last, code.id);
    last = code.id;
    EXPECT_TRUE(names.insert(code.name).second) << code.name;
    EXPECT_TRUE(code.summary.ends_with('.')) << code.id;
  }
  EXPECT_EQ(diagnostic_codes().size(), kCodes);
  EXPECT_EQ(row(Code::kEmptyFile).name, "empty-file");
}

TEST(SigmaCodes, TheDocumentationHasTheSameTable) {
  std::ifstream file(std::string(STANCH_SOURCE_DIR) + "/docs/formats/codes.md");
  const std::string page{std::istreambuf_iterator<char>(file), {}};
  for (const DiagnosticCode& code : diagnostic_codes()) {
    std::string line = "| ";
    for (const std::string_view cell : {code.id, code.name, name_of(code.severity), code.summary}) {
      line += std::string(cell) + (cell == code.summary ? " |\n" : " | ");
    }
    EXPECT_NE(page.find(line), std::string::npos) << line;
  }
}

TEST(SigmaCodes, HintsSayWhatToWrite) {
  struct HintCase {
    std::string text, hint;
  };
  const HintCase hint_cases[] = {
      {d("  s: {a|contain: b}\n  condition: s\n"), "did you mean 'contains'?"},
      {d("  selection: {a: b}\n  condition: selektion\n"), "did you mean 'selection'?"},
      {d("  s: {a: b}\n  t: {b: c}\n  condition: s AND t\n"), "key words are lower case: and"},
      {d("  s: {a|expand: '%acounts%'}\n  condition: s\n"),
       "did you mean %accounts%? Else give it values in content/placeholders.yaml, e.g. "
       "acounts: [value]"},
      {d("  s: {a: b}\n  condition: s and\n"), "the detections are: s"},
      {d("  s: {a: b}\n  condition: (s\n"), "close the parenthesis"},
      {d("  s: {a: b}\n  condition: 1 of\n"), "write 'them', or a pattern such as 'selection_*'"},
      {d("  s: {a: b}\n  condition: " + std::string(65, '(') + "s\n"),
       "split it: a list of conditions is joined by `or`"},
      {d("  s: {eventNam: b}\n  condition: s\n"), "did you mean 'eventName'?"},
      {d("  s: {EVENTNAME: b}\n  condition: s\n"),
       "write 'eventName', as engines that mind case want it"},
      {with("level: hgih\n"), "did you mean 'high'?"},
      {d("  s: {a|lte: '5'}\n  condition: s\n"), "remove the quotes"},
  };
  for (const HintCase& c : hint_cases) {
    const RuleText text{"r.yml", c.text};
    const LoadedRules loaded = load({&text, 1}, placeholders(), logs());
    ASSERT_EQ(loaded.diagnostics.size(), 1u) << c.text;
    EXPECT_EQ(loaded.diagnostics[0].hint, c.hint);
  }
}

}  // namespace
}  // namespace stanch::detect::sigma
