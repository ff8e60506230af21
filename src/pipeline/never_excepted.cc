#include "pipeline/never_excepted.h"

#include <algorithm>
#include <string_view>

namespace stanch::pipeline {

namespace {

struct Call {
  std::string_view cloud, service, action;  // pieces of what the facts say; empty: any
};

// Services and operations by which rights and logs are changed.
constexpr Call kCalls[] = {
    {"aws", "iam.amazonaws.com", ""},
    {"aws", "organizations.amazonaws.com", ""},
    {"aws", "sso.amazonaws.com", ""},
    {"aws", "cloudtrail.amazonaws.com", ""},
    {"aws", "guardduty.amazonaws.com", ""},
    {"aws", "securityhub.amazonaws.com", ""},
    {"aws", "config.amazonaws.com", ""},
    {"aws", "logs.amazonaws.com", "Delete"},
    {"aws", "ec2.amazonaws.com", "DeleteFlowLogs"},
    {"azure", "microsoft.authorization", ""},
    {"azure", "", "microsoft.insights/diagnosticsettings"},
    {"azure", "", "role"},
    {"azure", "", "conditional access"},
    {"gcp", "", "SetIamPolicy"},
    {"gcp", "", "setIamPolicy"},
    {"gcp", "iam.googleapis.com", ""},
    {"gcp", "logging.googleapis.com", ""},
    {"kubernetes", "", "role"},
    {"okta", "", "privilege"},
    {"okta", "", "policy."},
};

}  // namespace

bool is_never_excepted(const model::Facts& facts) {
  if (facts.action.access == model::Access::kRead) return false;
  return std::ranges::any_of(kCalls, [&](const Call& call) {
    return facts.cloud == call.cloud && facts.action.service.contains(call.service) &&
           facts.action.name.contains(call.action);
  });
}

}  // namespace stanch::pipeline
