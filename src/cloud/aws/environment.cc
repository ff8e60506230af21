#include "cloud/aws/credential_sources.h"
#include "cloud/aws/sts.h"
#include "cloud/text_file.h"

// What the environment says by itself: keys, or a token of a web identity.

namespace stanch::cloud::aws {

Found from_environment(env::Env env, const ChainOptions&) {
  Credentials credentials{.access_key_id = variable(env, "AWS_ACCESS_KEY_ID"),
                          .secret_access_key = variable(env, "AWS_SECRET_ACCESS_KEY"),
                          .session_token = variable(env, "AWS_SESSION_TOKEN"),
                          .expires = std::nullopt,
                          .source = "environment"};
  if (credentials.access_key_id.empty() && credentials.secret_access_key.empty()) {
    return std::optional<Credentials>();
  }
  if (credentials.access_key_id.empty() || credentials.secret_access_key.empty()) {
    return Error(ErrorCode::kInvalid,
                 "of AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY only one is set");
  }
  return std::optional(std::move(credentials));
}

Found from_web_identity(env::Env env, const ChainOptions& options) {
  const std::string file = variable(env, "AWS_WEB_IDENTITY_TOKEN_FILE");
  const std::string role = variable(env, "AWS_ROLE_ARN");
  if (file.empty()) return std::optional<Credentials>();  // AWS_ROLE_ARN alone is others' too
  if (role.empty()) {
    return Error(ErrorCode::kInvalid, "AWS_WEB_IDENTITY_TOKEN_FILE is set without AWS_ROLE_ARN");
  }
  const std::string name = variable(env, "AWS_ROLE_SESSION_NAME");
  TRY(const std::string region, region_of(env, options));
  TRY(const std::string token, read_token_file(env.files, file));
  TRY(Credentials credentials,
      assume_role_with_web_identity(
          env, token,
          {.role_arn = role, .session_name = name.empty() ? options.session_name : name},
          {.region = region, .clock_ahead = options.clock_ahead}));
  return std::optional(std::move(credentials));
}

}  // namespace stanch::cloud::aws
