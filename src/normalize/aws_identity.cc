// userIdentity: who called, with which credential.
// https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-user-identity.html

#include "normalize/aws_identity.h"

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

std::string_view after_last(std::string_view text, char separator) {
  return text.substr(text.rfind(separator) + 1);
}

ActorType type_of(std::string_view word, const model::Facts& facts) {
  const Actor& actor = facts.actor;
  for (const TypeRow& row : kTypes) {
    if (row.word != word) continue;
    // Requests that carry no signature: "accountId": "ANONYMOUS_PRINCIPAL".
    bool anonymous = row.type == ActorType::kAccount && actor.account.starts_with("ANONYMOUS");
    return anonymous ? ActorType::kAnonymous : row.type;
  }
  // Events that services log about themselves name only the service.
  if (word.empty() && !facts.credential.invoked_by.empty()) return ActorType::kService;
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
EntityRef role_entity(const Identity& identity, const Extraction& from, TextArena& arena) {
  if (is_role(from.facts.credential.issuer)) return from.facts.credential.issuer;
  EntityRef by_arn = model::aws_entity(from.facts.actor.arn, arena);
  if (is_role(by_arn)) return by_arn;
  AwsPlace place = in_account(from.facts.actor.account);
  return model::aws_entity(AwsType::kRole, identity.issuer_user_name, place, arena);
}

EntityRef actor_entity(const Identity& identity, Extraction& from) {
  const Actor& actor = from.facts.actor;
  TextArena& arena = from.arena();
  AwsPlace place = in_account(actor.account);
  switch (actor.type) {
    case ActorType::kRoot: return aws_entity(AwsType::kRoot, {}, place, arena);
    case ActorType::kUser: return aws_entity(AwsType::kUser, user_name_of(actor), place, arena);
    case ActorType::kRole: return role_entity(identity, from, arena);
    case ActorType::kFederatedUser: return model::aws_entity(actor.arn, arena);
    case ActorType::kWebIdentity:
      return aws_entity(AwsType::kWebIdentity, provider_name(identity.provider), actor.user_name,
                        place, arena);
    case ActorType::kSaml:
      return aws_entity(AwsType::kSamlUser, identity.provider, actor.user_name, place, arena);
    case ActorType::kIdentityCenter:
      return aws_entity(AwsType::kIdentityCenterUser, actor.identity_store, actor.on_behalf_of,
                        place, arena);
    case ActorType::kService: {
      std::string_view invoked_by = from.facts.credential.invoked_by;
      return aws_entity(AwsType::kService,
                        invoked_by.empty() ? from.facts.source.service : invoked_by, place, arena);
    }
    case ActorType::kAccount: return aws_entity(AwsType::kAccount, actor.account, place, arena);
    case ActorType::kDirectory:
    case ActorType::kAnonymous:
    case ActorType::kUnknown: return {};
  }
  return {};
}

CredentialLifetime lifetime_of(const Actor& actor, const Credential& credential) {
  if (credential.access_key_id.starts_with("AKIA")) return CredentialLifetime::kLongLived;
  bool temporary = credential.access_key_id.starts_with("ASIA") || credential.issued ||
                   actor.type == ActorType::kRole || actor.type == ActorType::kFederatedUser;
  return temporary ? CredentialLifetime::kTemporary : CredentialLifetime::kUnknown;
}

void extract_on_behalf_of(const Identity& identity, Extraction& from) {
  JsonView person = identity.fields[kOnBehalfOf];
  if (!person.exists()) return;
  from.facts.actor.on_behalf_of = from.reader.text(person["userId"]);
  from.facts.actor.identity_store = after_last(from.reader.text(person["identityStoreArn"]), '/');
}

// Console sign-in says itself whether MFA was used.
void extract_sign_in_mfa(Extraction& from) {
  JsonView data = from.fields[kAdditionalEventData];
  if (from.service != "signin" || !data.exists() || from.facts.credential.mfa) return;
  from.facts.credential.mfa = from.reader.flag(data["MFAUsed"]);
}

void finish_actor(const Identity& identity, Extraction& from, std::string_view type_word) {
  model::Facts& facts = from.facts;
  Actor& actor = facts.actor;
  if (actor.account.empty()) actor.account = identity.arn.account;
  actor.type = type_of(type_word, facts);
  if (actor.type == ActorType::kAnonymous) actor.account = {};
  if (facts.account.empty()) facts.account = actor.account;
  actor.cross_account =
      actor.type != ActorType::kService && !actor.account.empty() && actor.account != facts.account;
}

}  // namespace

void extract_identity(Extraction& from) {
  JsonReader& reader = from.reader;
  Actor& actor = from.facts.actor;
  Credential& credential = from.facts.credential;
  Identity identity;
  reader.collect(from.fields[kUserIdentity], kIdentityFields, identity.fields);
  actor.arn = reader.text(identity.fields[kArn]);
  identity.arn = model::parse_arn(actor.arn).value_or(model::Arn{});
  actor.principal_id = reader.text(identity.fields[kPrincipalId]);
  actor.account = reader.text(identity.fields[kAccountId]);
  actor.user_name = reader.text(identity.fields[kUserName]);
  credential.access_key_id = reader.text(identity.fields[kAccessKeyId]);
  credential.invoked_by = reader.text(identity.fields[kInvokedBy]);
  credential.from_console = reader.flag(from.fields[kSessionCredentialFromConsole]).value_or(false);
  identity.provider = reader.text(identity.fields[kIdentityProvider]);
  extract_on_behalf_of(identity, from);
  extract_session_context(identity, from);
  extract_sign_in_mfa(from);
  finish_actor(identity, from, reader.text(identity.fields[kType]));

  credential.issuer = model::aws_entity(credential.issuer_arn, from.arena());
  actor.entity = actor_entity(identity, from);
  if (actor.type == ActorType::kRole && actor.user_name.empty()) {
    actor.user_name = identity.issuer_user_name;
  }
  if (!is_hidden(credential.access_key_id)) {
    credential.entity = aws_entity(AwsType::kAccessKey, credential.access_key_id, {}, from.arena());
  }
  credential.lifetime = lifetime_of(actor, credential);
  if (JsonView scope = identity.fields[kInScopeOf]; scope.exists()) {
    credential.issued_to =
        model::aws_entity(reader.text(scope["credentialsIssuedTo"]), from.arena());
  }
  extract_session(identity, from);
}

}  // namespace stanch::normalize::aws
