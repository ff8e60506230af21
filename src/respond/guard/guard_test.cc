#include "respond/guard/guard.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <utility>

#include "codec/timestamp.h"

namespace stanch::respond {
namespace {

using testing::ElementsAre;

class GuardTest : public ::testing::Test {
 protected:
  GuardTest() {
    plan_.hash = std::string(64, 'a');
    Step step;
    step.id = "1";
    step.action = "aws.iam.deny-user";
    step.target = {"aws:user/111122223333/eve", "111122223333", ""};
    plan_.plan.steps = {step};
  }
  Step& step() { return plan_.plan.steps[0]; }
  GuardInput input() {
    plan_.plan.guards = guards_hash(is_planned_under_others_ ? GuardTables() : tables_);
    return {.plan = plan_, .step = step(), .tables = tables_, .control = control_, .now = now_};
  }
  void approve(const std::string& person, const std::string& means = "unverified") {
    plan_.approvals.push_back({.person = person,
                               .means = means,
                               .steps = {"1"},
                               .steps_signed = {"1"},
                               .last_refusal = "",
                               .proof = {},
                               .at = {}});
  }
  // "guard asks", or "".
  std::string asked() {
    const auto stop = check_guards(input());
    return stop ? stop->guard + " " + std::string(name_of(stop->asks)) : "";
  }
  // What every step but evidence, visibility and undoing is stopped by.
  void expect_only_changes_are_stopped(std::optional<GuardStop> (*guard)(const GuardInput&)) {
    EXPECT_TRUE(guard(input()));
    step().is_evidence = true;
    EXPECT_FALSE(guard(input())) << "evidence";
    step().is_evidence = false;
    step().risk = RiskClass::kAdditive;
    EXPECT_FALSE(guard(input())) << "visibility";
    step().risk = RiskClass::kReversible;
    plan_.plan.mode = PlanMode::kUndo;
    EXPECT_FALSE(guard(input())) << "undoing";
    plan_.plan.mode = PlanMode::kLive;
  }

  bool is_planned_under_others_ = false;
  PlanState plan_;
  GuardTables tables_;
  Control control_;
  Time now_ = *codec::parse_timestamp("2026-12-24T00:00:00Z");
};

TEST_F(GuardTest, ClassesAskForPeople) {
  const struct {
    RiskClass risk;
    const char* asked;
  } kRows[] = {{RiskClass::kRead, ""},
               {RiskClass::kAdditive, ""},
               {RiskClass::kReversible, "risk-class one"},
               {RiskClass::kDisruptive, "risk-class one"},
               {RiskClass::kIrreversible, "risk-class two"}};
  for (const auto& row : kRows) {
    step().risk = row.risk;
    EXPECT_EQ(asked(), row.asked) << name_of(row.risk);
  }
}

TEST_F(GuardTest, WhomNobodyCheckedNeverCountsTowardsTwo) {
  approve("alice");
  EXPECT_EQ(asked(), "");
  approve("bob");
  step().risk = RiskClass::kIrreversible;
  EXPECT_EQ(asked(), "risk-class two");
}

TEST_F(GuardTest, AnApprovalIsOfItsSteps) {
  approve("alice");
  plan_.approvals[0].steps.clear();
  EXPECT_EQ(asked(), "risk-class one");
}

TEST_F(GuardTest, ASignatureThatDoesNotFitIsNone) {
  tables_.approvers = {{"alice", "ssh-ed25519", "AAAA"}};
  approve("alice", "ssh_signature");
  EXPECT_EQ(asked(), "risk-class one");
}

TEST_F(GuardTest, ARefusalStops) {
  approve("alice");
  plan_.refused = {"1"};
  EXPECT_EQ(asked(), "refusal one");
}

TEST_F(GuardTest, GivingAccessBackTakesTwo) {
  plan_.plan.mode = PlanMode::kUndo;
  step().restores_access = true;
  approve("alice");
  EXPECT_EQ(asked(), "risk-class two");
}

// STANCH_CONTENT of one's own let a step through that the organisation's guards stop.
TEST_F(GuardTest, WhatWasPlannedUnderOtherGuardsIsPlannedAnew) {
  approve("alice");
  EXPECT_EQ(asked(), "");
  is_planned_under_others_ = true;
  tables_.approvals[RiskClass::kIrreversible] = 1;
  EXPECT_EQ(asked(), "same-guards nothing");
  expect_only_changes_are_stopped(same_guards);
  plan_.plan.mode = PlanMode::kUndo;
  step().restores_access = true;
  EXPECT_TRUE(same_guards(input())) << "undoing that restores access";
  plan_.steps["1"].saved = codec::JsonValue();
  EXPECT_FALSE(same_guards(input())) << "what has begun";
}

class AutonomyTest : public GuardTest {
 protected:
  AutonomyTest() {
    Diagnostics diagnostics;
    read_autonomy("autonomy.yaml",
                  "rows:\n"
                  "  - {class: disruptive, then: two}\n"
                  "  - {severity: [S1, S2], criticality: [low, high], class: reversible,\n"
                  "     confidence: confirmed, then: run}\n",
                  table_, diagnostics);
    EXPECT_TRUE(diagnostics.empty());
    step().risk = RiskClass::kReversible;
    of_ = {model::Severity::kS1, true, true, "low", "production"};
  }
  AutonomyDecision decide() { return decide_autonomy(table_, control_, step(), of_, now_); }
  void set(const std::string& autonomy, std::optional<Time> until = {}) {
    control_.autonomy.push_back({"aws.iam.deny-user",
                                 "111122223333",
                                 "production",
                                 autonomy,
                                 until,
                                 "person/bob",
                                 "tried for 30 days",
                                 {}});
  }

