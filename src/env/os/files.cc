#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <utility>

#include "env/os/parts.h"
#include "env/system_error.h"

namespace stanch::env::os {
namespace {

// An open file descriptor; closes it.
class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  Descriptor& operator=(Descriptor&&) = delete;
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  bool valid() const { return number_ >= 0; }
  int number() const { return number_; }
  int release() { return std::exchange(number_, -1); }

 private:
  int number_;
};

// 0666 less the umask: who may read findings is for the user's umask to say.
Descriptor open_descriptor(const std::string& path, int flags, mode_t mode = 0666) {
  for (;;) {
    int number = ::open(path.c_str(), flags | O_CLOEXEC | O_NOCTTY, mode);
    if (number >= 0 || errno != EINTR) return Descriptor(number);
  }
}

class OsReadable final : public ReadableFile {
 public:
  OsReadable(Descriptor file, std::string path) : file_(std::move(file)), path_(std::move(path)) {}
  ~OsReadable() override {
    if (file_.number() == STDIN_FILENO) file_.release();  // not ours to close
  }

  Result<size_t> read(std::span<char> buffer) override {
    for (;;) {
      ssize_t count = ::read(file_.number(), buffer.data(), buffer.size());
      if (count >= 0) return static_cast<size_t>(count);
      if (errno != EINTR) return system_error(errno, "read", path_);
    }
  }

 private:
  Descriptor file_;
  std::string path_;
};

class OsWritable final : public WritableFile {
 public:
  OsWritable(Descriptor file, std::string path) : file_(std::move(file)), path_(std::move(path)) {}

  Result<> append(std::string_view bytes) override {
    int problem = write_all(file_.number(), bytes);
    if (problem != 0) return system_error(problem, "write", path_);
    return {};
  }

  Result<> sync() override {
    while (::fdatasync(file_.number()) != 0) {
      // Pipes and terminals cannot be synced and lose nothing by it.
      if (errno == EINVAL || errno == ENOTSUP) return {};
      if (errno != EINTR) return system_error(errno, "sync", path_);
    }
    return {};
  }

 private:
  Descriptor file_;
  std::string path_;
};

class OsLock final : public FileLock {
 public:
  explicit OsLock(Descriptor file) : file_(std::move(file)) {}

 private:
  Descriptor file_;  // the lock belongs to it
};

FileKind kind_of(const struct stat& found) {
  if (S_ISREG(found.st_mode)) return FileKind::kFile;
  return S_ISDIR(found.st_mode) ? FileKind::kFolder : FileKind::kOther;
}

}  // namespace

Result<FileStatus> OsFiles::status(const std::string& path) {
  struct stat found{};
  if (::stat(path.c_str(), &found) != 0) return system_error(errno, "look at", path);
  return FileStatus{.kind = kind_of(found),
                    .size = static_cast<uint64_t>(found.st_size),
                    .device = found.st_dev,
                    .inode = found.st_ino};
}

Result<std::vector<std::string>> OsFiles::list(const std::string& folder) {
  DIR* stream = ::opendir(folder.c_str());
  if (stream == nullptr) return system_error(errno, "list", folder);
  std::vector<std::string> names;
  int problem = 0;
  for (;;) {
    errno = 0;
    const dirent* entry = ::readdir(stream);
    if (entry == nullptr) {
      problem = errno;
      break;
    }
    std::string_view name = entry->d_name;
    if (name != "." && name != "..") names.emplace_back(name);
  }
  ::closedir(stream);
  if (problem != 0) return system_error(problem, "list", folder);
  std::sort(names.begin(), names.end());
  return names;
}

Result<std::unique_ptr<ReadableFile>> OsFiles::open(const std::string& path) {
  if (path == "-") {
    return std::unique_ptr<ReadableFile>(
        new OsReadable(Descriptor(STDIN_FILENO), "the standard input"));
  }
  Descriptor file = open_descriptor(path, O_RDONLY);
  struct stat found{};
  if (!file.valid() || ::fstat(file.number(), &found) != 0)
    return system_error(errno, "open", path);
  if (S_ISDIR(found.st_mode)) return system_error(EISDIR, "open", path);
  if (S_ISREG(found.st_mode)) ::posix_fadvise(file.number(), 0, 0, POSIX_FADV_SEQUENTIAL);
  return std::unique_ptr<ReadableFile>(new OsReadable(std::move(file), path));
}

