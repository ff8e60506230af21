#include "model/aws_arn.h"

#include <algorithm>
#include <array>

#include "base/check.h"
#include "model/key_table.h"

namespace stanch::model {
namespace {

using enum AwsType;
using enum AwsScope;

// In the order of AwsType. IAM and RDS do not tell names apart by case.
constexpr AwsTypeRow kRows[] = {
    {kAccount, "aws:account", kEverywhere, false, "organizations", "account"},
    {kOrganization, "aws:organization", kEverywhere, false, "organizations", "organization"},
    {kOrganizationRoot, "aws:organization-root", kEverywhere, false, "organizations", "root"},
    {kOrganizationalUnit, "aws:organizational-unit", kEverywhere, false, "organizations", "ou"},
    {kOrganizationPolicy, "aws:organization-policy", kEverywhere, false, "organizations", "policy"},
    {kRoot, "aws:root", kInAccount, false, {}, {}},
    {kUser, "aws:user", kInAccount, true, "iam", "user"},
    {kRole, "aws:role", kInAccount, true, "iam", "role"},
    {kGroup, "aws:group", kInAccount, true, "iam", "group"},
    {kPolicy, "aws:policy", kInAccount, true, "iam", "policy"},
    {kInstanceProfile, "aws:instance-profile", kInAccount, true, "iam", "instance-profile"},
    {kFederatedUser, "aws:federated-user", kInAccount, false, "sts", "federated-user"},
    {kMfaDevice, "aws:mfa-device", kInAccount, true, "iam", "mfa"},
    {kSamlProvider, "aws:saml-provider", kInAccount, true, "iam", "saml-provider"},
    {kOidcProvider, "aws:oidc-provider", kInAccount, false, "iam", "oidc-provider"},
    {kServerCertificate, "aws:server-certificate", kInAccount, true, "iam", "server-certificate"},
    {kAccessKey, "aws:access-key", kEverywhere, false, {}, {}},
    {kLoginProfile, "aws:login-profile", kInAccount, true, {}, {}},
    {kServiceCredential, "aws:service-credential", kEverywhere, false, {}, {}},
    {kSshKey, "aws:ssh-key", kEverywhere, false, {}, {}},
    {kSigningCertificate, "aws:signing-certificate", kEverywhere, false, {}, {}},
    {kService, "aws:service", kEverywhere, true, {}, {}},
    {kIdentityCenterUser, "aws:identity-center-user", kEverywhere, false, {}, {}},
    {kPermissionSet, "aws:permission-set", kEverywhere, false, "sso", "permissionSet"},
    {kWebIdentity, "aws:web-identity", kEverywhere, false, {}, {}},
    {kSamlUser, "aws:saml-user", kEverywhere, false, {}, {}},
    {kEc2, "aws:", kEverywhere, false, {}, {}},
    {kBucket, "aws:bucket", kInPartition, false, {}, {}},
    {kAccessPoint, "aws:access-point", kInRegion, false, "s3", "accesspoint"},
    {kKmsKey, "aws:kms-key", kInRegion, false, "kms", "key"},
    {kKmsAlias, "aws:kms-alias", kInRegion, false, "kms", "alias"},
    {kFunction, "aws:function", kInRegion, false, "lambda", "function"},
    {kLambdaLayer, "aws:lambda-layer", kInRegion, false, "lambda", "layer"},
    {kTrail, "aws:trail", kInRegion, false, "cloudtrail", "trail"},
    {kEventDataStore, "aws:event-data-store", kInRegion, false, "cloudtrail", "eventdatastore"},
    {kSecret, "aws:secret", kInRegion, false, "secretsmanager", "secret"},
    {kSsmParameter, "aws:ssm-parameter", kInRegion, false, "ssm", "parameter"},
    {kSsmDocument, "aws:ssm-document", kInRegion, false, "ssm", "document"},
    {kDb, "aws:db", kInRegion, true, "rds", "db"},
    {kDbCluster, "aws:db-cluster", kInRegion, true, "rds", "cluster"},
    {kDbSnapshot, "aws:db-snapshot", kInRegion, true, "rds", "snapshot"},
    {kDbClusterSnapshot, "aws:db-cluster-snapshot", kInRegion, true, "rds", "cluster-snapshot"},
    {kEcsCluster, "aws:ecs-cluster", kInRegion, false, "ecs", "cluster"},
    {kEcsService, "aws:ecs-service", kInRegion, false, "ecs", "service"},
    {kEcsTask, "aws:ecs-task", kInRegion, false, "ecs", "task"},
    {kEcsTaskDefinition, "aws:ecs-task-definition", kInRegion, false, "ecs", "task-definition"},
    {kEksCluster, "aws:eks-cluster", kInRegion, false, "eks", "cluster"},
    {kEksNodegroup, "aws:eks-nodegroup", kInRegion, false, "eks", "nodegroup"},
    {kEksFargateProfile, "aws:eks-fargate-profile", kInRegion, false, "eks", "fargateprofile"},
    {kEksAccessEntry, "aws:eks-access-entry", kInRegion, false, "eks", "access-entry"},
    {kEcrRepository, "aws:ecr-repository", kInRegion, false, "ecr", "repository"},
};

// Ids that other accounts may be given (shared images, snapshots, networks)
// are met away from their owner, so they carry no account.
constexpr Ec2Row kEc2Rows[] = {
    {"i-", "aws:instance", kInAccount},
    {"ami-", "aws:image", kEverywhere},
    {"snap-", "aws:snapshot", kEverywhere},
    {"sg-", "aws:security-group", kEverywhere},
    {"vol-", "aws:volume", kInAccount},
    {"eni-", "aws:network-interface", kInAccount},
    {"vpc-", "aws:vpc", kEverywhere},
    {"subnet-", "aws:subnet", kEverywhere},
    {"acl-", "aws:network-acl", kEverywhere},
    {"rtb-", "aws:route-table", kEverywhere},
    {"igw-", "aws:internet-gateway", kEverywhere},
    {"nat-", "aws:nat-gateway", kInAccount},
    {"tgw-", "aws:transit-gateway", kEverywhere},
    {"tgw-attach-", "aws:transit-gateway-attachment", kEverywhere},
    {"vpce-", "aws:vpc-endpoint", kInAccount},
    {"pcx-", "aws:vpc-peering", kEverywhere},
    {"fl-", "aws:flow-log", kInAccount},
    {"lt-", "aws:launch-template", kInAccount},
    {"key-", "aws:key-pair", kInAccount},
    {"eipalloc-", "aws:elastic-ip", kInAccount},
    {"mi-", "aws:managed-instance", kInAccount},
};

constexpr bool rows_are_in_order() {
  for (size_t i = 0; i < std::size(kRows); ++i) {
    if (static_cast<size_t>(kRows[i].type) != i) return false;
  }
  return true;
}
static_assert(rows_are_in_order());

constexpr KeyTable<std::size(kRows)> kByArnResource(kRows, [](const AwsTypeRow& row) {
  return row.arn_resource;
});

std::string_view after_last(std::string_view text, char separator) {
  return text.substr(text.rfind(separator) + 1);
}

std::string_view before(std::string_view text, char separator) {
  return text.substr(0, text.find(separator));
}

// Secrets Manager puts '-' and six random letters behind a secret's name in
// its ARN, and leaves them out wherever a name is enough.
std::string_view without_secret_suffix(std::string_view name) {
  if (name.size() < 8 || name[name.size() - 7] != '-') return name;
  bool random = std::ranges::all_of(name.substr(name.size() - 6), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  });
  return random ? name.substr(0, name.size() - 7) : name;
}

// "name", "name:qualifier", "111122223333:function:name:qualifier".
std::string_view function_name(std::string_view text) {
  if (is_aws_account(before(text, ':')) && text.size() > 12 &&
      text.substr(13).starts_with("function:")) {
    text.remove_prefix(13 + 9);
  }
  return before(text, ':');
}

AwsName split_parent(std::string_view text, bool cut_rest) {
  size_t slash = text.find('/');
  if (slash == std::string_view::npos) return {{}, text};
  std::string_view name = text.substr(slash + 1);
  return {text.substr(0, slash), cut_rest ? before(name, '/') : name};
}

}  // namespace

