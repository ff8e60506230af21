#include "respond/target.h"

#include <gtest/gtest.h>

namespace stanch::respond {
namespace {

TEST(Target, TheIdSaysWhereItIs) {
  const auto trail = placed({"aws:trail/111122223333/eu-west-1/main", "999", "us-east-1"});
  ASSERT_TRUE(trail);
  EXPECT_EQ(trail->account, "111122223333");
  EXPECT_EQ(trail->region, "eu-west-1");
  EXPECT_EQ(target_value(*trail)["arn"].text_or_empty(),
            "arn:aws:cloudtrail:eu-west-1:111122223333:trail/main");
  EXPECT_FALSE(placed({"aws:access-key/AKIAX"})) << "nobody said in which account";
  EXPECT_TRUE(placed({"aws:access-key/AKIAX", "111122223333"}));
  EXPECT_FALSE(placed({"alice", "111122223333"}));
  EXPECT_EQ(placed({"aws:user/111122223333/%41lice"})->entity, "aws:user/111122223333/alice");
  EXPECT_EQ(placed({"arn:aws:iam::111122223333:user/x/Alice"})->entity,
            "aws:user/111122223333/alice");
  const auto host = placed({"arn:aws:ec2:eu-west-1:111122223333:instance/i-0123456789abcdef0"});
  ASSERT_TRUE(host);
  EXPECT_EQ(host->account, "111122223333") << "the ARN says so, the id does not";
  EXPECT_EQ(host->region, "eu-west-1");
  const auto account = placed({"aws:account/111122223333", "444455556666"});
  EXPECT_EQ(account->account, "111122223333") << "an account is where it is";
  EXPECT_EQ(placed({"aws:root/111122223333"})->account, "111122223333");
  const auto bucket = placed({"aws:bucket/aws-cn/logs", "111122223333", "cn-north-1"});
  EXPECT_EQ(bucket->account, "111122223333") << "its scope is the partition";
}

TEST(Target, WhatItIsBelow) {
  struct Case {
    std::string entity, parent, account;
  };
  const Case cases[] = {
      {"aws:ecs-task/111122223333/eu-west-1/prod/abc", "prod", "111122223333"},
      {"aws:identity-center-user/d-9067642ac7/544894e8", "d-9067642ac7", "444455556666"},
      {"arn:aws:sso:::permissionSet/ssoins-1f2e/ps-a1b2", "ssoins-1f2e", "444455556666"},
      {"aws:bucket/aws-cn/logs", "", "444455556666"},
      {"aws:role/111122223333/deploy", "", "111122223333"},
  };
  for (const Case& c : cases) {
    const auto target = placed({c.entity, "444455556666", "eu-west-1"});
    ASSERT_TRUE(target) << c.entity;
    EXPECT_EQ(target_value(*target)["parent"].text_or_empty(), c.parent) << c.entity;
    EXPECT_EQ(target->account, c.account) << c.entity;
    EXPECT_EQ(target->region, "eu-west-1") << c.entity;
  }
  // A service that is everywhere has no region in its ARNs.
  EXPECT_EQ(placed({"arn:aws:shield::111122223333:protection/a", "", "eu-west-1"})->region,
            "eu-west-1");
}

// Two incidents, two actions or two targets never have one name.
TEST(Target, OurNamesAreOurs) {
  const Target eve{"aws:user/1/eve", "1", ""}, bob{"aws:user/1/bob", "1", ""};
  const model::IncidentId one("inc-a"), two("inc-b");
  const auto name = [](const model::IncidentId& incident, const std::string& action,
                       const Target& target) {
    return own_value(incident, action, target)["name"].text_or_empty();
  };
  const std::string mine = name(one, "aws.iam.deny-user", eve);
  EXPECT_TRUE(mine.starts_with("stanch-deny-user-")) << mine;
  EXPECT_EQ(name(one, "aws.iam.deny-user", eve), mine);
  EXPECT_NE(name(two, "aws.iam.deny-user", eve), mine);
  EXPECT_NE(name(one, "aws.iam.deny-user2", eve), mine);
  EXPECT_NE(name(one, "aws.iam.deny-user", bob), mine);
  EXPECT_EQ(own_value(one, "aws.x", eve)["shared_name"].text_or_empty(),
            own_value(two, "aws.x", eve)["shared_name"].text_or_empty());
  EXPECT_NE(own_value(one, "aws.x", eve)["shared_name"].text_or_empty(), name(one, "aws.x", eve));
  EXPECT_LE(name(one, "aws.iam." + std::string(200, 'x'), eve).size(), 64u);
}

}  // namespace
}  // namespace stanch::respond
