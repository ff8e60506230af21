#pragma once

#include <string>

#include "base/result.h"
#include "env/env.h"

namespace stanch::cloud::azure {

// One of Azure's clouds, which know nothing of one another: where it is asked, and what tokens are
// asked for there. URLs are without a slash at the end.
struct Cloud {
  std::string name;       // "AzureCloud", as `az cloud list` has them
  std::string authority;  // of Entra ID: "https://login.microsoftonline.com"
  std::string arm, graph;
  // For whom a token is; the endpoints as they are without any of one's own.
  std::string arm_audience, graph_audience;
};

// Which one AZURE_ENVIRONMENT names ("AzureCloud", "AzureUSGovernment", "AzureChinaCloud"), or the
// host in AZURE_AUTHORITY_HOST; without either the public one. AZURE_AUTHORITY_HOST,
// AZURE_ENDPOINT_URL_ARM and AZURE_ENDPOINT_URL_GRAPH are asked instead of its own hosts; by plain
// HTTP only on this host. kInvalid if there is no such cloud or no such URL.
Result<Cloud> cloud_of(env::Variables& variables);

}  // namespace stanch::cloud::azure
