#include "triage/joined.h"

#include <gtest/gtest.h>

namespace stanch::triage {
namespace {

model::Entry entry(std::string kind, std::string payload) {
  model::Entry entry;
  entry.kind = std::move(kind);
  entry.payload = model::EntryPayload{std::move(payload), std::string(32, '0')};
  return entry;
}
model::Entry joins(const std::string& finding, const std::string& because = "") {
  return entry("finding_joined",
               R"({"finding":")" + finding + R"(","because":[")" + because + R"("]})");
}
model::Entry splits(const std::string& findings) {
  return entry("split", R"({"into":"inc-x","findings":[)" + findings + "]}");
}

TEST(JoinedNow, IsWhatIsNotSplitOff) {
  model::Entry erased = joins("fnd-9");
  erased.payload.reset();
  const struct {
    const char* name;
    std::vector<model::Entry> entries;
    std::vector<std::string> findings;
  } cases[] = {
      {"none", {}, {}},
      {"in the order in which they came", {joins("fnd-2"), joins("fnd-1")}, {"fnd-2", "fnd-1"}},
      {"each once", {joins("fnd-1"), joins("fnd-1")}, {"fnd-1"}},
      {"split off", {joins("fnd-1"), joins("fnd-2"), splits(R"("fnd-1")")}, {"fnd-2"}},
      {"back again, behind what stayed",
       {joins("fnd-1"), joins("fnd-2"), splits(R"("fnd-1","fnd-3")"), joins("fnd-1")},
       {"fnd-2", "fnd-1"}},
      {"erased", {erased, joins("fnd-1")}, {"fnd-1"}},
      {"no sense",
       {entry("finding_joined", R"({"finding":7})"), entry("split", R"({"findings":"fnd-1"})"),
        entry("note", R"({"finding":"fnd-2"})"), joins("fnd-1")},
       {"fnd-1"}},
  };
  for (const auto& each : cases) {
    std::vector<std::string> findings;
    for (const JoinedEntry& joined : joined_now(each.entries)) findings.push_back(joined.finding);
    EXPECT_EQ(findings, each.findings) << each.name;
  }
}

TEST(JoinedNow, TellsWhyItCameBack) {
  const auto joined = joined_now(
      std::vector{joins("fnd-1", "first"), splits(R"("fnd-1")"), joins("fnd-1", "back")});
  ASSERT_EQ(joined.size(), 1U);
  EXPECT_NE(joined[0].payload.find("back"), std::string::npos);
}

TEST(JoinedKey, IsAnotherOneForEveryIncidentItComesFrom) {
  const model::IncidentId a("inc-a"), b("inc-b");
  EXPECT_NE(joined_key("fnd-1", a), joined_key("fnd-1", b));
  EXPECT_NE(joined_key("fnd-1", a), joined_key("fnd-2", a));
  EXPECT_NE(joined_key("fnd-1", a), "fnd-1");
}

}  // namespace
}  // namespace stanch::triage
