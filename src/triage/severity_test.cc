#include "triage/severity.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <random>

#include "triage/limits.h"

namespace stanch::triage {
namespace {

using model::Level;
using model::Severity;

std::string read_file(const std::string& name) {
  std::ifstream file(std::string(STANCH_SOURCE_DIR) + "/content/" + name);
  return {std::istreambuf_iterator<char>(file), {}};
}

const SeverityMatrix& matrix() {
  static const SeverityMatrix read = [] {
    Diagnostics diagnostics;
    auto made = SeverityMatrix::read("severity.yaml", read_file("severity.yaml"), diagnostics);
    for (const Diagnostic& diagnostic : diagnostics) ADD_FAILURE() << to_text(diagnostic);
    return made;
  }();
  return read;
}

Assets inventory() {
  Diagnostics diagnostics;
  Assets assets;
  assets.add_yaml("a.yaml", R"(
assets:
  - {match: aws:db/1/r/orders, environment: production, criticality: critical, data: confidential}
  - {match: aws:bucket/customers, environment: production, criticality: medium, data: confidential}
  - {match: aws:bucket/secrets, environment: production, criticality: high, data: restricted}
  - {match: aws:bucket/try-it, environment: test, criticality: low, data: public}
  - {match: aws:bucket/bridge, environment: test, criticality: low, reaches: [aws:bucket/customers]}
  - {match: "aws:user/1/*", environment: test, criticality: low}
  - {match: aws:user/1/boss, privilege: administrator}
)",
                  diagnostics);
  EXPECT_TRUE(diagnostics.empty());
  return assets;
}

Finding finding(Level level, const std::string& tactic, const std::string& target) {
  static int number = 0;
  Finding made;
  made.rule = fmt::format("rule-{}", ++number);
  made.level = level;
  made.tactics = {tactic};
  made.actor = "aws:user/1/eve";
  made.actor_type = model::ActorType::kUser;
  made.access = model::Access::kWrite;
  if (!target.empty()) made.targets = {target};
  return made;
}

SeverityDecision assess(const std::vector<Finding>& findings) {
  const Assets assets = inventory();
  Evidence evidence;
  for (const Finding& each : findings) evidence.add(each, assets);
  return matrix().assess(evidence);
}

// The four examples of the plan.
TEST(Severity, OfThePlansOwnExamples) {
  // Ransomware encrypts a production database.
  EXPECT_EQ(assess({finding(Level::kHigh, "impact", "aws:db/1/r/orders")}).severity, Severity::kS1);
  // Unauthorised access to a sensitive storage account.
  Finding read = finding(Level::kMedium, "collection", "aws:bucket/customers");
  read.access = model::Access::kRead;
  EXPECT_EQ(assess({read}).severity, Severity::kS2);
  // Many failed logins from an unusual place.
  std::vector<Finding> logins;
  for (int i = 0; i < 30; ++i) {
    logins.push_back(finding(Level::kMedium, "credential-access", ""));
    logins.back().outcome = model::Outcome::kDenied;
  }
  EXPECT_EQ(assess(logins).severity, Severity::kS3);
  // A test bucket is public for a while.
  const SeverityDecision open =
      assess({finding(Level::kMedium, "exfiltration", "aws:bucket/try-it")});
  EXPECT_EQ(open.severity, Severity::kS4);
  EXPECT_EQ(open.because.back(),
            "lowered: only things outside production are touched, and nothing in it reaches "
            "production");
}

TEST(Severity, EachRowHasTwoSides) {
  const auto of = [](const std::function<void(Evidence&)>& change) {
    Evidence evidence;
    evidence.production = true;
    change(evidence);
    return matrix().assess(evidence).severity;
  };
  const auto rules = [](int count) {
    std::set<std::string> made;
    for (int i = 0; i < count; ++i) made.insert(std::to_string(i));
    return made;
  };
  struct Case {
    const char* what;
    std::function<void(Evidence&)> change;
    Severity expected;
  };
  const Case cases[] = {
      {"nothing", [](Evidence&) {}, Severity::kS4},
      {"low", [](Evidence& e) { e.level = Level::kLow; }, Severity::kS4},
      {"medium, denied", [](Evidence& e) { e.level = Level::kMedium; }, Severity::kS3},
      {"high, denied", [](Evidence& e) { e.level = Level::kHigh; }, Severity::kS3},
      {"high, succeeded", [](Evidence& e) { e.succeeded_level = e.level = Level::kHigh; },
       Severity::kS2},
      {"critical, denied", [](Evidence& e) { e.level = Level::kCritical; }, Severity::kS2},
      {"critical by one rule",
       [&](Evidence& e) {
         e.succeeded_level = e.level = Level::kCritical;
         e.rules = rules(1);
       },
       Severity::kS2},
      {"critical by two rules",
       [&](Evidence& e) {
         e.succeeded_level = e.level = Level::kCritical;
         e.rules = rules(2);
       },
       Severity::kS1},
      {"one critical thing destroyed",
       [](Evidence& e) {
         e.destroyed = 1;
         e.criticality = Criticality::kCritical;
       },
       Severity::kS1},
      {"one thing of high criticality destroyed",
       [](Evidence& e) {
         e.level = Level::kMedium;
         e.destroyed = 1;
         e.criticality = Criticality::kHigh;
       },
       Severity::kS3},
      {"nine things destroyed",
       [](Evidence& e) {
         e.succeeded_level = e.level = Level::kHigh;
         e.destroyed = 9;
       },
       Severity::kS2},
      {"ten things destroyed",
       [](Evidence& e) {
         e.succeeded_level = e.level = Level::kHigh;
         e.destroyed = 10;
       },
       Severity::kS1},
      {"restricted data taken",
       [](Evidence& e) {
         e.succeeded_level = e.level = Level::kMedium;
         e.taken = 1;
         e.data = "restricted";
       },
       Severity::kS1},
      {"confidential data taken",
       [](Evidence& e) {
         e.succeeded_level = e.level = Level::kMedium;
         e.taken = 1;
         e.data = "confidential";
       },
       Severity::kS2},
      {"internal data taken",
       [](Evidence& e) {
         e.succeeded_level = e.level = Level::kMedium;
         e.taken = 1;
         e.data = "internal";
       },
       Severity::kS3},
      {"restricted data by low findings alone",
       [](Evidence& e) {
         e.succeeded_level = e.level = Level::kLow;
         e.taken = 1;
         e.data = "restricted";
       },
       Severity::kS4},
      {"privileged, one rule",
       [&](Evidence& e) {
         e.succeeded_level = e.level = Level::kMedium;
         e.privileged = true;
         e.rules = rules(1);
       },
       Severity::kS3},
      {"privileged, two rules",
       [&](Evidence& e) {
         e.succeeded_level = e.level = Level::kMedium;
         e.privileged = true;
         e.rules = rules(2);
       },
       Severity::kS2},
      {"high criticality, two rules",
       [&](Evidence& e) {
         e.succeeded_level = e.level = Level::kMedium;
         e.criticality = Criticality::kHigh;
         e.rules = rules(2);
       },
       Severity::kS2},
      {"medium criticality, two rules",
       [&](Evidence& e) {
         e.succeeded_level = e.level = Level::kMedium;
         e.criticality = Criticality::kMedium;
         e.rules = rules(2);
       },
       Severity::kS3},
      {"the whole attack",
       [&](Evidence& e) {
         e.succeeded_level = e.level = Level::kHigh;
         e.privileged = true;
         e.tactics = e.rules = rules(5);
       },
       Severity::kS1},
      {"nearly the whole attack",
       [&](Evidence& e) {
         e.succeeded_level = e.level = Level::kHigh;
         e.privileged = true;
         e.tactics = rules(4);
         e.rules = rules(5);
       },
       Severity::kS2},
      {"ten identities",
       [&](Evidence& e) {
         e.succeeded_level = e.level = Level::kHigh;
         e.privileged = true;
         e.principals = rules(10);
         e.rules = rules(3);
       },
       Severity::kS1},
      {"nine identities",
       [&](Evidence& e) {
         e.succeeded_level = e.level = Level::kHigh;
         e.privileged = true;
         e.principals = rules(9);
         e.rules = rules(3);
       },
       Severity::kS2},
      {"a burst of denied low findings",
       [](Evidence& e) {
         e.level = Level::kLow;
         e.denied = 20;
       },
       Severity::kS3},
      {"few denied low findings",
       [](Evidence& e) {
         e.level = Level::kLow;
         e.denied = 19;
       },
       Severity::kS4},
  };
  for (const Case& given : cases) EXPECT_EQ(of(given.change), given.expected) << given.what;
}

TEST(Severity, OutsideProductionLowersOnlyWhatIsKnownAndHarmless) {
  const auto severity = [](const std::string& target, const std::string& actor = "aws:user/1/eve") {
    Finding one = finding(Level::kMedium, "persistence", target);
    one.actor = actor;
    return assess({one}).severity;
  };
  EXPECT_EQ(severity("aws:bucket/try-it"), Severity::kS4);
  EXPECT_EQ(severity("aws:bucket/unknown"), Severity::kS3);
  EXPECT_EQ(severity(""), Severity::kS3);
  EXPECT_EQ(severity("aws:bucket/bridge"), Severity::kS3);  // reaches production
  EXPECT_EQ(severity("aws:bucket/try-it", "aws:user/1/boss"), Severity::kS3);
  Finding root = finding(Level::kMedium, "persistence", "aws:bucket/try-it");
  root.actor_type = model::ActorType::kRoot;
  EXPECT_EQ(assess({root}).severity, Severity::kS3);
  // High stays what it is.
  EXPECT_EQ(assess({finding(Level::kHigh, "persistence", "aws:bucket/try-it")}).severity,
            Severity::kS2);
}

// Who reaches production over others reaches it; of whom nobody knows that, it counts as if.
TEST(Severity, OutsideProductionIsNothingThatMayReachIt) {
  Diagnostics diagnostics;
  Assets assets;
  std::string chain = R"(
  - {match: aws:bucket/near, environment: test, reaches: [aws:bucket/middle]}
  - {match: aws:bucket/middle, environment: test, reaches: [aws:bucket/near, aws:bucket/far]}
  - {match: aws:bucket/far, environment: production}
  - {match: aws:bucket/circle, environment: test, reaches: [aws:bucket/circle, aws:bucket/end]}
  - {match: aws:bucket/end, environment: test}
  - {match: aws:bucket/leak, environment: test, reaches: [aws:bucket/nobody-knows]}
  - {match: aws:bucket/owned, owner: me, criticality: low}
  - {match: aws:user/1/eve, environment: test}
  - {match: aws:user/1/owned, owner: me}
  - {match: aws:bucket/long-0, environment: test, reaches: [aws:bucket/long-1]}
)";
  for (size_t i = 1; i <= kReachedMax + 1; ++i) {
    chain += fmt::format(
        "  - {{match: aws:bucket/long-{}, environment: test, reaches: [aws:bucket/long-{}]}}\n", i,
        std::min(i + 1, kReachedMax + 1));
  }
  assets.add_yaml("a.yaml", "assets:" + chain, diagnostics);
  ASSERT_TRUE(diagnostics.empty()) << to_text(diagnostics[0]);
  struct Case {
    const char *actor, *target;
    bool production;
  };
  for (const Case& given : {Case{"aws:user/1/eve", "aws:bucket/near", true},
                            {"aws:user/1/eve", "aws:bucket/middle", true},
                            {"aws:user/1/eve", "aws:bucket/circle", false},
                            {"aws:user/1/eve", "aws:bucket/end", false},
                            {"aws:user/1/eve", "aws:bucket/leak", true},
                            {"aws:user/1/eve", "aws:bucket/owned", true},
                            {"aws:user/1/eve", "aws:bucket/long-0", true},
                            {"aws:user/1/eve", "aws:bucket/long-500", false},
                            {"aws:user/1/owned", "aws:bucket/end", true},
                            {"aws:user/2/stranger", "aws:bucket/end", true},
                            {"", "aws:bucket/end", false}}) {
    Finding one = finding(Level::kMedium, "persistence", given.target);
    one.actor = given.actor;
    Evidence evidence;
    evidence.add(one, assets);
    EXPECT_EQ(evidence.production, given.production) << given.actor << " " << given.target;
  }
}

