#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "env/env.h"
#include "env/http_client.h"

// A world in which anything may go wrong, the same way each time for one seed.
//
//   SimWorld world(seed);
//   world.put_file("in/a.json", bytes);
//   Outcome first = world.run([&](env::Env env) { program(env); }, CrashAt{17});
//   Outcome again = world.run([&](env::Env env) { program(env); });  // on the disk that is left
//
// All crash points of a story: run it once without a crash to learn its
// `calls`, then once in a new world of the same seed for each CrashAt{1 … calls}.
//
// What holds in a run:
// - Threads are simulated: one runs at a time, and at every env call the seed
//   picks who goes on. monitor.wait() sometimes wakes without reason.
// - Time is virtual: a microsecond a call; when all sleep, it jumps to whoever
//   wakes first.
// - The disk forgets. append() is lost in a power failure unless sync()
//   returned: of the unsynced changes of a file a prefix survives, the last of
//   them torn at any byte. Names (create, rename, remove, make_folders) are lost
//   unless their own folder was synced: any of them may survive, but one that
//   follows another of the same name never without it, and a rename never by
//   halves. Syncing a file does not save its name, nor a folder its own name.
// - After a failed sync() the unsynced bytes are gone for good, even if a later
//   one returns well (as Linux does it).
// - A request over HTTP is two calls: a crash at the first leaves it unsent, one at the second
//   has lost the answer.
// - A crash at call n comes before its effect; append() and write_out() are
//   torn at any byte. Threads are unwound as env.h says.
// - Locks of files end with the run. Two holders in one run are two threads that ask.
// - All threads waiting is a failure: End::kDeadlocked.

namespace stanch::env {

enum class CrashKind : uint8_t {
  kPowerLost,       // the seed decides what of the unsynced survives
  kPowerLostWorst,  // nothing unsynced survives
  kKilled,          // the process ends; everything written survives
};

struct CrashAt {
  uint64_t call;  // 1-based, as Outcome::calls counts
  CrashKind kind = CrashKind::kPowerLost;
};

enum class End : uint8_t {
  kFinished,    // the program returned
  kCrashed,     // at the call asked for
  kDeadlocked,  // every thread waits for another
  kOutOfCalls,  // more than calls_max: it goes round in circles
};

struct Outcome {
  End end = End::kFinished;
  uint64_t calls = 0;       // env calls made, up to the end or the crash
  uint64_t trace_hash = 0;  // over every call, its thread and its data
  std::string message;      // why it ended, with the seed; for humans
};

enum class FileCall : uint8_t {
  kStatus,
  kList,
  kOpen,
  kRead,
  kCreate,
  kAppend,
  kSync,
  kRename,
  kRemove,
  kMakeFolders,
  kSyncFolder,
  kLock,
  kWriteOut,
};

// The nth call of this kind on a path that contains `path` fails with errno
// `problem` (EIO, ENOSPC, EPIPE …). A failing append has written a part.
struct Fault {
  FileCall call;
  int problem;
  uint64_t nth = 1;
  std::string path = {};
  bool stays = false;  // and all later ones too
};

// What becomes of one HTTP request. Whatever the script changed is done, but for the caller
// only kAnswered tells so.
enum class HttpFate : uint8_t {
  kAnswered,
  kRefused,     // it never left: kUnavailable. The script must not have done anything
  kAnswerLost,  // kUnknownOutcome, though the server did it
  kRequestLost  // kUnknownOutcome, and the server never heard of it
};

struct HttpTurn {
  HttpFate fate = HttpFate::kAnswered;
  HttpResponse response = {};
  // Of virtual time, until the answer or the failure. Longer than the caller waits:
  // kUnknownOutcome once that has passed.
  Duration takes = std::chrono::milliseconds(1);
};

// The servers of a simulated world: it is handed each request, one at a time, and says what
// becomes of it. It may keep state, which outlives crashes as that of a real server does, but
// must use nothing of env: `now` is the wall time.
using HttpScript = std::function<HttpTurn(const HttpRequest&, Time now)>;

struct SimOptions {
  uint64_t calls_max = 50'000'000;  // of one run
  unsigned cores = 2;
  unsigned columns = 80;
  bool out_is_terminal = false;
  bool error_is_terminal = false;
  bool short_reads = true;  // now and then read() gives less than it could
  bool spurious_wakes = true;
};

// Not thread-safe, but a program under run() may call what is marked "any time".
class SimWorld {
 public:
  explicit SimWorld(uint64_t seed, SimOptions options = {});
  ~SimWorld();
  SimWorld(const SimWorld&) = delete;
  SimWorld& operator=(const SimWorld&) = delete;

  // A file with its folders, durable at once. Any time.
  void put_file(const std::string& path, std::string_view bytes);
  // What a reader would see. Any time.
  std::optional<std::string> file(const std::string& path) const;
  std::vector<std::string> files() const;  // the paths of all, from "/" on, sorted

  void set_variable(const std::string& name, std::string value);
  void set_stdin(std::string bytes);    // each run reads it from the start
  void script_http(HttpScript script);  // without one, every request is refused
  void inject(Fault fault);             // counts from here on. Any time
  void clear_faults();                  // any time
  void jump_wall_clock(Duration by);    // any time

  // Runs `program` as the first thread of a process that ends when it returns
  // or crashes; a crash leaves the disk as CrashKind says. An exception of the
  // program comes out here. Objects made of this Env must not be used later.
  Outcome run(const std::function<void(Env)>& program, std::optional<CrashAt> crash = {});

  // A place for a crash in a run of `calls` calls; the seed picks.
  CrashAt crash_within(uint64_t calls, CrashKind kind = CrashKind::kPowerLost);
  // The disk after a power failure between two runs. kKilled changes nothing.
  void lose_power(CrashKind kind = CrashKind::kPowerLost);

  const std::string& out() const;    // written by the last run
  const std::string& error() const;  // written by the last run
  std::string last_calls() const;    // the end of the trace, a line each; to print with a failure
  uint64_t seed() const;

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace stanch::env
