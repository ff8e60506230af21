#include "cloud/aws/permissions.h"

#include <gtest/gtest.h>

#include "cloud/operations.h"

namespace stanch::cloud::aws {
namespace {

using Texts = std::vector<std::string>;

TEST(AwsPermissions, AreNamedAsIamNamesThem) {
  const struct {
    const char *service, *operation;
    Texts parameters, expected;
  } cases[] = {
      {"iam", "UpdateAccessKey", {"Status"}, {"iam:UpdateAccessKey"}},
      {"s3", "GetPublicAccessBlock", {}, {"s3:GetBucketPublicAccessBlock"}},
      {"s3", "DeletePublicAccessBlock", {}, {"s3:PutBucketPublicAccessBlock"}},
      {"s3", "PutObject", {}, {"s3:PutObject"}},
      {"s3", "ListObjectsV2", {}, {"s3:ListBucket"}},
      {"s3", "GetBucketLifecycleConfiguration", {}, {"s3:GetLifecycleConfiguration"}},
      {"s3", "PutBucketLifecycleConfiguration", {}, {"s3:PutLifecycleConfiguration"}},
      {"ec2",
       "AssociateIamInstanceProfile",
       {"InstanceId"},
       {"ec2:AssociateIamInstanceProfile", "iam:PassRole"}},
      {"ec2", "CreateSecurityGroup", {"VpcId"}, {"ec2:CreateSecurityGroup"}},
      {"ec2",
       "CreateSecurityGroup",
       {"VpcId", "TagSpecifications"},
       {"ec2:CreateSecurityGroup", "ec2:CreateTags"}},
      {"s3", "PutObjectLockConfiguration", {}, {"s3:PutBucketObjectLockConfiguration"}},
      {"sesv2", "PutAccountSendingAttributes", {}, {"ses:PutAccountSendingAttributes"}},
      {"sso-admin", "ProvisionPermissionSet", {}, {"sso:ProvisionPermissionSet"}},
      {"secretsmanager",
       "RotateSecret",
       {"SecretId"},
       {"secretsmanager:RotateSecret", "lambda:InvokeFunction"}},
      {"elbv2", "DeregisterTargets", {"Targets"}, {"elasticloadbalancing:DeregisterTargets"}},
      {"lambda", "Invoke", {"Payload"}, {"lambda:InvokeFunction"}},
      {"s3", "ListObjectVersions", {}, {"s3:ListBucketVersions"}},
      {"s3", "DeleteObject", {"Key"}, {"s3:DeleteObject"}},
      {"s3", "DeleteObject", {"Key", "VersionId"}, {"s3:DeleteObject", "s3:DeleteObjectVersion"}},
      {"ec2", "DeleteFlowLogs", {}, {"ec2:DeleteFlowLogs", "logs:DeleteLogDelivery"}},
      {"nobody", "Looked", {}, {}},
  };
  for (const auto& each : cases) {
    EXPECT_EQ(permissions_of(each.service, each.operation, each.parameters), each.expected)
        << each.service << "." << each.operation;
  }
}

// Who adds a service to the table of operations looks up what its actions are called.
TEST(AwsPermissions, AreKnownForTheWholeTableOfOperations) {
  for (const auto& [name, service] : Operations::built_in().services()) {
    EXPECT_EQ(permissions_of(name, "Any", {}).empty(), !service.is_of_aws()) << name;
  }
}

}  // namespace
}  // namespace stanch::cloud::aws
