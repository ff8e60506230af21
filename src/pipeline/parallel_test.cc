#include "pipeline/parallel.h"

#include <gtest/gtest.h>

#include <vector>

#include "env/os/os.h"
#include "env/sim/sim.h"

namespace stanch::pipeline {
namespace {

TEST(Parallel, EachIsCalledOnce) {
  env::OsEnv os;
  for (const size_t count : {0, 1, 7, 100}) {
    for (const size_t threads : {1, 3, 200}) {
      std::vector<int> called(count);
      for_each_parallel(os.env().threads, count, threads, [&](size_t i) { ++called[i]; });
      EXPECT_EQ(called, std::vector<int>(count, 1)) << count << " on " << threads;
    }
  }
}

// What waits keeps only its own thread.
TEST(Parallel, OneThatWaitsDoesNotHoldUpTheOthers) {
  env::SimWorld world(1);
  Duration took{};
  world.run([&](env::Env env) {
    const Time begun = env.clock.now();
    for_each_parallel(env.threads, 8, 8,
                      [&](size_t) { env.clock.sleep(std::chrono::seconds(10)); });
    took = span_of(begun, env.clock.now());
  });
  EXPECT_GE(took, std::chrono::seconds(10));
  EXPECT_LT(took, std::chrono::seconds(15));
}

}  // namespace
}  // namespace stanch::pipeline