// Two rules that see the same call are no two calls.
TEST(Severity, CountsCallsNotFindings) {
  const Assets assets = inventory();
  Evidence evidence;
  const auto add = [&](const char* tactic, model::Outcome outcome,
                       std::vector<std::string> events) {
    Finding one = finding(Level::kHigh, tactic, "aws:bucket/try-it");
    one.outcome = outcome;
    one.events = std::move(events);
    evidence.add(one, assets);
  };
  using model::Outcome;
  for (int twice = 0; twice < 2; ++twice) {
    add("impact", Outcome::kOk, {"e1"});
    add("impact", Outcome::kOk, {"e2"});
    add("collection", Outcome::kOk, {"e1"});
    add("impact", Outcome::kDenied, {"e3"});
  }
  EXPECT_EQ(evidence.destroyed, 2u);
  EXPECT_EQ(evidence.taken, 1u);
  EXPECT_EQ(evidence.denied, 1u);
  // Of a finding without events nobody knows that it is the same.
  add("impact", Outcome::kOk, {});
  add("impact", Outcome::kOk, {});
  EXPECT_EQ(evidence.destroyed, 4u);
}

// What is folded of a flood is not weighed, so a burst must be one before that.
TEST(Severity, ABurstIsSeenBeforeItIsFolded) {
  const Assets assets = inventory();
  Evidence evidence;
  for (size_t i = 0; i < kToldOfOneRule; ++i) {
    Finding one = finding(Level::kLow, "discovery", "");
    one.rule = "one";
    one.outcome = model::Outcome::kDenied;
    one.events = {std::to_string(i)};
    evidence.add(one, assets);
  }
  EXPECT_EQ(matrix().assess(evidence).severity, Severity::kS3);
}

