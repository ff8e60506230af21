#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "env/env.h"

// Findings, or events, in the order of time, whatever order they came in: so that it never
// matters which folder a file lay in. What does not fit into memory waits in files.

namespace stanch::pipeline {

struct OrderOptions {
  std::string folder;  // for the files; made when the first is needed
  // Memory for what waits; beyond it it is written, sorted, to a file.
  size_t bytes_max = size_t{64} << 20;
  size_t files_max = 64;  // so many files of one size are merged into one; at least 2
};

struct TimedLine {
  std::optional<Time> time;   // of the event; what has none comes last
  std::string_view id;        // what has one time goes by id
  std::string_view document;  // a line of JSON, without its newline
};

// The line as text: in the order of its bytes, without a newline.
void append_text(const TimedLine& line, std::string& out);
// kCorrupt if it is none.
Result<TimedLine> parse_timed_line(std::string_view text);

// add() …, sort(), next() until there is nothing, remove_files(). Not thread-safe. The files are
// its own (it holds a lock); those that a killed process left are removed by the next.
class TimeOrder {
 public:
  TimeOrder(env::Files& files, OrderOptions options);
  ~TimeOrder();
  TimeOrder(const TimeOrder&) = delete;
  TimeOrder& operator=(const TimeOrder&) = delete;

  Result<> add(const TimedLine& line);
  // The same; `text` is what append_text() makes.
  Result<> add_text(std::string text);
  // After the last add().
  Result<> sort();
  // What it points to lasts until the next call. kCorrupt if a file is not what was written.
  Result<std::optional<TimedLine>> next();
  // next() begins anew.
  Result<> rewind();
  Result<> remove_files();

  uint64_t count() const { return count_; }

 private:
  class Run;
  using Runs = std::vector<std::unique_ptr<Run>>;

  Result<> spill();
  bool has_files() const { return !levels_.empty(); }
  size_t count_files() const;
  // The files of a level become one of the next.
  Result<> merge_level(size_t level);
  Result<> lock_folder();
  Result<> remove_left();
  std::string path_of(uint64_t number) const;
  Result<Runs> open_runs(std::span<const uint64_t> numbers) const;
  Result<> open_all();
  // The least line of all runs, and steps that run on.
  static Result<bool> take_least(Runs& runs, std::string& line);

  env::Files& files_;
  OrderOptions options_;
  std::unique_ptr<env::FileLock> lock_;
  std::string lock_path_;
  // Numbers of the files; those of a level hold what files_max of the level below held.
  std::vector<std::vector<uint64_t>> levels_;
  uint64_t files_made_ = 0;
  std::vector<std::string> lines_;  // in memory
  size_t bytes_ = 0;
  size_t at_ = 0;  // the next of lines_
  Runs runs_;
  std::string line_;  // of the last next(), if it is from files
  uint64_t count_ = 0;
};

}  // namespace stanch::pipeline
