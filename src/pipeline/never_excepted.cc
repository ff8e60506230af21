#include "pipeline/never_excepted.h"

#include <algorithm>
#include <initializer_list>
#include <string>
#include <string_view>

#include "base/ascii.h"
#include "model/entity.h"

// What an event is, facts say where they can: what was made, and what was changed. For all else
// there is a table, of services and of words in the names of their calls. It is about calls,
// refused ones too: who tries is worth seeing. Names are those of the audit logs that normalize
// reads.

namespace stanch::pipeline {

namespace never_excepted {

struct Calls {
  std::string_view cloud;
  std::string_view service;  // empty: any
  std::string_view words;    // in the name of the call, any of them, between '|'; empty: all calls
};

// What is written to, in small letters.
constexpr Calls kWrites[] = {
    {"aws", "iam", ""},
    {"aws", "organizations", ""},
    {"aws", "sso",
     "permission|policy|assignment|instance|application|trustedtokenissuer|sso|group"},
    {"aws", "sso-directory", ""},
    {"aws", "identitystore", ""},
    {"aws", "ram", ""},
    {"aws", "controltower", ""},
    {"aws", "rolesanywhere", "trustanchor|profile|crl|attributemapping|notificationsettings"},
    {"aws", "cloudtrail", ""},
    {"aws", "guardduty", ""},
    {"aws", "securityhub", ""},
    {"aws", "access-analyzer", ""},
    {"aws", "detective", ""},
    {"aws", "macie", ""},
    {"aws", "macie2", ""},
    {"aws", "inspector2", ""},
    {"aws", "config", "delete|stop|recorder|deliverychannel|retention|aggregat"},
    {"aws", "logs", "delete|retention|policy|destination|subscription|disassociatekms"},
    {"aws", "ec2", "flowlogs|instanceprofile"},
    {"aws", "s3", "policy|acl|publicaccess|logging|lifecycle|versioning|ownership|objectlock"},
    {"aws", "kms", "policy|grant|disablekey|keydeletion|importedkeymaterial"},
    {"aws", "lambda", "permission|functionurl"},
    {"aws", "eks", "access|podidentity|identityprovider|updateclusterconfig"},
    {"aws", "ssm", "documentpermission|resourcepolicy"},
    {"aws", "sns", "permission|settopicattributes|policy"},
    {"aws", "sqs", "permission|setqueueattributes"},
    {"aws", "ecr", "policy"},
    {"aws", "acm-pca", "policy|permission"},
    {"aws", "cognito-identity", "roles|identitypool"},
    {"aws", "lakeformation", "permission|settings|optin"},
    {"aws", "route53resolver", "querylog"},
    {"aws", "route53", "querylogging"},
    {"aws", "redshift", "disablelogging|resourcepolicy"},
    // Whatever the service: policies of resources, and where its logs go.
    {"aws", "", "resourcepolicy|accesspolicy|addpermission|putpermission|loggingconfiguration"},

    {"gcp", "", "setiampolicy|setiampermissions|orgpolicy|accesscontrols|setserviceaccount"},
    {"gcp", "iam", ""},
    {"gcp", "iamcredentials", ""},
    {"gcp", "logging", ""},
    {"gcp", "orgpolicy", ""},
    {"gcp", "accesscontextmanager", ""},
    {"gcp", "securitycenter", ""},
    {"gcp", "apikeys", ""},
    {"gcp", "oslogin", "import|create|update"},
    {"gcp", "storage", "hmackeys"},
    {"gcp", "serviceusage", "disable"},
    {"gcp", "cloudkms", "destroycryptokeyversion|updatecryptokeyversion"},
    {"gcp", "container", "setmasterauth|setlegacyabac|setloggingservice"},

    {"azure", "microsoft.authorization", ""},
    {"azure", "microsoft.security", ""},
    {"azure", "microsoft.securityinsights", ""},
    {"azure", "microsoft.operationalinsights", ""},
    {"azure", "microsoft.insights", "diagnosticsettings|logprofiles|datacollectionrule"},
    {"azure", "microsoft.network", "flowlogs"},
    {"azure", "microsoft.storage", "containeracl|managementpolicies"},
    {"azure", "microsoft.keyvault", "accesspolicies|vaults/|vaultput|vaultpatch"},
    {"azure", "microsoft.graph", "/policies|conditionalaccess|permissiongrants|addpassword|addkey"},
    {"azure", "", "diagnosticsettings|authorizationrules|elevateaccess|regeneratekey"},

    {"github", "", "org.add_member|org.update_member|org.invite_member|outside_collaborator"},
    {"github", "", "_admin|owner|team.add_|team.promote|repository_permission|repo.add_member"},
    {"github", "", "repo.update_member|role.|protected_branch|branch_protection|ruleset"},
    {"github", "", "status_check|protection_rule|secret_scanning|code_scanning|codeql"},
    {"github", "", "advanced_security|dependabot|vulnerability_alerts|audit_log|ip_allow_list"},
    {"github", "", "saml|oidc|external_identity|two_factor|personal_access_token|deploy_key"},
    {"github", "", "ssh_certificate|public_key|oauth_app|client_secret|reset_secret|integration"},
    {"github", "", "workflow_permission|hook.|security_key|passkey"},

    {"google_workspace", "", "role|privilege|2sv|2_step|two_step|strong_auth|titanium|api_client"},
    {"google_workspace", "", "oauth|api_access|trust|sso|caa|security_key|password|scratch_code"},
    {"google_workspace", "", "passkey|recovery_|email_monitor|alert_|session_"},

    {"kubernetes", "", "role|serviceaccounts/token|certificatesigningrequests|webhookconfig"},
    {"kubernetes", "", "admissionpolic"},

    {"m365", "", "rolegroup|auditlog|auditbypass|auditretention|transportrule|inboxrule"},
    {"m365", "", "transportconfig|connector|remotedomain|folderpermission|mailboxpermission"},
    {"m365", "", "recipientpermission|set-mailbox|casmailbox|organizationconfig|collectionadmin"},
    {"m365", "", "caseadmin|sendas|sharingpolicy"},

    {"okta", "", "privilege|policy.lifecycle|policy.rule|policy.sign_on|policy.mapping|iam."},
    {"okta", "", "log_stream|factor|authenticator|api_token|idp.|zone|oauth2.client"},
    {"okta", "", "oauth2.credentials|consent.grant|app.keys|event_hook|impersonation"},
    {"okta", "", "threat.configuration|debugger.grant"},
};

// Of Entra's directory, in its own log and in that of Microsoft 365.
constexpr std::string_view kDirectoryWords =
    "role|consent|permission grant|credential|certificates and secrets|conditional access|policy|"
    "federat|authentication on domain|domain authentication|owner to|named location|"
    "security defaults|cross-tenant|security info|strong authentication|temporary access pass|"
    "bypass|pim alert|elevated their access|diagnostic setting";

// Sessions that are more than a sign-in, though their logs count them as reads.
constexpr Calls kReads[] = {
    {"aws", "sts", "assumeroot|getfederationtoken"},
    {"google_workspace", "", "2sv_disable"},
};

// What stands for rights or for a log, and does nothing else.
constexpr std::string_view kTargets[] = {
    "aws:policy",
    "aws:organization-policy",
    "aws:permission-set",
    "aws:oidc-provider",
    "aws:saml-provider",
    "aws:eks-access-entry",
    "aws:trail",
    "aws:flow-log",
    "azure:role",
    "azure:role-assignment",
    "azure:role-definition",
    "kubernetes:role",
    "kubernetes:rolebinding",
    "kubernetes:clusterrole",
    "kubernetes:clusterrolebinding",
};

bool has_word(std::string_view name, std::string_view words) {
  while (!words.empty()) {
    const std::string_view word = words.substr(0, words.find('|'));
    if (name.contains(word)) return true;
    words.remove_prefix(std::min(word.size() + 1, words.size()));
  }
  return false;
}

// A call as the tables know it.
struct Call {
  explicit Call(const model::Facts& facts)
      : cloud(facts.cloud),
        service(ascii_lower(facts.action.service)),
        name(ascii_lower(facts.action.name)) {
    if (service == "k8s.io") cloud = "kubernetes";  // by the log of Google Cloud
    for (const std::string_view end : {".amazonaws.com", ".googleapis.com"}) {
      if (service.ends_with(end)) service.resize(service.size() - end.size());
    }
  }
  bool is_one_of(const Calls& calls) const {
    return cloud == calls.cloud && (calls.service.empty() || service == calls.service) &&
           (calls.words.empty() || has_word(name, calls.words));
  }

