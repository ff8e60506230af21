#include "pipeline/ordered_step.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "detect/detect.h"
#include "env/os/os.h"

namespace stanch::pipeline {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::StartsWith;

struct Sink : ScanSink {
  Result<> finding(const model::Finding& finding) override {
    if (fails) return Error(ErrorCode::kUnavailable, "disk full");
    seen.emplace_back(finding.event.id.text());
    finding_ids.emplace_back(finding.id.text());
    return {};
  }
  Result<> dead_letter(const DeadLetter& letter) override {
    if (fails) return Error(ErrorCode::kUnavailable, "disk full");
    dead.emplace_back(letter.bytes);
    return {};
  }
  void conflict(const model::Origin& origin) override { conflicts.push_back(origin.record); }
  void progress(const Progress& now) override { progress_seen = now; }

  bool fails = false;
  std::vector<std::string> seen, dead;
  std::vector<std::string> finding_ids;
  std::vector<uint64_t> conflicts;
  Progress progress_seen;
};

class OrderedStepTest : public testing::Test {
 protected:
  OrderedStepTest() {
    constexpr std::string_view kRule =
        "title: t\nid: 5f3b1c52-6a44-4f0e-9b7a-0d6a2f6f1c11\nlogsource: {product: aws}\n"
        "detection: {s: {a: b}, condition: s}\nlevel: high\n";
    const detect::RuleText text{"r.yml", std::string(kRule)};
    rules_ = detect::load_rules({&text, 1}, {}).rules;
    start({});
  }

  void start(const ScanOptions& options) {
    summary_ = {};
    step_ = std::make_unique<OrderedStep>(os_.env(), *rules_, "version", options,
                                          codec::HashSecret{}, sink_, summary_, Progress());
  }

  static ScanOptions without_dedup() {
    ScanOptions options;
    options.dedup = false;
    return options;
  }

  // An event with a finding, as a thread hands it in. Without an id it is known by its bytes.
  void add(BatchResult& batch, uint64_t id, uint64_t content) {
    batch.keys.push_back({.id = id, .content = content, .record = batch.keys.size() + 1});
    ++batch.events;
    ++batch.records;
    Found& found = batch.texts.make_list<Found>(1).front();
    found.has_key = true;
    found.key = static_cast<uint32_t>(batch.keys.size() - 1);
    found.family = normalize::LogFamily::kAwsCloudTrail;
    found.bytes = batch.texts.store("bytes" + std::to_string(content));
    found.rules = batch.texts.make_list<FoundRule>(1);
    found.rules[0].is_shown = found.is_shown = true;
    if (id != 0) {
      found.event.id = model::EventIdRef(batch.texts.store("e" + std::to_string(id)));
      name_findings(found, *rules_, batch.texts);
    }
    batch.found.push_back(&found);
  }

  env::OsEnv os_;
  std::shared_ptr<const detect::RuleSet> rules_;
  Sink sink_;
  ScanSummary summary_;
  std::unique_ptr<OrderedStep> step_;
};

TEST_F(OrderedStepTest, DropsDuplicatesAndKeepsConflicts) {
  BatchResult first, second;
  add(first, 1, 10);
  add(first, 2, 20);
  add(second, 1, 10);  // the same
  add(second, 2, 21);  // other content
  add(second, 3, 30);
  second.last = true;
  ASSERT_TRUE(step_->take(std::move(first)));
  ASSERT_TRUE(step_->take(std::move(second)));
  EXPECT_THAT(sink_.seen, ElementsAre("e1", "e2", StartsWith("e2#"), "e3"));
  // Whoever takes equal ids for the same keeps both versions.
  EXPECT_NE(sink_.finding_ids[1], sink_.finding_ids[2]);
  EXPECT_THAT(sink_.conflicts, ElementsAre(2u));
  EXPECT_EQ(summary_.events, 4u);
  EXPECT_EQ(summary_.duplicates, 1u);
  EXPECT_EQ(summary_.conflicts, 1u);
  EXPECT_EQ(summary_.files, 1u);
  EXPECT_THAT(summary_.findings_by_rule, ElementsAre(4u));
  EXPECT_EQ(sink_.progress_seen.findings, 4u);
}

TEST_F(OrderedStepTest, CountsEventsWithoutAnIdWithinTheirFile) {
  const auto file = [&] {
    BatchResult batch;
    add(batch, 0, 5);
    add(batch, 0, 5);
    batch.last = true;
    return batch;
  };
  start(without_dedup());
  ASSERT_TRUE(step_->take(file()));
  ASSERT_TRUE(step_->take(file()));
  ASSERT_EQ(sink_.seen.size(), 4u);
  EXPECT_TRUE(sink_.seen[0].ends_with(".0"));
  EXPECT_TRUE(sink_.seen[1].ends_with(".1"));
  EXPECT_EQ(sink_.seen[2], sink_.seen[0]);  // another file counts from 0
  sink_.seen.clear();

  // With a memory the second file is the first one again, delivered twice.
  start({});
  ASSERT_TRUE(step_->take(file()));
  ASSERT_TRUE(step_->take(file()));
  EXPECT_EQ(sink_.seen.size(), 2u);
  EXPECT_EQ(summary_.duplicates, 2u);
}

TEST_F(OrderedStepTest, KeepsAllWithoutDeduplication) {
  start(without_dedup());
  BatchResult batch;
  add(batch, 1, 10);
  add(batch, 1, 10);
  batch.found.back()->has_key = false;  // as it is without a memory
  ASSERT_TRUE(step_->take(std::move(batch)));
  EXPECT_THAT(sink_.seen, ElementsAre("e1", "e1"));
  EXPECT_EQ(summary_.duplicates, 0u);
}

TEST_F(OrderedStepTest, CountsWhatCouldNotBeRead) {
  BatchResult batch;
  batch.records = 2;
  batch.unparsed[static_cast<size_t>(Unparsed::kSyntax)] = 1;
  batch.dead.push_back({{}, Unparsed::kSyntax, "{"});
  batch.error = {"in/a", ingest::InputProblem::kChanged, "it shrank"};
  batch.digest = true;
  batch.last = true;
  ASSERT_TRUE(step_->take(std::move(batch)));
  EXPECT_THAT(sink_.dead, ElementsAre("{"));
  EXPECT_EQ(summary_.files_failed, 1u);
  EXPECT_EQ(summary_.errors.front().path, "in/a");
  EXPECT_EQ(summary_.digests_skipped, 1u);
  EXPECT_EQ(summary_.unparsed[static_cast<size_t>(Unparsed::kSyntax)], 1u);
}

TEST_F(OrderedStepTest, HandsOnTheErrorOfTheSink) {
  sink_.fails = true;
  BatchResult batch, dead;
  add(batch, 1, 1);
  dead.dead.push_back({{}, Unparsed::kSyntax, "{"});
  EXPECT_FALSE(step_->take(std::move(batch)));
  EXPECT_FALSE(step_->take(std::move(dead)));
  EXPECT_THAT(sink_.seen, IsEmpty());
}

}  // namespace
}  // namespace stanch::pipeline
