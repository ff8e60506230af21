#include "env/os/os.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <filesystem>
#include <fstream>

#include "env/os/parts.h"

namespace stanch::env {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class OsTest : public testing::Test {
 protected:
  OsTest() {
    std::string pattern = testing::TempDir() + "stanch-os-XXXXXX";
    folder_ = ::mkdtemp(pattern.data());
  }
  ~OsTest() override { std::filesystem::remove_all(folder_); }

  std::string path(const std::string& name) const { return folder_ + "/" + name; }
  void put(const std::string& name, std::string_view bytes) {
    std::ofstream(path(name), std::ios::binary) << bytes;
  }
  std::string get(const std::string& name) {
    std::ifstream file(path(name), std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }

  OsEnv os_;
  Env env_ = os_.env();
  std::string folder_;
};

TEST_F(OsTest, ReadsAFileToItsEnd) {
  put("a", "hello");
  auto file = env_.files.open(path("a"));
  ASSERT_TRUE(file);
  std::string buffer(3, '\0');
  EXPECT_EQ((*file)->read(buffer).value(), 3u);
  EXPECT_EQ(buffer, "hel");
  EXPECT_EQ((*file)->read(buffer).value(), 2u);
  EXPECT_EQ((*file)->read(buffer).value(), 0u);
}

TEST_F(OsTest, ErrorsNamePathAndReason) {
  put("file", "x");
  ASSERT_TRUE(env_.files.make_folders(path("full")));
  put("full/member", "x");
  struct Case {
    std::string name;
    Result<> result;
    ErrorCode code;
    std::string text;
  };
  auto drop = [](auto result) -> Result<> {
    if (!result) return std::move(result).error();
    return {};
  };
  const Case cases[] = {
      {"open missing", drop(env_.files.open(path("no"))), ErrorCode::kNotFound, "no such file"},
      {"open folder", drop(env_.files.open(folder_)), ErrorCode::kInvalid, "it is a folder"},
      {"open through a file", drop(env_.files.open(path("file/x"))), ErrorCode::kNotFound,
       "a part of the path is not a folder"},
      {"status missing", drop(env_.files.status(path("no"))), ErrorCode::kNotFound, "no such file"},
      {"list missing", drop(env_.files.list(path("no"))), ErrorCode::kNotFound, "no such file"},
      {"list a file", drop(env_.files.list(path("file"))), ErrorCode::kNotFound, "not a folder"},
      {"create in missing", drop(env_.files.create(path("no/x"))), ErrorCode::kNotFound,
       "no such file"},
      {"create over folder", drop(env_.files.create(folder_)), ErrorCode::kInvalid, "folder"},
      {"append shorter", drop(env_.files.open_append(path("file"), 2)), ErrorCode::kCorrupt,
       "it holds 1 bytes where 2 were kept"},
      {"rename missing", env_.files.rename(path("no"), path("x")), ErrorCode::kNotFound,
       "no such file"},
      {"remove missing", env_.files.remove(path("no")), ErrorCode::kNotFound, "no such file"},
      {"remove full folder", env_.files.remove(path("full")), ErrorCode::kConflict, "not empty"},
      {"folder over file", env_.files.make_folders(path("file/x")), ErrorCode::kConflict,
       "exists already"},
      {"sync missing folder", env_.files.sync_folder(path("no")), ErrorCode::kNotFound,
       "no such file"},
  };
  for (const Case& c : cases) {
    ASSERT_FALSE(c.result.has_value()) << c.name;
    EXPECT_EQ(c.result.error().code(), c.code) << c.name;
    EXPECT_THAT(c.result.error().message(), HasSubstr(c.text)) << c.name;
    EXPECT_THAT(c.result.error().message(), HasSubstr(folder_)) << c.name;
  }
}

TEST_F(OsTest, WritesSyncsRenamesAndRemoves) {
  ASSERT_TRUE(env_.files.make_folders(path("a/b/c")));
  ASSERT_TRUE(env_.files.make_folders(path("a/b/c/")));  // there already
  put("a/b/f", "old and longer");
  {
    auto file = env_.files.create(path("a/b/f"));
    ASSERT_TRUE(file);
    ASSERT_TRUE((*file)->append("one "));
    ASSERT_TRUE((*file)->append("two"));
    ASSERT_TRUE((*file)->sync());
  }
  EXPECT_EQ(get("a/b/f"), "one two");
  ASSERT_TRUE(env_.files.rename(path("a/b/f"), path("a/g")));
  ASSERT_TRUE(env_.files.sync_folder(path("a")));
  EXPECT_THAT(env_.files.list(path("a")).value(), ElementsAre("b", "g"));
  ASSERT_TRUE(env_.files.remove(path("a/g")));
  ASSERT_TRUE(env_.files.remove(path("a/b/c")));
  EXPECT_THAT(env_.files.list(path("a/b")).value(), ElementsAre());
}

TEST_F(OsTest, AWholePathIsNamedFromTheRoot) {
  put("f", "x");
  const auto whole = env_.files.whole_path(path("./f"));
  ASSERT_TRUE(whole);
  EXPECT_TRUE(whole->starts_with('/') && whole->ends_with("/f")) << *whole;
  EXPECT_FALSE(whole->contains("/./"));
  EXPECT_EQ(env_.files.whole_path(path("none")).error().code(), ErrorCode::kNotFound);
}

TEST_F(OsTest, OpenAppendCutsAndGoesOn) {
  put("a", "0123456789");
  {
    auto file = env_.files.open_append(path("a"), 4);
    ASSERT_TRUE(file);
    ASSERT_TRUE((*file)->append("ab"));
  }
  EXPECT_EQ(get("a"), "0123ab");
  ASSERT_TRUE(env_.files.open_append(path("new"), 0));
  EXPECT_EQ(get("new"), "");
}

TEST_F(OsTest, StatusTellsWhetherTwoPathsAreOneFile) {
  put("a", "12345");
  put("other", "12345");
  std::filesystem::create_symlink(path("a"), path("link"));
  FileStatus a = env_.files.status(path("a")).value();
  FileStatus link = env_.files.status(path("link")).value();
  FileStatus other = env_.files.status(path("other")).value();
  EXPECT_EQ(a.kind, FileKind::kFile);
  EXPECT_EQ(a.size, 5u);
  EXPECT_EQ(a.inode, link.inode);
  EXPECT_EQ(a.device, link.device);
  EXPECT_NE(a.inode, other.inode);
  EXPECT_EQ(env_.files.status(folder_).value().kind, FileKind::kFolder);
  EXPECT_EQ(env_.files.status("/dev/null").value().kind, FileKind::kOther);
}

TEST_F(OsTest, ALockHasOneHolder) {
  auto held = env_.files.lock(path("lock"));
  ASSERT_TRUE(held);
  const auto refused = env_.files.lock(path("lock"));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code(), ErrorCode::kConflict);
  EXPECT_THAT(refused.error().message(), HasSubstr("it is in use"));
  EXPECT_TRUE(env_.files.lock(path("other")));
  held->reset();
  EXPECT_TRUE(env_.files.lock(path("lock")));