TEST(Severity, SaysWhatIsNotInTheInventory) {
  const Assets assets = inventory();
  Evidence known, unknown;
  known.add(finding(Level::kLow, "x", "aws:bucket/try-it"), assets);
  EXPECT_FALSE(known.unknown_assets);
  unknown.add(finding(Level::kLow, "x", "aws:bucket/who-knows"), assets);
  EXPECT_TRUE(unknown.unknown_assets);
  // One without an id is not in it either, and may be of production.
  Finding nameless = finding(Level::kMedium, "persistence", "aws:bucket/try-it");
  nameless.targets.emplace_back();
  Evidence partly;
  partly.add(nameless, assets);
  EXPECT_TRUE(partly.unknown_assets);
  EXPECT_TRUE(partly.production);
}

Finding drawn(std::mt19937_64& random) {
  constexpr const char* kTactics[] = {"impact",      "exfiltration",         "collection",
                                      "persistence", "privilege-escalation", "discovery"};
  constexpr const char* kTargets[] = {"aws:db/1/r/orders",  "aws:bucket/customers",
                                      "aws:bucket/secrets", "aws:bucket/try-it",
                                      "aws:bucket/no",      ""};
  Finding one =
      finding(static_cast<Level>(random() % 5), kTactics[random() % 6], kTargets[random() % 6]);
  one.rule = std::to_string(random() % 6);
  one.actor = "aws:user/1/" + std::to_string(random() % 12);
  one.outcome = static_cast<model::Outcome>(random() % 3);
  one.access = static_cast<model::Access>(random() % 3);
  return one;
}