  std::string_view cloud;
  std::string service, name;
};

// Old records do not say it: then the name does.
bool is_read(const model::Action& action, std::string_view name) {
  if (action.access != model::Access::kUnknown) return action.access == model::Access::kRead;
  return std::ranges::any_of(std::initializer_list<std::string_view>{"get", "list", "describe"},
                             [&](std::string_view verb) { return name.starts_with(verb); });
}

bool outlasts_a_session(const model::Minted& minted) {
  return minted.kind != model::MintedKind::kSession && minted.kind != model::MintedKind::kToken;
}

}  // namespace never_excepted

bool is_never_excepted(const model::Facts& facts) {
  using namespace never_excepted;
  const model::Plane plane = facts.action.plane;
  if (plane == model::Plane::kInsight || plane == model::Plane::kNetwork) return false;  // no call
  if (std::ranges::any_of(facts.minted, outlasts_a_session)) return true;
  const Call call(facts);
  const auto is_one_of = [&](const Calls& calls) { return call.is_one_of(calls); };
  if (is_read(facts.action, call.name)) return std::ranges::any_of(kReads, is_one_of);
  if (std::ranges::any_of(kWrites, is_one_of)) return true;
  if ((call.cloud == "azure" || call.cloud == "m365") && has_word(call.name, kDirectoryWords)) {
    return true;
  }
  return facts.action.access == model::Access::kWrite &&
         std::ranges::any_of(facts.targets, [](const model::Target& target) {
           return std::ranges::find(kTargets, model::entity_type(target.entity)) !=
                  std::end(kTargets);
         });
}

}  // namespace stanch::pipeline
