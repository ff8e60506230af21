#include "pipeline/time_order.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cerrno>
#include <random>
#include <tuple>

#include "env/sim/sim.h"

namespace stanch::pipeline {
namespace {

using env::End;
using env::SimWorld;

struct Given {
  std::optional<int64_t> nanoseconds;
  std::string id, document;

  bool operator==(const Given&) const = default;
};

// By the words of the header.
bool comes_before(const Given& a, const Given& b) {
  if (a.nanoseconds.has_value() != b.nanoseconds.has_value()) return a.nanoseconds.has_value();
  if (a.nanoseconds != b.nanoseconds) return *a.nanoseconds < *b.nanoseconds;
  return std::tie(a.id, a.document) < std::tie(b.id, b.document);
}

Result<std::vector<Given>> ordered(env::Env env, const OrderOptions& options,
                                   const std::vector<Given>& findings) {
  TimeOrder order(env.files, options);
  for (const Given& given : findings) {
    TimedLine finding{.time = {}, .id = given.id, .document = given.document};
    if (given.nanoseconds) finding.time = Time(Duration(*given.nanoseconds));
    TRY(order.add(finding));
  }
  TRY(order.sort());
  std::vector<Given> result;
  for (;;) {
    TRY(const auto next, order.next());
    if (!next) break;
    Given given{
        .nanoseconds = {}, .id = std::string(next->id), .document = std::string(next->document)};
    if (next->time) given.nanoseconds = next->time->time_since_epoch().count();
    result.push_back(std::move(given));
  }
  EXPECT_EQ(order.count(), findings.size());
  TRY(order.remove_files());
  return result;
}

std::vector<Given> drawn(uint64_t seed, size_t count) {
  std::mt19937_64 random(seed);
  std::vector<Given> findings;
  for (size_t i = 0; i < count; ++i) {
    Given given{.nanoseconds = {},
                .id = "fnd-" + std::to_string(random() % 50),
                .document = std::string(random() % 300, 'x') + std::to_string(i)};
    switch (random() % 8) {
      case 0: break;
      case 1: given.nanoseconds = -static_cast<int64_t>(random() % 5); break;
      case 2: given.nanoseconds = INT64_MAX; break;
      case 3: given.nanoseconds = INT64_MIN; break;
      default: given.nanoseconds = static_cast<int64_t>(random() % 100); break;
    }
    findings.push_back(std::move(given));
  }
  return findings;
}

TEST(TimeOrder, IsByTimeThenIdInMemoryAndInFiles) {
  for (uint64_t seed = 1; seed <= 6; ++seed) {
    const std::vector<Given> findings = drawn(seed, 200);
    std::vector<Given> expected = findings;
    std::ranges::sort(expected, comes_before);
    for (const size_t bytes : {size_t{1}, size_t{3000}, size_t{1} << 20}) {
      for (const size_t files : {2, 3, 64}) {
        SimWorld world(seed);
        const auto outcome = world.run([&](env::Env env) {
          const auto result =
              ordered(env, {.folder = "s/spool", .bytes_max = bytes, .files_max = files}, findings);
          ASSERT_TRUE(result) << result.error().message();
          EXPECT_EQ(*result, expected) << seed << " " << bytes << " " << files;
        });
        ASSERT_EQ(outcome.end, End::kFinished) << outcome.message;
        EXPECT_TRUE(world.files().empty());
      }
    }
  }
}

// All that there was was written anew with each further merge.
TEST(TimeOrder, TwiceAsMuchIsAboutTwiceTheWork) {
  constexpr size_t kLineBytes = size_t{256} << 10;
  const auto calls_for = [](size_t lines) {
    std::vector<Given> findings;
    for (size_t i = 0; i < lines; ++i) {
      findings.push_back({static_cast<int64_t>(i), "id", std::string(kLineBytes, 'x')});
    }
    SimWorld world(1);
    return world
        .run([&](env::Env env) {
          const OrderOptions options{.folder = "spool", .bytes_max = 1, .files_max = 2};
          const auto result = ordered(env, options, findings);
          ASSERT_TRUE(result);
          EXPECT_EQ(*result, findings);
        })
        .calls;
  };
  EXPECT_LT(calls_for(64), 3 * calls_for(32));
}

TEST(TimeOrder, TwoAtATimeDoNotDisturbEachOther) {
  SimWorld world(1);
  world.run([&](env::Env env) {
    TimeOrder first(env.files, {.folder = "spool", .bytes_max = 1});
    TimeOrder second(env.files, {.folder = "spool", .bytes_max = 1});
    for (const char* id : {"b", "a"}) {
      ASSERT_TRUE(first.add({.time = {}, .id = id, .document = "1"}));
      ASSERT_TRUE(second.add({.time = {}, .id = id, .document = "2"}));
    }
    for (TimeOrder* order : {&first, &second}) {
      ASSERT_TRUE(order->sort());
      for (const char* id : {"a", "b"}) {
        const auto next = order->next();
        ASSERT_TRUE(next && *next);
        EXPECT_EQ((*next)->id, id);
        EXPECT_EQ((*next)->document, order == &first ? "1" : "2");
      }
      EXPECT_TRUE(order->remove_files());
    }
  });
}

TEST(TimeOrder, SaysWhenTheDiskIsFullOrFilesWereChanged) {
  SimWorld full(1);
  full.inject({.call = env::FileCall::kAppend, .problem = ENOSPC, .nth = 2, .path = "spool"});
  full.run([&](env::Env env) {
    const auto result = ordered(env, {.folder = "spool", .bytes_max = 500}, drawn(1, 200));
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code(), ErrorCode::kUnavailable);
  });
  for (const char* bytes :
       {"no tab\n", "g\tno second\n", "zz\tid\t{}\n", "0000\tid\t{}\n", "g\tid\t{}"}) {
    SimWorld world(1);
    world.run([&](env::Env env) {
      TimeOrder order(env.files, {.folder = "spool", .bytes_max = 1});
      ASSERT_TRUE(order.add({.time = {}, .id = "a", .document = "{}"}));
      const auto file = env.files.create("spool/sort-0-0");
      ASSERT_TRUE(file);
      ASSERT_TRUE((*file)->append(bytes));
      Result<> sorted = order.sort();
      Result<std::optional<TimedLine>> next = std::optional<TimedLine>();
      if (sorted) next = order.next();
      const Error* error = !sorted ? &sorted.error() : !next ? &next.error() : nullptr;
      ASSERT_NE(error, nullptr) << bytes;
      EXPECT_EQ(error->code(), ErrorCode::kCorrupt) << bytes;
    });
  }
}

TEST(TimeOrder, WritesOverWhatAKilledOneLeft) {
  const std::vector<Given> findings = drawn(7, 60);
  std::vector<Given> expected = findings;
  std::ranges::sort(expected, comes_before);
  const OrderOptions options{.folder = "spool", .bytes_max = 2000, .files_max = 3};
  const auto story = [&](env::Env env) {
    const auto result = ordered(env, options, findings);
    ASSERT_TRUE(result) << result.error().message();
    EXPECT_EQ(*result, expected);
  };
  SimWorld undisturbed(7);
  const uint64_t calls = undisturbed.run(story).calls;
  ASSERT_GT(calls, 50u);
  for (uint64_t call = 1; call <= calls; ++call) {
    SimWorld world(7);
    EXPECT_EQ(world.run(story, env::CrashAt{call, env::CrashKind::kKilled}).end, End::kCrashed);
    EXPECT_EQ(world.run(story).end, End::kFinished) << call;
  }
}

}  // namespace
}  // namespace stanch::pipeline
