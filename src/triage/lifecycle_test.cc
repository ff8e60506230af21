#include "triage/lifecycle.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>

namespace stanch::triage {
namespace {

using model::Status;
using enum model::Status;

constexpr int kStatuses = 11;

// The whole table, written down again.
TEST(Lifecycle, HasExactlyTheseMoves) {
  const std::set<std::pair<Status, Status>> expected = {{kNew, kAcknowledged},
                                                        {kNew, kTriaged},
                                                        {kNew, kContaining},
                                                        {kNew, kClosed},
                                                        {kAcknowledged, kTriaged},
                                                        {kAcknowledged, kContaining},
                                                        {kAcknowledged, kClosed},
                                                        {kTriaged, kContaining},
                                                        {kTriaged, kEradicating},
                                                        {kTriaged, kReview},
                                                        {kTriaged, kClosed},
                                                        {kContaining, kContainedWatching},
                                                        {kContaining, kTriaged},
                                                        {kContaining, kClosed},
                                                        {kContainedWatching, kContained},
                                                        {kContainedWatching, kContaining},
                                                        {kContainedWatching, kEradicating},
                                                        {kContained, kEradicating},
                                                        {kContained, kContaining},
                                                        {kContained, kRecovering},
                                                        {kContained, kReview},
                                                        {kEradicating, kRecovering},
                                                        {kEradicating, kContaining},
                                                        {kEradicating, kReview},
                                                        {kRecovering, kRecovered},
                                                        {kRecovering, kContaining},
                                                        {kRecovering, kEradicating},
                                                        {kRecovered, kReview},
                                                        {kRecovered, kContaining},
                                                        {kRecovered, kRecovering},
                                                        {kRecovered, kClosed},
                                                        {kReview, kClosed},
                                                        {kReview, kContaining},
                                                        {kReview, kRecovering},
                                                        {kClosed, kNew}};
  for (int from = 0; from < kStatuses; ++from) {
    for (int to = 0; to < kStatuses; ++to) {
      const auto a = static_cast<Status>(from), b = static_cast<Status>(to);
      EXPECT_EQ(check_move(a, b).has_value(), expected.contains({a, b}))
          << name_of(a) << " -> " << name_of(b);
    }
  }
}

TEST(Lifecycle, ReachesClosedFromEverywhere) {
  for (int from = 0; from < kStatuses; ++from) {
    std::set<Status> reached = {static_cast<Status>(from)};
    for (size_t before = 0; before != reached.size();) {
      before = reached.size();
      for (const Status status : std::set<Status>(reached)) {
        for (const Status next : moves_from(status)) reached.insert(next);
      }
    }
    EXPECT_EQ(reached.size(), size_t{kStatuses});
  }
}

TEST(Lifecycle, ARefusalNamesTheMovesThatThereAre) {
  EXPECT_EQ(check_move(kContainedWatching, kNew).error().message(),
            "an incident that is contained, watching cannot become new. From there: contained, "
            "containing, eradicating");
  EXPECT_EQ(check_move(kClosed, kTriaged).error().message(),
            "an incident that is closed cannot become triaged. From there: reopened");
}

TEST(Lifecycle, MapsToThePhasesOfNist) {
  EXPECT_EQ(nist_phase(kTriaged), "Detection and Analysis");
  EXPECT_EQ(nist_phase(kContaining), "Containment, Eradication, and Recovery");
  EXPECT_EQ(nist_phase(kRecovered), "Containment, Eradication, and Recovery");
  EXPECT_EQ(nist_phase(kClosed), "Post-Incident Activity");
}

}  // namespace
}  // namespace stanch::triage
