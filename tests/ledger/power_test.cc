// Power fails at some call of a story: what was synced is there, of the rest anything may be.

#include <gtest/gtest.h>

#include <cstdlib>
#include <map>

#include "env/os/os.h"
#include "ledger/forgetful_vfs.h"
#include "ledger/story.h"

namespace stanch {
namespace {

constexpr uint64_t kOrdinarySeeds = 500;

uint64_t seeds() {
  const char* given = std::getenv("STANCH_LEDGER_SEEDS");
  if (given != nullptr) return std::strtoull(given, nullptr, 10);
  return std::getenv("STANCH_FAULTS") != nullptr ? 10'000 : kOrdinarySeeds;
}

class Power : public ::testing::Test {
 protected:
  static story::Story story_of(uint64_t seed) {
    return {.folder = "power",
            .vfs = "forgetful",
            .rounds = 2 + seed % 3,
            .log_frames = seed % 2 == 0 ? 1000 : 10};
  }
  env::OsEnv os_;
};

TEST_F(Power, LosesNothingThatWasAnsweredAsDone) {
  std::map<uint64_t, std::pair<uint64_t, std::string>> undisturbed;  // by rounds
  uint64_t lost_power = 0;
  for (uint64_t seed = 1; seed <= seeds(); ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    const story::Story story = story_of(seed);
    if (!undisturbed.contains(story.rounds)) {
      faults::ForgetfulDisk disk("forgetful");
      const auto lived = story::live(os_.env(), story, [](const std::string&, uint64_t) {});
      ASSERT_TRUE(lived) << lived.error().message();
      const auto told = story::tell(os_.env(), story);
      ASSERT_TRUE(told) << told.error().message();
      undisturbed[story.rounds] = {disk.calls(), *told};
    }
    const auto& [calls, whole] = undisturbed[story.rounds];
    faults::ForgetfulDisk disk("forgetful");
    std::map<std::string, uint64_t> acknowledged;
    // Once, or again while it goes on after the first time.
    const uint64_t times = 1 + seed % 2;
    for (uint64_t time = 0; time < times; ++time) {
      disk.lose_power_at(1 + (seed * 2654435761 + time * 97) % calls);
      const auto lived =
          story::live(os_.env(), story, [&](const std::string& stream, uint64_t next) {
            uint64_t& known = acknowledged[stream];
            known = std::max(known, next);
          });
      lost_power += lived ? 0 : 1;
      disk.restart(seed * 31 + time);
      const auto found = story::heads(os_.env(), story);
      ASSERT_TRUE(found) << found.error().message();
      const std::map<std::string, uint64_t> heads(found->begin(), found->end());
      acknowledged.erase("end/");
      for (const auto& [stream, next] : acknowledged) {
        ASSERT_TRUE(heads.contains(stream) && heads.at(stream) >= next)
            << stream << ": " << next << " entries were answered as done, there are "
            << (heads.contains(stream) ? heads.at(stream) : 0) << " of " << heads.size()
            << " streams";
      }
      if (heads.contains("incident/a")) {
        const uint64_t next = heads.at("incident/a");
        ASSERT_TRUE(next % 3 == 0 || next == story.rounds * 3 + 1) << "half an append: " << next;
      }
      if (!heads.empty()) {
        const auto told = story::tell(os_.env(), story);
        ASSERT_TRUE(told) << told.error().message();
      }
    }
    const auto lived = story::live(os_.env(), story, [](const std::string&, uint64_t) {});
    ASSERT_TRUE(lived) << lived.error().message();
    const auto told = story::tell(os_.env(), story);
    ASSERT_TRUE(told) << told.error().message();
    EXPECT_EQ(told->substr(0, told->find("story.example")),
              whole.substr(0, whole.find("story.example")));
  }
  std::printf("%llu seeds, power lost %llu times\n", static_cast<unsigned long long>(seeds()),
              static_cast<unsigned long long>(lost_power));
  EXPECT_GT(lost_power, seeds() / 2);
}

}  // namespace
}  // namespace stanch
