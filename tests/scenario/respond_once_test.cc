// Calls that may be done once, and that nothing shows afterwards: no crash and no lost answer makes
// a second one, unless a person asks for it.

#include <gtest/gtest.h>

#include <map>

#include "respond_story.h"

namespace stanch::scenario {
namespace {

using respond::StepEnd;

constexpr std::string_view kOnce = R"(
name: aws.iam.tell-once
title: A call that may be done once
description: Words.
phase: inform
class: disruptive
target: aws:user
region: global
observe:
  user: {call: iam.GetUser, with: {UserName: "${target.name}"}, absent: [NoSuchEntity]}
state: {exists: "user != `null`"}
needs: [{that: state.exists, else: There is no such user.}]
done: "`false`"
change:
  tell:
    call: iam.PutUserPolicy
    with: {UserName: "${target.name}", PolicyName: told, PolicyDocument: "{}"}
    safe: once
    refused: answer.NoSuchMember
irreversible: What was told was told.
)";

respond::Actions with_action(const std::string& text) {
  respond::Actions all = read_actions();
  Diagnostics diagnostics;
  auto once = respond::read_action("once.yaml", text, diagnostics);
  EXPECT_TRUE(once) << to_text(diagnostics[0]);
  if (once) all.emplace("aws.iam.tell-once", std::move(*once));
  return all;
}
const respond::Actions& once_actions() {
  static const respond::Actions kActions = with_action(std::string(kOnce));
  return kActions;
}

Planned begin(Story& story, const respond::Actions& known = once_actions()) {
  story.known = &known;
  story.retries_failed = false;
  return story.plan({wish("aws.iam.tell-once", "user/111122223333/eve")});
}

TEST(RespondOnce, IsDoneOnce) {
  Story story(1);
  const Planned plan = begin(story);
  story.work(plan);
  EXPECT_TRUE(story.done) << story.tale();
  EXPECT_EQ(story.writes(), 1u);
  story.work(plan);
  EXPECT_TRUE(story.done);
  EXPECT_EQ(story.writes(), 1u) << "it was done again";
}

TEST(RespondOnce, ACrashAnywhereMakesNoSecondOne) {
  uint64_t calls = 0;
  {
    Story story(1);
    calls = story.work(begin(story)).calls;
  }
  each_crash(calls, [&](env::CrashAt crash) {
    Story story(1);
    const Planned plan = begin(story);
    story.work(plan, crash);
    for (int i = 0; i < 3; ++i) story.work(plan);
    EXPECT_LE(story.writes(), 1u) << story.tale();
    if (story.done) {
      EXPECT_EQ(story.writes(), 1u) << story.tale();
    } else {
      EXPECT_EQ(story.report("1").end, StepEnd::kFailed) << story.tale();
      EXPECT_NE(story.report("1").reason.find("Nobody knows"), std::string::npos) << story.tale();
    }
  });
}

TEST(RespondOnce, ALostAnswerIsForPeople) {
  for (const Fate::Kind kind : {Fate::Kind::kAnswerLost, Fate::Kind::kNeverArrives}) {
    Story story(1);
    const Planned plan = begin(story);
    size_t asked = 0;
    story.cloud.fate = [&](const cloud::Call& call, Time) -> Fate {
      if (!call.writes) return {};
      return {.kind = ++asked == 1 ? kind : Fate::Kind::kDone};
    };
    story.work(plan);
    EXPECT_EQ(story.report("1").end, StepEnd::kFailed) << story.tale();
    EXPECT_EQ(asked, 1u);
    story.work(plan);
    EXPECT_EQ(asked, 1u) << "nobody asked for it";
    story.retries_failed = true;
    story.work(plan);
    EXPECT_TRUE(story.done) << story.tale();
    EXPECT_EQ(asked, 2u);
  }
}

// Of two, what was answered is not done again with the other, however long ago it was.
TEST(RespondOnce, ARetryDoesOnlyWhatIsMissing) {
  std::string text(kOnce);
  text.replace(
      text.find("irreversible:"), 0,
      "  tell_more:\n    call: iam.PutUserPolicy\n    with: {UserName: \"${target.name}\", "
      "PolicyName: more, PolicyDocument: \"{}\"}\n    safe: once\n");
  const respond::Actions known = with_action(text);
  Story story(1);
  const Planned plan = begin(story, known);
  std::map<std::string, size_t> asked;
  story.cloud.fate = [&](const cloud::Call& call, Time) -> Fate {
    if (!call.writes) return {};
    const std::string name = call.parameters["PolicyName"].text_or_empty();
    return {.kind = ++asked[name] == 1 && name == "more" ? Fate::Kind::kDenied : Fate::Kind::kDone};
  };
  story.work(plan);
  EXPECT_EQ(story.report("1").end, StepEnd::kFailed) << story.tale();
  story.pass(std::chrono::minutes(30));
  story.retries_failed = true;
  story.work(plan);
  EXPECT_TRUE(story.done) << story.tale();
  EXPECT_EQ(asked["told"], 1u) << story.tale();
  EXPECT_EQ(asked["more"], 2u);
}

// What was refused was not done, so it may be asked again.
TEST(RespondOnce, WhatWasNotTakenIsSentAgain) {
  Story story(1);
  const Planned plan = begin(story);
  size_t asked = 0;
  story.cloud.fate = [&](const cloud::Call& call, Time) -> Fate {
    if (!call.writes) return {};
    return {.kind = ++asked < 3 ? Fate::Kind::kThrottled : Fate::Kind::kDone};
  };
  story.work(plan);
  EXPECT_TRUE(story.done) << story.tale();
  EXPECT_EQ(asked, 3u);
}

TEST(RespondOnce, AnAnswerMaySayThatItWasRefused) {
  std::string text(kOnce);
  text.replace(text.find("answer.NoSuchMember"), 19,
               "\"{code: 'NotReady', message: 'It starts.'}\"");
  const respond::Actions known = with_action(text);
  Story story(1);
  const Planned plan = begin(story, known);
  story.work(plan);
  EXPECT_EQ(story.report("1").end, StepEnd::kFailed) << story.tale();
  EXPECT_NE(story.report("1").reason.find("iam.PutUserPolicy: NotReady: It starts."),
            std::string::npos)
      << story.report("1").reason;
  EXPECT_EQ(story.said("answered").at(0)["answer"]["code"].text_or_empty(), "NotReady");
  story.work(plan);
  EXPECT_EQ(story.writes(), 1u);
}

TEST(RespondOnce, ARefusalInAnAnswerMaySayThatItIsSoAlready) {
  std::string text(kOnce);
  text.replace(text.find("answer.NoSuchMember"), 19,
               "\"{code: 'IsSo', message: 'It is.'}\"\n    already: [IsSo]");
  const respond::Actions known = with_action(text);
  Story story(1);
  const Planned plan = begin(story, known);
  story.work(plan);
  EXPECT_TRUE(story.done) << story.tale();
  EXPECT_EQ(story.writes(), 1u);
}

}  // namespace
}  // namespace stanch::scenario
