#include "ledger/sqlite/readers.h"

#include <utility>

namespace stanch::ledger::sqlite {
namespace {

constexpr size_t kIdleMax = 4;

}  // namespace

Readers::Readers(env::Threads& threads, std::string path, OpenMode mode)
    : path_(std::move(path)), mode_(std::move(mode)), monitor_(threads.monitor()) {}

Result<> Readers::run(const std::function<Result<>(Connection&)>& body) {
  std::unique_ptr<Connection> connection;
  {
    env::MonitorLock lock(*monitor_);
    if (!idle_.empty()) {
      connection = std::move(idle_.back());
      idle_.pop_back();
    }
  }
  if (!connection) {
    TRY(connection, Connection::open(path_, mode_));
    TRY(connection->run("PRAGMA query_only=ON; PRAGMA secure_delete=ON;"));
  }
  TRY(connection->run("BEGIN"));  // one state for all that is read
  Result<> done = body(*connection);
  const Result<> ended = connection->run("COMMIT");
  if (ended) {
    env::MonitorLock lock(*monitor_);
    if (idle_.size() < kIdleMax) idle_.push_back(std::move(connection));
  }
  return done;
}

void Readers::close_idle() {
  std::vector<std::unique_ptr<Connection>> idle;
  env::MonitorLock lock(*monitor_);
  idle.swap(idle_);
}

}  // namespace stanch::ledger::sqlite
