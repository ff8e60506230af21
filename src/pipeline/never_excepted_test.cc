#include "pipeline/never_excepted.h"

#include <gtest/gtest.h>

namespace stanch::pipeline {
namespace {

using model::Access;
using model::MintedKind;
using model::Plane;

struct Case {
  std::string_view cloud, service, name;
  Access access;
  bool never;
  Plane plane = Plane::kManagement;
};

constexpr Access kWrite = Access::kWrite, kRead = Access::kRead, kUnknown = Access::kUnknown;

model::Facts call(std::string_view cloud, std::string_view service, std::string_view name,
                  Access access) {
  model::Facts facts;
  facts.cloud = cloud;
  facts.action.service = service;
  facts.action.name = name;
  facts.action.access = access;
  return facts;
}

TEST(NeverExcepted, IsWhatChangesRightsOrLogging) {
  const Case cases[] = {
      {"aws", "iam.amazonaws.com", "AttachRolePolicy", kWrite, true},
      {"aws", "iam.amazonaws.com", "AddUserToGroup", kUnknown, true, Plane::kUnknown},
      {"aws", "sso.amazonaws.com", "CreateAccountAssignment", kWrite, true},
      {"aws", "sso-directory.amazonaws.com", "AddMemberToGroup", kWrite, true},
      {"aws", "identitystore.amazonaws.com", "CreateGroupMembership", kWrite, true},
      {"aws", "cloudtrail.amazonaws.com", "StopLogging", kWrite, true},
      {"aws", "access-analyzer.amazonaws.com", "DeleteAnalyzer", kWrite, true},
      {"aws", "config.amazonaws.com", "StopConfigurationRecorder", kWrite, true},
      {"aws", "logs.amazonaws.com", "PutRetentionPolicy", kWrite, true},
      {"aws", "logs.amazonaws.com", "DeleteLogGroup", kWrite, true},
      {"aws", "ec2.amazonaws.com", "DeleteFlowLogs", kWrite, true},
      {"aws", "s3.amazonaws.com", "PutBucketPolicy", kWrite, true},
      {"aws", "s3.amazonaws.com", "DeleteBucketPublicAccessBlock", kWrite, true},
      {"aws", "s3.amazonaws.com", "PutBucketAcl", kWrite, true},
      {"aws", "s3.amazonaws.com", "PutBucketLifecycle", kWrite, true},
      {"aws", "s3.amazonaws.com", "REST.PUT.BUCKETPOLICY", kWrite, true, Plane::kData},
      {"aws", "kms.amazonaws.com", "PutKeyPolicy", kWrite, true},
      {"aws", "kms.amazonaws.com", "ScheduleKeyDeletion", kWrite, true},
      {"aws", "lambda.amazonaws.com", "AddPermission", kWrite, true},
      {"aws", "rolesanywhere.amazonaws.com", "CreateTrustAnchor", kWrite, true},
      {"aws", "ram.amazonaws.com", "CreateResourceShare", kWrite, true},
      {"aws", "eks.amazonaws.com", "AssociateAccessPolicy", kWrite, true},
      {"aws", "wafv2.amazonaws.com", "DeleteLoggingConfiguration", kWrite, true},
      {"aws", "route53resolver.amazonaws.com", "DeleteResolverQueryLogConfig", kWrite, true},
      {"aws", "secretsmanager.amazonaws.com", "PutResourcePolicy", kWrite, true},
      {"aws", "sqs.amazonaws.com", "AddPermission", kWrite, true},
      {"aws", "ecr.amazonaws.com", "SetRepositoryPolicy", kWrite, true},
      {"aws", "sts.amazonaws.com", "AssumeRoot", kRead, true},
      {"aws", "sts.amazonaws.com", "GetFederationToken", kRead, true},
      {"aws", "iam.amazonaws.com", "GetUser", kUnknown, false, Plane::kUnknown},
      {"aws", "iam.amazonaws.com", "ListUsers", kRead, false},
      {"aws", "sts.amazonaws.com", "AssumeRole", kRead, false},
      {"aws", "s3.amazonaws.com", "PutObject", kWrite, false, Plane::kData},
      {"aws", "ec2.amazonaws.com", "RunInstances", kWrite, false},
      {"aws", "signin.amazonaws.com", "ConsoleLogin", kWrite, false},
      {"aws", "rolesanywhere.amazonaws.com", "CreateSession", kWrite, false},
      {"aws", "config.amazonaws.com", "ComplianceChangeNotification", kUnknown, false},
      {"aws", "guardduty.amazonaws.com", "Recon:EC2/Portscan", kUnknown, false, Plane::kInsight},
      {"aws", "wafv2.amazonaws.com", "BLOCK", kUnknown, false, Plane::kNetwork},

      {"gcp", "cloudresourcemanager.googleapis.com", "SetIamPolicy", kWrite, true},
      {"gcp", "storage.googleapis.com", "storage.setIamPermissions", kWrite, true},
      {"gcp", "compute.googleapis.com", "compute.instances.SetIAMPolicy", kUnknown, true},
      {"gcp", "cloudresourcemanager.googleapis.com", "SetOrgPolicy", kWrite, true},
      {"gcp", "iamcredentials.googleapis.com", "GenerateAccessToken", kUnknown, true, Plane::kData},
      {"gcp", "logging.googleapis.com", "DeleteSink", kWrite, true},
      {"gcp", "k8s.io", "create clusterrolebindings", kWrite, true},
      {"gcp", "compute.googleapis.com", "compute.instances.delete", kWrite, false},
      {"gcp", "k8s.io", "create pods/exec", kWrite, false},
      {"gcp", "run.googleapis.com", "GetIamPolicy", kRead, false},

      {"azure", "microsoft.authorization", "microsoft.authorization/locks/delete", kWrite, true},
      {"azure", "microsoft.insights", "microsoft.insights/diagnosticsettings/delete", kWrite, true},
      {"azure", "Microsoft.Security", "Microsoft.Security/pricings/write", kWrite, true},
      {"azure", "microsoft.keyvault", "microsoft.keyvault/vaults/accesspolicies/write", kWrite,
       true},
      {"azure", "Core Directory", "Add member to role", kWrite, true},
      {"azure", "Core Directory", "Consent to application", kWrite, true},
      {"azure", "Core Directory", "Update Conditional Access policy", kWrite, true},
      {"azure", "Core Directory", "Set federation settings on domain", kWrite, true},
      {"azure", "Core Directory", "Add service principal credentials", kWrite, true},
      {"azure", "microsoft.graph", "POST /applications/1/addPassword", kWrite, true},
      {"azure", "microsoft.compute", "microsoft.compute/virtualmachines/write", kWrite, false},
      {"azure", "microsoft.aadiam", "Sign-in activity", kUnknown, false},
      {"azure", "Core Directory", "Update device", kWrite, false},
      {"azure", "microsoft.graph", "GET /directoryRoles", kRead, false},

      {"kubernetes", "kubernetes", "create clusterrolebindings", kWrite, true},
      {"kubernetes", "kubernetes", "create serviceaccounts/token", kWrite, true},
      {"kubernetes", "kubernetes", "update certificatesigningrequests/approval", kWrite, true},
      {"kubernetes", "kubernetes", "create pods/exec", kWrite, false},
      {"kubernetes", "kubernetes", "list clusterroles", kRead, false},

      {"okta", "okta", "user.account.privilege.grant", kWrite, true},
      {"okta", "okta", "policy.lifecycle.update", kWrite, true},
      {"okta", "okta", "system.log_stream.lifecycle.deactivate", kWrite, true},
      {"okta", "okta", "user.mfa.factor.reset_all", kWrite, true},
      {"okta", "okta", "system.api_token.create", kWrite, true},
      {"okta", "okta", "user.session.start", kUnknown, false},
      {"okta", "okta", "policy.evaluate_sign_on", kUnknown, false},

      {"m365", "Exchange", "Add-RoleGroupMember", kWrite, true},
      {"m365", "Exchange", "Set-AdminAuditLogConfig", kWrite, true},
      {"m365", "Exchange", "New-TransportRule", kWrite, true},
      {"m365", "Exchange", "New-InboxRule", kWrite, true},
      {"m365", "Exchange", "Add-MailboxPermission", kWrite, true},
      {"m365", "AzureActiveDirectory", "Add member to role", kWrite, true},
      {"m365", "SharePoint", "FileUploaded", kWrite, false},
      {"m365", "AzureActiveDirectory", "UserLoggedIn", kUnknown, false},

      {"google_workspace", "admin", "GRANT_ADMIN_PRIVILEGE", kWrite, true},
      {"google_workspace", "admin.googleapis.com", "ASSIGN_ROLE", kWrite, true},
      {"google_workspace", "login", "2sv_disable", kUnknown, true},
      {"google_workspace", "admin", "AUTHORIZE_API_CLIENT_ACCESS", kWrite, true},
      {"google_workspace", "drive", "download", kRead, false},
      {"google_workspace", "admin", "CREATE_USER", kWrite, false},

      {"github", "github", "org.update_member", kWrite, true},
      {"github", "github", "protected_branch.destroy", kWrite, true},
      {"github", "github", "repository_secret_scanning.disable", kWrite, true},
      {"github", "github", "audit_log_streaming.destroy", kWrite, true},
      {"github", "github", "repo.create", kWrite, false},
      {"github", "github", "git.clone", kUnknown, false, Plane::kData},

      {"elsewhere", "iam.amazonaws.com", "AttachRolePolicy", kWrite, false},
  };
  for (const Case& c : cases) {
    model::Facts facts = call(c.cloud, c.service, c.name, c.access);
    facts.action.plane = c.plane;
    EXPECT_EQ(is_never_excepted(facts), c.never) << c.cloud << ' ' << c.service << ' ' << c.name;
  }
}

// Whatever the call is called.
TEST(NeverExcepted, IsWhatMakesALastingCredential) {
  struct Made {
    MintedKind kind;
    bool never;
  };
  for (const Made& made : {Made{MintedKind::kAccessKey, true}, Made{MintedKind::kSshKey, true},
                           Made{MintedKind::kClientSecret, true}, Made{MintedKind::kSession, false},
                           Made{MintedKind::kToken, false}}) {
    model::Minted minted;
    minted.kind = made.kind;
    model::Facts facts = call("aws", "new.amazonaws.com", "Make", kUnknown);
    facts.minted = {&minted, 1};
    EXPECT_EQ(is_never_excepted(facts), made.never) << name_of(made.kind);
  }
}

TEST(NeverExcepted, IsAWriteToWhatStandsForRights) {
  model::Target policy, role;
  policy.entity = {"aws:policy/111122223333/deploy"};
  role.entity = {"aws:role/111122223333/deploy"};
  const auto never = [](const model::Target& target, Access access) {
    model::Facts facts = call("aws", "new.amazonaws.com", "Change", access);
    facts.targets = {&target, 1};
    return is_never_excepted(facts);
  };
  EXPECT_TRUE(never(policy, kWrite));
  EXPECT_FALSE(never(policy, kRead));
  EXPECT_FALSE(never(role, kWrite)) << "most calls only pass one on";
}

}  // namespace
}  // namespace stanch::pipeline