TEST(Severity, MoreNeverMakesItLessAndOrderDoesNotMatter) {
  const Assets assets = inventory();
  std::mt19937_64 random(3);
  std::set<Severity> seen;
  for (int round = 0; round < 2000; ++round) {
    std::vector<Finding> findings;
    for (size_t i = 0; i < 1 + random() % 12; ++i) findings.push_back(drawn(random));
    Evidence evidence;
    std::optional<Severity> before;
    for (const Finding& each : findings) {
      evidence.add(each, assets);
      const Severity now = matrix().assess(evidence).severity;
      if (before) {
        ASSERT_LE(now, *before);
      }
      before = now;
    }
    seen.insert(*before);
    std::ranges::shuffle(findings, random);
    Evidence shuffled;
    for (const Finding& each : findings) shuffled.add(each, assets);
    EXPECT_EQ(matrix().assess(shuffled).because, matrix().assess(evidence).because);
  }
  EXPECT_EQ(seen.size(), 4u);
}

TEST(Severity, HasTheDeadlinesOfThePlan) {
  using std::chrono::hours;
  using std::chrono::minutes;
  EXPECT_EQ(matrix().deadlines(Severity::kS1).acknowledge, minutes(15));
  EXPECT_EQ(matrix().deadlines(Severity::kS2).acknowledge, hours(1));
  EXPECT_EQ(matrix().deadlines(Severity::kS3).acknowledge, hours(4));
  EXPECT_EQ(matrix().deadlines(Severity::kS4).acknowledge, hours(24));
  EXPECT_EQ(matrix().deadlines(Severity::kS4).contain, hours(24 * 7));
  EXPECT_NE(matrix().meaning(Severity::kS1), "");
}

