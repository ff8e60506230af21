#include "cli/progress.h"

#include <gtest/gtest.h>

namespace stanch::cli {
namespace {

TEST(Progress, SaysHowFarAndHowLong) {
  using std::chrono::seconds;
  const struct {
    const char* name;
    pipeline::Progress progress;
    Duration elapsed;
    const char* expected;
  } cases[] = {
      {"half",
       {.bytes_read = 500'000, .bytes_all = 1'000'000, .events = 20'000, .findings = 1},
       seconds(10),
       "50%  500.0 kB of 1.0 MB  2,000 events/s  1 finding  about 10 s left"},
      {"unknown size",
       {.bytes_read = 2000, .events = 10, .findings = 3},
       seconds(1),
       "2.0 kB  10 events/s  3 findings"},
      {"done",
       {.bytes_read = 10, .bytes_all = 10, .events = 0},
       seconds(2),
       "100%  10 B of 10 B  0 events/s  0 findings"},
      {"long",
       {.bytes_read = 1, .bytes_all = 1000, .events = 0},
       seconds(10),
       "0%  1 B of 1.0 kB  0 events/s  0 findings  about 2.8 h left"},
      {"no time", {.bytes_read = 0, .bytes_all = 0}, Duration{}, "0 B  0 events/s  0 findings"},
      {"more than was announced",
       {.bytes_read = 20, .bytes_all = 10},
       seconds(1),
       "20 B  0 events/s  0 findings"},
  };
  for (const auto& each : cases) {
    EXPECT_EQ(progress_text(each.progress, each.elapsed), each.expected) << each.name;
  }
}

}  // namespace
}  // namespace stanch::cli
