#include "cloud/aws/permissions.h"

#include <fmt/format.h>

#include <algorithm>

namespace stanch::cloud::aws {

namespace {

// https://docs.aws.amazon.com/service-authorization/latest/reference/: in these services an action
// has the name of its operation, but for the rows below.
constexpr std::string_view kServices[] = {"autoscaling",
                                          "backup",
                                          "cloudtrail",
                                          "config",
                                          "ec2",
                                          "ecr",
                                          "ecs",
                                          "eks",
                                          "elbv2",
                                          "guardduty",
                                          "iam",
                                          "identitystore",
                                          "kms",
                                          "lambda",
                                          "organizations",
                                          "rds",
                                          "rolesanywhere",
                                          "route53resolver",
                                          "s3",
                                          "secretsmanager",
                                          "sesv2",
                                          "sns",
                                          "sqs",
                                          "ssm",
                                          "sso-admin",
                                          "sts"};

struct OtherPrefix {
  std::string_view service, prefix;
};
// …/list_amazonsimpleemailservicev2.html, …/list_awselasticloadbalancingv2.html,
// …/list_awsiamidentitycenter.html
constexpr OtherPrefix kOtherPrefixes[] = {
    {"elbv2", "elasticloadbalancing"}, {"sesv2", "ses"}, {"sso-admin", "sso"}};

struct OtherName {
  std::string_view service, operation, action;
};
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html
constexpr OtherName kOtherNames[] = {
    {"lambda", "Invoke", "lambda:InvokeFunction"},
    {"s3", "CopyObject", "s3:PutObject"},
    {"s3", "DeletePublicAccessBlock", "s3:PutBucketPublicAccessBlock"},
    {"s3", "GetBucketLifecycleConfiguration", "s3:GetLifecycleConfiguration"},
    {"s3", "GetObjectLockConfiguration", "s3:GetBucketObjectLockConfiguration"},
    {"s3", "GetPublicAccessBlock", "s3:GetBucketPublicAccessBlock"},
    {"s3", "HeadObject", "s3:GetObject"},
    {"s3", "ListObjectVersions", "s3:ListBucketVersions"},
    {"s3", "ListObjectsV2", "s3:ListBucket"},
    {"s3", "PutBucketLifecycleConfiguration", "s3:PutLifecycleConfiguration"},
    {"s3", "PutObjectLockConfiguration", "s3:PutBucketObjectLockConfiguration"},
    {"s3", "PutPublicAccessBlock", "s3:PutBucketPublicAccessBlock"},
};

struct Beside {
  std::string_view service, operation, parameter;  // "": whatever it is given
  std::vector<std::string> actions;
};
// What is needed beside the operation's own action.
const std::vector<Beside>& all_beside() {
  static const std::vector<Beside> kAll = {
      // https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/supported-iam-actions-tagging.html
      {"ec2", "", "TagSpecifications", {"ec2:CreateTags"}},
      // https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AssociateIamInstanceProfile.html
      {"ec2", "AssociateIamInstanceProfile", "", {"iam:PassRole"}},
      // https://docs.aws.amazon.com/ebs/latest/userguide/share-kms-key.html
      {"ec2",
       "CopySnapshot",
       "",
       {"kms:CreateGrant", "kms:Decrypt", "kms:DescribeKey", "kms:GenerateDataKey",
        "kms:GenerateDataKeyWithoutPlaintext", "kms:ReEncryptFrom", "kms:ReEncryptTo"}},
      // https://docs.aws.amazon.com/vpc/latest/userguide/flow-logs-s3-iam.html
      {"ec2", "CreateFlowLogs", "", {"logs:CreateLogDelivery"}},
      {"ec2", "DeleteFlowLogs", "", {"logs:DeleteLogDelivery"}},
      // https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/AWS-logs-infrastructure-S3.html
      {"route53resolver", "CreateResolverQueryLogConfig", "", {"logs:CreateLogDelivery"}},
      // https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/using-service-linked-roles.html
      {"route53resolver",
       "AssociateResolverQueryLogConfig",
       "",
       {"ec2:DescribeVpcs", "iam:CreateServiceLinkedRole"}},
      // https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html, of a version, with its
      // tags, and whatever key it is under
      {"s3",
       "CopyObject",
       "",
       {"kms:Decrypt", "kms:GenerateDataKey", "s3:GetObjectVersion", "s3:GetObjectVersionTagging",
        "s3:PutObjectTagging"}},
      {"s3", "DeleteObject", "VersionId", {"s3:DeleteObjectVersion"}},
      // https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_RotateSecret.html
      {"secretsmanager", "RotateSecret", "", {"lambda:InvokeFunction"}},
  };
  return kAll;
}

}  // namespace

std::vector<std::string> permissions_of(std::string_view service, std::string_view operation,
                                        std::span<const std::string> parameters) {
  if (std::ranges::find(kServices, service) == std::end(kServices)) return {};
  const auto other = std::ranges::find_if(kOtherNames, [&](const OtherName& each) {
    return each.service == service && each.operation == operation;
  });
  const auto named = std::ranges::find(kOtherPrefixes, service, &OtherPrefix::service);
  const std::string_view prefix = named != std::end(kOtherPrefixes) ? named->prefix : service;
  std::vector<std::string> permissions = {other != std::end(kOtherNames)
                                              ? std::string(other->action)
                                              : fmt::format("{}:{}", prefix, operation)};
  for (const Beside& each : all_beside()) {
    const bool is_meant = each.service == service &&
                          (each.operation.empty() || each.operation == operation) &&
                          (each.parameter.empty() ||
                           std::ranges::find(parameters, each.parameter) != parameters.end());
    if (is_meant) permissions.insert(permissions.end(), each.actions.begin(), each.actions.end());
  }
  return permissions;
}

}  // namespace stanch::cloud::aws
