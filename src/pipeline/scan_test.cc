#include "pipeline/scan.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <numeric>
#include <random>

#include "codec/json_writer.h"
#include "env/os/os.h"
#include "env/sim/sim.h"
#include "pipeline/content.h"
#include "pipeline/correlated_rules_for_test.h"
#include "pipeline/output/finding_writer.h"
#include "pipeline/output/summary.h"

namespace stanch::pipeline {
namespace {

using env::End;
using env::FileCall;
using env::SimWorld;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pair;

const std::shared_ptr<const detect::RuleSet>& rules() {
  static const auto loaded = [] {
    std::vector<detect::RuleText> texts;
    for (const auto& [path, text] : embedded_content().files) {
      if (path.starts_with("rules/")) texts.push_back({path, text});
    }
    texts.push_back({"correlated.yml", std::string(kCorrelatedRules)});
    Diagnostics diagnostics;
    return detect::load_rules(texts, placeholders_of(embedded_content(), diagnostics)).rules;
  }();
  return loaded;
}

// Events of which some are findings, some have no id, and some are padded with white space.
std::string generated(uint64_t seed, size_t events) {
  constexpr std::string_view kNames[] = {"StopLogging", "DescribeTrails", "DeleteTrail",
                                         "GetTrailStatus", "ListTrails"};
  std::string text;
  uint64_t chance = seed * 2654435761 + 1;
  for (size_t i = 0; i < events; ++i) {
    chance = chance * 6364136223846793005 + 1442695040888963407;
    const uint64_t dice = chance >> 33;
    const std::string id =
        dice % 11 == 0 ? "" : fmt::format(R"("eventID":"{:08x}-{:08x}",)", seed, i);
    text += fmt::format(
        R"({{"eventVersion":"1.08",{}"userIdentity":{{"type":"IAMUser","principalId":"AIDAEXAMPLE",)"
        R"("arn":"arn:aws:iam::111122223333:user/u{}","accountId":"111122223333",)"
        R"("accessKeyId":"AKIAEXAMPLE","userName":"u{}"}},"eventTime":"2026-01-02T03:04:{:02}Z",)"
        R"("eventSource":"cloudtrail.amazonaws.com",{:{}}"eventName":"{}","awsRegion":"eu-west-1",)"
        R"("sourceIPAddress":"203.0.113.7","userAgent":"aws-cli/2.{}","requestParameters":)"
        R"({{"name":"trail"}},"responseElements":null,"readOnly":false,"eventType":"AwsApiCall",)"
        R"("managementEvent":true,"recipientAccountId":"111122223333"}})"
        "\n",
        id, dice % 7, dice % 7, i % 60, "", dice % 100, kNames[dice % std::size(kNames)], dice % 3);
  }
  return text;
}

// Writes everything it is told into one text, so that texts are equal only if all is.
struct Sink : ScanSink {
  Result<> finding(const model::Finding& finding) override {
    if (failing_after && findings++ >= *failing_after) {
      return Error(ErrorCode::kUnavailable, "disk full");
    }
    output::append_finding_json(finding, text);
    return {};
  }
  Result<> dead_letter(const DeadLetter& letter) override {
    output::append_dead_letter_json(letter, text);
    return {};
  }
  void conflict(const model::Origin& origin) override {
    text += fmt::format("conflict {} {}\n", origin.file, origin.record);
  }
  void progress(const Progress& now) override {
    EXPECT_GE(now.bytes_text, last.bytes_text);
    EXPECT_GE(now.files_done, last.files_done);
    last = now;
  }

  std::string text;
  Progress last;
  std::optional<uint64_t> failing_after;
  uint64_t findings = 0;
};

std::string text_of(ScanSummary summary) {
  summary.elapsed = {};
  return output::summary_json(summary, {});
}

struct Outcome {
  std::string text, summary, error;
};

Outcome scan_with(env::Env& env, const ScanOptions& options, Sink&& sink = {}) {
  const auto summary = scan(env, rules(), "v", options, sink);
  if (!summary) return {sink.text, "", summary.error().message()};
  EXPECT_EQ(sink.last.files_done, summary->files);
  return {sink.text, text_of(*summary), ""};
}

// Every event as one line, and how many findings came after it.
struct EventSink : ScanSink {
  Result<> event(const model::FoundEvent& event) override {
    text += fmt::format("\n{} {} {} {}", event.id.text(), event.origin.file, event.origin.record,
                        event.facts.action.name);
    return {};
  }
  Result<> finding(const model::Finding& finding) override {
    text += fmt::format(" {}", finding.event.id.text());
    return {};
  }
  Result<> dead_letter(const DeadLetter&) override { return {}; }
  void conflict(const model::Origin&) override {}
  void progress(const Progress&) override {}

