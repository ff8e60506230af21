#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "env/env.h"

// Findings in the order of their events' time, whatever order they came in: so that it never
// matters which folder a file lay in. What does not fit into memory waits in files.

namespace stanch::pipeline {

struct OrderOptions {
  std::string folder;  // for the files; made when the first is needed
  // Memory for findings that wait; beyond it they are written, sorted, to a file.
  size_t bytes_max = size_t{64} << 20;
  size_t files_max = 64;  // so many files are merged into one
};

struct OrderedFinding {
  std::optional<Time> time;   // of its event; findings without one come last
  std::string_view id;        // findings of one time go by id
  std::string_view document;  // a line of JSON, without its newline
};

// add() …, sort(), next() until there is nothing, remove_files(). Not thread-safe. The files are
// its own (it holds a lock); those that a killed process left are written over by the next.
class FindingOrder {
 public:
  FindingOrder(env::Files& files, OrderOptions options);
  ~FindingOrder();
  FindingOrder(const FindingOrder&) = delete;
  FindingOrder& operator=(const FindingOrder&) = delete;

  Result<> add(const OrderedFinding& finding);
  // After the last add().
  Result<> sort();
  // What it points to lasts until the next call. kCorrupt if a file is not what was written.
  Result<std::optional<OrderedFinding>> next();
  Result<> remove_files();

  uint64_t count() const { return count_; }

 private:
  class Run;
  using Runs = std::vector<std::unique_ptr<Run>>;

  Result<> spill();
  Result<> merge_files();
  Result<> lock_folder();
  std::string path_of(uint64_t number) const;
  Result<Runs> open_runs() const;
  // The least line of all runs, and steps that run on.
  static Result<bool> take_least(Runs& runs, std::string& line);

  env::Files& files_;
  OrderOptions options_;
  std::unique_ptr<env::FileLock> lock_;
  std::string lock_path_;
  std::vector<uint64_t> numbers_;  // of the files
  uint64_t files_made_ = 0;
  std::vector<std::string> lines_;  // in memory
  size_t bytes_ = 0;
  size_t at_ = 0;  // the next of lines_
  Runs runs_;
  std::string line_;  // of the last next()
  uint64_t count_ = 0;
};

}  // namespace stanch::pipeline
