#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "base/result.h"
#include "env/env.h"
#include "ledger/sqlite/connection.h"

// Group commit: one thread owns the writing connection, and takes whatever
// waits into one transaction, so that many writers share one sync. A second
// thread moves the write-ahead log into the database, so that no append waits
// for the syncs of that: only when the log has grown to kLogFramesMax all the
// same does the writer see to it that it ends.
//
// A disk that failed a sync may have lost what it accepted, and says so once
// (docs/decisions/2026-11-25-ledger-sync.md). From then on every call is
// refused with kCorrupt: the process must end, and the next one goes on from
// what is on the disk.

namespace stanch::ledger::sqlite {

class Writer {
 public:
  // Reads and writes. It succeeds, or returns kInvalid, kConflict, kDenied or kNotFound having
  // left nothing behind; any other error undoes all of its batch.
  using Job = std::function<Result<>(Connection&)>;

  static constexpr int kLogFramesMax = 16'384;  // 64 MiB

  // `mover` moves the log whenever it has grown by `log_frames`; null: there is none, since the
  // database is in memory. kUnavailable if the system gives no thread.
  static Result<std::unique_ptr<Writer>> start(env::Threads& threads,
                                               std::unique_ptr<Connection> connection,
                                               std::unique_ptr<Connection> mover, int log_frames);
  ~Writer();  // requires that nobody waits
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;

  // When what a job wrote outlives a loss of power: when it returns, or with the next that asks for
  // that. It outlives the process in any case.
  enum class Durable : uint8_t { kNow, kLater };

  // Runs the job and commits. Any thread. kUnknownOutcome if the commit gave no clear answer.
  Result<> run(const Job& job, Durable durable = Durable::kNow);

  // Moves the write-ahead log into the database, so that nothing is left in it.
  Result<> empty_log();

 private:
  struct Request {
    const Job* job;  // null: empty the log
    Durable durable = Durable::kNow;
    Result<> result = {};
    bool done = false;
  };

  Writer(env::Threads& threads, std::unique_ptr<Connection> connection,
         std::unique_ptr<Connection> mover, int log_frames);
  Result<> wait_for(Request& request);
  void loop();
  void serve(std::vector<Request*>& batch);
  void commit(std::vector<Request*>& batch);
  Result<> set_durable(Durable durable);
  void answer_all(std::vector<Request*>& batch, const Error& error);
  void fail(const Error& error);
  bool is_log_long();
  void move_log_now_and_then();
  Result<> move_log();
  // Calls it while the mover rests.
  Result<> at_rest(const std::function<Result<>(Connection&)>& body);

  std::unique_ptr<Connection> connection_, mover_;
  int log_frames_step_;
  Durable durable_ = Durable::kNow;  // what the connection is set to
  // Between the threads of the callers and ours.
  std::unique_ptr<env::Monitor> monitor_;
  std::vector<Request*> waiting_;  // those below it are guarded by the monitor
  std::optional<Error> failed_;
  bool stopping_ = false;
  int log_frames_ = 0;  // after the last commit
  int tried_at_ = 0;    // frames, when it was last tried to move them
  bool moving_ = false, rests_ = false;
  std::unique_ptr<env::Thread> thread_, moving_thread_;
};

}  // namespace stanch::ledger::sqlite
