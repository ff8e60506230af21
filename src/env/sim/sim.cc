#include "env/sim/sim.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <map>
#include <set>

#include "base/check.h"
#include "env/sim/disk.h"
#include "env/sim/schedule.h"
#include "env/system_error.h"

namespace stanch::env {
namespace sim {
namespace {

// What a call returns to a destructor of a program that has crashed.
Error dead_error() { return Error(ErrorCode::kUnavailable, "the process has ended"); }

struct Planned {
  Fault fault;
  uint64_t seen = 0;
};

// What the parts of a world share. Only the thread that runs touches it.
struct Shared {
  Shared(uint64_t seed_, const SimOptions& options_)
      : seed(seed_),
        options(options_),
        schedule(seed_, options_),
        fate(seed_, 1),
        noise(seed_, 2) {}

  // The errno value of the fault that is planned for this call, or 0.
  int fault_of(FileCall call, std::string_view path) {
    int problem = 0;
    for (Planned& planned : faults) {
      const Fault& fault = planned.fault;
      if (fault.call != call || path.find(fault.path) == path.npos) continue;
      ++planned.seen;
      if (planned.seen == fault.nth || (fault.stays && planned.seen > fault.nth)) {
        problem = fault.problem;
        schedule.note(static_cast<uint64_t>(problem));
      }
    }
    return problem;
  }

  const uint64_t seed;
  const SimOptions options;
  Schedule schedule;
  Disk disk;
  Dice fate;   // what survives crashes and failures
  Dice noise;  // what Random gives, and short reads
  std::vector<Planned> faults;
  std::set<Inode> locks;  // held in this run
  std::map<std::string, std::string> variables;
  std::string standard_input;
  HttpScript http_script;
  std::string out;
  std::string error;
};

class SimClock final : public Clock {
 public:
  explicit SimClock(Shared& shared) : shared_(shared) {}
  Time now() override {
    (void)shared_.schedule.enter("now", "");
    return shared_.schedule.now();
  }
  Steady steady() override {
    (void)shared_.schedule.enter("steady", "");
    return shared_.schedule.steady();
  }
  void sleep(Duration duration) override { shared_.schedule.sleep(duration); }

 private:
  Shared& shared_;
};

class SimRandom final : public Random {
 public:
  explicit SimRandom(Shared& shared) : shared_(shared) {}
  void fill(std::span<uint8_t> bytes) override {
    (void)shared_.schedule.enter("random", "");
    for (uint8_t& byte : bytes) {
      byte = static_cast<uint8_t>(shared_.noise.next());
      shared_.schedule.note(byte);
    }
  }

 private:
  Shared& shared_;
};

class SimReadable final : public ReadableFile {
 public:
  // Inode 0 is the standard input.
  SimReadable(Shared& shared, Inode inode, std::string path)
      : shared_(shared),
        run_(shared.schedule.run_number()),
        inode_(inode),
        path_(std::move(path)) {}

  Result<size_t> read(std::span<char> buffer) override {
    CHECK(shared_.schedule.inside(run_));
    if (!shared_.schedule.enter("read", path_)) return dead_error();
    if (int problem = shared_.fault_of(FileCall::kRead, path_)) {
      return system_error(problem, "read", path_);
    }
    std::string_view bytes = inode_ == 0 ? shared_.standard_input : shared_.disk.bytes(inode_);
    bytes.remove_prefix(std::min(at_, bytes.size()));
    size_t count = std::min(bytes.size(), buffer.size());
    if (count > 1 && shared_.options.short_reads && shared_.noise.one_in(4)) {
      count = 1 + shared_.noise.below(count - 1);
    }
    bytes.copy(buffer.data(), count);
    shared_.schedule.note(bytes.substr(0, count));
    at_ += count;
    return count;
  }

 private:
  Shared& shared_;
  uint64_t run_;  // a file is open in one run only
  Inode inode_;
  std::string path_;
  size_t at_ = 0;
};

class SimWritable final : public WritableFile {
 public:
  SimWritable(Shared& shared, Inode inode, std::string path)
      : shared_(shared),
        run_(shared.schedule.run_number()),
        inode_(inode),
        path_(std::move(path)) {}