  std::string text;
};

class Folder {
 public:
  Folder() {
    path_ = testing::TempDir() + "stanch-scan-XXXXXX";
    EXPECT_NE(::mkdtemp(path_.data()), nullptr);
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  void put(const std::string& name, std::string_view bytes) {
    std::ofstream(path_ + "/" + name, std::ios::binary) << bytes;
  }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

// Real threads: the order in which they come is not ours, what comes out is the same.
TEST(Scan, AnyNumberOfThreadsGivesTheSameBytes) {
  Folder folder;
  folder.put("a.ndjson", generated(1, 400));
  folder.put("b.ndjson", generated(2, 3000));                   // shared by the threads
  folder.put("ab.ndjson", generated(1, 400) + "{\"cut\": \n");  // all duplicates
  for (int i = 0; i < 20; ++i) folder.put(fmt::format("d{:02}.ndjson", i), generated(10 + i, 30));
  env::OsEnv os;
  env::Env env = os.env();
  ScanOptions options;
  options.paths = {folder.path()};
  options.dedup_ids_max = 1000;
  options.limits.window_bytes = 64 << 10;
  options.shared_file_bytes = 1 << 20;
  options.jobs = 1;
  const Outcome one = scan_with(env, options);
  ASSERT_EQ(one.error, "");
  EXPECT_GT(one.text.size(), 100'000U);
  EXPECT_THAT(one.summary, testing::Not(HasSubstr(R"("duplicates":0)")));
  EXPECT_THAT(one.summary, testing::Not(HasSubstr(R"("dedup_forgotten":0)")));
  for (const unsigned jobs : {2U, 3U, 4U, 8U}) {
    for (const uint64_t shared_bytes : {uint64_t{1}, uint64_t{1} << 20, uint64_t{1} << 40}) {
      options.jobs = jobs;
      options.shared_file_bytes = shared_bytes;
      const Outcome many = scan_with(env, options);
      EXPECT_TRUE(many.text == one.text) << jobs << " threads";
      EXPECT_EQ(many.summary, one.summary) << jobs << " threads";
    }
  }
}

// What an id is made of must outlive what is read after it.
TEST(Scan, AnIdWithEscapesIsTheSameId) {
  const std::string plain = generated(5, 300);
  std::string escaped = plain;
  constexpr std::string_view kId = R"("eventID":"0)";
  for (size_t at = 0; (at = escaped.find(kId, at)) != std::string::npos; ++at) {
    escaped.replace(at + kId.size() - 1, 1, R"(\u0030)");
  }
  env::OsEnv os;
  env::Env env = os.env();
  std::string found[2];
  for (const bool with_escapes : {false, true}) {
    Folder folder;
    folder.put("a.ndjson", with_escapes ? escaped : plain);
    ScanOptions options;
    options.paths = {folder.path()};
    EventSink sink;
    ASSERT_TRUE(scan(env, rules(), "v", options, sink).has_value());
    found[with_escapes ? 1 : 0] = sink.text;
  }
  EXPECT_THAT(found[0], HasSubstr(" aws_cloudtrail/00000005-"));
  EXPECT_EQ(found[0], found[1]);
}

// Which of two versions came first, the order of the input says, never the threads.
TEST(Scan, VersionsOfAnEventHaveTheSameIdsWithAnyNumberOfThreads) {
  Folder folder;
  for (char name = 'a'; name <= 'h'; ++name) {
    std::string text = generated(1, 60);
    for (size_t at = 0; (at = text.find("203.0.113.7", at)) != std::string::npos; ++at) {
      text.replace(at, 11, fmt::format("203.0.113.{}", name - 'a'));
    }
    folder.put(fmt::format("{}.ndjson", name), text);
  }
  env::OsEnv os;
  env::Env env = os.env();
  ScanOptions options;
  options.paths = {folder.path()};
  options.jobs = 1;
  const Outcome one = scan_with(env, options);
  ASSERT_EQ(one.error, "");
  EXPECT_THAT(one.summary, testing::Not(HasSubstr(R"("conflicts":0)")));
  std::set<std::string> ids;
  size_t findings = 0;
  constexpr std::string_view kBegin = R"("id":"fnd-)";
  for (size_t at = 0; (at = one.text.find(kBegin, at)) != std::string::npos; ++at) {
    ++findings;
    ids.insert(one.text.substr(at, kBegin.size() + 26));
  }
  EXPECT_GT(findings, 100U);
  EXPECT_EQ(ids.size(), findings);
  options.jobs = 8;
  EXPECT_TRUE(scan_with(env, options).text == one.text);
}

// And in every order that a seed can think of.
TEST(Scan, NoScheduleChangesAnythingOrLocksUp) {
  Outcome expected;
  for (uint64_t seed = 0; seed < 60; ++seed) {
    SimWorld world(seed);
    for (int i = 0; i < 6; ++i)
      world.put_file(fmt::format("in/{}.ndjson", i), generated(i / 2, 12));
    ScanOptions options;
    options.paths = {"in"};
    options.dedup_ids_max = 20;
    options.limits.window_bytes = 4096;
    options.shared_file_bytes = seed % 3 == 0 ? 1 : 12'000;
    options.waiting_max = seed % 5 == 0 ? 64 : seed % 5;
    options.jobs = seed == 0 ? 1 : 1 + seed % 4;
    Outcome outcome;
    (void)rules();
    const env::Outcome run = world.run([&](env::Env env) { outcome = scan_with(env, options); });
    ASSERT_EQ(run.end, End::kFinished) << run.message << world.last_calls();
    ASSERT_EQ(outcome.error, "");
    if (seed == 0) expected = outcome;
    ASSERT_TRUE(outcome.text == expected.text) << "seed " << seed;
    ASSERT_EQ(outcome.summary, expected.summary) << "seed " << seed;
  }
}

TEST(Scan, CountsWhatCannotBeReadAndGoesOn) {
  struct Case {
    FileCall call;
    std::string path;
  };
  for (const Case& given :
       {Case{FileCall::kOpen, "b"}, Case{FileCall::kRead, "b"}, Case{FileCall::kRead, "big"}}) {
    for (const unsigned jobs : {1U, 3U}) {
      SimWorld world(jobs);
      world.put_file("in/a.ndjson", generated(1, 5));
      world.put_file("in/b.ndjson", generated(2, 5));
      world.put_file("in/big.ndjson", generated(3, 20));
      world.inject({.call = given.call, .problem = EIO, .path = given.path, .stays = true});
      ScanOptions options;
      options.paths = {"in", "in/nowhere"};
      options.jobs = jobs;
      options.dedup_ids_max = 100;
      options.limits.window_bytes = 4096;
      options.shared_file_bytes = 10'000;
      Outcome outcome;
      (void)rules();
      world.run([&](env::Env env) { outcome = scan_with(env, options); });
      EXPECT_EQ(outcome.error, "");
      EXPECT_THAT(outcome.summary, HasSubstr(R"("files":3)"));
      const int failed = given.path == "b" ? 3 : 2;  // "b" is a part of "big" too
      EXPECT_THAT(outcome.summary, HasSubstr(fmt::format(R"("files_failed":{})", failed)));
      EXPECT_THAT(outcome.summary, HasSubstr(R"("problem":"not-found")"));
      EXPECT_THAT(outcome.summary, HasSubstr(R"("problem":"unreadable")"));
    }
  }
}

TEST(Scan, AnErrorOfTheSinkStopsIt) {
  for (const unsigned jobs : {1U, 2U, 4U}) {
    for (const uint64_t after : {0, 1, 7}) {
      SimWorld world(jobs);
      for (int i = 0; i < 20; ++i) world.put_file(fmt::format("in/{}", i), generated(i, 20));
      ScanOptions options;
      options.paths = {"in"};
      options.jobs = jobs;
      options.dedup_ids_max = 100;
      Outcome outcome;
      (void)rules();
      const env::Outcome run = world.run([&](env::Env env) {
        Sink sink;
        sink.failing_after = after;
        outcome = scan_with(env, options, std::move(sink));
      });
      ASSERT_EQ(run.end, End::kFinished) << run.message;
      EXPECT_EQ(outcome.error, "disk full");
      EXPECT_EQ(static_cast<uint64_t>(std::ranges::count(outcome.text, '\n')), after);
    }
  }
}

TEST(Scan, DoesNotReadWhatItWrites) {
  SimWorld world(1);
  world.put_file("in/a.ndjson", generated(1, 5));
  world.put_file("in/out.ndjson", "");
  world.put_file("in/deep/out.ndjson", generated(2, 5));
  ScanOptions options;
  options.paths = {"in"};
  options.jobs = 1;
  options.dedup_ids_max = 100;
  options.own_files = {"./in/out.ndjson"};
  Outcome outcome;
  (void)rules();
  world.run([&](env::Env env) { outcome = scan_with(env, options); });
  EXPECT_THAT(outcome.summary, HasSubstr(R"("files":2)"));
}

TEST(Scan, NamesEveryReason) {
  for (size_t i = 0; i < kUnparsedReasons; ++i) {
    EXPECT_FALSE(name_of(static_cast<Unparsed>(i)).empty());
  }
}

ScanOptions options_of(std::vector<std::string> paths, unsigned jobs) {
  ScanOptions options;
  options.paths = std::move(paths);
  options.jobs = jobs;
  return options;
}

// Two files put together, of which the first has no newline at its end.
TEST(Scan, RecordsThatShareALineAreNotLost) {
  const std::string one = generated(1, 3), two = generated(2, 3);
  SimWorld apart(1), together(1);
  apart.put_file("a", one + two);
  together.put_file("a", one.substr(0, one.size() - 1) + two);
  const auto scanned = [](SimWorld& world, ScanSummary& summary) {
    Sink sink;
    world.run([&](env::Env env) {
      auto result = scan(env, rules(), "v", options_of({"a"}, 1), sink);
      ASSERT_TRUE(result);
      summary = *result;
    });
  };
  ScanSummary expected, found;
  scanned(apart, expected);
  scanned(together, found);
  EXPECT_EQ(expected.events, 6u);
  EXPECT_EQ(found.events, 6u);
  EXPECT_EQ(found.records, 6u);
  EXPECT_EQ(found.findings, expected.findings);
  EXPECT_EQ(found.unparsed, expected.unparsed);
}

// … or was cut off.
TEST(Scan, ARecordBehindACutOneOnItsLineIsNotLost) {
  const std::string one = generated(1, 3), two = generated(2, 3);
  SimWorld world(1);
  world.put_file("a", one.substr(0, one.size() - 100) + two);
  Sink sink;
  world.run([&](env::Env env) {
    const auto summary = scan(env, rules(), "v", options_of({"a"}, 1), sink);
    ASSERT_TRUE(summary);
    EXPECT_EQ(summary->events, 5u);
    EXPECT_EQ(summary->unparsed[static_cast<size_t>(Unparsed::kTruncated)], 1u);
    EXPECT_EQ(summary->records, 6u);
    EXPECT_FALSE(has_lost_input(*summary));
  });
  // Its place in the text is said, too.
  const size_t begins = one.size() - 100;
  EXPECT_THAT(sink.text, HasSubstr(fmt::format(R"("offset":{})", begins)));
}

ScanSummary summary_of(const std::vector<std::pair<std::string, std::string>>& files,
                       std::vector<std::string> paths) {
  SimWorld world(1);
  for (const auto& [path, text] : files) world.put_file(path, text);
  ScanSummary summary;
  world.run([&](env::Env env) {
    Sink sink;
    const auto result = scan(env, rules(), "v", options_of(std::move(paths), 2), sink);
    ASSERT_TRUE(result);
    summary = *result;
  });
  return summary;
}

uint64_t unparsed_of(const ScanSummary& summary, Unparsed reason) {
  return summary.unparsed[static_cast<size_t>(reason)];
}

TEST(Scan, AFileThatGaveNoEventIsNamed) {
  for (const char* text : {"{\"a\":1}\n{\"a\":}\n", "{\"Records\":[1,null]}", "{\"a\":}"}) {
    const ScanSummary named = summary_of({{"in/a", text}}, {"in/a"});
    ASSERT_EQ(named.errors.size(), 1u) << text;
    EXPECT_EQ(named.errors[0].problem, ingest::InputProblem::kNoEvent);
    EXPECT_EQ(named.errors[0].path, "in/a");
    EXPECT_EQ(named.files_failed, 1u);
    EXPECT_TRUE(has_lost_input(named));
    // Beside the logs there may be anything.
    const ScanSummary found = summary_of({{"in/a", text}, {"in/b", generated(1, 3)}}, {"in"});
    ASSERT_EQ(found.errors.size(), 1u) << text;
    EXPECT_EQ(found.files_failed, 0u);
    EXPECT_FALSE(has_lost_input(found));
  }
}

TEST(Scan, EmptyFilesAndDigestsAreCountedAndNoLoss) {
  const std::string digest = R"({"digestS3Bucket":"b","digestStartTime":"t"})";
  const ScanSummary summary = summary_of({{"in/1_CloudTrail-Digest_1", generated(1, 2)},
                                          {"in/digest", digest},
                                          {"in/empty", "\n"},
                                          {"void", ""}},
                                         {"in", "void"});
  EXPECT_EQ(summary.files, 4u);
  EXPECT_EQ(summary.files_empty, 2u);
  EXPECT_EQ(summary.digests_skipped, 1u);
  EXPECT_EQ(summary.events, 2u) << "a name decides nothing";
  EXPECT_EQ(summary.files_failed, 0u);
  ASSERT_EQ(summary.errors.size(), 1u);
  EXPECT_EQ(summary.errors[0].message, "void is empty");
}

TEST(Scan, ElementsThatAreNoObjectsAreUnrecognised) {
  const std::string event = generated(1, 1);
  const ScanSummary summary = summary_of(
      {{"a", "{\"Records\":[1,\"a\",null," + event.substr(0, event.size() - 1) + ",tru]}"}}, {"a"});
  EXPECT_EQ(unparsed_of(summary, Unparsed::kUnrecognised), 3u);
  EXPECT_EQ(unparsed_of(summary, Unparsed::kSyntax), 1u);
  EXPECT_EQ(summary.records, 5u);
}

// An envelope counts for what it holds.
TEST(Scan, TheBooksBalance) {
  SimWorld world(1);
  const std::string event = generated(1, 1).substr(0, generated(1, 1).size() - 1);
  world.put_file("a", "{\"detail-type\":\"x\",\"detail\":" + event + "}\n" + "{\"Records\":[" +
                          event + ",{\"Records\":[" + event + "," + event +
                          ",1]},2,null]}\n{\"a\"\n{}\n[]\n");
  Sink sink;
  world.run([&](env::Env env) {
    const auto summary = scan(env, rules(), "v", options_of({"a"}, 1), sink);
    ASSERT_TRUE(summary);
    uint64_t unparsed = 0;
    for (const uint64_t count : summary->unparsed) unparsed += count;
    EXPECT_EQ(summary->records, summary->events + summary->duplicates + unparsed);
    EXPECT_EQ(summary->events + summary->duplicates, 4u);
  });
}

uint64_t accounted_for(const ScanSummary& summary) {
  return std::accumulate(summary.unparsed.begin(), summary.unparsed.end(),
                         summary.events + summary.duplicates);
}

// All that is in tests/golden/, whatever it is.
TEST(Scan, TheBooksBalanceOverGoldenInputs) {
  env::OsEnv os;
  env::Env env = os.env();
  const std::string golden = STANCH_SOURCE_DIR "/tests/golden";
  size_t files = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(golden)) {
    if (!entry.is_regular_file()) continue;
    Sink sink;
    const auto summary = scan(env, rules(), "v", options_of({entry.path()}, 1), sink);
    ASSERT_TRUE(summary);
    EXPECT_EQ(summary->records, accounted_for(*summary)) << entry.path();
    ++files;
  }
  EXPECT_GT(files, 100u);
  Sink sink;
  const auto summary = scan(env, rules(), "v", options_of({golden}, 2), sink);
  ASSERT_TRUE(summary);
  EXPECT_EQ(summary->records, accounted_for(*summary));
  EXPECT_GT(summary->events, 50u);
  EXPECT_FALSE(has_lost_input(*summary));
}

std::string json_string(std::string_view text) {
  std::string out;
  codec::append_json_string(text, out);
  return out;
}

// Envelopes in envelopes, and what is none of it, `count` events in all.
class EnvelopeGenerator {
 public:
  explicit EnvelopeGenerator(uint32_t seed) : random_(seed) {}

