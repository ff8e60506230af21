// Sessions: what sessionContext says of the credential, and which session it is.

#include "normalize/aws_identity.h"

namespace stanch::normalize::aws {
namespace {

using model::Actor;
using model::ActorType;
using model::AwsSession;
using model::Credential;

enum ContextField : uint8_t {
  kIssuer,
  kAttributes,
  kSourceIdentity,
  kEc2RoleDelivery,
  kContextFieldCount,
};
constexpr KeyTable<kContextFieldCount> kContextFields =
    model::make_key_table({"sessionIssuer", "attributes", "sourceIdentity", "ec2RoleDelivery"});

enum IssuerField : uint8_t { kIssuerType, kIssuerArn, kIssuerUserName, kIssuerFieldCount };
constexpr KeyTable<kIssuerFieldCount> kIssuerFields =
    model::make_key_table({"type", "arn", "userName"});

enum AttributeField : uint8_t { kCreationDate, kMfaAuthenticated, kAttributeFieldCount };
constexpr KeyTable<kAttributeFieldCount> kAttributeFields =
    model::make_key_table({"creationDate", "mfaAuthenticated"});

// "role/session" of arn:aws:sts::111122223333:assumed-role/role/session.
std::string_view assumed_role(const model::Arn& arn) {
  constexpr std::string_view kMark = "assumed-role/";
  return arn.resource.starts_with(kMark) ? arn.resource.substr(kMark.size()) : std::string_view();
}

// role/session of the ARN; else what the principal id and the issuer say.
std::optional<AwsSession> role_session(const Identity& identity, const Actor& actor) {
  std::string_view of = assumed_role(identity.arn);
  size_t slash = of.find('/');
  AwsSession session{.account = actor.account, .principal_name = identity.issuer_user_name};
  if (slash != of.npos) {
    session.principal_name = of.substr(0, slash);
    session.session_name = of.substr(slash + 1);
  } else if (size_t colon = actor.principal_id.find(':'); colon != std::string_view::npos) {
    session.session_name = actor.principal_id.substr(colon + 1);
  }
  return session;
}

// GetFederationToken: a session of the user, or root, that asked for it.
std::optional<AwsSession> federated_session(const Identity& identity, const Actor& actor) {
  AwsSession session{.account = actor.account, .session_name = after_last(actor.arn, '/')};
  bool by_root = identity.issuer_type == "Root";
  session.principal = by_root ? AwsSession::Principal::kRoot : AwsSession::Principal::kUser;
  if (!by_root) session.principal_name = identity.issuer_user_name;
  return session;
}

bool is_complete(const AwsSession& session) {
  bool named = session.principal == AwsSession::Principal::kRoot || !session.principal_name.empty();
  return named && !session.account.empty();
}

}  // namespace

void extract_session_context(Identity& identity) {
  JsonReader& reader = identity.reader;
  Credential& credential = identity.credential;
  Members<kContextFieldCount> context =
      reader.collect(identity.fields[kSessionContext], kContextFields);
  credential.source_identity = reader.text(context[kSourceIdentity]);
  credential.ec2_role_delivery = reader.text(context[kEc2RoleDelivery]);

  Members<kIssuerFieldCount> issuer = reader.collect(context[kIssuer], kIssuerFields);
  identity.issuer_type = reader.text(issuer[kIssuerType]);
  identity.issuer_user_name = reader.text(issuer[kIssuerUserName]);
  credential.issuer_arn = reader.text(issuer[kIssuerArn]);

  Members<kAttributeFieldCount> attributes = reader.collect(context[kAttributes], kAttributeFields);
  credential.issued = parse_aws_time(reader.text(attributes[kCreationDate]));
  credential.mfa = reader.flag(attributes[kMfaAuthenticated]);
}

void extract_session(Identity& identity) {
  const Actor& actor = identity.actor;
  Credential& credential = identity.credential;
  std::optional<AwsSession> session;
  if (actor.type == ActorType::kRole) {
    session = role_session(identity, actor);
  } else if (actor.type == ActorType::kFederatedUser) {
    session = federated_session(identity, actor);
  } else if (!credential.access_key_id.starts_with("AKIA")) {
    session = session_of(actor);
  }
  if (!session) return;
  credential.session_name = session->session_name;
  if (!credential.issued || !is_complete(*session)) return;
  session->issued = *credential.issued;
  credential.session = model::aws_session(*session, identity.arena());
}

std::string_view user_name_of(const Actor& actor) {
  if (actor.type != ActorType::kUser) return {};
  std::string_view name = actor.user_name.empty() ? after_last(actor.arn, '/') : actor.user_name;
  return is_hidden(name) ? std::string_view() : name;
}

std::optional<AwsSession> session_of(const Actor& actor) {
  if (actor.account.empty()) return std::nullopt;
  if (actor.type == ActorType::kRoot) {
    return AwsSession{actor.account, AwsSession::Principal::kRoot, {}, {}, {}};
  }
  std::string_view user = user_name_of(actor);
  if (user.empty()) return std::nullopt;
  return AwsSession{actor.account, AwsSession::Principal::kUser, user, {}, {}};
}

}  // namespace stanch::normalize::aws
