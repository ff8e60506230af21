#include <sys/random.h>
#include <time.h>

#include <cerrno>

#include "base/check.h"
#include "env/os/parts.h"

namespace stanch::env::os {
namespace {

Duration read_clock(clockid_t id) {
  timespec moment{};
  CHECK(clock_gettime(id, &moment) == 0);
  return std::chrono::seconds(moment.tv_sec) + Duration(moment.tv_nsec);
}

}  // namespace

Time OsClock::now() { return Time(read_clock(CLOCK_REALTIME)); }

Steady OsClock::steady() { return Steady(read_clock(CLOCK_MONOTONIC)); }

void OsClock::sleep(Duration duration) {
  if (duration <= Duration::zero()) return;
  auto seconds = std::chrono::duration_cast<std::chrono::seconds>(duration);
  timespec left{.tv_sec = seconds.count(), .tv_nsec = (duration - seconds).count()};
  while (clock_nanosleep(CLOCK_MONOTONIC, 0, &left, &left) == EINTR) {
  }
}

void OsRandom::fill(std::span<uint8_t> bytes) {
  while (!bytes.empty()) {
    ssize_t count = getrandom(bytes.data(), bytes.size(), 0);
    if (count < 0) {
      // Without randomness no token and no salt is safe: there is no going on.
      CHECK(errno == EINTR);
      continue;
    }
    bytes = bytes.subspan(static_cast<size_t>(count));
  }
}

}  // namespace stanch::env::os
