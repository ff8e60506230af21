#include "env/sim/sim.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cerrno>
#include <set>
#include <stdexcept>

namespace stanch::env {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::string read_all(Files& files, const std::string& path) {
  auto file = files.open(path);
  if (!file) return "(none)";
  std::string text;
  std::string buffer(4, '\0');
  for (;;) {
    auto count = (*file)->read(buffer);
    if (!count) return "(" + count.error().message() + ")";
    if (*count == 0) return text;
    text.append(buffer, 0, *count);
  }
}

// Three threads that do a little of everything.
void busy_program(Env env) {
  auto monitor = env.threads.monitor();
  int turns = 0;
  std::vector<std::unique_ptr<Thread>> threads;
  for (int i = 0; i < 3; ++i) {
    threads.push_back(env.threads.start("worker " + std::to_string(i), [&, i] {
      uint8_t byte = 0;
      env.random.fill({&byte, 1});
      env.clock.sleep(Duration(byte));
      auto file = env.files.create("out" + std::to_string(i));
      if (!file || !(*file)->append(std::to_string(byte))) return;
      MonitorLock lock(*monitor);
      ++turns;
      monitor->notify_all();
    }));
  }
  {
    MonitorLock lock(*monitor);
    while (turns < 3) monitor->wait();
  }
  threads.clear();
  (void)env.terminal.write_out("done at " +
                               std::to_string(env.clock.now().time_since_epoch().count()));
}

TEST(Sim, OneSeedIsOneRun) {
  std::set<uint64_t> traces;
  for (uint64_t seed = 0; seed < 20; ++seed) {
    SimWorld a(seed);
    SimWorld b(seed);
    Outcome first = a.run(busy_program);
    Outcome second = b.run(busy_program);
    EXPECT_EQ(first.end, End::kFinished) << first.message;
    EXPECT_EQ(first.trace_hash, second.trace_hash) << seed;
    EXPECT_EQ(first.calls, second.calls);
    EXPECT_EQ(a.out(), b.out());
    EXPECT_EQ(a.last_calls(), b.last_calls());
    traces.insert(first.trace_hash);
  }
  EXPECT_EQ(traces.size(), 20u) << "each seed its own";
}

TEST(Sim, ACrashIsTheSameRunUpToIt) {
  SimWorld whole(7);
  whole.run(busy_program);
  SimWorld cut(7);
  Outcome outcome = cut.run(busy_program, CrashAt{20});
  EXPECT_EQ(outcome.end, End::kCrashed);
  EXPECT_EQ(outcome.calls, 20u);
  EXPECT_THAT(outcome.message, HasSubstr("seed 7"));
  std::string calls = cut.last_calls();
  EXPECT_THAT(whole.last_calls(), HasSubstr(calls));
}

TEST(Sim, AllOrdersOfTwoThreadsHappen) {
  std::set<std::string> orders;
  for (uint64_t seed = 0; seed < 200; ++seed) {
    std::string order;
    SimWorld world(seed);
    world.run([&](Env env) {
      auto monitor = env.threads.monitor();
      auto body = [&](char me) {
        for (int i = 0; i < 2; ++i) {
          MonitorLock lock(*monitor);
          order += me;
        }
      };
      auto a = env.threads.start("a", [&] { body('a'); });
      auto b = env.threads.start("b", [&] { body('b'); });
    });
    orders.insert(order);
  }
  EXPECT_THAT(orders, ElementsAre("aabb", "abab", "abba", "baab", "baba", "bbaa"));
}

TEST(Sim, AMonitorKeepsOthersOut) {
  for (uint64_t seed = 0; seed < 50; ++seed) {
    SimWorld world(seed);
    int inside = 0;
    bool met = false;
    Outcome outcome = world.run([&](Env env) {
      auto monitor = env.threads.monitor();
      std::vector<std::unique_ptr<Thread>> threads;
      for (int i = 0; i < 3; ++i) {
        threads.push_back(env.threads.start("t", [&] {
          MonitorLock lock(*monitor);
          met = met || inside != 0;
          ++inside;
          env.clock.sleep(std::chrono::seconds(1));
          --inside;
        }));
      }
    });
    EXPECT_EQ(outcome.end, End::kFinished) << outcome.message;
    EXPECT_FALSE(met);
  }
}

TEST(Sim, DeadlocksAreFoundAndNamed) {
  auto program = [](Env env) {
    auto a = env.threads.monitor();
    auto b = env.threads.monitor();
    auto one = env.threads.start("one", [&] {
      MonitorLock first(*a);
      MonitorLock second(*b);
    });
    auto two = env.threads.start("two", [&] {
      MonitorLock first(*b);
      MonitorLock second(*a);
    });
  };
  unsigned found = 0;
  for (uint64_t seed = 0; seed < 100; ++seed) {
    SimWorld world(seed);
    Outcome outcome = world.run(program);
    if (outcome.end != End::kDeadlocked) continue;
    ++found;
    EXPECT_THAT(outcome.message, HasSubstr("one for a lock that two holds"));
    EXPECT_THAT(outcome.message, HasSubstr("seed " + std::to_string(seed) + ","));
  }
  EXPECT_GT(found, 5u);
  EXPECT_LT(found, 95u) << "some orders are well";
}

TEST(Sim, AWaitThatNobodyEndsIsADeadlock) {
  SimWorld world(1);
  Outcome outcome = world.run([](Env env) {
    auto monitor = env.threads.monitor();
    MonitorLock lock(*monitor);
    for (;;) monitor->wait();
  });
  EXPECT_EQ(outcome.end, End::kDeadlocked);
  EXPECT_THAT(outcome.message, HasSubstr("main to be notified"));
}

TEST(Sim, GoingRoundInCirclesEnds) {
  SimWorld world(1, {.calls_max = 1000});
  Outcome outcome = world.run([](Env env) {
    for (;;) (void)env.clock.now();
  });
  EXPECT_EQ(outcome.end, End::kOutOfCalls);
  EXPECT_EQ(outcome.calls, 1000u);
}

TEST(Sim, ExceptionsOfTheProgramComeOut) {
  SimWorld world(1);
  EXPECT_THROW(world.run([](Env env) {
    auto other = env.threads.start("other", [] { throw std::runtime_error("mine"); });
    for (;;) env.clock.sleep(std::chrono::hours(1));
  }),
               std::runtime_error);
  EXPECT_EQ(world.run([](Env) {}).end, End::kFinished) << "and the world goes on";
}

TEST(Sim, TimeIsVirtual) {
  SimWorld world(3);
  world.run([&](Env env) {
    Time wall = env.clock.now();
    Steady steady = env.clock.steady();
    env.clock.sleep(std::chrono::hours(24));
    EXPECT_GE(env.clock.now() - wall, std::chrono::hours(24));
    EXPECT_LT(env.clock.steady() - steady, std::chrono::hours(25));
    steady = env.clock.steady();
    world.jump_wall_clock(-std::chrono::hours(48));
    EXPECT_LT(env.clock.now(), wall);
    EXPECT_GT(env.clock.steady(), steady);
  });
}

TEST(Sim, SleepersWakeInTheirOrder) {
  std::string order;
  SimWorld world(5);
  world.run([&](Env env) {
    std::vector<std::unique_ptr<Thread>> threads;
    for (int i : {3, 1, 2}) {
      threads.push_back(env.threads.start("t", [&, i] {
        env.clock.sleep(std::chrono::minutes(i));
        order += std::to_string(i);
      }));
    }
  });
  EXPECT_EQ(order, "123");
}

TEST(Sim, TheProcessEndsWithItsFirstThread) {
  SimWorld world(1);
  std::unique_ptr<Thread> left_behind;
  Outcome outcome = world.run([&](Env env) {
    left_behind = env.threads.start("left", [env] {
      for (;;) env.clock.sleep(std::chrono::seconds(1));
    });
    env.clock.sleep(std::chrono::minutes(1));
  });
  EXPECT_EQ(outcome.end, End::kFinished) << outcome.message;
}

TEST(Sim, WorldIsReadAndWritten) {
  SimWorld world(1, {.cores = 3, .columns = 132, .out_is_terminal = true});
  world.put_file("in/a", "hello, hello, hello");
  world.set_variable("HOME", "/home");
  world.set_stdin("from stdin");
  for (int run = 0; run < 2; ++run) {
    world.run([&](Env env) {
      EXPECT_EQ(read_all(env.files, "/in/a"), "hello, hello, hello");
      EXPECT_EQ(read_all(env.files, "-"), "from stdin");
      EXPECT_EQ(env.variables.find("HOME"), "/home");
      EXPECT_EQ(env.variables.find("NONE"), std::nullopt);
      EXPECT_EQ(env.threads.cores(), 3u);
      EXPECT_EQ(env.terminal.columns(), 132u);
      EXPECT_TRUE(env.terminal.out_is_terminal());
      EXPECT_FALSE(env.terminal.error_is_terminal());
      EXPECT_TRUE(env.terminal.write_out("o"));
      env.terminal.write_error("e");
    });
    EXPECT_EQ(world.out(), "o");
    EXPECT_EQ(world.error(), "e");
  }
  EXPECT_EQ(world.file("in/a"), "hello, hello, hello");
  EXPECT_EQ(world.file("in/b"), std::nullopt);
  EXPECT_THAT(world.files(), ElementsAre("/in/a"));
}

TEST(Sim, ShortReadsHappen) {
  bool short_read = false;
  for (uint64_t seed = 0; seed < 30; ++seed) {
    SimWorld world(seed);
    world.put_file("a", "0123456789");
    world.run([&](Env env) {
      std::string buffer(10, '\0');
      size_t count = env.files.open("a").value()->read(buffer).value();
      EXPECT_GE(count, 1u);
      short_read = short_read || count < 10;
    });
  }
  EXPECT_TRUE(short_read);
}

TEST(Sim, FaultsComeWhereTheyArePlanned) {
  struct Case {
    std::string_view name;
    Fault fault;
    std::string_view text;
  };
  const Case cases[] = {
      {"status", {FileCall::kStatus, EACCES}, "cannot look at f: permission denied"},
      {"list", {FileCall::kList, EIO}, "cannot list /: input/output error"},
      {"open", {FileCall::kOpen, EMFILE}, "cannot open f: too many open files"},
      {"read", {FileCall::kRead, EIO}, "cannot read f: input/output error"},
      {"create", {FileCall::kCreate, ENOSPC}, "cannot create g: no space left on the device"},
      {"append", {FileCall::kAppend, ENOSPC}, "cannot write g: no space left on the device"},
      {"second append", {FileCall::kAppend, ENOSPC, 2}, "cannot write g: no space left on the de"},
      {"sync", {FileCall::kSync, EIO}, "cannot sync g: input/output error"},
      {"rename", {FileCall::kRename, EIO}, "cannot rename g: input/output error"},
      {"remove", {FileCall::kRemove, EACCES}, "cannot remove h: permission denied"},
      {"folders", {FileCall::kMakeFolders, ENOSPC}, "cannot make the folder d: no space left"},
      {"sync folder", {FileCall::kSyncFolder, EIO}, "cannot sync the folder /: input/output er"},
      {"lock", {FileCall::kLock, ENOLCK}, "cannot lock x"},
      {"out", {FileCall::kWriteOut, EPIPE}, "cannot write to the standard output: nobody"},
      {"other path", {FileCall::kRead, EIO, 1, "elsewhere"}, "(none)"},
      {"too late", {FileCall::kRename, EIO, 2}, "(none)"},
  };
  auto program = [](Env env) -> Result<> {
    TRY(env.files.status("f"));
    TRY(env.files.list("/"));
    TRY(auto in, env.files.open("f"));
    std::string buffer(10, '\0');
    TRY(in->read(buffer));
    TRY(auto out, env.files.create("g"));
    TRY(out->append("1234"));
    TRY(out->append("5678"));
    TRY(out->sync());
    TRY(env.files.rename("g", "h"));
    TRY(env.files.remove("h"));
    TRY(env.files.make_folders("d"));
    TRY(env.files.sync_folder("/"));
    TRY(env.files.lock("x"));
    return env.terminal.write_out("x");
  };
  for (const Case& c : cases) {
    SimWorld world(1);
    world.put_file("f", "bytes");
    world.inject(c.fault);
    std::string problem = "(none)";
    auto once = [&](Env env) {
      auto result = program(env);
      problem = result ? "(none)" : result.error().message();
    };
    world.run(once);
    EXPECT_THAT(problem, HasSubstr(c.text)) << c.name;
    if (c.fault.nth == 1) {
      world.run(once);
      EXPECT_EQ(problem, "(none)") << c.name << ": only once";
    }
  }
}

TEST(Sim, AFaultMayStayOrBeCleared) {
  SimWorld world(1);
  world.put_file("f", "bytes");
  world.inject({.call = FileCall::kOpen, .problem = EIO, .nth = 2, .stays = true});
  world.run([&](Env env) {
    EXPECT_TRUE(env.files.open("f"));
    EXPECT_FALSE(env.files.open("f"));
    EXPECT_FALSE(env.files.open("f"));
    world.clear_faults();
    EXPECT_TRUE(env.files.open("f"));
  });
}

TEST(Sim, CrashedThreadsAreUnwoundInOrder) {
  // Destructors that lock, notify and join run in every thread, and end.
  struct Worker {
    explicit Worker(Env& env) : monitor(env.threads.monitor()) {
      thread = env.threads.start("worker", [this, &env] {
        MonitorLock lock(*monitor);
        while (!stopped) {
          monitor->wait();
          (void)env.clock.now();
        }
      });
    }
    ~Worker() {
      {
        MonitorLock lock(*monitor);
        stopped = true;
        monitor->notify_all();
      }
      thread->join();
      ++ended;
    }
    std::unique_ptr<Monitor> monitor;
    std::unique_ptr<Thread> thread;
    bool stopped = false;
    static int& count() {
      static int value = 0;
      return value;
    }
    int& ended = count();
  };
  auto program = [](Env env) {
    Worker a(env);
    Worker b(env);
    env.clock.sleep(std::chrono::seconds(1));
  };
  for (uint64_t seed = 0; seed < 10; ++seed) {
    uint64_t calls = SimWorld(seed).run(program).calls;
    ASSERT_GT(calls, 10u);
    for (uint64_t call = 1; call <= calls; ++call) {
      SimWorld world(seed);
      Outcome outcome = world.run(program, CrashAt{call});
      EXPECT_EQ(outcome.end, End::kCrashed) << outcome.message;
    }
  }
}

TEST(Sim, WhatIsDoneWhileUnwindingHasNoEffect) {
  struct Writes {
    ~Writes() { result = file.append("too late").has_value() ? "written" : "refused"; }
    WritableFile& file;
    std::string& result;
  };
  std::string result;
  SimWorld world(1);
  world.run(
      [&](Env env) {
        auto file = env.files.create("f").value();
        Writes writes{*file, result};
        env.clock.sleep(std::chrono::seconds(1));
      },
      CrashAt{2, CrashKind::kKilled});
  EXPECT_EQ(result, "refused");
  EXPECT_EQ(world.file("f"), "");
}

TEST(Sim, ALockHasOneHolderAndEndsWithTheRun) {
  SimWorld world(1);
  world.put_file("lock", "kept");
  const auto program = [](Env env) {
    auto held = env.files.lock("lock");
    ASSERT_TRUE(held);
    const auto refused = env.files.lock("lock");
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code(), ErrorCode::kConflict);
    EXPECT_TRUE(env.files.lock("other"));
    held->reset();
    held = env.files.lock("lock");
    ASSERT_TRUE(held);
    // As the system has it: with a new file of that name, a new lock.
    ASSERT_TRUE(env.files.remove("lock"));
    EXPECT_TRUE(env.files.lock("lock"));
  };
  EXPECT_EQ(world.run(program).end, End::kFinished);
  for (uint64_t call = 1; call < 8; ++call) world.run(program, CrashAt{call, CrashKind::kKilled});
  EXPECT_EQ(world.run(program).end, End::kFinished);
}

