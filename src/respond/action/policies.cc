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
// Commands run as root: only those documents, on instances. Both are asked for (Systems Manager
// User Guide, "Setting up Run Command"). The ARN of a document of AWS has no account.
constexpr const char* kSending = "ssm:SendCommand";
constexpr const char* kInstances = "arn:*:ec2:*:*:instance/*";
std::string arn_of_document(const std::string& name) {
  return name.starts_with("arn:") ? name : "arn:*:ssm:*:*:document/" + name;
}

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

JsonValue policy_of(std::set<std::string> actions, std::set<std::string> documents, bool writes) {
  if (!documents.empty()) documents.insert(kInstances);
  actions.erase(kSending);
  if (actions.empty() && documents.empty()) return {};
  const bool tags = writes && actions.erase(kTagging) != 0;
  std::set<std::string> key_uses;
  for (const char* use : kKeyUses) {
    if (actions.erase(use) != 0) key_uses.insert(use);
  }
  JsonValue::Array statements;
  if (!actions.empty()) {
    statements.push_back(statement(writes ? "Write" : "Read", "Allow", actions, {"*"}));
  }
  if (!documents.empty()) {
    statements.push_back(statement("CommandsOnInstances", "Allow", {kSending}, documents));
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

// What the organisation says of the action's parameters, else what the action does.
JsonValue given(const Action& action, const std::map<std::string, std::string>& parameters) {
  JsonValue::Object all;
  for (const Parameter& parameter : action.parameters) {
    const auto said = parameters.find(parameter.name);
    if (said != parameters.end()) {
      all.emplace(parameter.name, JsonValue(said->second));
    } else if (parameter.otherwise) {
      all.emplace(parameter.name, JsonValue(*parameter.otherwise));
    }
  }
  return JsonValue(std::move(all));
}

// The documents that the action runs, as far as they are known before it is planned.
void add_documents(const Action& action, const std::map<std::string, std::string>& parameters,
                   std::set<std::string>& documents, std::set<std::string>& missing) {
  const JsonValue told = given(action, parameters);
  const codec::Jmespath::Root roots[] = {{"given", &told}};
  for (const WriteCall& call : action.change) {
    if (call.name.service != "ssm" || call.name.operation != "SendCommand") continue;
    const auto name = call.with.evaluate("DocumentName", roots);
    const JsonValue* const known = name ? name->known() : nullptr;
    if (known != nullptr && known->is_string() && !known->string().empty()) {
      documents.insert(arn_of_document(known->string()));
    } else {
      missing.insert("ssm.SendCommand of " + action.name);
    }
  }
}

}  // namespace

std::vector<RolePolicy> policies_for(std::span<const Action* const> actions,
                                     std::span<const OperationName> reads,
                                     const std::map<std::string, std::string>& parameters,
                                     std::vector<std::string>& unknown) {
  std::set<std::string> read = {"sts:GetCallerIdentity"}, evidence, respond, missing;
  std::set<std::string> evidence_documents, respond_documents;
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
    add_documents(*action, parameters,
                  is_evidence(*action) ? evidence_documents : respond_documents, missing);
    missing.insert(permissions.unknown.begin(), permissions.unknown.end());
  }
  unknown.assign(missing.begin(), missing.end());
  return {
      {"stanch-read", "Stanch looks at what it may have to contain.", policy_of(read, {}, false)},
      {"stanch-evidence", "Stanch takes evidence, and never deletes any.",
       policy_of(evidence, evidence_documents, true)},
      {"stanch-respond", "Stanch contains, and takes containment back.",
       policy_of(respond, respond_documents, true)}};
}

}  // namespace stanch::respond
