#include <algorithm>
#include <array>
#include <string>
#include <utility>
#include <vector>

#include "codec/rpc_code.h"
#include "codec/timestamp.h"
#include "model/gcp_entity.h"
#include "normalize/family.h"
#include "normalize/gcp_values.h"
#include "normalize/json_reader.h"
#include "normalize/kubernetes_request.h"
#include "normalize/kubernetes_user.h"
#include "normalize/target_list.h"

// Cloud Audit Logs of Google Cloud as Cloud Logging keeps them: admin activity, data access, system
// events, what a policy denied; and what Workspace's admin console and sign-in write there.
// https://cloud.google.com/logging/docs/reference/audit/auditlog/rest/Shared.Types/AuditLog

namespace stanch::normalize {

namespace gcp_audit {

namespace {

using codec::JsonView;
using model::EntityRef;
using model::TargetSource;

constexpr std::string_view kAdmin = "admin.googleapis.com", kLogin = "login.googleapis.com";
constexpr std::string_view kKubernetesApi = "k8s.io";  // of a cluster of GKE

JsonView payload_of(JsonView event) { return event["protoPayload"]; }

bool is_audit(JsonView event) {
  const JsonView payload = payload_of(event);
  return is_object(payload) && is_text(payload["methodName"]) && is_text(payload["serviceName"]);
}

bool is_of(JsonView event, std::string_view service) {
  return is_audit(event) && payload_of(event)["serviceName"].raw() == service;
}
bool is_workspace_admin(JsonView event) { return is_of(event, kAdmin); }
bool is_workspace_login(JsonView event) { return is_of(event, kLogin); }

// "google.iam.admin.v1.CreateServiceAccountKey" -> "CreateServiceAccountKey",
// "v1.compute.instances.insert" -> "compute.instances.insert".
std::string_view folded_method(std::string_view name) {
  if (name.starts_with("google.")) return name.substr(name.rfind('.') + 1);
  const std::string_view first = name.substr(0, name.find('.'));
  const bool is_version =
      first == "beta" || first == "alpha" ||
      (first.size() > 1 && first[0] == 'v' && first[1] >= '0' && first[1] <= '9');
  return is_version && first.size() < name.size() ? name.substr(first.size() + 1) : name;
}

model::Access access_of(JsonReader& read, JsonView payload, std::string_view log,
                        std::string_view name) {
  for (const JsonView each : payload["authorizationInfo"].elements()) {
    const std::string_view type = read.text(each["permissionType"]);
    if (type.ends_with("_WRITE")) return model::Access::kWrite;
    if (type.ends_with("_READ")) return model::Access::kRead;
  }
  if (log == "activity" || log == "system_event") return model::Access::kWrite;
  const std::string_view last = name.substr(name.rfind('.') + 1);
  for (const std::string_view verb : {"get", "Get", "list", "List", "aggregatedList", "search"}) {
    if (last.starts_with(verb)) return model::Access::kRead;
  }
  return model::Access::kUnknown;
}

void read_outcome(JsonReader& read, JsonView payload, std::string_view log, model::Facts& facts) {
  const JsonView status = payload["status"];
  int64_t code = 0;
  if (const JsonView said = status["code"]; said.exists() && said.is_number()) {
    code = said.as_int64().value_or(2);
  }
  if (log == "policy" && code == 0) code = 7;
  if (code == 0) return;
  facts.outcome = code == 7 || code == 16 ? model::Outcome::kDenied : model::Outcome::kFailed;
  facts.error_code = codec::rpc_code_name(code).value_or("UNKNOWN");
  facts.error_message = read.text(status["message"]);
}

// Whose identity was lent to whom, until the account was there that called. The list is in the
// order in which that happened, so the first of it began it and the last holds the account's token;
// but a person can only have begun it.
void read_delegation(JsonReader& read, JsonView authentication, model::Facts& facts) {
  std::string_view first, last;
  for (const JsonView each : authentication["serviceAccountDelegationInfo"].elements()) {
    std::string_view who = read.text(each["firstPartyPrincipal"]["principalEmail"]);
    if (who.empty()) who = read.text(each["principalSubject"]);
    if (model::gcp_member(who, read.arena()).empty()) continue;
    if (first.empty()) first = who;
    last = who;
  }
  if (first.empty()) return;
  const auto is_person = [](std::string_view who) {
    return who.contains('@') && !model::is_service_account(who);
  };
  if (is_person(last)) std::swap(first, last);
  facts.actor.on_behalf_of = first;
  facts.actor.person = model::gcp_member(first, read.arena());
  facts.credential.session =
      model::gcp_session(facts.actor.entity, model::gcp_member(last, read.arena()), read.arena());
  if (facts.credential.session.empty()) return;
  facts.credential.lifetime = model::CredentialLifetime::kTemporary;
  facts.credential.issuer = facts.actor.entity;
}

void read_actor(JsonReader& read, JsonView payload, model::Facts& facts) {
  const JsonView authentication = payload["authenticationInfo"];
  gcp::set_actor(read.text(authentication["principalEmail"]),
                 read.text(authentication["principalSubject"]), read.arena(), facts.actor);
  gcp::set_key(read.text(authentication["serviceAccountKeyName"]), read.arena(), facts.credential);
  read_delegation(read, authentication, facts);
}

void read_source(JsonReader& read, JsonView payload, model::Facts& facts) {
  const JsonView request = payload["requestMetadata"];
  gcp::set_source(read.text(request["callerIp"]), read.arena(), facts);
  facts.source.user_agent = read.text(request["callerSuppliedUserAgent"]);
}

// Whom a policy names since: of the changes to its bindings, what was added.
template <typename Visit>
void visit_added_members(JsonReader& read, JsonView payload, const Visit& visit) {
  for (const JsonView holder : {payload["serviceData"], payload["metadata"]}) {
    for (const JsonView delta : holder["policyDelta"]["bindingDeltas"].elements()) {
      if (read.text(delta["action"]) == "ADD") visit(read.text(delta["member"]));
    }
  }
}

void read_targets(JsonReader& read, JsonView payload, model::Facts& facts) {
  TargetList targets(read.arena(), facts);
  const auto add = [&](std::string_view name, TargetSource source) {
    targets.add(model::gcp_resource(name, read.arena()), source);
  };
  add(read.text(payload["resourceName"]), TargetSource::kResources);
  for (const JsonView each : payload["authorizationInfo"].elements()) {
    add(read.text(each["resource"]), TargetSource::kResources);
    add(read.text(each["resourceAttributes"]["name"]), TargetSource::kResources);
  }
  visit_added_members(read, payload, [&](std::string_view member) {
    targets.add(model::gcp_member(member, read.arena()), TargetSource::kRequest);
  });
  if (facts.outcome != model::Outcome::kOk) return;
  // What was made: of "insert" what the call is about, of "Create…" what the answer names.
  const bool inserts = facts.action.name.ends_with(".insert");
  if (!inserts && !facts.action.name.starts_with("Create")) return;
  const JsonView name = inserts ? payload["resourceName"] : payload["response"]["name"];
  const EntityRef made = model::gcp_resource(read.text(name), read.arena());
  if (model::Target* known = targets.find(made)) {
    known->created = true;
  } else if (!made.empty()) {
    targets.append({made, TargetSource::kResponse, true});
  }
}

// The account that "projects/-/serviceAccounts/<account>" names, by address or by number.
EntityRef account_of(JsonReader& read, JsonView payload) {
  for (std::string_view name :
       {read.text(payload["resourceName"]), read.text(payload["request"]["name"])}) {
    const size_t at = name.find("serviceAccounts/");
    if (at == name.npos) continue;
    name = name.substr(at + 16);
    const EntityRef account = model::gcp_principal(name.substr(0, name.find('/')), read.arena());
    if (!account.empty()) return account;
  }
  return {};
}

// Who holds the token that is asked for: of a chain of delegates the last, else who calls.
EntityRef lender_of(JsonReader& read, JsonView payload, const model::Facts& facts) {
  std::string_view last;
  for (const JsonView each : payload["request"]["delegates"].elements()) last = read.text(each);
  last = last.substr(last.rfind('/') + 1);
  const EntityRef delegate = model::gcp_principal(last, read.arena());
  return delegate.empty() ? facts.actor.entity : delegate;
}

void read_minted(JsonReader& read, JsonView payload, model::Facts& facts) {
  if (facts.outcome != model::Outcome::kOk) return;
  const std::string_view name = facts.action.name;
  model::Minted minted;
  if (name == "CreateServiceAccountKey" || name == "UploadServiceAccountKey") {
    minted.kind = model::MintedKind::kServiceAccountKey;
    minted.entity = model::gcp_resource(read.text(payload["response"]["name"]), read.arena());
    minted.principal = account_of(read, payload);
  } else if (name == "GenerateAccessToken" || name == "GenerateIdToken" || name == "SignJwt" ||
             name == "SignBlob") {
    minted.kind = model::MintedKind::kToken;
    minted.principal = account_of(read, payload);
    if (name == "GenerateAccessToken") {
      minted.session =
          model::gcp_session(minted.principal, lender_of(read, payload, facts), read.arena());
    }
  } else if (name == "CreateWorkloadIdentityPoolProvider" ||
             name == "UpdateWorkloadIdentityPoolProvider") {
    minted.kind = model::MintedKind::kFederatedCredential;
    minted.entity = model::gcp_resource(read.text(payload["resourceName"]), read.arena());
  } else {
    return;
  }
  if (minted.entity.empty() && minted.principal.empty()) return;
  facts.minted = read.arena().store(std::span<const model::Minted>(&minted, 1));
}

// "core/v1/namespaces/shop/pods/web/exec", "rbac.authorization.k8s.io/v1/clusterroles/reader"
kubernetes::Request request_of(std::string_view method, std::string_view resource) {
  std::array<std::string_view, 8> parts;
  for (std::string_view& part : parts) {
    part = resource.substr(0, resource.find('/'));
    resource.remove_prefix(std::min(part.size() + 1, resource.size()));
  }
  constexpr size_t kSpace = 2;  // behind group and version
  size_t at = kSpace;
  // The parts of a namespace itself are not in it.
  const bool is_inside = parts[at] == "namespaces" && !parts[at + 2].empty() &&
                         parts[at + 2] != "status" && parts[at + 2] != "finalize";
  if (is_inside) at += 2;
  return {.verb = method.substr(method.rfind('.') + 1),
          .resource = parts[at],
          .space = is_inside ? parts[kSpace + 1] : std::string_view(),
          .name = parts[at + 1],
          .part = parts[at + 2],
          .expires = {}};
}

// What was asked of a cluster of GKE: as Kubernetes' own audit events have it, but that people are
// accounts of Google.
void extract_kubernetes(JsonReader& read, JsonView event, JsonView payload, model::Facts& facts) {
  TextArena& arena = read.arena();
  if (facts.actor.entity.empty()) {
    kubernetes::set_actor(facts.actor.user_name, arena, facts.actor);
  }
  TargetList targets(arena, facts);
  kubernetes::Request request =
      request_of(facts.action.raw_name, read.text(payload["resourceName"]));
  request.expires =
      codec::parse_timestamp(read.text(payload["response"]["status"]["expirationTimestamp"]));
  if (request.name.empty()) request.name = read.text(payload["response"]["metadata"]["name"]);
  if (!request.resource.empty()) kubernetes::set_request(request, arena, facts, targets);
  const JsonView labels = event["resource"]["labels"];
  const std::string cluster = "projects/" + std::string(facts.account) + "/locations/" +
                              std::string(facts.region) + "/clusters/" +
                              std::string(read.text(labels["cluster_name"]));
  targets.add(model::gcp_resource(arena.store(cluster), arena), TargetSource::kResources);
}

void extract(JsonView event, TextArena& arena, model::Facts& facts) {
  JsonReader read(arena);
  const JsonView payload = payload_of(event);
  const std::string_view log =
      gcp::log_of(read.text(event["logName"]), "cloudaudit.googleapis.com");
  facts.cloud = "gcp";
  facts.event_id = read.text(event["insertId"]);
  facts.request_id = read.text(event["operation"]["id"]);
  facts.time = codec::parse_timestamp(read.text(event["timestamp"]));
  gcp::read_place(read, event, facts);
  if (facts.account.empty()) {
    facts.account = model::gcp_project_of(read.text(payload["resourceName"]));
  }
  facts.action.service = read.text(payload["serviceName"]);
  facts.action.raw_name = read.text(payload["methodName"]);
  facts.action.name = folded_method(facts.action.raw_name);
  facts.action.access = access_of(read, payload, log, facts.action.name);
  facts.action.plane = log == "data_access" ? model::Plane::kData : model::Plane::kManagement;
  read_outcome(read, payload, log, facts);
  read_actor(read, payload, facts);
  read_source(read, payload, facts);
  if (facts.action.service == kKubernetesApi) {
    return extract_kubernetes(read, event, payload, facts);
  }
  read_targets(read, payload, facts);
  read_minted(read, payload, facts);
}

// Workspace tells in `metadata` what was done, one event or several.
void extract_workspace(JsonView event, TextArena& arena, model::Facts& facts) {
  extract(event, arena, facts);
  JsonReader read(arena);
  const JsonView payload = payload_of(event);
  facts.cloud = "google_workspace";
  for (const JsonView each : payload["metadata"]["event"].elements()) {
    const std::string_view name = read.text(each["eventName"]);
    if (name.empty()) continue;
    facts.action.name = name;
    if (facts.action.service == kLogin && name == "login_failure") {
      facts.outcome = model::Outcome::kFailed;
    }
    break;
  }
}

}  // namespace

}  // namespace gcp_audit

const Family kWorkspaceAdminLog = {
    .family = LogFamily::kWorkspaceAdminLog,
    .name = "google_workspace_admin",
    .source = {.product = "gcp", .service = "google_workspace.admin"},
    .needs = {clues({"protoPayload"})},
    .is_one = gcp_audit::is_workspace_admin,
    .event_id = gcp::insert_id,
    .extract = gcp_audit::extract_workspace};
const Family kWorkspaceLoginLog = {
    .family = LogFamily::kWorkspaceLoginLog,
    .name = "google_workspace_login",
    .source = {.product = "gcp", .service = "google_workspace.login"},
    .needs = {clues({"protoPayload"})},
    .is_one = gcp_audit::is_workspace_login,
    .event_id = gcp::insert_id,
    .extract = gcp_audit::extract_workspace};
const Family kGcpAudit = {.family = LogFamily::kGcpAudit,
                          .name = "gcp_audit",
                          .source = {.product = "gcp", .service = "gcp.audit"},
                          .needs = {clues({"protoPayload"})},
                          .is_one = gcp_audit::is_audit,
                          .event_id = gcp::insert_id,
                          .extract = gcp_audit::extract};

}  // namespace stanch::normalize
