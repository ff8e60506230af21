#pragma once

#include <optional>

#include "cloud/aws/credentials.h"

// Where credentials come from; load_credentials() says in which order they are asked.

namespace stanch::cloud::aws {

// Nothing if the source is not set up here. An error if it is, but does not work or is set up
// by half: whoever set it up did not mean the next one.
using Found = Result<std::optional<Credentials>>;

// AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN.
Found from_environment(env::Env env, const ChainOptions& options);

// Profiles of ~/.aws/credentials and ~/.aws/config (AWS_SHARED_CREDENTIALS_FILE,
// AWS_CONFIG_FILE): keys; role_arn with source_profile or credential_source, external_id,
// role_session_name, duration_seconds; web_identity_token_file. Programs (credential_process),
// sign-in in a browser (sso_…) and devices (mfa_serial) are refused: nobody is there, and
// nothing is run that a file names.
Found from_profile(env::Env env, const ChainOptions& options);

// AWS_WEB_IDENTITY_TOKEN_FILE, AWS_ROLE_ARN, AWS_ROLE_SESSION_NAME: a role of Kubernetes.
Found from_web_identity(env::Env env, const ChainOptions& options);

// AWS_CONTAINER_CREDENTIALS_RELATIVE_URI or …_FULL_URI, with AWS_CONTAINER_AUTHORIZATION_TOKEN
// or …_TOKEN_FILE: ECS, and EKS Pod Identity. A full URI leads by TLS anywhere, by plain HTTP
// only to this host, 169.254.170.2, 169.254.170.23 or fd00:ec2::23.
Found from_container(env::Env env, const ChainOptions& options);

// The role of an EC2 instance, by version 2 of its metadata service alone: version 1, which
// answers whoever gets a server to ask for him, is never spoken. AWS_EC2_METADATA_DISABLED,
// AWS_EC2_METADATA_SERVICE_ENDPOINT, AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE ("IPv6").
Found from_instance(env::Env env, const ChainOptions& options);

// An environment variable; "" if it is not set, which AWS's tools take for the same.
inline std::string variable(env::Env env, const char* name) {
  return env.variables.find(name).value_or("");
}

// The region that is meant when nothing else is said: of the options, AWS_REGION,
// AWS_DEFAULT_REGION, the profile. kInvalid if there is none.
Result<std::string> region_of(env::Env env, const ChainOptions& options);

}  // namespace stanch::cloud::aws
