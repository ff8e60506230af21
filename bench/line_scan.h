#pragma once

#include <simdjson.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <span>
#include <string_view>
#include <utility>

#include "base/check.h"
#include "corpus.h"
#include "env/os/os.h"
#include "folder.h"
#include "pipeline/event_scanner.h"
#include "pipeline/ordered_step.h"

// What one thread does with NDJSON in memory, and the floor under it.

namespace stanch::bench {

using RuleSetPtr = std::shared_ptr<const detect::RuleSet>;

template <typename Body>
void for_each_line(const Corpus& corpus, Body body) {
  const char* p = corpus.text.data();
  const char* const end = p + corpus.size;
  while (p != end) {
    const auto* newline =
        static_cast<const char*>(std::memchr(p, '\n', static_cast<size_t>(end - p)));
    const char* stop = newline ? newline : end;
    body(std::string_view(p, static_cast<size_t>(stop - p)));
    p = newline ? newline + 1 : end;
  }
}

struct IgnoringSink : pipeline::ScanSink {
  Result<> finding(const model::Finding&) override { return {}; }
  Result<> dead_letter(const pipeline::DeadLetter&) override { return {}; }
  void conflict(const model::Origin&) override {}
  void progress(const pipeline::Progress&) override {}
};

// One thread's way from lines to findings.
class LineScan {
 public:
  LineScan(const RuleSetPtr& rules, bool dedup)
      : rules_(rules),
        dedup_(dedup),
        scanner_(rules, codec::HashSecret{0x5eed}, {.dedup = dedup, .limits = {}}) {}

  void run(const Corpus& corpus) {
    IgnoringSink sink;
    run(corpus, sink);
  }

  void run(const Corpus& corpus, pipeline::ScanSink& sink) {
    run_each([&](const auto& scan) { for_each_line(corpus, scan); }, sink);
  }

  void run(std::span<const std::string_view> lines, pipeline::ScanSink& sink) {
    run_each([&](const auto& scan) { std::ranges::for_each(lines, scan); }, sink);
  }

  uint64_t events = 0, findings = 0;  // of the last run

 private:
  template <typename EachLine>
  void run_each(EachLine each_line, pipeline::ScanSink& sink) {
    pipeline::ScanOptions options;
    options.dedup = dedup_;
    options.spool_folder = spool_.path;
    pipeline::ScanSummary summary;
    pipeline::OrderedStep step(os_.env(), *rules_, "bench", options, {}, sink, summary, {});
    pipeline::BatchResult result;
    size_t bytes = 0;
    uint64_t batch = 0;
    const auto hand_in = [&](bool last) {
      result.batch = batch++;
      result.last = last;
      CHECK(step.take(std::exchange(result, {})).has_value());
      bytes = 0;
    };
    each_line([&](std::string_view line) {
      scanner_.scan({line, {"bench", 0, 0, 0}}, result);
      bytes += line.size();
      if (bytes > (size_t{4} << 20)) hand_in(false);
    });
    hand_in(true);
    CHECK(step.finish().has_value());
    events = summary.events;
    findings = 0;
    for (const uint64_t count : summary.findings) findings += count;
  }

  env::OsEnv os_;
  Folder spool_;
  RuleSetPtr rules_;
  bool dedup_;
  pipeline::EventScanner scanner_;
};

// simdjson's DOM parse of the same lines, one thread, warm parser.
inline void parse_floor(const Corpus& corpus) {
  static simdjson::dom::parser parser;
  size_t good = 0;
  for_each_line(corpus, [&](std::string_view line) {
    good += parser.parse(line.data(), line.size(), false).error() == simdjson::SUCCESS;
  });
  CHECK(good == corpus.lines);
}

}  // namespace stanch::bench
