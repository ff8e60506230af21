#include "model/aws_entity.h"

#include <gtest/gtest.h>

#include <chrono>

#include "model/aws_arn.h"

namespace stanch::model {
namespace {

struct ArnCase {
  const char* arn;
  const char* expected;
};

TEST(AwsEntity, ArnsHaveOneIdEach) {
  const ArnCase cases[] = {
      {"arn:aws:iam::111122223333:root", "aws:root/111122223333"},
      {"arn:aws:iam::111122223333:user/Alice", "aws:user/111122223333/alice"},
      {"arn:aws:iam::111122223333:user/division/sub/Alice", "aws:user/111122223333/alice"},
      {"arn:aws:iam::111122223333:role/service-role/Web", "aws:role/111122223333/web"},
      {"arn:aws-cn:iam::111122223333:role/Web", "aws:role/111122223333/web"},
      {"arn:aws:sts::111122223333:assumed-role/Web/i-0abc", "aws:role/111122223333/web"},
      {"arn:aws:sts::111122223333:assumed-role/Web", "aws:role/111122223333/web"},
      {"arn:aws:sts::111122223333:federated-user/Bob", "aws:federated-user/111122223333/Bob"},
      {"arn:aws:iam::aws:policy/job-function/Billing", "aws:policy/aws/billing"},
      {"arn:aws:iam::111122223333:group/Admins", "aws:group/111122223333/admins"},
      {"arn:aws:iam::111122223333:mfa/Alice", "aws:mfa-device/111122223333/alice"},
      {"arn:aws:iam::111122223333:oidc-provider/host.example/path",
       "aws:oidc-provider/111122223333/host.example%2Fpath"},
      {"arn:aws:iam::111122223333:instance-profile/p/Web", "aws:instance-profile/111122223333/web"},
      {"arn:aws:s3:::Logs", "aws:bucket/Logs"},
      {"arn:aws:s3:::logs/2026/x.gz", "aws:bucket/logs"},
      {"arn:aws-us-gov:s3:::logs", "aws:bucket/aws-us-gov/logs"},
      {"arn:aws:s3:us-east-1:111122223333:accesspoint/ap",
       "aws:access-point/111122223333/us-east-1/ap"},
      {"arn:aws:ec2:us-east-1:111122223333:instance/i-0abc", "aws:instance/111122223333/i-0abc"},
      {"arn:aws:ec2:us-east-1::image/ami-0abc", "aws:image/ami-0abc"},
      {"arn:aws:ec2:us-east-1::snapshot/snap-0abc", "aws:snapshot/snap-0abc"},
      {"arn:aws:ec2:us-east-1:111122223333:security-group/sg-0abc", "aws:security-group/sg-0abc"},
      {"arn:aws:ec2:us-east-1:111122223333:transit-gateway-attachment/tgw-attach-0abc",
       "aws:transit-gateway-attachment/tgw-attach-0abc"},
      {"arn:aws:ec2:us-east-1:111122223333:novelty/nov-0abc",
       "aws:ec2-novelty/111122223333/us-east-1/nov-0abc"},
      {"arn:aws:kms:us-east-1:111122223333:key/mrk-12ab",
       "aws:kms-key/111122223333/us-east-1/mrk-12ab"},
      {"arn:aws:kms:us-east-1:111122223333:alias/aws/ssm",
       "aws:kms-alias/111122223333/us-east-1/aws%2Fssm"},
      {"arn:aws:lambda:us-east-1:111122223333:function:Orders:live",
       "aws:function/111122223333/us-east-1/Orders"},
      {"arn:aws:lambda:us-east-1:111122223333:layer:agent:3",
       "aws:lambda-layer/111122223333/us-east-1/agent"},
      {"arn:aws:cloudtrail:us-east-1:111122223333:trail/org",
       "aws:trail/111122223333/us-east-1/org"},
      {"arn:aws:secretsmanager:us-east-1:111122223333:secret:prod/db-AbC123",
       "aws:secret/111122223333/us-east-1/prod%2Fdb"},
      {"arn:aws:secretsmanager:us-east-1:111122223333:secret:prod/db",
       "aws:secret/111122223333/us-east-1/prod%2Fdb"},
      {"arn:aws:secretsmanager:us-east-1:111122223333:secret:db-AbC-23",
       "aws:secret/111122223333/us-east-1/db-AbC-23"},
      {"arn:aws:ssm:us-east-1:111122223333:parameter/prod/db",
       "aws:ssm-parameter/111122223333/us-east-1/prod%2Fdb"},
      {"arn:aws:ssm:us-east-1::document/AWS-RunShellScript",
       "aws:ssm-document/aws/us-east-1/AWS-RunShellScript"},
      {"arn:aws:ssm:us-east-1:111122223333:managed-instance/mi-0abc",
       "aws:ssm-managed-instance/111122223333/us-east-1/mi-0abc"},
      {"arn:aws:rds:us-east-1:111122223333:db:Prod", "aws:db/111122223333/us-east-1/prod"},
      {"arn:aws:rds:us-east-1:111122223333:snapshot:rds:prod-2026-03-01",
       "aws:db-snapshot/111122223333/us-east-1/rds:prod-2026-03-01"},
      {"arn:aws:ecs:us-east-1:111122223333:service/prod/web",
       "aws:ecs-service/111122223333/us-east-1/prod/web"},
      {"arn:aws:ecs:us-east-1:111122223333:service/web",
       "aws:ecs-service/111122223333/us-east-1/web"},
      {"arn:aws:ecs:us-east-1:111122223333:task-definition/web:7",
       "aws:ecs-task-definition/111122223333/us-east-1/web"},
      {"arn:aws:eks:us-east-1:111122223333:nodegroup/prod/workers/3cb0",
       "aws:eks-nodegroup/111122223333/us-east-1/prod/workers"},
      {"arn:aws:ecr:us-east-1:111122223333:repository/team/app",
       "aws:ecr-repository/111122223333/us-east-1/team%2Fapp"},
      {"arn:aws:organizations::111122223333:account/o-exampleorgid/444455556666",
       "aws:account/444455556666"},
      {"arn:aws:organizations::111122223333:ou/o-exampleorgid/ou-ab12-11111111",
       "aws:organizational-unit/ou-ab12-11111111"},
      {"arn:aws:organizations::111122223333:policy/o-exampleorgid/service_control_policy/p-12",
       "aws:organization-policy/p-12"},
      {"arn:aws:organizations::111122223333:organization/o-exampleorgid",
       "aws:organization/o-exampleorgid"},
      {"arn:aws:sns:us-east-1:111122223333:alerts", "aws:sns/111122223333/us-east-1/alerts"},
      {"arn:aws:dynamodb:us-east-1:111122223333:table/orders",
       "aws:dynamodb-table/111122223333/us-east-1/orders"},
      {"arn:aws:apigateway:us-east-1::/restapis/a1", "aws:apigateway/-/us-east-1/restapis%2Fa1"},
      {"arn:aws:iam::111122223333:user", "aws:iam/111122223333/-/user"},
      {"arn:aws:iam::111122223333:user/", "aws:iam-user/111122223333/-/-"},
      {"arn:aws:iam:::user/alice", "aws:iam-user/-/-/alice"},
  };
  for (const ArnCase& c : cases) {
    TextArena arena;
    EXPECT_EQ(aws_entity(c.arn, arena).text, c.expected) << c.arn;
  }
}

TEST(AwsEntity, WhatIsNoArnHasNone) {
  const char* cases[] = {"",
                         "arn",
                         "arn:",
                         "arn:aws",
                         "arn:aws:iam::111122223333",
                         "arn:aws:iam:::",
                         "arn::iam::1:user/a",
                         "arn:aws:::1:user/a",
                         "ARN:aws:iam::1:user/a",
                         "*",
                         "AROACKCEVSQ6C2EXAMPLE"};
  for (const char* text : cases) {
    TextArena arena;
    EXPECT_TRUE(aws_entity(text, arena).empty()) << text;
  }
}

struct NameCase {
  AwsType type;
  const char* name;
  const char* expected;
};

TEST(AwsEntity, BareNamesLeadToTheSameIdAsArns) {
  const AwsPlace place{"aws", "111122223333", "us-east-1"};
  const NameCase cases[] = {
      {AwsType::kUser, "Alice", "aws:user/111122223333/alice"},
      {AwsType::kUser, "../../alice", "aws:user/111122223333/..%2F..%2Falice"},
      {AwsType::kRole, "arn:aws:iam::444455556666:role/x/Web", "aws:role/444455556666/web"},
      {AwsType::kRole, "arn:nonsense", ""},
      {AwsType::kRoot, "", "aws:root/111122223333"},
      {AwsType::kAccount, "444455556666", "aws:account/444455556666"},
      {AwsType::kAccessKey, "AKIAIOSFODNN7EXAMPLE", "aws:access-key/AKIAIOSFODNN7EXAMPLE"},
      {AwsType::kService, "EC2.amazonaws.com", "aws:service/ec2.amazonaws.com"},
      {AwsType::kBucket, "logs", "aws:bucket/logs"},
      {AwsType::kBucket, "/logs/key", "aws:bucket/logs"},
      {AwsType::kEc2, "i-0abc", "aws:instance/111122223333/i-0abc"},
      {AwsType::kEc2, "mi-0abc", "aws:managed-instance/111122223333/mi-0abc"},
      {AwsType::kEc2, "tgw-attach-1", "aws:transit-gateway-attachment/tgw-attach-1"},
      {AwsType::kEc2, "i-", ""},
      {AwsType::kEc2, "web", ""},
      {AwsType::kKmsKey, "12ab", "aws:kms-key/111122223333/us-east-1/12ab"},
      {AwsType::kKmsKey, "alias/prod", "aws:kms-alias/111122223333/us-east-1/prod"},
      {AwsType::kFunction, "orders:live", "aws:function/111122223333/us-east-1/orders"},
      {AwsType::kFunction, "111122223333:function:orders",
       "aws:function/111122223333/us-east-1/orders"},
      {AwsType::kSecret, "db-AbC123", "aws:secret/111122223333/us-east-1/db-AbC123"},
      {AwsType::kSsmParameter, "/prod/db:2", "aws:ssm-parameter/111122223333/us-east-1/prod%2Fdb"},
      {AwsType::kSsmDocument, "mine", "aws:ssm-document/111122223333/us-east-1/mine"},
      {AwsType::kEcsTaskDefinition, "web:7", "aws:ecs-task-definition/111122223333/us-east-1/web"},
      {AwsType::kUser, "", ""},
  };
  for (const NameCase& c : cases) {
    TextArena arena;
    EXPECT_EQ(aws_entity(c.type, c.name, place, arena).text, c.expected) << c.name;
  }
}

TEST(AwsEntity, NoIdWithoutTheAccountOrRegionThatItNeeds) {
  TextArena arena;
  EXPECT_TRUE(aws_entity(AwsType::kUser, "alice", {}, arena).empty());
  EXPECT_TRUE(aws_entity(AwsType::kRoot, "", {}, arena).empty());
  EXPECT_TRUE(aws_entity(AwsType::kTrail, "org", {.account = "111122223333"}, arena).empty());
  EXPECT_EQ(aws_entity(AwsType::kBucket, "logs", {}, arena).text, "aws:bucket/logs");
}

TEST(AwsEntity, BucketsOfOtherPartitionsAreOthers) {
  TextArena arena;
  AwsPlace place{aws_partition("cn-north-1"), "111122223333", "cn-north-1"};
  EXPECT_EQ(aws_entity(AwsType::kBucket, "logs", place, arena).text, "aws:bucket/aws-cn/logs");
  EXPECT_EQ(aws_partition("us-gov-east-1"), "aws-us-gov");
  EXPECT_EQ(aws_partition("us-east-1"), "aws");
  EXPECT_EQ(aws_partition(""), "aws");
}

TEST(AwsEntity, ChildrenStandBelowTheirParent) {
  TextArena arena;
  AwsPlace place{"aws", "111122223333", "us-east-1"};
  EXPECT_EQ(aws_entity(AwsType::kEcsService, "prod", "web", place, arena).text,
            "aws:ecs-service/111122223333/us-east-1/prod/web");
  EXPECT_EQ(aws_entity(AwsType::kIdentityCenterUser, "d-1", "u/1", place, arena).text,
            "aws:identity-center-user/d-1/u%2F1");
  EXPECT_EQ(aws_entity("arn:aws:sso:::permissionSet/ssoins-1f2e/ps-a1b2", arena).text,
            "aws:permission-set/ssoins-1f2e/ps-a1b2");
  EXPECT_TRUE(aws_entity(AwsType::kEcsService, "", "web", place, arena).empty());
  EXPECT_TRUE(aws_entity(AwsType::kEcsService, "prod", "", place, arena).empty());
}

// Each entry of EKS has an id of its own in its ARN; whom it lets in is what counts.
TEST(AwsEntity, AccessEntriesAreThoseWhomTheyLetIn) {
  TextArena arena;
  const std::string_view id =
      "aws:eks-access-entry/111122223333/us-east-1/prod/role%2F111122223333%2FAdmin";
  EXPECT_EQ(aws_entity("arn:aws:eks:us-east-1:111122223333:access-entry/prod/role/111122223333/"
                       "Admin/1ac31bca-eaf3-4df8-9d9c-0123456789ab",
                       arena)
                .text,
            id);
  EXPECT_EQ(canonical_aws_entity(id, arena).text, id);
}

TEST(AwsSession, IdIsPrincipalNameAndSecondOfIssue) {
  using namespace std::chrono;
  TextArena arena;
  Time issued = Time(sys_days(2026y / March / 1)) + 2h + 3min + 4s + 567ms;
  AwsSession session{"111122223333", AwsSession::Principal::kRole, "Deploy", "jane@example.com",
                     issued};
  EXPECT_EQ(aws_session(session, arena).text,
            "aws:session/111122223333/deploy/jane@example.com@2026-03-01T02:03:04Z");
  session.principal = AwsSession::Principal::kUser;
  session.session_name = "";
  EXPECT_EQ(aws_session(session, arena).text,
            "aws:session/111122223333/user:deploy/-@2026-03-01T02:03:04Z");
  session.principal = AwsSession::Principal::kRoot;
  EXPECT_EQ(aws_session(session, arena).text,
            "aws:session/111122223333/root:/-@2026-03-01T02:03:04Z");
  session.issued = Time(sys_days(1969y / December / 31)) + 23h + 59min + 59s + 999ms;
  EXPECT_TRUE(aws_session(session, arena).text.ends_with("@1969-12-31T23:59:59Z"));
}

TEST(AwsArn, EveryTypeHasItsOwnWord) {
  for (int a = 0; a <= static_cast<int>(AwsType::kEcrRepository); ++a) {
    for (int b = 0; b < a; ++b) {
      EXPECT_NE(word_of(static_cast<AwsType>(a)), word_of(static_cast<AwsType>(b)));
    }
  }
}

// What people type names the same thing, whatever the spelling; so nothing that is asked by id, a
// protected list or a hold, is passed by.
TEST(AwsEntity, OneSpellingOfWhatIsTyped) {
  struct Case {
    const char* typed;
    const char* id;
  };
  constexpr Case kCases[] = {
      {"aws:user/111122223333/bob", "aws:user/111122223333/bob"},
      {"aws:user/111122223333/Bob", "aws:user/111122223333/bob"},
      {"aws:user/111122223333/%62ob", "aws:user/111122223333/bob"},
      {"arn:aws:iam::111122223333:user/teams/Bob", "aws:user/111122223333/bob"},
      {"aws:role/111122223333/stanch%2Drespond", "aws:role/111122223333/stanch-respond"},
      {"aws:bucket/logs", "aws:bucket/logs"},
      {"aws:bucket/aws-cn/logs", "aws:bucket/aws-cn/logs"},
      {"aws:access-key/AKIAIOSFODNN7EXAMPLE", "aws:access-key/AKIAIOSFODNN7EXAMPLE"},
      {"aws:instance/111122223333/i-0abc", "aws:instance/111122223333/i-0abc"},
      {"aws:root/111122223333", "aws:root/111122223333"},
      {"aws:trail/111122223333/eu-west-1/main", "aws:trail/111122223333/eu-west-1/main"},
      {"aws:ecs-task/111122223333/eu-west-1/prod/7f",
       "aws:ecs-task/111122223333/eu-west-1/prod/7f"},
      {"aws:sns/111122223333/eu-west-1/alarms", "aws:sns/111122223333/eu-west-1/alarms"},
      // A scope too many or too few, no account, another type's name, no type of ours.
      {"aws:user/111122223333/teams/bob", ""},
      {"aws:user/bob", ""},
      {"aws:user/1111-2222-3333/bob", ""},
      {"aws:access-key/111122223333/AKIAIOSFODNN7EXAMPLE", ""},
      {"aws:instance/111122223333/vol-0abc", ""},
      {"aws:trail/111122223333/EU-WEST-1/main", ""},
      {"aws:iam-user/111122223333/us-east-1/bob", ""},
      {"AWS:user/111122223333/bob", ""},
      {"aws:secret/111122223333/eu-west-1/"
       "arn:aws:secretsmanager:eu-west-1:111122223333:secret:db-AbCdEf",
       ""},
      {"aws:kms-key/111122223333/eu-west-1/alias%2Fprod", ""},
      {"ip/203.0.113.7", ""},
      {"bob", ""},
  };
  for (const Case& each : kCases) {
    TextArena arena;
    EXPECT_EQ(canonical_aws_entity(each.typed, arena).text, each.id) << each.typed;
  }
}

}  // namespace
}  // namespace stanch::model
