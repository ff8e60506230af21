#include "respond/cases/cases.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <sstream>

namespace stanch::respond {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr const char* kAction = R"yaml(name: aws.iam.test
title: A title
description: A description.
phase: contain
class: reversible
target: aws:user
parameters: {why: {what: Why.}, sid: {what: A name., default: Ours}}
region: global
observe:
  user: {call: iam.GetUser, with: {UserName: "${target.name}"}, absent: [NoSuchEntity]}
  keys: {page: iam.ListAccessKeys, with: {UserName: "${target.name}"}, when: user}
  used:
    call: iam.GetAccessKeyLastUsed
    for_each: "keys.AccessKeyMetadata[].AccessKeyId || `[]`"
    with: {AccessKeyId: "${item}"}
state:
  exists: "user != `null`"
  keys: "keys.AccessKeyMetadata[].{id: AccessKeyId, status: Status, made: CreateDate}"
  used: "used[].answer.UserName"
hits: ["state.used && join('/', ['aws:user', target.account, state.used[0]])"]
needs:
  - {that: state.exists, else: There is no such user.}
done: "length(state.keys[?status == 'Active'] || `[]`) == `0`"
change:
  stop:
    call: iam.UpdateAccessKey
    for_each: "state.keys[?status == 'Active']"
    with: {UserName: "${target.name}", AccessKeyId: "${item.id}", Status: Inactive}
    safe: desired-state
  note:
    call: iam.PutUserPolicy
    with: {
UserName:
  "${target.name}", PolicyName : "${own.name}", PolicyDocument : {
  json: {
  At:
    "${now}"
  }
  }
}
    safe: own-name
verify: {that: "length(state.keys[?status == 'Active']) == `0`", within: 60s}
watch: {that: "length(state.keys[?status == 'Active']) == `0`"}
undo:
  same: [keys]
  change:
    start:
      call: iam.UpdateAccessKey
      for_each: "saved.keys[?status == 'Active']"
      with: {UserName: "${target.name}", AccessKeyId: "${item.id}", Status: Active}
      safe: desired-state
  verify: {that: "state.keys == saved.keys", within: 60s}
)yaml";

const Action& action() {
  static const Action made = [] {
    Diagnostics diagnostics;
    auto read = read_action("test.yaml", kAction, diagnostics);
    for (const Diagnostic& diagnostic : diagnostics) ADD_FAILURE() << to_text(diagnostic);
    return std::move(*read);
  }();
  return made;
}

constexpr const char* kOfAll = R"(target: {id: aws:user/111122223333/eve}
given: {why: a test}
answers:
  user: {User: {}}
  keys: {AccessKeyMetadata: [{AccessKeyId: A, Status: Active}, {AccessKeyId: B, Status: Inactive}]}
  used: [{UserName: eve}, {UserName: eve}]
cases:
- name: it
)";

// What comes of one case, of which `members` are the further lines.
std::vector<std::string> failures(const std::string& members) {
  Diagnostics diagnostics;
  const auto cases = read_cases(action(), "test.cases.yaml", kOfAll + members, diagnostics);
  for (const Diagnostic& diagnostic : diagnostics) ADD_FAILURE() << to_text(diagnostic);
  std::vector<std::string> texts;
  for (const CaseFailure& failure : run_case(action(), cases.at(0))) {
    EXPECT_GT(failure.line, 0u);
    texts.push_back(failure.what + ": " + failure.expected + " / " + failure.came);
  }
  return texts;
}

TEST(Cases, PassWhereAllIsAsTheySay) {
  EXPECT_THAT(
      failures(R"(  reads: {user: {UserName: eve}, used: [{AccessKeyId: A}, {AccessKeyId: B}]}
  state: {exists: true, keys: [{id: A, status: Active}, {id: B, status: Inactive}]}
  hits: [aws:user/111122223333/eve]
  done: false
  calls:
  - {call: iam.UpdateAccessKey, account: "111122223333", with: {UserName: eve, AccessKeyId: A, Status: Inactive}}
  - {call: iam.PutUserPolicy, with: {UserName: eve, PolicyName: "${own.name}", PolicyDocument: {json: {At: "${now}"}}}}
  verified: false
  holds: false
)"),
      IsEmpty());
  EXPECT_THAT(failures("  answers: {user: {error: NoSuchEntity}}\n  lacks: no such user\n"),
              IsEmpty());
  EXPECT_THAT(failures("  answers: {user: {error: AccessDenied}}\n  fails: AccessDenied\n"),
              IsEmpty());
}

