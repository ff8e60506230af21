#include "respond/action/policies.h"

#include <algorithm>
#include <set>

#include "cloud/aws/permissions.h"
#include "respond/action/permissions.h"

namespace stanch::respond {

namespace {

using codec::JsonValue;
using Object = JsonValue::Object;

JsonValue texts(const std::set<std::string>& list) {
  JsonValue::Array array;
  for (const std::string& each : list) array.emplace_back(each);
  return JsonValue(std::move(array));
}

JsonValue statement(const char* sid, const char* effect, const std::set<std::string>& actions,
                    const std::set<std::string>& resources) {
  return JsonValue(Object{{"Sid", JsonValue(sid)},
                          {"Effect", JsonValue(effect)},
                          {"Action", texts(actions)},
                          {"Resource", texts(resources)}});
}

// Tags only on what is made in the same call, so that nobody's tags are changed (EC2 User Guide,
// "Grant permission to tag Amazon EC2 resources during creation": ec2:CreateAction).
constexpr const char* kTagging = "ec2:CreateTags";
// Keys are used by the services that copy for us alone, never to read by ourselves.
// "kms:ViaService": https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html
constexpr const char* kKeyUses[] = {"kms:CreateGrant",     "kms:Decrypt",
                                    "kms:GenerateDataKey", "kms:GenerateDataKeyWithoutPlaintext",
                                    "kms:ReEncryptFrom",   "kms:ReEncryptTo"};
constexpr const char* kCopyingServices[] = {"ec2.*.amazonaws.com*", "s3.*.amazonaws.com*"};
// What is ours is out of reach of what contains others, even if it went wrong.
// IAM takes no wildcard for the kind of a thing ("IAM resource path must either be "*" or start
// with user/, …").
constexpr const char* kOurs[] = {"arn:*:iam::*:role/stanch-*",
                                 "arn:*:iam::*:role/*/stanch-*",
                                 "arn:*:iam::*:user/stanch-*",
                                 "arn:*:iam::*:user/*/stanch-*",
                                 "arn:*:iam::*:group/stanch-*",
                                 "arn:*:iam::*:group/*/stanch-*",
                                 "arn:*:iam::*:policy/stanch-*",
                                 "arn:*:iam::*:policy/*/stanch-*",
                                 "arn:*:iam::*:instance-profile/stanch-*",
                                 "arn:*:iam::*:instance-profile/*/stanch-*"};

JsonValue policy_of(std::set<std::string> actions, bool writes) {
  if (actions.empty()) return {};
  const bool tags = writes && actions.erase(kTagging) != 0;
  std::set<std::string> key_uses;
  for (const char* use : kKeyUses) {
    if (actions.erase(use) != 0) key_uses.insert(use);
  }
  JsonValue::Array statements;
  if (!actions.empty()) {
    statements.push_back(statement(writes ? "Write" : "Read", "Allow", actions, {"*"}));
  }
  if (tags) {
    JsonValue tagging = statement("TagWhatIsMade", "Allow", {kTagging}, {"*"});
    tagging.object().emplace(
        "Condition",
        JsonValue(Object{{"Null", JsonValue(Object{{"ec2:CreateAction", JsonValue("false")}})}}));
    statements.push_back(std::move(tagging));
  }
  if (!key_uses.empty()) {
    JsonValue using_keys = statement("KeysOfWhatIsCopied", "Allow", key_uses, {"*"});
    using_keys.object().emplace(
        "Condition",
        JsonValue(
            Object{{"StringLike",
                    JsonValue(Object{{"kms:ViaService", texts({std::begin(kCopyingServices),
                                                               std::end(kCopyingServices)})}})}}));
    statements.push_back(std::move(using_keys));
  }
  const bool touches_identities = std::ranges::any_of(
      actions, [](const std::string& each) { return each.starts_with("iam:"); });
  if (writes && touches_identities) {
    statements.push_back(
        statement("NeverOurselves", "Deny", {"iam:*"}, {std::begin(kOurs), std::end(kOurs)}));
  }
  return JsonValue(Object{{"Version", JsonValue("2012-10-17")},
                          {"Statement", JsonValue(std::move(statements))}});
}

}  // namespace

std::vector<RolePolicy> policies_for(std::span<const Action* const> actions,
                                     std::span<const OperationName> reads,
                                     std::vector<std::string>& unknown) {
  std::set<std::string> read = {"sts:GetCallerIdentity"}, evidence, respond, missing;
  for (const OperationName& own : reads) {
    const auto found = cloud::aws::permissions_of(own.service, own.operation, {});
    read.insert(found.begin(), found.end());
    if (found.empty()) missing.insert(own.service + "." + own.operation);
  }
  for (const Action* action : actions) {
    const Permissions permissions = permissions_of(*action);
    read.insert(permissions.read.begin(), permissions.read.end());
    std::set<std::string>& write = is_evidence(*action) ? evidence : respond;
    write.insert(permissions.write.begin(), permissions.write.end());
    missing.insert(permissions.unknown.begin(), permissions.unknown.end());
  }
  unknown.assign(missing.begin(), missing.end());
  return {
      {"stanch-read", "Stanch looks at what it may have to contain.", policy_of(read, false)},
      {"stanch-evidence", "Stanch takes evidence, and never deletes any.",
       policy_of(evidence, true)},
      {"stanch-respond", "Stanch contains, and takes containment back.", policy_of(respond, true)}};
}

}  // namespace stanch::respond