TEST(Sim, AFailedSyncCannotBeRepeated) {
  unsigned lost = 0;
  for (uint64_t seed = 0; seed < 20; ++seed) {
    SimWorld world(seed);
    world.put_file("f", "");
    world.inject({.call = FileCall::kSync, .problem = EIO});
    world.run([](Env env) {
      auto file = env.files.open_append("f", 0).value();
      ASSERT_TRUE(file->append("bytes"));
      EXPECT_FALSE(file->sync());
      EXPECT_TRUE(file->sync());
    });
    world.lose_power(CrashKind::kPowerLostWorst);
    if (world.file("f") != "bytes") ++lost;
  }
  EXPECT_GT(lost, 0u);
}

TEST(Sim, SwallowedCrashesComeAgain) {
  SimWorld world(1);
  int swallowed = 0;
  Outcome outcome = world.run(
      [&](Env env) {
        for (int i = 0; i < 3; ++i) {
          try {
            (void)env.clock.now();
          } catch (...) {  // as code around a foreign library may
            ++swallowed;
          }
        }
        (void)env.clock.now();
        ADD_FAILURE() << "nothing runs on";
      },
      CrashAt{2});
  EXPECT_EQ(outcome.end, End::kCrashed);
  EXPECT_EQ(swallowed, 2);
}