Result<std::unique_ptr<WritableFile>> OsFiles::create(const std::string& path) {
  Descriptor file = open_descriptor(path, O_WRONLY | O_CREAT | O_TRUNC);
  if (!file.valid()) return system_error(errno, "create", path);
  return std::unique_ptr<WritableFile>(new OsWritable(std::move(file), path));
}

Result<std::unique_ptr<WritableFile>> OsFiles::create_private(const std::string& path) {
  constexpr mode_t kOwnerOnly = 0600;
  Descriptor file = open_descriptor(path, O_WRONLY | O_CREAT | O_TRUNC, kOwnerOnly);
  // One that was there before may have let others in.
  if (!file.valid() || ::fchmod(file.number(), kOwnerOnly) != 0)
    return system_error(errno, "create", path);
  return std::unique_ptr<WritableFile>(new OsWritable(std::move(file), path));
}

Result<std::unique_ptr<WritableFile>> OsFiles::open_append(const std::string& path, uint64_t keep) {
  Descriptor file = open_descriptor(path, O_WRONLY | O_CREAT | O_APPEND);
  struct stat found{};
  if (!file.valid() || ::fstat(file.number(), &found) != 0)
    return system_error(errno, "open", path);
  auto size = static_cast<uint64_t>(found.st_size);
  // ftruncate would fill up with zeros what is missing.
  if (size < keep) return shorter_than_kept(path, size, keep);
  while (size > keep && ::ftruncate(file.number(), static_cast<off_t>(keep)) != 0) {
    if (errno != EINTR) return system_error(errno, "cut", path);
  }
  return std::unique_ptr<WritableFile>(new OsWritable(std::move(file), path));
}

Result<> OsFiles::rename(const std::string& from, const std::string& to) {
  if (::rename(from.c_str(), to.c_str()) != 0) return system_error(errno, "rename", from);
  return {};
}

Result<> OsFiles::remove(const std::string& path) {
  if (::remove(path.c_str()) != 0) return system_error(errno, "remove", path);
  return {};
}

Result<> OsFiles::make_folders(const std::string& path) {
  for (size_t end = 1; end <= path.size(); ++end) {
    if (end < path.size() && path[end] != '/') continue;
    std::string part = path.substr(0, end);
    // What is in them is for their owner, as far as nobody says otherwise.
    if (::mkdir(part.c_str(), 0700) == 0) continue;
    int problem = errno;
    // Others than EEXIST may come from a folder that is there, such as EROFS.
    struct stat found{};
    if (::stat(part.c_str(), &found) != 0) return system_error(problem, "make the folder", part);
    if (!S_ISDIR(found.st_mode)) return system_error(EEXIST, "make the folder", part);
  }
  return {};
}

Result<> OsFiles::sync_folder(const std::string& path) {
  Descriptor folder = open_descriptor(path.empty() ? "." : path, O_RDONLY | O_DIRECTORY);
  if (!folder.valid()) return system_error(errno, "sync the folder", path);
  while (::fsync(folder.number()) != 0) {
    if (errno == EINVAL || errno == ENOTSUP) return {};  // file systems that keep no such promise
    if (errno != EINTR) return system_error(errno, "sync the folder", path);
  }
  return {};
}

Result<std::string> OsFiles::whole_path(const std::string& path) {
  char* const whole = ::realpath(path.c_str(), nullptr);
  if (whole == nullptr) return system_error(errno, "find", path);
  std::string found = whole;
  ::free(whole);
  return found;
}

Result<std::unique_ptr<FileLock>> OsFiles::lock(const std::string& path) {
  constexpr mode_t kOwnerOnly = 0600;
  for (;;) {
    Descriptor file = open_descriptor(path, O_RDWR | O_CREAT, kOwnerOnly);
    if (!file.valid()) return system_error(errno, "lock", path);
    while (::flock(file.number(), LOCK_EX | LOCK_NB) != 0) {
      if (errno == EWOULDBLOCK) return system_error(EBUSY, "lock", path);
      if (errno != EINTR) return system_error(errno, "lock", path);
    }
    // Its last holder may have removed it after we opened it: then what we have locked is not
    // what the next one will find.
    struct stat locked{};
    struct stat named{};
    if (::fstat(file.number(), &locked) != 0) return system_error(errno, "lock", path);
    const bool is_named = ::stat(path.c_str(), &named) == 0;
    if (is_named && named.st_dev == locked.st_dev && named.st_ino == locked.st_ino) {
      return std::unique_ptr<FileLock>(new OsLock(std::move(file)));
    }
  }
}

}  // namespace stanch::env::os
