// userIdentity: who called, with which credential.
// https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-user-identity.html

#include "normalize/aws_identity.h"

#include <string>

namespace stanch::normalize::aws {
namespace {

using codec::JsonView;
using model::Actor;
using model::ActorType;
using model::AwsPlace;
using model::AwsType;
using model::Credential;
using model::CredentialLifetime;
using model::EntityRef;

constexpr KeyTable<kIdentityFieldCount> kIdentityFields = model::make_key_table(
    {"type", "principalId", "arn", "accountId", "accessKeyId", "userName", "sessionContext",
     "invokedBy", "identityProvider", "onBehalfOf", "inScopeOf"});

struct TypeRow {
  std::string_view word;
  ActorType type;
};
constexpr TypeRow kTypes[] = {
    {"AssumedRole", ActorType::kRole},
    {"IAMUser", ActorType::kUser},
    {"AWSService", ActorType::kService},
    {"Root", ActorType::kRoot},
    {"AWSAccount", ActorType::kAccount},
    {"Role", ActorType::kRole},
    {"FederatedUser", ActorType::kFederatedUser},
    {"WebIdentityUser", ActorType::kWebIdentity},
    {"SAMLUser", ActorType::kSaml},
    {"IdentityCenterUser", ActorType::kIdentityCenter},
    {"Directory", ActorType::kDirectory},
};

ActorType type_of(std::string_view word, const Identity& identity) {
  const Actor& actor = identity.actor;
  for (const TypeRow& row : kTypes) {
    if (row.word != word) continue;
    // Requests that carry no signature: "accountId": "ANONYMOUS_PRINCIPAL".
    bool anonymous = row.type == ActorType::kAccount && actor.account.starts_with("ANONYMOUS");
    return anonymous ? ActorType::kAnonymous : row.type;
  }
  // Events that services log about themselves name only the service.
  if (word.empty() && !identity.credential.invoked_by.empty()) return ActorType::kService;
  // Identity Center's portal wrote "Unknown" before it had a type of its own.
  return actor.on_behalf_of.empty() ? ActorType::kUnknown : ActorType::kIdentityCenter;
}

// An OIDC provider is its host, whether an ARN names it or not.
std::string_view provider_name(std::string_view provider) {
  constexpr std::string_view kMark = ":oidc-provider/";
  size_t at = provider.find(kMark);
  return at == std::string_view::npos ? provider : provider.substr(at + kMark.size());
}

bool is_role(EntityRef entity) {
  return model::entity_type(entity) == model::word_of(AwsType::kRole);
}

// The issuer of a role's session is the role.
EntityRef role_entity(Identity& identity) {
  if (is_role(identity.credential.issuer)) return identity.credential.issuer;
  EntityRef by_arn = model::aws_entity(identity.actor.arn, identity.arena());
  if (is_role(by_arn)) return by_arn;
  AwsPlace place = in_account(identity.actor.account);
  return model::aws_entity(AwsType::kRole, identity.issuer_user_name, place, identity.arena());
}

EntityRef actor_entity(Identity& identity) {
  const Actor& actor = identity.actor;
  TextArena& arena = identity.arena();
  AwsPlace place = in_account(actor.account);
  switch (actor.type) {
    case ActorType::kRoot: return aws_entity(AwsType::kRoot, {}, place, arena);
    case ActorType::kUser: return aws_entity(AwsType::kUser, user_name_of(actor), place, arena);
    case ActorType::kRole: return role_entity(identity);
    case ActorType::kFederatedUser: return model::aws_entity(actor.arn, arena);
    case ActorType::kWebIdentity:
      return aws_entity(AwsType::kWebIdentity, provider_name(identity.provider), actor.user_name,
                        place, arena);
    case ActorType::kSaml:
      return aws_entity(AwsType::kSamlUser, identity.provider, actor.user_name, place, arena);
    case ActorType::kIdentityCenter: return actor.person;
    case ActorType::kService:
      return aws_entity(AwsType::kService, identity.credential.invoked_by, place, arena);
    case ActorType::kAccount: return aws_entity(AwsType::kAccount, actor.account, place, arena);
    default: return {};
  }
}

CredentialLifetime lifetime_of(const Actor& actor, const Credential& credential) {
  if (credential.access_key_id.starts_with("AKIA")) return CredentialLifetime::kLongLived;
  bool temporary = credential.access_key_id.starts_with("ASIA") || credential.issued ||
                   actor.type == ActorType::kRole || actor.type == ActorType::kFederatedUser;
  return temporary ? CredentialLifetime::kTemporary : CredentialLifetime::kUnknown;
}

void extract_on_behalf_of(Identity& identity) {
  JsonView person = identity.fields[kOnBehalfOf];
  if (!person.exists()) return;
  JsonReader& reader = identity.reader;
  identity.actor.on_behalf_of = reader.text(person["userId"]);
  identity.actor.identity_store = after_last(reader.text(person["identityStoreArn"]), '/');
  identity.actor.person =
      aws_entity(AwsType::kIdentityCenterUser, identity.actor.identity_store,
                 identity.actor.on_behalf_of, in_account(identity.actor.account), reader.arena());
}

// An instance's session is called as the instance; newer records say so themselves.
EntityRef instance_of(Identity& identity) {
  const Credential& credential = identity.credential;
  if (credential.ec2_role_delivery.empty() || !credential.session_name.starts_with("i-")) return {};
  return aws_entity(AwsType::kEc2, credential.session_name, in_account(identity.actor.account),
                    identity.arena());
}

// EKS assumes a role for a pod and names in tags whose pod it is (EKS User Guide, "List of session
// tags added by EKS Pod Identity"): the account of Kubernetes calls, by way of the service. With
// these tags turned off nothing says whose it is.
void extract_pod_identity(Extraction& from) {
  constexpr std::string_view kPods = "pods.eks.amazonaws.com";
  model::Facts& facts = from.facts;
  const bool is_for_pod = from.service == "sts" && facts.action.name == "AssumeRole" &&
                          facts.actor.type == ActorType::kService &&
                          facts.credential.invoked_by == kPods;
  if (!is_for_pod) return;
  std::string_view cluster, space, account;
  for (const JsonView tag : from.fields[kRequestParameters]["tags"].elements()) {
    const std::string_view key = from.reader.text(tag["key"]);
    const std::string_view value = from.reader.text(tag["value"]);
    if (key == "eks-cluster-arn") cluster = value;
    if (key == "kubernetes-namespace") space = value;
    if (key == "kubernetes-service-account") account = value;
  }
  if (cluster.empty() || space.empty() || account.empty()) return;
  std::string subject = "system:serviceaccount:";
  subject.append(space).append(":").append(account);
  facts.actor.type = ActorType::kWebIdentity;
  facts.actor.user_name = from.arena().store(subject);
  facts.actor.entity = aws_entity(AwsType::kWebIdentity, cluster, facts.actor.user_name,
                                  in_account(facts.account), from.arena());
}

// Console sign-in says itself whether MFA was used.
void extract_sign_in_mfa(Extraction& from) {
  JsonView data = from.fields[kAdditionalEventData];
  if (from.service != "signin" || !data.exists() || from.facts.credential.mfa) return;
  from.facts.credential.mfa = from.reader.flag(data["MFAUsed"]);
}

}  // namespace

void read_identity(JsonView user_identity, JsonReader& reader, Actor& actor,
                   Credential& credential) {
  Identity identity{.reader = reader,
                    .actor = actor,
                    .credential = credential,
                    .fields = reader.collect(user_identity, kIdentityFields)};
  actor.arn = identity.text(kArn);
  identity.arn = model::parse_arn(actor.arn).value_or(model::Arn{});
  actor.principal_id = identity.text(kPrincipalId);
  actor.account = identity.text(kAccountId);
  actor.user_name = identity.text(kUserName);
  credential.access_key_id = identity.text(kAccessKeyId);
  credential.invoked_by = identity.text(kInvokedBy);
  identity.provider = identity.text(kIdentityProvider);
  extract_on_behalf_of(identity);
  extract_session_context(identity);
  if (actor.account.empty()) actor.account = identity.arn.account;
  actor.type = type_of(identity.text(kType), identity);
  if (actor.type == ActorType::kAnonymous) actor.account = {};

  credential.issuer = model::aws_entity(credential.issuer_arn, reader.arena());
  actor.entity = actor_entity(identity);
  if (actor.type == ActorType::kRole && actor.user_name.empty()) {
    actor.user_name = identity.issuer_user_name;
  }
  if (!is_hidden(credential.access_key_id)) {
    credential.entity =
        aws_entity(AwsType::kAccessKey, credential.access_key_id, {}, reader.arena());
  }
  credential.lifetime = lifetime_of(actor, credential);
  if (JsonView scope = identity.fields[kInScopeOf]; scope.exists()) {
    credential.issued_to =
        model::aws_entity(reader.text(scope["credentialsIssuedTo"]), reader.arena());
  }
  extract_session(identity);
  if (credential.issued_to.empty()) credential.issued_to = instance_of(identity);
}

void extract_identity(Extraction& from) {
  model::Facts& facts = from.facts;
  Actor& actor = facts.actor;
  Credential& credential = facts.credential;
  from.identities.read(from.fields[kUserIdentity], from.reader, actor, credential);
  credential.from_console =
      from.reader.flag(from.fields[kSessionCredentialFromConsole]).value_or(false);
  extract_sign_in_mfa(from);
  if (facts.account.empty()) facts.account = actor.account;
  actor.cross_account =
      actor.type != ActorType::kService && !actor.account.empty() && actor.account != facts.account;
  if (actor.type == ActorType::kService && credential.invoked_by.empty()) {
    actor.entity = aws_entity(AwsType::kService, facts.source.service, {}, from.arena());
  }
  extract_pod_identity(from);
}

}  // namespace stanch::normalize::aws
