#include "pipeline/journal.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <functional>

#include "env/os/os.h"
#include "env/sim/sim.h"
#include "pipeline/journal_lines.h"

namespace stanch::pipeline {
namespace {

using testing::HasSubstr;

const std::vector<ScanSetting> kSettings = {{"--min-level", "low"}, {"input", "\xff bytes"}};

ScanSummary summary_of(uint64_t files) {
  ScanSummary summary;
  uint64_t number = 1'000'000'000'000;
  for (uint64_t* count :
       {&summary.files_failed, &summary.files_empty, &summary.digests_skipped, &summary.bytes_read,
        &summary.bytes_text, &summary.records, &summary.events, &summary.duplicates,
        &summary.conflicts, &summary.dedup_forgotten, &summary.tolerated, &summary.duplicate_keys,
        &summary.gated}) {
    *count = number++;
  }
  summary.files = files;
  for (uint64_t& count : summary.unparsed) count = number++;
  for (uint64_t& count : summary.findings) count = number++;
  summary.findings_by_rule = {0, 7, number};
  summary.findings_hidden = {{{0, 2}, 3}, {{1, 0}, number}};
  summary.correlations.events = number++;
  summary.correlations.without_time = number++;
  summary.first_event = Time(Duration(-5));
  summary.last_event = Time(Duration(1'700'000'000'000'000'001));
  summary.elapsed = Duration(123'456'789'012);
  for (uint64_t i = 0; i < files; ++i) {
    summary.errors.push_back({"in/\xff" + std::to_string(i), ingest::InputProblem::kBomb,
                              "too \"large\"\n", i % 2 == 0});
  }
  return summary;
}

void expect_equal(const ScanSummary& a, const ScanSummary& b) {
  EXPECT_EQ(checkpoint_line({a, {1, 2}}, 0), checkpoint_line({b, {1, 2}}, 0));
  ASSERT_EQ(a.errors.size(), b.errors.size());
  for (size_t i = 0; i < a.errors.size(); ++i) {
    EXPECT_EQ(a.errors[i].path, b.errors[i].path);
    EXPECT_EQ(a.errors[i].message, b.errors[i].message);
    EXPECT_EQ(a.errors[i].problem, b.errors[i].problem);
    EXPECT_EQ(a.errors[i].loss, b.errors[i].loss);
  }
}

TEST(JournalLines, AreReadAsTheyWereWritten) {
  const JournalHeader header{std::string(kJournalSchema), {0xFEDCBA9876543210}, kSettings};
  const std::string line = header_line(header);
  ASSERT_TRUE(line.ends_with('\n'));
  const std::string_view text = std::string_view(line).substr(0, line.size() - 1);
  ASSERT_TRUE(checks(text));
  const auto read = parse_header(text);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->schema, header.schema);
  EXPECT_EQ(read->secret.value, header.secret.value);
  ASSERT_EQ(read->same.size(), kSettings.size());
  EXPECT_EQ(read->same[1].value, "\xff bytes");

  const std::string point = checkpoint_line({summary_of(3), {11, 22}, 33}, 1);
  Checkpoint checkpoint;
  checkpoint.summary.errors = {summary_of(3).errors[0]};
  ASSERT_TRUE(parse_checkpoint(std::string_view(point).substr(0, point.size() - 1), checkpoint));
  EXPECT_EQ(checkpoint.output.findings, 11u);
  EXPECT_EQ(checkpoint.output.dead_letters, 22u);
  EXPECT_EQ(checkpoint.waiting_bytes, 33u);
  expect_equal(checkpoint.summary, summary_of(3));
}

// Whatever is cut off or changed in a line, it does not check any more.
TEST(JournalLines, ADamagedLineDoesNotCheck) {
  std::string line = keys_line(std::string(32, 'k'));
  line.pop_back();
  ASSERT_TRUE(checks(line));
  for (size_t size = 0; size < line.size(); ++size) EXPECT_FALSE(checks(line.substr(0, size)));
  for (size_t at = 0; at < line.size(); ++at) {
    std::string changed = line;
    changed[at] = '\0';
    EXPECT_FALSE(checks(changed)) << at;
  }
}

TEST(JournalLines, WhatIsOfAnotherKindIsNotRead) {
  struct Case {
    std::string name, line;
  };
  const Case cases[] = {
      {"no JSON", "{"},
      {"a list", "[]"},
      {"keys that are no base64", R"({"keys":"*"})"},
      {"half a key", R"({"keys":"AAAA"})"},
      {"a secret that is too short", R"({"schema":"stanch.scan-journal/3","secret":"12"})"},
      {"a secret that is no number",
       R"({"schema":"stanch.scan-journal/3","secret":"zzzzzzzzzzzzzzzz"})"},
      {"a setting that is no base64",
       R"({"schema":"s","secret":"0000000000000001","scan":[{"name":"x","value_base64":"*"}]})"},
      {"a checkpoint without counts", R"({"output_bytes":1,"dead_letter_bytes":0,"elapsed_ns":0})"},
      {"a negative size", R"({"output_bytes":-1,"dead_letter_bytes":0,"elapsed_ns":0})"},
  };
  for (const Case& given : cases) {
    Checkpoint checkpoint;
    EXPECT_FALSE(parse_header(given.line)) << given.name;
    EXPECT_FALSE(parse_keys(given.line)) << given.name;
    EXPECT_FALSE(parse_checkpoint(given.line, checkpoint)) << given.name;
  }
}

class JournalTest : public testing::Test {
 protected:
  // Two checkpoints with keys, and keys behind them that no checkpoint follows.
  std::string write(uint64_t keys = 3) {
    world_.run([&](env::Env env) {
      DedupMemory memory(100);
      auto journal = Journal::open(env, "j", kSettings).value();
      EXPECT_FALSE(journal->resumed());
      secret_ = journal->secret().value;
      for (uint64_t files : {2, 5}) {
        for (uint64_t i = 0; i < keys; ++i) {
          const uint64_t id = files * 100'000 + i;
          memory.see(id, i);
          ASSERT_TRUE(journal->add_key(id, i));
        }
        ASSERT_TRUE(journal->commit({summary_of(files), {files * 10, files}}, memory));
      }
      for (uint64_t i = 0; i < 5000; ++i) ASSERT_TRUE(journal->add_key(7'000'000 + i, 1));
    });
    return *world_.file("j");
  }

