#include <gtest/gtest.h>

#include <type_traits>
#include <unordered_set>
#include <vector>

#include "base/check.h"
#include "base/id.h"
#include "base/text_arena.h"
#include "base/time.h"

namespace stanch {
namespace {

struct RedTag;
struct BlueTag;
using Red = Id<RedTag>;
using Blue = Id<BlueTag>;

TEST(Id, IsAValueOfItsOwnKind) {
  static_assert(!std::is_convertible_v<Red, Blue> && !std::is_convertible_v<std::string, Red>);
  EXPECT_TRUE(Red().empty());
  EXPECT_EQ(Red("a"), Red("a"));
  EXPECT_LT(Red("a"), Red("b"));
  const std::unordered_set<Red> ids = {Red("a"), Red("b"), Red("a")};
  EXPECT_EQ(ids.size(), 2u);
}

TEST(Time, WallAndSteadyNeverMix) {
  static_assert(!std::is_convertible_v<Time, Steady> && !std::is_convertible_v<Steady, Time>);
  EXPECT_EQ(Time{} + std::chrono::seconds(1), Time(Duration(1'000'000'000)));
}

TEST(TextArena, TextsStayWhereTheyAre) {
  TextArena arena;
  std::vector<std::string_view> kept;
  std::vector<std::string> expected;
  for (size_t i = 0; i < 3'000; ++i) {
    expected.push_back(std::string(i % 700, static_cast<char>('a' + i % 26)));
    kept.push_back(arena.store(expected.back()));
  }
  kept.push_back(arena.store(std::string(3 << 20, 'z')));
  const TextArena moved = std::move(arena);
  for (size_t i = 0; i < expected.size(); ++i) ASSERT_EQ(kept[i], expected[i]);
  EXPECT_EQ(kept.back().size(), size_t{3} << 20);
  EXPECT_EQ(kept.back().find_first_not_of('z'), std::string_view::npos);
}

TEST(TextArena, ClearReusesTheLastBlock) {
  TextArena arena;
  for (int i = 0; i < 100; ++i) (void)arena.store(std::string(100, 'x'));
  arena.clear();
  const char* first = arena.store("first").data();
  arena.clear();
  EXPECT_EQ(arena.store("again").data(), first);
  EXPECT_TRUE(arena.store("").empty());
}

TEST(TextArena, WhatIsGivenBackIsUsedAgain) {
  TextArena arena;
  char* const first = arena.reserve(100);
  arena.give_back(first + 5);
  EXPECT_EQ(arena.bytes(), 5u);
  EXPECT_EQ(arena.reserve(1), first + 5);
}

TEST(TextArena, ListsAreAlignedAndStayWhereTheyAre) {
  TextArena arena;
  std::vector<std::span<const uint64_t>> kept;
  for (uint64_t i = 0; i < 500; ++i) {
    (void)arena.store("odd");
    const std::vector<uint64_t> list(i % 90, i);
    kept.push_back(arena.store(std::span<const uint64_t>(list)));
  }
  for (uint64_t i = 0; i < kept.size(); ++i) {
    EXPECT_EQ(reinterpret_cast<uintptr_t>(kept[i].data()) % alignof(uint64_t), 0u);
    EXPECT_EQ(kept[i].size(), i % 90);
    for (const uint64_t value : kept[i]) ASSERT_EQ(value, i);
  }
  const std::span<std::string_view> made = arena.make_list<std::string_view>(7);
  EXPECT_EQ(made.size(), 7u);
  EXPECT_TRUE(made.back().empty());
}

TEST(CheckDeathTest, SaysWhatAndWhere) {
  EXPECT_DEATH(CHECK(1 + 1 == 3), "base_test.cc.*1 \\+ 1 == 3");
}

TEST(Time, SpansStayInTheirBounds) {
  const Time zero{}, early = zero - std::chrono::days(90'000),
                     late = zero + std::chrono::days(90'000);
  EXPECT_EQ(span_of(zero, late), std::chrono::days(90'000));
  EXPECT_EQ(span_of(late, zero), -std::chrono::days(90'000));
  EXPECT_EQ(span_of(early, late), Duration::max());
  EXPECT_EQ(span_of(late, early), Duration::min());
  EXPECT_EQ(span_of(Time::min(), Time::max()), Duration::max());
  EXPECT_EQ(span_of(Time::max(), Time::max()), Duration{});
}

}  // namespace
}  // namespace stanch
