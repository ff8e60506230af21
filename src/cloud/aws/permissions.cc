#include "cloud/aws/permissions.h"

#include <fmt/format.h>

#include <algorithm>

namespace stanch::cloud::aws {

namespace {

// https://docs.aws.amazon.com/service-authorization/latest/reference/: in these services an action
// has the name of its operation, but for the rows below.
constexpr std::string_view kServices[] = {"autoscaling", "backup",
                                          "cloudtrail",  "ec2",
                                          "ecr",         "guardduty",
                                          "iam",         "kms",
                                          "lambda",      "organizations",
                                          "rds",         "rolesanywhere",
                                          "s3",          "secretsmanager",
                                          "sesv2",       "sns",
                                          "sqs",         "ssm",
                                          "sts"};

struct OtherName {
  std::string_view service, operation, action;
};
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html
constexpr OtherName kOtherNames[] = {
    {"s3", "DeletePublicAccessBlock", "s3:PutBucketPublicAccessBlock"},
    {"s3", "GetBucketLifecycleConfiguration", "s3:GetLifecycleConfiguration"},
    {"s3", "GetObjectLockConfiguration", "s3:GetBucketObjectLockConfiguration"},
    {"s3", "GetPublicAccessBlock", "s3:GetBucketPublicAccessBlock"},
    {"s3", "HeadObject", "s3:GetObject"},
    {"s3", "ListObjectsV2", "s3:ListBucket"},
    {"s3", "PutBucketLifecycleConfiguration", "s3:PutLifecycleConfiguration"},
    {"s3", "PutObjectLockConfiguration", "s3:PutBucketObjectLockConfiguration"},
    {"s3", "PutPublicAccessBlock", "s3:PutBucketPublicAccessBlock"},
};

}  // namespace

std::vector<std::string> permissions_of(std::string_view service, std::string_view operation,
                                        std::span<const std::string> parameters) {
  if (std::ranges::find(kServices, service) == std::end(kServices)) return {};
  const auto other = std::ranges::find_if(kOtherNames, [&](const OtherName& each) {
    return each.service == service && each.operation == operation;
  });
  // https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonsimpleemailservicev2.html
  const std::string_view prefix = service == "sesv2" ? "ses" : service;
  std::vector<std::string> permissions = {other != std::end(kOtherNames)
                                              ? std::string(other->action)
                                              : fmt::format("{}:{}", prefix, operation)};
  // https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/supported-iam-actions-tagging.html
  if (service == "ec2" && std::ranges::find(parameters, "TagSpecifications") != parameters.end()) {
    permissions.emplace_back("ec2:CreateTags");
  }
  // https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AssociateIamInstanceProfile.html
  if (service == "ec2" && operation == "AssociateIamInstanceProfile") {
    permissions.emplace_back("iam:PassRole");
  }
  // https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_RotateSecret.html
  if (service == "secretsmanager" && operation == "RotateSecret") {
    permissions.emplace_back("lambda:InvokeFunction");
  }
  return permissions;
}

}  // namespace stanch::cloud::aws
