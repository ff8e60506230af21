#include "detect/sigma/correlation_fields.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "detect/sigma/load.h"

namespace stanch::detect::sigma {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr std::string_view kFields = R"(
log: {product: azure, service: signinlogs}
members: [userPrincipalName, properties.userPrincipalName, ipAddress]
---
log: {product: aws}
members: [sourceIPAddress, userIdentity]
---
transformations:
  - type: field_name_mapping
    mapping: {User: [userPrincipalName, properties.userPrincipalName], IP: ipAddress}
    rule_conditions: [{type: logsource, product: azure, service: signinlogs}]
)";

constexpr std::string_view kRules = R"(title: A
name: azure
logsource: {product: azure, service: signinlogs}
detection: {s: {IP: x}, condition: s}
---
title: B
name: aws
logsource: {product: aws}
detection: {s: {sourceIPAddress: x}, condition: s}
---
)";

LoadedRules load_with(const std::string& correlations) {
  FieldContent content;
  Diagnostics diagnostics;
  std::string_view rest = kFields;
  for (size_t end = 0; end != rest.npos; rest.remove_prefix(end == rest.npos ? 0 : end + 4)) {
    end = rest.find("---\n");
    read_fields({"fields.yml", std::string(rest.substr(0, end))}, content, diagnostics);
  }
  EXPECT_TRUE(diagnostics.empty()) << to_text(diagnostics.front());
  const RuleText text{"r.yml", std::string(kRules) + correlations};
  return load({&text, 1}, {}, content.logs, content.maps);
}

std::vector<std::string> fields_of(const Reference& reference, std::string_view name) {
  for (const Alias& alias : reference.aliases) {
    if (alias.name == name) return alias.fields;
  }
  return {};
}

TEST(SigmaCorrelationFields, GoThroughTheMapsOfTheirRules) {
  const LoadedRules loaded = load_with(
      "title: C\ncorrelation: {type: value_count, rules: [azure, aws], timespan: 1h,\n"
      "  group-by: [User, from], aliases: {from: {azure: IP, aws: sourceIPAddress},\n"
      "    User: {azure: User, aws: userIdentity.userName}}, condition: {gte: 2, field: from}}\n");
  ASSERT_EQ(loaded.correlations.size(), 1u);
  EXPECT_TRUE(loaded.diagnostics.empty()) << to_text(loaded.diagnostics.front());
  const std::vector<Reference>& rules = loaded.correlations[0].rules;
  EXPECT_THAT(fields_of(rules[0], "User"),
              ElementsAre("userPrincipalName", "properties.userPrincipalName"));
  EXPECT_THAT(fields_of(rules[0], "from"), ElementsAre("ipAddress"));
  EXPECT_THAT(fields_of(rules[1], "from"), ElementsAre("sourceIPAddress"));
}

// What an outer correlation asks for through an inner one is a field of the inner one's rules.
TEST(SigmaCorrelationFields, GoThroughCorrelationsOfCorrelations) {
  const LoadedRules loaded = load_with(
      "title: I\nname: inner\ncorrelation: {type: event_count, rules: azure, timespan: 1h,\n"
      "  condition: {gte: 2}}\n---\n"
      "title: O\ncorrelation: {type: temporal, rules: [inner, azure], timespan: 1h,\n"
      "  group-by: IP}\n");
  ASSERT_EQ(loaded.correlations.size(), 2u);
  for (const Correlation& correlation : loaded.correlations) {
    for (const Reference& rule : correlation.rules) {
      if (rule.is_correlation) continue;
      EXPECT_THAT(fields_of(rule, "IP"), ElementsAre("ipAddress"));
    }
  }
}

TEST(SigmaCorrelationFields, ThatNoEventHasAreTold) {
  struct Case {
    std::string lines, message, hint;
  };
  const Case cases[] = {
      {"rules: aws, group-by: [userIdentity.arn, sourceIPAdress], condition: {gte: 2}",
       "no 'sourceIPAdress': nothing that 'aws' matches counts", "did you mean 'sourceIPAddress'?"},
      {"rules: [azure, aws], group-by: User, condition: {gte: 2}",
       "events of aws have no 'User': nothing that 'aws' matches counts", ""},
      {"rules: azure, group-by: u, aliases: {u: {azure: ipAdress}}, condition: {gte: 2}",
       "have no 'ipAdress'", "did you mean 'ipAddress'?"},
  };
  for (const Case& c : cases) {
    const LoadedRules loaded =
        load_with("title: C\ncorrelation: {type: event_count, timespan: 1h, " + c.lines + "}\n");
    ASSERT_EQ(loaded.diagnostics.size(), 1u) << c.lines;
    const std::string text = to_text(loaded.diagnostics[0]);
    EXPECT_THAT(text, HasSubstr("SIG038"));
    EXPECT_THAT(text, HasSubstr(c.message));
    EXPECT_THAT(text, HasSubstr(c.hint));
    EXPECT_THAT(text, HasSubstr("r.yml:12:"));
  }
}

}  // namespace
}  // namespace stanch::detect::sigma
