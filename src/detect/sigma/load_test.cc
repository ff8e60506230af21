#include "detect/sigma/load.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <string>
#include <vector>

#include "codec/hash.h"
#include "detect/sigma/print.h"
#include "detect/sigma/rule_text_for_test.h"

namespace stanch::detect::sigma {
namespace {

LoadedRules load_one(const std::string& text, const Placeholders& placeholders = {},
                     std::span<const LogSchema> logs = {}) {
  const RuleText file{"r.yml", text};
  return load({&file, 1}, placeholders, logs);
}

std::string print_one(const std::string& text, const Placeholders& placeholders = {}) {
  const LoadedRules loaded = load_one(text, placeholders);
  if (loaded.rules.size() == 1) return to_text(loaded.rules[0]);
  std::string problems;
  for (const Diagnostic& diagnostic : loaded.diagnostics) problems += to_text(diagnostic);
  return problems;
}

TEST(SigmaLoad, DetectionsOfEveryShapeBecomeTrees) {
  struct Case {
    const char* name;
    std::string detection, expected;
  };
  const Case cases[] = {
      {"a map", "{a: b, c|contains: d}", "all(a: ['b'], c|contains: ['d'])"},
      {"values", "{a: [b, 5, 1.5, true, '5', ''], c: null}",
       "all(a: ['b', 5, 1.5, true, '5', ''], c: [null])"},
      {"a list of maps", "[{a: b}, {c: d, e: f}]", "any(all(a: ['b']), all(c: ['d'], e: ['f']))"},
      {"keywords", "[x, 'y*', 5]", ": ['x', 'y*', 5]"},
      {"one keyword", "x", ": ['x']"},
      {"all keywords", "{'|all': [x, y]}", "all(|all: ['x', 'y'])"},
      {"keyword expression", "{'|re|i': x.y}", "all(|re|i: ['x.y'])"},
      {"keywords and maps", "[x, {a: b}]", "any(: ['x'], all(a: ['b']))"},
      {"lists in lists", "[[{a: b}, {c: d}], {e: f}]",
       "any(any(all(a: ['b']), all(c: ['d'])), all(e: ['f']))"},
      {"modifiers by their names", "{a|wide|base64offset|contains: x}",
       "all(a|utf16le|base64offset|contains: ['x'])"},
      {"escapes stay", "{a: 'x\\*y\\\\z'}", "all(a: ['x\\*y\\\\z'])"},
      {"dots and brackets in names stay", "{'a.b[].c': x}", "all(a.b[].c: ['x'])"},
      {"an unquoted wildcard at the end", "{a: x*}", "all(a: ['x*'])"},
      {"an unknown name is a field", "{timestamp|hour|gte: 22}", "all(timestamp|hour|gte: [22])"},
  };
  for (const Case& c : cases) {
    const std::string text =
        rule_with_detection_for_test("  s: " + c.detection + "\n  condition: s\n");
    EXPECT_EQ(print_one(text), "s = " + c.expected + "\ncondition s\n") << c.name;
  }
}

TEST(SigmaLoad, KeepsWhatFindingsSayAboutTheRule) {
  const std::string text =
      "title: Title\n"
      "id: 6C8D1C4E-0000-4000-8000-000000000001\n"
      "name: my_rule\n"
      "status: test\n"
      "description: |\n  Two\n  lines\n"
      "references: [https://example.org]\n"
      "author: x\n"
      "date: 2024-02-29\n"
      "tags: [attack.initial-access, attack.t1078.004]\n"
      "logsource: {product: aws, service: cloudtrail, category: c, definition: d}\n"
      "detection:\n  s:\n    eventName: x\n  condition: s\n"
      "falsepositives: Unknown\n"
      "level: critical\n"
      "stanch: {needs_data_events: true, triage: Look at the key.}\n";
  const LoadedRules loaded = load_one(text);
  ASSERT_EQ(loaded.rules.size(), 1u);
  EXPECT_TRUE(loaded.diagnostics.empty());
  const Rule& rule = loaded.rules[0];
  EXPECT_EQ(rule.info.title, "Title");
  EXPECT_EQ(rule.info.id.text(), "6C8D1C4E-0000-4000-8000-000000000001");
  EXPECT_EQ(rule.info.path, "r.yml");
  EXPECT_EQ(rule.info.version, codec::to_hex(codec::sha256(text)));
  EXPECT_EQ(rule.info.description, "Two\nlines\n");
  EXPECT_EQ(rule.info.level, model::Level::kCritical);
  EXPECT_EQ(rule.info.status, "test");
  EXPECT_EQ(rule.info.tags,
            (std::vector<std::string>{"attack.initial-access", "attack.t1078.004"}));
  EXPECT_EQ(rule.info.falsepositives, std::vector<std::string>{"Unknown"});
  EXPECT_EQ(rule.info.references, std::vector<std::string>{"https://example.org"});
  EXPECT_EQ(rule.name, "my_rule");
  EXPECT_EQ(rule.logsource.product, "aws");
  EXPECT_EQ(rule.logsource.service, "cloudtrail");
  EXPECT_EQ(rule.logsource.category, "c");
  EXPECT_TRUE(rule.needs_data_events);
  EXPECT_EQ(rule.triage, "Look at the key.");
  EXPECT_EQ(rule.detections.at(0).at.line, 14u);
  EXPECT_EQ(rule.detections.at(0).detection.children.at(0).item.at.line, 15u);
  EXPECT_EQ(rule.detections.at(0).detection.children.at(0).item.values.at(0).at.column, 16u);

  EXPECT_EQ(loaded.reports.at(0).id, rule.info.id.text());
  EXPECT_EQ(loaded.reports.at(0).title, "Title");
  EXPECT_EQ(loaded.reports.at(0).state, RuleState::kLoaded);
}

TEST(SigmaLoad, WithoutAnIdThePathNamesTheRule) {
  const std::string rule = rule_with_detection_for_test("  s: {a: b}\n  condition: s\n");
  const LoadedRules loaded = load_one(rule + "---\n" + rule);
  ASSERT_EQ(loaded.rules.size(), 2u);
  EXPECT_EQ(loaded.rules[0].info.id.text(), "r.yml");
  EXPECT_EQ(loaded.rules[1].info.id.text(), "r.yml#1");
  EXPECT_EQ(loaded.rules[0].info.level, model::Level::kMedium);
}

TEST(SigmaLoad, OneBadDocumentDoesNotStopTheOthers) {
  const std::string good = rule_with_detection_for_test("  s: {a: b}\n  condition: s\n");
  const LoadedRules loaded = load_one(good + "---\ntitle: [\n---\n" + good + "---\ntitle: x\n");
  ASSERT_EQ(loaded.reports.size(), 4u);
  EXPECT_EQ(loaded.reports[0].state, RuleState::kLoaded);
  EXPECT_EQ(loaded.reports[1].state, RuleState::kRefused);
  EXPECT_EQ(loaded.reports[2].state, RuleState::kLoaded);
  EXPECT_EQ(loaded.reports[3].state, RuleState::kRefused);
  EXPECT_EQ(loaded.reports[3].title, "x");
  for (uint32_t i = 0; i < 4; ++i) EXPECT_EQ(loaded.reports[i].document, i);
  EXPECT_EQ(loaded.report_of, (std::vector<uint32_t>{0, 2}));
}

TEST(SigmaLoad, FilesAreReadInTheOrderOfTheirNames) {
  const auto rule = [](const std::string& title, const std::string& id) {
    return "title: " + title + "\nid: " + id +
           "\nlogsource: {product: aws}\ndetection: {s: {a: b}, condition: s}\n";
  };
  const std::string id = "00000000-0000-4000-8000-000000000001";
  const std::vector<RuleText> files = {
      {"c.yml", rule("C", id)}, {"a.yml", "title: [\n"}, {"b.yml", rule("B", id)}};
  const LoadedRules loaded = load(files, {});
  ASSERT_EQ(loaded.reports.size(), 3u);
  EXPECT_EQ(loaded.reports[0].path, "a.yml");
  EXPECT_EQ(loaded.reports[1].path, "b.yml");
  EXPECT_EQ(loaded.reports[1].state, RuleState::kLoaded);
  EXPECT_EQ(loaded.reports[2].state, RuleState::kRefused) << "the id belongs to b.yml";
  ASSERT_EQ(loaded.diagnostics.size(), 2u);
  EXPECT_EQ(loaded.diagnostics[0].place.file, "a.yml");
  EXPECT_EQ(loaded.diagnostics[1].message, "the id " + id + " belongs to b.yml:2 already");
}

TEST(SigmaLoad, FiltersAreForTheRulesThatTheyName) {
  const auto filter = [](std::string_view map) {
    return "title: X\nname: x\nid: 5f3b1c52-6a44-4f0e-9b7a-0d6a2f6f1c11\n"
           "logsource: {product: aws, service: cloudtrail}\n"
           "detection: {s: {a: b}, condition: s}\n---\n"
           "title: Y\nname: y\nlogsource: {product: azure}\ndetection: {s: {a: b}, condition: s}\n"
           "---\ntitle: F\nlogsource: {product: AWS}\n"
           "stanch: {owner: ann, reason: r, expires: 2026-03-01}\nfilter: " +
           std::string(map) + "\n";
  };
  struct Case {
    std::string map;
    std::vector<std::string> codes;
    std::vector<uint32_t> rules;
    bool hides = false;
  };
  const Case cases[] = {
      {"{rules: [x], s: {b: c}, condition: not s}", {}, {0}},
      {"{rules: 5F3B1C52-6A44-4F0E-9B7A-0D6A2F6F1C11, s: {b: c}, condition: not s}", {}, {0}},
      {"{rules: any, s: {b: c}, condition: not s}", {}, {0}},
      {"{rules: [], s: {b: c}, condition: not s}", {}, {0}},
      {"{rules: any, s: {b: c}, condition: s, exclude: true}", {}, {0}, true},
      {"{rules: any, s: {b: c}, condition: not s, exclude: false}", {}, {0}},
      {"{rules: [x, y], s: {b: c}, condition: not s}", {"SIG050"}, {0}},
      {"{rules: [y], s: {b: c}, condition: not s}", {"SIG050", "SIG050"}, {}},
      {"{rules: [z], s: {b: c}, condition: not s}", {"SIG044"}, {}},
      {"{rules: any, s: {b: c}, condition: s}", {"SIG036"}, {}},
      {"{s: {b: c}, condition: not s}", {"SIG006"}, {}},
      {"{rules: any, s: {userAgent: c}, condition: not s}", {"SIG048"}, {}},
      {"{rules: any, s: {userAgent: c, b: d}, condition: not s}", {}, {0}},
      {"{rules: any, s: {b: c}}", {"SIG006"}, {}},
  };
  for (const Case& c : cases) {
    const LoadedRules loaded = load_one(filter(c.map));
    std::vector<std::string> codes;
    for (const Diagnostic& one : loaded.diagnostics) codes.emplace_back(one.code->id);
    EXPECT_EQ(codes, c.codes) << c.map;
    const bool refused = has_errors(loaded.diagnostics);
    EXPECT_EQ(loaded.filters.size(), refused ? 0u : 1u) << c.map;
    EXPECT_EQ(loaded.reports[2].state == RuleState::kLoaded, !refused) << c.map;
    if (refused) continue;
    EXPECT_EQ(loaded.filters[0].rules, c.rules) << c.map;
    EXPECT_EQ(loaded.filters[0].hides, c.hides) << c.map;
  }
}

TEST(SigmaLoad, FiltersHideNobodyByWhatAnAttackerChooses) {
  struct Case {
    std::string map;  // after `rules: any`
    std::string code = {};
  };
  const Case cases[] = {
      // A second field alone does not help: it has to say something.
      {"s: {userAgent: c, b|exists: true}, condition: not s", "SIG048"},
      {"s: {userAgent: c, b: '*'}, condition: not s", "SIG048"},
      {"s: {userAgent: c, b: null}, condition: not s", "SIG048"},
      {"s: {userAgent: c, b|re: '^.*$'}, condition: not s", "SIG048"},
      {"s: {userAgent: c, b|neq: d}, condition: not s", "SIG048"},
      {"s: {userAgent: c, b|fieldref: b}, condition: not s", "SIG048"},
      {"s: {userAgent: c, eventTime|hour: 3}, condition: not s", "SIG048"},
      {"s: {b: [d, '*']}, condition: not s", "SIG048"},
      {"s: {b|contains|all: [d, '*']}, condition: not s"},
      {"s: [{userAgent: c}, {b: d}], condition: not s", "SIG048"},
      {"s: [{userAgent: c, b: d}, {b: e}], condition: not s"},
      {"s: [c], condition: not s", "SIG048"},
      // It is needed on each way to what is hidden.
      {"s: {userAgent: c}, t: {b: d}, condition: not s and not t", "SIG048"},
      {"s: {userAgent: c}, t: {b: d}, condition: not (s or t)", "SIG048"},
      {"s: {userAgent: c}, t: {b: d}, condition: not (s and t)"},
      {"s: {userAgent: c}, t: {b: d}, condition: not 1 of them", "SIG048"},
      {"s: {userAgent: c}, t: {b: d}, condition: not all of them"},
      {"s: {b: c}, t: {b: d}, condition: not 1 of them"},
      {"s: {userAgent: c}, t: {b: d}, condition: s and t, exclude: true"},
      {"s: {userAgent: c}, t: {b: d}, condition: s or t, exclude: true", "SIG048"},
      {"s: {userAgent: c}, t: {b: d}, condition: [s, t], exclude: true", "SIG048"},
      {"s: {userAgent: c}, t: {b: d}, condition: [not s, not t]"},
      // What must not hold is nobody.
      {"s: {userAgent: c}, t: {b: d}, condition: not (s and not t)", "SIG048"},
      {"s: {b: d}, condition: not s, exclude: true", "SIG048"},
      {"s: {b: d}, condition: s, exclude: false", "SIG048"},
      {"s: {b: d}, t: {b: e}, condition: t or not s, exclude: false"},
      {"s: {b: d}, condition: not not s, exclude: true"},
      // What an attacker chooses.
      {"s: {SourceIPAddress|cidr: 10.0.0.0/8}, condition: not s", "SIG048"},
      {"s: {protoPayload.requestMetadata.callerIp: c}, condition: not s", "SIG048"},
      {"s: {requestParameters.roleSessionName: c}, condition: not s", "SIG048"},
      {"s: {requestParameters.tags.team: c}, condition: not s", "SIG048"},
      {"s: {requestParameters.tagSet.items.key: c}, condition: not s", "SIG048"},
      {"s: {requestParameters.stageName: c}, condition: not s"},
      {"s: {userIdentity.sessionContext.sessionIssuer.userName: c}, condition: not s"},
      {"s: {userIdentity.arn|endswith: /ci}, condition: not s", "SIG048"},
      {"s: {userIdentity.arn|contains: ci}, condition: not s", "SIG048"},
      {"s: {userIdentity.arn: '*/ci'}, condition: not s", "SIG048"},
      {"s: {userIdentity.arn|re: ':assumed-role/.*'}, condition: not s", "SIG048"},
      {"s: {userIdentity.arn|re: '^arn:aws:sts::1:assumed-role/ci/'}, condition: not s"},
      {"s: {userIdentity.arn|startswith: 'arn:aws:sts::1:assumed-role/ci/'}, condition: not s"},
      {"s: {userIdentity.principalId: '*:ci'}, condition: not s", "SIG048"},
      {"s: {userIdentity.principalId: 'AROA1:*'}, condition: not s"},
      // What is neither: whether it is hidden or kept has to be said.
      {"s: {b: c}, t: {b: d}, condition: s and not t", "SIG036"},
      {"s: {b: c}, t: {b: d}, condition: s or not t", "SIG036"},
      {"s: {b: c}, t: {b: d}, condition: not s or not t", "SIG036"},
      {"s: {b: c}, t: {b: d}, condition: [not s, t]", "SIG036"},
      {"s: {b: c}, t: {b: d}, condition: not s and (not t and not s)"},
  };
  for (const Case& c : cases) {
    const LoadedRules loaded = load_one(
        "title: X\nlogsource: {product: aws}\ndetection: {s: {a: b}, condition: s}\n---\n"
        "title: F\nlogsource: {product: aws}\n"
        "stanch: {owner: ann, reason: r, expires: 2026-03-01}\nfilter: {rules: any, " +
        c.map + "}\n");
    std::string errors;
    for (const Diagnostic& one : loaded.diagnostics) {
      if (one.code->severity == Severity::kError) errors += one.code->id;
    }
    EXPECT_EQ(errors, c.code) << c.map;
  }
}

TEST(SigmaLoad, FiltersSayWhoseTheyAreAndWhenTheyEnd) {
  const auto filter = [](std::string_view stanch) {
    return "title: X\nlogsource: {product: aws}\ndetection: {s: {a: b}, condition: s}\n---\n"
           "title: F\nlogsource: {product: aws}\ndate: 2026-01-01\n" +
           std::string(stanch) + "filter: {rules: any, s: {b: c}, condition: not s}\n";
  };
  struct Case {
    std::string stanch;
    std::vector<std::string> codes;
  };
  const Case cases[] = {
      {"stanch: {owner: ann, reason: r, expires: 2026-04-01}\n", {}},
      {"stanch: {owner: ann, reason: r, expires: 2026-04-02}\n", {"SIG049"}},
      {"stanch: {owner: ann, reason: r}\n", {"SIG049"}},
      {"stanch: {reason: r, expires: 2026-04-01}\n", {"SIG049"}},
      {"", {"SIG049"}},
      {"stanch: {owner: ann, reason: r, expires: soon}\n", {"SIG007", "SIG049"}},
      {"stanch: {ownr: ann, owner: ann, reason: r, expires: 2026-04-01}\n", {"SIG016"}},
  };
  for (const Case& c : cases) {
    const LoadedRules loaded = load_one(filter(c.stanch));
    std::vector<std::string> codes;
    for (const Diagnostic& one : loaded.diagnostics) codes.emplace_back(one.code->id);
    EXPECT_EQ(codes, c.codes) << c.stanch;
  }
}

TEST(SigmaLoad, TooManyValuesOfARuleAreRefused) {
  std::string values = "[x";
  for (size_t i = 1; i < 10'000; ++i) values += ", x";
  values += "]";
  const auto rule = [&](std::string_view more) {
    return rule_with_detection_for_test("  s:\n    a: " + values + "\n    b: " + values + "\n" +
                                        std::string(more) + "  condition: s\n");
  };
  EXPECT_EQ(load_one(rule("")).rules.size(), 1u);
  const LoadedRules refused = load_one(rule("    c: x\n"));
  EXPECT_TRUE(refused.rules.empty());
  ASSERT_EQ(refused.diagnostics.size(), 1u);
  EXPECT_EQ(refused.diagnostics[0].code->id, "SIG003");

  const LoadedRules item = load_one(
      rule_with_detection_for_test("  s: {a: [x, " + values.substr(1) + "}\n  condition: s\n"));
  ASSERT_EQ(item.diagnostics.size(), 1u);
  EXPECT_EQ(item.diagnostics[0].code->id, "SIG003");
}

// ---- the public rules, where they are at hand

std::vector<RuleText> public_rules() {
  const char* data = std::getenv("STANCH_DATA");
  const std::filesystem::path root =
      (data != nullptr ? std::filesystem::path(data)
                       : std::filesystem::path(STANCH_SOURCE_DIR) / "../shared/data") /
      "sigma";
  std::vector<RuleText> texts;
  if (!std::filesystem::exists(root)) return texts;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(root)) {
    if (entry.path().extension() != ".yml") continue;
    std::ifstream file(entry.path());
    texts.push_back({std::filesystem::relative(entry.path(), root).string(),
                     std::string(std::istreambuf_iterator<char>(file), {})});
  }
  return texts;
}

TEST(SigmaLoad, PublicRulesLoadOrAreRefusedForTheirPlaceholders) {
  const std::vector<RuleText> texts = public_rules();
  if (texts.empty()) GTEST_SKIP() << "no data: 0 of 330 public rules read";
  const std::vector<LogSchema> logs = {
      {"aws",
       "cloudtrail",
       "",
       {"eventName", "eventSource", "eventType", "errorCode", "errorMessage", "userAgent",
        "userIdentity", "requestParameters", "responseElements", "additionalEventData",
        "sourceIPAddress"}}};
  const LoadedRules loaded = load(texts, {}, logs);
  std::map<RuleState, size_t> states;
  size_t bound = 0;
  for (const RuleReport& report : loaded.reports) {
    ++states[report.state];
    const bool has_placeholder = report.path.starts_with("rules-placeholder/");
    if (report.state == RuleState::kRefusedPlaceholder) {
      EXPECT_TRUE(has_placeholder) << report.path;
    }
    if (report.state == RuleState::kLoaded && !report.unbindable) ++bound;
    EXPECT_EQ(report.unbindable, !report.unbindable_why.empty());
  }
  EXPECT_EQ(loaded.reports.size(), texts.size());
  EXPECT_EQ(states[RuleState::kRefused], 0u);
  EXPECT_EQ(states[RuleState::kLoaded] + states[RuleState::kRefusedPlaceholder], texts.size());
  EXPECT_EQ(states[RuleState::kRefusedPlaceholder], 8u);
  EXPECT_EQ(bound, 56u);
}

}  // namespace
}  // namespace stanch::detect::sigma
