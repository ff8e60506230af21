// Tampering: whatever is done to the rows, verify says so and names the first bad entry.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <memory>

#include "codec/timestamp.h"
#include "env/os/os.h"
#include "ledger/checkpointer.h"
#include "ledger/erase.h"
#include "ledger/key_for_test.h"
#include "ledger/keys.h"
#include "ledger/memory_store.h"
#include "ledger/verify.h"

namespace stanch::ledger {
namespace {

using model::EntryDraft;
using model::StreamId;

const codec::NoteKey kVerifier{"test.example/ledger", key_of(1).public_key()};

class Tamper : public ::testing::Test {
 protected:
  void SetUp() override {
    state_->id = "led-test";
    state_->origin = "test.example/ledger";
    store_ = open_memory(env_, state_, "salt");
    // Three streams, interleaved; `covered_` entries in the tree, some behind it.
    for (uint64_t i = 0; i < 4; ++i) {
      for (const char* stream : {"a", "b", "c"}) append(stream, i);
    }
    note_ = checkpoint();
    for (uint64_t i = 4; i < 6; ++i) {
      for (const char* stream : {"a", "b", "c"}) append(stream, i);
    }
  }

  void append(const std::string& stream, uint64_t at) {
    const EntryDraft draft{.kind = "note",
                           .key = std::to_string(at),
                           .time = codec::parse_timestamp("2026-03-01T02:03:04Z").value(),
                           .actor = "person/alice",
                           .content_version = "",
                           .payload = R"({"text":")" + stream + std::to_string(at) + "\"}"};
    ASSERT_TRUE(store_->append(StreamId(stream), at, std::span(&draft, 1)));
  }
  std::string checkpoint() {
    const auto made = make_checkpoint(*store_, env_, key_of(1), {.holder = "t", .elsewhere = ""});
    EXPECT_TRUE(made) << made.error().message();
    return made ? made->note : "";
  }
  Verification check(const std::vector<std::string>& notes = {}) {
    VerifyOptions options{.checkpoints = {}, .key = kVerifier};
    for (const std::string& note : notes) options.checkpoints.push_back({"elsewhere", note});
    return verify(*store_, options).value();
  }
  // As somebody would who owns the machine: links and tree are made right again.
  void make_consistent() {
    std::map<std::string, codec::Sha256> heads;
    for (auto& row : state_->rows) {
      model::Entry entry = model::parse_header_line(row.header).value();
      const StreamId stream(row.stream);
      entry.prev =
          heads.contains(row.stream) ? heads[row.stream] : model::stream_root(state_->id, stream);
      row.header = model::header_line(entry);
      heads[row.stream] = model::entry_hash(row.header);
    }
    ASSERT_TRUE(store_->rebuild());
  }