  std::string value(int depth) {
    switch (depth == 0 ? pick(3) : pick(9)) {
      case 0:
      case 1: return event();
      case 2: return junk();
      case 3: return "{\"detail-type\":\"x\",\"detail\":" + value(depth - 1) + "}";
      case 4: return "{\"messageId\":\"1\",\"body\":" + json_string(value(depth - 1)) + "}";
      case 5: return "{\"TopicArn\":\"t\",\"Message\":" + json_string(value(depth - 1)) + "}";
      case 6: return "{\"CloudTrailEvent\":" + json_string(value(depth - 1)) + "}";
      case 7: return "{\"Records\":" + list(depth) + "}";
      default: return list(depth);
    }
  }

  // As it is, or with something missing.
  std::string damaged(std::string text) {
    if (pick(3) == 0) text.erase(pick(text.size()), pick(40) + 1);
    return text;
  }

  size_t pick(size_t count) { return random_() % count; }

 private:
  std::string list(int depth) {
    std::string text = "[";
    for (size_t i = pick(4); i > 0; --i) text += value(depth - 1) + (i > 1 ? "," : "");
    return text + "]";
  }
  std::string event() {
    const std::string text = generated(pick(5), 1);
    return text.substr(0, text.size() - 1);
  }
  std::string junk() {
    static constexpr std::string_view kJunk[] = {"1",
                                                 "null",
                                                 "\"x\"",
                                                 "{}",
                                                 "{\"s3\":{},\"eventSource\":\"aws:s3\"}",
                                                 "[]",
                                                 R"({"digestS3Bucket":"b","digestStartTime":"t"})"};
    return std::string(kJunk[pick(std::size(kJunk))]);
  }
  std::mt19937 random_;
};

TEST(Scan, TheBooksBalanceWhateverComes) {
  for (uint32_t seed = 0; seed < 300; ++seed) {
    EnvelopeGenerator generate(seed);
    std::string text;
    for (size_t i = generate.pick(8) + 1; i > 0; --i) {
      text += generate.damaged(generate.value(static_cast<int>(generate.pick(6))));
      if (generate.pick(4) != 0) text += '\n';
    }
    const ScanSummary summary = summary_of({{"a", text}}, {"a"});
    ASSERT_EQ(summary.records, accounted_for(summary)) << "seed " << seed << '\n' << text;
  }
}

// A world with fewer threads than were asked for.
class FewThreads : public env::Threads {
 public:
  FewThreads(env::Threads& all, unsigned most) : all_(all), left_(most) {}
  std::unique_ptr<env::Thread> start(std::string name, std::function<void()> body) override {
    if (left_ == 0) return nullptr;
    --left_;
    return all_.start(std::move(name), std::move(body));
  }
  std::unique_ptr<env::Monitor> monitor() override { return all_.monitor(); }
  unsigned cores() override { return all_.cores(); }

