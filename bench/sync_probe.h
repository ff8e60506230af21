#pragma once

#include <fcntl.h>
#include <unistd.h>

#include <string>
#include <vector>

#include "base/check.h"
#include "folder.h"
#include "measure.h"

namespace stanch::bench {

// How long fdatasync of 4 KiB takes on the disk of `folder`, in seconds.
class SyncProbe {
 public:
  explicit SyncProbe(const Folder& folder)
      : file_(open((folder.path.string() + "/sync").c_str(), O_CREAT | O_WRONLY, 0600)) {
    CHECK(file_ >= 0);
  }
  ~SyncProbe() { close(file_); }
  SyncProbe(const SyncProbe&) = delete;
  SyncProbe& operator=(const SyncProbe&) = delete;

  void probe(size_t count) {
    const std::string bytes(4096, 's');
    for (size_t i = 0; i < count; ++i) {
      CHECK(write(file_, bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size()));
      const double start = now_seconds(ClockKind::kWall);
      CHECK(fdatasync(file_) == 0);
      seconds.push_back(now_seconds(ClockKind::kWall) - start);
    }
  }

  std::vector<double> seconds;

 private:
  int file_;
};

}  // namespace stanch::bench
