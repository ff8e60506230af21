#pragma once

#include <string>
#include <string_view>
#include <vector>

// The rows of the benchmark. Each is a ratio within this run, with what it
// has to reach; rates are for information.

namespace stanch::bench {

struct Row {
  std::string name;
  double value = 0;  // the ratio, or seconds or MiB where `unit` says so
  std::string unit;  // "x floor", "ms", "MB/s" …
  double wanted = 0;
  bool at_least = true;  // else at most
  std::string detail;    // rates, for people

  bool reached() const { return at_least ? value >= wanted : value <= wanted; }
};

struct Settings {
  int rounds = 7;
  size_t events = 120'000;                // of a corpus in memory
  size_t disk_bytes = size_t{256} << 20;  // of .gz on disk, for the peak of memory
  std::string program;                    // the built stanch, for whole-process figures
  std::string only;                       // rows whose name has this in it; empty: all

  bool wants(std::string_view name) const { return name.find(only) != std::string_view::npos; }
};

std::vector<Row> in_memory(const Settings& settings);
std::vector<Row> correlation_rows(const Settings& settings);
std::vector<Row> on_disk(const Settings& settings);
std::vector<Row> ledger_rows(const Settings& settings);
std::vector<Row> incident_rows(const Settings& settings);
std::vector<Row> response_rows(const Settings& settings);

}  // namespace stanch::bench
