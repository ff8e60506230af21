#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <optional>

#include "env/sim/sim.h"

namespace stanch::env {
namespace {

using testing::HasSubstr;

// A server that adds up what it is sent.
HttpScript adding(int& sum, HttpFate fate, Duration takes = std::chrono::seconds(2)) {
  return [&sum, fate, takes](const HttpRequest& request, Time) {
    if (fate == HttpFate::kAnswered || fate == HttpFate::kAnswerLost)
      sum += std::stoi(request.body);
    return HttpTurn{
        .fate = fate, .response = {.status = 200, .body = std::to_string(sum)}, .takes = takes};
  };
}

HttpRequest add_5() { return {.method = "POST", .url = "https://cloud.example/add", .body = "5"}; }

TEST(SimHttp, TheScriptDecidesWhatBecomesOfARequest) {
  struct Case {
    HttpFate fate;
    std::optional<ErrorCode> code;
    int sum;
  };
  const Case cases[] = {
      {HttpFate::kAnswered, std::nullopt, 5},
      {HttpFate::kRefused, ErrorCode::kUnavailable, 0},
      {HttpFate::kAnswerLost, ErrorCode::kUnknownOutcome, 5},
      {HttpFate::kRequestLost, ErrorCode::kUnknownOutcome, 0},
  };
  for (const Case& c : cases) {
    SimWorld world(1);
    int sum = 0;
    world.script_http(adding(sum, c.fate));
    world.run([&](Env env) {
      const Steady before = env.clock.steady();
      const auto result = env.http.send(add_5());
      EXPECT_GE(env.clock.steady() - before, std::chrono::seconds(2));
      ASSERT_EQ(result.has_value(), !c.code);
      if (c.code) {
        EXPECT_EQ(result.error().code(), *c.code);
      } else {
        EXPECT_EQ(result->body, "5");
      }
    });
    EXPECT_EQ(sum, c.sum);
  }
}

TEST(SimHttp, WhoDoesNotWaitLongEnoughDoesNotKnow) {
  SimWorld world(1);
  int sum = 0;
  world.script_http(adding(sum, HttpFate::kAnswered, std::chrono::hours(1)));
  world.run([&](Env env) {
    const Steady before = env.clock.steady();
    HttpRequest request = add_5();
    request.within = std::chrono::seconds(9);
    EXPECT_EQ(env.http.send(request).error().code(), ErrorCode::kUnknownOutcome);
    const Duration waited = env.clock.steady() - before;
    EXPECT_GE(waited, std::chrono::seconds(9));
    EXPECT_LT(waited, std::chrono::seconds(10));
    request.within = Duration::zero();
    EXPECT_EQ(env.http.send(request).error().code(), ErrorCode::kUnavailable);
  });
  EXPECT_EQ(sum, 5);
}

TEST(SimHttp, ACrashComesBeforeTheRequestOrBeforeTheAnswer) {
  const auto program = [](Env env) { (void)env.http.send(add_5()); };
  for (uint64_t call = 1; call <= 2; ++call) {
    SimWorld world(1);
    int sum = 0;
    world.script_http(adding(sum, HttpFate::kAnswered, Duration::zero()));
    EXPECT_EQ(world.run(program, CrashAt{call}).end, End::kCrashed);
    EXPECT_EQ(sum, call == 1 ? 0 : 5) << "the server outlives us";
    EXPECT_THAT(world.last_calls(), HasSubstr("POST cloud.example/add"));
  }
}

TEST(SimHttp, RefusesWhatTheRealOneRefuses) {
  SimWorld world(1);
  int sum = 0;
  const auto code_of = [&](HttpRequest request) {
    std::optional<ErrorCode> code;
    world.run([&](Env env) {
      const auto result = env.http.send(request);
      if (!result) code = result.error().code();
    });
    return code;
  };
  EXPECT_EQ(code_of(add_5()), ErrorCode::kUnavailable) << "there is no server";
  world.script_http(adding(sum, HttpFate::kAnswered));
  HttpRequest request = add_5();
  request.url = "http://cloud.example/";
  EXPECT_EQ(code_of(request), ErrorCode::kDenied);
  request.url = "cloud.example";
  EXPECT_EQ(code_of(request), ErrorCode::kInvalid);
  request = add_5();
  request.response_bytes_max = 0;
  EXPECT_EQ(code_of(request), ErrorCode::kUnknownOutcome);
  const std::atomic<bool> stop = true;
  request = add_5();
  request.stop = &stop;
  EXPECT_EQ(code_of(request), ErrorCode::kUnavailable);
  EXPECT_EQ(sum, 5);
}

TEST(SimHttp, ThreadsTakeTurnsWhileTheyWait) {
  SimWorld world(3);
  int sum = 0;
  world.script_http(adding(sum, HttpFate::kAnswered));
  world.run([&](Env env) {
    const Steady before = env.clock.steady();
    std::vector<std::unique_ptr<Thread>> threads;
    for (int i = 0; i < 4; ++i) {
      threads.push_back(env.threads.start("t", [&] { EXPECT_TRUE(env.http.send(add_5())); }));
    }
    threads.clear();
    EXPECT_LT(env.clock.steady() - before, std::chrono::seconds(3)) << "all at once";
  });
  EXPECT_EQ(sum, 20);
}

}  // namespace
}  // namespace stanch::env
