#pragma once

#include "normalize/aws_cloudtrail.h"

// userIdentity, in two files: whom it names, and which session. Private to them.

namespace stanch::normalize::aws {

enum IdentityField : uint8_t {
  kType,
  kPrincipalId,
  kArn,
  kAccountId,
  kAccessKeyId,
  kUserName,
  kSessionContext,
  kInvokedBy,
  kIdentityProvider,
  kOnBehalfOf,
  kInScopeOf,
  kIdentityFieldCount,
};

// One userIdentity on its way to actor and credential.
struct Identity {
  JsonReader& reader;
  model::Actor& actor;
  model::Credential& credential;
  Members<kIdentityFieldCount> fields = {};
  model::Arn arn = {};  // of the actor; empty if it has none
  std::string_view provider = {};
  std::string_view issuer_type = {};
  std::string_view issuer_user_name = {};

  std::string_view text(IdentityField field) { return reader.text(fields, field); }
  TextArena& arena() { return reader.arena(); }
};

inline std::string_view after_last(std::string_view text, char separator) {
  return text.substr(text.rfind(separator) + 1);
}

// Reads sessionContext into the credential, before the actor is known …
void extract_session_context(Identity& identity);

// … and names the session, when it is.
void extract_session(Identity& identity);

}  // namespace stanch::normalize::aws
