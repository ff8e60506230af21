#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"

// The outside world, as small interfaces: everything that waits, fails or
// differs from run to run comes through here. env/os is the real one. env/sim
// is a seeded one: one thread runs at a time, every call below is a scheduling
// point at which the seed picks who goes on, and a crash may happen at any of
// them. Code that uses env is written blocking, and may be called from any
// thread unless said otherwise.
//
// Under env/sim a crash unwinds each thread by an exception that is no
// std::exception. Destructors must therefore use nothing of env but lock(),
// unlock(), notify_all(), join() and the destructors here: these never throw.
//
// Errors of files: kNotFound; kDenied (permissions; a read-only disk; a pipe
// that nobody reads any more); kConflict (it exists, is in use, is not empty);
// kInvalid (a folder where a file is meant, and the like); kUnavailable (no
// space, too many open files); kCorrupt (the device failed). The text names
// path and reason.

namespace stanch::env {

class Clock {
 public:
  virtual ~Clock() = default;
  virtual Time now() = 0;       // wall time, may jump
  virtual Steady steady() = 0;  // never goes back
  virtual void sleep(Duration duration) = 0;
};

class Random {
 public:
  virtual ~Random() = default;
  virtual void fill(std::span<uint8_t> bytes) = 0;  // cryptographically strong in env/os
};

enum class FileKind : uint8_t { kFile, kFolder, kOther };

struct FileStatus {
  FileKind kind;
  uint64_t size;    // bytes; of a file
  uint64_t device;  // (device, inode) tells whether two paths are one file
  uint64_t inode;
};

// Not thread-safe. Destruction closes it.
class ReadableFile {
 public:
  virtual ~ReadableFile() = default;
  // Reads up to buffer.size() bytes; 0 at the end. Short reads are ordinary.
  virtual Result<size_t> read(std::span<char> buffer) = 0;
};

// Not thread-safe. Destruction closes it without sync. After a failed sync()
// nothing is known about what was written: the caller must not go on.
class WritableFile {
 public:
  virtual ~WritableFile() = default;
  virtual Result<> append(std::string_view bytes) = 0;
  virtual Result<> sync() = 0;  // durable when it returns (fdatasync)
};

// Holds a lock of Files::lock(). Destruction gives it back; so does the end of the process,
// however it comes.
class FileLock {
 public:
  virtual ~FileLock() = default;
};

// What a database says of an address; empty where it does not.
struct AddressFacts {
  std::string country;       // ISO 3166-1, "NL"
  uint32_t network = 0;      // number of its autonomous system
  std::string organization;  // that announces it
};

// A MaxMind DB file (GeoLite2, DB-IP and others have this form). Any thread.
class AddressDatabase {
 public:
  virtual ~AddressDatabase() = default;
  // `address` in text; nothing is said of what is no address.
  virtual AddressFacts find(const std::string& address) const = 0;
};

class Files {
 public:
  virtual ~Files() = default;
  virtual Result<FileStatus> status(const std::string& path) = 0;  // follows links; kNotFound
  // Names in a folder, without "." and "..", sorted by bytes.
  virtual Result<std::vector<std::string>> list(const std::string& folder) = 0;
  virtual Result<std::unique_ptr<ReadableFile>> open(const std::string& path) = 0;    // "-": stdin
  virtual Result<std::unique_ptr<WritableFile>> create(const std::string& path) = 0;  // truncates
  // create() of a file that its owner alone may read and write.
  virtual Result<std::unique_ptr<WritableFile>> create_private(const std::string& path) = 0;
  // Opens for appending, creating it if need be, cut to its first `keep` bytes.
  // kCorrupt if it holds fewer.
  virtual Result<std::unique_ptr<WritableFile>> open_append(const std::string& path,
                                                            uint64_t keep) = 0;
  virtual Result<> rename(const std::string& from, const std::string& to) = 0;  // atomic
  virtual Result<> remove(const std::string& path) = 0;        // a file or an empty folder
  virtual Result<> make_folders(const std::string& path) = 0;  // like mkdir -p
  virtual Result<> sync_folder(const std::string& path) = 0;   // makes names durable
  // Locks the file of this name for one holder among all processes, without waiting:
  // kConflict while another has it. Creates the file if need be, for its owner alone, and
  // never changes it. Only who holds the lock may remove or replace the file.
  virtual Result<std::unique_ptr<FileLock>> lock(const std::string& path) = 0;
  // The same file, named from the root. Only the real world has a folder where it is.
  virtual Result<std::string> whole_path(const std::string& path) { return path; }
  // kCorrupt if it is no such database. Only the real world has them.
  virtual Result<std::unique_ptr<AddressDatabase>> open_addresses(const std::string& path) {
    return Error(ErrorCode::kUnavailable, path + ": there are no address databases here");
  }
};

// A running thread. The destructor joins. Only one thread may join it.
class Thread {
 public:
  virtual ~Thread() = default;
  virtual void join() = 0;
};

// A mutex with its condition: lock() … wait() while a predicate is false …
// notify_all() … unlock(). Use MonitorLock.
class Monitor {
 public:
  virtual ~Monitor() = default;
  virtual void lock() = 0;
  virtual void unlock() = 0;
  virtual void wait() = 0;  // requires the lock; gives it up while waiting; may wake spuriously
  virtual void notify_all() = 0;
};

class MonitorLock {
 public:
  explicit MonitorLock(Monitor& monitor) : monitor_(monitor) { monitor_.lock(); }
  ~MonitorLock() { monitor_.unlock(); }
  MonitorLock(const MonitorLock&) = delete;
  MonitorLock& operator=(const MonitorLock&) = delete;

 private:
  Monitor& monitor_;
};

class Threads {
 public:
  virtual ~Threads() = default;
  // Null if the system gives no more threads: go on with those there are.
  virtual std::unique_ptr<Thread> start(std::string name, std::function<void()> body) = 0;
  virtual std::unique_ptr<Monitor> monitor() = 0;
  virtual unsigned cores() = 0;  // that this process may use; at least 1
};

// Environment variables.
class Variables {
 public:
  virtual ~Variables() = default;
  virtual std::optional<std::string> find(const std::string& name) = 0;
};

// The terminal and the standard streams.
class Terminal {
 public:
  virtual ~Terminal() = default;
  virtual Result<> write_out(std::string_view bytes) = 0;  // all of it, or the reason
  virtual void write_error(std::string_view bytes) = 0;    // best effort
  virtual bool out_is_terminal() = 0;
  virtual bool error_is_terminal() = 0;
  virtual unsigned columns() = 0;  // of whichever stream is a terminal; 80 if unknown
};

class HttpClient;  // env/http_client.h

struct Env {
  Clock& clock;
  Random& random;
  Files& files;
  Threads& threads;
  Variables& variables;
  Terminal& terminal;
  HttpClient& http;
};

}  // namespace stanch::env