  AutonomyTable table_;
  Circumstances of_;
};

TEST_F(AutonomyTest, NothingRunsAloneUntilAPersonPromotedIt) {
  EXPECT_TRUE(decide().is_shadow);
  EXPECT_EQ(decide().what, Autonomy::kOne);
  set("run");
  EXPECT_EQ(decide().what, Autonomy::kRun);
  of_.environment = "test";
  EXPECT_TRUE(decide().is_shadow);
  of_.environment = "production";
  set("shadow");
  EXPECT_TRUE(decide().is_shadow);
  set("never");
  EXPECT_EQ(decide().what, Autonomy::kNever);
}

TEST_F(AutonomyTest, APromotionEndsWhenItSaysSo) {
  set("run", now_ + std::chrono::hours(1));
  EXPECT_EQ(decide().what, Autonomy::kRun);
  now_ += std::chrono::hours(1);
  EXPECT_TRUE(decide().is_shadow);
}

TEST_F(AutonomyTest, OneRuleAloneNeverRuns) {
  set("run");
  of_.is_confirmed = false;
  EXPECT_EQ(decide().what, Autonomy::kOne);
  table_.rows.assign(1, AutonomyRow());
  table_.rows[0].then = Autonomy::kRun;
  EXPECT_EQ(decide().what, Autonomy::kOne) << "whatever a table says";
}

TEST_F(AutonomyTest, WhatWasSeenLongAgoIsNoReasonToAct) {
  set("run");
  of_.is_recent = false;
  EXPECT_EQ(decide().what, Autonomy::kOne);
}

// One approval, and that of whom nobody checked, is not two.
TEST_F(AutonomyTest, WhatTheTableAsksTwoForIsNotDoneByOne) {
  const AutonomyDecision two{Autonomy::kTwo, false, ""}, never{Autonomy::kNever, false, ""};
  for (const AutonomyDecision* decision : {&two, &never}) {
    GuardInput of = input();
    of.alone = decision;
    approve("alice");
    EXPECT_EQ(check_guards(of)->asks, GuardAsks::kTwo);
    plan_.approvals.clear();
  }
}

TEST_F(AutonomyTest, WhatNobodyInventoriedIsCritical) {
  set("run");
  of_.criticality = "";
  EXPECT_EQ(decide().what, Autonomy::kOne);
}

TEST_F(AutonomyTest, OnlyWhatIsReversibleRuns) {
  set("run");
  for (const RiskClass risk : {RiskClass::kDisruptive, RiskClass::kIrreversible}) {
    step().risk = risk;
    EXPECT_NE(decide().what, Autonomy::kRun);
  }
}

TEST_F(AutonomyTest, StopsWhatNobodyAskedForAndNothingElse) {
  GuardInput of = input();
  EXPECT_FALSE(autonomy(of)) << "a person asked";
  of.is_automatic = true;
  EXPECT_EQ(check_guards(of)->guard, "autonomy") << "nobody said how far it goes";
  const AutonomyDecision run{Autonomy::kRun, false, ""};
  of.alone = &run;
  EXPECT_FALSE(check_guards(of));
  tables_.protected_entities = {"aws:user/*"};
  GuardInput guarded = input();
  guarded.is_automatic = true;
  guarded.alone = &run;
  EXPECT_EQ(check_guards(guarded)->asks, GuardAsks::kNothing) << "protected";
  step().risk = RiskClass::kAdditive;
  EXPECT_FALSE(check_guards(guarded)) << "restored visibility";
}

TEST(AutonomyFile, SaysWhatIsWrongAllAtOnce) {
  const std::string text = R"(rows:
  - {class: reversible, then: run}
  - {class: disruptive, confidence: confirmed, then: run}
  - {severity: S5, then: one}
  - {criticality: huge, then: one}
  - {confidence: certain, then: one}
  - {class: read, then: one}
  - {severity: S1}
  - {then: perhaps}
  - {colour: red, then: one}
ask:
  - {role: commander}
  - {role: deputy, within: soon}
more: 1
envelope: {targets: 21, for: 1h}
)";
  AutonomyTable table;
  Diagnostics diagnostics;
  read_autonomy("autonomy.yaml", text, table, diagnostics);
  std::set<uint32_t> lines;
  for (const Diagnostic& each : diagnostics) lines.insert(each.place.line);
  EXPECT_EQ(lines, (std::set<uint32_t>{2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 13, 14, 15}));
  for (const AutonomyRow& row : table.rows) EXPECT_NE(row.then, Autonomy::kRun);
  EXPECT_TRUE(table.ask.empty());
  EXPECT_FALSE(table.envelope);
}

TEST_F(GuardTest, TheKillSwitchStopsItsScope) {
  approve("alice");
  for (const char* scope : {"all", "aws", "111122223333", "aws.iam.deny-user"}) {
    control_.switches = {{scope, "person/bob", "enough", {}}};
    EXPECT_EQ(asked(), "kill-switch nothing") << scope;
  }
  for (const char* scope : {"azure", "444455556666", "aws.iam.deny-use"}) {
    control_.switches = {{scope, "person/bob", "enough", {}}};
    EXPECT_EQ(asked(), "") << scope;
  }
  control_.switches.clear();
  control_.is_stopped_here = true;
  EXPECT_EQ(asked(), "kill-switch nothing");
  expect_only_changes_are_stopped(kill_switch);
}

TEST_F(GuardTest, WhatIsProtectedTakesTwoAndNeverRunsAlone) {
  approve("alice");
  tables_.protected_entities = {"aws:user/*/ev*"};
  EXPECT_EQ(asked(), "protected-list two");
  expect_only_changes_are_stopped(protected_list);
  GuardInput alone = input();
  alone.is_automatic = true;
  EXPECT_EQ(check_guards(alone)->asks, GuardAsks::kNothing);
  tables_.protected_entities = {"aws:user/*/ev"};
  EXPECT_EQ(asked(), "");
  tables_.protected_accounts = {"111122223333"};
  EXPECT_EQ(asked(), "protected-list two");
  tables_.protected_accounts = {"999988887777"};
  EXPECT_EQ(asked(), "");
  step().calls.emplace_back();
  step().calls[0].account = "999988887777";
  EXPECT_EQ(asked(), "protected-list two") << "it writes there, whatever its target";
  step().calls.clear();
  step().also_hits = {"aws:role/999988887777/break-glass"};
  EXPECT_EQ(asked(), "protected-list two") << "it hits what is there";
  step().also_hits.clear();
  tables_.protected_accounts.clear();
  GuardInput inventory = input();
  inventory.protects = [](const std::string& entity) {
    return entity == "aws:user/111122223333/eve";
  };
  EXPECT_EQ(check_guards(inventory)->guard, "protected-list");
}

TEST_F(GuardTest, ItNeverCutsItselfOff) {
  approve("alice");
  GuardInput own = input();
  own.own = {"aws:user/111122223333/eve"};
  EXPECT_EQ(check_guards(own)->asks, GuardAsks::kNothing);
  // Of our own account only what is done to it from outside cuts us off.
  step().target.entity = "aws:account/111122223333";
  step().calls.emplace_back();
  step().calls[0].service = "sesv2";
  GuardInput account = input();
  account.own = {"aws:account/111122223333"};
  EXPECT_FALSE(check_guards(account));
  step().calls[0].service = "organizations";
  EXPECT_EQ(check_guards(account)->asks, GuardAsks::kNothing);
}

TEST_F(GuardTest, BudgetsOfAnIncidentAndOfAll) {
  approve("alice");
  tables_.budget_of_incident = 2;
  tables_.budget_of_hour = 3;
  const auto guard_at = [&](uint64_t incident, uint64_t hour) {
    GuardInput spent = input();
    spent.spent_on_incident = incident;
    spent.spent_in_hour = hour;
    const auto stop = check_guards(spent);
    return stop ? stop->guard : "";
  };
  EXPECT_EQ(guard_at(1, 2), "");
  EXPECT_EQ(guard_at(2, 2), "budget");
  EXPECT_EQ(guard_at(1, 3), "budget");
  tables_.budget_of_incident = 0;
  expect_only_changes_are_stopped(budget);
}

TEST_F(GuardTest, WhatCannotBeTakenBackWaitsForWhoMayRefuse) {
  step().risk = RiskClass::kIrreversible;
  tables_.approvals[RiskClass::kIrreversible] = 1;
  approve("alice");
  plan_.approvals[0].at = now_;
  EXPECT_EQ(asked(), "soak nothing");
  now_ += tables_.soak - std::chrono::seconds(1);
  EXPECT_EQ(asked(), "soak nothing");
  approve("bob");
  plan_.approvals[1].at = now_;
  now_ += std::chrono::seconds(1);
  EXPECT_EQ(asked(), "") << "more people make it no later";
  plan_.refused = {"1"};
  EXPECT_EQ(asked(), "refusal one");
  plan_.refused.clear();
  now_ -= std::chrono::minutes(30);
  plan_.steps["1"].saved = codec::JsonValue();
  EXPECT_EQ(asked(), "") << "what has begun goes on";
  plan_.steps.clear();
  step().risk = RiskClass::kDisruptive;
  EXPECT_EQ(asked(), "");
}

class EnvelopeTest : public GuardTest {
 protected:
  EnvelopeTest() {
    approve("alice");
    plan_.approvals[0].at = now_;
    plan_.is_intact = true;
    plan_.plan.envelope = {2, std::chrono::hours(1)};
    later_.hash = std::string(64, 'b');
    later_.plan.steps = {step()};
    later().target.entity = "aws:user/111122223333/mallory";
    later().within = plan_.hash;
  }
  Step& later() { return later_.plan.steps[0]; }
  std::string asked_later() {
    later_.plan.guards = guards_hash(tables_);
    const GuardInput input{.plan = later_,
                           .step = later(),
                           .tables = tables_,
                           .control = control_,
                           .is_automatic = is_automatic_,
                           .envelope = Enveloped{&plan_, before_, is_minted_},
                           .now = now_};
    const auto stop = check_guards(input);
    return stop ? stop->guard + " " + std::string(name_of(stop->asks)) : "";
  }

