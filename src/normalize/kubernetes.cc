#include <span>
#include <string>

#include "codec/timestamp.h"
#include "model/aws_entity.h"
#include "model/entity.h"
#include "model/kubernetes_entity.h"
#include "normalize/family.h"
#include "normalize/json_reader.h"
#include "normalize/kubernetes_request.h"
#include "normalize/kubernetes_user.h"
#include "normalize/target_list.h"

// Audit events of Kubernetes' API server, whoever runs it.
// https://kubernetes.io/docs/reference/config-api/apiserver-audit.v1/

namespace stanch::normalize {

namespace kubernetes {

namespace {

using codec::JsonView;
using model::EntityRef;
using Kind = model::EntityPart::Kind;

constexpr std::string_view kServiceAccount = "system:serviceaccount:";

bool is_audit(JsonView event) {
  return is_text(event["auditID"]) && is_text(event["verb"]) &&
         (is_object(event["user"]) || is_object(event["objectRef"]) ||
          is_text(event["requestURI"]));
}

// A request has an event a stage, all with one id.
std::string_view audit_id(JsonView event, std::string& scratch) {
  const JsonView id = event["auditID"], stage = event["stage"];
  const std::string_view text = text_of(id, scratch);
  if (text.empty() || !is_text(stage) || stage.raw() == "ResponseComplete") return text;
  const std::string whole = std::string(text) + "/" + std::string(stage.raw());
  scratch = whole;
  return scratch;
}

EntityRef named(std::string_view type, std::string_view name, TextArena& arena) {
  if (name.empty()) return {};
  return model::make_entity(
      {{"kubernetes:"}, {type, Kind::kFoldedName}, {"/"}, {name, Kind::kName}}, arena);
}

EntityRef named(std::string_view type, std::string_view space, std::string_view name,
                TextArena& arena) {
  if (space.empty()) return named(type, name, arena);
  return model::make_entity({{"kubernetes:"},
                             {type, Kind::kFoldedName},
                             {"/"},
                             {space, Kind::kName},
                             {"/"},
                             {name, Kind::kName}},
                            arena);
}

// The one value of an entry of `extra`, which holds lists.
std::string_view extra(JsonReader& read, JsonView user, std::string_view name) {
  for (const JsonView value : user["extra"][name].elements()) return read.text(value);
  return {};
}

void read_actor(JsonReader& read, JsonView user, model::Facts& facts) {
  model::Actor& actor = facts.actor;
  const std::string_view name = read.text(user["username"]);
  actor.principal_id = read.text(user["uid"]);
  TextArena& arena = read.arena();
  set_actor(name, arena, actor);
  // What EKS says of who stands behind the name, and the kubelet of the pod that has the token.
  const std::string_view arn = extra(read, user, "arn"), key = extra(read, user, "accessKeyId");
  if (!arn.empty()) {
    actor.arn = arn;
    actor.person = model::aws_entity(arn, arena);
  }
  if (!key.empty()) {
    facts.credential.access_key_id = key;
    facts.credential.entity = model::aws_entity(model::AwsType::kAccessKey, key, {}, arena);
  }
  facts.credential.session_name = extra(read, user, "sessionName");
  const std::string_view pod = extra(read, user, "authentication.kubernetes.io/pod-name");
  if (!pod.empty() && name.starts_with(kServiceAccount)) {
    const std::string_view rest = name.substr(kServiceAccount.size());
    facts.credential.issued_to = named("pod", rest.substr(0, rest.find(':')), pod, arena);
  }
}

// "pods" -> "pod", "networkpolicies" -> "networkpolicy".
std::string_view singular(std::string_view resource, TextArena& arena) {
  if (resource.ends_with("ies")) {
    return arena.store(std::string(resource.substr(0, resource.size() - 3)) + "y");
  }
  if (resource.ends_with("sses")) return resource.substr(0, resource.size() - 2);
  return resource.ends_with('s') ? resource.substr(0, resource.size() - 1) : resource;
}

// To run something in a pod, or to reach into it, is no reading, whatever the verb.
model::Access access_of(std::string_view verb, std::string_view part) {
  if (part == "exec" || part == "attach" || part == "portforward" || part == "proxy") {
    return model::Access::kWrite;
  }
  for (const std::string_view reads : {"get", "list", "watch", "head"}) {
    if (verb == reads) return model::Access::kRead;
  }
  return model::Access::kWrite;
}

void read_outcome(JsonReader& read, JsonView status, model::Facts& facts) {
  const JsonView said = status["code"];
  const int64_t code = said.exists() && said.is_number() ? said.as_int64().value_or(0) : int64_t{0};
  if (code < 400) return;
  facts.outcome = code == 401 || code == 403 ? model::Outcome::kDenied : model::Outcome::kFailed;
  facts.error_code = read.text(status["reason"]);
  if (facts.error_code.empty()) facts.error_code = read.text(said);
  facts.error_message = read.text(status["message"]);
}

void read_request(JsonReader& read, JsonView event, model::Facts& facts) {
  const JsonView object = event["objectRef"], response = event["responseObject"];
  Request request;
  request.verb = read.text(event["verb"]);
  request.resource = read.text(object["resource"]);
  if (request.resource.empty()) {
    // Of what is no resource "get /healthz", without its query.
    const std::string_view uri = read.text(event["requestURI"]);
    const std::string name = std::string(request.verb) + ' ' + std::string(uri);
    facts.action.name = read.arena().store(name.substr(0, name.find('?')));
    facts.action.access = access_of(request.verb, {});
  } else {
    request.space = read.text(object["namespace"]);
    request.name = read.text(object["name"]);
    if (request.name.empty()) request.name = read.text(response["metadata"]["name"]);
    request.part = read.text(object["subresource"]);
    request.expires = codec::parse_timestamp(read.text(response["status"]["expirationTimestamp"]));
    TargetList targets(read.arena(), facts);
    set_request(request, read.arena(), facts, targets);
  }
  facts.action.raw_name = facts.action.name;
}

void extract(JsonView event, TextArena& arena, model::Facts& facts) {
  JsonReader read(arena);
  facts.cloud = "kubernetes";
  facts.event_id = read.text(event["auditID"]);
  facts.time = codec::parse_timestamp(read.text(event["requestReceivedTimestamp"]));
  if (!facts.time) facts.time = codec::parse_timestamp(read.text(event["stageTimestamp"]));
  if (!facts.time) facts.time = codec::parse_timestamp(read.text(event["timestamp"]));
  facts.action.service = "kubernetes";
  facts.action.plane = model::Plane::kManagement;
  read_outcome(read, event["responseStatus"], facts);
  read_actor(read, event["user"], facts);
  facts.actor.on_behalf_of = read.text(event["impersonatedUser"]["username"]);
  for (const JsonView address : event["sourceIPs"].elements()) {
    facts.source.address = read.text(address);
    facts.source.entity = model::ip_entity(facts.source.address, arena);
    break;
  }
  facts.source.user_agent = read.text(event["userAgent"]);

  read_request(read, event, facts);
}

}  // namespace

void set_request(const Request& request, TextArena& arena, model::Facts& facts,
                 TargetList& targets) {
  std::string action = std::string(request.verb) + ' ' + std::string(request.resource);
  if (!request.part.empty()) action += '/' + std::string(request.part);
  facts.action.name = arena.store(action);
  facts.action.access = access_of(request.verb, request.part);
  if (request.name.empty()) return;
  const bool is_ok = facts.outcome == model::Outcome::kOk;
  std::string_view type = singular(request.resource, arena);
  if (type == "serviceaccount") type = "service-account";
  const EntityRef entity = named(type, request.space, request.name, arena);
  targets.add(entity, model::TargetSource::kRequest,
              is_ok && request.verb == "create" && request.part.empty());
  if (is_ok && request.resource == "serviceaccounts" && request.part == "token") {
    model::Minted minted;
    minted.kind = model::MintedKind::kToken;
    minted.principal = entity;
    minted.expires = request.expires;
    facts.minted = arena.store(std::span<const model::Minted>(&minted, 1));
  }
}

void set_actor(std::string_view user_name, TextArena& arena, model::Actor& actor) {
  constexpr std::string_view kNode = "system:node:";
  actor.user_name = user_name;
  if (user_name.starts_with(kServiceAccount)) {
    const std::string_view rest = user_name.substr(kServiceAccount.size());
    const size_t colon = rest.find(':');
    actor.type = model::ActorType::kServiceAccount;
    if (colon != rest.npos) {
      actor.entity =
          model::kubernetes_account(rest.substr(0, colon), rest.substr(colon + 1), arena);
    }
  } else if (user_name.starts_with(kNode)) {
    actor.type = model::ActorType::kService;
    actor.entity = named("node", user_name.substr(kNode.size()), arena);
  } else if (user_name == "system:anonymous" || user_name.empty()) {
    actor.type = model::ActorType::kAnonymous;
  } else if (user_name.starts_with("system:")) {
    actor.type = model::ActorType::kService;
    actor.entity = named("service", user_name, arena);
  } else {
    actor.type = model::ActorType::kUser;
    actor.entity = named("user", user_name, arena);
  }
}

EntityRef entity(std::string_view type, std::string_view space, std::string_view name,
                 TextArena& arena) {
  return named(type, space, name, arena);
}

}  // namespace kubernetes

const Family kKubernetes = {.family = LogFamily::kKubernetes,
                            .name = "kubernetes_audit",
                            .source = {.product = "kubernetes", .service = "audit"},
                            .needs = {clues({"auditID", "verb"})},
                            .is_one = kubernetes::is_audit,
                            .event_id = kubernetes::audit_id,
                            .extract = kubernetes::extract};

}  // namespace stanch::normalize