TEST(Cases, FailAtEachThingThatIsOtherwise) {
  const struct {
    const char *name, *members, *failure;
  } cases[] = {
      {"state", "  state: {exists: false}\n", "state.exists: false / true"},
      {"reads", "  reads: {user: {UserName: bob}}\n",
       R"(reads.user: {"UserName": "bob"} / {"UserName": "eve"})"},
      {"hits", "  hits: []\n", R"(hits: [] / ["aws:user/111122223333/eve"])"},
      {"done", "  done: true\n", "done: true / false"},
      {"verified", "  verified: true\n", "verified: true / false"},
      {"holds", "  holds: true\n", "holds: true / false"},
      {"lacks", "  lacks: no such user\n", "lacks: no such user / it can be done"},
      {"other reason", "  answers: {user: {error: NoSuchEntity}}\n  lacks: no such key\n",
       "lacks: no such key / There is no such user."},
      {"reason unforeseen", "  answers: {user: {error: NoSuchEntity}}\n  calls: []\n",
       "calls: that it can be done / There is no such user."},
      {"failure unforeseen", "  answers: {user: {error: Throttled}}\n  done: true\n",
       "observe: a state / user: Throttled"},
      {"failure missing", "  fails: AccessDenied\n", "fails: AccessDenied / it was read"},
      {"not asked", "  answers: {user: {error: NoSuchEntity}, keys: {}}\n  lacks: no such user\n",
       "answers.keys: to be asked for / it was not"},
      {"asked too often", "  answers: {used: [{}]}\n  done: false\n",
       R"(answers.used: an answer / none to iam.GetAccessKeyLastUsed {"AccessKeyId": "B"})"},
      {"asked too rarely", "  answers: {used: [{}, {}, {}]}\n  done: false\n",
       "answers.used: to be asked 3 times / it was 2 times"},
      {"undo", "  saved: {keys: []}\n  left: {keys: []}\n  undo: {calls: []}\n",
       "undo: to go on / it stops: keys is not what the change left"},
      {"undo goes on", "  saved: {keys: []}\n  undo: {changed: keys}\n",
       "undo.changed: keys / it goes on: nobody changed anything"},
      {"undo done", "  saved: {keys: []}\n  undo: {done: true}\n", "undo.done: true / false"},
  };
  for (const auto& each : cases) {
    SCOPED_TRACE(each.name);
    EXPECT_THAT(failures(each.members), ElementsAre(each.failure));
  }
}

TEST(Cases, SayWhichCallAndWhichParameterDiffers) {
  EXPECT_THAT(failures(R"(  calls:
  - {call: iam.UpdateAccessKey, region: eu, with: {UserName: eve, AccessKeyId: B, Status: Inactive, More: 1}}
  - {call: iam.PutUserPolicy, with: {UserName: eve, PolicyName: "${own.name}", PolicyDocument: {json: {At: now}}}}
  - {call: iam.DeleteUser, with: {UserName: eve}}
)"),
              ElementsAre("calls[0] iam.UpdateAccessKey, region: eu / ",
                          R"(calls[0] iam.UpdateAccessKey, AccessKeyId: "B" / "A")",
                          "calls[0] iam.UpdateAccessKey, More: 1 / nothing",
                          R"(calls[1] iam.PutUserPolicy, PolicyDocument: {json: {"At": "now"}} / )"
                          R"({json: {"At": "${now}"}})",
                          R"(calls[2]: iam.DeleteUser {"UserName": "eve"} / no call)"));
  EXPECT_THAT(failures("  calls: []\n"),
              ElementsAre(HasSubstr("calls[0]: no further call / iam.U"),
                          HasSubstr("calls[1]: no further call / iam.P")));
}

// Text that only looks like what the executor fills in is not that.
TEST(Cases, TakeAHoleForNoText) {
  const auto found = failures(R"(  calls:
  - {call: iam.UpdateAccessKey, with: {UserName: eve, AccessKeyId: A, Status: Inactive}}
  - {call: iam.PutUserPolicy, with: {UserName: eve, PolicyName: "${own.name}", PolicyDocument: {json: {At: "${'${now}'}"}}}}
)");
  EXPECT_THAT(found, ElementsAre(HasSubstr("calls[1] iam.PutUserPolicy: ")));
}

