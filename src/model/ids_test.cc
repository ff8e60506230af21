#include "model/ids.h"

#include <gtest/gtest.h>

#include <vector>

#include "model/content.h"

namespace stanch::model {
namespace {

TEST(EventIds, AreFamilyAndProviderId) {
  EXPECT_EQ(event_id("aws_cloudtrail", "e1e2e3e4-0000").text(), "aws_cloudtrail/e1e2e3e4-0000");
  EXPECT_EQ(event_id("aws_cloudtrail", "a/b#c\x1b").text(), "aws_cloudtrail/a%2Fb%23c%1B");
}

TEST(EventIds, WithoutOneAreHashAndOccurrence) {
  EventId first = event_id_of_bytes("aws_cloudtrail", "{}", 0);
  EXPECT_EQ(first.text(), "aws_cloudtrail#iqjw7i2vwntyuekgvulpp2dety.0");
  EXPECT_NE(first, event_id_of_bytes("aws_cloudtrail", "{}", 1));
  EXPECT_NE(first, event_id_of_bytes("aws_cloudtrail", "{ }", 0));
}

TEST(FindingIds, DependOnEachPartOfTheirKey) {
  std::vector<EventId> events = {EventId("f/a"), EventId("f/b")};
  std::vector<EventId> other = {EventId("f/a"), EventId("f/c")};
  FindingId id = finding_id({"rule", "v1", events, ""});
  EXPECT_EQ(id.text().size(), 4 + 26u);
  EXPECT_TRUE(id.text().starts_with("fnd-"));
  EXPECT_EQ(id, finding_id({"rule", "v1", events, ""}));
  EXPECT_NE(id, finding_id({"rule2", "v1", events, ""}));
  EXPECT_NE(id, finding_id({"rule", "v2", events, ""}));
  EXPECT_NE(id, finding_id({"rule", "v1", other, ""}));
  EXPECT_NE(id, finding_id({"rule", "v1", events, "group"}));
  EXPECT_NE(finding_id({"ab", "c", {}, ""}), finding_id({"a", "bc", {}, ""}));
}

TEST(FindingIds, DoNotDependOnTheOrderOfEvents) {
  std::vector<EventId> there = {EventId("f/a"), EventId("f/b")};
  std::vector<EventId> back = {EventId("f/b"), EventId("f/a")};
  EXPECT_EQ(finding_id({"rule", "v1", there, "g"}), finding_id({"rule", "v1", back, "g"}));
}

TEST(ContentVersion, DependsOnPathsAndBytes) {
  Content content{{{"rules/a.yaml", "x"}, {"rules/b.yaml", "y"}}};
  std::string version = content.version();
  EXPECT_EQ(version.size(), 64u);
  Content renamed{{{"rules/a.yaml", "x"}, {"rules/c.yaml", "y"}}};
  Content edited{{{"rules/a.yaml", "x"}, {"rules/b.yaml", "z"}}};
  Content swapped{{{"rules/a.yaml", "y"}, {"rules/b.yaml", "x"}}};
  EXPECT_NE(version, renamed.version());
  EXPECT_NE(version, edited.version());
  EXPECT_NE(version, swapped.version());
  EXPECT_NE(version, Content{}.version());
}

}  // namespace
}  // namespace stanch::model
