// Packages: our own check, and the script with sha256sum and openssl, on every flipped byte.

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "codec/timestamp.h"
#include "env/os/os.h"
#include "ledger/checkpointer.h"
#include "ledger/erase.h"
#include "ledger/key_for_test.h"
#include "ledger/memory_store.h"
#include "ledger/package.h"

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

class Package : public ::testing::Test {
 protected:
  void SetUp() override {
    // In memory where there is such a file system: thousands of packages are read.
    const std::string base =
        std::filesystem::exists("/dev/shm") ? "/dev/shm" : ::testing::TempDir();
    std::string folder = base + "/stanch_package_XXXXXX";
    root_ = ::mkdtemp(folder.data());
    folder_ = root_ + "/package";
    state_->id = "led-package";
    state_->origin = "test.example/ledger";
    store_ = open_memory(env_, state_, "salt");
  }
  void TearDown() override { std::filesystem::remove_all(root_); }

  void append(const std::string& stream, const std::string& text, bool privileged = false) {
    const uint64_t next = store_->head(StreamId(stream)).value().next;
    const EntryDraft draft{
        .kind = "note",
        .key = std::to_string(next),
        .time = codec::parse_timestamp("2026-03-01T02:03:04Z").value(),
        .actor = "person/alice",
        .content_version = "",
        .payload = R"({"text":")" + text + "\"" + (privileged ? R"(,"privileged":true})" : "}")};
    const auto appended = store_->append(StreamId(stream), next, std::span(&draft, 1));
    ASSERT_TRUE(appended) << appended.error().message();
  }
  Exported export_all(ExportOptions options = {}) {
    const CheckpointOptions checkpoint{.holder = "t", .elsewhere = ""};
    EXPECT_TRUE(make_checkpoint(*store_, env_, key_, checkpoint));
    options.folder = folder_;
    options.program = "test";
    options.now = codec::parse_timestamp("2026-03-02T00:00:00Z").value();
    const auto exported = export_package(*store_, env_, key_, options);
    EXPECT_TRUE(exported) << exported.error().message();
    return exported ? *exported : Exported{};
  }
  Verification check() {
    const auto result = verify_package(env_, folder_, key_.public_key());
    EXPECT_TRUE(result) << result.error().message();
    return result ? result->entries : Verification{};
  }
  // The very script that lies in the package; its copy elsewhere, for when that one is changed.
  bool script_accepts(const std::string& script) {
    return run({"sh", script, root_ + "/key.pem"}) == 0;
  }
  // Its exit code; in the package's folder, and silent.
  int run(std::vector<std::string> arguments) {
    std::vector<char*> pointers;
    for (std::string& argument : arguments) pointers.push_back(argument.data());
    pointers.push_back(nullptr);
    const pid_t child = ::fork();
    if (child == 0) {
      const int silence = ::open("/dev/null", O_WRONLY);
      ::dup2(silence, STDOUT_FILENO);
      ::dup2(silence, STDERR_FILENO);
      if (::chdir(folder_.c_str()) == 0) ::execvp(pointers[0], pointers.data());
      ::_exit(127);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
  }

  env::OsEnv os_;
  env::Env env_ = os_.env();
  codec::SigningKey key_ = key_of(1);
  std::string root_, folder_;
  std::shared_ptr<MemoryState> state_ = std::make_shared<MemoryState>();
  std::unique_ptr<Store> store_;
};

TEST_F(Package, VerifiesByItselfAndByItsScript) {
  for (int i = 0; i < 300; ++i) append("incident/" + std::to_string(i % 7), std::to_string(i));
  append("we\\\"ird %s \u00e9 $(touch x)", "`id`");
  append("incident/0", "for counsel", true);
  ASSERT_TRUE(erase(*store_, {StreamId("incident/3"), 2, "law", "r", "person/dpo", Time{}}));
  const Exported exported = export_all();
  EXPECT_EQ(exported.streams, 8u);
  EXPECT_EQ(exported.entries, 303u);
  EXPECT_EQ(exported.erased, 1u);
  EXPECT_EQ(exported.withheld, 1u);
  const Verification result = check();
  EXPECT_TRUE(result.passed()) << result.problems[0].what;
  EXPECT_EQ(result.entries, 303u);
  EXPECT_EQ(result.covered, 303u);
  EXPECT_EQ(result.erased, 1u);
  write_text(root_ + "/key.pem", codec::to_pem(key_.public_key()));
  EXPECT_TRUE(script_accepts(folder_ + "/verify.sh"));
  write_text(root_ + "/key.pem", codec::to_pem(key_of(2).public_key()));
  EXPECT_FALSE(script_accepts(folder_ + "/verify.sh"));
  // The privileged note is not in it.
  EXPECT_EQ(run({"grep", "-rq", "for counsel", folder_}), 1);
  // A second export into the same folder is refused.
  const ExportOptions again{.folder = folder_, .streams = {}, .program = "", .now = {}};
  EXPECT_EQ(export_package(*store_, env_, key_, again).error().code(), ErrorCode::kInvalid);
}