const AwsTypeRow& row_of(AwsType type) {
  CHECK(static_cast<size_t>(type) < std::size(kRows));
  return kRows[static_cast<size_t>(type)];
}

const AwsTypeRow* find_row(std::string_view arn_service, std::string_view arn_resource) {
  int index = kByArnResource.find(arn_resource);
  for (; index != kByArnResource.kNone; index = kByArnResource.next(index)) {
    if (kRows[index].arn_service == arn_service) return &kRows[index];
  }
  return nullptr;
}

const AwsTypeRow* find_row_of_word(std::string_view word) {
  for (const AwsTypeRow& row : kRows) {
    if (row.word == word) return &row;
  }
  return nullptr;
}

const Ec2Row* find_ec2_row(std::string_view id) {
  if (id.empty()) return nullptr;
  const Ec2Row* best = nullptr;
  for (const Ec2Row& row : kEc2Rows) {
    if (id[0] != row.prefix[0] || !id.starts_with(row.prefix)) continue;
    if (id.size() == row.prefix.size()) continue;
    if (best == nullptr || row.prefix.size() > best->prefix.size()) best = &row;
  }
  return best;
}

ArnResource split_resource(std::string_view resource) {
  size_t cut = 0;
  while (cut < resource.size() && resource[cut] != '/' && resource[cut] != ':') ++cut;
  if (cut == resource.size()) return {{}, resource};
  return {resource.substr(0, cut), resource.substr(cut + 1)};
}

AwsName clean_name(AwsType type, std::string_view text, bool from_arn) {
  switch (type) {
    case kUser:
    case kRole:
    case kGroup:
    case kPolicy:
    case kInstanceProfile:
    case kServerCertificate:
    case kMfaDevice:
      return {{}, from_arn ? after_last(text, '/') : text};  // only ARNs have the path
    case kAccount:                                           // o-exampleorgid/111122223333
    case kOrganizationRoot:                                  // o-exampleorgid/r-…
    case kOrganizationalUnit:                                // o-exampleorgid/ou-…
    case kOrganizationPolicy:  // o-exampleorgid/service_control_policy/p-…
      return {{}, after_last(text, '/')};
    case kBucket:  // bucket/key, and /bucket/key where objects are copied
      if (text.starts_with('/')) text.remove_prefix(1);
      return {{}, before(text, '/')};
    case kFunction: return {{}, function_name(text)};
    case kLambdaLayer:        // name:version
    case kEcsTaskDefinition:  // family:revision
      return {{}, before(text, ':')};
    case kSecret: return {{}, from_arn ? without_secret_suffix(text) : text};
    case kSsmParameter:  // /path/name:version
      if (text.starts_with('/')) text.remove_prefix(1);
      return {{}, before(text, ':')};
    case kPermissionSet:  // instance/permission set
    case kEcsService:
    case kEcsTask: return split_parent(text, false);
    case kEksNodegroup:       // cluster/name/uuid
    case kEksFargateProfile:  // cluster/name/uuid
      return split_parent(text, true);
    case kEksAccessEntry: {  // cluster/role/111122223333/name/uuid
      if (!from_arn) return {{}, text};
      return split_parent(text.substr(0, text.rfind('/')), false);
    }
    default: return {{}, text};
  }
}

}  // namespace stanch::model
