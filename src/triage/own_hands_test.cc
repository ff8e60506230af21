#include "triage/own_hands.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "codec/timestamp.h"
#include "triage/finding_for_test.h"

namespace stanch::triage {
namespace {

constexpr const char* kStream = "incident/inc-gmgscbjjd3yicgcjjista6uauq";
constexpr std::string_view kRole = "aws:role/111122223333/stanch-respond";
constexpr std::string_view kUser = "aws:user/111122223333/eve";

// A ledger in which a call was intended, and perhaps answered.
class OwnHandsTest : public testing::Test {
 protected:
  void say(uint64_t sequence, const std::string& kind, const std::string& json) {
    model::Entry entry;
    entry.stream = model::StreamId(kStream);
    entry.sequence = sequence;
    entry.kind = kind;
    entry.time = at(hours(1));
    hands_.learn(entry, parser_.parse(json));
  }
  void intend(uint64_t sequence, std::string_view operation = "iam:PutUserPolicy",
              std::string_view target = kUser,
              std::string_view parameters = R"({"UserName":"eve","PolicyName":"stanch-deny"})") {
    say(sequence, "intended",
        fmt::format(R"({{"operation":"{}","target":"{}","credential":"{}",)"
                    R"("request":{{"id":"deny","parameters":{}}},"valid_until":"{}"}})",
                    operation, target, kRole, parameters,
                    codec::format_timestamp(at(hours(1) + minutes(15)))));
  }
  void answer(uint64_t sequence, uint64_t of, const std::string& request_id,
              std::string_view outcome = "unknown") {
    say(sequence, "answered",
        fmt::format(R"({{"intended":{{"stream":"{}","sequence":{},"hash":"h"}},)"
                    R"("outcome":"{}"{}}})",
                    kStream, of, outcome,
                    request_id.empty() ? "" : R"(,"request_id":")" + request_id + '"'));
  }
  // What the provider's log tells of that call.
  static Finding seen(const std::string& request_id, Duration time = hours(1) + minutes(1)) {
    Finding one = finding(1, "stanch", time);
    one.events = {"aws.cloudtrail:1"};
    one.actor = std::string(kRole);
    one.request_id = request_id;
    one.service = "iam.amazonaws.com";
    one.action = "PutUserPolicy";
    one.asked_targets = {std::string(kUser)};
    return one;
  }

  codec::JsonParser parser_;
  OwnHands hands_;
};

TEST_F(OwnHandsTest, AnAnsweredCallIsKnownByItsRequestId) {
  intend(3);
  answer(4, 3, "r-1");
  const auto own = hands_.find(seen("r-1"));
  ASSERT_TRUE(own.has_value());
  EXPECT_TRUE(own->is_answered);
  EXPECT_EQ(own->operation, "iam:PutUserPolicy");
  EXPECT_EQ(own->intended.sequence, 3u);
  EXPECT_TRUE(hands_.find(seen("r-1")).has_value()) << "as often as it is delivered";
}

// Whoever stole our credentials does what we did, at the same time, to the same user: it has
// another request id. And whoever looks like us is nobody.
TEST_F(OwnHandsTest, ACallThatLooksLikeOursIsNot) {
  intend(3);
  answer(4, 3, "r-1");
  EXPECT_FALSE(hands_.find(seen("r-2")).has_value());
  EXPECT_FALSE(hands_.find(seen("")).has_value());
  Finding other = seen("r-1");
  other.actor = "aws:role/111122223333/stanch-respond-not";
  other.session_name = "stanch";
  other.user_agent = "stanch/1";
  EXPECT_FALSE(hands_.find(other).has_value());
}

TEST_F(OwnHandsTest, ACallWithoutAnAnswerIsKnownByWhatItWas) {
  struct Row {
    const char* what;
    void (*change)(Finding&);
    bool is_own;
  };
  const Row rows[] = {
      {"the same", [](Finding&) {}, true},
      {"by a session of the role",
       [](Finding& one) {
         one.issuer = one.actor;
         one.actor = "aws:session/111122223333/stanch-respond/stanch@1";
       },
       true},
      {"another role", [](Finding& one) { one.actor = "aws:role/111122223333/admin"; }, false},
      {"another operation", [](Finding& one) { one.action = "PutUserPolicyBoundary"; }, false},
      {"another service", [](Finding& one) { one.action = "CreateUser"; }, false},
      {"another user", [](Finding& one) { one.asked_targets = {"aws:user/111122223333/bob"}; },
       false},
      {"others behind it",
       [](Finding& one) { one.asked_targets.emplace_back("aws:user/111122223333/bob"); }, false},
      {"no target", [](Finding& one) { one.asked_targets.clear(); }, false},
      {"before it", [](Finding& one) { one.event_time = at(minutes(54)); }, false},
      {"our clock is ahead", [](Finding& one) { one.event_time = at(minutes(56)); }, true},
      {"at its end", [](Finding& one) { one.event_time = at(hours(1) + minutes(20)); }, true},
      {"after it", [](Finding& one) { one.event_time = at(hours(1) + minutes(21)); }, false},
      {"at no time", [](Finding& one) { one.event_time.reset(); }, false},
  };
  for (const bool is_lost : {false, true}) {
    for (const Row& row : rows) {
      hands_ = OwnHands();
      intend(3);
      if (is_lost) answer(4, 3, "");
      Finding one = seen("r-9");
      row.change(one);
      const auto own = hands_.find(one);
      EXPECT_EQ(own.has_value(), row.is_own) << row.what;
      EXPECT_FALSE(own && own->is_answered) << row.what;
    }
  }
}

TEST_F(OwnHandsTest, ACallThatNeverLeftIsNoEvent) {
  for (const char* outcome : {"denied", "unavailable", "throttled", "invalid", "conflict"}) {
    hands_ = OwnHands();
    intend(3);
    answer(4, 3, "", outcome);
    EXPECT_FALSE(hands_.find(seen("r-9")).has_value()) << outcome;
  }
}

// The answer was lost, the thief is quick: one of the two is told.
TEST_F(OwnHandsTest, ALostCallIsOneEvent) {
  intend(3);
  Finding first = seen("r-1"), second = seen("r-2");
  second.events = {"aws.cloudtrail:2"};
  EXPECT_TRUE(hands_.find(first).has_value());
  EXPECT_TRUE(hands_.find(first).has_value()) << "another rule about the same event";
  EXPECT_FALSE(hands_.find(second).has_value());
  intend(8);
  EXPECT_TRUE(hands_.find(second).has_value()) << "we tried again";

  // Whoever starts anew learns it from the ledger.
  hands_ = OwnHands();
  intend(3);
  say(9, "own_call_seen",
      fmt::format(R"({{"event":"aws.cloudtrail:1","intended":{{"stream":"{}","sequence":3}}}})",
                  kStream));
  EXPECT_FALSE(hands_.find(second).has_value());
  EXPECT_TRUE(hands_.find(first).has_value());
}

TEST_F(OwnHandsTest, CallsNameWhatTheyChangeInTheirOwnWay) {
  struct Row {
    std::string_view operation, service, action, target, parameters, seen_target;
    bool is_own;
  };
  const Row rows[] = {
      {"ec2:ModifyNetworkInterfaceAttribute", "ec2.amazonaws.com",
       "ModifyNetworkInterfaceAttribute", "aws:ec2/1/us-east-1/i-1",
       R"({"NetworkInterfaceId":"eni-1","Groups":["sg-1"]})", "aws:ec2/1/us-east-1/eni-1", true},
      {"s3:PutPublicAccessBlock", "s3.amazonaws.com", "PutBucketPublicAccessBlock", "aws:bucket/b",
       R"({"Bucket":"b"})", "aws:bucket/b", true},
      {"lambda:PutFunctionConcurrency", "lambda.amazonaws.com", "PutFunctionConcurrency20171031v2",
       "aws:function/1/us-east-1/f", R"({"FunctionName":"f"})", "aws:function/1/us-east-1/f", true},
      {"lambda:PutFunction", "lambda.amazonaws.com", "PutFunctionConcurrency",
       "aws:function/1/us-east-1/f", R"({"FunctionName":"f"})", "aws:function/1/us-east-1/f",
       false},
  };
  for (const Row& row : rows) {
    hands_ = OwnHands();
    intend(3, row.operation, row.target, row.parameters);
    Finding one = seen("r-1");
    one.service = row.service;
    one.action = row.action;
    one.asked_targets = {std::string(row.seen_target)};
    EXPECT_EQ(hands_.find(one).has_value(), row.is_own) << row.operation << " " << row.action;
  }
}

// Entries of another program, or erased ones, are no reason to fall.
TEST_F(OwnHandsTest, LearnsNothingOfWhatMakesNoSense) {
  for (const char* json : {"{}", "[]", R"({"intended":3})", R"({"intended":{"sequence":"3"}})",
                           R"({"intended":{"sequence":-1},"request_id":"r"})",
                           R"({"request":{"parameters":[[{"a":[1,null,true]}]]}})"}) {
    say(1, "intended", json);
    say(2, "answered", json);
  }
  EXPECT_FALSE(hands_.find(seen("r")).has_value());
}

}  // namespace
}  // namespace stanch::triage
