#include <pthread.h>
#include <sched.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <condition_variable>
#include <mutex>
#include <system_error>
#include <thread>

#include "base/check.h"
#include "env/os/parts.h"

namespace stanch::env::os {
namespace {

class OsThread final : public Thread {
 public:
  OsThread(std::string name, std::function<void()> body) : thread_(std::move(body)) {
    name.resize(std::min<size_t>(name.size(), 15));  // what Linux keeps
    pthread_setname_np(thread_.native_handle(), name.c_str());
  }
  ~OsThread() override { OsThread::join(); }
  void join() override {
    if (thread_.joinable()) thread_.join();
  }

 private:
  std::thread thread_;
};

class OsMonitor final : public Monitor {
 public:
  void lock() override { mutex_.lock(); }
  void unlock() override { mutex_.unlock(); }
  void wait() override {
    std::unique_lock held(mutex_, std::adopt_lock);
    condition_.wait(held);  // NOLINT(bugprone-spuriously-wake-up-functions): so says the contract
    held.release();
  }
  void notify_all() override { condition_.notify_all(); }

 private:
  std::mutex mutex_;
  std::condition_variable condition_;
};

std::optional<std::string> read_small_file(const std::string& path) {
  auto file = OsFiles().open(path);
  if (!file) return std::nullopt;
  std::string text(size_t{1} << 16, '\0');
  size_t size = 0;
  while (size < text.size()) {
    auto count = (*file)->read(std::span(text).subspan(size));
    if (!count || *count == 0) break;
    size += *count;
  }
  text.resize(size);
  return text;
}

// The number that starts at text[from]; from moves behind it.
std::optional<int64_t> number_at(std::string_view text, size_t& from) {
  while (from < text.size() && text[from] == ' ') ++from;
  int64_t value = 0;
  auto [end, problem] = std::from_chars(text.data() + from, text.data() + text.size(), value);
  if (problem != std::errc()) return std::nullopt;
  from = static_cast<size_t>(end - text.data());
  return value;
}

std::optional<unsigned> whole_cores(int64_t quota, int64_t period) {
  if (quota <= 0 || period <= 0) return std::nullopt;
  return static_cast<unsigned>(std::max<int64_t>(1, (quota + period - 1) / period));
}

// The limit that one folder of a control group tree sets: version 2 keeps
// "max 100000" or "150000 100000" in cpu.max, version 1 keeps two files.
std::optional<unsigned> quota_of_folder(const std::string& folder, bool version_2) {
  size_t at = 0;
  if (version_2) {
    auto text = read_small_file(folder + "/cpu.max");
    if (!text) return std::nullopt;
    auto quota = number_at(*text, at);
    auto period = quota ? number_at(*text, at) : std::nullopt;
    return period ? whole_cores(*quota, *period) : std::nullopt;
  }
  auto quota_text = read_small_file(folder + "/cpu.cfs_quota_us");
  auto period_text = read_small_file(folder + "/cpu.cfs_period_us");
  if (!quota_text || !period_text) return std::nullopt;
  auto quota = number_at(*quota_text, at);
  auto period = number_at(*period_text, at = 0);
  return quota && period ? whole_cores(*quota, *period) : std::nullopt;
}

// A limit holds for everything below it, so the least on the way up counts.
// In a container the path may be that of the host and not exist here: its
// missing folders are passed by.
std::optional<unsigned> least_on_the_way_up(const std::string& mount, std::string path,
                                            bool version_2) {
  std::optional<unsigned> least;
  for (;;) {
    auto quota = quota_of_folder(mount + path, version_2);
    if (quota && (!least || *quota < *least)) least = quota;
    if (path.empty() || path == "/") return least;
    path.resize(path.rfind('/') == std::string::npos ? 0 : path.rfind('/'));
  }
}

bool names_cpu(std::string_view controllers) {
  while (!controllers.empty()) {
    size_t comma = std::min(controllers.find(','), controllers.size());
    if (controllers.substr(0, comma) == "cpu") return true;
    controllers.remove_prefix(std::min(comma + 1, controllers.size()));
  }
  return false;
}

}  // namespace

std::optional<unsigned> cores_of_quota(std::string_view membership, const std::string& root) {
  std::optional<unsigned> least;
  while (!membership.empty()) {
    size_t newline = std::min(membership.find('\n'), membership.size());
    std::string_view line = membership.substr(0, newline);
    membership.remove_prefix(std::min(newline + 1, membership.size()));
    // hierarchy ":" controllers ":" path (cgroups(7)); version 2 names no controllers.
    size_t first = line.find(':');
    size_t second = first == line.npos ? line.npos : line.find(':', first + 1);
    if (second == line.npos) continue;
    std::string_view controllers = line.substr(first + 1, second - first - 1);
    bool version_2 = controllers.empty();
    if (!version_2 && !names_cpu(controllers)) continue;
    std::string mount = version_2 ? root : root + "/cpu";
    auto quota = least_on_the_way_up(mount, std::string(line.substr(second + 1)), version_2);
    if (quota && (!least || *quota < *least)) least = quota;
  }
  return least;
}

std::unique_ptr<Thread> OsThreads::start(std::string name, std::function<void()> body) {
  try {
    return std::make_unique<OsThread>(std::move(name), std::move(body));
  } catch (const std::system_error&) {  // std::thread says so in no other way
    return nullptr;
  }
}

std::unique_ptr<Monitor> OsThreads::monitor() { return std::make_unique<OsMonitor>(); }

unsigned OsThreads::cores() {
  cpu_set_t set;
  CPU_ZERO(&set);
  long count = 0;
  if (sched_getaffinity(0, sizeof(set), &set) == 0) {
    count = CPU_COUNT(&set);
  } else {  // more than 1024 of them
    count = sysconf(_SC_NPROCESSORS_ONLN);
  }
  auto cores = static_cast<unsigned>(std::max(1L, count));
  if (auto membership = read_small_file("/proc/self/cgroup")) {
    if (auto quota = cores_of_quota(*membership, "/sys/fs/cgroup")) cores = std::min(cores, *quota);
  }
  return cores;
}

}  // namespace stanch::env::os
