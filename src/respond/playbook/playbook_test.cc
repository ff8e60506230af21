#include "respond/playbook/playbook.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace stanch::respond {
namespace {

using codec::JsonValue;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

const std::string kText = R"(
name: leaked
title: A key
description: Words.
target: aws:access-key
targets: "findings[?actor_type == 'user'].credential"
contain_first: {that: "length(findings[?destructive]) > `0`", because: It destroys.}
steps:
  - {do: deny, to: "findings[?credential == $target.id].actor"}
  - {do: deactivate}
  - {do: revoke, to: "findings[?action == 'AssumeRole'].targets[]", when: "length(findings) > `1`"}
  - {task: Rotate it., owner: it-operations}
)";
// A step that tells its action something, from a finding.
const std::string kTelling = R"(
name: telling
title: A key
description: Words.
target: aws:access-key
steps:
  - {do: revoke, to: "findings[].targets[]", with: {reason: "findings[0].action"}}
)";

const Actions& actions() {
  static const Actions kActions = [] {
    Actions actions;
    actions["deny"].target = "aws:user";
    actions["deactivate"].target = "aws:access-key";
    actions["revoke"].target = "aws:role";
    actions["revoke"].parameters = {{.name = "reason", .what = "Why.", .otherwise = {}}};
    return actions;
  }();
  return kActions;
}

Playbooks read(const std::string& text, Diagnostics& diagnostics) {
  const PlaybookText file{"p.yaml", text};
  return read_playbooks({&file, 1}, actions(), diagnostics);
}
Playbook playbook() {
  Diagnostics diagnostics;
  Playbooks all = read(kText, diagnostics);
  EXPECT_TRUE(diagnostics.empty()) << diagnostics[0].message;
  return std::move(all.at("leaked"));
}

PlaybookFacts findings(std::string_view json) {
  codec::JsonParser parser;
  return {.findings = JsonValue::of(parser.parse(json))};
}

const PlaybookFacts kFindings = findings(R"([
  {"actor_type": "user", "actor": "aws:user/1/eve", "credential": "aws:access-key/A",
   "action": "AssumeRole", "targets": ["aws:role/1/deploy", "aws:bucket/x"]},
  {"actor_type": "user", "actor": "aws:user/1/eve", "credential": "aws:access-key/A",
   "action": "GetObject", "targets": ["aws:bucket/x"]},
  {"actor_type": "role", "actor": "aws:role/1/other", "credential": "aws:access-key/B",
   "action": "X", "targets": []}])");

std::vector<std::string> wanted(const Expanded& expanded) {
  std::vector<std::string> words;
  for (const auto& each : expanded.wanted) words.push_back(each.action + " " + each.entity);
  return words;
}

TEST(Playbook, NamesItsTargetsAndStepsInOrder) {
  const Playbook made = playbook();
  const auto targets = targets_of(made, kFindings);
  ASSERT_TRUE(targets);
  EXPECT_THAT(*targets, ElementsAre("aws:access-key/A"));
  const auto expanded = expand(made, "aws:access-key/A", kFindings, actions());
  ASSERT_TRUE(expanded);
  EXPECT_THAT(wanted(*expanded), ElementsAre("deny aws:user/1/eve", "deactivate aws:access-key/A",
                                             "revoke aws:role/1/deploy"));
  ASSERT_EQ(expanded->tasks.size(), 1u);
  EXPECT_EQ(expanded->tasks[0].owner, "it-operations");
  EXPECT_EQ(expanded->contain_first, "");
}

// A name that nobody can say would leave its step out in silence.
TEST(Playbook, AsksForWhatItsExpressionsAreGiven) {
  const std::string begin = "name: p\ntitle: t\ndescription: d.\ntarget: aws:access-key\n",
                    parameters = "parameters: {root: the root}\n",
                    steps = "steps:\n  - {do: deny, when: \"given.";
  Diagnostics diagnostics;
  EXPECT_EQ(read(begin + steps + "reason && given.root\"}\n", diagnostics).size(), 0u);
  ASSERT_EQ(diagnostics.size(), 1u);
  EXPECT_EQ(diagnostics[0].message, "nobody is asked for 'root'");
  EXPECT_EQ(diagnostics[0].place.line, 6u);
  diagnostics.clear();
  const Playbooks good =
      read(begin + parameters + steps + "reason && given.root\"}\n", diagnostics);
  ASSERT_EQ(good.size(), 1u) << diagnostics[0].message;
  EXPECT_EQ(good.at("p").parameters.at("root"), "the root");
  read(begin + "parameters: {Root: x}\n" + steps + "reason\"}\n", diagnostics);
  EXPECT_EQ(diagnostics.size(), 1u);
}