  Result<> append(std::string_view bytes) override {
    CHECK(shared_.schedule.inside(run_));
    auto torn = [&] { append_part(bytes); };
    std::string detail = fmt::format("{} ({} bytes)", path_, bytes.size());
    if (!shared_.schedule.enter("append", detail, Unwinds::kYes, torn)) return dead_error();
    shared_.schedule.note(bytes);
    if (int problem = shared_.fault_of(FileCall::kAppend, path_)) {
      append_part(bytes);
      return system_error(problem, "write", path_);
    }
    shared_.disk.append(inode_, bytes);
    return {};
  }

  Result<> sync() override {
    CHECK(shared_.schedule.inside(run_));
    if (!shared_.schedule.enter("sync", path_)) return dead_error();
    if (int problem = shared_.fault_of(FileCall::kSync, path_)) {
      shared_.disk.fail_sync(inode_, shared_.fate);
      return system_error(problem, "sync", path_);
    }
    shared_.disk.sync(inode_);
    return {};
  }

 private:
  void append_part(std::string_view bytes) {
    shared_.disk.append(inode_, bytes.substr(0, shared_.fate.below(bytes.size() + 1)));
  }

  Shared& shared_;
  uint64_t run_;  // a file is open in one run only
  Inode inode_;
  std::string path_;
};

class SimLock final : public FileLock {
 public:
  SimLock(Shared& shared, Inode inode)
      : shared_(shared), run_(shared.schedule.run_number()), inode_(inode) {}
  ~SimLock() override {
    // The end of its run has given it back already.
    if (shared_.schedule.run_number() == run_) shared_.locks.erase(inode_);
  }

 private:
  Shared& shared_;
  uint64_t run_;
  Inode inode_;
};

class SimFiles final : public Files {
 public:
  explicit SimFiles(Shared& shared) : shared_(shared) {}

  Result<FileStatus> status(const std::string& path) override {
    TRY(enter(FileCall::kStatus, "status", "look at", path));
    return shared_.disk.status(path);
  }
  Result<std::vector<std::string>> list(const std::string& folder) override {
    TRY(enter(FileCall::kList, "list", "list", folder));
    return shared_.disk.list(folder);
  }
  Result<std::unique_ptr<ReadableFile>> open(const std::string& path) override {
    TRY(enter(FileCall::kOpen, "open", "open", path));
    if (path == "-") return readable(0, "the standard input");
    TRY(Inode inode, shared_.disk.open(path));
    return readable(inode, path);
  }
  Result<std::unique_ptr<WritableFile>> create(const std::string& path) override {
    TRY(enter(FileCall::kCreate, "create", "create", path));
    TRY(Inode inode, shared_.disk.create(path));
    return writable(inode, path);
  }
  Result<std::unique_ptr<WritableFile>> create_private(const std::string& path) override {
    return create(path);
  }
  Result<std::unique_ptr<WritableFile>> open_append(const std::string& path,
                                                    uint64_t keep) override {
    TRY(enter(FileCall::kCreate, "open to append", "open", path));
    shared_.schedule.note(keep);
    TRY(Inode inode, shared_.disk.open_append(path, keep));
    return writable(inode, path);
  }
  Result<> rename(const std::string& from, const std::string& to) override {
    TRY(enter(FileCall::kRename, "rename", "rename", from, to));
    return shared_.disk.rename(from, to);
  }
  Result<> remove(const std::string& path) override {
    TRY(enter(FileCall::kRemove, "remove", "remove", path));
    return shared_.disk.remove(path);
  }
  Result<> make_folders(const std::string& path) override {
    TRY(enter(FileCall::kMakeFolders, "make folders", "make the folder", path));
    return shared_.disk.make_folders(path);
  }
  Result<> sync_folder(const std::string& path) override {
    TRY(enter(FileCall::kSyncFolder, "sync folder", "sync the folder", path));
    return shared_.disk.sync_folder(path);
  }
  Result<std::unique_ptr<FileLock>> lock(const std::string& path) override {
    TRY(enter(FileCall::kLock, "lock", "lock", path));
    TRY(Inode inode, shared_.disk.open_or_create(path));
    if (!shared_.locks.insert(inode).second) return system_error(EBUSY, "lock", path);
    return std::unique_ptr<FileLock>(std::make_unique<SimLock>(shared_, inode));
  }