  put("kept", "what stands in it");
  EXPECT_TRUE(env_.files.lock(path("kept")));
  EXPECT_EQ(get("kept"), "what stands in it");
  struct stat found{};
  ASSERT_EQ(::stat(path("lock").c_str(), &found), 0);
  EXPECT_EQ(found.st_mode & 0777, 0600u);
  EXPECT_EQ(env_.files.lock(folder_).error().code(), ErrorCode::kInvalid);
  EXPECT_EQ(env_.files.lock(path("no/lock")).error().code(), ErrorCode::kNotFound);
}

// A process that was killed holds nothing any more.
TEST_F(OsTest, ALockEndsWithItsProcess) {
  int ready[2];
  ASSERT_EQ(::pipe(ready), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    const auto held = env_.files.lock(path("lock"));
    (void)!::write(ready[1], held ? "y" : "n", 1);
    for (;;) ::pause();
  }
  char answer = 0;
  ASSERT_EQ(::read(ready[0], &answer, 1), 1);
  EXPECT_EQ(answer, 'y');
  EXPECT_FALSE(env_.files.lock(path("lock")));
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
  EXPECT_TRUE(env_.files.lock(path("lock")));
  ::close(ready[0]);
  ::close(ready[1]);
}

// Many who lock, remove and give back: never two at a time.
TEST_F(OsTest, ARemovedLockIsNotHeldTwice) {
  std::atomic<int> holders = 0, most = 0, turns = 0, missing = 0;
  std::vector<std::unique_ptr<Thread>> threads;
  for (int i = 0; i < 4; ++i) {
    threads.push_back(env_.threads.start("holder", [&] {
      for (int turn = 0; turn < 3000; ++turn) {
        const auto held = env_.files.lock(path("lock"));
        if (!held) continue;
        ++turns;
        const int now = ++holders;
        if (now > most) most = now;
        --holders;
        if (!env_.files.remove(path("lock"))) ++missing;
      }
    }));
  }
  threads.clear();
  EXPECT_EQ(most, 1);
  EXPECT_EQ(missing, 0);
  EXPECT_GT(turns, 100);
}

TEST_F(OsTest, DevicesCanBeWrittenAndSynced) {
  auto file = env_.files.create("/dev/null");
  ASSERT_TRUE(file);
  EXPECT_TRUE((*file)->append("gone"));
  EXPECT_TRUE((*file)->sync());
}

TEST_F(OsTest, FullDiskIsReported) {
  if (::access("/dev/full", W_OK) != 0) GTEST_SKIP() << "no /dev/full here";
  auto file = env_.files.create("/dev/full");
  ASSERT_TRUE(file);
  auto result = (*file)->append("x");
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code(), ErrorCode::kUnavailable);
  EXPECT_EQ(result.error().message(), "cannot write /dev/full: no space left on the device");
}

