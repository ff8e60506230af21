#pragma once

#include <string>
#include <string_view>

#include "base/text_arena.h"
#include "codec/json.h"
#include "model/event.h"
#include "normalize/clues.h"
#include "normalize/normalize.h"

// What a log family is, and all of them but CloudTrail, which remembers more. Inside normalize/
// only; normalize.h is the face.

namespace stanch::normalize {

struct Family {
  LogFamily family;
  std::string_view name;  // "okta"
  LogSource source;
  Clues needs[3];  // members that each of its events has, by the form it comes in
  // Of an object that has these.
  bool (*is_one)(codec::JsonView event);
  // As it stands in the JSON, or in `scratch`; empty if there is none.
  std::string_view (*event_id)(codec::JsonView event, std::string& scratch);
  // Into empty facts.
  void (*extract)(codec::JsonView event, TextArena& arena, model::Facts& facts);
};

extern const Family kOkta;
extern const Family kAzureActivity;
extern const Family kEntraSignIn;
extern const Family kEntraAudit;
extern const Family kM365Audit;
extern const Family kEntraPim;
extern const Family kEntraRisk;
extern const Family kMicrosoftAlert;
extern const Family kAzureFlow;
extern const Family kAzureKeyVault;
extern const Family kAzureStorage;
extern const Family kGraphActivity;
extern const Family kWorkspaceAdminLog;  // as Cloud Logging has it
extern const Family kWorkspaceLoginLog;
extern const Family kGcpAudit;
extern const Family kGcpFlow;
extern const Family kGcpFirewall;
extern const Family kGcpDns;
extern const Family kKubernetes;
extern const Family kGitHub;
extern const Family kWorkspaceAdmin;  // as the Reports API has it
extern const Family kWorkspaceLogin;
extern const Family kWorkspace;
extern const Family kWorkspaceAlert;
extern const Family kGuardDuty;
extern const Family kGuardDutyAsff;  // as Security Hub gathers it
extern const Family kGuardDutyOcsf;
extern const Family kSecurityHub;
extern const Family kSecurityHubOcsf;
extern const Family kAccessAnalyzer;
extern const Family kAwsConfig;
extern const Family kAwsHealth;
extern const Family kSuricata;
extern const Family kFalco;
extern const Family kAwsResolver;
extern const Family kAwsWaf;
extern const Family kSecurityCenter;
extern const Family kVpcFlow;
extern const Family kS3Access;
extern const Family kElbAccess;
extern const Family kSshd;
extern const Family kSudo;
extern const Family kAuditd;
extern const Family kSyslog;

// In the order of LogFamily, in which they are also asked.
inline constexpr const Family* kFamilies[] = {
    &kOkta,
    &kAzureActivity,
    &kEntraSignIn,
    &kEntraAudit,
    &kM365Audit,
    &kEntraPim,
    &kEntraRisk,
    &kMicrosoftAlert,
    &kAzureFlow,
    &kAzureKeyVault,
    &kAzureStorage,
    &kGraphActivity,
    &kWorkspaceAdminLog,
    &kWorkspaceLoginLog,
    &kGcpAudit,
    &kGcpFlow,
    &kGcpFirewall,
    &kGcpDns,
    &kKubernetes,
    &kGitHub,
    &kWorkspaceAdmin,
    &kWorkspaceLogin,
    &kWorkspace,
    &kWorkspaceAlert,
    &kGuardDuty,
    &kGuardDutyAsff,
    &kGuardDutyOcsf,
    &kSecurityHub,
    &kSecurityHubOcsf,
    &kAccessAnalyzer,
    &kAwsConfig,
    &kAwsHealth,
    &kSuricata,
    &kFalco,
    &kAwsResolver,
    &kAwsWaf,
    &kSecurityCenter,
    &kVpcFlow,
    &kS3Access,
    &kElbAccess,
    &kSshd,
    &kSudo,
    &kAuditd,
    &kSyslog,
};

}  // namespace stanch::normalize