// All problems at once.
TEST(Severity, SayAllThatIsWrong) {
  Diagnostics diagnostics;
  const auto codes = [&](const std::string& text) {
    diagnostics.clear();
    (void)SeverityMatrix::read("severity.yaml", text, diagnostics);
    std::string found;
    for (const Diagnostic& diagnostic : diagnostics) {
      found += fmt::format("{}:{} ", diagnostic.code->id.substr(3), diagnostic.place.line);
    }
    return found;
  };
  EXPECT_EQ(codes(read_file("severity.yaml")), "");
  EXPECT_EQ(codes("a: ["), "001:1 ");
  EXPECT_EQ(codes(""), "001:0 ");
  EXPECT_EQ(codes("severities: {}\nrules: []\n"), "005:1 005:1 005:1 005:1 ");
  EXPECT_EQ(codes(R"(severities:
  S1: {means: x, acknowledge: soon, contain: 1h, update: 0h}
  S2: {means: x, acknowledge: 1h, contain: 1h}
  S3: {means: x, acknowledge: 1h, contain: 1h, update: 1w, colour: red}
  S4: {means: x, acknowledge: 1h, contain: 1h, update: 1h, update: 1h}
rules:
  - {severity: S9, because: x, when: {}}
  - {because: x, when: {}}
  - {severity: S1, when: {}}
  - {severity: S1, because: x}
  - {severity: S1, because: x, when: {level: terrible, rules: few, nonsense: 1, data: ""}}
  - text
lower:
  - {from: S4, severity: S3, because: x, when: {outside_production: true}}
  - {severity: S4, because: x, when: {}}
other: 1
)"),
            "003:16 004:2 004:2 005:3 003:4 004:4 006:5 004:7 005:8 005:9 005:10 004:11 004:11 "
            "003:11 004:11 002:12 004:14 005:15 ");
}

constexpr std::string_view kRows = R"(severities:
  S1: {means: x, acknowledge: 1h, contain: 1h, update: 1h}
  S2: {means: x, acknowledge: 1h, contain: 1h, update: 1h}
  S3: {means: x, acknowledge: 1h, contain: 1h, update: 1h}
  S4: {means: x, acknowledge: 1h, contain: 1h, update: 1h}
)";

// Under such a matrix an attacker could do more to be taken for less.
TEST(Severity, RefusesAMatrixUnderWhichItCouldFall) {
  struct Case {
    const char* text;
    bool good;
  };
  for (const Case& given :
       {Case{"rules: [{severity: S1, because: x, when: {privileged: true}}]", true},
        {"rules: [{severity: S1, because: x, when: {privileged: false}}]", false},
        {"rules: [{severity: S1, because: x, when: {outside_production: false}}]", true},
        {"rules: [{severity: S1, because: x, when: {outside_production: true}}]", false},
        {"rules: [{severity: S1, because: x, when: {denied: 3, level: low, data: public}}]", true},
        {"rules: []\nlower: [{from: S3, severity: S4, because: x, when: {}}]", true},
        {"rules: []\nlower: [{from: S3, severity: S4, because: x, when: {privileged: false}}]",
         true},
        {"rules: []\nlower: [{from: S3, severity: S4, because: x, when: {privileged: true}}]",
         false},
        {"rules: []\nlower: [{from: S3, severity: S4, because: x, when: {denied: 3}}]", false},
        {"rules: []\nlower: [{from: S2, severity: S3, because: x, when: "
         "{outside_production: true}}]",
         true},
        {"rules: []\nlower: [{from: S3, severity: S4, because: x, when: "
         "{outside_production: false}}]",
         false},
        {"rules: []\nlower: [{from: S2, severity: S4, because: x, when: {}}]", false},
        {"rules: []\nlower: [{from: S3, severity: S3, because: x, when: {}}]", false},
        {"rules: []\nlower: [{from: S3, severity: S2, because: x, when: {}}]", false}}) {
    Diagnostics diagnostics;
    (void)SeverityMatrix::read("s", std::string(kRows) + given.text, diagnostics);
    EXPECT_EQ(diagnostics.empty(), given.good) << given.text;
    for (const Diagnostic& said : diagnostics) {
      EXPECT_EQ(said.code->name, "table-value") << given.text;
      EXPECT_FALSE(said.hint.empty()) << given.text;
      EXPECT_GT(said.place.column, 1u) << given.text;
    }
  }
}

// Whatever stands in the file, a terminal gets none of its control characters.
TEST(Severity, ComplaintsAreInert) {
  Diagnostics diagnostics;
  (void)SeverityMatrix::read("severity\x1b[2J.yaml",
                             std::string(kRows) +
                                 "rules:\n  - {severity: \"S9\\e[31m\", because: x, when: "
                                 "{\"le\\avel\": 1, level: \"\\x9b31m\", data: \"\\b\"}}\n"
                                 "\"\\e]0;x\\a\": 1\n",
                             diagnostics);
  EXPECT_EQ(diagnostics.size(), 5u);
  for (const Diagnostic& said : diagnostics) {
    EXPECT_EQ(to_text(said).find("\xc2\x9b"), std::string::npos) << to_text(said);
    for (const char c : to_text(said)) {
      const auto byte = static_cast<unsigned char>(c);
      EXPECT_TRUE(byte == '\n' || (byte >= 0x20 && byte != 0x7f)) << to_text(said);
    }
  }
}

}  // namespace
}  // namespace stanch::triage
