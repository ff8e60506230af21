#include "model/incident.h"

#include <gtest/gtest.h>

#include "model/entry_kind.h"

namespace stanch::model {
namespace {

// The names are those that the kinds of entries allow, in the same order.
template <typename Enum>
std::string joined(int from, int to) {
  std::string text;
  for (int i = from; i <= to; ++i) {
    if (!text.empty()) text += '|';
    text += name_of(static_cast<Enum>(i));
  }
  return text;
}

std::string choices(std::string_view kind, std::string_view field) {
  for (const PayloadField& candidate : current_entry_kind(kind)->fields) {
    if (candidate.name == field) return std::string(candidate.choices);
  }
  return "no such field";
}

TEST(Incident, NamesAreThoseOfTheEntries) {
  EXPECT_EQ(joined<Severity>(1, 4), choices("severity_set", "severity"));
  EXPECT_EQ(joined<Status>(0, 10), choices("state_moved", "to"));
  EXPECT_EQ(joined<Disposition>(0, 3), choices("closed", "disposition"));
  EXPECT_EQ(joined<Tlp>(0, 4), choices("tlp_set", "tlp"));
  EXPECT_EQ(joined<ClockName>(0, 2), choices("clock_paused", "clock"));
}

TEST(Incident, NamesAreFoundAgain) {
  for (int i = 1; i <= 4; ++i) {
    const auto value = static_cast<Severity>(i);
    EXPECT_EQ(find_severity(name_of(value)), value);
  }
  for (int i = 0; i <= 10; ++i) {
    const auto value = static_cast<Status>(i);
    EXPECT_EQ(find_status(name_of(value)), value);
  }
  EXPECT_EQ(find_severity("S5"), std::nullopt);
  EXPECT_EQ(find_status("contained, watching"), std::nullopt);
  EXPECT_EQ(find_disposition("true"), std::nullopt);
  EXPECT_EQ(find_tlp("red"), std::nullopt);
}

TEST(Incident, IdsAreThatOfTheOpeningFindingOrOfTheAct) {
  EXPECT_EQ(incident_id("fnd-gmgscbjjd3yicgcjjista6uauq").text(), "inc-gmgscbjjd3yicgcjjista6uauq");
  EXPECT_EQ(incident_id_of_act("a"), incident_id_of_act("a"));
  EXPECT_NE(incident_id_of_act("a"), incident_id_of_act("b"));
  EXPECT_EQ(incident_id_of_act("a").text().size(), 4u + 26u);
}

}  // namespace
}  // namespace stanch::model
