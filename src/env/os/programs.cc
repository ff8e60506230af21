#include "env/os/programs.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <string_view>
#include <vector>

extern char** environ;

namespace stanch::env::os {

namespace {

using Moment = std::chrono::steady_clock::time_point;

std::string path_of(const std::string& name) {
  const char* const variable = std::getenv("PATH");
  std::string_view rest = variable == nullptr ? "" : variable;
  while (!rest.empty() && !name.empty() && !name.contains('/')) {
    const std::string_view folder = rest.substr(0, rest.find(':'));
    rest.remove_prefix(std::min(folder.size() + 1, rest.size()));
    if (!folder.starts_with('/')) continue;
    std::string path = std::string(folder) + "/" + name;
    if (::access(path.c_str(), X_OK) == 0) return path;
  }
  return {};
}

int left_ms(Moment until) {
  const auto left =
      std::chrono::ceil<std::chrono::milliseconds>(until - std::chrono::steady_clock::now());
  return static_cast<int>(std::clamp<int64_t>(left.count(), 0, 60'000));
}

// The started program and our end of its output. Whatever happens, it is ended and waited for.
class Child {
 public:
  Child(pid_t id, int out) : id_(id), out_(out) {}
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  ~Child() {
    ::close(out_);
    if (id_ <= 0) return;
    ::kill(-id_, SIGKILL);  // with what it started
    int status = 0;
    while (::waitpid(id_, &status, 0) < 0 && errno == EINTR) continue;
  }

  // False if time was up first, or it was too much.
  bool read_all(Moment until, size_t most, std::string& out) const {
    char buffer[4096];
    for (;;) {
      pollfd waits{.fd = out_, .events = POLLIN, .revents = 0};
      const int ready = ::poll(&waits, 1, left_ms(until));
      if (ready < 0 && errno == EINTR) continue;
      if (ready == 0 && left_ms(until) > 0) continue;
      if (ready <= 0) return false;
      const ssize_t count = ::read(out_, buffer, sizeof buffer);
      if (count < 0 && errno == EINTR) continue;
      if (count <= 0) return count == 0;
      out.append(buffer, static_cast<size_t>(count));
      if (out.size() > most) return false;
    }
  }

  // -1 if time was up first.
  int wait(Moment until) {
    for (;;) {
      int status = 0;
      const pid_t ended = ::waitpid(id_, &status, WNOHANG);
      if (ended == id_) {
        id_ = 0;
        return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
      }
      if (ended < 0 && errno != EINTR) return -1;
      if (left_ms(until) == 0) return -1;
      ::poll(nullptr, 0, std::min(left_ms(until), 5));
    }
  }

 private:
  pid_t id_;
  int out_;
};

// The started program; 0 if it could not be.
pid_t start(const std::string& path, const ProgramRun& run, int out) {
  std::vector<char*> words = {const_cast<char*>(run.name.c_str())};
  for (const std::string& each : run.arguments) words.push_back(const_cast<char*>(each.c_str()));
  words.push_back(nullptr);
  posix_spawn_file_actions_t files;
  ::posix_spawn_file_actions_init(&files);
  ::posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0);
  ::posix_spawn_file_actions_adddup2(&files, out, 1);
  ::posix_spawn_file_actions_addopen(&files, 2, "/dev/null", O_WRONLY, 0);
  posix_spawnattr_t attributes;
  ::posix_spawnattr_init(&attributes);
  sigset_t ours;  // that OsEnv ignores
  ::sigemptyset(&ours);
  ::sigaddset(&ours, SIGPIPE);
  ::sigaddset(&ours, SIGXFSZ);
  ::posix_spawnattr_setsigdefault(&attributes, &ours);
  ::posix_spawnattr_setpgroup(&attributes, 0);
  ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
  pid_t id = 0;
  const int problem = ::posix_spawn(&id, path.c_str(), &files, &attributes, words.data(), environ);
  ::posix_spawnattr_destroy(&attributes);
  ::posix_spawn_file_actions_destroy(&files);
  return problem == 0 ? id : 0;
}

}  // namespace

Result<ProgramEnd> OsPrograms::run(const ProgramRun& run) {
  const std::string path = path_of(run.name);
  if (path.empty()) return Error(ErrorCode::kNotFound, run.name + ": there is no such program");
  int pipe[2];
  if (::pipe2(pipe, O_CLOEXEC) != 0) {
    return Error(ErrorCode::kUnavailable, run.name + ": there is no pipe to it");
  }
  const Moment until = std::chrono::steady_clock::now() + run.within;
  const pid_t id = start(path, run, pipe[1]);
  ::close(pipe[1]);
  Child child(id, pipe[0]);
  if (id == 0) return Error(ErrorCode::kUnavailable, path + " cannot be started");
  ProgramEnd end;
  if (!child.read_all(until, run.out_bytes_max, end.out)) {
    if (end.out.size() > run.out_bytes_max) {
      return Error(ErrorCode::kInvalid, path + " says too much");
    }
    return Error(ErrorCode::kUnavailable, path + " takes too long");
  }
  end.status = child.wait(until);
  if (end.status < 0) return Error(ErrorCode::kUnavailable, path + " takes too long");
  return end;
}

}  // namespace stanch::env::os
