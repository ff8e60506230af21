#include "respond/plan/make.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <utility>

#include "codec/json.h"

namespace stanch::respond {
namespace {

using codec::JsonValue;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr std::string_view kText = R"(
name: aws.test.tell
title: A title
description: A description.
phase: contain
class: disruptive
target: aws:user
parameters:
  owner: {what: Whose it is.}
  home: {what: Where., default: eu-west-1}
region: home
observe:
  keys:
    page: iam.ListAccessKeys
    account: owner
    with: {UserName: "${target.name}"}
  used:
    call: iam.GetAccessKeyLastUsed
    for_each: keys.AccessKeyMetadata[].AccessKeyId
    with: {AccessKeyId: "${item}"}
state:
  used: "used[].[item, answer.UserName]"
done: "`false`"
change:
  change:
    call: iam.UpdateAccessKey
    account: owner
    with: {AccessKeyId: "${given.home}", Status: Inactive}
    safe: desired-state
verify: {that: state.used}
irreversible: It is a test.
)";

constexpr const char *k1 = "111111111111", *k2 = "222222222222";

const Actions& actions() {
  static const Actions kActions = [] {
    Diagnostics diagnostics;
    const ActionText text{"a.yaml", std::string(kText)};
    Actions actions = read_actions({&text, 1}, diagnostics);
    EXPECT_TRUE(diagnostics.empty()) << to_text(diagnostics[0]);
    return actions;
  }();
  return kActions;
}

// Answers by the operation, and keeps what was asked of it.
class Answers : public cloud::Caller {
 public:
  cloud::Called call(const cloud::Call& call) override {
    asked.push_back(fmt::format("{} {} {} {}", call.operation, call.account, call.region,
                                call.parameters["AccessKeyId"].text_or_empty()));
    codec::JsonParser parser;
    const std::string text =
        call.operation == "ListAccessKeys"
            ? R"({"AccessKeyMetadata": [{"AccessKeyId": "a"}, {"AccessKeyId": "b"}]})"
            : fmt::format(R"({{"UserName": "of {}"}})",
                          call.parameters["AccessKeyId"].text_or_empty());
    return {.answer = cloud::Answer{JsonValue::of(parser.parse(text)), ""}, .refusal = {}};
  }
  Duration signature_holds(const cloud::Call&) const override { return {}; }

  std::vector<std::string> asked;
};

Result<Plan> made(std::map<std::string, std::string> given,
                  std::map<std::string, std::string> parameters, Answers& answers) {
  const PlanRequest request{
      .incident = model::IncidentId("inc-x"),
      .wanted = {{"aws.test.tell", {"aws:user/111122223333/eve", "", "", std::move(given)}}},
      .parameters = std::move(parameters)};
  return make_plan(request, actions(), [](const Target&) { return false; }, answers);
}

TEST(MakePlan, TellsWhatWasSaidForItThenWhatIsUsual) {
  using Given = std::map<std::string, std::string>;
  struct {
    Given said, usual, told;
  } rows[] = {
      {{{"owner", k1}}, {}, {{"owner", k1}, {"home", "eu-west-1"}}},
      {{}, {{"owner", k2}, {"other", "x"}}, {{"owner", k2}, {"home", "eu-west-1"}}},
      {{{"owner", k1}, {"more", "x"}},
       {{"owner", k2}, {"home", "h"}},
       {{"owner", k1}, {"home", "h"}}},
  };
  for (const auto& [said, usual, told] : rows) {
    Answers answers;
    const auto plan = made(said, usual, answers);
    ASSERT_TRUE(plan) << plan.error().message();
    EXPECT_EQ(plan->steps[0].target.given, told);
    EXPECT_THAT(plan->steps[0].lacks, IsEmpty());
  }
}

TEST(MakePlan, AStepOfWhichNobodySaidAllCannotBeDone) {
  Answers answers;
  const auto plan = made({}, {}, answers);
  ASSERT_TRUE(plan) << plan.error().message();
  EXPECT_THAT(plan->steps[0].lacks, ElementsAre(HasSubstr("owner: Whose it is.")));
  EXPECT_THAT(plan->steps[0].calls, IsEmpty());
  EXPECT_THAT(answers.asked, IsEmpty()) << "nobody knows where to look";
}

TEST(MakePlan, WhatCannotBeWhatItIsForIsSaid) {
  for (const char* const owner : {"notanaccount", "1111222233334", "../x"}) {
    Answers answers;
    const auto plan = made({{"owner", owner}}, {}, answers);
    ASSERT_TRUE(plan) << plan.error().message();
    EXPECT_THAT(plan->steps[0].lacks, ElementsAre(HasSubstr("twelve digits")));
    EXPECT_THAT(answers.asked, IsEmpty());
  }
  Answers answers;
  const auto plan =
      made({{"owner", "111122223333"}, {"home", std::string(3000, 'x')}}, {}, answers);
  EXPECT_THAT(plan->steps[0].lacks, ElementsAre(HasSubstr("more than")));
}

TEST(MakePlan, CallsGoWhereParametersSay) {
  Answers answers;
  const auto plan = made({{"owner", "999988887777"}}, {}, answers);
  ASSERT_TRUE(plan) << plan.error().message();
  EXPECT_THAT(answers.asked, ElementsAre("ListAccessKeys 999988887777 eu-west-1 ",
                                         "GetAccessKeyLastUsed 111122223333 eu-west-1 a",
                                         "GetAccessKeyLastUsed 111122223333 eu-west-1 b"));
  codec::JsonParser parser;
  EXPECT_EQ(plan->steps[0].state["used"],
            JsonValue::of(parser.parse(R"([["a", "of a"], ["b", "of b"]])")));
  ASSERT_EQ(plan->steps[0].calls.size(), 1u);
  EXPECT_EQ(plan->steps[0].calls[0].account, "999988887777");
  EXPECT_EQ(plan->steps[0].calls[0].region, "eu-west-1");
}

TEST(MakePlan, WhatIsToldOtherwiseIsHeldApart) {
  Answers answers;
  const auto one = made({{"owner", k1}}, {}, answers), two = made({{"owner", k2}}, {}, answers);
  ASSERT_TRUE(one && two);
  EXPECT_NE(aspect_of(one->steps[0]), aspect_of(two->steps[0]));
  const auto name = [](const Plan& plan) {
    return own_value(plan.incident, plan.steps[0].action, plan.steps[0].target)["name"];
  };
  EXPECT_NE(name(*one), name(*two)) << "one would take away what is the other's";
}

}  // namespace
}  // namespace stanch::respond
