#include "respond/guard/spending.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "codec/timestamp.h"
#include "env/sim/sim.h"
#include "ledger/memory_store.h"

namespace stanch::respond {
namespace {

const model::IncidentId kOurs("inc-ours"), kOther("inc-other");

class SpendingTest : public ::testing::Test {
 protected:
  void run(const std::function<void(ledger::Ledger&)>& body) {
    auto state = std::make_shared<ledger::MemoryState>();
    state->id = "led-test";
    state->origin = "test";
    env::SimWorld world(1);
    world.run([&](env::Env env) { body(*ledger::open_memory(env, state, "salt")); });
  }
  static Spending load(ledger::Ledger& ledger, Time now, const std::string& step = "1") {
    return Spending::load(ledger, kOurs, std::string(64, 'a'), step, now).value();
  }
  static void spend_at(ledger::Ledger& ledger, const model::IncidentId& incident,
                       const std::string& plan, const std::string& step, Time now) {
    const auto before = Spending::load(ledger, incident, plan, step, now).value();
    ASSERT_TRUE(spend(ledger, before,
                      {.incident = incident,
                       .plan = plan,
                       .step = step,
                       .actor = "engine",
                       .left = 0,
                       .now = now}));
  }
  Time now_ = *codec::parse_timestamp("2026-12-24T12:00:00Z");
};

// Over many pages of the stream, and only those of the last hour.
TEST_F(SpendingTest, CountsTheLastHourHoweverLongTheStreamIs) {
  run([&](ledger::Ledger& ledger) {
    for (int i = 0; i < 250; ++i) {
      spend_at(ledger, kOther, std::string(64, 'b'), std::to_string(i),
               now_ - std::chrono::hours(5));
    }
    EXPECT_EQ(load(ledger, now_).of_all, 0u);
    for (int i = 250; i < 480; ++i) {
      spend_at(ledger, i % 10 == 0 ? kOurs : kOther, std::string(64, 'b'), std::to_string(i), now_);
    }
    const Spending spending = load(ledger, now_ + std::chrono::minutes(59));
    EXPECT_EQ(spending.of_all, 230u);
    EXPECT_EQ(spending.of_incident, 23u);
    EXPECT_EQ(spending.next, 480u);
    EXPECT_EQ(load(ledger, now_ + std::chrono::minutes(60)).of_all, 0u);
  });
}

TEST_F(SpendingTest, AStepPaysOnceHoweverLongAgo) {
  run([&](ledger::Ledger& ledger) {
    spend_at(ledger, kOurs, std::string(64, 'a'), "1", now_ - std::chrono::hours(50));
    for (int i = 0; i < 300; ++i) {
      spend_at(ledger, kOther, std::string(64, 'b'), std::to_string(i),
               now_ - std::chrono::hours(40));
    }
    EXPECT_TRUE(load(ledger, now_).has_step);
    EXPECT_FALSE(load(ledger, now_, "2").has_step);
    spend_at(ledger, kOurs, std::string(64, 'a'), "2", now_);
    EXPECT_EQ(load(ledger, now_, "2").of_all, 0u) << "without the step that is asked about";
    EXPECT_EQ(load(ledger, now_, "1").of_all, 1u);
  });
}

}  // namespace
}  // namespace stanch::respond
