#include "model/event.h"
#include "model/rule.h"

// The words that stand for enum values in JSON and on the screen.

namespace stanch::model {

std::string_view name_of(ActorType type) {
  switch (type) {
    case ActorType::kUnknown: return "unknown";
    case ActorType::kRoot: return "root";
    case ActorType::kUser: return "user";
    case ActorType::kRole: return "role";
    case ActorType::kFederatedUser: return "federated-user";
    case ActorType::kWebIdentity: return "web-identity";
    case ActorType::kSaml: return "saml";
    case ActorType::kIdentityCenter: return "identity-center";
    case ActorType::kDirectory: return "directory";
    case ActorType::kService: return "service";
    case ActorType::kAccount: return "account";
    case ActorType::kAnonymous: return "anonymous";
    case ActorType::kServiceAccount: return "service-account";
    case ActorType::kServicePrincipal: return "service-principal";
    case ActorType::kManagedIdentity: return "managed-identity";
  }
  return "unknown";
}

std::string_view name_of(Access access) {
  switch (access) {
    case Access::kUnknown: return "unknown";
    case Access::kRead: return "read";
    case Access::kWrite: return "write";
  }
  return "unknown";
}

std::string_view name_of(Plane plane) {
  switch (plane) {
    case Plane::kUnknown: return "unknown";
    case Plane::kManagement: return "management";
    case Plane::kData: return "data";
    case Plane::kInsight: return "insight";
    case Plane::kNetwork: return "network";
  }
  return "unknown";
}

std::string_view name_of(Outcome outcome) {
  switch (outcome) {
    case Outcome::kOk: return "ok";
    case Outcome::kDenied: return "denied";
    case Outcome::kFailed: return "failed";
  }
  return "failed";
}

std::string_view name_of(MintedKind kind) {
  switch (kind) {
    case MintedKind::kSession: return "session";
    case MintedKind::kAccessKey: return "access-key";
    case MintedKind::kPassword: return "password";
    case MintedKind::kServiceCredential: return "service-credential";
    case MintedKind::kCertificate: return "certificate";
    case MintedKind::kToken: return "token";
    case MintedKind::kSshKey: return "ssh-key";
    case MintedKind::kClientSecret: return "client-secret";
    case MintedKind::kServiceAccountKey: return "service-account-key";
    case MintedKind::kFederatedCredential: return "federated-credential";
  }
  return "unknown";
}

std::string_view name_of(CredentialLifetime lifetime) {
  switch (lifetime) {
    case CredentialLifetime::kUnknown: return "unknown";
    case CredentialLifetime::kLongLived: return "long-lived";
    case CredentialLifetime::kTemporary: return "temporary";
  }
  return "unknown";
}

std::string_view name_of(TargetSource source) {
  switch (source) {
    case TargetSource::kResources: return "resources";
    case TargetSource::kRequest: return "request";
    case TargetSource::kResponse: return "response";
  }
  return "unknown";
}

std::string_view name_of(Level level) {
  switch (level) {
    case Level::kInformational: return "informational";
    case Level::kLow: return "low";
    case Level::kMedium: return "medium";
    case Level::kHigh: return "high";
    case Level::kCritical: return "critical";
  }
  return "unknown";
}

}  // namespace stanch::model