 private:
  Result<> enter(FileCall call, std::string_view name, std::string_view doing,
                 const std::string& path, const std::string& to = "") {
    std::string detail = to.empty() ? path : path + " to " + to;
    if (!shared_.schedule.enter(name, detail)) return dead_error();
    if (int problem = shared_.fault_of(call, path)) return system_error(problem, doing, path);
    return {};
  }
  std::unique_ptr<ReadableFile> readable(Inode inode, std::string path) {
    return std::make_unique<SimReadable>(shared_, inode, std::move(path));
  }
  std::unique_ptr<WritableFile> writable(Inode inode, std::string path) {
    return std::make_unique<SimWritable>(shared_, inode, std::move(path));
  }

  Shared& shared_;
};

class SimThread final : public Thread {
 public:
  SimThread(Schedule& schedule, Strand* strand)
      : schedule_(schedule), run_(schedule.run_number()), strand_(strand) {}
  ~SimThread() override { SimThread::join(); }
  void join() override {
    // One that outlives its run was ended with it.
    if (strand_ != nullptr && schedule_.inside(run_)) schedule_.join(strand_);
    strand_ = nullptr;
  }

 private:
  Schedule& schedule_;
  uint64_t run_;
  Strand* strand_;  // null when joined, or when never started since the process has ended
};

class SimMonitor final : public Monitor {
 public:
  explicit SimMonitor(Schedule& schedule) : schedule_(schedule) {}
  void lock() override { schedule_.lock(lock_); }
  void unlock() override { schedule_.unlock(lock_); }
  void wait() override { schedule_.wait(lock_); }
  void notify_all() override { schedule_.notify_all(lock_); }

 private:
  Schedule& schedule_;
  Schedule::Lock lock_;
};

class SimThreads final : public Threads {
 public:
  explicit SimThreads(Shared& shared) : shared_(shared) {}
  std::unique_ptr<Thread> start(std::string name, std::function<void()> body) override {
    Strand* strand = shared_.schedule.start(std::move(name), std::move(body));
    return std::make_unique<SimThread>(shared_.schedule, strand);
  }
  std::unique_ptr<Monitor> monitor() override {
    return std::make_unique<SimMonitor>(shared_.schedule);
  }
  unsigned cores() override { return shared_.options.cores; }

 private:
  Shared& shared_;
};

class SimVariables final : public Variables {
 public:
  explicit SimVariables(Shared& shared) : shared_(shared) {}
  std::optional<std::string> find(const std::string& name) override {
    if (!shared_.schedule.enter("variable", name)) return std::nullopt;
    auto found = shared_.variables.find(name);
    if (found == shared_.variables.end()) return std::nullopt;
    return found->second;
  }

 private:
  Shared& shared_;
};

class SimTerminal final : public Terminal {
 public:
  explicit SimTerminal(Shared& shared) : shared_(shared) {}

  Result<> write_out(std::string_view bytes) override {
    auto torn = [&] { write_part(bytes); };
    if (!shared_.schedule.enter("write out", "", Unwinds::kYes, torn)) return dead_error();
    shared_.schedule.note(bytes);
    if (int problem = shared_.fault_of(FileCall::kWriteOut, "")) {
      write_part(bytes);
      return system_error(problem, "write to", "the standard output");
    }
    shared_.out += bytes;
    return {};
  }
  void write_error(std::string_view bytes) override {
    if (!shared_.schedule.enter("write error", "")) return;
    shared_.schedule.note(bytes);
    shared_.error += bytes;
  }
  bool out_is_terminal() override { return shared_.options.out_is_terminal; }
  bool error_is_terminal() override { return shared_.options.error_is_terminal; }
  unsigned columns() override { return shared_.options.columns; }

 private:
  void write_part(std::string_view bytes) {
    shared_.out += bytes.substr(0, shared_.fate.below(bytes.size() + 1));
  }

  Shared& shared_;
};

class SimHttpClient final : public HttpClient {
 public:
  explicit SimHttpClient(Shared& shared) : shared_(shared) {}