 private:
  env::Threads& all_;
  unsigned left_;
};

TEST(Scan, GoesOnWithTheThreadsThereAre) {
  SimWorld world(1);
  world.put_file("a", generated(1, 50));
  world.put_file("b", generated(2, 50));
  for (const unsigned most : {0u, 1u, 2u}) {
    Sink sink;
    const auto outcome = world.run([&](env::Env env) {
      FewThreads few(env.threads, most);
      env::Env poor{env.clock, env.random, env.files, few, env.variables, env.terminal, env.http};
      const auto summary = scan(poor, rules(), "v", options_of({"a", "b"}, 8), sink);
      ASSERT_TRUE(summary);
      EXPECT_EQ(summary->events, 100u);
      EXPECT_EQ(summary->threads_missing, 8 - std::max(most, 1u));
      EXPECT_THAT(output::summary_text(*summary, {}, {.columns = 200}),
                  HasSubstr("fewer than were asked for"));
    });
    EXPECT_EQ(outcome.end, End::kFinished);
  }
}

TEST(ScanAllEvents, GivesEachOnceInOrderForAnyNumberOfThreads) {
  SimWorld world(1);
  world.put_file("in/a.ndjson", generated(1, 300));
  world.put_file("in/b.ndjson", generated(2, 200) + generated(1, 100));  // the last are duplicates
  std::string expected;
  for (const unsigned jobs : {1u, 2u, 5u}) {
    ScanOptions options;
    options.paths = {"in"};
    options.jobs = jobs;
    options.all_events = true;
    options.result_bytes_max = 20'000;
    EventSink sink;
    world.run([&](env::Env env) {
      const auto summary = scan(env, rules(), "v", options, sink);
      ASSERT_TRUE(summary);
      EXPECT_EQ(static_cast<uint64_t>(std::ranges::count(sink.text, '\n')), summary->events);
      EXPECT_GT(summary->duplicates, 0u);
    });
    if (expected.empty()) expected = sink.text;
    EXPECT_EQ(sink.text, expected) << jobs;
  }
  // Findings still come, each after its event.
  EXPECT_THAT(expected, HasSubstr("StopLogging aws_cloudtrail"));
  EXPECT_THAT(expected, testing::Not(HasSubstr("CreateTrail")));
}

// Four calls of two people: of which filters hide what they may.
// Every kind of event that we read, as a file of its own: nothing on the way takes it for an
// envelope.
TEST(ScanGoldens, EachIsOneEvent) {
  const std::filesystem::path folder =
      std::filesystem::path(STANCH_SOURCE_DIR) / "tests/golden/normalize";
  env::OsEnv os;
  env::Env env = os.env();
  size_t files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (!entry.path().string().ends_with(".in.json")) continue;
    ScanOptions options;
    options.paths = {entry.path().string()};
    Sink sink;
    const auto summary = scan(env, rules(), "v", options, sink);
    ASSERT_TRUE(summary) << entry.path();
    EXPECT_EQ(summary->records, 1u) << entry.path();
    EXPECT_EQ(summary->events, 1u) << entry.path();
    ++files;
  }
  EXPECT_GT(files, 200u);
}

TEST(ScanFilters, HideWhatTheyMayAndCountIt) {
  constexpr std::string_view kRules = R"(
title: Somebody did something
name: something
logsource: {product: aws, service: cloudtrail}
detection: {s: {userIdentity.userName: '*'}, condition: s}
---
title: Ann does that
id: 5f3b1c52-6a44-4f0e-9b7a-0d6a2f6f1c11
logsource: {product: aws}
stanch: {owner: bob, reason: it is her work, expires: 2026-03-01}
filter: {rules: [something], ann: {userIdentity.userName: ann}, condition: not ann}
---
title: Somebody did much
name: much
correlation: {type: event_count, rules: something, group-by: [userIdentity.userName], timespan: 100d, condition: {gte: 3}, generate: true}
---
title: Somebody did much, which alone is shown
correlation: {type: event_count, rules: much, group-by: [userIdentity.userName], timespan: 100d, condition: {gte: 1}}
)";
  const detect::RuleText text{"r.yml", std::string(kRules)};
  const detect::Loaded loaded = detect::load_rules({&text, 1}, {});
  ASSERT_FALSE(has_errors(loaded.diagnostics));
  const auto call = [](std::string_view user, std::string_view time, std::string_view service,
                       std::string_view name) {
    return fmt::format(
        R"({{"eventVersion":"1.08","eventID":"{}","userIdentity":{{"type":"IAMUser","userName":"{}",)"
        R"("arn":"arn:aws:iam::111122223333:user/{}","accountId":"111122223333"}},"eventTime":"{}Z",)"
        R"("eventSource":"{}.amazonaws.com","eventName":"{}","awsRegion":"eu-west-1","readOnly":false,)"
        R"("eventType":"AwsApiCall","recipientAccountId":"111122223333"}})"
        "\n",
        name, user, user, time, service, name);
  };
  SimWorld world(1);
  world.put_file("in.ndjson", call("ann", "2026-02-28T23:59:59", "ec2", "Hidden") +
                                  call("ann", "2026-03-01T00:00:00", "ec2", "Expired") +
                                  call("ann", "2026-02-01T00:00:00", "iam", "Rights") +
                                  call("bob", "2026-02-01T00:00:00", "ec2", "Other"));
  world.run([&](env::Env env) {
    ScanOptions options;
    options.paths = {"in.ndjson"};
    Sink sink;
    const auto summary = scan(env, loaded.rules, "v", options, sink);
    ASSERT_TRUE(summary);
    EXPECT_THAT(summary->findings_hidden, ElementsAre(Pair(Pair(0u, 0u), 1u)));
    EXPECT_EQ(summary->findings_by_rule, (std::vector<uint64_t>{3, 0, 1}));
    EXPECT_THAT(sink.text, testing::Not(HasSubstr(R"("name":"Hidden")")));
    EXPECT_THAT(sink.text, HasSubstr(R"("name":"Expired")"));
    EXPECT_THAT(sink.text, HasSubstr(R"("name":"Rights")"));
    // What is hidden is counted by correlations all the same.
    EXPECT_THAT(sink.text,
                HasSubstr(R"("aws_cloudtrail/Hidden","aws_cloudtrail/Expired"],"counted":1)"));
    EXPECT_THAT(sink.text,
                HasSubstr(R"("correlation":{"type":"event_count","value":"1","asked":"gte 1",)"
                          R"("timespan_seconds":8640000,"words":"1 event within 100 d )"
                          R"((asked for: gte 1), by userIdentity.userName 'ann'"})"));
  });
}

