#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "env/env.h"
#include "ledger/sqlite/connection.h"

namespace stanch::ledger::sqlite {

// Connections for reading, a few of which are kept. Any thread.
class Readers {
 public:
  // `threads` must outlive it.
  Readers(env::Threads& threads, std::string path, OpenMode mode);

  // Runs `body` with a connection of its own, which sees one state from beginning to end.
  Result<> run(const std::function<Result<>(Connection&)>& body);

  // Closes those that nobody uses: they hold on to the write-ahead log.
  void close_idle();

 private:
  std::string path_;
  OpenMode mode_;
  // Between threads that take or give back a connection.
  std::unique_ptr<env::Monitor> monitor_;
  std::vector<std::unique_ptr<Connection>> idle_;
};

}  // namespace stanch::ledger::sqlite