TEST(Sim, OutputIsTornByACrash) {
  std::set<std::string> outs;
  for (uint64_t seed = 0; seed < 50; ++seed) {
    SimWorld world(seed);
    auto program = [](Env env) { (void)env.terminal.write_out("ab"); };
    world.run(program, world.crash_within(1));
    outs.insert(world.out());
  }
  EXPECT_THAT(outs, ElementsAre("", "a", "ab"));
}

TEST(Sim, EachRunOfAProcessSeesOtherRandomBytesAndTimes) {
  SimWorld world(1);
  std::set<uint64_t> drawn;
  std::set<Time> times;
  for (int i = 0; i < 3; ++i) {
    world.run([&](Env env) {
      std::array<uint8_t, 8> bytes{};
      env.random.fill(bytes);
      drawn.insert(std::bit_cast<uint64_t>(bytes));
      times.insert(env.clock.now());
    });
  }
  EXPECT_EQ(drawn.size(), 3u);
  EXPECT_EQ(times.size(), 3u);
}

// A story that needs every one of its syncs: replace a file as a whole.
struct Steps {
  bool sync_file = true;
  bool sync_folder = true;
};

auto replace_program(Steps steps) {
  return [steps](Env env) {
    auto file = env.files.create("dir/f.new").value();
    ASSERT_TRUE(file->append("new "));
    ASSERT_TRUE(file->append("content"));
    if (steps.sync_file) {
      ASSERT_TRUE(file->sync());
    }
    ASSERT_TRUE(env.files.rename("dir/f.new", "dir/f"));
    if (steps.sync_folder) {
      ASSERT_TRUE(env.files.sync_folder("dir"));
    }
    ASSERT_TRUE(env.terminal.write_out("replaced"));
  };
}

