#include "pipeline/dedup.h"

#include <gtest/gtest.h>

#include <deque>
#include <map>
#include <vector>

namespace stanch::pipeline {
namespace {

using Verdict = DedupMemory::Verdict;

TEST(DedupMemory, TellsNewDuplicateAndConflict) {
  DedupMemory memory(8);
  struct Case {
    uint64_t id, content;
    Verdict expected;
  };
  const Case cases[] = {
      {1, 10, Verdict::kNew},       {1, 10, Verdict::kDuplicate}, {1, 11, Verdict::kConflict},
      {1, 10, Verdict::kDuplicate},  // the first content stays the one that counts
      {2, 10, Verdict::kNew},       {0, 10, Verdict::kDuplicate},  // 0 is taken for 1
      {1, 11, Verdict::kConflict},
  };
  for (const Case& given : cases) EXPECT_EQ(memory.see(given.id, given.content), given.expected);
}

TEST(DedupMemory, RemembersAtLeastSoManyAndAtMostTwice) {
  for (const size_t ids_max : {1, 2, 7, 64, 1000}) {
    DedupMemory memory(ids_max);
    const uint64_t count = 5 * ids_max + 3;
    for (uint64_t id = 1; id <= count; ++id) ASSERT_EQ(memory.see(id, id), Verdict::kNew);
    // The newest are known, in any case.
    for (uint64_t id = count - ids_max + 1; id <= count; ++id) {
      EXPECT_EQ(memory.see(id, id), Verdict::kDuplicate) << ids_max << " " << id;
    }
    size_t remembered = 0;
    memory.for_each([&](uint64_t, uint64_t) { ++remembered; });
    EXPECT_GE(remembered, ids_max);
    EXPECT_LE(remembered, 2 * ids_max);
    EXPECT_EQ(memory.forgotten(), count - remembered);
  }
}

TEST(DedupMemory, AGenerationIsForgottenAtOnce) {
  DedupMemory memory(3);
  for (uint64_t id = 1; id <= 6; ++id) memory.see(id, 0);
  EXPECT_EQ(memory.forgotten(), 0u);
  EXPECT_EQ(memory.see(1, 0), Verdict::kDuplicate);  // in the old one, still
  memory.see(7, 0);                                  // 1, 2 and 3 go
  EXPECT_EQ(memory.forgotten(), 3u);
  EXPECT_EQ(memory.see(4, 0), Verdict::kDuplicate);
  EXPECT_EQ(memory.see(1, 0), Verdict::kNew);
}

// The plainest way to say what the memory does.
class Model {
 public:
  explicit Model(size_t ids_max) : ids_max_(ids_max) {}
  Verdict see(uint64_t id, uint64_t content) {
    for (const auto* generation : {&young_, &old_}) {
      if (const auto known = generation->find(id); known != generation->end()) {
        return known->second == content ? Verdict::kDuplicate : Verdict::kConflict;
      }
    }
    if (young_.size() == ids_max_) {
      old_ = std::move(young_);
      young_.clear();
    }
    young_[id] = content;
    return Verdict::kNew;
  }

 private:
  size_t ids_max_;
  std::map<uint64_t, uint64_t> young_, old_;
};

// Ids that all want one slot, and ids at the end of the table, whose search goes round.
TEST(DedupMemory, EqualHomesChangeNoVerdict) {
  constexpr size_t kIds = 50;
  for (const uint64_t low : {uint64_t{1}, ~uint64_t{0} & 0xFFFF}) {
    DedupMemory memory(kIds);
    Model model(kIds);
    uint64_t chance = 12345;
    for (int i = 0; i < 5000; ++i) {
      chance = chance * 6364136223846793005 + 1442695040888963407;
      const uint64_t id = ((chance >> 33) % 120 << 32) | low;
      const uint64_t content = (chance >> 60) == 0 ? 1 : 2;
      ASSERT_EQ(memory.see(id, content), model.see(id, content)) << i;
    }
  }
}

// What the journal rests on: another memory that sees the same keys again, all of them or only
// those that are remembered, goes on the same way.
TEST(DedupMemory, AMemoryMadeOfItsKeysGoesOnTheSame) {
  for (const size_t ids_max : {1, 5, 40}) {
    for (const uint64_t seen : {0, 3, 5, 39, 40, 41, 80, 81, 200}) {
      DedupMemory first(ids_max), of_all(ids_max), of_remembered(ids_max);
      uint64_t chance = 99;
      const auto next = [&] {
        chance = chance * 6364136223846793005 + 1442695040888963407;
        return 1 + (chance >> 33) % 97;
      };
      for (uint64_t i = 0; i < seen; ++i) {
        const uint64_t id = next();
        if (first.see(id, i % 3) == Verdict::kNew) of_all.see(id, i % 3);
      }
      first.for_each([&](uint64_t id, uint64_t content) { of_remembered.see(id, content); });
      of_remembered.set_forgotten(first.forgotten());
      for (uint64_t i = 0; i < 300; ++i) {
        const uint64_t id = next();
        const Verdict verdict = first.see(id, i % 3);
        ASSERT_EQ(of_all.see(id, i % 3), verdict);
        ASSERT_EQ(of_remembered.see(id, i % 3), verdict);
      }
      EXPECT_EQ(of_all.forgotten(), first.forgotten());
      EXPECT_EQ(of_remembered.forgotten(), first.forgotten());
    }
  }
}

}  // namespace
}  // namespace stanch::pipeline
