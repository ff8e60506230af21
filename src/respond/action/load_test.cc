#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "codec/hash.h"
#include "respond/action/action.h"
#include "respond/action/lint.h"
#include "respond/action/permissions.h"

namespace stanch::respond {
namespace {

namespace fs = std::filesystem;

std::string read(const fs::path& path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

TEST(Actions, OfTheContentAreWithoutAMistake) {
  size_t count = 0;
  for (const auto& entry :
       fs::recursive_directory_iterator(fs::path(STANCH_SOURCE_DIR) / "content/actions")) {
    const std::string name = entry.path().filename();
    if (!name.ends_with(".yaml") || name.ends_with(".cases.yaml")) continue;
    ++count;
    Diagnostics diagnostics;
    const std::string path = entry.path().filename();
    const auto action = read_action(path, read(entry.path()), diagnostics);
    for (const Diagnostic& diagnostic : diagnostics) ADD_FAILURE() << to_text(diagnostic);
    ASSERT_TRUE(action) << path;
    const std::string folder = entry.path().parent_path().filename();
    EXPECT_TRUE(action->name.starts_with(folder + ".")) << path;
    EXPECT_FALSE(action->pitfalls.empty()) << path;
    // Whoever approves reads it: whole sentences.
    EXPECT_TRUE(action->description.ends_with('.')) << path;
    // What changes something can be undone, or says why not.
    const bool changes = action->risk != RiskClass::kRead;
    EXPECT_EQ(changes, !action->change.empty()) << path;
    EXPECT_EQ(changes, action->undo || !action->irreversible.empty()) << path;
  }
  EXPECT_GE(count, 28u);
}

TEST(Actions, OfTheGuideIsWithoutAMistake) {
  const std::string guide = read(fs::path(STANCH_SOURCE_DIR) / "docs/WRITING-ACTIONS.md");
  const std::string begin = "```yaml\n";
  const size_t from = guide.find(begin) + begin.size();
  Diagnostics diagnostics;
  const auto action =
      read_action("guide.yaml", guide.substr(from, guide.find("```\n", from) - from), diagnostics);
  for (const Diagnostic& diagnostic : diagnostics) ADD_FAILURE() << to_text(diagnostic);
  ASSERT_TRUE(action);
  EXPECT_EQ(action->name, "aws.iam.deactivate-user-keys");
}

std::string good() {
  return R"(name: aws.test.good
title: A title
description: A description.
phase: contain
class: reversible
target: aws:access-key
pitfalls: [one]
region: global
observe:
  used:
    call: iam.GetAccessKeyLastUsed
    with: {AccessKeyId: "${target.name}"}
  keys:
    page: iam.ListAccessKeys
    with: {UserName: "${used.UserName}"}
    when: used.UserName
state:
  user: used.UserName
  status: "keys.AccessKeyMetadata[?AccessKeyId == $target.name].Status | [0]"
needs:
  - {that: state.user, else: There is none.}
done: state.status == 'Inactive'
change:
  deactivate:
    call: iam.UpdateAccessKey
    with: {UserName: "${state.user}", AccessKeyId: "${target.name}", Status: Inactive}
    safe: desired-state
verify: {that: state.status == 'Inactive', within: 60s}
watch: {that: state.status == 'Inactive'}
undo:
  same: [status]
  change:
    activate:
      call: iam.UpdateAccessKey
      with: {AccessKeyId: "${target.name}", Status: "${saved.status}"}
      safe: desired-state
  verify: {that: state.status == saved.status, within: 5m}
  restores_access: true
)";
}

std::string replaced(std::string text, const std::string& what, const std::string& by) {
  const size_t at = text.find(what);
  EXPECT_NE(at, std::string::npos) << what;
  return text.replace(at, what.size(), by);
}

TEST(Actions, AreReadAsTheyAreWritten) {
  Diagnostics diagnostics;
  const auto action = read_action("a.yaml", good(), diagnostics);
  ASSERT_TRUE(diagnostics.empty()) << to_text(diagnostics[0]);
  EXPECT_EQ(action->name, "aws.test.good");
  EXPECT_EQ(action->phase, Phase::kContain);
  EXPECT_EQ(action->risk, RiskClass::kReversible);
  EXPECT_TRUE(action->is_global);
  ASSERT_EQ(action->observe.size(), 2u);
  EXPECT_FALSE(action->observe[0].all_pages);
  EXPECT_TRUE(action->observe[1].all_pages);
  EXPECT_TRUE(action->observe[1].when);
  ASSERT_EQ(action->change.size(), 1u);
  EXPECT_EQ(action->change[0].name.operation, "UpdateAccessKey");
  EXPECT_EQ(action->change[0].repeat, Repeat::kDesiredState);
  EXPECT_EQ(action->verify->within, std::chrono::seconds(60));
  ASSERT_TRUE(action->undo);
  EXPECT_EQ(action->undo->same, std::vector<std::string>{"status"});
  EXPECT_TRUE(action->undo->restores_access);
}

TEST(Actions, SayWhatCanNeverComeTrue) {
  Diagnostics diagnostics;
  const std::string text =
      replaced(good(), "within: 60s}\nwatch:",
               "within: 60s, never: \"!state.status && 'It is gone.'\"}\n"
               "sealed: {that: state.status, never: \"!state.status\"}\nwatch:");
  const auto action = read_action("a.yaml", text, diagnostics);
  ASSERT_TRUE(action) << to_text(diagnostics[0]);
  EXPECT_TRUE(action->verify->never);
  EXPECT_TRUE(action->sealed->never);
  EXPECT_FALSE(action->undo->verify->never);
  for (const std::string& wrong : {replaced(text, "never: \"!state.status &&", "never: \"!keys &&"),
                                   replaced(text, "watch: {", "watch: {never: state.status, ")}) {
    diagnostics.clear();
    EXPECT_FALSE(read_action("a.yaml", wrong, diagnostics)) << wrong;
  }
}

TEST(Actions, SayWhatTheyHaveToBeTold) {
  Diagnostics diagnostics;
  const std::string told = replaced(good(), "region: global\n",
                                    "region: home\naccount: owner\nparameters:\n"
                                    "  owner: {what: Whose.}\n"
                                    "  home: {what: Where., default: eu-west-1}\n");
  const auto action =
      read_action("a.yaml", replaced(told, "'Inactive'", "given.owner"), diagnostics);
  ASSERT_TRUE(diagnostics.empty()) << to_text(diagnostics[0]);
  EXPECT_EQ(action->account, "owner");
  EXPECT_EQ(action->region, "home");
  EXPECT_FALSE(action->is_global);
  ASSERT_EQ(action->parameters.size(), 2u);
  EXPECT_EQ(action->parameters[0].what, "Whose.");
  EXPECT_FALSE(action->parameters[0].otherwise);
  EXPECT_EQ(action->parameters[1].otherwise, "eu-west-1");

  for (const std::string& wrong :
       {replaced(told, "account: owner", "account: other"), replaced(told, "home\n", "there\n"),
        replaced(told, "  owner:", "  Owner-1:"), replaced(told, "{what: Whose.}", "{}"),
        replaced(told, "call: iam.UpdateAccessKey", "call: iam.UpdateAccessKey\n    account: x")}) {
    diagnostics.clear();
    EXPECT_FALSE(read_action("a.yaml", wrong, diagnostics)) << wrong;
  }
}

TEST(Actions, SayWhatOfAnIdentityTheyCutOff) {
  struct {
    const char *target, *word;
    std::optional<CutsOff> cuts_off;
  } rows[] = {{"aws:access-key", "all", CutsOff::kAll},
              {"aws:role", "some", CutsOff::kSome},
              {"aws:role", "none", {}},
              {"aws:bucket", "all", {}},
              {"any", "all", {}}};
  for (const auto& [target, word, cuts_off] : rows) {
    Diagnostics diagnostics;
    const auto action = read_action("a.yaml",
                                    replaced(good(), "target: aws:access-key",
                                             fmt::format("target: {}\ncuts_off: {}", target, word)),
                                    diagnostics);
    ASSERT_EQ(action.has_value(), cuts_off.has_value()) << target << " " << word;
    if (action) {
      EXPECT_EQ(action->cuts_off, *cuts_off);
    }
  }
}

TEST(Actions, NeedNoProofOfWhatMayBeDoneOnce) {
  Diagnostics diagnostics;
  std::string text =
      replaced(good(), "verify: {that: state.status == 'Inactive', within: 60s}\n", "");
  EXPECT_FALSE(read_action("a.yaml", text, diagnostics));
  diagnostics.clear();
  text = replaced(text, "safe: desired-state", "safe: once\n    refused: answer.error");
  EXPECT_FALSE(read_action("a.yaml", text, diagnostics)) << "a watch would do it again";
  diagnostics.clear();
  const size_t undo = text.find("watch:");
  text = text.substr(0, undo) + "irreversible: It is done.\n";
  const auto action = read_action("a.yaml", text, diagnostics);
  ASSERT_TRUE(action) << to_text(diagnostics[0]);
  EXPECT_EQ(action->change[0].repeat, Repeat::kOnce);
  EXPECT_TRUE(action->change[0].refused);
}

TEST(Actions, KnowTheirFileByItsHash) {
  Diagnostics diagnostics;
  const auto action = read_action("a.yaml", good(), diagnostics);
  ASSERT_TRUE(action);
  EXPECT_EQ(action->version, codec::to_hex(codec::sha256(good())));
  EXPECT_EQ(action->place.file, "a.yaml");
  EXPECT_EQ(action->place.line, 1u);
  EXPECT_EQ(action->place.column, 7u);
}

TEST(Actions, AreReadThoughOthersAreWrong) {
  const ActionText texts[] = {
      {"a.yaml", good()},
      {"b.yaml", "a: ["},
      {"c.yaml", replaced(good(), "name: aws.test.good", "# the same\nname: aws.test.good")},
      {"d.yaml", replaced(good(), "aws.test.good", "aws.test.other")}};
  Diagnostics diagnostics;
  const Actions actions = read_actions(texts, diagnostics);
  ASSERT_EQ(actions.size(), 2u);
  EXPECT_EQ(actions.at("aws.test.good").place.file, "a.yaml");
  EXPECT_EQ(actions.at("aws.test.other").place.file, "d.yaml");
  EXPECT_EQ(diagnostics.front().place.file, "b.yaml");
  EXPECT_EQ(to_text(diagnostics.back()),
            "c.yaml:2:7: error ACT011 action-twice: a.yaml:1 is called 'aws.test.good' too\n"
            "     2 | name: aws.test.good\n"
            "       |       ^\n"
            "       = Rename one, or replace the file of the other.\n");
}

// A name that no action had was evidence that no plan could ask for, or an order that nobody kept.
TEST(Actions, NameActionsThatAreThere) {
  const ActionText texts[] = {
      {"a.yaml", good() + "evidence:\n  - aws.test.othr\n  - aws.test.beside\n"},
      {"b.yaml", replaced(good(), "aws.test.good", "aws.test.other") +
                     "prepared_by: [aws.test.good, aws.none.at-all]\nholds_up: [aws.test.god]\n"}};
  Diagnostics diagnostics;
  const Actions actions = read_actions(texts, diagnostics);
  ASSERT_EQ(actions.size(), 2u);
  Actions beside;
  beside.emplace("aws.test.beside", Action{});
  check_names(actions, texts, beside, diagnostics);
  ASSERT_EQ(diagnostics.size(), 3u);
  const size_t line = 1 + std::ranges::count(good(), '\n');
  EXPECT_EQ(to_text(diagnostics[0]),
            fmt::format("a.yaml:{0}:5: error ACT012 action-named: 'evidence': there is no action "
                        "aws.test.othr\n"
                        "{0:>6} |   - aws.test.othr\n"
                        "       |     ^\n"
                        "       = did you mean 'aws.test.other'?\n",
                        line + 1));
  EXPECT_EQ(diagnostics[1].message, "'prepared_by': there is no action aws.none.at-all");
  EXPECT_EQ(diagnostics[1].hint, "'stanch actions list' names them.");
  EXPECT_EQ(diagnostics[2].message, "'holds_up': there is no action aws.test.god");
  EXPECT_EQ(diagnostics[2].hint, "did you mean 'aws.test.good'?");
}

// Calls were looked at only once all the rest was right, so a new action failed twice.
TEST(Actions, AllMistakesAreToldAtOnce) {
  std::string text = replaced(good(), "title: A title", "titel: A title");
  text = replaced(text, "iam.UpdateAccessKey", "iam.UpdateKey");
  text = replaced(text, "verify: {that: state.status ==", "verify: {that: other.status ==");
  text = replaced(text, "  same: [status]\n", "");
  Diagnostics diagnostics;
  EXPECT_FALSE(read_action("a.yaml", text, diagnostics));
  std::vector<std::string_view> codes;
  for (const Diagnostic& diagnostic : diagnostics) codes.push_back(diagnostic.code->id);
  EXPECT_EQ(codes,
            (std::vector<std::string_view>{"ACT003", "ACT002", "ACT006", "ACT005", "ACT008"}));
}

TEST(Actions, PermissionsFollowFromTheCalls) {
  Diagnostics diagnostics;
  const auto action = read_action("a.yaml", good(), diagnostics);
  ASSERT_TRUE(action);
  const Permissions permissions = permissions_of(*action);
  EXPECT_EQ(permissions.read,
            (std::vector<std::string>{"iam:GetAccessKeyLastUsed", "iam:ListAccessKeys"}));
  EXPECT_EQ(permissions.write, std::vector<std::string>{"iam:UpdateAccessKey"});
  EXPECT_TRUE(permissions.unknown.empty());
}

TEST(Actions, MistakesAreToldWhereTheyAre) {
  const struct {
    const char* name;
    std::string text;
    const char* code;
    uint32_t line;
    const char* what;
  } cases[] = {
      {"not YAML", "a: [", "ACT001", 1, ""},
      {"empty", "", "ACT001", 0, "nothing"},
      {"not a map", "- a", "ACT004", 1, "is a map"},
      {"unknown member", replaced(good(), "title:", "titel:"), "ACT002", 2, "'titel'"},
      {"missing member", replaced(good(), "title: A title\n", ""), "ACT003", 1, "'title'"},
      {"a name that moves the cursor",
       replaced(good(), "name: aws.test.good", "name: \"aws.test.\\e[2J\""), "ACT004", 1,
       "names no action"},
      {"a name without a service", replaced(good(), "aws.test.good", "good"), "ACT004", 1,
       "'good' names no action"},
      {"no type", replaced(good(), "aws:access-key", "AWS::IAM::AccessKey"), "ACT004", 6,
       "is no type of an entity"},
      {"an empty text", replaced(good(), "A title", "\"\""), "ACT004", 2, "'title' is empty"},
      {"an undo of nothing",
       replaced(good(),
                good().substr(good().find("    activate:"),
                              good().find("  verify: {that: state.status == saved") -
                                  good().find("    activate:")),
                "    {}\n"),
       "ACT009", 33, "'undo' changes nothing"},
      {"no such phase", replaced(good(), "phase: contain", "phase: destroy"), "ACT004", 4,
       "'destroy' is no phase"},
      {"no such repeat", replaced(good(), "safe: desired-state", "safe: hope"), "ACT004", 27,
       "'hope' is no safe"},
      {"no JMESPath", replaced(good(), "user: used.UserName", "user: used."), "ACT005", 18,
       "ends too early"},
      {"an answer where only the state is",
       replaced(good(), "that: state.user", "that: used.UserName"), "ACT005", 21,
       "used is not at hand"},
      {"what was saved, before anything was", replaced(good(), "done: state.", "done: saved."),
       "ACT005", 22, "saved is not at hand"},
      {"no such operation", replaced(good(), "iam.UpdateAccessKey", "iam.UpdateKey"), "ACT006", 25,
       "no iam.UpdateKey"},
      {"pages of what has none", replaced(good(), "call: iam.GetAcc", "page: iam.GetAcc"), "ACT006",
       11, "answers one page"},
      {"no such parameter", replaced(good(), "Status: Inactive}", "State: Inactive}"), "ACT007", 26,
       "no parameter 'State'"},
      {"a parameter is missing", replaced(good(), ", Status: Inactive}", "}"), "ACT007", 24,
       "'Status' is missing"},
      {"undo that overwrites", replaced(good(), "  same: [status]\n", ""), "ACT008", 31,
       "overwrite what others"},
      {"no way back", good().substr(0, good().find("undo:")), "ACT009", 1, "neither"},
      {"no watch", replaced(good(), "watch: {that: state.status == 'Inactive'}\n", ""), "ACT010", 1,
       "nothing is watched"},
      {"no verification",
       replaced(good(), "verify: {that: state.status == 'Inactive', within: 60s}\n", ""), "ACT010",
       1, "nothing verifies that it took effect"},
      {"no time", replaced(good(), "within: 60s", "within: soon"), "ACT004", 28,
       "'soon' is no time"},
      {"not kept", replaced(good(), "same: [status]", "same: [other]"), "ACT004", 31,
       "'other' is not kept"},
  };
  for (const auto& each : cases) {
    Diagnostics diagnostics;
    EXPECT_FALSE(read_action("a.yaml", each.text, diagnostics)) << each.name;
    bool told = false;
    for (const Diagnostic& diagnostic : diagnostics) {
      told = told || (diagnostic.code->id == each.code && diagnostic.place.line == each.line &&
                      diagnostic.message.find(each.what) != std::string::npos);
    }
    EXPECT_TRUE(told) << each.name << ": "
                      << (diagnostics.empty() ? "nothing" : to_text(diagnostics[0]));
  }
}

}  // namespace
}  // namespace stanch::respond
