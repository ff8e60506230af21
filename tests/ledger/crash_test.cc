// SIGKILL, a full disk, failing reads, writes and syncs, at every call of a story. The page cache
// survives a kill: what this tests is the order of our calls; power_test.cc tests the rest.

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <map>

#include "env/os/os.h"
#include "ledger/story.h"
#include "ledger/syscalls.h"

namespace stanch {
namespace {

using faults::Fault;
using faults::Plan;

bool thorough() { return std::getenv("STANCH_FAULTS") != nullptr; }

struct Ended {
  bool killed = false;
  int code = 0;  // of the child, if it was not killed: 0 well, 1 an error
  std::map<std::string, uint64_t> acknowledged;
  uint64_t calls = 0;           // all, the closing of files included
  uint64_t calls_answered = 0;  // up to the last answer
  std::string message;
};

class Crash : public ::testing::Test {
 protected:
  void SetUp() override {
    // In memory where there is such a file system: a kill leaves what was written in any case.
    const std::string base =
        std::filesystem::exists("/dev/shm") ? "/dev/shm" : ::testing::TempDir();
    std::string folder = base + "/stanch_crash_XXXXXX";
    root_ = ::mkdtemp(folder.data());
    story_.rounds = 3;
  }
  void TearDown() override { std::filesystem::remove_all(root_); }

  void new_folder() {
    std::filesystem::remove_all(story_.folder);
    story_.folder = root_ + "/" + std::to_string(++folders_);
    std::filesystem::create_directory(story_.folder);
  }

  // Lives the story in a process of its own, under the plan.
  Ended run(const Plan& plan) {
    int channel[2];
    EXPECT_EQ(::pipe(channel), 0);
    const pid_t child = ::fork();
    if (child == 0) {
      ::close(channel[0]);
      env::OsEnv os;
      faults::start(plan);
      const auto acknowledge = [&](const std::string& stream, uint64_t next) {
        if (stream == "end/") next = faults::calls();
        const std::string line = stream + " " + std::to_string(next) + "\n";
        (void)!::write(channel[1], line.data(), line.size());  // a pipe: not counted
      };
      const Result<> lived = story::live(os.env(), story_, acknowledge);
      faults::stop();
      std::string end = "calls " + std::to_string(faults::calls()) + "\n";
      if (!lived) {
        end +=
            std::string(name_of(lived.error().code())) + " 0\n" + lived.error().message() + " 0\n";
      }
      (void)!::write(channel[1], end.data(), end.size());
      ::_exit(lived ? 0 : 1);
    }
    ::close(channel[1]);
    std::string said;
    char buffer[4096];
    for (ssize_t count; (count = ::read(channel[0], buffer, sizeof buffer)) > 0;) {
      said.append(buffer, static_cast<size_t>(count));
    }
    ::close(channel[0]);
    int status = 0;
    ::waitpid(child, &status, 0);
    Ended ended;
    ended.killed = WIFSIGNALED(status);
    ended.code = ended.killed ? -1 : WEXITSTATUS(status);
    while (!said.empty()) {
      const size_t newline = said.find('\n');
      const std::string line = said.substr(0, newline);
      const size_t space = line.rfind(' ');
      const uint64_t value = std::strtoull(line.c_str() + space + 1, nullptr, 10);
      const std::string name = line.substr(0, space);
      if (name == "calls") {
        ended.calls = value;
      } else if (name == "end/") {
        ended.calls_answered = value;
      } else if (name.find('/') != name.npos && value > 0) {
        ended.acknowledged[name] = value;
      } else {
        ended.message += name + "; ";
      }
      said.erase(0, newline + 1);
    }
    return ended;
  }

