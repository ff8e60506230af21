// The public cloud rules, where they are at hand, with the maps and logs of content/fields/: how
// many of them ask for what native events have, and events of several forms that they must find.
// The events were written for this test, after the providers' own descriptions.

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "codec/json.h"
#include "detect/detect.h"
#include "naive/naive.h"

namespace stanch::detect {
namespace {

namespace fs = std::filesystem;

std::string read(const fs::path& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

FieldContent fields() {
  FieldContent content;
  Diagnostics diagnostics;
  std::vector<fs::path> paths;
  for (const auto& entry : fs::directory_iterator(STANCH_SOURCE_DIR "/content/fields")) {
    paths.push_back(entry.path());
  }
  std::ranges::sort(paths);
  for (const fs::path& path : paths) {
    read_fields({path.filename(), read(path)}, content, diagnostics);
  }
  for (const Diagnostic& diagnostic : diagnostics) ADD_FAILURE() << to_text(diagnostic);
  EXPECT_GE(content.logs.size(), 15u);
  EXPECT_GE(content.maps.size(), 9u);
  return content;
}

std::vector<RuleText> public_rules() {
  const char* data = std::getenv("STANCH_DATA");
  const fs::path root =
      fs::path(data != nullptr ? data : STANCH_SOURCE_DIR "/../shared/data") / "sigma";
  std::vector<RuleText> texts;
  if (!fs::exists(root)) return texts;
  for (const auto& entry : fs::recursive_directory_iterator(root)) {
    if (entry.path().extension() == ".yml") {
      texts.push_back({fs::relative(entry.path(), root), read(entry.path())});
    }
  }
  std::ranges::sort(texts, {}, &RuleText::path);
  return texts;
}

// Every list that a rule asks for, with one value in it.
Placeholders filled() {
  Placeholders out;
  for (const char* name :
       {"Legitimate_Countries", "Legitimate_IP_Ranges", "ApprovedUserUpn", "Approved_Inviters",
        "Important_AppIds", "Known_Location", "KNOWN_LOCATION", "UnLegitCountries", "UnApprovedIp",
        "UnApprovedDevice", "HomeTenantID"}) {
    out[name] = {"value"};
  }
  return out;
}

// What binds as far as fields go, and can be found in no event all the same; and what does not
// bind.
const std::map<std::string, std::string> kNotBound = {
    {"aws_cloudtrail_console_login_success_from_susp_locations",
     "asks for src_country, which CloudTrail does not know"},
    {"aws_delete_saml_provider", "asks for status, which CloudTrail does not have"},
    {"azure_privileged_account_creation", "asks for two activities in one event"},
    {"azure_user_password_change", "compares names with the word UPN"},
    {"azure_ad_sign_ins_from_unknown_devices",
     "asks for '[]' as a text, where native events have an empty list"},
    {"azure_app_end_user_consent_blocked",
     "asks for a reason that has another name: …userConsentBlockedForRiskyAppsException"},
};
// Logs that Stanch does not read.
bool is_of_other_log(const std::string& path) {
  return path.contains("opencanary") || path.contains("bitbucket") || path.contains("/duo/") ||
         path.contains("cisco") || path.contains("onelogin");
}

TEST(PublicRules, AskForWhatNativeEventsHave) {
  const std::vector<RuleText> texts = public_rules();
  if (texts.empty()) GTEST_SKIP() << "no data: 0 of 330 public rules read";
  const FieldContent content = fields();
  const Loaded loaded = load_rules(texts, filled(), content.logs, content.maps);
  std::set<std::string> with_unknown_fields;
  for (const Diagnostic& diagnostic : loaded.diagnostics) {
    if (diagnostic.code->id == "SIG038") with_unknown_fields.insert(diagnostic.place.file);
  }
  size_t bound = 0, all = 0;
  for (const RuleReport& report : loaded.reports) {
    ASSERT_EQ(static_cast<int>(report.state), static_cast<int>(RuleState::kLoaded)) << report.path;
    if (is_of_other_log(report.path)) {
      EXPECT_FALSE(report.fits_log) << report.path;
      continue;
    }
    ++all;
    const bool has_places = !report.unbindable && !with_unknown_fields.contains(report.path);
    const bool is_listed = kNotBound.contains(fs::path(report.path).stem());
    EXPECT_TRUE(has_places || is_listed) << report.path << ": " << report.unbindable_why;
    bound += has_places && !is_listed;
  }
  std::cout << bound << " of " << all << " public rules of logs that are read bind\n";
  EXPECT_EQ(all, 289u);
  EXPECT_GE(bound * 100, all * 95);
  EXPECT_EQ(all - bound, kNotBound.size());
}

struct Native {
  const char* rule;  // the file's name
  const char *product, *service;
  const char* event;
  bool matches = true;
};

const Native
    kNative
        [] =
            {
                // Azure's activity log: of diagnostic settings, of the API, of the command line
                {"azure_keyvault_modified_or_deleted", "azure", "activitylogs",
                 R"({"time":"2026-03-01T00:00:00Z","operationName":"MICROSOFT.KEYVAULT/VAULTS/DELETE","category":"Administrative","resourceId":"/subscriptions/s"})"},
                {"azure_keyvault_modified_or_deleted", "azure", "activitylogs",
                 R"({"operationName":{"value":"Microsoft.KeyVault/vaults/delete","localizedValue":"Delete"},"resourceId":"/subscriptions/s"})"},
                {"azure_keyvault_modified_or_deleted", "azure", "activitylogs",
                 R"({"operation_name":{"value":"Microsoft.KeyVault/vaults/delete"},"resource_id":"/subscriptions/s"})"},
                {"azure_keyvault_modified_or_deleted", "azure", "activitylogs",
                 R"({"operationName":"MICROSOFT.KEYVAULT/VAULTS/READ","resourceId":"/subscriptions/s"})",
                 false},
                {"azure_aadhybridhealth_adfs_new_server", "azure", "activitylogs",
                 R"({"operationName":"MICROSOFT.ADHYBRIDHEALTHSERVICE/SERVICES/SERVICEMEMBERS/ACTION","category":"Administrative","resourceId":"/providers/Microsoft.ADHybridHealthService/services/AdFederationService-x"})"},
                {"azure_device_or_configuration_modified_or_deleted", "azure", "auditlogs",
                 R"({"operationName":"Delete device","category":"AuditLogs","properties":{"activityDisplayName":"Delete device"}})"},
                // Entra's audit log: of diagnostic settings, of Graph
                {"azure_ad_account_created_deleted", "azure", "auditlogs",
                 R"({"operationName":"Add user","category":"AuditLogs","properties":{"result":"success","activityDisplayName":"Add user"}})"},
                {"azure_ad_account_created_deleted", "azure", "auditlogs",
                 R"({"activityDisplayName":"Delete user","result":"success","initiatedBy":{}})"},
                {"azure_ad_account_created_deleted", "azure", "auditlogs",
                 R"({"activityDisplayName":"Delete user","result":"failure","initiatedBy":{}})",
                 false},
                {"azure_ad_bitlocker_key_retrieval", "azure", "auditlogs",
                 R"({"operationName":"Read BitLocker key","category":"AuditLogs","properties":{"category":"KeyManagement"}})"},
                {"azure_app_end_user_consent", "azure", "auditlogs",
                 R"({"properties":{"targetResources":[{"modifiedProperties":[{"displayName":"ConsentContext.IsAdminConsent","newValue":"\"False\""}]}]}})"},
                {"azure_app_end_user_consent", "azure", "auditlogs",
                 R"({"targetResources":[{"modifiedProperties":[{"displayName":"ConsentContext.IsAdminConsent","newValue":"\"True\""},{"displayName":"ConsentContext.OnBehalfOfAll","newValue":"\"False\""}]}]})",
                 false},
                {"azure_guest_to_member", "azure", "auditlogs",
                 R"({"operationName":"Update user","properties":{"category":"UserManagement","targetResources":[{"modifiedProperties":[{"displayName":"UserType","oldValue":"[\"Guest\"]","newValue":"[\"Member\"]"}]}]}})"},
                {"azure_guest_to_member", "azure", "auditlogs",
                 R"({"operationName":"Update user","properties":{"category":"UserManagement","targetResources":[{"modifiedProperties":[{"displayName":"UserType","oldValue":"[\"Member\"]","newValue":"[\"Guest\"]"}]}]}})",
                 false},
                {"azure_user_account_mfa_disable", "azure", "auditlogs",
                 R"({"operationName":"Update user","properties":{"category":"UserManagement","loggedByService":"Core Directory","targetResources":[{"modifiedProperties":[{"displayName":"StrongAuthenticationRequirement","newValue":"[{\"RelyingParty\":\"*\",\"State\":0}]"}]}]}})"},
                {"azure_priviledged_role_assignment_add", "azure", "auditlogs",
                 R"j({"operationName":"Add eligible member to role in PIM completed (permanent)","properties":{}})j"},
                {"azure_auditlogs_laps_credential_dumping", "azure", "auditlogs",
                 R"({"operationName":"Recover device local administrator password","properties":{"category":"Device","additionalDetails":[{"key":"AdditionalInfo","value":"Successfully recovered local credential by device id"}]}})"},
                // Entra's sign-ins
                {"azure_account_lockout", "azure", "signinlogs",
                 R"({"category":"SignInLogs","resultType":"50053","properties":{"status":{"errorCode":50053}}})"},
                {"azure_account_lockout", "azure", "signinlogs",
                 R"({"createdDateTime":"2026-03-01T00:00:00Z","appId":"x","status":{"errorCode":50053}})"},
                {"azure_account_lockout", "azure", "signinlogs",
                 R"({"createdDateTime":"2026-03-01T00:00:00Z","appId":"x","status":{"errorCode":0}})",
                 false},
                {"azure_ad_only_single_factor_auth_required", "azure", "signinlogs",
                 R"({"category":"SignInLogs","resultType":"0","properties":{"authenticationRequirement":"singleFactorAuthentication"}})"},
                {"azure_ad_only_single_factor_auth_required", "azure", "signinlogs",
                 R"({"category":"SignInLogs","resultType":"50126","properties":{"authenticationRequirement":"singleFactorAuthentication"}})",
                 false},
                {"azure_mfa_denies", "azure", "signinlogs",
                 R"({"authenticationRequirement":"multiFactorAuthentication","status":{"errorCode":500121,"additionalDetails":"MFA denied; user declined the authentication"}})"},
                {"azure_app_device_code_authentication", "azure", "signinlogs",
                 R"({"category":"SignInLogs","properties":{"authenticationProtocol":"deviceCode"}})"},
                {"azure_legacy_authentication_protocols", "azure", "signinlogs",
                 R"({"category":"SignInLogs","operationName":"Sign-in activity","properties":{"clientAppUsed":"IMAP4","userPrincipalName":"a@example.com"}})"},
                {"azure_conditional_access_failure", "azure", "signinlogs",
                 R"({"resultType":"53003","resultDescription":"Access has been blocked by Conditional Access policies.","properties":{}})"},
                {"azure_ad_sign_ins_from_noncompliant_devices", "azure", "signinlogs",
                 R"({"properties":{"deviceDetail":{"isCompliant":false}}})"},
                // identity protection, privileged identity management
                {"azure_identity_protection_leaked_credentials", "azure", "riskdetection",
                 R"({"category":"UserRiskEvents","properties":{"riskEventType":"leakedCredentials"}})"},
                {"azure_pim_too_many_global_admins", "azure", "pim",
                 R"({"alertDefinitionId":"DirectoryRole_11111111-2222-3333-4444-555555555555_TooManyGlobalAdminsAssignedToTenantAlert","scopeType":"DirectoryRole"})"},
                // Google Cloud and Workspace
                {"gcp_firewall_rule_modified_or_deleted", "gcp", "gcp.audit",
                 R"({"protoPayload":{"methodName":"v1.compute.firewalls.delete"}})"},
                {"gcp_service_account_disabled_or_deleted", "gcp", "gcp.audit",
                 R"({"protoPayload":{"methodName":"google.iam.admin.v1.DeleteServiceAccount"}})"},
                {"gcp_kubernetes_admission_controller", "gcp", "gcp.audit",
                 R"({"protoPayload":{"methodName":"io.k8s.admissionregistration.v1.mutatingwebhookconfigurations.create"}})"},
                {"gcp_breakglass_container_workload_deployed", "gcp", "gcp.audit", R"({"logName":"projects/p/logs/cloudaudit.googleapis.com%2Factivity","resource":{"type":"k8s_cluster"},"protoPayload":{"methodName":"io.k8s.core.v1.pods.create","request":{"metadata":{"annotations":{"x":"image-policy.k8s.io/break-glass"}}}}})"},
                {"gcp_gworkspace_mfa_disabled", "gcp", "google_workspace.admin",
                 R"({"protoPayload":{"serviceName":"admin.googleapis.com","metadata":{"event":[{"eventName":"ENFORCE_STRONG_AUTHENTICATION","parameter":[{"name":"NEW_VALUE","value":"false"}]}]}}})"},
                {"gcp_gworkspace_mfa_disabled", "gcp", "google_workspace.admin",
                 R"({"id":{"applicationName":"admin"},"events":[{"name":"ENFORCE_STRONG_AUTHENTICATION","parameters":[{"name":"OLD_VALUE","value":"true"},{"name":"NEW_VALUE","value":"false"}]}]})"},
                {"gcp_gworkspace_mfa_disabled", "gcp", "google_workspace.admin",
                 R"({"id":{"applicationName":"admin"},"events":[{"name":"ENFORCE_STRONG_AUTHENTICATION","parameters":[{"name":"OLD_VALUE","value":"false"},{"name":"NEW_VALUE","value":"true"}]}]})",
                 false},
                // Microsoft 365
                {"microsoft365_impossible_travel_activity", "m365", "",
                 R"({"RecordType":40,"Operation":"AlertTriggered","Workload":"SecurityComplianceCenter","ResultStatus":"Succeeded","Status":"Active","Name":"Impossible travel activity"})"},
                {"microsoft365_new_federated_domain_added_exchange", "m365", "",
                 R"({"RecordType":1,"Operation":"Add-FederatedDomain","Workload":"Exchange","ResultStatus":"True"})"},
                {"microsoft365_bypass_conditional_access", "m365", "",
                 R"({"Operation":"UserLoggedIn","ApplicationId":"9ba1a5c7-f17a-4de9-a1f1-6178c8d51223","ResultStatus":"Success","ObjectId":"x","ExtendedProperties":[{"Name":"RequestType","Value":"Cmsi:Cmsi"}]})"},
                {"microsoft365_susp_email_forwarding_activity", "m365", "",
                 R"({"Operation":"New-InboxRule","Parameters":[{"Name":"ForwardTo","Value":"eve@example.com"}]})"},
                // Kubernetes
                {"kubernetes_audit_hostpath_mount", "kubernetes", "audit",
                 R"({"verb":"create","objectRef":{"resource":"pods"},"requestObject":{"spec":{"volumes":[{"name":"v","hostPath":{"path":"/"}}]}}})"},
                {"kubernetes_audit_potential_enumeration_activity", "kubernetes", "audit",
                 R"({"verb":"get","userAgent":"trufflehog","responseStatus":{"code":200},"annotations":{"authorization.k8s.io/decision":"allow"}})"},
};

