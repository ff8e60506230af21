#include "ledger/syscalls.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdarg>
#include <cstdio>
#include <cstring>

namespace stanch::faults {
namespace {

Plan plan;
Counters own_counters;
Counters* counters = &own_counters;
std::atomic<bool> running = false;

enum class Verdict { kGo, kFail, kTear };
enum class Call { kWrite, kSync, kName };

Verdict judge(Call call) {
  if (!running) return Verdict::kGo;
  if (plan.syncs_only && call != Call::kSync) return Verdict::kGo;
  if (plan.writes_only && call != Call::kWrite) return Verdict::kGo;
  const uint64_t number = ++counters->calls;
  if (plan.fault == Fault::kNone) return Verdict::kGo;
  const bool hit = plan.stays ? number >= plan.at : number == plan.at;
  if (!hit) return Verdict::kGo;
  switch (plan.fault) {
    case Fault::kKill:
      ::kill(::getpid(), SIGKILL);
      ::pause();
      return Verdict::kGo;
    case Fault::kKillTorn: return Verdict::kTear;
    case Fault::kError: errno = plan.problem; return Verdict::kFail;
    case Fault::kNone: break;
  }
  return Verdict::kGo;
}

[[noreturn]] void die() {
  ::kill(::getpid(), SIGKILL);
  for (;;) ::pause();
}

template <typename Function>
Function real(const char* name) {
  return reinterpret_cast<Function>(::dlsym(RTLD_NEXT, name));
}

bool only_files_sync() { return plan.syncs_only; }

bool is_regular(int file) {
  struct stat found{};
  return ::fstat(file, &found) == 0 && S_ISREG(found.st_mode);
}

uint64_t bit_of(int file) { return file >= 0 && file < 64 ? uint64_t{1} << file : 0; }

// Before the call: what fails may have been written too.
void note_written(int file) { counters->unsynced |= bit_of(file); }

int sync(int file, int (*next)(int)) {
  const int done = next(file);
  if (done == 0) counters->unsynced &= ~bit_of(file);
  return done;
}

int synced(int file, int (*next)(int)) {
  if (!is_regular(file) && only_files_sync()) return sync(file, next);
  switch (judge(Call::kSync)) {
    case Verdict::kFail: return -1;
    case Verdict::kTear: die();
    case Verdict::kGo: break;
  }
  return sync(file, next);
}

}  // namespace

void start(const Plan& wanted, Counters* wanted_counters) {
  plan = wanted;
  counters = wanted_counters != nullptr ? wanted_counters : &own_counters;
  counters->calls = 0;
  counters->unsynced = 0;
  running = true;
}
uint64_t calls() { return counters->calls; }
void stop() { running = false; }

}  // namespace stanch::faults

using stanch::faults::Call;
using stanch::faults::die;
using stanch::faults::is_regular;
using stanch::faults::judge;
using stanch::faults::note_written;
using stanch::faults::only_files_sync;
using stanch::faults::real;
using stanch::faults::synced;
using stanch::faults::Verdict;

extern "C" {

ssize_t write(int file, const void* bytes, size_t size) {
  static auto next = real<ssize_t (*)(int, const void*, size_t)>("write");
  if (!is_regular(file)) return next(file, bytes, size);
  note_written(file);
  switch (judge(Call::kWrite)) {
    case Verdict::kFail: return -1;
    case Verdict::kTear: (void)!next(file, bytes, size / 2); die();
    case Verdict::kGo: break;
  }
  return next(file, bytes, size);
}

ssize_t pwrite64(int file, const void* bytes, size_t size, off64_t at) {
  static auto next = real<ssize_t (*)(int, const void*, size_t, off64_t)>("pwrite64");
  note_written(file);
  switch (judge(Call::kWrite)) {
    case Verdict::kFail: return -1;
    case Verdict::kTear: (void)!next(file, bytes, size / 2, at); die();
    case Verdict::kGo: break;
  }
  return next(file, bytes, size, at);
}

ssize_t pwrite(int file, const void* bytes, size_t size, off_t at) {
  return pwrite64(file, bytes, size, at);
}

int fsync(int file) {
  static auto next = real<int (*)(int)>("fsync");
  return synced(file, next);
}

int fdatasync(int file) {
  static auto next = real<int (*)(int)>("fdatasync");
  return synced(file, next);
}

int rename(const char* from, const char* to) noexcept {
  static auto next = real<int (*)(const char*, const char*)>("rename");
  switch (judge(Call::kName)) {
    case Verdict::kFail: return -1;
    case Verdict::kTear: die();
    case Verdict::kGo: break;
  }
  return next(from, to);
}

int unlink(const char* path) noexcept {
  static auto next = real<int (*)(const char*)>("unlink");
  switch (judge(Call::kName)) {
    case Verdict::kFail: return -1;
    case Verdict::kTear: die();
    case Verdict::kGo: break;
  }
  return next(path);
}

int ftruncate64(int file, off64_t size) noexcept {
  static auto next = real<int (*)(int, off64_t)>("ftruncate64");
  note_written(file);
  switch (judge(Call::kWrite)) {
    case Verdict::kFail: return -1;
    case Verdict::kTear: die();
    case Verdict::kGo: break;
  }
  return next(file, size);
}

int ftruncate(int file, off_t size) noexcept { return ftruncate64(file, size); }

}  // extern "C"