TEST(Playbook, LeavesOutWhatIsNotSo) {
  const auto one = findings(R"([{"credential": "aws:access-key/A", "destructive": true}])");
  const auto expanded = expand(playbook(), "aws:access-key/A", one, actions());
  ASSERT_TRUE(expanded);
  EXPECT_THAT(wanted(*expanded), ElementsAre("deactivate aws:access-key/A"));
  EXPECT_EQ(expanded->contain_first, "It destroys.");
}

// What findings call things is text of attackers: it is never an expression, nor another type.
// What is asked for of a key that no finding names says itself what it leaves out.
TEST(Playbook, SaysForWhatNothingIsNamed) {
  const auto whole = expand(playbook(), "aws:access-key/A", kFindings, actions());
  ASSERT_TRUE(whole);
  EXPECT_THAT(whole->left_out, ElementsAre());
  const auto none = expand(playbook(), "aws:access-key/C", findings("[]"), actions());
  ASSERT_TRUE(none);
  EXPECT_THAT(wanted(*none), ElementsAre("deactivate aws:access-key/C"));
  EXPECT_THAT(none->left_out, ElementsAre("deny"));
}

TEST(Playbook, ForeignTextIsOnlyText) {
  for (const char* actor : {"aws:role/1/admin", "$(reboot)", "findings[]", "${now}", "", "x"}) {
    const auto hostile =
        findings(fmt::format(R"([{{"credential": "aws:access-key/A", "actor": "{}"}}])", actor));
    const auto expanded = expand(playbook(), "aws:access-key/A", hostile, actions());
    ASSERT_TRUE(expanded);
    EXPECT_THAT(wanted(*expanded), ElementsAre("deactivate aws:access-key/A")) << actor;
  }
  EXPECT_THAT(*targets_of(playbook(), findings(R"([{"actor_type": "user", "credential": [1]}])")),
              IsEmpty());
}

TEST(Playbook, AllMistakesAtOnce) {
  Diagnostics diagnostics;
  EXPECT_TRUE(read("name: x\ntitle: t\ntarget: aws:user\ntargets: 'nobody[]'\nmore: 1\n"
                   "steps:\n  - {do: nothing}\n  - {}\n  - {do: deny, to: 'a b'}\n",
                   diagnostics)
                  .empty());
  std::string all;
  for (const Diagnostic& each : diagnostics) all += std::string(each.code->id) + " ";
  EXPECT_EQ(diagnostics.size(), 6u) << all;
  EXPECT_THAT(all, HasSubstr("RSP005"));
}

// Which of them counts is for whoever makes one plan of several playbooks.
TEST(Playbook, SaysAgainWhatItsStepsSayAgain) {
  Diagnostics diagnostics;
  const Playbooks all = read(
      "name: x\ntitle: t\ndescription: w\ntarget: aws:role\nsteps:\n"
      "  - {do: revoke}\n  - {do: revoke, when: own.accounts}\n",
      diagnostics);
  ASSERT_TRUE(diagnostics.empty()) << diagnostics[0].message;
  PlaybookFacts facts = findings("[]");
  EXPECT_THAT(wanted(*expand(all.at("x"), "aws:role/1/a", facts, actions())),
              ElementsAre("revoke aws:role/1/a"));
  facts.own = findings(R"({"accounts": ["1"]})").findings;
  EXPECT_THAT(wanted(*expand(all.at("x"), "aws:role/1/a", facts, actions())),
              ElementsAre("revoke aws:role/1/a", "revoke aws:role/1/a"));
}

TEST(Playbook, TellsAnActionWhatItTakes) {
  Diagnostics diagnostics;
  const Playbooks all = read(kTelling, diagnostics);
  ASSERT_TRUE(diagnostics.empty()) << diagnostics[0].message;
  const auto expanded = expand(all.at("telling"), "aws:access-key/A", kFindings, actions());
  ASSERT_TRUE(expanded) << expanded.error().message();
  ASSERT_EQ(expanded->wanted.size(), 1u);
  EXPECT_EQ(expanded->wanted[0].given.at("reason"), "AssumeRole");
  // What is no text says nothing.
  const auto none = expand(all.at("telling"), "aws:access-key/A",
                           findings(R"([{"action": 7, "targets": ["aws:role/1/a"]}])"), actions());
  ASSERT_TRUE(none && none->wanted.size() == 1u);
  EXPECT_THAT(none->wanted[0].given, IsEmpty());

  std::string wrong = kTelling;
  wrong.replace(wrong.find("reason"), 6, "season");
  EXPECT_TRUE(read(wrong, diagnostics).empty());
  EXPECT_THAT(diagnostics[0].message, HasSubstr("season"));
}

}  // namespace
}  // namespace stanch::respond
