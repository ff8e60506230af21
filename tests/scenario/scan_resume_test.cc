// `stanch scan --journal`, on rules of the content, crashed at every call and gone on with: in the
// end output, dead letters and summary must be those of a scan that nothing disturbed, and durable.
//
// STANCH_SEEDS=N runs N seeds. A failure names seed, jobs, crash and what to set to repeat it.

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <malloc.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <functional>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "base/thin_for_test.h"
#include "codec/compress_for_test.h"
#include "env/sim/sim.h"
#include "host/rule_set.h"
#include "host/scan.h"
#include "pipeline/correlated_rules_for_test.h"
#include "pipeline/output/summary.h"

namespace stanch {
namespace {

using env::CrashAt;
using env::CrashKind;
using env::End;
using env::FileCall;
using env::SimWorld;
using testing::HasSubstr;

constexpr CrashKind kKinds[] = {CrashKind::kPowerLost, CrashKind::kPowerLostWorst,
                                CrashKind::kKilled};
constexpr std::string_view kOutput = "out/found";
constexpr std::string_view kDeadLetter = "out/dead.ndjson";
constexpr std::string_view kJournal = "state/journal";

uint64_t seeds() {
  const char* text = std::getenv("STANCH_SEEDS");
  return text ? std::strtoull(text, nullptr, 10) : 1;
}

const host::LoadedRules& rules() {
  static const host::LoadedRules loaded = [] {
    // Thousands of runs each take and free much memory; given back to the system each time, it
    // would have to be cleared each time.
    mallopt(M_ARENA_MAX, 1);
    mallopt(M_MMAP_THRESHOLD, 1 << 30);
    mallopt(M_TRIM_THRESHOLD, 1 << 30);
    std::optional<host::LoadedRules> made;
    SimWorld world(0);
    world.put_file("correlated.yml", pipeline::kCorrelatedRules);
    world.run([&](env::Env env) {
      made = host::load_rule_set(env, {.content = "", .paths = {"correlated.yml"}}).value();
    });
    return *std::move(made);
  }();
  return loaded;
}

std::string record(int number, std::string_view extra = "") {
  return fmt::format(
      R"({{"eventVersion":"1.08","userIdentity":{{"type":"IAMUser","principalId":"AIDAEXAMPLE",)"
      R"("arn":"arn:aws:iam::111122223333:user/eve","accountId":"111122223333",)"
      R"("accessKeyId":"AKIAEXAMPLE","userName":"eve"}},"eventTime":"2026-01-02T03:04:{:02}Z",)"
      R"("eventSource":"cloudtrail.amazonaws.com","eventName":"{}","awsRegion":"eu-west-1",)"
      R"("sourceIPAddress":"203.0.113.7","userAgent":"aws-cli/2.0",)"
      R"("requestParameters":{{"name":"trail"}},"responseElements":null{},"readOnly":false,)"
      R"("eventType":"AwsApiCall","managementEvent":true,"recipientAccountId":"111122223333"}})",
      number % 60, number % 3 == 0 ? "DescribeTrails" : "StopLogging", extra);
}

std::string with_id(int number, int text = -1) {
  return record(text < 0 ? number : text,
                fmt::format(R"(,"eventID":"00000000-0000-0000-0000-{:012}")", number));
}

std::string lines(int from, int to) {
  std::string text;
  for (int i = from; i < to; ++i) text += with_id(i) + "\n";
  return text;
}

// Nine files: every form, and everything of which a later file's result depends on an earlier one.
void put_input(SimWorld& world) {
  std::string whole = R"({"Records":[)";
  for (int i = 0; i < 6; ++i) whole += (i ? "," : "") + with_id(i);
  world.put_file("in/a.json", whole + "]}");
  // A file that was cut off.
  const std::string cut = codec::gzip(lines(40, 44));
  world.put_file("in/ab.ndjson.gz", std::string_view(cut).substr(0, cut.size() / 2));
  // Duplicates of the first file, a line that is no JSON, and one that is no log.
  world.put_file("in/b.ndjson", with_id(4) + "\n" + lines(6, 9) + "{\"cut\": \n{\"no\":\"log\"}\n");
  // The id of an event of the file before, with other content.
  world.put_file("in/c.ndjson.gz", codec::gzip(with_id(8, 10) + "\n" + lines(9, 12)));
  // Events without an id, told apart by how often they stood in their file.
  world.put_file("in/d.ndjson", record(1) + "\n" + record(1) + "\n" + with_id(11) + "\n");
  world.put_file("in/e.ndjson", record(1) + "\n");
  // Shared by the threads, and larger than the window.
  world.put_file("in/f.ndjson", lines(20, 40));
  world.put_file("in/h.ndjson", with_id(39) + "\n" + lines(44, 46));
  world.put_file("in/i.txt", "nothing that anybody logs");
}

struct Case {
  uint64_t seed = 1;
  unsigned jobs = 1;
  pipeline::output::Format format = pipeline::output::Format::kNdjson;
};

host::ScanRequest request_of(const Case& given) {
  host::ScanRequest request;
  request.options.paths = {"in"};
  request.options.jobs = given.jobs;
  request.options.dedup_ids_max = 6;  // some are forgotten, and the journal is written anew
  request.options.limits.window_bytes = 2048;
  request.options.shared_file_bytes = 4096;
  request.format = given.format;
  request.program_version = "1";
  request.output = kOutput;
  request.dead_letter = kDeadLetter;
  request.journal.path = kJournal;
  request.journal.checkpoint_files = 2;
  return request;
}

// What is left of a run.
struct Scanned {
  env::Outcome outcome;
  bool complete = false;
  std::string error;
  std::string summary;  // JSON
};

Scanned scan(SimWorld& world, const host::ScanRequest& request, std::optional<CrashAt> crash = {}) {
  Scanned scanned;
  const host::LoadedRules& loaded = rules();
  scanned.outcome = world.run(
      [&](env::Env env) {
        auto done = host::scan(env, loaded, request, {});
        if (!done) {
          scanned.error = done.error().message();
        } else if (done->failed) {
          scanned.error = done->failed->message();
        } else {
          scanned.complete = true;
          done->summary.elapsed = {};  // the only thing that differs from run to run
          scanned.summary = pipeline::output::summary_json(done->summary, done->run);
        }
      },
      crash);
  return scanned;
}

std::optional<std::string> durable(SimWorld& world, std::string_view path) {
  world.lose_power(CrashKind::kPowerLostWorst);
  return world.file(std::string(path));
}

void prepare(SimWorld& world) {
  put_input(world);
  world.run([](env::Env env) {
    for (const char* folder : {"out", "state"}) {
      ASSERT_TRUE(env.files.make_folders(folder));
      ASSERT_TRUE(env.files.sync_folder("/"));
    }
  });
}

// An undisturbed scan without a journal, by one thread.
struct Expected {
  std::string output, dead_letters, summary;
};
Expected expected(pipeline::output::Format format) {
  SimWorld world(0);
  prepare(world);
  host::ScanRequest request = request_of({.format = format});
  request.journal.path.clear();
  const Scanned scanned = scan(world, request);
  EXPECT_TRUE(scanned.complete) << scanned.error;
  return {world.file(request.output).value_or(""), world.file(request.dead_letter).value_or(""),
          scanned.summary};
}

std::string explain(const SimWorld& world, const Case& given, const Scanned& scanned,
                    const std::string& crash) {
  return fmt::format(
      "seed {}, jobs {}, {}\nrepeat: STANCH_SEEDS={} scenario_test "
      "--gtest_filter='*ScanResume*'\n{} {}\n{}",
      given.seed, given.jobs, crash, given.seed, scanned.outcome.message, scanned.error,
      world.last_calls());
}

std::string text_of(const CrashAt& crash) {
  return fmt::format("crash of kind {} at call {}", static_cast<int>(crash.kind), crash.call);
}

// Goes on until the scan is complete, and looks at what it left.
void finish(SimWorld& world, const Case& given, const Expected& expected,
            const std::string& history) {
  const host::ScanRequest request = request_of(given);
  const Scanned scanned = scan(world, request);
  const std::string why = explain(world, given, scanned, history);
  ASSERT_EQ(scanned.outcome.end, End::kFinished) << why;
  ASSERT_TRUE(scanned.complete) << why;
  EXPECT_EQ(durable(world, kOutput), expected.output) << why;
  EXPECT_EQ(durable(world, kDeadLetter), expected.dead_letters) << why;
  EXPECT_EQ(scanned.summary, expected.summary) << why;
  EXPECT_FALSE(world.file(std::string(kJournal))) << why;
}

TEST(ScanResume, TheInputHasEverythingThatAnEarlierFileDecides) {
  const Expected all = expected(pipeline::output::Format::kNdjson);
  EXPECT_GT(std::ranges::count(all.output, '\n'), 20);
  EXPECT_EQ(std::ranges::count(all.dead_letters, '\n'), 2 + 1);  // and the end of what was cut
  for (const char* part :
       {R"("files":9)", R"("files_failed":1)", R"("duplicates":4)", R"("conflicts":1)"}) {
    EXPECT_THAT(all.summary, HasSubstr(part));
  }
  EXPECT_THAT(all.summary, testing::Not(HasSubstr(R"("dedup_forgotten":0)")));
}

using Crashes = testing::TestWithParam<std::tuple<unsigned, CrashKind>>;

TEST_P(Crashes, AtAnyCallChangeNothing) {
  const Expected all = expected(pipeline::output::Format::kNdjson);
  const auto [jobs, kind] = GetParam();
  for (uint64_t seed = 1; seed <= seeds(); ++seed) {
    const Case given{.seed = seed, .jobs = jobs};
    SimWorld whole(seed);
    prepare(whole);
    const Scanned undisturbed = scan(whole, request_of(given));
    ASSERT_TRUE(undisturbed.complete) << undisturbed.error;
    ASSERT_GT(undisturbed.outcome.calls, 100U);
    for (uint64_t call = 1; call <= undisturbed.outcome.calls; call += thin_for_test()) {
      SimWorld world(seed);
      prepare(world);
      const CrashAt crash{call, kind};
      const Scanned broken = scan(world, request_of(given), crash);
      ASSERT_EQ(broken.outcome.end, End::kCrashed) << broken.outcome.message;
      std::string history = text_of(crash);
      // Some crash again, and again, while they go on.
      for (uint64_t again = (seed + call) % 4; again > 0; --again) {
        const CrashAt next = world.crash_within(undisturbed.outcome.calls, kind);
        history += ", then " + text_of(next);
        if (scan(world, request_of(given), next).outcome.end == End::kFinished) break;
      }
      ASSERT_NO_FATAL_FAILURE(finish(world, given, all, history));
      if (HasFailure()) return;
    }
  }
}

std::string name_of(const testing::TestParamInfo<Crashes::ParamType>& info) {
  constexpr const char* kNames[] = {"PowerLost", "PowerLostWorst", "Killed"};
  return fmt::format("Jobs{}{}", std::get<0>(info.param),
                     kNames[static_cast<size_t>(std::get<1>(info.param))]);
}

INSTANTIATE_TEST_SUITE_P(ScanResume, Crashes,
                         testing::Combine(testing::Values(1U, 3U), testing::ValuesIn(kKinds)),
                         name_of);

TEST(ScanResume, CsvAndOcsfComeOutWholeToo) {
  for (const auto format : {pipeline::output::Format::kCsv, pipeline::output::Format::kOcsf}) {
    const Expected all = expected(format);
    const Case given{.seed = 5, .jobs = 2, .format = format};
    for (uint64_t call = 1; call < 400; call += 7 * thin_for_test()) {
      SimWorld world(given.seed);
      prepare(world);
      const CrashAt crash{call, kKinds[call % 3]};
      scan(world, request_of(given), crash);
      ASSERT_NO_FATAL_FAILURE(finish(world, given, all, text_of(crash)));
      if (HasFailure()) return;
    }
  }
}

// What fails is told at once and never tried again; when its cause is gone, the scan goes on.
TEST(ScanResume, AFaultOfTheDiskStopsTheScanAndCostsNothing) {
  const Expected all = expected(pipeline::output::Format::kNdjson);
  const FileCall calls[] = {FileCall::kCreate,     FileCall::kAppend, FileCall::kSync,
                            FileCall::kSyncFolder, FileCall::kRename, FileCall::kRemove};
  int stopped = 0;
  for (const FileCall call : calls) {
    for (const char* path : {"out", "state"}) {
      for (const int problem : {ENOSPC, EIO}) {
        for (const unsigned jobs : {1U, 3U}) {
          for (uint64_t nth = 1;; nth += thin_for_test()) {
            const Case given{.seed = nth, .jobs = jobs};
            SimWorld world(given.seed);
            prepare(world);
            world.inject({.call = call, .problem = problem, .nth = nth, .path = path});
            const Scanned broken = scan(world, request_of(given));
            if (broken.complete) break;
            ++stopped;
            const std::string why =
                fmt::format("fault {} of call {} on {}", nth, static_cast<int>(call), path);
            ASSERT_THAT(broken.error, HasSubstr(problem == EIO ? "input/output" : "no space"))
                << why;
            world.clear_faults();
            if (nth % 2 == 0) world.lose_power();
            ASSERT_NO_FATAL_FAILURE(finish(world, given, all, why));
            if (HasFailure()) return;
          }
        }
      }
    }
  }
  EXPECT_GT(stopped, 100 / static_cast<int>(thin_for_test()));
}

// A world whose scan was killed in the middle.
void scan_half(SimWorld& world) {
  prepare(world);
  // Files e and f are not durable in the journal yet.
  world.inject({.call = FileCall::kSync, .problem = EIO, .nth = 5, .path = "state"});
  const Scanned broken = scan(world, request_of({}));
  ASSERT_FALSE(broken.complete);
  world.clear_faults();
}

TEST(ScanResume, AnotherScansJournalIsRefusedAndNothingIsTouched) {
  struct Refused {
    std::string name;
    std::function<void(SimWorld&, host::ScanRequest&)> change;
    std::string says;
  };
  const Refused cases[] = {
      {"another level", [](SimWorld&, auto& r) { r.min_level = model::Level::kHigh; },
       "--min-level: informational then, high now"},
      {"another format", [](SimWorld&, auto& r) { r.format = pipeline::output::Format::kCsv; },
       "--format: ndjson then, csv now"},
      {"another output", [](SimWorld&, auto& r) { r.output = "out/other"; },
       "--output: out/found then, out/other now"},
      {"no dead letters", [](SimWorld&, auto& r) { r.dead_letter = ""; },
       "--dead-letter: out/dead.ndjson then, none now"},
      {"raw events", [](SimWorld&, auto& r) { r.options.keep_raw = true; },
       "raw events: off then, on now"},
      {"no deduplication", [](SimWorld&, auto& r) { r.options.dedup = false; },
       "deduplication: 6 ids then, off now"},
      {"another program", [](SimWorld&, auto& r) { r.program_version = "2"; },
       "program: 1 then, 2 now"},
      {"a file more", [](SimWorld& w, auto&) { w.put_file("in/z.json", "{}"); },
       "input: 9 files of"},
      {"a file grew", [](SimWorld& w, auto&) { w.put_file("in/i.txt", "longer now by a bit"); },
       "input: 9 files of"},
      {"no journal at all",
       [](SimWorld& w, auto&) { w.put_file("state/journal", "{\"my\":\"notes\"}\n"); },
       "no scan journal"},
      {"an empty file", [](SimWorld& w, auto&) { w.put_file("state/journal", ""); },
       "no scan journal"},
      {"a folder", [](SimWorld&, auto& r) { r.journal.path = "state"; }, "no ordinary file"},
      {"a shorter output", [](SimWorld& w, auto&) { w.put_file("out/found", "x"); }, "out/found"},
  };
  for (const Refused& refused : cases) {
    SCOPED_TRACE(refused.name);
    SimWorld world(1);
    ASSERT_NO_FATAL_FAILURE(scan_half(world));
    host::ScanRequest request = request_of({});
    refused.change(world, request);
    const auto before = world.file("out/found");
    const auto journal = world.file("state/journal");
    const Scanned scanned = scan(world, request);
    EXPECT_FALSE(scanned.complete);
    EXPECT_THAT(scanned.error, HasSubstr(refused.says));
    EXPECT_EQ(world.file("out/found"), before);
    EXPECT_LE(world.file("state/journal")->size(), journal->size());
  }
}

TEST(ScanResume, WhatCannotBeGoneOnWithIsRefusedFromTheStart) {
  struct Refused {
    std::string name;
    std::function<void(host::ScanRequest&)> change;
    std::string says;
  };
  const Refused cases[] = {
      {"a table", [](auto& r) { r.format = pipeline::output::Format::kTable; }, "--format"},
      {"sarif", [](auto& r) { r.format = pipeline::output::Format::kSarif; }, "--format"},
      {"no output", [](auto& r) { r.output = ""; }, "--output"},
      {"standard output", [](auto& r) { r.output = "-"; }, "--output"},
      {"one file for two", [](auto& r) { r.dead_letter = r.output; }, "different files"},
      {"standard input", [](auto& r) { r.options.paths = {"in", "-"}; }, "only once"},
      {"output is input", [](auto& r) { r.options.paths = {r.output = "in/a.json"}; }, "is input"},
  };
  for (const Refused& refused : cases) {
    SCOPED_TRACE(refused.name);
    SimWorld world(1);
    prepare(world);
    host::ScanRequest request = request_of({});
    refused.change(request);
    const auto before = world.files();
    const Scanned scanned = scan(world, request);
    EXPECT_THAT(scanned.error, HasSubstr(refused.says));
    EXPECT_EQ(world.files(), before);
  }
}

// Journal and output in the folder that is scanned are no input, now or when it goes on.
TEST(ScanResume, WhatTheScanWritesIsNotItsInput) {
  host::ScanRequest request = request_of({});
  request.output = "in/found.ndjson";
  request.dead_letter = "in/dead.ndjson";
  request.journal.path = "in/journal";
  const Expected all = expected(pipeline::output::Format::kNdjson);
  for (uint64_t call = 20; call < 300; call += 20) {
    SimWorld world(1);
    prepare(world);
    scan(world, request, CrashAt{call, CrashKind::kKilled});
    const Scanned scanned = scan(world, request);
    ASSERT_TRUE(scanned.complete) << scanned.error;
    EXPECT_EQ(world.file(request.output), all.output);
    EXPECT_EQ(scanned.summary, all.summary);
  }
}

}  // namespace
}  // namespace stanch