TEST(Cases, OfAFileWithMistakesAreSaidAllAtOnce) {
  const struct {
    const char *name, *text, *message;
  } cases[] = {
      {"syntax", "cases: [\n", ""},
      {"none", "cases: []\n", "at least one"},
      {"unknown", "case: 1\n", "there is no member 'case'"},
      {"another target", "target: {id: aws:role/111122223333/deploy}, done: true",
       "aws.iam.test is for aws:user, and aws:role/111122223333/deploy is aws:role"},
      {"a parameter untold", "done: true", "was not told 'why'"},
      {"nothing expected", "answers: {user: {}}", "the case expects nothing, so it cannot fail"},
      {"an undo that expects nothing", "saved: {exists: true}, undo: {}", "'undo' expects nothing"},
      {"a state that names nothing", "state: {}", "'state' names nothing"},
      {"an empty reason", "lacks: ''", "a text belongs here"},
      {"no read", "answers: {group: {}}, done: true", "reads no 'group'"},
      {"no state", "state: {nothing: 1}", "keeps no 'nothing' in its state"},
      {"no parameter", "given: {who: eve}, done: true", "takes no 'who'"},
      {"no truth", "done: yes", "true or false belongs here"},
      {"no list of answers", "answers: {used: {}}, done: true", "an answer for each item"},
      {"no call", "calls: [{with: {}}]", "'call' is missing"},
      {"an expression", "state: {exists: '${state.exists}'}", "state"},
      {"undo without saved", "undo: {done: true}", "'saved' is missing"},
      {"left without undo", "left: {exists: true}, done: true", "'left' counts for 'undo' alone"},
      {"sealed", "sealed: true", "has no 'sealed'"},
      {"done though it lacks", "lacks: x, done: true", "what cannot be done"},
      {"change and more", "saved: {exists: true}, undo: {changed: keys, done: true}",
       "what stops at a change does nothing else"},
  };
  for (const auto& each : cases) {
    SCOPED_TRACE(each.name);
    const std::string text(each.text);
    const bool is_whole = text.ends_with('\n');
    Diagnostics diagnostics;
    read_cases(
        action(), "test.cases.yaml",
        is_whole ? text
                 : "target: {id: aws:user/111122223333/eve}\ncases:\n- {name: it, " + text + "}\n",
        diagnostics);
    ASSERT_FALSE(diagnostics.empty());
    EXPECT_TRUE(std::ranges::any_of(diagnostics, [&](const Diagnostic& diagnostic) {
      return diagnostic.message.contains(each.message);
    })) << to_text(diagnostics[0]);
  }
  Diagnostics both;
  read_cases(action(), "x",
             "target: {id: aws:role/111122223333/deploy}\ngiven: {why: x}\ncases:\n"
             "- {name: a, done: 1}\n- {name: a, holds: true}\n",
             both);
  std::vector<std::string> said;
  for (const Diagnostic& each : both) said.push_back(each.message);
  EXPECT_THAT(said, ElementsAre(HasSubstr("is for aws:user"), "true or false belongs here",
                                "there are two cases 'a'"));
}

TEST(Cases, OfTheGuidePass) {
  std::ifstream file(STANCH_SOURCE_DIR "/docs/WRITING-ACTIONS.md");
  std::stringstream guide;
  guide << file.rdbuf();
  std::vector<std::string> blocks;
  const std::string text = guide.str(), begin = "```yaml\n", end = "```\n";
  for (size_t at = text.find(begin); at != text.npos; at = text.find(begin, at)) {
    at += begin.size();
    blocks.push_back(text.substr(at, text.find(end, at) - at));
  }
  ASSERT_EQ(blocks.size(), 2u);
  Diagnostics diagnostics;
  const auto of_guide = read_action("guide.yaml", blocks[0], diagnostics);
  ASSERT_TRUE(of_guide);
  const auto cases = read_cases(*of_guide, "guide.cases.yaml", blocks[1], diagnostics);
  for (const Diagnostic& diagnostic : diagnostics) ADD_FAILURE() << to_text(diagnostic);
  EXPECT_EQ(cases.size(), 3u);
  for (const Case& each : cases) {
    for (const CaseFailure& failure : run_case(*of_guide, each)) {
      ADD_FAILURE() << failure.what << ": " << failure.expected << " / " << failure.came;
    }
  }
}

}  // namespace
}  // namespace stanch::respond
