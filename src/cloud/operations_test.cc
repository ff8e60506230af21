#include "cloud/operations.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

namespace stanch::cloud {
namespace {

TEST(Operations, OfTheProgramAreWhole) {
  const Operations& table = Operations::built_in();
  ASSERT_FALSE(table.services().empty());
  for (const auto& [name, service] : table.services()) {
    if (!service.is_of_aws()) continue;
    EXPECT_FALSE(service.version.empty()) << name;
    EXPECT_FALSE(service.endpoint_prefix.empty()) << name;
    EXPECT_EQ(service.protocol == Protocol::kJson, !service.target_prefix.empty()) << name;
    for (const auto& [operation_name, operation] : service.operations) {
      SCOPED_TRACE(name + "." + operation_name);
      EXPECT_TRUE(operation.uri.starts_with('/'));
      EXPECT_FALSE(operation.method.empty());
      EXPECT_EQ(operation.service, &service);
      if (operation.paging == nullptr) continue;
      EXPECT_NE(operation.input->find(operation.paging->in), nullptr);
      EXPECT_FALSE(operation.paging->lists.empty());
    }
    for (const auto& [shape_name, shape] : service.shapes) {
      for (const std::string& required : shape.required) {
        EXPECT_NE(shape.find(required), nullptr) << name << "." << shape_name;
      }
    }
  }
}

TEST(Operations, OfAzureAndGoogleSayAllThatTheirPathsNeed) {
  const Shape nothing;
  size_t azure = 0, google = 0;
  for (const auto& [service_name, service] : Operations::built_in().services()) {
    if (!service.is_of_azure() && !service.is_of_google()) continue;
    EXPECT_NE(service.is_of_google(), service.endpoint_prefix.empty()) << service_name;
    EXPECT_NE(service.is_of_google(), service.signing_name.empty()) << service_name;
    for (const auto& [name, operation] : service.operations) {
      SCOPED_TRACE(service_name + "." + name);
      ++(service.is_of_azure() ? azure : google);
      EXPECT_TRUE(operation.uri.starts_with('/'));
      EXPECT_EQ(operation.uri.contains("api-version="), service.protocol == Protocol::kArm);
      size_t in_path = 0;
      const Shape& input = operation.input == nullptr ? nothing : *operation.input;
      for (const Member& member : input.members) {
        const bool is_required =
            std::ranges::find(input.required, member.name) != input.required.end();
        if (member.location == Location::kUri) {
          ++in_path;
          EXPECT_TRUE(operation.uri.contains("{" + member.name + "}")) << member.name;
          EXPECT_TRUE(is_required) << member.name;
        }
        EXPECT_EQ(member.location == Location::kBody, &member == input.payload);
      }
      EXPECT_EQ(in_path, static_cast<size_t>(std::ranges::count(operation.uri, '{')));
      for (const std::string& required : input.required) {
        EXPECT_NE(input.find(required), nullptr) << required;
      }
      EXPECT_TRUE(operation.method == "GET" || operation.method == "POST" ||
                  operation.method == "PUT" || operation.method == "PATCH" ||
                  operation.method == "DELETE");
      if (operation.paging == nullptr) continue;
      EXPECT_FALSE(operation.paging->lists.empty());
      EXPECT_EQ(operation.paging->in.empty(), service.is_of_azure());
      if (service.is_of_google()) {
        EXPECT_NE(operation.input->find(operation.paging->in), nullptr);
      }
    }
  }
  EXPECT_GE(azure, 100u);
  EXPECT_GE(google, 60u);
}

TEST(Operations, AreFoundByName) {
  const Operations& table = Operations::built_in();
  const Operation* operation = table.find("iam", "UpdateAccessKey");
  ASSERT_NE(operation, nullptr);
  EXPECT_EQ(operation->service->protocol, Protocol::kQuery);
  EXPECT_EQ(operation->service->global.find("aws")->second.region, "us-east-1");
  ASSERT_NE(operation->input, nullptr);
  EXPECT_EQ(operation->input->required.size(), 2u);
  EXPECT_EQ(operation->output, nullptr);
  EXPECT_EQ(table.find("iam", "NoSuch"), nullptr);
  EXPECT_EQ(table.find("nosuch", "UpdateAccessKey"), nullptr);
  const Operation* assume = table.find("sts", "AssumeRole");
  ASSERT_NE(assume, nullptr);
  EXPECT_EQ(assume->wrapper, "AssumeRoleResult");
}

TEST(Operations, ATableThatIsNoneSaysWhere) {
  const struct {
    const char* table;
    const char* why;
  } cases[] = {
      {"[]", "no services"},
      {R"({"services":{"a":{"protocol":"soap"}}})", "a: 'soap' is no known word"},
      {R"({"services":{"a":{"protocol":"ec2"}}})", "a: incomplete"},
      {R"({"services":{"a":{"protocol":"ec2","operations":{"B":{"input":"@C"}},"shapes":{}}}})",
       "a.B: there is no shape '@C'"},
      {R"({"services":{"a":{"protocol":"ec2","operations":{},"shapes":{"B":{}}}}})",
       "a.B: is neither structure nor list nor map"},
      {R"({"services":{"a":{"protocol":"ec2","operations":{},"shapes":{"B":{"m":{"C":"q"}}}}}})",
       "a.B: 'q' is no known word"},
  };
  for (const auto& each : cases) {
    const auto table = Operations::read(each.table);
    ASSERT_FALSE(table.has_value()) << each.table;
    EXPECT_NE(table.error().message().find(each.why), std::string::npos) << table.error().message();
  }
}

}  // namespace
}  // namespace stanch::cloud
