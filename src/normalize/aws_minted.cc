// Credentials that a call created. A row says for one API what was made, where
// the response names it, and whom it stands for. Refused and failed calls make
// nothing.
//
// A session's id needs the moment it was issued: the event's time here, and
// sessionContext.attributes.creationDate in the calls made with it later. STS
// writes the same second to both; docs/formats/entity-ids.md says what holds
// where it does not (the access key id links both in any case).

#include "normalize/aws_cloudtrail.h"

namespace stanch::normalize::aws {
namespace {

using codec::JsonView;
using model::AwsPlace;
using model::AwsSession;
using model::AwsType;
using model::EntityRef;
using model::MintedKind;

// Whom a credential stands for, and so how its session is called.
enum class For : uint8_t {
  kCaller,         // whoever called
  kNamedUser,      // requestParameters.userName, or the caller
  kRole,           // an assumed role
  kFederatedUser,  // GetFederationToken's name
  kTargetRoot,     // AssumeRoot's account
  kInstance,       // a login on a host
  kUnnamed,        // the record does not say
};

struct MintedRow {
  std::string_view service;
  std::string_view api;
  MintedKind kind;
  For whom;
  std::string_view id_path = {};  // of the credential's id in the response
  AwsType id_type = AwsType::kAccessKey;
  std::string_view expiry_path = {};
  std::string_view assumed_path = {};  // of the assumed role's ARN in the response
};

constexpr std::string_view kKey = "credentials.accessKeyId";
constexpr std::string_view kExpiry = "credentials.expiration";
constexpr std::string_view kAssumed = "assumedRoleUser.arn";
constexpr AwsType kAnyKey = AwsType::kAccessKey;

constexpr MintedRow kRows[] = {
    {"sts", "AssumeRole", MintedKind::kSession, For::kRole, kKey, kAnyKey, kExpiry, kAssumed},
    {"sts", "AssumeRoleWithSAML", MintedKind::kSession, For::kRole, kKey, kAnyKey, kExpiry,
     kAssumed},
    {"sts", "AssumeRoleWithWebIdentity", MintedKind::kSession, For::kRole, kKey, kAnyKey, kExpiry,
     kAssumed},
    {"sts", "AssumeRoot", MintedKind::kSession, For::kTargetRoot, kKey, kAnyKey, kExpiry},
    {"sts", "GetSessionToken", MintedKind::kSession, For::kCaller, kKey, kAnyKey, kExpiry},
    {"sts", "GetFederationToken", MintedKind::kSession, For::kFederatedUser, kKey, kAnyKey,
     kExpiry},
    {"sts", "GetWebIdentityToken", MintedKind::kToken, For::kCaller, {}, kAnyKey, "expiration"},
    {"rolesanywhere", "CreateSession", MintedKind::kSession, For::kRole,
     "credentialSet.credentials.accessKeyId", kAnyKey, "credentialSet.credentials.expiration",
     "credentialSet.assumedRoleUser.arn"},
    {"eks-auth", "AssumeRoleForPodIdentity", MintedKind::kSession, For::kRole, kKey, kAnyKey,
     kExpiry, kAssumed},
    {"cognito-identity", "GetCredentialsForIdentity", MintedKind::kSession, For::kUnnamed, kKey,
     kAnyKey, kExpiry},
    {"iam", "CreateAccessKey", MintedKind::kAccessKey, For::kNamedUser, "accessKey.accessKeyId"},
    {"iam", "CreateLoginProfile", MintedKind::kPassword, For::kNamedUser},
    {"iam", "UpdateLoginProfile", MintedKind::kPassword, For::kNamedUser},
    {"iam", "CreateServiceSpecificCredential", MintedKind::kServiceCredential, For::kNamedUser,
     "serviceSpecificCredential.serviceSpecificCredentialId", AwsType::kServiceCredential,
     "serviceSpecificCredential.expirationDate"},
    {"iam", "ResetServiceSpecificCredential", MintedKind::kServiceCredential, For::kNamedUser,
     "serviceSpecificCredential.serviceSpecificCredentialId", AwsType::kServiceCredential},
    {"iam", "UploadSSHPublicKey", MintedKind::kSshKey, For::kNamedUser,
     "sSHPublicKey.sSHPublicKeyId", AwsType::kSshKey},
    {"iam", "UploadSigningCertificate", MintedKind::kCertificate, For::kNamedUser,
     "certificate.certificateId", AwsType::kSigningCertificate},
    {"ec2", "CreateKeyPair", MintedKind::kSshKey, For::kUnnamed, "keyPairId", AwsType::kEc2},
    {"ec2", "ImportKeyPair", MintedKind::kSshKey, For::kUnnamed, "keyPairId", AwsType::kEc2},
    {"ec2-instance-connect", "SendSSHPublicKey", MintedKind::kSshKey, For::kInstance},
    {"ec2-instance-connect", "SendSerialConsoleSSHPublicKey", MintedKind::kSshKey, For::kInstance},
    {"sso", "CreateToken", MintedKind::kToken, For::kCaller},
    {"sso", "CreateTokenWithIAM", MintedKind::kToken, For::kCaller},
    {"sso", "GetRoleCredentials", MintedKind::kToken, For::kUnnamed},
    {"sso-oauth", "CreateToken", MintedKind::kToken, For::kCaller},
    {"sso-oauth", "CreateTokenWithIAM", MintedKind::kToken, For::kCaller},
    {"signin", "ConsoleLogin", MintedKind::kSession, For::kCaller},
    {"signin", "GetSigninToken", MintedKind::kToken, For::kCaller},
    {"signin", "CreateOAuth2Token", MintedKind::kToken, For::kCaller},
};

constexpr KeyTable<std::size(kRows)> kRowsByApi(kRows,
                                                [](const MintedRow& row) { return row.api; });

const MintedRow* find_row(const Extraction& from) {
  int index = kRowsByApi.find(from.facts.action.name);
  for (; index != kRowsByApi.kNone; index = kRowsByApi.next(index)) {
    if (kRows[index].service == from.service) return &kRows[index];
  }
  return nullptr;
}

std::string_view request_text(Extraction& from, std::string_view key) {
  JsonView request = from.fields[kRequestParameters];
  return request.exists() ? from.reader.text(request[key]) : std::string_view();
}

std::string_view response_text(Extraction& from, std::string_view path) {
  if (path.empty()) return {};
  return from.reader.text(first_at(from.fields[kResponseElements], path));
}

EntityRef session_entity(Extraction& from, std::optional<AwsSession> session) {
  if (!session || session->account.empty() || !from.facts.time) return {};
  session->issued = *from.facts.time;
  return model::aws_session(*session, from.arena());
}

// From the response's arn:aws:sts::<account>:assumed-role/<role>/<session>, or
// where a service leaves it out, from the request's role and session name.
void fill_role(Extraction& from, const MintedRow& row, model::Minted& minted) {
  AwsSession session;
  if (std::optional<model::Arn> arn = model::parse_arn(response_text(from, row.assumed_path))) {
    std::string_view rest = arn->resource.substr(arn->resource.find('/') + 1);
    session.account = arn->account;
    session.principal_name = rest.substr(0, rest.find('/'));
    session.session_name = rest.substr(rest.rfind('/') + 1);
  } else if (arn = model::parse_arn(request_text(from, "roleArn")); arn) {
    session.account = arn->account;
    session.principal_name = arn->resource.substr(arn->resource.rfind('/') + 1);
    session.session_name = request_text(from, "roleSessionName");
  }
  if (session.principal_name.empty()) return;
  AwsPlace place = in_account(session.account);
  minted.principal = aws_entity(AwsType::kRole, session.principal_name, place, from.arena());
  if (!session.session_name.empty()) minted.session = session_entity(from, session);
}

void fill_named_user(Extraction& from, const MintedRow& row, model::Minted& minted) {
  std::string_view name = request_text(from, "userName");
  if (name.empty() || is_hidden(name)) {
    minted.principal = from.facts.actor.entity;  // IAM: without a name, the caller itself
    name = user_name_of(from.facts.actor);
  } else {
    minted.principal = aws_entity(AwsType::kUser, name, from.place, from.arena());
  }
  if (row.kind == MintedKind::kPassword) {
    minted.entity = aws_entity(AwsType::kLoginProfile, name, from.place, from.arena());
  }
}

void fill_federated_user(Extraction& from, model::Minted& minted) {
  const model::Actor& actor = from.facts.actor;
  std::string_view arn = response_text(from, "federatedUser.arn");
  std::string_view name = arn.empty() ? request_text(from, "name") : arn.substr(arn.rfind('/') + 1);
  AwsPlace place = in_account(actor.account);
  minted.principal = aws_entity(AwsType::kFederatedUser, name, place, from.arena());
  std::optional<AwsSession> session = session_of(actor);
  if (session) session->session_name = name;
  minted.session = session_entity(from, session);
}

void fill_target_root(Extraction& from, model::Minted& minted) {
  std::string_view target = request_text(from, "targetPrincipal");  // an account, or its ARN
  std::optional<model::Arn> arn = model::parse_arn(target);
  AwsSession session{.principal = AwsSession::Principal::kRoot};
  session.account = arn ? arn->account : target;
  AwsPlace place = in_account(session.account);
  minted.principal = aws_entity(AwsType::kRoot, {}, place, from.arena());
  minted.session = session_entity(from, session);
}

}  // namespace

void extract_minted(Extraction& from) {
  if (from.facts.outcome != model::Outcome::kOk) return;
  const MintedRow* row = find_row(from);
  if (row == nullptr) return;
  model::Minted minted{row->kind, {}, {}, {}, {}};
  std::string_view id = response_text(from, row->id_path);
  if (!is_hidden(id)) minted.entity = aws_entity(row->id_type, id, from.place, from.arena());
  minted.expires = parse_aws_time(response_text(from, row->expiry_path));
  switch (row->whom) {
    case For::kCaller:
      minted.principal = from.facts.actor.entity;
      if (row->kind == MintedKind::kSession) {
        minted.session = session_entity(from, session_of(from.facts.actor));
        // Who signs in to the console with a role goes on with the session that is there.
        if (minted.session.empty() && minted.entity.empty()) return;
      }
      break;
    case For::kNamedUser: fill_named_user(from, *row, minted); break;
    case For::kRole: fill_role(from, *row, minted); break;
    case For::kFederatedUser: fill_federated_user(from, minted); break;
    case For::kTargetRoot: fill_target_root(from, minted); break;
    case For::kInstance:
      minted.principal =
          aws_entity(AwsType::kEc2, request_text(from, "instanceId"), from.place, from.arena());
      break;
    case For::kUnnamed: break;
  }
  from.facts.minted = from.arena().store(std::span<const model::Minted>(&minted, 1));
}

}  // namespace stanch::normalize::aws
