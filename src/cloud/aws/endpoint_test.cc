#include "cloud/aws/endpoint.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

namespace stanch::cloud::aws {
namespace {

class FakeVariables : public env::Variables {
 public:
  std::optional<std::string> find(const std::string& name) override {
    const auto found = values.find(name);
    if (found == values.end()) return std::nullopt;
    return found->second;
  }
  std::map<std::string, std::string> values;
};

std::string endpoint(FakeVariables variables, const std::string& service,
                     const std::string& region) {
  const auto result = endpoint_of(variables, service, region);
  return result ? *result : result.error().message();
}

TEST(Endpoint, EveryPartitionHasItsOwn) {
  const std::pair<std::string, std::string> cases[] = {
      {"us-east-1", "https://sts.us-east-1.amazonaws.com"},
      {"us-gov-west-1", "https://sts.us-gov-west-1.amazonaws.com"},
      {"cn-north-1", "https://sts.cn-north-1.amazonaws.com.cn"},
      {"us-iso-east-1", "https://sts.us-iso-east-1.c2s.ic.gov"},
      {"us-isob-east-1", "https://sts.us-isob-east-1.sc2s.sgov.gov"},
      {"us-isof-south-1", "https://sts.us-isof-south-1.csp.hci.ic.gov"},
      {"eu-isoe-west-1", "https://sts.eu-isoe-west-1.cloud.adc-e.uk"},
      {"eusc-de-east-1", "https://sts.eusc-de-east-1.amazonaws.eu"},
  };
  for (const auto& [region, expected] : cases) EXPECT_EQ(endpoint({}, "sts", region), expected);
}

TEST(Endpoint, ARegionIsNothingThatCouldBeAnotherHost) {
  for (const char* region : {"", "evil.example/", "a.b", "a/b", "EU-WEST-1", "-a", "a-", "a b",
                             "a@b", "abcdefghijklmnopqrstuvwxyzabcdefg"}) {
    EXPECT_FALSE(is_region(region)) << region;
    EXPECT_EQ(endpoint({}, "sts", region), "the region is no name of one");
  }
  EXPECT_TRUE(is_region("eu-west-1"));
}

TEST(Endpoint, VariablesNameAnother) {
  FakeVariables variables;
  variables.values["AWS_ENDPOINT_URL"] = "http://127.0.0.1:5000/";
  EXPECT_EQ(endpoint(variables, "sts", "eu-west-1"), "http://127.0.0.1:5000");
  variables.values["AWS_ENDPOINT_URL_SECRETS_MANAGER"] = "https://vpce.example/x/";
  EXPECT_EQ(endpoint(variables, "secrets-manager", "eu-west-1"), "https://vpce.example/x");
  EXPECT_EQ(endpoint(variables, "sts", "eu-west-1"), "http://127.0.0.1:5000");
  variables.values["AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"] = "true";
  EXPECT_EQ(endpoint(variables, "sts", "eu-west-1"), "https://sts.eu-west-1.amazonaws.com");
  const std::pair<std::string, std::string> wrong[] = {
      {"http://far.example:0/", "AWS_ENDPOINT_URL: URL: the port is no number from 1 to 65535"},
      {"http://10.0.0.1/", "AWS_ENDPOINT_URL: 10.0.0.1: plain HTTP is for local addresses only"},
      {"ftp://x/", "AWS_ENDPOINT_URL: URL: it begins with neither https:// nor http://"},
      {"https://x/?a=b", "AWS_ENDPOINT_URL: there is a query"},
  };
  for (const auto& [url, problem] : wrong) {
    FakeVariables with;
    with.values["AWS_ENDPOINT_URL"] = url;
    EXPECT_EQ(endpoint(with, "sts", "eu-west-1"), problem);
  }
}

}  // namespace
}  // namespace stanch::cloud::aws