  PlanState later_;
  size_t before_ = 0;
  bool is_minted_ = true, is_automatic_ = false;
};

TEST_F(EnvelopeTest, AnApprovalLetsGoWhatTheContainedMake) {
  EXPECT_EQ(asked_later(), "");
  now_ += std::chrono::minutes(59);
  EXPECT_EQ(asked_later(), "");
}

TEST_F(EnvelopeTest, NothingElseIsInIt) {
  const std::string no = "risk-class one";
  const std::pair<const char*, std::function<void()>> rows[] = {
      {"nobody approved", [this] { plan_.approvals.clear(); }},
      {"late", [this] { now_ += std::chrono::minutes(61); }},
      {"too many", [this] { before_ = 2; }},
      {"of somebody else", [this] { is_minted_ = false; }},
      {"another action", [this] { later().action = "aws.iam.delete-user"; }},
      {"another version", [this] { later().action_version = "x"; }},
      {"told otherwise", [this] { later().target.given = {{"owner", "x"}}; }},
      {"no envelope", [this] { plan_.plan.envelope.reset(); }},
      {"worse", [this] { later().risk = RiskClass::kDisruptive; }},
      {"refused", [this] { plan_.refused = {"1"}; }},
      {"withdrawn", [this] { plan_.ended = {{}, "withdrawn", ""}; }},
      {"paused", [this] { plan_.is_paused = true; }},
      {"damaged", [this] { plan_.is_intact = false; }},
  };
  const PlanState plan = plan_, later = later_;
  const Time now = now_;
  for (const auto& [what, change] : rows) {
    change();
    EXPECT_EQ(asked_later(), no) << what;
    plan_ = plan, later_ = later, now_ = now, before_ = 0, is_minted_ = true;
  }
  step().risk = this->later().risk = RiskClass::kIrreversible;
  EXPECT_EQ(asked_later(), "risk-class two") << "what cannot be taken back";
}

TEST_F(EnvelopeTest, GuardsHoldInItAsElsewhere) {
  tables_.protected_entities = {"aws:user/*/mallory"};
  EXPECT_EQ(asked_later(), "protected-list two") << "one approved";
  tables_.protected_entities.clear();
  tables_.freezes = {{now_, now_ + std::chrono::hours(1), "end of year"}};
  EXPECT_EQ(asked_later(), "change-freeze two");
  is_automatic_ = true;
  EXPECT_EQ(asked_later(), "change-freeze nothing") << "nobody saw what it is about to do";
  tables_.freezes.clear();
  EXPECT_EQ(asked_later(), "") << "who approved the plan said yes to it";
  before_ = 2;
  EXPECT_EQ(asked_later(), "autonomy one");
  control_.is_stopped_here = true;
  EXPECT_EQ(asked_later(), "kill-switch nothing");
}

TEST_F(GuardTest, FreezesHoldInTheirTime) {
  approve("alice");
  tables_.freezes = {{now_, now_ + std::chrono::hours(1), "end of year"}};
  EXPECT_EQ(asked(), "change-freeze two");
  expect_only_changes_are_stopped(change_freeze);
  now_ += std::chrono::hours(1);
  EXPECT_EQ(asked(), "");
}

TEST(GuardTables, ReadWhatIsRightAndSayWhatIsNot) {
  GuardTables tables;
  Diagnostics diagnostics;
  read_guards("guards.yaml",
              "approvals: {reversible: 2, disruptive: 3, other: 1}\n"
              "protected: [aws:root/*, {}]\n"
              "budget: {incident: 5, hour: many}\n"
              "freezes: [{from: 2026-12-20T00:00:00Z, until: 2026-12-19T00:00:00Z}]\n"
              "soak: soon\n"
              "protect: []\n",
              tables, diagnostics);
  EXPECT_EQ(tables.approvals[RiskClass::kReversible], 2);
  EXPECT_EQ(tables.approvals[RiskClass::kDisruptive], 1);
  EXPECT_THAT(tables.protected_entities, ElementsAre("aws:root/*"));
  EXPECT_EQ(tables.budget_of_incident, 5u);
  EXPECT_EQ(tables.budget_of_hour, 100u);
  EXPECT_TRUE(tables.freezes.empty());
  EXPECT_EQ(tables.soak, std::chrono::hours(1));
  EXPECT_EQ(diagnostics.size(), 7u);
  read_guards("guards.yaml", "soak: 0", tables, diagnostics);
  EXPECT_EQ(tables.soak, Duration{});
}

TEST(GuardTables, ApproversAreLinesOfAllowedSigners) {
  GuardTables tables;
  Diagnostics diagnostics;
  read_approvers("approvers",
                 "# people\n\nalice@example.org ssh-ed25519 AAAA comment\r\n"
                 "* ssh-ed25519 AAAB\nbob,carol ssh-ed25519 AAAB\ndave ssh-rsa AAAB\n"
                 "erin namespaces=\"x\" ssh-ed25519 AAAB\nfrank ssh-ed25519 %%\n"
                 "mallory ssh-ed25519 AAAA\n",
                 tables, diagnostics);
  ASSERT_EQ(tables.approvers.size(), 1u);
  EXPECT_EQ(tables.approvers[0].person, "alice@example.org");
  EXPECT_EQ(diagnostics.size(), 6u) << "one key is never two people";
}

// What would protect nothing is said, not taken.
TEST(GuardTables, WhatProtectsNothingIsAMistake) {
  for (const char* text :
       {"protected: [\"arn:aws:iam::111122223333:role/admin\"]",
        "protected: [aws:role/111122223333/BreakGlass]", "protected: [aws:role/*/BreakGlass]",
        "protected: [\"arn:aws:iam::*:role/admin\"]", "protected: [break-glass]",
        "protected: aws:root/*", "protected_accounts: [production]", "protected_accounts: 1",
        "freezes: {from: 2026-12-20T00:00:00Z, until: 2026-12-21T00:00:00Z}", "freezes: [tomorrow]",
        "approvals: [2]", "budget: 5"}) {
    GuardTables tables;
    Diagnostics diagnostics;
    read_guards("guards.yaml", text, tables, diagnostics);
    EXPECT_EQ(diagnostics.size(), 1u) << text;
    EXPECT_TRUE(tables.protected_entities.empty() && tables.protected_accounts.empty() &&
                tables.freezes.empty())
        << text;
  }
  GuardTables tables;
  Diagnostics diagnostics;
  read_guards("guards.yaml", "protected: [aws:role/*/break-glass, aws:user/111122223333/root-only]",
              tables, diagnostics);
  EXPECT_TRUE(diagnostics.empty());
  EXPECT_EQ(tables.protected_entities.size(), 2u);
}

TEST(GuardTables, Patterns) {
  const struct {
    const char *pattern, *text;
    bool fits;
  } kRows[] = {{"a*c", "abc", true},     {"a*c", "ac", true},  {"a*c", "abcd", false},
               {"*", "", true},          {"", "", true},       {"", "a", false},
               {"*a*b*", "xaxbx", true}, {"*ab", "aab", true}, {"a*b*c", "a-b-b-c", true},
               {"a.c", "abc", false}};
  for (const auto& row : kRows) {
    EXPECT_EQ(fits_pattern(row.pattern, row.text), row.fits) << row.pattern << " " << row.text;
  }
}

}  // namespace
}  // namespace stanch::respond
