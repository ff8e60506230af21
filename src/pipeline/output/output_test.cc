// Exact documents for fixed findings: tests/golden/output/. STANCH_UPDATE=1 writes them from
// the code; review that as code. And what an attacker writes into a log does nothing,
// whatever the form.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <sstream>

#include "codec/json.h"
#include "codec/utf8.h"
#include "pipeline/output/finding_writer.h"
#include "pipeline/output/samples_for_test.h"
#include "pipeline/output/text.h"

namespace stanch::pipeline::output {
namespace {

std::string document(Format format, const Style& style, std::vector<Sample> samples) {
  const auto writer = make_writer(format, {.run = sample_run(), .style = style});
  std::string out;
  writer->begin(out);
  for (Sample& sample : samples) writer->write(sample.finding(), out);
  writer->end(sample_summary(), out);
  return out;
}

std::vector<Sample> ordinary() {
  std::vector<Sample> samples = {sample_finding(), bare_finding(), sample_finding()};
  samples.back().event.raw = {};
  return samples;
}

std::vector<Sample> hostile() { return {hostile_finding()}; }

void expect_golden(const std::string& name, const std::string& text) {
  const std::string path = std::string(STANCH_SOURCE_DIR) + "/tests/golden/output/" + name;
  if (std::getenv("STANCH_UPDATE") != nullptr) {
    std::ofstream(path, std::ios::binary) << text;
  }
  std::ifstream file(path, std::ios::binary);
  std::stringstream wanted;
  wanted << file.rdbuf();
  EXPECT_EQ(text, wanted.str()) << path;
}

struct Case {
  const char* name;
  Format format;
  Style style;
};
const Case kCases[] = {
    {"findings.ndjson", Format::kNdjson, {}},
    {"findings.ocsf.ndjson", Format::kOcsf, {}},
    {"findings.sarif", Format::kSarif, {}},
    {"findings.csv", Format::kCsv, {}},
    {"table-80.txt", Format::kTable, {.columns = 80, .unicode = true}},
    {"table-120.txt", Format::kTable, {.columns = 120, .unicode = true}},
    {"table-200-color.txt", Format::kTable, {.columns = 200, .color = true, .unicode = true}},
};

TEST(Output, FindingsAreTheseDocuments) {
  for (const Case& each : kCases) {
    SCOPED_TRACE(each.name);
    expect_golden(each.name, document(each.format, each.style, ordinary()));
  }
}

TEST(Output, HostileFindingsAreTheseDocuments) {
  for (const Case& each : kCases) {
    SCOPED_TRACE(each.name);
    expect_golden(std::string("hostile-") + each.name,
                  document(each.format, each.style, hostile()));
  }
}

// Nothing but printable text, the line ends of the form itself and its own colours.
TEST(Output, NothingHostileReachesATerminal) {
  for (const Case& each : kCases) {
    SCOPED_TRACE(each.name);
    Style style = each.style;
    style.color = false;
    std::string text = document(each.format, style, hostile());
    std::string_view rest = text;
    size_t newlines = 0;
    while (!rest.empty()) {
      const codec::Utf8Step step = codec::decode_utf8(rest);
      ASSERT_TRUE(step.valid);
      newlines += step.code_point == '\n';
      const bool line_end =
          step.code_point == '\n' || (each.format == Format::kCsv && step.code_point == '\r');
      ASSERT_TRUE(line_end || (step.code_point >= 0x20 && step.code_point != 0x7f))
          << uint32_t{step.code_point};
      ASSERT_FALSE(step.code_point >= 0x80 && codec::is_hidden(step.code_point));
      rest.remove_prefix(step.length);
    }
    const std::string clean = document(each.format, style, {});
    const auto expected = static_cast<size_t>(std::ranges::count(clean, '\n'));
    const size_t table_extra = each.format == Format::kTable ? 3 : 1;  // header, empty line
    EXPECT_EQ(newlines, expected + table_extra);
  }
}

TEST(Output, JsonOfHostileTextSaysTheTextExactly) {
  std::string out;
  Sample sample = hostile_finding();
  append_finding_json(sample.finding(), out);
  codec::JsonParser parser;
  const codec::JsonView view = parser.parse(out);
  ASSERT_TRUE(view.exists());
  EXPECT_EQ(view["facts"]["source"]["user_agent"].string_or_empty(), codec::repair_utf8(kHostile));
}

TEST(Ocsf, AddressesAreCanonicalOrNames) {
  const struct {
    const char* name;
    std::string_view address, entity;
    const char* expected;
  } cases[] = {
      {"leading zeros", "203.000.113.07", "ip/203.0.113.7",
       R"("src_endpoint":{"ip":"203.0.113.7"})"},
      {"no address", "somewhere", "", R"("src_endpoint":{"name":"somewhere"})"},
  };
  for (const auto& each : cases) {
    SCOPED_TRACE(each.name);
    Sample sample = sample_finding();
    sample.event.facts.source.address = each.address;
    sample.event.facts.source.entity = {each.entity};
    EXPECT_THAT(document(Format::kOcsf, {}, {sample}), testing::HasSubstr(each.expected));
  }
}

TEST(Csv, NoCellIsAFormula) {
  for (const char first : {'=', '+', '-', '@', '\t', '\r'}) {
    Sample sample = sample_finding();
    const std::string agent = first + std::string("1+1");
    sample.event.facts.source.user_agent = agent;
    const std::string text = document(Format::kCsv, {}, {sample});
    EXPECT_THAT(text, testing::HasSubstr(",'")) << int{first};
  }
}

TEST(Table, LinesFitTheWidth) {
  for (const unsigned columns : {40u, 59u, 60u, 79u, 80u, 81u, 99u, 100u, 133u, 200u, 400u}) {
    const Style style{.columns = columns, .unicode = true};
    std::vector<Sample> samples = hostile();
    samples.push_back(sample_finding());
    const std::string text = document(Format::kTable, style, samples);
    std::istringstream lines(text.substr(0, text.find("\n\n")));
    for (std::string line; std::getline(lines, line);) {
      EXPECT_LE(columns_of(std::string_view(line)), columns) << line;
    }
  }
}

TEST(Table, LeavesColumnsOutWhereThereIsNoRoom) {
  const struct {
    unsigned columns;
    std::string_view header;
  } cases[] = {
      {80, "TIME (UTC)     LEVEL    RULE                ACTOR      SOURCE          TARGET"},
      {79, "TIME (UTC)     LEVEL    RULE                                ACTOR"},
      {60, "TIME (UTC)     LEVEL    RULE                    ACTOR"},
      {59, "TIME (UTC)     LEVEL    RULE"}};
  for (const auto& each : cases) {
    const std::string text = document(Format::kTable, {.columns = each.columns}, ordinary());
    EXPECT_EQ(text.substr(0, text.find('\n')), each.header);
  }
}

TEST(Table, SaysTheLevelWithoutColour) {
  const std::string text = document(Format::kTable, {.columns = 80}, ordinary());
  EXPECT_THAT(text, testing::HasSubstr("high"));
  EXPECT_EQ(text.find('\x1b'), std::string::npos);
}

TEST(Summary, IsThisText) {
  expect_golden("summary.txt", summary_text(sample_summary(), sample_run(), {.unicode = true}));
  expect_golden("summary.json", summary_json(sample_summary(), sample_run()));
}

TEST(Summary, SaysWhatWasNotWritten) {
  RunInfo run = sample_run();
  run.min_level = model::Level::kHigh;
  EXPECT_THAT(summary_text(sample_summary(), run, {}),
              testing::HasSubstr("(4 below high not written)"));
}

// Only how many were hidden in all was told.
TEST(Summary, TellsWhichFilterHidWhat) {
  const detect::RuleText text{"r.yml", R"(title: Call
id: 11111111-1111-4111-8111-111111111111
logsource: {product: aws}
detection: {s: {eventName: A}, condition: s}
---
title: Another call
logsource: {product: aws}
detection: {s: {eventName: B}, condition: s}
---
title: Ours
id: 33333333-3333-4333-8333-333333333333
logsource: {product: aws}
filter: {rules: any, s: {eventSource: x}, condition: not s}
)"};
  const detect::Loaded loaded = detect::load_rules({&text, 1}, {});
  ScanSummary summary = sample_summary();
  summary.findings_hidden = {{{0, 0}, 2}, {{0, 1}, 1'500}};
  RunInfo run = sample_run();
  run.hidden = hidden_in(summary, *loaded.rules);
  EXPECT_THAT(summary_text(summary, run, {.columns = 80}),
              testing::AllOf(testing::HasSubstr("(1,502 hidden by filters)"),
                             testing::HasSubstr("\nhidden     1,500 of 'Another call' by the "
                                                "filter 'Ours'\n"
                                                "           2 of 'Call' by the filter 'Ours'\n")));
  const std::string json = summary_json(summary, run);
  EXPECT_THAT(json, testing::HasSubstr(R"("findings_filtered":1502,"filtered":[{"filter":)"
                                       R"("33333333-3333-4333-8333-333333333333",)"
                                       R"("filter_title":"Ours","rule":"r.yml#1",)"
                                       R"("rule_title":"Another call","findings":1500},)"));
  run.hidden.resize(13, run.hidden.front());
  EXPECT_THAT(summary_text(summary, run, {.columns = 80}),
              testing::HasSubstr("and what 3 other pairs of filter and rule hid"));
}

TEST(Summary, ShowsTenInputErrorsAndCountsTheRest) {
  ScanSummary summary = sample_summary();
  summary.errors.assign(13, {"a", ingest::InputProblem::kDenied, "cannot read \x1b[31ma"});
  const std::string text = summary_text(summary, sample_run(), {});
  EXPECT_THAT(text, testing::HasSubstr("and 3 more"));
  EXPECT_EQ(text.find('\x1b'), std::string::npos);
}

TEST(Summary, KeepsWhatIsNoLossApart) {
  ScanSummary summary = sample_summary();
  summary.errors = {{"a", ingest::InputProblem::kNoJson, "a: no JSON", false}};
  const std::string text = summary_text(summary, sample_run(), {});
  EXPECT_THAT(text, testing::HasSubstr("no log     1 input:\n  a: no JSON\n"));
  EXPECT_EQ(text.find("NOT READ"), std::string::npos);
  EXPECT_THAT(summary_json(summary, sample_run()), testing::HasSubstr(R"("loss":false)"));
}

TEST(Summary, CountsOneAsOne) {
  ScanSummary summary = sample_summary();
  summary.digests_skipped = summary.duplicates = summary.duplicate_keys = 1;
  summary.dedup_forgotten = summary.threads_missing = 1;
  const std::string text = summary_text(summary, sample_run(), {.columns = 1000});
  for (const char* one :
       {"1 digest file skipped", "1 duplicate dropped", "1 event of a finding with a key twice",
        "1 event id was forgotten", "gave 1 thread fewer"}) {
    EXPECT_THAT(text, testing::HasSubstr(one));
  }
}

TEST(DeadLetter, KeepsTextAsTextAndBytesAsBase64) {
  const struct {
    const char* name;
    std::string bytes;
    const char* expected;
  } cases[] = {
      {"text", "{\"a\":", R"("text":"{\"a\":")"},
      {"hidden", "\u202e", R"("text":"\u202e")"},
      {"bytes", "\xff\xfe", R"("bytes_base64":"//4=")"},
  };
  for (const auto& each : cases) {
    SCOPED_TRACE(each.name);
    std::string out;
    append_dead_letter_json(
        {{.file = "a.json", .member = 0, .record = 2, .offset = 9}, Unparsed::kSyntax, each.bytes},
        out);
    EXPECT_THAT(
        out, testing::StartsWith(R"({"schema":"stanch.dead-letter/1","origin":{"file":"a.json")"));
    EXPECT_THAT(out, testing::HasSubstr(each.expected));
    EXPECT_THAT(out, testing::EndsWith("}\n"));
  }
}

TEST(DeadLetter, SaysThatItWasCut) {
  std::string out;
  append_dead_letter_json({{}, Unparsed::kTooLarge, std::string(kDeadLetterBytesMax, 'a')}, out);
  EXPECT_THAT(out, testing::HasSubstr(R"("cut":true)"));
}

TEST(Ndjson, RawThatIsNoJsonIsBase64) {
  Sample sample = sample_finding();
  sample.event.raw = "{\"a\":";
  std::string out;
  append_finding_json(sample.finding(), out);
  EXPECT_THAT(out, testing::HasSubstr(R"("raw_base64":"eyJhIjo=")"));
}

// An absent field and an empty one were both written as "".
TEST(Ndjson, AnAbsentValueIsNoEmptyOne) {
  Sample sample = sample_finding();
  sample.matched = {{"s", "errorCode", std::nullopt}, {"s", "errorMessage", ""}};
  std::string out;
  append_finding_json(sample.finding(), out);
  EXPECT_THAT(out,
              testing::HasSubstr(
                  R"("matched":[{"selection":"s","field":"errorCode","value":"","absent":true},)"
                  R"({"selection":"s","field":"errorMessage","value":""}])"));
  EXPECT_THAT(document(Format::kCsv, {}, {sample}),
              testing::HasSubstr("errorCode=(absent); errorMessage=,"));
}

}  // namespace
}  // namespace stanch::pipeline::output