TEST_F(Package, HoldsWhatWasAskedForAndWhatTheCheckpointCovers) {
  for (int i = 0; i < 20; ++i) append("s" + std::to_string(i % 4), std::to_string(i));
  append("s1", "for counsel", true);
  ASSERT_TRUE(make_checkpoint(*store_, env_, key_, {.holder = "t", .elsewhere = ""}));
  append("s1", "too new");
  const ExportOptions options{.folder = folder_,
                              .streams = {StreamId("s1"), StreamId("s3")},
                              .privileged = true,
                              .program = "test",
                              .now = {}};
  const auto exported = export_package(*store_, env_, key_, options);
  ASSERT_TRUE(exported) << exported.error().message();
  EXPECT_EQ(exported->entries, 11u);
  EXPECT_EQ(exported->withheld, 0u);
  EXPECT_TRUE(check().passed());
  write_text(root_ + "/key.pem", codec::to_pem(key_.public_key()));
  EXPECT_TRUE(script_accepts(folder_ + "/verify.sh"));
  std::filesystem::remove_all(folder_);
  const ExportOptions unknown{
      .folder = folder_, .streams = {StreamId("nobody")}, .program = "", .now = {}};
  EXPECT_EQ(export_package(*store_, env_, key_, unknown).error().code(), ErrorCode::kNotFound);
}

TEST_F(Package, NeedsACheckpoint) {
  append("s", "x");
  const ExportOptions options{.folder = folder_, .streams = {}, .program = "", .now = {}};
  EXPECT_EQ(export_package(*store_, env_, key_, options).error().code(), ErrorCode::kUnavailable);
}