  // What was answered as done is there, and all that is there is whole.
  void check(const Ended& ended) {
    const auto found = story::heads(os_.env(), story_);
    ASSERT_TRUE(found) << found.error().message();
    const std::map<std::string, uint64_t> heads(found->begin(), found->end());
    for (const auto& [stream, next] : ended.acknowledged) {
      const auto head = heads.find(stream);
      ASSERT_TRUE(head != heads.end() && head->second >= next)
          << stream << ": " << next << " entries were answered as done";
    }
    if (const auto incident = heads.find("incident/a"); incident != heads.end()) {
      EXPECT_TRUE(incident->second % 3 == 0 || incident->second == story_.rounds * 3 + 1)
          << "half an append: " << incident->second;
    }
    if (!heads.empty()) {
      const auto told = story::tell(os_.env(), story_);
      ASSERT_TRUE(told) << told.error().message();
    }
  }

  // Whatever happened, living on ends as if nothing had.
  void check_living_on() {
    const Ended ended = run({});
    ASSERT_EQ(ended.code, 0) << ended.message;
    const auto told = story::tell(os_.env(), story_);
    ASSERT_TRUE(told) << told.error().message();
    // Checkpoints may be more: one that was signed before the crash and one after it. Entries not.
    EXPECT_EQ(entries_of(*told), entries_of(undisturbed_));
  }

  static std::string entries_of(const std::string& told) {
    std::string text;
    for (size_t at = 0; at < told.size();) {
      const size_t end = told.find('\n', at);
      const std::string line = told.substr(at, end - at);
      if (line.find("{\"") != line.npos) text += line + "\n";
      at = end + 1;
    }
    return text;
  }

  // The calls of the story; `answered`: only up to its last answer.
  uint64_t live_undisturbed(const Plan& plan = {}, bool answered = false) {
    new_folder();
    const Ended first = run(plan);
    EXPECT_EQ(first.code, 0) << first.message;
    const auto told = story::tell(os_.env(), story_);
    EXPECT_TRUE(told) << told.error().message();
    if (told) undisturbed_ = *told;
    return answered ? first.calls_answered : first.calls;
  }

