// What the suite for all backends cannot see: the file itself.

#include "ledger/sqlite_store.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "codec/timestamp.h"
#include "env/os/os.h"
#include "ledger/checkpointer.h"
#include "ledger/erase.h"
#include "ledger/prepare.h"
#include "ledger/sqlite/connection.h"
#include "ledger/sqlite/migrations.h"
#include "ledger/verify.h"

namespace stanch::ledger {
namespace {

using model::EntryDraft;
using model::StreamId;

std::string file_text(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}
void write_text(const std::filesystem::path& path, const std::string& text) {
  std::ofstream(path, std::ios::binary) << text;
}

uint64_t next_of(uint64_t& state) {
  state ^= state << 13, state ^= state >> 7, state ^= state << 17;
  return state;
}

class SqliteFile : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string folder = ::testing::TempDir() + "/stanch_sqlite_XXXXXX";
    folder_ = ::mkdtemp(folder.data());
    path_ = folder_ + "/ledger.db";
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  void create() {
    const auto made = create_sqlite(env_, path_, "led-1", "test.example/ledger");
    ASSERT_TRUE(made) << made.error().message();
  }
  std::unique_ptr<Store> open() {
    auto store = open_sqlite(env_, path_);
    EXPECT_TRUE(store) << store.error().message();
    return store ? std::move(store).value() : nullptr;
  }
  static void append(Store& store, const std::string& stream, const std::string& text) {
    const uint64_t next = store.head(StreamId(stream)).value().next;
    const EntryDraft draft{.kind = "note",
                           .key = std::to_string(next),
                           .time = codec::parse_timestamp("2026-03-01T02:03:04Z").value(),
                           .actor = "person/alice",
                           .content_version = "",
                           .payload = R"({"text":")" + text + "\"}"};
    const auto appended = store.append(StreamId(stream), next, std::span(&draft, 1));
    ASSERT_TRUE(appended) << appended.error().message();
  }

  env::OsEnv os_;
  env::Env env_ = os_.env();
  std::string folder_, path_;
};

TEST_F(SqliteFile, CreatingTwiceIsOnceAndAnotherIsRefused) {
  create();
  create();
  EXPECT_EQ(create_sqlite(env_, path_, "led-2", "other").error().code(), ErrorCode::kConflict);
  EXPECT_EQ(open()->id(), "led-1");
  EXPECT_EQ(open_sqlite(env_, folder_ + "/none.db").error().code(), ErrorCode::kNotFound);
}

TEST_F(SqliteFile, WithoutAThreadThereIsNoLedgerAndNobodyWaits) {
  class NoThreads : public env::Threads {
   public:
    explicit NoThreads(env::Threads& real) : real_(real) {}
    std::unique_ptr<env::Thread> start(std::string, std::function<void()>) override {
      return nullptr;
    }
    std::unique_ptr<env::Monitor> monitor() override { return real_.monitor(); }
    unsigned cores() override { return 1; }

   private:
    env::Threads& real_;
  } threads(env_.threads);
  create();
  const env::Env env{env_.clock,     env_.random,   env_.files, threads,
                     env_.variables, env_.terminal, env_.http};
  const auto store = open_sqlite(env, path_);
  ASSERT_FALSE(store);
  EXPECT_EQ(store.error().code(), ErrorCode::kUnavailable);
}