  Result<HttpResponse> send(const HttpRequest& request) override {
    TRY(const HttpUrl url, check_request(request));
    const std::string host(url.host);
    std::string detail = fmt::format("{} {}{}", request.method, url.authority, url.target);
    if (!shared_.schedule.enter("http", detail)) return dead_error();
    shared_.schedule.note(request.body);
    const Error unsent(ErrorCode::kUnavailable, "cannot ask " + host + ": connection refused");
    const bool stopped = request.stop != nullptr && *request.stop;
    if (stopped || request.within <= Duration::zero() || !shared_.http_script) return unsent;
    HttpTurn turn = shared_.http_script(request, shared_.schedule.now());
    if (!shared_.schedule.enter("http answer", detail)) return dead_error();
    shared_.schedule.note(static_cast<uint64_t>(turn.fate));
    shared_.schedule.note(turn.response.body);
    if (turn.takes > Duration::zero()) {
      shared_.schedule.sleep(std::min(turn.takes, request.within));
    }
    if (turn.fate == HttpFate::kRefused) return unsent;
    return answer(request, std::move(turn), host);
  }

 private:
  static Result<HttpResponse> answer(const HttpRequest& request, HttpTurn turn,
                                     const std::string& host) {
    const bool late = turn.takes > request.within;
    const bool large = turn.response.body.size() > request.response_bytes_max;
    if (turn.fate == HttpFate::kAnswered && !late && !large) return std::move(turn.response);
    return Error(ErrorCode::kUnknownOutcome, "asked " + host + ", but got no whole answer: " +
                                                 (late    ? "timed out"
                                                  : large ? "the answer is too large"
                                                          : "reset"));
  }

  Shared& shared_;
};

}  // namespace
}  // namespace sim

struct SimWorld::Parts {
  Parts(uint64_t seed, const SimOptions& options) : shared(seed, options) {}

  sim::Shared shared;
  sim::SimClock clock{shared};
  sim::SimRandom random{shared};
  sim::SimFiles files{shared};
  sim::SimThreads threads{shared};
  sim::SimVariables variables{shared};
  sim::SimTerminal terminal{shared};
  sim::SimHttpClient http{shared};
};

SimWorld::SimWorld(uint64_t seed, SimOptions options)
    : parts_(std::make_unique<Parts>(seed, options)) {}

SimWorld::~SimWorld() = default;

Outcome SimWorld::run(const std::function<void(Env)>& program, std::optional<CrashAt> crash) {
  sim::Shared& shared = parts_->shared;
  shared.out.clear();
  shared.error.clear();
  shared.locks.clear();
  Env env{parts_->clock,     parts_->random,   parts_->files, parts_->threads,
          parts_->variables, parts_->terminal, parts_->http};
  Outcome outcome = shared.schedule.run([&] { program(env); }, crash);
  if (outcome.end == End::kCrashed) shared.disk.crash(crash->kind, shared.fate);
  return outcome;
}

CrashAt SimWorld::crash_within(uint64_t calls, CrashKind kind) {
  return CrashAt{.call = 1 + parts_->shared.fate.below(calls), .kind = kind};
}

void SimWorld::lose_power(CrashKind kind) { parts_->shared.disk.crash(kind, parts_->shared.fate); }

void SimWorld::put_file(const std::string& path, std::string_view bytes) {
  parts_->shared.disk.put(path, bytes);
}

std::optional<std::string> SimWorld::file(const std::string& path) const {
  auto inode = parts_->shared.disk.open(path);
  if (!inode) return std::nullopt;
  return std::string(parts_->shared.disk.bytes(*inode));
}

std::vector<std::string> SimWorld::files() const { return parts_->shared.disk.all_files(); }

void SimWorld::set_variable(const std::string& name, std::string value) {
  parts_->shared.variables[name] = std::move(value);
}

void SimWorld::set_stdin(std::string bytes) { parts_->shared.standard_input = std::move(bytes); }
void SimWorld::script_http(HttpScript script) { parts_->shared.http_script = std::move(script); }
void SimWorld::inject(Fault fault) { parts_->shared.faults.push_back({std::move(fault)}); }
void SimWorld::clear_faults() { parts_->shared.faults.clear(); }
void SimWorld::jump_wall_clock(Duration by) { parts_->shared.schedule.jump_wall_clock(by); }
const std::string& SimWorld::out() const { return parts_->shared.out; }
const std::string& SimWorld::error() const { return parts_->shared.error; }
std::string SimWorld::last_calls() const { return parts_->shared.schedule.last_calls(); }
uint64_t SimWorld::seed() const { return parts_->shared.seed; }

}  // namespace stanch::env
