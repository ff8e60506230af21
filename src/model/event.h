#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "base/text_arena.h"
#include "base/time.h"
#include "model/entity.h"

// What an event says, in words that are the same for every cloud. The raw JSON
// stays authoritative for rules; facts serve people, grouping, tracing and
// guards. Facts are cheap to copy and own nothing: texts are slices of the
// record's bytes or of the arena that the facts were extracted with, entities
// and lists always of the arena. keep() lets them outlive the record. An empty
// text means that the record does not say.

namespace stanch::model {

enum class ActorType : uint8_t {
  kUnknown,
  kRoot,            // the account's root user
  kUser,            // a long-lived user of the account
  kRole,            // a session of an assumed role
  kFederatedUser,   // GetFederationToken
  kWebIdentity,     // OIDC, before it holds a role
  kSaml,            // SAML, before it holds a role
  kIdentityCenter,  // a workforce user
  kDirectory,       // a directory service's user
  kService,         // the provider itself
  kAccount,         // another account, not further named
  kAnonymous,
  kServiceAccount,    // of Google Cloud, of Kubernetes
  kServicePrincipal,  // an application of Entra
  kManagedIdentity,   // of a resource of Azure
};

struct Actor {
  ActorType type = ActorType::kUnknown;
  EntityRef entity;      // the durable principal: role, user, root, service …
  std::string_view arn;  // as the record has it
  std::string_view principal_id;
  std::string_view user_name;
  std::string_view account;         // the principal's account
  bool cross_account = false;       // acts in an account that is not its own
  std::string_view on_behalf_of;    // Identity Center user id, if a person is behind it
  std::string_view identity_store;  // where that id is from, "d-9067642ac7"
  EntityRef person;                 // that user as an entity
};

enum class CredentialLifetime : uint8_t { kUnknown, kLongLived, kTemporary };

struct Credential {
  EntityRef entity;  // access key
  EntityRef session;
  std::string_view access_key_id;
  CredentialLifetime lifetime = CredentialLifetime::kUnknown;
  std::string_view session_name;
  EntityRef issuer;  // the role or user that the session stands for
  std::string_view issuer_arn;
  std::optional<bool> mfa;
  std::optional<Time> issued;
  std::string_view source_identity;
  std::string_view invoked_by;         // the service that called with it
  EntityRef issued_to;                 // the function, task or instance that was given it
  bool from_console = false;           // sessionCredentialFromConsole
  std::string_view ec2_role_delivery;  // "1.0" or "2.0": the IMDS version
};

struct Source {
  EntityRef entity;          // ip/…; empty if a service called
  std::string_view address;  // textual IP address; empty if a service called
  std::string_view service;  // "cloudformation.amazonaws.com", "AWS Internal"
  std::string_view user_agent;
  std::string_view tls_version;
  std::string_view tls_cipher;
  std::string_view tls_host;
  std::string_view vpc_endpoint;
};

enum class Access : uint8_t { kUnknown, kRead, kWrite };
enum class Plane : uint8_t { kUnknown, kManagement, kData, kInsight, kNetwork };

struct Action {
  std::string_view service;   // "iam.amazonaws.com"
  std::string_view name;      // version suffix folded: "Invoke", not "Invoke20150331"
  std::string_view raw_name;  // as the record has it
  Access access = Access::kUnknown;
  Plane plane = Plane::kUnknown;
};

enum class Outcome : uint8_t { kOk, kDenied, kFailed };

// How the record names a target. One target is listed once, with the first
// of these that names it.
enum class TargetSource : uint8_t { kResources, kRequest, kResponse };

struct Target {
  EntityRef entity;
  TargetSource source = TargetSource::kResources;
  bool created = false;  // by this call, which was not refused
};

// A credential, or a way to get one, that this call created. Lineage is traced
// with it: later events by `entity` or `session` descend from this event's actor.
enum class MintedKind : uint8_t {
  kSession,              // AssumeRole*, GetSessionToken, GetFederationToken, Roles Anywhere …
  kAccessKey,            // CreateAccessKey
  kPassword,             // CreateLoginProfile, UpdateLoginProfile
  kServiceCredential,    // CreateServiceSpecificCredential
  kCertificate,          // UploadSigningCertificate
  kToken,                // Identity Center CreateToken, SSO GetRoleCredentials …
  kSshKey,               // UploadSSHPublicKey, SendSSHPublicKey; the principal may be a host
  kClientSecret,         // of an application of Entra
  kServiceAccountKey,    // of Google Cloud
  kFederatedCredential,  // whom an application, or a service account, lets in from elsewhere
};

struct Minted {
  MintedKind kind = MintedKind::kSession;
  EntityRef entity;     // the credential, where it has an id
  EntityRef session;    // for sessions
  EntityRef principal;  // whom the credential stands for
  std::optional<Time> expires;
};

inline constexpr size_t kTargetsMax = 64;

struct Facts {
  std::string_view cloud;  // "aws", "azure", "gcp", "kubernetes", "okta" …
  std::string_view event_id;
  std::string_view request_id;
  std::string_view shared_event_id;
  std::string_view addendum_reason;  // the record corrects an earlier one
  std::string_view addendum_of;      // event id of the earlier one
  std::optional<Time> time;
  std::string_view account;  // where it happened
  std::string_view region;
  std::string_view organization;
  Actor actor;
  Credential credential;
  Source source;
  Action action;
  std::span<const Target> targets;  // in the order met, without repeats, kTargetsMax at most
  uint32_t targets_omitted = 0;     // named by the record beyond that, repeats included
  Outcome outcome = Outcome::kOk;
  std::string_view error_code;
  std::string_view error_message;
  std::span<const Minted> minted;
};

// Moves the texts that are slices of `record` into `arena`.
void keep(Facts& facts, std::string_view record, TextArena& arena);

std::string_view name_of(ActorType type);
std::string_view name_of(Access access);
std::string_view name_of(Plane plane);
std::string_view name_of(Outcome outcome);
std::string_view name_of(MintedKind kind);
std::string_view name_of(CredentialLifetime lifetime);
std::string_view name_of(TargetSource source);

}  // namespace stanch::model
