#pragma once

#include <string>
#include <utility>
#include <vector>

#include "cloud/aws/credentials.h"
#include "env/env.h"

// Sessions of roles, from AWS's Security Token Service (API version 2011-06-15).

namespace stanch::cloud::aws {

struct RoleSession {
  std::string role_arn;
  std::string session_name;          // of 2 to 64 letters, digits and "+=,.@-_"
  Duration lasts = {};               // 15 minutes to 12 hours; zero for what STS takes
  std::string external_id = {};      // that the role's owner agreed on with us
  std::string source_identity = {};  // shown in every CloudTrail record, also further down a chain
  std::string policy = {};           // JSON: the session may do no more than both allow
  std::vector<std::pair<std::string, std::string>> tags = {};
};

// Where and when it is asked.
struct StsOptions {
  std::string region;
  Duration clock_ahead = {};  // how far its clock is ahead of ours
};

// Asking again harms nobody, so it is tried up to three times. kDenied if STS says no.
Result<Credentials> assume_role(env::Env env, const Credentials& as, const RoleSession& session,
                                const StsOptions& options);

// The same with a token of OpenID Connect instead of credentials. Tags and source identity
// come from the token.
Result<Credentials> assume_role_with_web_identity(env::Env env, const std::string& token,
                                                  const RoleSession& session,
                                                  const StsOptions& options);

}  // namespace stanch::cloud::aws