TEST_F(OsTest, ForeignFileNamesAreListedAsTheyAre) {
  put("\xff\xfe", "");
  put("a\nb", "");
  put(".hidden", "");
  EXPECT_THAT(env_.files.list(folder_).value(), ElementsAre(".hidden", "a\nb", "\xff\xfe"));
}

TEST_F(OsTest, DashIsTheStandardInput) {
  put("in", "from stdin");
  int saved = ::dup(STDIN_FILENO);
  ASSERT_NE(std::freopen(path("in").c_str(), "rb", stdin), nullptr);
  std::string buffer(100, '\0');
  {
    auto file = env_.files.open("-");
    ASSERT_TRUE(file);
    buffer.resize((*file)->read(buffer).value());
  }
  EXPECT_EQ(buffer, "from stdin");
  EXPECT_TRUE(::fcntl(STDIN_FILENO, F_GETFD) >= 0) << "still open: it is not ours";
  ::dup2(saved, STDIN_FILENO);
  ::close(saved);
}

TEST_F(OsTest, TimeGoesOnAndSleepSleeps) {
  EXPECT_GT(env_.clock.now(), Time(std::chrono::seconds(1'700'000'000)));
  Steady before = env_.clock.steady();
  env_.clock.sleep(std::chrono::milliseconds(5));
  env_.clock.sleep(-std::chrono::seconds(5));
  EXPECT_GE(env_.clock.steady() - before, std::chrono::milliseconds(5));
}

TEST_F(OsTest, RandomBytesDiffer) {
  std::array<uint8_t, 1000> a{};
  std::array<uint8_t, 1000> b{};
  env_.random.fill(a);
  env_.random.fill(b);
  EXPECT_NE(a, b);
  EXPECT_NE(std::count(a.begin() + 500, a.end(), 0), 500) << "filled to the end";
}

TEST_F(OsTest, ThreadsMeetAtAMonitor) {
  auto monitor = env_.threads.monitor();
  int turn = 0;
  std::atomic<int> done = 0;
  {
    std::vector<std::unique_ptr<Thread>> threads;
    for (int me = 0; me < 4; ++me) {
      threads.push_back(env_.threads.start("a rather long thread name", [&, me] {
        MonitorLock lock(*monitor);
        while (turn != me) monitor->wait();
        ++turn;
        monitor->notify_all();
        ++done;
      }));
    }
    threads.back()->join();  // and the destructor joins again
  }
  EXPECT_EQ(done, 4);
}

TEST_F(OsTest, CoresAreThoseThatWeMayUse) {
  EXPECT_GE(env_.threads.cores(), 1u);
  EXPECT_LE(env_.threads.cores(), static_cast<unsigned>(::sysconf(_SC_NPROCESSORS_ONLN)));
}

TEST_F(OsTest, QuotasOfControlGroupsAreMinded) {
  for (const char* name : {"two/inner", "free", "cpu/docker/x", "less/inner"}) {
    std::filesystem::create_directories(path(name));
  }
  put("two/cpu.max", "200000 100000\n");
  put("two/inner/cpu.max", "max 100000\n");
  put("free/cpu.max", "max 100000\n");
  put("less/cpu.max", "350000 100000\n");
  put("less/inner/cpu.max", "20000 100000\n");
  put("cpu/docker/cpu.cfs_quota_us", "150000\n");
  put("cpu/docker/cpu.cfs_period_us", "100000\n");
  put("cpu/docker/x/cpu.cfs_quota_us", "-1\n");
  put("cpu/docker/x/cpu.cfs_period_us", "100000\n");
  struct Case {
    std::string_view name;
    std::string_view membership;
    std::optional<unsigned> cores;
  };
  const Case cases[] = {
      {"a parent's limit holds below", "0::/two/inner\n", 2},
      {"no limit", "0::/free\n", std::nullopt},
      {"a part of one core is one", "0::/less/inner", 1},
      {"version 1, rounded up", "3:memory:/\n2:cpu,cpuacct:/docker/x\n", 2},
      {"cpuset is no cpu", "2:cpuset:/docker/x\n", std::nullopt},
      {"the path of the host is not there", "0::/kubepods/pod7/two\n", std::nullopt},
      {"nonsense", "hello\n::\n", std::nullopt},
      {"empty", "", std::nullopt},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(os::cores_of_quota(c.membership, folder_), c.cores) << c.name;
  }
}

TEST_F(OsTest, VariablesAreFoundOrNot) {
  ::setenv("STANCH_OS_TEST", "value", 1);
  ::setenv("STANCH_OS_TEST_EMPTY", "", 1);
  EXPECT_EQ(env_.variables.find("STANCH_OS_TEST"), "value");
  EXPECT_EQ(env_.variables.find("STANCH_OS_TEST_EMPTY"), "");
  EXPECT_EQ(env_.variables.find("STANCH_OS_TEST_NONE"), std::nullopt);
}

TEST_F(OsTest, TerminalWritesAllOrSaysWhy) {
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  os::OsTerminal terminal(ends[1], ends[1]);
  EXPECT_FALSE(terminal.out_is_terminal());
  EXPECT_FALSE(terminal.error_is_terminal());
  EXPECT_EQ(terminal.columns(), 80u);

  // More than a pipe holds, non-blocking, so that writes come up short.
  ASSERT_EQ(::fcntl(ends[1], F_SETFL, O_NONBLOCK), 0);
  std::string sent(1 << 20, 'x');
  std::string got;
  auto reader = env_.threads.start("reader", [&] {
    std::string buffer(1 << 16, '\0');
    while (got.size() < sent.size()) {
      ssize_t count = ::read(ends[0], buffer.data(), buffer.size());
      if (count <= 0) return;
      got.append(buffer, 0, static_cast<size_t>(count));
    }
  });
  EXPECT_TRUE(terminal.write_out(sent));
  reader->join();
  EXPECT_EQ(got, sent);

  ::close(ends[0]);
  auto result = terminal.write_out("nobody reads this");
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code(), ErrorCode::kDenied);
  terminal.write_error("nor this");
  ::close(ends[1]);
}

}  // namespace
}  // namespace stanch::env
