#include "triage/scope/graph.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "triage/scope/links.h"
#include "triage/scope/trace.h"
#include "triage/scope/world_for_test.h"

namespace stanch::triage::scope {
namespace {

using testing::Each;
using testing::HasSubstr;

constexpr uint64_t kSeeds = 60;

TEST(EntityGraph, AnyOrderOfTheSameEventsGivesTheSameBytes) {
  for (uint64_t seed = 0; seed < kSeeds; ++seed) {
    Dice dice(seed);
    TestWorld world;
    add_random_events(world, dice, 120);
    auto events = world.events();
    const std::string once = graph_of(events).save();
    for (int i = 0; i < 4; ++i) {
      shuffle(events, dice);
      ASSERT_TRUE(graph_of(events).save() == once) << "seed " << seed;
    }
  }
}

// The limits drop the same, too, however small they are.
TEST(EntityGraph, AnyOrderDropsTheSame) {
  for (uint64_t seed = 0; seed < kSeeds; ++seed) {
    Dice dice(seed);
    TestWorld world;
    add_random_events(world, dice, 150);
    auto events = world.events();
    for (const size_t edges_max : {size_t{0}, size_t{1}, size_t{7}, size_t{60}, size_t{300}}) {
      const GraphOptions options{.edges_max = edges_max};
      const Graph graph = graph_of(events, options);
      EXPECT_LE(graph.edges(), edges_max);
      EXPECT_GT(graph.dropped().edges(), 0u);
      const std::string once = graph.save();
      for (int i = 0; i < 3; ++i) {
        shuffle(events, dice);
        ASSERT_TRUE(graph_of(events, options).save() == once)
            << "seed " << seed << ", " << edges_max;
      }
    }
  }
}

// Lineage stays when reads have long gone.
TEST(EntityGraph, GivesUpReadsFirstAndLineageLast) {
  TestWorld world;
  for (int i = 0; i < 200; ++i) {
    TestEvent& event = world.add(i, "s3:GetObject", model::Access::kRead);
    event.facts.actor.entity = world.entity("test:role/111/r");
    event.facts.credential.session = world.entity("test:session/111/r/s@1");
    world.targets(event, {{world.entity("test:bucket/b" + std::to_string(i)), {}, false}});
  }
  TestEvent& mint = world.add(300, "sts:AssumeRole", model::Access::kRead);
  mint.facts.actor.entity = world.entity("test:role/111/r");
  mint.facts.credential.session = world.entity("test:session/111/r/s@1");
  world.mints(mint, {model::MintedKind::kSession, world.entity("test:access-key/K"), {}, {}, {}});
  const Graph graph = graph_of(world.events(), {.edges_max = 40});
  size_t reads = 0, mints = 0, sums = 0;
  graph.each_edge([&](const Graph::Key& key, const Tally& tally) {
    reads += key.kind == EdgeKind::kRead && key.to != 0;
    mints += key.kind == EdgeKind::kMinted;
    if (key.kind == EdgeKind::kRead && key.to == 0) sums += tally.count;
  });
  EXPECT_EQ(mints, 1u);
  EXPECT_EQ(sums, 201u);
  EXPECT_LT(reads, 40u);
  EXPECT_EQ(graph.dropped().events[static_cast<size_t>(EdgeKind::kRead)], 200 - reads);
}

TEST(EntityGraph, MemoryIsFlatOverEndlessNewNames) {
  const GraphOptions options{.edges_max = 200};
  Graph graph(options);
  for (int i = 0; i < 20'000; ++i) {
    TestWorld world;
    TestEvent& event = world.add(i, "s3:GetObject", model::Access::kRead);
    event.facts.actor.entity = world.entity("test:role/111/r" + std::to_string(i));
    world.targets(event, {{world.entity("test:bucket/b" + std::to_string(i)), {}, false}});
    graph.add(event.facts, model::EventIdRef("e" + std::to_string(i)));
    ASSERT_LE(graph.edges(), 200u);
    ASSERT_LE(graph.texts_for_test(), 2 * 3 * 200u + 1024 + 16);
  }
}

TEST(EntityGraph, ForgetsWhatIsOldAndKeepsTheRest) {
  TestWorld world;
  const auto use = [&](int64_t seconds, const std::string& role) {
    TestEvent& event = world.add(seconds, "s3:GetObject", model::Access::kRead);
    event.facts.actor.entity = world.entity("test:role/111/" + role);
  };
  use(0, "old");
  use(0, "both");
  use(100, "both");
  use(100, "new");
  Graph graph = graph_of(world.events());
  graph.forget_before(TestWorld::at(50));
  const Links links(graph);
  EXPECT_FALSE(links.find("test:role/111/old"));
  EXPECT_TRUE(links.find("test:role/111/both"));
  EXPECT_TRUE(links.find("test:role/111/new"));
}

TEST(EntityGraph, ComesBackFromItsBytes) {
  for (uint64_t seed = 0; seed < 20; ++seed) {
    Dice dice(seed);
    TestWorld world;
    add_random_events(world, dice, 200);
    auto events = world.events();
    const std::vector<const TestEvent*> first(events.begin(), events.begin() + 100);
    const std::vector<const TestEvent*> rest(events.begin() + 100, events.end());
    for (const size_t edges_max : {size_t{90}, size_t{100'000}}) {
      const GraphOptions options{.edges_max = edges_max};
      const std::string bytes = graph_of(first, options).save();
      auto graph = Graph::load(bytes, {seed});
      ASSERT_TRUE(graph) << graph.error().message();
      ASSERT_TRUE(graph->save() == bytes);
      for (const TestEvent* event : rest) graph->add(event->facts, model::EventIdRef(event->id));
      ASSERT_TRUE(graph->save() == graph_of(events, options).save()) << "seed " << seed;
    }
  }
}

TEST(EntityGraph, RefusesEveryDamagedByteAndEveryCut) {
  Dice dice(3);
  TestWorld world;
  add_random_events(world, dice, 12);
  const std::string bytes = graph_of(world.events()).save();
  for (size_t i = 0; i < bytes.size(); ++i) {
    std::string damaged = bytes;
    damaged[i] = static_cast<char>(damaged[i] ^ 0x40);
    const auto graph = Graph::load(damaged);
    ASSERT_FALSE(graph) << i;
    ASSERT_EQ(graph.error().code(), ErrorCode::kCorrupt);
    ASSERT_FALSE(Graph::load(bytes.substr(0, i))) << i;
  }
  EXPECT_FALSE(Graph::load(bytes + "x"));
}

}  // namespace

// Behind the hash, whatever stands there gives a graph that saves itself the same, or is refused.
struct GraphReadForTest {
  static Result<Graph> read(std::string_view body) { return Graph::read(body, {}); }
};

namespace {

TEST(EntityGraph, ReadsNothingThatItWouldNotWrite) {
  Dice dice(5);
  TestWorld world;
  add_random_events(world, dice, 20);
  const std::string bytes = graph_of(world.events()).save();
  const size_t head = bytes.find('\n') + 1 + sizeof(codec::Sha256);
  const std::string body = bytes.substr(head);
  ASSERT_TRUE(GraphReadForTest::read(body));
  size_t refused = 0;
  for (size_t i = 0; i < body.size(); ++i) {
    for (const unsigned char change : {0x01, 0x80, 0xFF}) {
      std::string damaged = body;
      damaged[i] = static_cast<char>(damaged[i] ^ change);
      const auto graph = GraphReadForTest::read(damaged);
      if (!graph) {
        ++refused;
      } else {
        EXPECT_TRUE(graph->save().substr(head) == damaged) << i << " ^ " << int{change};
      }
    }
  }
  EXPECT_GT(refused, body.size());
}

// A holder without a credential came of it, which had no id to be told by.
TEST(EntityGraph, RefusesAnEdgeThatLeadsNowhere) {
  const auto body = [](EdgeKind kind) {
    std::string bytes("\x64\0\0\x01", 4);        // edges_max, no window, one event
    bytes += std::string(kEdgeKinds + 4, '\0');  // nothing dropped
    bytes += std::string(
        "\x03\0\x01"
        "a\x01"
        "b",
        6);           // the texts
    bytes += '\x01';  // one edge: kind, from, to, word, count
    bytes += static_cast<char>(kind);
    bytes += std::string("\x01\0\x02\x01", 4);
    bytes += std::string(
        "\0\x01"
        "e",
        3);  // its first event
    return bytes;
  };
  EXPECT_TRUE(GraphReadForTest::read(body(EdgeKind::kWrote)));
  EXPECT_TRUE(GraphReadForTest::read(body(EdgeKind::kLogged)));
  EXPECT_FALSE(GraphReadForTest::read(body(EdgeKind::kMinted)));
  EXPECT_FALSE(GraphReadForTest::read(body(EdgeKind::kGivenTo)));
}

TEST(EntityGraph, AnEventWithoutATimeIsCountedOnly) {
  TestWorld world;
  TestEvent& event = world.add(0, "s3:GetObject", model::Access::kRead);
  event.facts.time.reset();
  const Graph graph = graph_of(world.events());
  EXPECT_EQ(graph.edges(), 0u);
  EXPECT_EQ(graph.events(), 1u);
  EXPECT_EQ(graph.dropped().without_time, 1u);
}

TEST(EntityGraph, KeepsOriginsFromOutsideOfTheWindow) {
  TestWorld world;
  TestEvent& mint = world.add(0, "sts:AssumeRole", model::Access::kRead);
  mint.facts.credential.entity = world.entity("test:access-key/first");
  world.mints(mint,
              {model::MintedKind::kSession, world.entity("test:access-key/second"), {}, {}, {}});
  TestEvent& use = world.add(100, "s3:DeleteBucket", model::Access::kWrite);
  use.facts.credential.entity = world.entity("test:access-key/second");
  const Window window{.since = TestWorld::at(50), .until = {}};
  const Graph graph = graph_of(world.events(), {.activity = window});
  const auto found = trace(graph, "test:access-key/second", window);
  ASSERT_TRUE(found);
  ASSERT_EQ(found->hops.size(), 1u);
  EXPECT_EQ(found->holders[found->hops[0].parent].id, "test:access-key/first");
  EXPECT_TRUE(found->holders[found->hops[0].parent].activity.empty());
  EXPECT_EQ(graph.dropped().outside_window, 1u);
}

TEST(EntityGraph, AStrangersAgentIsCutAndSaidSo) {
  TestWorld world;
  TestEvent& event = world.add(0, "s3:GetObject", model::Access::kRead);
  event.facts.source.entity = world.entity("ip/203.0.113.7");
  event.facts.source.user_agent = world.keep(std::string(100'000, 'x'));
  const Graph graph = graph_of(world.events());
  EXPECT_EQ(graph.dropped().texts_cut, 1u);
  EXPECT_LT(graph.save().size(), 4000u);
}

}  // namespace
}  // namespace stanch::triage::scope