TEST(PublicRules, FindNativeEvents) {
  const std::vector<RuleText> texts = public_rules();
  if (texts.empty()) GTEST_SKIP() << "no data: 0 of 330 public rules read";
  const FieldContent content = fields();
  const Loaded loaded = load_rules(texts, filled(), content.logs, content.maps);
  const auto infos = rule_infos(*loaded.rules);
  for (const Native& native : kNative) {
    const auto rule = std::ranges::find_if(
        infos, [&](const auto& info) { return fs::path(info->path).stem() == native.rule; });
    ASSERT_NE(rule, infos.end()) << native.rule;
    const auto index = static_cast<uint32_t>(rule - infos.begin());
    codec::JsonParser parser;
    const codec::JsonView event = parser.parse(native.event);
    ASSERT_TRUE(event) << native.event;
    Matcher matcher(loaded.rules, codec::HashSecret{1});
    const auto matches = matcher.match(event, {native.product, native.service, ""}).matches;
    EXPECT_EQ(std::ranges::find(matches, index, &Match::rule) != matches.end(), native.matches)
        << native.rule << "\n"
        << native.event;
    EXPECT_EQ(naive::matches(rule_trees(*loaded.rules)[index], native.event,
                             {native.product, native.service, ""}),
              native.matches)
        << "the naive evaluator differs: " << native.rule;
  }
}

}  // namespace
}  // namespace stanch::detect