// Crashes at every call, and after the last: how often was the promise broken
// that the file is old or new, and new once we said so?
unsigned broken_promises(Steps steps, CrashKind kind) {
  unsigned broken = 0;
  uint64_t calls = 0;
  {
    SimWorld world(0);
    world.put_file("dir/f", "old content");
    calls = world.run(replace_program(steps)).calls;
  }
  for (uint64_t seed = 0; seed < 20; ++seed) {
    for (uint64_t call = 1; call <= calls + 1; ++call) {
      SimWorld world(seed);
      world.put_file("dir/f", "old content");
      Outcome outcome = world.run(replace_program(steps), CrashAt{call, kind});
      EXPECT_EQ(outcome.end, call <= calls ? End::kCrashed : End::kFinished);
      if (call > calls) world.lose_power(kind);
      std::string seen;
      world.run([&](Env env) { seen = read_all(env.files, "dir/f"); });
      bool promised = outcome.end == End::kFinished;
      if (seen != "new content" && (promised || seen != "old content")) ++broken;
    }
  }
  return broken;
}

TEST(Sim, EnumeratedCrashesPassARightProtocol) {
  for (CrashKind kind : {CrashKind::kPowerLost, CrashKind::kPowerLostWorst, CrashKind::kKilled}) {
    EXPECT_EQ(broken_promises({}, kind), 0u);
  }
}

TEST(Sim, EnumeratedCrashesFindAMissingSync) {
  EXPECT_GT(broken_promises({.sync_file = false}, CrashKind::kPowerLost), 0u);
  EXPECT_GT(broken_promises({.sync_folder = false}, CrashKind::kPowerLost), 0u);
  EXPECT_GT(broken_promises({.sync_folder = false}, CrashKind::kPowerLostWorst), 0u);
  EXPECT_EQ(broken_promises({.sync_file = false, .sync_folder = false}, CrashKind::kKilled), 0u)
      << "a process that is killed loses nothing that it wrote";
}

}  // namespace
}  // namespace stanch::env