// Every byte of every file; by the script one of 500, or with --faults one of 8.
TEST_F(Package, EveryFlippedByteIsFound) {
  for (int i = 0; i < 6; ++i) append("s" + std::to_string(i % 2), std::to_string(i));
  ASSERT_TRUE(erase(*store_, {StreamId("s0"), 1, "law", "r", "person/dpo", Time{}}));
  export_all();
  ASSERT_TRUE(check().passed());
  write_text(root_ + "/key.pem", codec::to_pem(key_.public_key()));
  const std::string script = root_ + "/verify.sh";
  std::filesystem::copy(folder_ + "/verify.sh", script);
  // The copy changes into its own folder; make it stay where it is called.
  std::string text = file_text(script);
  text.replace(text.find("cd \"$(dirname \"$0\")\""), 20, ":                   ");
  write_text(script, text);
  ASSERT_TRUE(script_accepts(script));
  const bool all = std::getenv("STANCH_FAULTS") != nullptr;
  const size_t every = all ? 8 : 500;
  size_t flips = 0, runs = 0;
  for (const auto& file : std::filesystem::recursive_directory_iterator(folder_)) {
    if (!file.is_regular_file()) continue;
    const std::string good = file_text(file.path());
    for (size_t i = 0; i < good.size(); ++i) {
      std::string bad = good;
      bad[i] = static_cast<char>(bad[i] ^ (1 << (i % 8)));
      write_text(file.path(), bad);
      ASSERT_FALSE(check().passed()) << file.path() << " " << i;
      if (flips++ % every == 0) {
        ++runs;
        ASSERT_FALSE(script_accepts(script)) << file.path() << " " << i;
      }
    }
    write_text(file.path(), good);
    // Missing, and longer.
    std::filesystem::rename(file.path(), root_ + "/away");
    EXPECT_FALSE(check().passed()) << file.path();
    EXPECT_TRUE(!all || !script_accepts(script)) << file.path();
    std::filesystem::rename(root_ + "/away", file.path());
    write_text(file.path(), good + "\n");
    EXPECT_FALSE(check().passed()) << file.path();
    EXPECT_TRUE(!all || !script_accepts(script)) << file.path();
    write_text(file.path(), good);
  }
  write_text(folder_ + "/data/extra", "");
  EXPECT_FALSE(check().passed());
  EXPECT_FALSE(script_accepts(script));
  std::filesystem::remove(folder_ + "/data/extra");
  EXPECT_TRUE(check().passed());
  EXPECT_TRUE(script_accepts(script));
  EXPECT_GT(flips, 5'000u);
  RecordProperty("script_runs", static_cast<int>(runs));
}

// By whoever has the key but not another history: the manifests say nothing against it.
TEST_F(Package, SignedAnewWithOtherContentsIsFoundByTheScriptToo) {
  for (int i = 0; i < 5; ++i) append("s", "text " + std::to_string(i));
  export_all();
  write_text(root_ + "/key.pem", codec::to_pem(key_.public_key()));
  const auto manifest = [&](const std::vector<std::string>& names) {
    std::string lines;
    for (const std::string& name : names) {
      lines += codec::to_hex(codec::sha256(file_text(folder_ + "/" + name))) + "  " + name + "\n";
    }
    return lines;
  };
  const auto sign_anew = [&] {
    write_text(
        folder_ + "/manifest-sha256.txt",
        manifest({"data/ledger-id.txt", "data/log/checkpoint", "data/log/leaves.txt",
                  "data/omitted.tsv", "data/streams.tsv", "data/streams/000000.headers.ndjson",
                  "data/streams/000000.payloads.txt"}));
    const std::string tags = manifest({"bag-info.txt", "bagit.txt", "keys/ledger.pub.pem",
                                       "keys/ledger.vkey", "manifest-sha256.txt", "verify.sh"});
    write_text(folder_ + "/tagmanifest-sha256.txt", tags);
    const auto signature = key_.sign(tags);
    write_text(folder_ + "/tagmanifest-sha256.sig", {signature.begin(), signature.end()});
  };
  struct Case {
    const char* file;
    const char* from;
    const char* to;
    const char* said;
  };
  const std::string leaves = file_text(folder_ + "/data/log/leaves.txt");
  const std::string last_leaf = leaves.substr(leaves.size() - 65);
  const std::string other_leaf = std::string(64, 'a') + "\n";
  const Case cases[] = {
      {"data/log/leaves.txt", last_leaf.c_str(), "", "the number of leaves"},
      {"data/log/leaves.txt", last_leaf.c_str(), other_leaf.c_str(), "the root of the tree"},
      {"data/log/checkpoint", "\n5\n", "\n4\n", "the signature of"},
      {"data/streams.tsv", "\t5\t", "\t4\t", "the number of entries of s"},
      {"data/streams/000000.headers.ndjson", "alice", "mallo", "the chain of s"},
      {"data/streams/000000.payloads.txt", "text 2", "text 7", "a payload of s"},
      {"data/ledger-id.txt", "led-", "lid-", "the chain of s"},
  };
  for (const Case& one : cases) {
    SCOPED_TRACE(one.said);
    const std::string path = folder_ + "/" + one.file, good = file_text(path);
    std::string bad = good;
    const size_t at = bad.find(one.from);
    ASSERT_NE(at, bad.npos);
    write_text(path, bad.replace(at, std::strlen(one.from), one.to));
    sign_anew();
    EXPECT_FALSE(check().passed());
    EXPECT_EQ(
        run({"sh", "-c",
             std::string("sh verify.sh ../key.pem 2>&1 | grep -q 'FAILED: ") + one.said + "'"}),
        0);
    write_text(path, good);
  }
  // The last entry: no other names its hash, but its leaf is in the tree.
  const std::string path = folder_ + "/data/streams/000000.headers.ndjson", good = file_text(path);
  std::string bad = good;
  write_text(path, bad.replace(bad.rfind("alice"), 5, "mallo"));
  sign_anew();
  EXPECT_FALSE(check().passed());
  EXPECT_EQ(run({"sh", "-c", "sh verify.sh ../key.pem 2>&1 | grep -q 'not in the tree'"}), 0);
  write_text(path, good);
  sign_anew();
  EXPECT_TRUE(check().passed());
  EXPECT_TRUE(script_accepts(folder_ + "/verify.sh"));
}

TEST_F(Package, SignedAnewByAnotherIsFound) {
  append("s", "x");
  key_ = key_of(2);
  state_->checkpoints.clear();
  export_all();
  EXPECT_TRUE(check().passed());
  key_ = key_of(1);
  EXPECT_FALSE(check().passed());
}

}  // namespace
}  // namespace stanch::ledger
