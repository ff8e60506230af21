#include "cloud/azure/endpoint.h"

#include <gtest/gtest.h>

#include "cloud/world_for_test.h"

namespace stanch::cloud::azure {
namespace {

// "authority arm graph audience", or the error.
std::string cloud(const std::map<std::string, std::string>& variables) {
  World world;
  for (const auto& [name, value] : variables) world.sim.set_variable(name, value);
  const auto found = world.run<Cloud>([](env::Env env) { return cloud_of(env.variables); });
  if (!found) return World::words(found.error());
  return found->name + " " + found->authority + " " + found->arm + " " + found->graph + " " +
         found->arm_audience;
}

TEST(Endpoint, IsThatOfTheCloud) {
  const std::string ours =
      "AzureCloud https://login.microsoftonline.com https://management.azure.com "
      "https://graph.microsoft.com https://management.azure.com";
  EXPECT_EQ(cloud({}), ours);
  EXPECT_EQ(cloud({{"AZURE_ENVIRONMENT", "AzurePublicCloud"}}), ours);
  EXPECT_EQ(cloud({{"AZURE_AUTHORITY_HOST", "https://login.microsoftonline.com/"}}), ours);
  const std::string government =
      "AzureUSGovernment https://login.microsoftonline.us https://management.usgovcloudapi.net "
      "https://graph.microsoft.us https://management.usgovcloudapi.net";
  EXPECT_EQ(cloud({{"AZURE_ENVIRONMENT", "azureusgovernment"}}), government);
  EXPECT_EQ(cloud({{"AZURE_AUTHORITY_HOST", "https://login.microsoftonline.us"}}), government);
  EXPECT_EQ(cloud({{"AZURE_ENVIRONMENT", "AzureChinaCloud"}}),
            "AzureChinaCloud https://login.partner.microsoftonline.cn "
            "https://management.chinacloudapi.cn https://microsoftgraph.chinacloudapi.cn "
            "https://management.chinacloudapi.cn");
}

TEST(Endpoint, MayBeOnesOwn) {
  EXPECT_EQ(cloud({{"AZURE_AUTHORITY_HOST", "http://127.0.0.1:1"},
                   {"AZURE_ENDPOINT_URL_ARM", "http://127.0.0.1:2/"},
                   {"AZURE_ENDPOINT_URL_GRAPH", "http://127.0.0.1:3"}}),
            "AzureCloud http://127.0.0.1:1 http://127.0.0.1:2 http://127.0.0.1:3 "
            "https://management.azure.com");
  EXPECT_EQ(cloud({{"AZURE_ENVIRONMENT", "AzureMoonCloud"}}),
            "invalid: AZURE_ENVIRONMENT names no cloud of Azure");
  EXPECT_EQ(cloud({{"AZURE_ENDPOINT_URL_ARM", "http://10.0.0.1"}}),
            "denied: AZURE_ENDPOINT_URL_ARM: 10.0.0.1: plain HTTP is for local addresses only");
  EXPECT_EQ(cloud({{"AZURE_ENDPOINT_URL_GRAPH", "https://a/?b"}}),
            "invalid: AZURE_ENDPOINT_URL_GRAPH: there is a query");
}

}  // namespace
}  // namespace stanch::cloud::azure
