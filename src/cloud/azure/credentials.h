#pragma once

#include <string>

#include "base/result.h"
#include "cloud/azure/endpoint.h"
#include "cloud/token.h"
#include "env/env.h"
#include "env/programs.h"

// Who we are to Azure and Microsoft Entra ID.

namespace stanch::cloud::azure {

struct ChainOptions {
  Cloud cloud;         // whose authority is asked
  std::string tenant;  // "" for AZURE_TENANT_ID
  // With which az is run; null where no program is.
  env::Programs* programs = nullptr;
};

// A token for `audience`, "https://graph.microsoft.com". Asks the sources in turn: environment
// (secret, certificate), federated token, App Service, instance; before them Azure's command line,
// if AZURE_TOKEN_CREDENTIALS names it. The first that is set up here decides: if it fails, that is
// the error, and no other identity is taken. kNotFound if none is.
Result<Token> load_token(env::Env env, const ChainOptions& options, const std::string& audience);

}  // namespace stanch::cloud::azure