// Also while it stays open: a server never closes it.
TEST_F(SqliteFile, TheLogIsMovedIntoTheDatabaseBesideTheAppends) {
  create();
  const auto store = open();
  const std::string text(100'000, 'x');
  constexpr uint64_t kBytes = 2'000'000;
  uint64_t appends = 0;
  while (std::filesystem::file_size(path_) < kBytes && appends < 500) {
    append(*store, "s", text);
    ++appends;
  }
  EXPECT_GE(std::filesystem::file_size(path_), kBytes) << "after " << appends << " appends";
  EXPECT_EQ(store->head(StreamId("s")).value().next, appends);
}

// An append that the tables refuse in its middle leaves nothing behind.
TEST_F(SqliteFile, HalfAnAppendIsNeverKept) {
  create();
  auto store = open();
  append(*store, "s", "x");
  {
    auto raw = sqlite::Connection::open(path_, {}).value();
    // Somebody took the place of the second entry to come.
    ASSERT_TRUE(
        raw->run("INSERT INTO entries SELECT 50, stream, 2, 'ent-y', header, salt, "
                 "payload FROM entries"));
    ASSERT_TRUE(raw->run("DELETE FROM entries WHERE number = 0"));
  }
  std::vector<EntryDraft> drafts;
  for (const char* key : {"a", "b"}) {
    drafts.push_back({.kind = "note",
                      .key = key,
                      .time = Time{},
                      .actor = "person/alice",
                      .content_version = "",
                      .payload = R"({"text":"y"})"});
  }
  const auto appended = store->append(StreamId("s"), 1, drafts);
  ASSERT_FALSE(appended);
  EXPECT_EQ(appended.error().code(), ErrorCode::kCorrupt);
  store.reset();
  auto raw = sqlite::Connection::open(path_, {}).value();
  EXPECT_EQ(raw->integer("SELECT count(*) FROM entries").value(), 1);
}

TEST_F(SqliteFile, OtherDatabasesAndFilesAreRefusedAndNotTouched) {
  {
    auto other = sqlite::Connection::open(path_, {.create = true, .vfs = ""});
    ASSERT_TRUE((*other)->run("CREATE TABLE precious (x)"));
  }
  const std::string before = file_text(path_);
  EXPECT_EQ(open_sqlite(env_, path_).error().code(), ErrorCode::kInvalid);
  EXPECT_EQ(create_sqlite(env_, path_, "led-1", "o").error().code(), ErrorCode::kInvalid);
  EXPECT_EQ(file_text(path_), before);
}

TEST_F(SqliteFile, OfEveryEarlierStepIsBroughtForward) {
  for (size_t step = 1; step <= sqlite::migrations().size(); ++step) {
    SCOPED_TRACE(step);
    std::filesystem::remove(path_);
    {
      auto old = sqlite::Connection::open(path_, {.create = true, .vfs = ""}).value();
      ASSERT_TRUE(old->run("PRAGMA journal_mode=WAL"));
      ASSERT_TRUE(sqlite::migrate(*old, step));
      ASSERT_TRUE(old->run("INSERT INTO ledger VALUES ('id', 'led-1'), ('origin', 'o')"));
      // An entry as that program wrote it.
      model::Entry entry;
      entry.stream = StreamId("s");
      entry.id = model::entry_id(entry.stream, "note", "0");
      entry.kind = "note";
      entry.actor = "person/alice";
      entry.payload = model::EntryPayload{R"({"text":"old"})", std::string(32, 'a')};
      entry.commitment = model::payload_commitment(*entry.payload);
      const std::string header = place(entry, 0, model::stream_root("led-1", entry.stream));
      const codec::Sha256 hash = model::entry_hash(header);
      auto stream = old->prepare("INSERT INTO streams VALUES (1, 's', 1, ?)").value();
      stream.blob(1, {reinterpret_cast<const char*>(hash.data()), hash.size()});
      ASSERT_TRUE(stream.run());
      auto row = old->prepare("INSERT INTO entries VALUES (0, 1, 0, ?, ?, ?, ?)").value();
      row.text(1, entry.id.text()).text(2, header);
      row.text(3, entry.payload->salt).text(4, entry.payload->json);
      ASSERT_TRUE(row.run());
    }
    const auto store = open();
    ASSERT_TRUE(store);
    append(*store, "s", "new");
    EXPECT_EQ(read_all(*store, StreamId("s")).value().size(), 2u);
    EXPECT_TRUE(verify(*store, {}).value().passed());
  }
}

TEST_F(SqliteFile, OfANewerProgramOrWithOtherStepsIsRefused) {
  create();
  {
    auto raw = sqlite::Connection::open(path_, {}).value();
    ASSERT_TRUE(raw->run("PRAGMA user_version=99"));
  }
  const auto newer = open_sqlite(env_, path_);
  ASSERT_FALSE(newer);
  EXPECT_NE(newer.error().message().find("newer program"), std::string::npos);
  {
    auto raw = sqlite::Connection::open(path_, {}).value();
    ASSERT_TRUE(
        raw->run("PRAGMA user_version=3; UPDATE migrations SET checksum='x' WHERE number=2"));
  }
  EXPECT_EQ(open_sqlite(env_, path_).error().code(), ErrorCode::kCorrupt);
}

// The texts lie on one page, across pages, and on pages of their own; among others that come
// and go.
TEST_F(SqliteFile, ErasedTextIsGoneFromEveryFile) {
  create();
  auto store = open();
  const std::string marker = "very-personal-text-";
  std::vector<uint64_t> sizes = {10, 300, 1500, 3900, 4100, 9000, 70'000};
  for (int round = 0; round < 8; ++round) {
    for (const uint64_t size : sizes) {
      append(*store, "s", std::string(size, 'o'));
      append(*store, "s", marker + std::to_string(round) + std::string(size, 'x') + marker);
    }
  }
  const auto count_markers = [&] {
    size_t count = 0;
    for (const auto& file : std::filesystem::directory_iterator(folder_)) {
      const std::string bytes = file_text(file.path());
      for (size_t at = bytes.find(marker); at != bytes.npos; at = bytes.find(marker, at + 1)) {
        ++count;
      }
    }
    return count;
  };
  EXPECT_GT(count_markers(), 0u);
  for (uint64_t sequence = 1; sequence < 8 * 2 * sizes.size(); sequence += 2) {
    const auto said = erase(*store, {StreamId("s"), sequence, "law", "r", "person/dpo", Time{}});
    ASSERT_TRUE(said) << said.error().message();
  }
  EXPECT_EQ(count_markers(), 0u);
  EXPECT_TRUE(verify(*store, {}).value().passed());
  store.reset();
  EXPECT_EQ(count_markers(), 0u);
}

// Closing a file takes away the locks that the process has on it: another process that closes the
// ledger then believes to be the last one, and removes the log that this one goes on writing to.
TEST_F(SqliteFile, ErasingKeepsTheLocksOnTheFile) {
  int begin[2];
  ASSERT_EQ(::pipe(begin), 0);
  // Begun before SQLite knows anything of locks in this process, which the child would inherit.
  const pid_t child = ::fork();
  if (child == 0) {
    char byte = 0;
    if (::read(begin[0], &byte, 1) != 1) ::_exit(2);
    auto other = sqlite::Connection::open(path_, {}).value();
    const bool read = other->integer("SELECT count(*) FROM entries").value() == 3;
    other.reset();
    ::_exit(read ? 0 : 1);
  }
  create();
  auto store = open();
  append(*store, "s", "a");
  append(*store, "s", "b");
  ASSERT_TRUE(erase(*store, {StreamId("s"), 0, "law", "r", "person/dpo", Time{}}));
  ASSERT_EQ(::write(begin[1], "x", 1), 1);
  int status = 0;
  ::waitpid(child, &status, 0);
  ::close(begin[0]);
  ::close(begin[1]);
  EXPECT_EQ(status, 0);
  EXPECT_TRUE(std::filesystem::exists(path_ + "-wal"));
  append(*store, "s", "c");
  store.reset();
  EXPECT_EQ(read_all(*open(), StreamId("s")).value().size(), 4u);
}

// Random bytes of the file itself: either verify says so, or what the ledger says is unchanged.
TEST_F(SqliteFile, DamageIsFoundOrOfNoConsequence) {
  create();
  const auto everything = [](Store& store) {
    std::string text;
    const auto scanned = store.scan(0, [&](const StoredEntry& row) -> Result<> {
      text += std::to_string(row.number) + std::string(row.stream) + std::string(row.header) +
              std::string(row.salt.value_or("-")) + std::string(row.payload.value_or("-"));
      return {};
    });
    return scanned ? text : "";
  };
  std::string good_text;
  {
    const auto store = open();
    for (int i = 0; i < 60; ++i)
      append(*store, "s" + std::to_string(i % 5), std::string(i * 20, 'x'));
    codec::SigningKey::Seed seed{};
    ASSERT_TRUE(
        make_checkpoint(*store, env_, codec::SigningKey(seed), {.holder = "t", .elsewhere = ""}));
    good_text = everything(*store);
  }
  const std::string good = file_text(path_);
  const bool thorough = std::getenv("STANCH_FAULTS") != nullptr;
  uint64_t dice = 20261125;
  size_t found = 0;
  const size_t trials = thorough ? 20'000 : 400;
  codec::SigningKey::Seed seed{};
  const codec::NoteKey key{"test.example/ledger", codec::SigningKey(seed).public_key()};
  for (size_t i = 0; i < trials; ++i) {
    std::string bad = good;
    const size_t at = next_of(dice) % bad.size();
    bad[at] = static_cast<char>(bad[at] ^ (1 << next_of(dice) % 8));
    write_text(path_, bad);
    std::filesystem::remove(path_ + "-wal");
    std::filesystem::remove(path_ + "-shm");
    const auto store = open_sqlite(env_, path_);
    if (!store) {
      ++found;
      continue;
    }
    const auto result = verify(**store, {.checkpoints = {}, .key = key});
    if (!result || !result->passed()) {
      ++found;
      continue;
    }
    ASSERT_EQ(everything(**store), good_text) << "byte " << at << " of the file";
  }
  EXPECT_GT(found, trials / 4);
}

// With the tables at hand, as anybody who owns the machine has them.
TEST_F(SqliteFile, WhatIsChangedBySqlIsFoundAndNamed) {
  create();
  {
    const auto store = open();
    for (int i = 0; i < 12; ++i) append(*store, i % 2 == 0 ? "a" : "b", "text");
    codec::SigningKey::Seed seed{};
    ASSERT_TRUE(
        make_checkpoint(*store, env_, codec::SigningKey(seed), {.holder = "t", .elsewhere = ""}));
    append(*store, "a", "text");
  }
  struct Case {
    const char* sql;
    const char* stream;
    uint64_t sequence;
  };
  // Stream a has the numbers 0, 2 … 10 and 12, stream b 1, 3 … 11.
  const Case cases[] = {
      {"UPDATE entries SET payload = '{\"text\":\"lie\"}' WHERE number = 4", "a", 2},
      {"UPDATE entries SET payload = NULL WHERE number = 4", "a", 2},
      {"UPDATE entries SET payload = NULL, salt = NULL WHERE number = 4", "a", 2},
      {"UPDATE entries SET salt = salt || '0' WHERE number = 5", "b", 2},
      {"UPDATE entries SET header = replace(header, 'alice', 'mallo') WHERE number = 6", "a", 3},
      {"UPDATE entries SET header = '' WHERE number = 6", "a", 3},
      {"UPDATE entries SET id = 'ent-x' WHERE number = 6", "a", 3},
      {"DELETE FROM entries WHERE number = 3", "b", 1},
      {"DELETE FROM entries WHERE number = 0", "a", 0},
      {"DELETE FROM entries WHERE number = 12", "a", 6},
      {"DELETE FROM entries WHERE number >= 10", "a", 5},
      {"UPDATE entries SET sequence = 99 WHERE number = 8", "a", 4},
      {"UPDATE entries SET number = 99 WHERE number = 7", "b", 3},
      {"UPDATE entries SET stream = 2 - stream + 1, sequence = 50 WHERE number = 2", "a", 1},
      {"INSERT INTO entries SELECT -1, stream, 7, 'ent-y', header, salt, payload FROM entries "
       "WHERE number = 12",
       "a", 7},
      {"INSERT INTO entries SELECT 13, stream, 7, 'ent-y', header, salt, payload FROM entries "
       "WHERE number = 12",
       "a", 7},
      {"UPDATE streams SET next = 5 WHERE name = 'b'", "b", 5},
      {"UPDATE streams SET hash = zeroblob(32) WHERE name = 'b'", "b", 5},
      {"UPDATE streams SET name = 'c' WHERE name = 'b'", "c", 0},
      {"DELETE FROM streams WHERE name = 'b'", "b", 0},
  };
  for (const Case& tampering : cases) {
    SCOPED_TRACE(tampering.sql);
    std::filesystem::copy_file(path_, folder_ + "/copy.db");
    {
      auto raw = sqlite::Connection::open(folder_ + "/copy.db", {}).value();
      const auto done = raw->run(tampering.sql);
      ASSERT_TRUE(done) << done.error().message();
      EXPECT_GT(raw->changes(), 0);
    }
    {
      const auto store = open_sqlite(env_, folder_ + "/copy.db");
      ASSERT_TRUE(store) << store.error().message();
      codec::SigningKey::Seed seed{};
      const auto result = verify(
          **store,
          {.checkpoints = {},
           .key = codec::NoteKey{"test.example/ledger", codec::SigningKey(seed).public_key()}});
      ASSERT_TRUE(result);
      ASSERT_FALSE(result->passed());
      EXPECT_EQ(result->problems[0].stream, tampering.stream) << result->problems[0].what;
      EXPECT_EQ(result->problems[0].sequence, tampering.sequence) << result->problems[0].what;
    }
    for (const char* name : {"/copy.db", "/copy.db-wal", "/copy.db-shm"}) {
      std::filesystem::remove(folder_ + name);
    }
  }
}

TEST_F(SqliteFile, ClockJumpsHarmNothing) {
  create();
  auto store = open();
  using std::chrono::hours;
  Time now = codec::parse_timestamp("2026-03-01T00:00:00Z").value();
  const Lease first = store->take_lease("checkpointer", "a", now, hours(1)).value();
  now += hours(24 * 365);
  const Lease second = store->take_lease("checkpointer", "b", now, hours(1)).value();
  EXPECT_GT(second.fence, first.fence);
  now -= hours(24 * 365);
  // Back again: b's lease seems long; nobody else gets it, and a is fenced.
  EXPECT_FALSE(store->take_lease("checkpointer", "a", now, hours(1)));
  EXPECT_FALSE(store->save_checkpoint(first, {1, "x"}));
  // Entries keep their order whatever their times say.
  for (const char* time :
       {"2026-03-01T02:00:00Z", "2025-03-01T02:00:00Z", "2027-03-01T02:00:00Z"}) {
    const uint64_t next = store->head(StreamId("s")).value().next;
    const EntryDraft draft{.kind = "note",
                           .key = time,
                           .time = codec::parse_timestamp(time).value(),
                           .actor = "person/alice",
                           .content_version = "",
                           .payload = R"({"text":"x"})"};
    ASSERT_TRUE(store->append(StreamId("s"), next, std::span(&draft, 1)));
  }
  EXPECT_TRUE(verify(*store, {}).value().passed());
}

}  // namespace
}  // namespace stanch::ledger
