#include "detect/sigma/bind.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "detect/sigma/load.h"

namespace stanch::detect::sigma {
namespace {

std::string why(const std::string& log_source, const std::string& detection,
                const std::vector<LogSchema>& logs) {
  const RuleText text{"r.yml",
                      "title: T\nlogsource: " + log_source + "\ndetection: {" + detection + "}\n"};
  const LoadedRules loaded = load({&text, 1}, {{"none", {}}, {"nil", {}}}, logs);
  if (loaded.reports.size() != 1 || loaded.rules.size() != 1) return "not loaded";
  EXPECT_EQ(loaded.reports[0].unbindable, !loaded.reports[0].unbindable_why.empty());
  return loaded.reports[0].unbindable_why;
}

const std::vector<LogSchema>& logs() {
  static const std::vector<LogSchema> kLogs = {
      {"aws", "cloudtrail", "", {"name", "user", "dotted.key"}}};
  return kLogs;
}

TEST(SigmaBind, LogSourcesThatNobodyReadsAreTold) {
  struct Case {
    std::string log_source, expected;
  };
  const Case cases[] = {
      {"{product: aws, service: cloudtrail}", ""},
      {"{product: AWS, service: CloudTrail}", ""},
      {"{product: aws}", ""},
      {"{service: cloudtrail}", ""},
      {"{product: aws, service: cloudtrail, category: x}", ""},  // nothing says otherwise (L1)
      {"{x: y}", ""},
      {"{product: azure, service: activitylogs}", "no log that Stanch reads is azure/activitylogs"},
      {"{product: aws, service: vpcflow}", "no log that Stanch reads is aws/vpcflow"},
      {"{product: windows, category: process_creation}",
       "no log that Stanch reads is windows/process_creation"},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(why(c.log_source, "s: {name: x}, condition: s", logs()), c.expected) << c.log_source;
  }
  EXPECT_EQ(why("{product: azure}", "s: {name: x}, condition: s", {}), "") << "nothing is known";
}

TEST(SigmaBind, ConditionsThatNoEventSatisfiesAreTold) {
  const std::string missing = "it needs fields that aws/cloudtrail does not have: ";
  struct Case {
    const char* name;
    std::string detection, expected;
  };
  const Case cases[] = {
      {"known field", "s: {name: x}, condition: s", ""},
      {"below a known field", "s: {user.arn: x}, condition: s", ""},
      {"case and brackets do not matter", "s: {'Name[].x': x, 'USER{}.y': z}, condition: s", ""},
      {"a key with a dot", "s: {dotted.key: x}, condition: s", ""},
      {"impossible field", "s: {status: x}, condition: s", missing + "status"},
      {"beside a possible one", "s: {name: x, status: y}, condition: s", missing + "status"},
      {"as one of two", "s: [{name: x}, {status: y}], condition: s", ""},
      {"both of two", "s: [{src: x}, {status: y}], condition: s", missing + "src, status"},
      {"in a filter", "s: {name: x}, f: {status: y}, condition: s and not f", ""},
      {"in one of", "s1: {name: x}, s2: {status: y}, condition: 1 of s*", ""},
      {"in all of", "s1: {name: x}, s2: {status: y}, condition: all of s*", missing + "status"},
      {"in or", "s1: {name: x}, s2: {status: y}, condition: s1 or s2", ""},
      {"one condition of two", "s: {name: x}, t: {status: y}, condition: [s, t]", ""},
      {"null asks for absence", "s: {status: null}, condition: s", ""},
      {"null among others", "s: {status: [x, null]}, condition: s", ""},
      {"all with null", "s: {status|all: [x, null]}, condition: s", missing + "status"},
      {"the empty text is not absence", "s: {status: ''}, condition: s", missing + "status"},
      {"exists", "s: {status|exists: true}, condition: s", missing + "status"},
      {"exists not", "s: {status|exists: false}, condition: s", ""},
      {"neq holds where absent", "s: {status|neq: x}, condition: s", ""},
      {"neq null does not", "s: {status|neq: null}, condition: s", missing + "status"},
      {"contains", "s: {status|contains: x}, condition: s", missing + "status"},
      {"a number", "s: {status|gt: 5}, condition: s", missing + "status"},
      {"another field that is missing", "s: {name|fieldref: status}, condition: s",
       "its condition is false for every event"},
      {"another field of two", "s: {name|fieldref: [status, user.arn]}, condition: s", ""},
      {"keywords may be anywhere", "s: [x], condition: s", ""},
      {"not what is never", "s: {status: x}, condition: not s", ""},
      {"not what is always", "s: {status: null}, condition: not s", missing + "status"},
      {"not not what may be", "s: {name: x}, condition: not not s", ""},
      {"not not what is never", "s: {status: x}, condition: not not s", missing + "status"},
      {"an empty placeholder", "s: {name|expand: '%none%'}, condition: s",
       "a list in it is empty: %none%"},
      {"two empty placeholders",
       "s: {name|expand: '%none%', user|expand: ['%nil%', '%none%']}, condition: s",
       "lists in it are empty: %none%, %nil%"},
      {"an empty placeholder in a filter",
       "s: {name: x}, f: {user|expand: '%none%'}, condition: s and not f", ""},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(why("{product: aws}", c.detection, logs()), c.expected) << c.name;
  }
}

// It named neither the list nor the line.
TEST(SigmaBind, AnUnbindableRuleIsToldWithItsPlaceAndWhatToDo) {
  const RuleText text{"r.yml",
                      "title: T\nlogsource: {product: aws}\ndetection:\n  s:\n    name: x\n"
                      "    user|expand: '%none%'\n  condition: s\n"};
  const LoadedRules loaded = load({&text, 1}, {{"none", {}}}, logs());
  ASSERT_EQ(loaded.reports.size(), 1u);
  EXPECT_EQ(loaded.reports[0].line, 3u);
  EXPECT_EQ(loaded.reports[0].unbindable_line, 6u);
  EXPECT_EQ(loaded.reports[0].unbindable_hint,
            "fill it in content/context.yaml or content/placeholders.yaml");
  const RuleText other{
      "o.yml", "title: T\nlogsource: {product: azure}\ndetection: {s: {a: b}, condition: s}\n"};
  const LoadedRules unread = load({&other, 1}, {}, logs());
  ASSERT_EQ(unread.reports.size(), 1u);
  EXPECT_EQ(unread.reports[0].unbindable_line, 2u);
  EXPECT_EQ(unread.reports[0].unbindable_hint, "what is read: aws/cloudtrail");
}

TEST(SigmaBind, OneLogThatFitsIsEnough) {
  const std::vector<LogSchema> two = {{"aws", "cloudtrail", "", {"name"}},
                                      {"aws", "vpcflow", "", {"status"}}};
  EXPECT_EQ(why("{product: aws}", "s: {status: x}, condition: s", two), "");
  EXPECT_EQ(why("{product: aws}", "s: {status: x, name: y}, condition: s", two),
            "its condition is false for every event");
  EXPECT_EQ(why("{product: aws}", "s: {x: y}, condition: s", two),
            "it needs fields that aws/cloudtrail, aws/vpcflow does not have: x");
}

}  // namespace
}  // namespace stanch::detect::sigma