  env::OsEnv os_;
  env::Env env_ = os_.env();
  std::shared_ptr<MemoryState> state_ = std::make_shared<MemoryState>();
  std::unique_ptr<Store> store_;
  std::string note_;
};

TEST_F(Tamper, AnUntouchedLedgerVerifies) {
  const Verification result = check({note_});
  EXPECT_TRUE(result.passed());
  EXPECT_EQ(result.entries, 18u);
  EXPECT_EQ(result.streams, 3u);
  EXPECT_EQ(result.covered, 12u);
  EXPECT_EQ(result.checkpoints, 2u);
}

// Each byte of each column of each row; with --faults each bit of it.
TEST_F(Tamper, EveryFlippedBitOfARowIsFoundAndItsEntryNamed) {
  const bool every_bit = std::getenv("STANCH_FAULTS") != nullptr;
  size_t flips = 0;
  for (size_t i = 0; i < state_->rows.size(); ++i) {
    MemoryState::Row& row = state_->rows[i];
    for (std::string* column : {&row.header, &row.payload->json, &row.payload->salt, &row.id}) {
      for (char& byte : *column) {
        for (int bit = 0; bit < 8; ++bit) {
          if (!every_bit && bit != static_cast<int>(flips % 8)) continue;
          byte = static_cast<char>(byte ^ (1 << bit));
          const Verification result = check();
          ASSERT_FALSE(result.passed()) << row.header << " " << *column;
          ASSERT_EQ(result.problems[0].number, i) << result.problems[0].what << " " << *column;
          byte = static_cast<char>(byte ^ (1 << bit));
        }
        ++flips;
      }
    }
  }
  EXPECT_GT(flips, 7'000u);
  EXPECT_TRUE(check().passed());
}

TEST_F(Tamper, EveryFlippedBitOfATileOrCheckpointIsFound) {
  for (auto& [key, tile] : state_->tiles) {
    for (char& byte : tile) {
      byte = static_cast<char>(byte ^ 4);
      EXPECT_FALSE(check().passed());
      byte = static_cast<char>(byte ^ 4);
    }
  }
  for (auto& [size, note] : state_->checkpoints) {
    for (char& byte : note) {
      byte = static_cast<char>(byte ^ 1);
      EXPECT_FALSE(check().passed());
      byte = static_cast<char>(byte ^ 1);
    }
  }
  EXPECT_TRUE(check().passed());
}

TEST_F(Tamper, EveryChangeOfRowsIsFoundAndTheFirstBadEntryNamed) {
  const MemoryState good = *state_;
  const auto rebuild_places = [&] {
    state_->places.clear();
    for (size_t i = 0; i < state_->rows.size(); ++i) {
      state_->places[state_->rows[i].stream].push_back(i);
    }
  };
  for (size_t i = 0; i < good.rows.size(); ++i) {
    SCOPED_TRACE(i);
    // Delete.
    state_->rows.erase(state_->rows.begin() + static_cast<ptrdiff_t>(i));
    rebuild_places();
    const Verification deleted = check();
    ASSERT_FALSE(deleted.passed());
    const VerifyProblem& first = deleted.problems[0];
    EXPECT_TRUE(first.number <= i ||
                (first.stream == good.rows[i].stream && first.sequence == good.rows[i].sequence));
    *state_ = good;
    for (size_t j = i + 1; j < good.rows.size(); ++j) {
      // Reorder.
      std::swap(state_->rows[i], state_->rows[j]);
      rebuild_places();
      const Verification swapped = check();
      const bool harmless = good.rows[i].stream != good.rows[j].stream && i >= 12;
      if (!harmless) {
        ASSERT_FALSE(swapped.passed()) << j;
        EXPECT_LE(swapped.problems[0].number, j);
      }
      *state_ = good;
      // Splice: one row's text in another's place, so that its columns still fit.
      state_->rows[i].header = good.rows[j].header;
      state_->rows[i].payload = good.rows[j].payload;
      const Verification spliced = check();
      ASSERT_FALSE(spliced.passed());
      EXPECT_EQ(spliced.problems[0].number, i);
      *state_ = good;
    }
  }
}

// With links and tree made right again, only what is kept elsewhere can tell.
TEST_F(Tamper, HistoryWrittenAnewIsFoundByACheckpointElsewhere) {
  for (size_t i = 0; i < 12; ++i) {
    const MemoryState good = *state_;
    model::Entry entry = model::parse_header_line(state_->rows[i].header).value();
    entry.actor = "person/mallory";
    state_->rows[i].header = model::header_line(entry);
    make_consistent();
    state_->checkpoints.clear();
    EXPECT_TRUE(check().passed()) << "else this test tests nothing";
    const Verification result = check({note_});
    ASSERT_FALSE(result.passed());
    EXPECT_NE(result.problems[0].what.find("not those that it signed"), std::string::npos);
    *state_ = good;
  }
  EXPECT_TRUE(check({note_}).passed());
}

TEST_F(Tamper, RollingBackIsFoundByACheckpointElsewhere) {
  const MemoryState old = *state_;
  append("a", 6);
  const std::string newer = checkpoint();
  ASSERT_TRUE(check({note_, newer}).passed());
  *state_ = old;
  EXPECT_TRUE(check({note_}).passed());
  const Verification result = check({note_, newer});
  ASSERT_EQ(result.problems_total, 1u);
  EXPECT_NE(result.problems[0].what.find("cut off or rolled back"), std::string::npos);
  EXPECT_EQ(result.problems[0].number, 18u);
  EXPECT_EQ(result.covered, 12u);
}

TEST_F(Tamper, ACheckpointOfAnotherKeyOrLedgerDoesNotCount) {
  const codec::Checkpoint other{"test.example/ledger", {0, codec::merkle_empty_root()}, {}};
  EXPECT_FALSE(
      check({codec::sign_note(codec::to_text(other), "test.example/ledger", key_of(2))}).passed());
  const codec::Checkpoint foreign{"other.example", {0, codec::merkle_empty_root()}, {}};
  EXPECT_FALSE(check({codec::sign_note(codec::to_text(foreign), "test.example/ledger", key_of(1))})
                   .passed());
  EXPECT_FALSE(check({"nonsense"}).passed());
}

TEST_F(Tamper, ThePayloadThatNoEntryErasedIsMissing) {
  state_->rows[4].payload.reset();
  const Verification result = check();
  ASSERT_FALSE(result.passed());
  EXPECT_EQ(result.problems[0].stream, "b");
  EXPECT_EQ(result.problems[0].sequence, 1u);
}

// Whoever reads it is not told a lie, without asking for a verification.
TEST_F(Tamper, AChangedPayloadIsReadByNobody) {
  ASSERT_TRUE(store_->read(StreamId("b"), 0));
  state_->rows[4].payload->json[9] ^= 1;
  const auto entries = store_->read(StreamId("b"), 0);
  ASSERT_FALSE(entries);
  EXPECT_EQ(entries.error().code(), ErrorCode::kCorrupt);
  EXPECT_FALSE(store_->follow({}));
}

// ---------------------------------------------------------------- checkpointer

TEST_F(Tamper, TheCheckpointerSignsNoSecondHistory) {
  model::Entry entry = model::parse_header_line(state_->rows[3].header).value();
  entry.actor = "person/mallory";
  state_->rows[3].header = model::header_line(entry);
  make_consistent();
  const CheckpointOptions options{.holder = "t", .elsewhere = ""};
  const auto made = make_checkpoint(*store_, env_, key_of(1), options);
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().code(), ErrorCode::kCorrupt);
  EXPECT_EQ(state_->checkpoints.size(), 1u);
}

TEST_F(Tamper, TheCheckpointerSignsNothingOverARolledBackLedger) {
  const std::string path = ::testing::TempDir() + "/stanch_elsewhere_" +
                           std::to_string(::testing::UnitTest::GetInstance()->random_seed()) +
                           std::to_string(::getpid());
  const MemoryState old = *state_;
  const CheckpointOptions options{.holder = "t", .elsewhere = path};
  const auto first = make_checkpoint(*store_, env_, key_of(1), options);
  ASSERT_TRUE(first) << first.error().message();
  EXPECT_EQ(read_file(env_.files, path, 10'000).value(), first->note);
  EXPECT_EQ(first->added, 6u);
  // The same again: nothing is new.
  const auto again = make_checkpoint(*store_, env_, key_of(1), options);
  ASSERT_TRUE(again);
  EXPECT_EQ(again->note, first->note);
  EXPECT_EQ(again->added, 0u);
  *state_ = old;
  state_->rows.resize(15);
  const auto after = make_checkpoint(*store_, env_, key_of(1), options);
  ASSERT_FALSE(after);
  EXPECT_EQ(after.error().code(), ErrorCode::kCorrupt);
  // Somebody else's file is not overwritten.
  ASSERT_TRUE(replace_file(env_.files, path, "precious\n"));
  EXPECT_FALSE(make_checkpoint(*store_, env_, key_of(1), options));
  EXPECT_EQ(read_file(env_.files, path, 10'000).value(), "precious\n");
  ASSERT_TRUE(env_.files.remove(path));
}

TEST_F(Tamper, OneCheckpointerAtATime) {
  ASSERT_TRUE(store_->take_lease("checkpointer", "other", env_.clock.now(), std::chrono::hours(1)));
  const CheckpointOptions options{.holder = "t", .elsewhere = ""};
  EXPECT_EQ(make_checkpoint(*store_, env_, key_of(1), options).error().code(),
            ErrorCode::kConflict);
}

TEST_F(Tamper, ProofsProve) {
  checkpoint();
  for (const char* stream : {"a", "b", "c"}) {
    for (uint64_t sequence = 0; sequence < 6; ++sequence) {
      const auto proof = prove_inclusion(*store_, StreamId(stream), sequence);
      ASSERT_TRUE(proof) << proof.error().message();
      const auto opened = codec::open_checkpoint(proof->checkpoint, kVerifier);
      ASSERT_TRUE(opened);
      EXPECT_TRUE(codec::proves_inclusion(codec::merkle_leaf(model::header_line(proof->entry)),
                                          proof->leaf, opened->tree, proof->hashes));
    }
  }
  EXPECT_EQ(prove_inclusion(*store_, StreamId("a"), 6).error().code(), ErrorCode::kNotFound);
  append("a", 6);
  EXPECT_EQ(prove_inclusion(*store_, StreamId("a"), 6).error().code(), ErrorCode::kUnavailable);
  const auto consistent = prove_consistency(*store_, note_);
  ASSERT_TRUE(consistent) << consistent.error().message();
  EXPECT_EQ(consistent->old_tree.size, 12u);
  EXPECT_TRUE(
      codec::proves_consistency(consistent->old_tree, consistent->tree, consistent->hashes));
}

// ---------------------------------------------------------------- erasing

class Erasing : public Tamper {
 protected:
  Result<model::EntryCitation> erase_one(const std::string& stream, uint64_t sequence) {
    return erase(*store_, {.stream = StreamId(stream),
                           .sequence = sequence,
                           .authority = "GDPR art. 17",
                           .reason = "asked for",
                           .actor = "person/dpo",
                           .time = codec::parse_timestamp("2026-04-01T00:00:00Z").value()});
  }
  void say(const std::string& stream, const std::string& kind, const std::string& payload) {
    const EntryDraft draft{.kind = kind,
                           .key = kind + payload,
                           .time = codec::parse_timestamp("2026-03-02T00:00:00Z").value(),
                           .actor = "person/counsel",
                           .content_version = "",
                           .payload = payload};
    const auto appended = store_->append(
        StreamId(stream), store_->head(StreamId(stream)).value().next, std::span(&draft, 1));
    ASSERT_TRUE(appended) << appended.error().message();
  }
};

TEST_F(Erasing, LeavesAChainThatVerifiesAndShowsTheGap) {
  const auto said = erase_one("b", 2);
  ASSERT_TRUE(said) << said.error().message();
  EXPECT_EQ(said->sequence, 6u);
  const Verification result = check({note_});
  EXPECT_TRUE(result.passed()) << result.problems[0].what;
  EXPECT_EQ(result.erased, 1u);
  EXPECT_EQ(result.covered, 12u);
  // Repeating it does nothing.
  EXPECT_EQ(erase_one("b", 2).value(), *said);
  EXPECT_EQ(store_->head(StreamId("b")).value().next, 7u);
}

TEST_F(Erasing, ThatWasNotCompletedIsToldAndCompletedByRepeating) {
  const auto kept = state_->rows[7].payload;
  ASSERT_TRUE(erase_one("b", 2));
  state_->rows[7].payload = kept;  // as if the crash had come between the two steps
  const Verification result = check();
  ASSERT_FALSE(result.passed());
  EXPECT_EQ(result.problems[0].stream, "b");
  EXPECT_EQ(result.problems[0].sequence, 2u);
  EXPECT_NE(result.problems[0].what.find("repeat"), std::string::npos);
  ASSERT_TRUE(erase_one("b", 2));
  EXPECT_TRUE(check().passed());
}

TEST_F(Erasing, IsRefusedUnderALegalHold) {
  say("b", "legal_hold_set", R"({"hold":"case 7","authority":"court","reason":"r"})");
  EXPECT_EQ(erase_one("b", 2).error().code(), ErrorCode::kDenied);
  EXPECT_TRUE(erase_one("a", 2));
  say("b", "legal_hold_set", R"({"hold":"case 8","authority":"court","reason":"r"})");
  say("b", "legal_hold_released", R"({"hold":"case 7","authority":"court","reason":"r"})");
  EXPECT_EQ(erase_one("b", 2).error().code(), ErrorCode::kDenied);
  say("b", "legal_hold_released", R"({"hold":"case 8","authority":"court","reason":"r"})");
  EXPECT_TRUE(erase_one("b", 2));
  say("control", "legal_hold_set", R"({"hold":"all","authority":"court","reason":"r"})");
  EXPECT_EQ(erase_one("c", 2).error().code(), ErrorCode::kDenied);
}

TEST_F(Erasing, IsRefusedForWhatMustStay) {
  say("a", "legal_hold_released", R"({"hold":"none","authority":"court","reason":"r"})");
  EXPECT_EQ(erase_one("a", 6).error().code(), ErrorCode::kDenied);
  EXPECT_EQ(erase_one("a", 99).error().code(), ErrorCode::kNotFound);
  EXPECT_EQ(erase_one("nobody", 0).error().code(), ErrorCode::kNotFound);
}

TEST_F(Erasing, RetentionNamesWhatIsTooOld) {
  const Time now = codec::parse_timestamp("2026-06-01T00:00:00Z").value();
  EXPECT_TRUE(expired(*store_, now, 100).value().empty());
  say("control", "retention_set",
      R"({"class":"incident","days":30,"authority":"policy 4","reason":"r"})");
  EXPECT_EQ(expired(*store_, now, 100).value().size(), 18u);
  EXPECT_EQ(expired(*store_, now, 5).value().size(), 5u);
  EXPECT_EQ(expired(*store_, now, 100).value()[0].authority, "policy 4");
  say("b", "legal_hold_set", R"({"hold":"case 7","authority":"court","reason":"r"})");
  EXPECT_EQ(expired(*store_, now, 100).value().size(), 12u);
  say("control", "retention_set",
      R"({"class":"incident","days":3000,"authority":"policy 5","reason":"r"})");
  EXPECT_TRUE(expired(*store_, now, 100).value().empty());
}

// ---------------------------------------------------------------- kinds of a newer program

TEST_F(Tamper, KindsOfANewerProgramAreCarried) {
  MemoryState::Row row = state_->rows.back();
  model::Entry entry = model::parse_header_line(row.header).value();
  entry.prev = model::entry_hash(row.header);
  entry.sequence = 6;
  entry.kind = "quantum_entangled";
  entry.kind_version = 9;
  entry.id = model::entry_id(entry.stream, entry.kind, "k");
  row.payload->json = R"({"spin":{"up":[1,2]}})";
  entry.commitment = model::payload_commitment(*row.payload);
  row.header = model::header_line(entry);
  row.sequence = 6;
  row.id = entry.id.text();
  state_->places["c"].push_back(state_->rows.size());
  state_->rows.push_back(row);
  state_->heads["c"] = model::entry_hash(row.header);
  append("c", 7);
  EXPECT_TRUE(check().passed());
  const auto read = read_all(*store_, StreamId("c")).value();
  EXPECT_EQ(read[6].kind, "quantum_entangled");
  EXPECT_EQ(read[6].payload->json, R"({"spin":{"up":[1,2]}})");
  EXPECT_EQ(erase(*store_, {StreamId("c"), 6, "a", "r", "person/x", Time{}}).error().code(),
            ErrorCode::kInvalid);
}

}  // namespace
}  // namespace stanch::ledger
