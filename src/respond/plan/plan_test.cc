#include "respond/plan/plan.h"

#include <gtest/gtest.h>

#include <functional>
#include <set>

namespace stanch::respond {
namespace {

using codec::JsonValue;

CallValue result(const char* call, const char* path) {
  return CallValue::hole({.kind = CallValue::Hole::Kind::kResult, .call = call, .path = path});
}
CallValue known(const char* text) { return CallValue::value(JsonValue(text)); }
CallValue object(CallValue value) {
  return CallValue::object({{"Groups", CallValue::list({std::move(value)})}});
}

Plan plan() {
  Plan plan;
  plan.incident = model::IncidentId("inc-x");
  plan.because = {"one", "two"};
  plan.envelope = {3, std::chrono::hours(1)};
  Step step;
  step.id = "1";
  step.action = "aws.ec2.isolate-instance";
  step.action_version = "v";
  step.target = {"aws:instance/1/i-1", "1", "eu-west-1", {{"reason", "x"}}};
  step.risk = RiskClass::kDisruptive;
  step.used = {"one", "two"};
  step.is_observed = true;
  step.state = JsonValue(JsonValue::Object{{"groups", JsonValue("${now}")}});
  PlannedCall call;
  call.id = "isolate.0";
  call.service = "ec2";
  call.operation = "ModifyNetworkInterfaceAttribute";
  call.account = "1";
  call.region = "eu-west-1";
  call.with = object(result("create", "GroupId"));
  call.repeat = Repeat::kOwnName;
  call.gone = {"X"};
  step.calls = {call};
  plan.steps = {step};
  return plan;
}

TEST(Plan, ComesBackAsItWas) {
  const std::string document = plan_document(plan());
  codec::JsonParser parser;
  const auto read = read_plan(JsonValue::of(parser.parse(document)));
  ASSERT_TRUE(read) << read.error().message();
  EXPECT_EQ(plan_document(*read), document);
  EXPECT_EQ(plan_hash(*read), plan_hash(plan()));
  EXPECT_EQ(read->steps[0].calls, plan().steps[0].calls);
}

// Whatever somebody could want to change after people approved it changes the hash.
TEST(Plan, TheHashCoversEverything) {
  const std::string before = plan_hash(plan());
  const std::function<void(Plan&)> changes[] = {
      [](Plan& p) { p.incident = model::IncidentId("inc-y"); },
      [](Plan& p) { p.mode = PlanMode::kUndo; },
      [](Plan& p) { p.playbook = "x"; },
      [](Plan& p) { p.because.pop_back(); },
      [](Plan& p) { p.contain_first = "x"; },
      [](Plan& p) { p.undoes = "x"; },
      [](Plan& p) { p.made += std::chrono::nanoseconds(1); },
      [](Plan& p) { p.steps.push_back(p.steps[0]); },
      [](Plan& p) { p.steps[0].id = "2"; },
      [](Plan& p) { p.steps[0].action = "x"; },
      [](Plan& p) { p.steps[0].action_version = "x"; },
      [](Plan& p) { p.steps[0].target.entity = "x"; },
      [](Plan& p) { p.steps[0].target.account = "x"; },
      [](Plan& p) { p.steps[0].target.region = "x"; },
      [](Plan& p) { p.steps[0].target.given.clear(); },
      [](Plan& p) { p.steps[0].target.given["reason"] = "y"; },
      [](Plan& p) { p.steps[0].risk = RiskClass::kRead; },
      [](Plan& p) { p.steps[0].because = {"x"}; },
      [](Plan& p) { p.steps[0].also_hits = {"x"}; },
      [](Plan& p) { p.steps[0].used = {"x"}; },
      [](Plan& p) { p.steps[0].after = {"x"}; },
      [](Plan& p) { p.steps[0].only_after = {"x"}; },
      [](Plan& p) { p.steps[0].restores_access = true; },
      [](Plan& p) { p.steps[0].is_evidence = true; },
      [](Plan& p) { p.steps[0].undoes = "x"; },
      [](Plan& p) { p.steps[0].within = "x"; },
      [](Plan& p) { p.envelope.reset(); },
      [](Plan& p) { p.envelope->targets_max = 9; },
      [](Plan& p) { p.envelope->lasts = std::chrono::hours(2); },
      [](Plan& p) { p.steps[0].is_observed = false; },
      [](Plan& p) { p.steps[0].state = {}; },
      [](Plan& p) { p.steps[0].saved = JsonValue(true); },
      [](Plan& p) { p.steps[0].left = JsonValue(true); },
      [](Plan& p) { p.steps[0].done = true; },
      [](Plan& p) { p.steps[0].lacks = {"x"}; },
      [](Plan& p) { p.steps[0].calls.clear(); },
      [](Plan& p) { p.steps[0].calls[0].id = "x"; },
      [](Plan& p) { p.steps[0].calls[0].service = "x"; },
      [](Plan& p) { p.steps[0].calls[0].operation = "x"; },
      [](Plan& p) { p.steps[0].calls[0].account = "x"; },
      [](Plan& p) { p.steps[0].calls[0].region = "x"; },
      [](Plan& p) { p.steps[0].calls[0].with = object(result("create", "Other")); },
      [](Plan& p) { p.steps[0].calls[0].with = object(known("${result.create.GroupId}")); },
      [](Plan& p) { p.steps[0].calls[0].repeat = Repeat::kMark; },
      [](Plan& p) { p.steps[0].calls[0].already = {"x"}; },
      [](Plan& p) { p.steps[0].calls[0].gone = {}; },
  };
  std::set<std::string> hashes = {before};
  for (size_t i = 0; i < std::size(changes); ++i) {
    Plan changed = plan();
    changes[i](changed);
    EXPECT_TRUE(hashes.insert(plan_hash(changed)).second) << "change " << i;
  }
}

TEST(Plan, DamagedDocumentsAreRefused) {
  const std::string document = plan_document(plan());
  codec::JsonParser parser;
  const JsonValue whole = JsonValue::of(parser.parse(document));
  for (const auto& [name, value] : whole.object()) {
    JsonValue without = whole;
    without.object().erase(name);
    EXPECT_EQ(read_plan(without).has_value(), name == "envelope") << name;
    JsonValue other = whole;
    other.object()[name] = JsonValue(true);
    EXPECT_FALSE(read_plan(other)) << name;
  }
  for (const auto& [name, value] : whole["steps"].array()[0].object()) {
    if (name == "state" || name == "saved" || name == "left") continue;
    JsonValue other = whole;
    other.object()["steps"].array()[0].object()[name] = JsonValue(int64_t{1});
    EXPECT_FALSE(read_plan(other)) << name;
  }
  EXPECT_FALSE(read_plan(JsonValue()));
}

// What an earlier call of the step makes is not known when people approve; all else is.
TEST(Plan, OnlyResultsMayBecomeSomething) {
  const PlannedCall planned = plan().steps[0].calls[0];
  const auto covered = [&](CallValue with) {
    PlannedCall now = planned;
    now.with = std::move(with);
    return covers(planned, now);
  };
  EXPECT_TRUE(covered(object(result("create", "GroupId"))));
  EXPECT_TRUE(covered(object(known("sg-1"))));
  EXPECT_FALSE(covered(object(result("other", "GroupId"))));
  EXPECT_FALSE(covered(CallValue::object({{"Groups", CallValue::list({})}})));
  EXPECT_FALSE(covered(CallValue::object({{"Others", CallValue::list({known("sg-1")})}})));
  PlannedCall elsewhere = planned;
  elsewhere.account = "2";
  EXPECT_FALSE(covers(planned, elsewhere));
  PlannedCall fixed = planned;
  fixed.with = object(known("sg-1"));
  PlannedCall other = planned;
  other.with = object(known("sg-2"));
  EXPECT_FALSE(covers(fixed, other));
}

// Detaching an instance took it out of some target groups, and taking it out of the rest was stale.
TEST(Plan, OfAListThatShrinksItemsMayBeMissing) {
  const auto call = [](const char* id, const char* group) {
    PlannedCall made = plan().steps[0].calls[0];
    made.id = id;
    made.with = object(known(group));
    return made;
  };
  Action action;
  for (const char* id : {"take", "close"}) {
    action.change.emplace_back().id = id;
  }
  const std::vector<PlannedCall> planned = {call("take.0", "a"), call("take.1", "b"),
                                            call("take.2", "c"), call("close", "x")};
  const struct {
    const char* name;
    std::vector<PlannedCall> now;
    bool shrinks, follows;
  } cases[] = {
      {"all", planned, false, true},
      {"the first is gone", {call("take.0", "b"), call("take.1", "c"), planned[3]}, true, true},
      {"which may not be", {call("take.0", "b"), call("take.1", "c"), planned[3]}, false, false},
      {"the middle is", {planned[0], call("take.1", "c"), planned[3]}, true, true},
      {"all are", {call("close", "x")}, true, true},
      {"another is there", {call("take.0", "d"), call("take.1", "c"), planned[3]}, true, false},
      {"one more",
       {planned[0], planned[1], planned[2], call("take.3", "d"), planned[3]},
       true,
       false},
      {"what is no list is gone", {planned[0], planned[1], planned[2]}, true, false},
  };
  for (const auto& each : cases) {
    action.change[0].shrinks = each.shrinks;
    EXPECT_EQ(still_follows(action, planned, each.now), each.follows) << each.name;
  }
}

// Two steps that would each write one policy as it was seen before the other.
TEST(Plan, TwoWriteTheSameThing) {
  const auto put = [](const char* bucket, CallValue policy) {
    PlannedCall call;
    call.service = "s3";
    call.operation = "PutBucketPolicy";
    call.with = CallValue::object({{"Bucket", known(bucket)}, {"Policy", std::move(policy)}});
    return call;
  };
  const PlannedCall one = put("data", known("{\"a\":1}"));
  EXPECT_TRUE(write_the_same(one, put("data", known("{\"a\":2}"))));
  EXPECT_TRUE(write_the_same(one, put("data", CallValue::json(result("create", "Id")))));
  EXPECT_FALSE(write_the_same(one, one)) << "it is the same";
  EXPECT_FALSE(write_the_same(one, put("other", known("{\"a\":2}"))));
  PlannedCall elsewhere = put("data", known("{\"a\":2}"));
  elsewhere.region = "eu-west-1";
  EXPECT_FALSE(write_the_same(one, elsewhere));
  PlannedCall removed = put("data", known("{\"a\":2}"));
  removed.operation = "DeleteBucketPolicy";
  EXPECT_FALSE(write_the_same(one, removed));
  PlannedCall attach = put("data", known("arn:aws:iam::aws:policy/A"));
  PlannedCall another = put("data", known("arn:aws:iam::aws:policy/B"));
  EXPECT_FALSE(write_the_same(attach, another)) << "two things beside each other";
}

}  // namespace
}  // namespace stanch::respond
