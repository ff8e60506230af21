// Preloaded into the program that is tested, with tests/ledger/syscalls.cc. Where the program would
// sleep, its clocks move ahead instead: a quarter of an hour passes at once. How far ahead they
// are stands in a page that it shares with the test (program_page.py), whose proxy goes by the same
// time; the page outlives a killed program, and the next one goes on from there.
//
// Only clock_nanosleep moves the clocks, which is how our programs sleep. SQLite sleeps in usleep
// and libcurl in poll: they wait for somebody else, and go on waiting for real. Their limits are
// reached early if the test moves the page meanwhile, and that is how a test lets an answer come
// too late.

#include <dlfcn.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include <atomic>
#include <cstdint>
#include <cstdlib>

#include "ledger/syscalls.h"

namespace {

struct Page {
  std::atomic<int64_t> ahead_ns;
  stanch::faults::Counters counters;
};
static_assert(sizeof(Page) == 24);

Page own_page;
Page* page = &own_page;

constexpr int64_t kSecond = 1'000'000'000;
// The page may say that it is earlier than it is; a clock that begins at zero cannot.
constexpr int64_t kMonotonicAhead = 30 * 86'400 * kSecond;

__attribute__((constructor)) void open_page() {
  const char* const path = std::getenv("STANCH_TEST_PAGE");
  if (path == nullptr) return;
  const int file = ::open(path, O_RDWR | O_CLOEXEC);
  if (file < 0) std::abort();
  void* const at = ::mmap(nullptr, sizeof(Page), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  ::close(file);
  if (at == MAP_FAILED) std::abort();
  page = static_cast<Page*>(at);
  const char* const kill_at = std::getenv("STANCH_TEST_KILL_AT");
  const char* const tear_at = std::getenv("STANCH_TEST_TEAR_AT");
  stanch::faults::Plan plan;
  if (kill_at != nullptr) {
    plan.fault = stanch::faults::Fault::kKill;
    plan.at = std::strtoull(kill_at, nullptr, 10);
  } else if (tear_at != nullptr) {
    plan.fault = stanch::faults::Fault::kKillTorn;
    plan.at = std::strtoull(tear_at, nullptr, 10);
  }
  stanch::faults::start(plan, &page->counters);
}

}  // namespace

extern "C" {

int clock_gettime(clockid_t clock, timespec* moment) noexcept {
  static auto next =
      reinterpret_cast<int (*)(clockid_t, timespec*)>(::dlsym(RTLD_NEXT, "clock_gettime"));
  const int failed = next(clock, moment);
  if (failed != 0 || (clock != CLOCK_REALTIME && clock != CLOCK_MONOTONIC)) return failed;
  const int64_t more = page->ahead_ns + (clock == CLOCK_MONOTONIC ? kMonotonicAhead : 0);
  const int64_t now = moment->tv_sec * kSecond + moment->tv_nsec + more;
  moment->tv_sec = now / kSecond;
  moment->tv_nsec = now % kSecond;
  return 0;
}

int clock_nanosleep(clockid_t clock, int flags, const timespec* wanted, timespec*) {
  int64_t span = wanted->tv_sec * kSecond + wanted->tv_nsec;
  if (flags == TIMER_ABSTIME) {
    timespec now{};
    ::clock_gettime(clock, &now);
    span -= now.tv_sec * kSecond + now.tv_nsec;
  }
  if (span > 0) page->ahead_ns += span;
  return 0;
}

}  // extern "C"