  // What a reader of the file gets: how many files are done, and how many keys.
  struct Read {
    uint64_t files = 0;
    size_t keys = 0;
    std::string error;
  };
  Read read() {
    Read read;
    world_.run([&](env::Env env) {
      auto journal = Journal::open(env, "j", kSettings);
      if (!journal) {
        read.error = journal.error().message();
        return;
      }
      if (!(*journal)->resumed()) return;
      EXPECT_EQ((*journal)->secret().value, secret_);
      expect_equal((*journal)->resumed()->summary,
                   summary_of((*journal)->resumed()->summary.files));
      DedupMemory memory(100);
      ASSERT_TRUE((*journal)->restore(memory));
      read.files = (*journal)->resumed()->summary.files;
      memory.for_each([&](uint64_t, uint64_t) { ++read.keys; });
    });
    return read;
  }

  env::SimWorld world_{1};
  uint64_t secret_ = 0;
};

TEST_F(JournalTest, GoesOnFromTheLastCheckpoint) {
  write();
  const Read first = read();
  EXPECT_EQ(first.files, 5u);
  EXPECT_EQ(first.keys, 6u);
  // Reading has cut off what no checkpoint follows.
  const std::string cut = *world_.file("j");
  EXPECT_LT(cut.rfind("{\"keys\""), cut.rfind("{\"output_bytes\":50"));
  EXPECT_EQ(read().keys, 6u);
}

// A checkpoint that returned outlives a power failure; so does the name of a file written anew.
TEST_F(JournalTest, ACheckpointIsDurable) {
  for (const uint64_t keys : {3, 1000}) {
    write(keys);
    world_.lose_power(env::CrashKind::kPowerLostWorst);
    const Read got = read();
    EXPECT_EQ(got.error, "");
    EXPECT_EQ(got.files, 5u) << keys;
    world_.run([](env::Env env) { ASSERT_TRUE(remove_journal(env.files, "j")); });
  }
}

// Wherever the file is cut, the checkpoints that are whole count.
TEST_F(JournalTest, ATornEndIsDropped) {
  const std::string whole = write();
  const size_t header = whole.find('\n') + 1;
  for (size_t size = header; size < std::min(whole.size(), size_t{6000}); size += 7) {
    world_.put_file("j", whole.substr(0, size));
    const Read got = read();
    ASSERT_EQ(got.error, "");
    ASSERT_TRUE(got.files == 0 || got.files == 2 || got.files == 5);
    ASSERT_EQ(got.keys, got.files == 0 ? 0u : got.files == 2 ? 3u : 6u) << size;
  }
  // And a hole in the middle, as a power failure may leave it.
  std::string holed = whole;
  const size_t second = holed.find("\"output_bytes\":50");
  ASSERT_NE(second, std::string::npos);
  holed[second] = '\0';
  world_.put_file("j", holed);
  EXPECT_EQ(read().files, 2u);
}

TEST_F(JournalTest, WhatIsNoJournalIsRefusedAndLeft) {
  const std::string whole = write();
  const std::string header = whole.substr(0, whole.find('\n') + 1);
  const JournalHeader next{"stanch.scan-journal/4", {1}, kSettings};
  for (const std::string& text : {std::string(), std::string("notes\n"), header.substr(1),
                                  header.substr(0, header.size() - 1), header_line(next)}) {
    world_.put_file("j", text);
    EXPECT_THAT(read().error, HasSubstr("no scan journal"));
    EXPECT_EQ(world_.file("j"), text);
  }
}

TEST_F(JournalTest, SaysEverythingThatDiffers) {
  write();
  struct Case {
    std::vector<ScanSetting> now;
    std::string says;
  };
  const Case cases[] = {
      {{{"--min-level", "high"}, {"input", "\xff bytes"}}, "--min-level: low then, high now"},
      {{{"--min-level", "low"}, {"input", ""}}, "input: \xff bytes then, none now"},
      {{{"--min-level", "low"}}, "input: \xff bytes then, none now"},
      {{{"--min-level", "low"}, {"other", "1"}}, "other: none then, 1 now"},
  };
  for (const Case& given : cases) {
    world_.run([&](env::Env env) {
      const auto journal = Journal::open(env, "j", given.now);
      ASSERT_FALSE(journal);
      EXPECT_EQ(journal.error().code(), ErrorCode::kInvalid);
      EXPECT_THAT(journal.error().message(), HasSubstr(given.says));
      EXPECT_THAT(journal.error().message(), HasSubstr("remove the journal"));
    });
  }
}

// The file does not grow with the scan, only with the memory.
TEST_F(JournalTest, IsWrittenAnewWhenItHasManyForgottenKeys) {
  world_.run([&](env::Env env) {
    DedupMemory memory(100);
    auto journal = Journal::open(env, "j", kSettings).value();
    secret_ = journal->secret().value;
    uint64_t files = 0;
    for (uint64_t i = 0; i < 20'000; ++i) {
      memory.see(i + 1, 0);
      ASSERT_TRUE(journal->add_key(i + 1, 0));
      if (i % 50 == 0) {
        files = i / 1000 + 1;
        ASSERT_TRUE(journal->commit({summary_of(files), {}}, memory));
        EXPECT_LT(world_.file("j")->size(), 120'000u);
      }
    }
    ASSERT_TRUE(journal->commit({summary_of(files), {}}, memory));
  });
  EXPECT_FALSE(world_.file(new_journal_path("j")));
  EXPECT_EQ(read().files, 20u);
  EXPECT_EQ(read().keys, 200u);
}

TEST_F(JournalTest, AFaultIsAnError) {
  write();
  for (const env::FileCall call :
       {env::FileCall::kStatus, env::FileCall::kOpen, env::FileCall::kRead, env::FileCall::kCreate,
        env::FileCall::kSync, env::FileCall::kSyncFolder}) {
    world_.inject({.call = call, .problem = EIO});
    EXPECT_THAT(read().error, HasSubstr("input/output error")) << static_cast<int>(call);
    world_.clear_faults();
  }
  EXPECT_EQ(read().files, 5u);
}

TEST_F(JournalTest, IsRemovedOnce) {
  write();
  world_.run([](env::Env env) {
    EXPECT_TRUE(remove_journal(env.files, "j"));
    EXPECT_TRUE(remove_journal(env.files, "j"));
  });
  world_.lose_power(env::CrashKind::kPowerLostWorst);
  EXPECT_FALSE(world_.file("j"));
}

TEST(Journal, IsForItsOwnerAlone) {
  std::string folder = testing::TempDir() + "stanch-journal-XXXXXX";
  ASSERT_NE(::mkdtemp(folder.data()), nullptr);
  env::OsEnv os;
  env::Env env = os.env();
  // One that a crash left behind, and that others may read.
  ASSERT_TRUE(env.files.create(new_journal_path(folder + "/j")));
  ASSERT_TRUE(Journal::open(env, folder + "/j", kSettings));
  struct stat found{};
  ASSERT_EQ(::stat((folder + "/j").c_str(), &found), 0);
  EXPECT_EQ(found.st_mode & 0777U, 0600U);
  std::filesystem::remove_all(folder);
}

TEST(Journal, KnowsTheFolderOfAPath) {
  EXPECT_EQ(folder_of("j"), ".");
  EXPECT_EQ(folder_of("/j"), "/");
  EXPECT_EQ(folder_of("a/b/j"), "a/b");
}

}  // namespace
}  // namespace stanch::pipeline
