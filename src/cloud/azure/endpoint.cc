#include "cloud/azure/endpoint.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "base/ascii.h"
#include "cloud/invalid.h"
#include "cloud/own_endpoint.h"

namespace stanch::cloud::azure {

namespace {

// Microsoft Learn, "National clouds" (Entra ID), "National cloud deployments" (Graph), and the
// endpoints of Resource Manager in "Compare Azure Government and global Azure" and "Developer
// differences" of Azure operated by 21Vianet. The second names are those of Azure's older SDKs.
struct Known {
  const char *name, *other_name, *authority, *arm, *graph;
};
constexpr Known kClouds[] = {
    {"AzureCloud", "AzurePublicCloud", "https://login.microsoftonline.com",
     "https://management.azure.com", "https://graph.microsoft.com"},
    {"AzureUSGovernment", "AzureUSGovernmentCloud", "https://login.microsoftonline.us",
     "https://management.usgovcloudapi.net", "https://graph.microsoft.us"},
    {"AzureChinaCloud", "AzureChinaCloud", "https://login.partner.microsoftonline.cn",
     "https://management.chinacloudapi.cn", "https://microsoftgraph.chinacloudapi.cn"},
};

const Known* find_cloud(std::string_view name, std::string_view authority) {
  const Known* found = std::ranges::find_if(kClouds, [&](const Known& each) {
    if (name.empty()) return authority.empty() || authority == each.authority;
    return equal_ignoring_ascii_case(name, each.name) ||
           equal_ignoring_ascii_case(name, each.other_name);
  });
  return found == std::end(kClouds) ? nullptr : found;
}

}  // namespace

Result<Cloud> cloud_of(env::Variables& variables) {
  TRY(const auto authority, own_endpoint(variables, "AZURE_AUTHORITY_HOST"));
  TRY(const auto arm, own_endpoint(variables, "AZURE_ENDPOINT_URL_ARM"));
  TRY(const auto graph, own_endpoint(variables, "AZURE_ENDPOINT_URL_GRAPH"));
  const std::string name = variables.find("AZURE_ENVIRONMENT").value_or("");
  const Known* known = find_cloud(name, authority.value_or(""));
  // An authority of one's own says nothing of what it is for.
  if (known == nullptr && name.empty()) known = &kClouds[0];
  if (known == nullptr) return invalid("AZURE_ENVIRONMENT names no cloud of Azure");
  return Cloud{.name = known->name,
               .authority = authority.value_or(known->authority),
               .arm = arm.value_or(known->arm),
               .graph = graph.value_or(known->graph),
               .arm_audience = known->arm,
               .graph_audience = known->graph};
}

}  // namespace stanch::cloud::azure