  env::OsEnv os_;
  std::string root_;
  story::Story story_;
  int folders_ = 0;
  std::string undisturbed_;
};

TEST_F(Crash, LosesNothingThatWasAnsweredAsDone) {
  story_.rounds = thorough() ? 40 : 3;
  const uint64_t calls = live_undisturbed();
  ASSERT_GT(calls, 30u);
  size_t trials = 0;
  for (const Fault fault : {Fault::kKill, Fault::kKillTorn}) {
    // Ordinary runs take every third call of each; both together see every part of the story.
    const uint64_t step = thorough() ? 1 : 4;
    for (uint64_t at = fault == Fault::kKill ? 1 : 2; at <= calls; at += step) {
      SCOPED_TRACE("call " + std::to_string(at) + " of " + std::to_string(calls));
      new_folder();
      const Ended ended = run({.fault = fault, .at = at});
      ASSERT_TRUE(ended.killed) << ended.message;
      check(ended);
      check_living_on();
      ++trials;
      if (HasFatalFailure()) return;
    }
  }
  std::printf("killed at %zu calls of %llu\n", trials, static_cast<unsigned long long>(calls));
}

TEST_F(Crash, AFullDiskIsRefusedHonestlyAndOneThatHasRoomAgainGoesOn) {
  const uint64_t calls = live_undisturbed({.writes_only = true});
  for (uint64_t at = 1; at <= calls; at += thorough() ? 1 : 3) {
    SCOPED_TRACE(at);
    for (const bool stays : {true, false}) {
      new_folder();
      const Ended ended = run({.fault = Fault::kError,
                               .at = at,
                               .problem = ENOSPC,
                               .stays = stays,
                               .writes_only = true});
      ASSERT_FALSE(ended.killed);
      check(ended);
      check_living_on();
      if (HasFatalFailure()) return;
    }
  }
}

TEST_F(Crash, AFailingDeviceIsNeverAnsweredAsDone) {
  const uint64_t calls = live_undisturbed({}, true);
  for (uint64_t at = 1; at <= calls; at += thorough() ? 1 : 3) {
    SCOPED_TRACE(at);
    new_folder();
    const Ended ended = run({.fault = Fault::kError, .at = at, .problem = EIO, .stays = true});
    ASSERT_FALSE(ended.killed);
    EXPECT_EQ(ended.code, 1) << "all later calls fail: the story cannot have ended well";
    check(ended);
    check_living_on();
    if (HasFatalFailure()) return;
  }
}

// One failed sync, after which the disk claims to be well: nothing more is answered as done.
TEST_F(Crash, AFailedSyncStopsTheLedgerThoughLaterOnesSucceed) {
  const uint64_t calls = live_undisturbed({.syncs_only = true}, true);
  ASSERT_GT(calls, 10u);
  for (uint64_t at = 1; at <= calls; ++at) {
    SCOPED_TRACE(at);
    new_folder();
    const Ended ended = run({.fault = Fault::kError, .at = at, .problem = EIO, .syncs_only = true});
    ASSERT_FALSE(ended.killed);
    EXPECT_EQ(ended.code, 1) << ended.message;
    check(ended);
    check_living_on();
    if (HasFatalFailure()) return;
  }
}

// Whoever does not end at the first refusal is refused again and again.
TEST_F(Crash, AfterAFailedSyncEveryAppendIsRefused) {
  for (uint64_t at = 1; at <= 3; ++at) {
    new_folder();
    ASSERT_EQ(run({}).code, 0);
    const pid_t child = ::fork();
    if (child == 0) {
      env::OsEnv os;
      ::_exit(story::append_in_vain(os.env(), story_, [&] {
        faults::start({.fault = Fault::kError, .at = at, .problem = EIO, .syncs_only = true});
      }));
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    ASSERT_TRUE(WIFEXITED(status));
    EXPECT_EQ(WEXITSTATUS(status), 0) << "at sync " << at;
    const auto told = story::tell(os_.env(), story_);
    EXPECT_TRUE(told) << told.error().message();
  }
}

// ---------------------------------------------------------------- two processes

TEST_F(Crash, TwoProcessesLoseNoUpdate) {
  new_folder();
  // Both live the same story at once: each append is done once, by whoever was first.
  story_.rounds = thorough() ? 60 : 12;
  std::vector<pid_t> children;
  for (int i = 0; i < 2; ++i) {
    const pid_t child = ::fork();
    if (child == 0) {
      env::OsEnv os;
      story_.holder = "story-" + std::to_string(i);
      std::string last;
      for (int tries = 0; tries < 2000; ++tries) {
        const Result<> lived = story::live(os.env(), story_, [](const std::string&, uint64_t) {});
        if (lived) ::_exit(0);
        last = lived.error().message();
        // Or the other, which has the lease, hardly ever gets to the file.
        os.env().clock.sleep(std::chrono::milliseconds(5));
        const ErrorCode code = lived.error().code();
        if (code != ErrorCode::kConflict && code != ErrorCode::kUnavailable) {
          std::fprintf(stderr, "%s\n", lived.error().message().c_str());
          ::_exit(1);
        }
      }
      std::fprintf(stderr, "after all tries: %s\n", last.c_str());
      ::_exit(2);
    }
    children.push_back(child);
  }
  for (const pid_t child : children) {
    int status = 0;
    ::waitpid(child, &status, 0);
    EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << WEXITSTATUS(status);
  }
  const auto told = story::tell(os_.env(), story_);
  ASSERT_TRUE(told) << told.error().message();
  const auto found = story::heads(os_.env(), story_);
  ASSERT_TRUE(found);
  const std::map<std::string, uint64_t> heads(found->begin(), found->end());
  EXPECT_EQ(heads.at("intake/a"), story_.rounds);
  EXPECT_EQ(heads.at("incident/a"), story_.rounds * 3 + 1);
}

}  // namespace
}  // namespace stanch
