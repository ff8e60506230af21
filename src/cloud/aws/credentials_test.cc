#include "cloud/aws/credentials.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "env/sim/sim.h"

namespace stanch::cloud::aws {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

Credentials number(int n, std::optional<Time> expires) {
  return {.access_key_id = std::to_string(n),
          .secret_access_key = "s",
          .session_token = "",
          .expires = expires,
          .source = "test"};
}

// A source that counts its calls and gives credentials for `lasts`.
struct Source {
  CredentialCache::Load load(env::Env env) {
    return [this, env]() -> Result<Credentials> {
      env.clock.sleep(takes);
      const int n = ++calls;
      if (failing) return Error(ErrorCode::kUnavailable, "no answer " + std::to_string(n));
      if (lasts == Duration::zero()) return number(n, std::nullopt);
      return number(n, env.clock.now() + lasts);
    };
  }

  int calls = 0;
  bool failing = false;
  Duration lasts = minutes(60);
  Duration takes = Duration::zero();
};

std::string get(CredentialCache& cache) {
  const auto result = cache.get();
  return result ? result->access_key_id : result.error().message();
}

void in_world(const std::function<void(env::Env)>& program, uint64_t seed = 1) {
  env::SimWorld world(seed);
  const env::Outcome outcome = world.run(program);
  ASSERT_EQ(outcome.end, env::End::kFinished) << outcome.message;
}

TEST(CredentialCache, RenewsBeforeTheEnd) {
  in_world([](env::Env env) {
    Source source;
    CredentialCache cache(env.clock, env.threads, source.load(env));
    EXPECT_EQ(source.calls, 0);
    EXPECT_EQ(get(cache), "1");
    env.clock.sleep(minutes(54));
    EXPECT_EQ(get(cache), "1");
    env.clock.sleep(seconds(61));
    EXPECT_EQ(get(cache), "2") << "less than 5 minutes were left";
    EXPECT_EQ(get(cache), "2");
    EXPECT_EQ(source.calls, 2);
  });
}

TEST(CredentialCache, LongLivedOnesAreLoadedOnce) {
  in_world([](env::Env env) {
    Source source{.lasts = Duration::zero()};
    CredentialCache cache(env.clock, env.threads, source.load(env));
    for (int i = 0; i < 3; ++i) {
      EXPECT_EQ(get(cache), "1");
      env.clock.sleep(std::chrono::hours(1000));
    }
  });
}

TEST(CredentialCache, GoesOnWithWhatIsStillGoodAndTriesNowAndThen) {
  in_world([](env::Env env) {
    Source source;
    CredentialCache cache(env.clock, env.threads, source.load(env));
    EXPECT_EQ(get(cache), "1");
    source.failing = true;
    env.clock.sleep(minutes(56));
    for (int i = 0; i < 10; ++i) EXPECT_EQ(get(cache), "1");
    EXPECT_EQ(source.calls, 2) << "not at every call";
    env.clock.sleep(seconds(31));
    EXPECT_EQ(get(cache), "1");
    EXPECT_EQ(source.calls, 3);
    env.clock.sleep(minutes(3));
    EXPECT_EQ(get(cache), "no answer 4") << "less than a minute is left";
    EXPECT_EQ(get(cache), "no answer 5") << "and no reason to wait";
    source.failing = false;
    EXPECT_EQ(get(cache), "6");
  });
}

TEST(CredentialCache, WhatHasEndedIsNotGivenOut) {
  in_world([](env::Env env) {
    Source source{.lasts = -minutes(1)};
    CredentialCache cache(env.clock, env.threads, source.load(env));
    const auto result = cache.get();
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code(), ErrorCode::kUnavailable);
    EXPECT_EQ(result.error().message(), "the credentials of test have ended");
  });
}

TEST(CredentialCache, ASourceThatGivesShorterOnesDoesNotReplaceBetterOnes) {
  in_world([](env::Env env) {
    Source source;
    CredentialCache cache(env.clock, env.threads, source.load(env));
    EXPECT_EQ(get(cache), "1");
    env.clock.sleep(minutes(56));
    source.lasts = -minutes(10);
    EXPECT_EQ(get(cache), "1");
    EXPECT_EQ(source.calls, 2);
  });
}

TEST(CredentialCache, OneRenewsForAll) {
  for (uint64_t seed = 0; seed < 100; ++seed) {
    in_world(
        [](env::Env env) {
          Source source{.takes = seconds(2)};
          CredentialCache cache(env.clock, env.threads, source.load(env));
          const auto all_get = [&](const std::string& expected) {
            std::vector<std::unique_ptr<env::Thread>> threads;
            for (int i = 0; i < 4; ++i) {
              threads.push_back(
                  env.threads.start("gets", [&] { EXPECT_EQ(get(cache), expected); }));
            }
          };
          all_get("1");
          EXPECT_EQ(source.calls, 1);
          env.clock.sleep(minutes(60));
          all_get("2");
          EXPECT_EQ(source.calls, 2);
        },
        seed);
  }
}

TEST(CredentialCache, WhoWaitedSharesTheFailure) {
  in_world([](env::Env env) {
    Source source{.failing = true, .takes = seconds(60)};
    CredentialCache cache(env.clock, env.threads, source.load(env));
    const Steady before = env.clock.steady();
    std::vector<std::unique_ptr<env::Thread>> threads;
    for (int i = 0; i < 4; ++i) {
      threads.push_back(env.threads.start("gets", [&] { EXPECT_EQ(get(cache), "no answer 1"); }));
    }
    threads.clear();
    EXPECT_EQ(source.calls, 1);
    EXPECT_LT(env.clock.steady() - before, seconds(61));
  });
}

TEST(CredentialCache, OthersDoNotWaitWhileWhatThereIsIsGood) {
  in_world([](env::Env env) {
    Source source;
    CredentialCache cache(env.clock, env.threads, source.load(env));
    EXPECT_EQ(get(cache), "1");
    env.clock.sleep(minutes(56));
    source.takes = seconds(30);
    auto renews = env.threads.start("renews", [&] { EXPECT_EQ(get(cache), "2"); });
    env.clock.sleep(seconds(1));
    const Steady before = env.clock.steady();
    EXPECT_EQ(get(cache), "1");
    EXPECT_LT(env.clock.steady() - before, seconds(1));
  });
}

}  // namespace
}  // namespace stanch::cloud::aws
