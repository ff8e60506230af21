#pragma once

#include <cstddef>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "env/env.h"
#include "env/http_client.h"

// Inside of env/os: the classes behind OsEnv.

namespace stanch::env::os {

class OsClock final : public Clock {
 public:
  Time now() override;
  Steady steady() override;
  void sleep(Duration duration) override;
};

class OsRandom final : public Random {
 public:
  void fill(std::span<uint8_t> bytes) override;
};

class OsFiles final : public Files {
 public:
  Result<FileStatus> status(const std::string& path) override;
  Result<std::vector<std::string>> list(const std::string& folder) override;
  Result<std::unique_ptr<ReadableFile>> open(const std::string& path) override;
  Result<std::unique_ptr<WritableFile>> create(const std::string& path) override;
  Result<std::unique_ptr<WritableFile>> create_private(const std::string& path) override;
  Result<std::unique_ptr<WritableFile>> open_append(const std::string& path,
                                                    uint64_t keep) override;
  Result<> rename(const std::string& from, const std::string& to) override;
  Result<> remove(const std::string& path) override;
  Result<> make_folders(const std::string& path) override;
  Result<> sync_folder(const std::string& path) override;
  Result<std::unique_ptr<FileLock>> lock(const std::string& path) override;
  Result<std::string> whole_path(const std::string& path) override;
  Result<std::unique_ptr<AddressDatabase>> open_addresses(const std::string& path) override;
};

class OsThreads final : public Threads {
 public:
  std::unique_ptr<Thread> start(std::string name, std::function<void()> body) override;
  std::unique_ptr<Monitor> monitor() override;
  unsigned cores() override;
};

class OsVariables final : public Variables {
 public:
  std::optional<std::string> find(const std::string& name) override;
};

class OsTerminal final : public Terminal {
 public:
  // File descriptors of the two streams, so that tests can give pipes.
  explicit OsTerminal(int out = 1, int error = 2) : out_(out), error_(error) {}

  Result<> write_out(std::string_view bytes) override;
  void write_error(std::string_view bytes) override;
  bool out_is_terminal() override;
  bool error_is_terminal() override;
  unsigned columns() override;

 private:
  int out_;
  int error_;
};

class OsHttpClient final : public HttpClient {
 public:
  // Whom to trust: a file of certificates, or "" for those that the system trusts.
  explicit OsHttpClient(std::string trust_file = "");
  ~OsHttpClient() override;
  OsHttpClient(const OsHttpClient&) = delete;
  OsHttpClient& operator=(const OsHttpClient&) = delete;

  Result<HttpResponse> send(const HttpRequest& request) override;

 private:
  static constexpr size_t kIdleMax = 64;  // handles, each with the connections that it kept
  struct Idle {
    std::string origin;
    void* handle;  // libcurl's
  };
  void* take(const std::string& origin);
  void give(std::string origin, void* handle);

  const std::string trust_file_;
  std::mutex mutex_;  // over idle_; never held while asking
  std::vector<Idle> idle_;
};

// Writes all of `bytes`, waiting where the descriptor is not ready and going on
// after interruptions. The errno value of what stopped it, or 0.
int write_all(int descriptor, std::string_view bytes);

// How many cores the control groups named in `membership` (the text of
// /proc/self/cgroup) leave to this process, rounded up; nothing if they set no
// limit. `root` is where control groups are mounted: /sys/fs/cgroup.
std::optional<unsigned> cores_of_quota(std::string_view membership, const std::string& root);

}  // namespace stanch::env::os
