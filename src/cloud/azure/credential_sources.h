#pragma once

#include <string>
#include <string_view>

#include "cloud/azure/credentials.h"
#include "cloud/token.h"

// Where tokens come from; load_token() says in which order they are asked.

namespace stanch::cloud::azure {

// AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET, or AZURE_CLIENT_CERTIFICATE_PATH: a
// file with a certificate and its RSA key in PEM. An application's own credentials.
FoundToken from_environment(env::Env env, const ChainOptions& options, const std::string& audience);

// AZURE_FEDERATED_TOKEN_FILE with AZURE_TENANT_ID, AZURE_CLIENT_ID: a workload's identity at an
// issuer that the application trusts (Kubernetes). The file is read each time.
FoundToken from_federated_token(env::Env env, const ChainOptions& options,
                                const std::string& audience);

// IDENTITY_ENDPOINT, IDENTITY_HEADER: the managed identity of App Service, Functions and Container
// Apps; AZURE_CLIENT_ID names one that a user assigned.
FoundToken from_app_service(env::Env env, const ChainOptions& options, const std::string& audience);

// The managed identity of a virtual machine, by its metadata service (IMDS);
// AZURE_POD_IDENTITY_AUTHORITY_HOST is asked instead of 169.254.169.254, AZURE_CLIENT_ID names one
// that a user assigned.
FoundToken from_instance(env::Env env, const ChainOptions& options, const std::string& audience);

// Whoever is signed in to Azure's command line, if AZURE_TOKEN_CREDENTIALS is AzureCliCredential:
// for people at their own machines. `az account get-access-token` is run, by no shell.
FoundToken from_cli(env::Env env, const ChainOptions& options, const std::string& audience);
// What it says.
Result<Token> read_cli_token(const std::string& text, Time now);

// "contoso.onmicrosoft.com", or a GUID; it stands in a path that we ask for.
bool is_tenant(std::string_view text);

// An environment variable; "" if it is not set.
inline std::string variable(env::Env env, const char* name) {
  return env.variables.find(name).value_or("");
}

}  // namespace stanch::cloud::azure
