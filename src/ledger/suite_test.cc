// What every backend must do: one suite, a row for each of them.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <set>
#include <thread>

#include "codec/timestamp.h"
#include "env/os/os.h"
#include "ledger/memory_store.h"
#include "ledger/sqlite_store.h"
#include "ledger/tree.h"

namespace stanch::ledger {
namespace {

using model::EntryDraft;
using model::StreamId;

// A place for one ledger, which may be opened again and again.
class Backend {
 public:
  virtual ~Backend() = default;
  virtual std::unique_ptr<Store> open() = 0;
};

class SqliteBackend : public Backend {
 public:
  explicit SqliteBackend(env::Env env) : env_(env) {
    std::string folder = ::testing::TempDir() + "/stanch_suite_XXXXXX";
    folder_ = ::mkdtemp(folder.data());
    EXPECT_TRUE(create_sqlite(env_, folder_ + "/ledger.db", "led-suite", "suite.example/ledger"));
  }
  ~SqliteBackend() override { std::filesystem::remove_all(folder_); }
  std::unique_ptr<Store> open() override {
    auto store = open_sqlite(env_, folder_ + "/ledger.db");
    EXPECT_TRUE(store) << store.error().message();
    return std::move(store).value();
  }

 private:
  env::Env env_;
  std::string folder_;
};

class MemoryBackend : public Backend {
 public:
  explicit MemoryBackend(env::Env env) : env_(env) {
    state_->id = "led-suite";
    state_->origin = "suite.example/ledger";
  }
  std::unique_ptr<Store> open() override { return open_memory(env_, state_); }

 private:
  env::Env env_;
  std::shared_ptr<MemoryState> state_ = std::make_shared<MemoryState>();
};

struct BackendRow {
  std::string name;
  std::unique_ptr<Backend> (*make)(env::Env);
};
void PrintTo(const BackendRow& row, std::ostream* out) { *out << row.name; }

template <typename T>
std::unique_ptr<Backend> make(env::Env env) {
  return std::make_unique<T>(env);
}

class LedgerSuite : public ::testing::TestWithParam<BackendRow> {
 protected:
  void SetUp() override {
    backend_ = GetParam().make(os_.env());
    store_ = backend_->open();
  }

  static EntryDraft note(const std::string& key, const std::string& text = "hello") {
    return {.kind = "note",
            .key = key,
            .time = codec::parse_timestamp("2026-03-01T02:03:04Z").value(),
            .actor = "person/alice",
            .content_version = "",
            .payload = "{ \"text\" : \"" + text + "\" }"};
  }
  static std::vector<EntryDraft> notes(const std::string& prefix, size_t count) {
    std::vector<EntryDraft> drafts;
    for (size_t i = 0; i < count; ++i) drafts.push_back(note(prefix + std::to_string(i)));
    return drafts;
  }
  Result<Appended> append(const std::string& stream, uint64_t at,
                          const std::vector<EntryDraft>& drafts) {
    return store_->append(StreamId(stream), at, drafts);
  }
  std::vector<std::string> keys_of(const std::string& stream) {
    std::vector<std::string> ids;
    const auto entries = read_all(*store_, StreamId(stream)).value();
    for (const model::Entry& entry : entries) {
      ids.push_back(entry.id.text());
    }
    return ids;
  }
  static std::string id(const std::string& stream, const std::string& key) {
    return model::entry_id(StreamId(stream), "note", key).text();
  }

