#include "pipeline/parallel.h"

#include <algorithm>
#include <memory>
#include <vector>

namespace stanch::pipeline {

void for_each_parallel(env::Threads& threads, size_t count, size_t threads_max,
                       const std::function<void(size_t)>& each) {
  const std::unique_ptr<env::Monitor> monitor = threads.monitor();
  size_t next = 0;  // guarded by the monitor
  const auto work = [&] {
    for (;;) {
      size_t mine = 0;
      {
        env::MonitorLock lock(*monitor);
        if (next == count) return;
        mine = next++;
      }
      each(mine);
    }
  };
  std::vector<std::unique_ptr<env::Thread>> others;
  for (size_t i = 1; i < std::min(threads_max, count); ++i) {
    auto thread = threads.start("worker", work);
    if (!thread) break;
    others.push_back(std::move(thread));
  }
  work();
  for (const auto& thread : others) thread->join();
}

}  // namespace stanch::pipeline
