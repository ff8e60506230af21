#include "model/ids.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "model/content.h"

namespace stanch::model {
namespace {

TEST(EventIds, AreFamilyAndProviderId) {
  TextArena arena;
  EXPECT_EQ(event_id("aws_cloudtrail", "e1e2e3e4-0000", arena).text(),
            "aws_cloudtrail/e1e2e3e4-0000");
  EXPECT_EQ(event_id("aws_cloudtrail", "a/b#c\x1b", arena).text(), "aws_cloudtrail/a%2Fb%23c%1B");
}

TEST(EventIds, WithoutOneAreHashAndOccurrence) {
  TextArena arena;
  EventIdRef first = event_id_of_bytes("aws_cloudtrail", "{}", 0, arena);
  EXPECT_EQ(first.text(), "aws_cloudtrail#iqjw7i2vwntyuekgvulpp2dety.0");
  EXPECT_NE(first, event_id_of_bytes("aws_cloudtrail", "{}", 1, arena));
  EXPECT_NE(first, event_id_of_bytes("aws_cloudtrail", "{ }", 0, arena));
}

std::string id_of(const FindingKey& key) {
  TextArena arena;
  return std::string(finding_id(key, arena).text());
}

TEST(FindingIds, DependOnEachPartOfTheirKey) {
  std::vector<EventIdRef> events = {EventIdRef("f/a"), EventIdRef("f/b")};
  std::vector<EventIdRef> other = {EventIdRef("f/a"), EventIdRef("f/c")};
  std::string id = id_of({"rule", "v1", events, ""});
  EXPECT_EQ(id.size(), 4 + 26u);
  EXPECT_TRUE(id.starts_with("fnd-"));
  EXPECT_EQ(id, id_of({"rule", "v1", events, ""}));
  EXPECT_NE(id, id_of({"rule2", "v1", events, ""}));
  EXPECT_NE(id, id_of({"rule", "v2", events, ""}));
  EXPECT_NE(id, id_of({"rule", "v1", other, ""}));
  EXPECT_NE(id, id_of({"rule", "v1", events, "group"}));
  EXPECT_NE(id_of({"ab", "c", {}, ""}), id_of({"a", "bc", {}, ""}));
}

TEST(FindingIds, DoNotDependOnTheOrderOfEvents) {
  std::vector<EventIdRef> there = {EventIdRef("f/a"), EventIdRef("f/b")};
  std::vector<EventIdRef> back = {EventIdRef("f/b"), EventIdRef("f/a")};
  EXPECT_EQ(id_of({"rule", "v1", there, "g"}), id_of({"rule", "v1", back, "g"}));
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
