// `stanch scan`, the whole program, in a world that goes wrong: threads in every order, crashes at
// every call, disks that fail. STANCH_SCENARIO_SEEDS makes it longer. A failure names its seed.

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cerrno>
#include <cstdlib>
#include <optional>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "base/thin_for_test.h"
#include "cli/cli.h"
#include "env/sim/sim.h"

namespace stanch {
namespace {

using env::CrashAt;
using env::CrashKind;
using env::End;
using env::FileCall;
using env::Outcome;
using env::SimWorld;

constexpr int kFindings = 12;  // of the input below
constexpr int kExitFindings = 1;
constexpr int kExitUnreadable = 3;

constexpr std::string_view kRule = R"(title: Trail stopped
id: 5f3b1c52-6a44-4f0e-9b7a-0d6a2f6f1c11
status: test
description: Somebody stops a trail.
logsource:
    product: aws
    service: cloudtrail
detection:
    selection:
        eventSource: cloudtrail.amazonaws.com
        eventName: StopLogging
    condition: selection
level: high
)";

std::string record(int number, bool stops) {
  return fmt::format(
      R"({{"eventVersion":"1.08","userIdentity":{{"type":"IAMUser","principalId":"AIDAEXAMPLE",)"
      R"("arn":"arn:aws:iam::111122223333:user/eve","accountId":"111122223333",)"
      R"("accessKeyId":"AKIAEXAMPLE","userName":"eve"}},"eventTime":"2026-01-02T03:04:{:02}Z",)"
      R"("eventSource":"cloudtrail.amazonaws.com","eventName":"{}","awsRegion":"eu-west-1",)"
      R"("sourceIPAddress":"203.0.113.7","userAgent":"aws-cli/2.0","requestParameters":null,)"
      R"("responseElements":null,"requestID":"r-{}","eventID":)"
      R"("00000000-0000-0000-0000-{:012}","readOnly":false,"eventType":"AwsApiCall",)"
      R"("managementEvent":true,"recipientAccountId":"111122223333","eventCategory":"Management"}})",
      number % 60, stops ? "StopLogging" : "DescribeTrails", number, number);
}

// Three files of two forms; one record stands in two of them, and one line is no JSON.
void put_input(SimWorld& world) {
  std::string whole = R"({"Records":[)";
  for (int i = 0; i < 10; ++i) whole += (i ? "," : "") + record(i, i % 2 == 0);
  world.put_file("in/a.json", whole + "]}");
  std::string lines;
  for (int i = 10; i < 20; ++i) lines += record(i, i % 2 == 0) + "\n";
  world.put_file("in/b.ndjson", lines + record(0, true) + "\n{\"cut\": \n");
  world.put_file("in/deep/c.json", "[" + record(30, true) + "," + record(31, true) + "]");
  world.put_file("rules/stopped.yml", kRule);
}

struct Scan {
  Outcome outcome;
  int code = -1;
  std::optional<std::string> findings;
};

Scan scan(SimWorld& world, unsigned jobs, std::optional<CrashAt> crash = {},
          const std::string& fail_level = "high") {
  const std::vector<std::string> arguments = {
      "scan",   "--no-builtin-rules", "--rules",      "rules",    "--format", "ndjson",
      "--jobs", std::to_string(jobs), "--fail-level", fail_level, "--output", "found.ndjson",
      "in"};
  Scan result;
  result.outcome = world.run([&](env::Env env) { result.code = cli::run(env, arguments); }, crash);
  result.findings = world.file("found.ndjson");
  return result;
}

std::set<std::string> lines_of(const std::string& text) {
  std::set<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.insert(line);
  return lines;
}

std::string explain(const SimWorld& world, const Scan& scan) {
  return scan.outcome.message + "\n" + world.error() + world.last_calls();
}

uint64_t seeds() {
  const char* text = std::getenv("STANCH_SCENARIO_SEEDS");
  return text ? std::strtoull(text, nullptr, 10) : 10;
}

// What a world in which nothing goes wrong finds, by one thread.
const Scan& expected() {
  static const Scan scan_once = [] {
    SimWorld world(0);
    put_input(world);
    Scan result = scan(world, 1);
    EXPECT_EQ(result.outcome.end, End::kFinished) << explain(world, result);
    return result;
  }();
  return scan_once;
}

TEST(ScanScenario, FindsWhatIsThere) {
  ASSERT_TRUE(expected().findings);
  int findings = 0;
  for (const std::string& line : lines_of(*expected().findings)) {
    findings += line.find("Trail stopped") != line.npos;
  }
  EXPECT_EQ(findings, kFindings);
  EXPECT_EQ(expected().code, kExitFindings);
}

TEST(ScanScenario, NoOrderOfThreadsChangesTheFindings) {
  for (uint64_t seed = 1; seed <= seeds(); ++seed) {
    for (unsigned jobs : {1U, 2U, 3U}) {
      SimWorld world(seed);
      put_input(world);
      Scan result = scan(world, jobs);
      ASSERT_EQ(result.outcome.end, End::kFinished) << explain(world, result);
      ASSERT_EQ(result.code, expected().code) << explain(world, result);
      ASSERT_EQ(result.findings, expected().findings) << explain(world, result);
    }
  }
}

// Crashes at `call`, then again from the start: that is how a scan is resumed.
void crash_and_repeat(SimWorld& world, unsigned jobs, CrashAt crash) {
  put_input(world);
  Scan broken = scan(world, jobs, crash);
  ASSERT_NE(broken.outcome.end, End::kDeadlocked) << explain(world, broken);
  Scan again = scan(world, jobs);
  ASSERT_EQ(again.outcome.end, End::kFinished) << broken.outcome.message << explain(world, again);
  ASSERT_EQ(again.code, expected().code) << broken.outcome.message << explain(world, again);
  ASSERT_EQ(again.findings, expected().findings) << broken.outcome.message;
}

TEST(ScanScenario, ACrashAtAnyCallThenTheSameFindings) {
  const uint64_t calls = expected().outcome.calls;
  ASSERT_GT(calls, 20U);
  for (uint64_t call = 1; call <= calls; call += thin_for_test()) {
    SimWorld world(0);
    ASSERT_NO_FATAL_FAILURE(crash_and_repeat(world, 1, CrashAt{call, CrashKind::kPowerLost}));
  }
}

TEST(ScanScenario, ACrashAmongThreadsThenTheSameFindings) {
  for (uint64_t seed = 1; seed <= seeds(); ++seed) {
    for (CrashKind kind : {CrashKind::kPowerLost, CrashKind::kPowerLostWorst, CrashKind::kKilled}) {
      SimWorld world(seed);
      CrashAt crash = world.crash_within(2 * expected().outcome.calls, kind);
      ASSERT_NO_FATAL_FAILURE(crash_and_repeat(world, 2, crash));
    }
  }
}

// A disk that fails in one place costs what stood there, is told, and costs nothing else.
TEST(ScanScenario, AFailedReadCostsNoOtherFile) {
  const std::set<std::string> all = lines_of(*expected().findings);
  for (const char* path : {"in/a.json", "in/b.ndjson", "in/deep/c.json"}) {
    for (FileCall call : {FileCall::kOpen, FileCall::kRead}) {
      SimWorld world(1);
      put_input(world);
      world.inject({.call = call, .problem = EIO, .nth = 1, .path = path, .stays = true});
      Scan result = scan(world, 2, {}, "never");  // so that findings do not decide the exit code
      ASSERT_EQ(result.outcome.end, End::kFinished) << explain(world, result);
      EXPECT_EQ(result.code, kExitUnreadable) << explain(world, result);
      EXPECT_THAT(world.error(), testing::HasSubstr(path));
      EXPECT_THAT(world.error(), testing::HasSubstr("input/output error"));
      int kept = 0;
      for (const std::string& line : lines_of(result.findings.value_or(""))) {
        if (line.find("Trail stopped") != line.npos) kept += 1;
      }
      EXPECT_LT(kept, kFindings) << path;
      EXPECT_GE(kept, kFindings - 6) << path;
    }
  }
}

TEST(ScanScenario, AFullDiskIsNeverSilent) {
  for (FileCall call : {FileCall::kCreate, FileCall::kAppend, FileCall::kSync}) {
    SimWorld world(1);
    put_input(world);
    world.inject({.call = call, .problem = ENOSPC, .path = "found.ndjson"});
    Scan result = scan(world, 2);
    ASSERT_EQ(result.outcome.end, End::kFinished) << explain(world, result);
    EXPECT_GT(result.code, kExitFindings) << explain(world, result);
    EXPECT_THAT(world.error(), testing::HasSubstr("no space left"));
  }
}

}  // namespace
}  // namespace stanch