TEST(ScanFilters, OneThatIsOverLeavesItToTheNext) {
  const auto filter = [](std::string_view expires) {
    return "---\ntitle: Ann may\nlogsource: {product: aws}\nstanch: {owner: bob, reason: r, "
           "expires: " +
           std::string(expires) +
           "}\nfilter: {rules: any, ann: {userIdentity.userName: ann}, condition: not ann}\n";
  };
  const detect::RuleText text{"r.yml",
                              "title: A call\nlogsource: {product: aws, service: cloudtrail}\n"
                              "detection: {s: {eventName: RunInstances}, condition: s}\n" +
                                  filter("2026-01-01") + filter("2026-03-01") +
                                  filter("2026-03-02")};
  const detect::Loaded loaded = detect::load_rules({&text, 1}, {});
  ASSERT_FALSE(has_errors(loaded.diagnostics));
  SimWorld world(1);
  world.put_file(
      "in.ndjson",
      R"({"eventVersion":"1.08","eventID":"1","userIdentity":{"type":"IAMUser","userName":"ann"},)"
      R"("eventTime":"2026-02-01T00:00:00Z","eventSource":"ec2.amazonaws.com",)"
      R"("eventName":"RunInstances","awsRegion":"eu-west-1","readOnly":false})"
      "\n");
  world.run([&](env::Env env) {
    ScanOptions options;
    options.paths = {"in.ndjson"};
    Sink sink;
    const auto summary = scan(env, loaded.rules, "v", options, sink);
    ASSERT_TRUE(summary);
    EXPECT_EQ(summary->findings_by_rule, std::vector<uint64_t>{0});
    EXPECT_THAT(summary->findings_hidden, ElementsAre(Pair(Pair(1u, 0u), 1u)));
  });
}

TEST(ScanAllEvents, AreNotGivenUnlessAskedFor) {
  SimWorld world(1);
  world.put_file("in/a.ndjson", generated(1, 50));
  ScanOptions options;
  options.paths = {"in"};
  EventSink sink;
  world.run([&](env::Env env) { ASSERT_TRUE(scan(env, rules(), "v", options, sink)); });
  EXPECT_EQ(sink.text.find('\n'), std::string::npos);
}

}  // namespace
}  // namespace stanch::pipeline