  env::OsEnv os_;
  std::unique_ptr<Backend> backend_;
  std::unique_ptr<Store> store_;
};

INSTANTIATE_TEST_SUITE_P(Backends, LedgerSuite,
                         ::testing::Values(BackendRow{"sqlite", make<SqliteBackend>},
                                           BackendRow{"memory", make<MemoryBackend>}),
                         [](const auto& row) { return row.param.name; });

TEST_P(LedgerSuite, AppendsAndReadsBack) {
  const auto appended = append("incident/a", 0, {note("1"), note("2", "\u20ac")});
  ASSERT_TRUE(appended) << appended.error().message();
  EXPECT_EQ(appended->next, 2u);
  EXPECT_FALSE(appended->repeated);
  store_ = nullptr;
  store_ = backend_->open();
  const auto entries = read_all(*store_, StreamId("incident/a")).value();
  ASSERT_EQ(entries.size(), 2u);
  EXPECT_EQ(entries[0].stream.text(), "incident/a");
  EXPECT_EQ(entries[0].sequence, 0u);
  EXPECT_EQ(entries[0].actor, "person/alice");
  EXPECT_EQ(entries[0].kind, "note");
  EXPECT_EQ(entries[0].prev, model::stream_root("led-suite", StreamId("incident/a")));
  EXPECT_EQ(entries[0].payload->json, R"({"text":"hello"})");
  EXPECT_EQ(entries[0].commitment, model::payload_commitment(*entries[0].payload));
  EXPECT_EQ(entries[1].payload->json, "{\"text\":\"\u20ac\"}");
  EXPECT_EQ(entries[1].prev, model::citation_of(entries[0]).hash);
  EXPECT_NE(entries[0].payload->salt, entries[1].payload->salt);
  EXPECT_EQ(appended->citations[1], model::citation_of(entries[1]));
  const StreamHead head = store_->head(StreamId("incident/a")).value();
  EXPECT_EQ(head.next, 2u);
  EXPECT_EQ(head.hash, appended->citations[1].hash);
}

TEST_P(LedgerSuite, AStreamNobodyWroteIsEmpty) {
  EXPECT_EQ(store_->head(StreamId("x")).value().next, 0u);
  EXPECT_EQ(store_->head(StreamId("x")).value().hash,
            model::stream_root("led-suite", StreamId("x")));
  EXPECT_TRUE(store_->read(StreamId("x"), 0).value().empty());
  EXPECT_TRUE(store_->read(StreamId("x"), UINT64_MAX).value().empty());
  EXPECT_EQ(store_->find(StreamId("x"), model::EntryId("ent-")).error().code(),
            ErrorCode::kNotFound);
}

TEST_P(LedgerSuite, AppendsAtTheWrongPlaceAreConflictsAndDoNothing) {
  ASSERT_TRUE(append("s", 0, {note("1")}));
  for (const uint64_t at : {0u, 2u, 7u}) {
    EXPECT_EQ(append("s", at, {note("2"), note("3")}).error().code(), ErrorCode::kConflict) << at;
  }
  // A key that is there already, behind one that is not: none of them is appended.
  EXPECT_EQ(append("s", 1, {note("2"), note("1")}).error().code(), ErrorCode::kConflict);
  EXPECT_EQ(keys_of("s"), std::vector{id("s", "1")});
  EXPECT_EQ(store_->count().value(), 1u);
  // The same key in another stream is another entry.
  EXPECT_TRUE(append("t", 0, {note("1")}));
  EXPECT_TRUE(append("s", 1, {note("2"), note("3")}));
  EXPECT_EQ(keys_of("s"), (std::vector{id("s", "1"), id("s", "2"), id("s", "3")}));
}

TEST_P(LedgerSuite, RepeatingAnAppendDoesNothing) {
  const auto first = append("s", 0, notes("a", 3)).value();
  ASSERT_TRUE(append("s", 3, notes("b", 2)));
  // With other words and another time: what was said first stands.
  auto again = notes("a", 3);
  again[1].payload = R"({"text":"changed"})";
  again[1].time += std::chrono::seconds(5);
  const auto repeated = append("s", 0, again);
  ASSERT_TRUE(repeated) << repeated.error().message();
  EXPECT_TRUE(repeated->repeated);
  EXPECT_EQ(repeated->next, 3u);
  EXPECT_EQ(repeated->citations, first.citations);
  EXPECT_EQ(append("s", 1, notes("a", 3)).error().code(), ErrorCode::kConflict);
  // A part of it that is longer than what is there is no repetition.
  auto more = notes("b", 2);
  more.push_back(note("c"));
  EXPECT_EQ(append("s", 3, more).error().code(), ErrorCode::kConflict);
  EXPECT_EQ(store_->count().value(), 5u);
}

TEST_P(LedgerSuite, UnknownOutcomesAreSettledByReading) {
  const auto drafts = notes("a", 2);
  EXPECT_EQ(settle_append(*store_, StreamId("s"), 0, drafts).error().code(), ErrorCode::kNotFound);
  const auto appended = append("s", 0, drafts).value();
  const auto settled = settle_append(*store_, StreamId("s"), 0, drafts);
  ASSERT_TRUE(settled) << settled.error().message();
  EXPECT_EQ(settled->citations, appended.citations);
  EXPECT_EQ(settle_append(*store_, StreamId("s"), 0, notes("b", 2)).error().code(),
            ErrorCode::kConflict);
  EXPECT_EQ(settle_append(*store_, StreamId("s"), 2, notes("b", 2)).error().code(),
            ErrorCode::kNotFound);
}

IncidentRow row_of(uint64_t number) {
  return {.id = "inc-" + std::to_string(number * 7919 % 1000),
          .closed = number % 3 == 0,
          .severity = static_cast<uint8_t>(number % 4 + 1),
          .opened = Time(std::chrono::seconds(static_cast<int64_t>(number % 5) - 2)),
          .updated = Time(std::chrono::seconds(number)),
          .text = R"({"number":)" + std::to_string(number) + "}"};
}

TEST_P(LedgerSuite, ListsIncidentsInTheirOrderPageByPage) {
  IncidentList& list = store_->incidents();
  EXPECT_TRUE(list.list({}).value().empty());
  std::vector<IncidentRow> rows;
  for (uint64_t i = 0; i < 300; ++i) rows.push_back(row_of(i));
  ASSERT_TRUE(list.put_rows(rows, {}, {"300"}));
  std::ranges::sort(rows, [](const IncidentRow& a, const IncidentRow& b) {
    if (a.closed != b.closed) return b.closed;
    if (a.severity != b.severity) return a.severity < b.severity;
    if (a.opened != b.opened) return a.opened > b.opened;
    return a.id < b.id;
  });
  for (const std::optional<bool> closed :
       {std::optional<bool>(), std::optional(true), std::optional(false)}) {
    for (const uint8_t severity : {UINT8_MAX, 2, 0}) {
      std::vector<IncidentRow> expected, found;
      for (const IncidentRow& row : rows) {
        if (row.severity <= severity && (!closed || row.closed == *closed)) expected.push_back(row);
      }
      IncidentQuery query{.closed = closed, .severity_max = severity, .after = {}, .limit = 7};
      for (;;) {
        const auto page = list.list(query).value();
        ASSERT_LE(page.size(), 7u);
        if (page.empty()) break;
        found.insert(found.end(), page.begin(), page.end());
        query.after = page.back();
      }
      EXPECT_EQ(found, expected);
    }
  }
}

TEST_P(LedgerSuite, TheListIsReplacedRowByRowAndOnlyFromWhereItIs) {
  IncidentList& list = store_->incidents();
  EXPECT_EQ(list.list_cursor().value(), Cursor{});
  IncidentRow row = row_of(1);
  ASSERT_TRUE(list.put_rows({&row, 1}, {}, {"5"}));
  EXPECT_EQ(list.list_cursor().value(), Cursor{"5"});
  row.closed = true;
  row.severity = 3;
  row.opened += std::chrono::hours(1);
  row.text = "{}";
  EXPECT_EQ(list.put_rows({&row, 1}, {}, {"6"}).error().code(), ErrorCode::kConflict);
  EXPECT_FALSE(list.list({}).value()[0].closed);
  ASSERT_TRUE(list.put_rows({&row, 1}, {"5"}, {"6"}));
  EXPECT_EQ(list.list({}).value(), std::vector{row});
}

TEST_P(LedgerSuite, TheListIsDroppedByRebuildingAndErasing) {
  ASSERT_TRUE(append("s", 0, {note("1")}));
  IncidentList& list = store_->incidents();
  const IncidentRow row = row_of(1);
  for (const bool erase : {false, true}) {
    ASSERT_TRUE(list.put_rows({&row, 1}, list.list_cursor().value(), {"1"}));
    ASSERT_EQ(list.list({}).value().size(), 1u);
    ASSERT_TRUE(erase ? store_->erase_payload(StreamId("s"), 0) : store_->rebuild());
    EXPECT_TRUE(list.list({}).value().empty());
    EXPECT_EQ(list.list_cursor().value(), Cursor{});
  }
}

TEST_P(LedgerSuite, AppendsOnlyWhatIsMissing) {
  const StreamId stream("s");
  const std::vector<EntryDraft> three = {note("1"), note("2"), note("3")};
  const std::vector<EntryDraft> outer = {note("1"), note("3")};
  const auto first = append_missing(*store_, stream, outer);
  ASSERT_TRUE(first) << first.error().message();
  EXPECT_FALSE(first->repeated);
  EXPECT_EQ(first->next, 2u);
  ASSERT_TRUE(append("s", 2, {note("of another")}));
  const auto second = append_missing(*store_, stream, three);
  ASSERT_TRUE(second) << second.error().message();
  EXPECT_FALSE(second->repeated);
  EXPECT_EQ(second->next, 4u);
  ASSERT_EQ(second->citations.size(), 3u);
  EXPECT_EQ(second->citations[0], first->citations[0]);
  EXPECT_EQ(second->citations[1].sequence, 3u);
  EXPECT_EQ(second->citations[2], first->citations[1]);
  const auto third = append_missing(*store_, stream, three);
  ASSERT_TRUE(third);
  EXPECT_TRUE(third->repeated);
  EXPECT_EQ(third->next, 4u);
  EXPECT_EQ(third->citations, second->citations);
  EXPECT_EQ(store_->head(stream)->next, 4u);
}

TEST_P(LedgerSuite, AppendsWhatIsMissingBesideOthers) {
  constexpr int kThreads = 4, kEach = 30;
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < kEach; ++i) {
        const EntryDraft drafts[] = {note("all " + std::to_string(i)),
                                     note(std::to_string(t) + " " + std::to_string(i))};
        const auto appended = append_missing(*store_, StreamId("s"), drafts);
        ASSERT_TRUE(appended) << appended.error().message();
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(store_->head(StreamId("s"))->next, uint64_t{kEach} * (kThreads + 1));
}

TEST_P(LedgerSuite, RefusesWhatIsNoEntry) {
  const auto refused = [&](const std::string& stream, const std::vector<EntryDraft>& drafts) {
    const auto result = append(stream, 0, drafts);
    return !result && result.error().code() == ErrorCode::kInvalid;
  };
  EXPECT_TRUE(refused("s", {}));
  EXPECT_TRUE(refused("", {note("1")}));
  EXPECT_TRUE(refused("a\nb", {note("1")}));
  EXPECT_TRUE(refused("s", {note("1"), note("1")}));
  EXPECT_TRUE(refused("s", notes("a", kAppendEntriesMax + 1)));
  EntryDraft bad = note("");
  EXPECT_TRUE(refused("s", {bad}));
  bad = note("1");
  bad.kind = "no_such_kind";
  EXPECT_TRUE(refused("s", {bad}));
  bad = note("1");
  bad.actor = "a\x1b[2J";
  EXPECT_TRUE(refused("s", {bad}));
  for (const std::string payload :
       {"", "[]", "{", R"({"text":1})", R"({"other":"x"})", R"({"text":"\ud800"})"}) {
    bad = note("1");
    bad.payload = payload;
    EXPECT_TRUE(refused("s", {bad})) << payload;
  }
  bad = note("1", std::string(model::kEntryPayloadBytesMax, 'x'));
  EXPECT_TRUE(refused("s", {bad}));
  bad = note("1");
  bad.content_version = std::string(model::kEntryHeaderBytesMax, 'x');
  EXPECT_TRUE(refused("s", {bad}));
  EXPECT_EQ(store_->count().value(), 0u);
}

TEST_P(LedgerSuite, ReadsInPages) {
  for (size_t i = 0; i < 25; ++i) {
    ASSERT_TRUE(append("s", i * 100, notes(std::to_string(i) + "-", 100)));
  }
  EXPECT_EQ(store_->read(StreamId("s"), 0, 10).value().size(), 10u);
  EXPECT_EQ(store_->read(StreamId("s"), 2495, 10).value().size(), 5u);
  EXPECT_EQ(store_->read(StreamId("s"), 0).value().size(), kReadEntriesMax);
  const auto all = read_all(*store_, StreamId("s")).value();
  ASSERT_EQ(all.size(), 2500u);
  for (size_t i = 0; i < all.size(); ++i) EXPECT_EQ(all[i].sequence, i);
}

TEST_P(LedgerSuite, LargePayloadsComeBackWhole) {
  const std::string large(model::kEntryPayloadBytesMax - 100, 'x');
  for (uint64_t i = 0; i < 40; ++i) ASSERT_TRUE(append("s", i, {note(std::to_string(i), large)}));
  const auto all = read_all(*store_, StreamId("s")).value();
  ASSERT_EQ(all.size(), 40u);
  for (const auto& entry : all) EXPECT_EQ(entry.payload->json.size(), large.size() + 11);
}

TEST_P(LedgerSuite, ListsStreams) {
  for (const char* name : {"incident/b", "incident/a", "triage", "incident/c", "incidents"}) {
    ASSERT_TRUE(append(name, 0, {note("1")}));
  }
  const auto names = [&](std::string_view prefix, std::string_view after, size_t limit) {
    std::string text;
    const auto heads = store_->streams(prefix, after, limit).value();
    for (const auto& head : heads) text += head.stream.text() + " ";
    return text;
  };
  EXPECT_EQ(names("incident/", "", 100), "incident/a incident/b incident/c ");
  EXPECT_EQ(names("incident/", "incident/a", 1), "incident/b ");
  EXPECT_EQ(names("", "", 100), "incident/a incident/b incident/c incidents triage ");
  EXPECT_EQ(names("x", "", 100), "");
  EXPECT_EQ(store_->streams("triage", "", 1).value()[0].next, 1u);
}

TEST_P(LedgerSuite, FollowersSeeEveryEntryOnceAndEachStreamInItsOrder) {
  Cursor cursor;
  EXPECT_EQ(store_->follow(cursor).value().cursor, cursor);
  std::map<std::string, uint64_t> next;
  size_t seen = 0;
  const auto follow = [&](size_t limit) {
    const Followed followed = store_->follow(cursor, limit).value();
    for (const model::Entry& entry : followed.entries) {
      EXPECT_EQ(entry.sequence, next[entry.stream.text()]++);
      ++seen;
    }
    cursor = followed.cursor;
    return followed.entries.size();
  };
  for (size_t i = 0; i < 30; ++i) {
    const std::string stream = "s" + std::to_string(i % 3);
    ASSERT_TRUE(append(stream, i / 3 * 2, notes(std::to_string(i) + "-", 2)));
    if (i % 5 == 0) follow(3);
  }
  while (follow(7) > 0) {
  }
  EXPECT_EQ(seen, 60u);
  EXPECT_EQ(follow(7), 0u);
  EXPECT_EQ(store_->follow({"nonsense"}).error().code(), ErrorCode::kInvalid);
}

TEST_P(LedgerSuite, FindsEntriesByTheirIds) {
  ASSERT_TRUE(append("s", 0, notes("a", 5)));
  const auto found = store_->find(StreamId("s"), model::EntryId(id("s", "a3")));
  ASSERT_TRUE(found);
  EXPECT_EQ(found->sequence, 3u);
  EXPECT_FALSE(store_->find(StreamId("t"), model::EntryId(id("s", "a3"))));
}

TEST_P(LedgerSuite, LeasesHaveOneHolderAndFencesThatRise) {
  using std::chrono::seconds;
  const Time t0 = codec::parse_timestamp("2026-03-01T00:00:00Z").value();
  const Lease a = store_->take_lease("checkpointer", "a", t0, seconds(10)).value();
  EXPECT_EQ(store_->take_lease("checkpointer", "b", t0 + seconds(9), seconds(10)).error().code(),
            ErrorCode::kConflict);
  EXPECT_TRUE(store_->take_lease("other", "b", t0, seconds(10)));
  // Renewing in time keeps the fence.
  const Lease renewed =
      store_->take_lease("checkpointer", "a", t0 + seconds(5), seconds(10)).value();
  EXPECT_EQ(renewed.fence, a.fence);
  EXPECT_FALSE(store_->take_lease("checkpointer", "b", t0 + seconds(14), seconds(10)));
  const Lease b = store_->take_lease("checkpointer", "b", t0 + seconds(15), seconds(10)).value();
  EXPECT_GT(b.fence, a.fence);
  // The holder that slept: it is fenced, and its giving back is of no effect.
  EXPECT_EQ(store_->save_checkpoint(a, {1, "note"}).error().code(), ErrorCode::kConflict);
  EXPECT_TRUE(store_->give_lease(a));
  EXPECT_TRUE(store_->save_checkpoint(b, {1, "note"}));
  EXPECT_TRUE(store_->give_lease(b));
  const Lease c = store_->take_lease("checkpointer", "a", t0 + seconds(16), seconds(10)).value();
  EXPECT_GT(c.fence, b.fence);
  EXPECT_FALSE(store_->save_tiles(b, std::vector<Tile>{{0, 0, std::string(32, 'x')}}));
  // After its own end it cannot know whether another held it meanwhile.
  const Lease late = store_->take_lease("checkpointer", "a", t0 + seconds(60), seconds(10)).value();
  EXPECT_GT(late.fence, c.fence);
}

TEST_P(LedgerSuite, KeepsTilesAndCheckpoints) {
  const Lease lease =
      store_->take_lease("checkpointer", "a", Time{}, std::chrono::hours(1)).value();
  EXPECT_EQ(store_->tree_size().value(), 0u);
  EXPECT_FALSE(store_->tile(0, 0).value());
  TreeBuilder tree;
  codec::MerkleFrontier expected;
  for (size_t i = 0; i < 600; ++i) {
    const auto leaf = codec::merkle_leaf(std::to_string(i));
    tree.add(leaf);
    expected.add(leaf);
    if (i % 97 == 0 || i == 599) {
      ASSERT_TRUE(store_->save_tiles(lease, tree.take_changed()));
      ASSERT_EQ(store_->tree_size().value(), i + 1);
      EXPECT_EQ(tree_of(*store_, i + 1).value().root, expected.root());
      tree = TreeBuilder::load(*store_).value();
    }
  }
  EXPECT_EQ(store_->tile(0, 2).value()->hashes.size(), (600 - 512) * 32u);
  EXPECT_EQ(store_->tile(1, 0).value()->hashes.size(), 2 * 32u);
  // Whoever knows less of the tree takes nothing from it.
  const Tile shorter{0, 2, store_->tile(0, 2).value()->hashes.substr(0, 64)};
  const auto lost = store_->save_tiles(lease, std::span(&shorter, 1));
  EXPECT_TRUE(!lost && lost.error().code() == ErrorCode::kConflict);
  EXPECT_EQ(store_->tree_size().value(), 600u);
  ASSERT_TRUE(store_->save_checkpoint(lease, {600, "second"}));
  ASSERT_TRUE(store_->save_checkpoint(lease, {5, "first"}));
  const auto checkpoints = store_->checkpoints().value();
  ASSERT_EQ(checkpoints.size(), 2u);
  EXPECT_EQ(checkpoints[0].note, "first");
  EXPECT_EQ(checkpoints[1].size, 600u);
}

TEST_P(LedgerSuite, ErasedPayloadsAreGoneAndTheEntryStays) {
  ASSERT_TRUE(append("s", 0, notes("a", 3)));
  const auto before = read_all(*store_, StreamId("s")).value();
  ASSERT_TRUE(store_->erase_payload(StreamId("s"), 1));
  ASSERT_TRUE(store_->erase_payload(StreamId("s"), 1));
  EXPECT_EQ(store_->erase_payload(StreamId("s"), 3).error().code(), ErrorCode::kNotFound);
  EXPECT_EQ(store_->erase_payload(StreamId("t"), 0).error().code(), ErrorCode::kNotFound);
  const auto after = read_all(*store_, StreamId("s")).value();
  EXPECT_EQ(after[0], before[0]);
  EXPECT_FALSE(after[1].payload);
  EXPECT_EQ(model::citation_of(after[1]), model::citation_of(before[1]));
}

TEST_P(LedgerSuite, RebuildChangesNothingThatWasRight) {
  for (size_t i = 0; i < 9; ++i) ASSERT_TRUE(append("s" + std::to_string(i), 0, notes("a", 40)));
  const Lease lease =
      store_->take_lease("checkpointer", "a", Time{}, std::chrono::hours(1)).value();
  TreeBuilder tree;
  ASSERT_TRUE(store_->scan(0, [&](const StoredEntry& row) -> Result<> {
    if (row.number < 300) tree.add(codec::merkle_leaf(row.header));
    return {};
  }));
  ASSERT_TRUE(store_->save_tiles(lease, tree.take_changed()));
  ASSERT_TRUE(store_->rebuild());
  EXPECT_EQ(store_->tree_size().value(), 300u);
  EXPECT_EQ(tree_of(*store_, 300).value().root, tree.root());
  EXPECT_EQ(store_->streams("", "").value().size(), 9u);
  ASSERT_TRUE(append("s3", 40, {note("next")}));
}

TEST_P(LedgerSuite, ManyWritersLoseNothing) {
  constexpr size_t kThreads = 8, kEach = 40;
  std::vector<std::thread> threads;
  std::atomic<size_t> conflicts = 0;
  for (size_t t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      for (size_t i = 0; i < kEach; ++i) {
        const std::string key = std::to_string(t) + "-" + std::to_string(i);
        // All write one stream: whoever is second reads again.
        for (;;) {
          const uint64_t next = store_->head(StreamId("shared")).value().next;
          const auto appended = append("shared", next, {note(key)});
          if (appended) break;
          ASSERT_EQ(appended.error().code(), ErrorCode::kConflict);
          ++conflicts;
        }
        ASSERT_TRUE(append("own/" + std::to_string(t), i, {note(key)}));
      }
    });
  }
  for (auto& thread : threads) thread.join();
  const auto all = keys_of("shared");
  EXPECT_EQ(all.size(), kThreads * kEach);
  EXPECT_EQ(std::set(all.begin(), all.end()).size(), all.size());
  EXPECT_EQ(store_->count().value(), 2 * kThreads * kEach);
}

TEST_P(LedgerSuite, TwoThatHaveItOpenSeeEachOther) {
  const auto other = backend_->open();
  ASSERT_TRUE(append("s", 0, {note("1")}));
  EXPECT_EQ(other->append(StreamId("s"), 0, std::vector{note("2")}).error().code(),
            ErrorCode::kConflict);
  ASSERT_TRUE(other->append(StreamId("s"), 1, std::vector{note("2")}));
  EXPECT_EQ(keys_of("s").size(), 2u);
  EXPECT_EQ(other->follow({}).value().entries.size(), 2u);
}

}  // namespace
}  // namespace stanch::ledger
