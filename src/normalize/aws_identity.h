#pragma once

#include <cstdint>
#include <string_view>

#include "model/aws_entity.h"
#include "normalize/aws_cloudtrail.h"

// userIdentity taken apart, shared by the two files that read it.

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

struct Identity {
  Members<kIdentityFieldCount> fields;
  model::Arn arn;  // of the actor; empty if it has none
  std::string_view provider;
  std::string_view issuer_type;
  std::string_view issuer_user_name;
};

// Reads sessionContext into the credential, before the actor is known …
void extract_session_context(Identity& identity, Extraction& from);

// … and names the session, when it is.
void extract_session(const Identity& identity, Extraction& from);

}  // namespace stanch::normalize::aws
