#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <random>
#include <sstream>

#include "codec/compress_for_test.h"
#include "ingest/fake_files_for_test.h"
#include "ingest/ingest.h"

namespace stanch::ingest {
namespace {

using codec::JsonProblem;

using codec::gzip;

std::string zstd(std::string_view text) { return codec::zstd(text); }

struct Read {
  std::vector<std::string> records;
  std::vector<model::Origin> origins;
  std::vector<std::pair<JsonProblem, std::string>> rejected;
  std::vector<uint64_t> rejected_lengths;
  std::optional<InputError> error;
  uint64_t bytes_read = 0, bytes_text = 0;
  bool digest = false, empty = false;
};

Read read_all(env::Files& files, const InputFile& file, const Limits& limits = {}) {
  Read all;
  RecordReader reader(files, file, limits);
  RecordBatch batch;
  while (reader.next(batch)) {
    EXPECT_FALSE(batch.records.empty() && batch.rejected.empty());
    for (const model::Record& record : batch.records) {
      const char* end = record.bytes.data() + record.bytes.size() + RecordBatch::kReadableBehind;
      EXPECT_LE(end, batch.bytes.data() + batch.bytes.size());
      all.records.emplace_back(record.bytes);
      all.origins.push_back(record.origin);
      EXPECT_EQ(record.origin.file, file.path);
      all.origins.back().file = {};
    }
    for (const auto& rejected : batch.rejected) {
      all.rejected.emplace_back(rejected.problem, std::string(rejected.bytes));
      all.rejected_lengths.push_back(rejected.length);
    }
  }
  EXPECT_FALSE(reader.next(batch)) << "the end stays the end";
  if (reader.error() != nullptr) all.error = *reader.error();
  all.bytes_read = reader.bytes_read();
  all.bytes_text = reader.bytes_text();
  all.digest = reader.is_digest();
  all.empty = reader.is_empty();
  return all;
}

Read read_text(std::string text, const Limits& limits = {}) {
  FakeFiles files;
  files.contents["log"] = std::move(text);
  return read_all(files, {"log", 0, false}, limits);
}

std::vector<std::string> numbered_records(size_t count) {
  std::mt19937 random(1);
  std::vector<std::string> records;
  for (size_t i = 0; i < count; ++i) {
    records.push_back("{\"eventID\":\"" + std::to_string(i) + "\",\"x\":{\"y\":[" +
                      std::to_string(random()) + "]}}");
  }
  return records;
}

std::string joined(const std::vector<std::string>& records, const char* before, const char* between,
                   const char* after) {
  std::string text = before;
  for (size_t i = 0; i < records.size(); ++i) text += (i > 0 ? between : "") + records[i];
  return text + after;
}

TEST(RecordReader, ReadsEveryFormInEveryCompression) {
  const std::vector<std::string> records = numbered_records(50);
  struct Form {
    const char* name;
    std::string text;
  };
  const std::vector<Form> forms = {
      {"lines", joined(records, "", "\n", "\n")},
      {"Records", joined(records, "{\"Records\":[", ",", "]}")},
      {"array", joined(records, "[\n  ", ",\n  ", "\n]\n")},
      {"concatenated", joined(records, "", "", "")},
  };
  struct Compression {
    const char* name;
    std::string (*compress)(std::string_view);
  };
  const std::vector<Compression> compressions = {
      {"plain", [](std::string_view text) { return std::string(text); }},
      {"gzip", gzip},
      {"gzip, a member each 100 bytes",
       [](std::string_view text) {
         std::string all;
         for (size_t at = 0; at < text.size(); at += 100) all += gzip(text.substr(at, 100));
         return all;
       }},
      {"zstd", zstd},
      {"zstd, two frames",
       [](std::string_view text) { return zstd(text.substr(0, 777)) + zstd(text.substr(777)); }},
  };
  for (const auto& [form, text] : forms) {
    for (const auto& [compression, compress] : compressions) {
      const std::string compressed = compress(text);
      const Read whole = read_text(compressed);
      ASSERT_EQ(whole.records, records) << form << ' ' << compression;
      ASSERT_FALSE(whole.error.has_value());
      EXPECT_EQ(whole.bytes_read, compressed.size());
      EXPECT_EQ(whole.bytes_text, text.size());
      for (size_t i = 0; i < records.size(); ++i) {
        EXPECT_EQ(whole.origins[i].record, i + 1);
        EXPECT_EQ(text.substr(whole.origins[i].offset, records[i].size()), records[i]);
      }
      // Streamed, and through windows of every small size: the same.
      for (const size_t window : {1, 2, 3, 10, 64, 100, 1000, 100'000}) {
        Limits limits;
        limits.window_bytes = window;
        limits.whole_member_bytes_max = 0;
        const Read streamed = read_text(compressed, limits);
        ASSERT_EQ(streamed.records, records) << form << ' ' << compression << ' ' << window;
        for (size_t i = 0; i < records.size(); ++i) {
          ASSERT_EQ(streamed.origins[i].offset, whole.origins[i].offset);
          ASSERT_EQ(streamed.origins[i].member, whole.origins[i].member)
              << form << compression << window;
        }
      }
    }
  }
}

TEST(RecordReader, SaysInWhichMemberARecordBegins) {
  const Read read = read_text(gzip("{\"a\":1}\n{\"b\"") + gzip("") + gzip(":2}\n{\"c\":3}\n"));
  ASSERT_EQ(read.records.size(), 3u);
  EXPECT_EQ(read.origins[0].member, 0u);
  EXPECT_EQ(read.origins[1].member, 0u);
  EXPECT_EQ(read.origins[2].member, 2u);
}

TEST(RecordReader, ShortReadsAndStandardInputAreOrdinary) {
  const std::vector<std::string> records = numbered_records(30);
  for (const std::string& text :
       {joined(records, "", "\n", ""), gzip(joined(records, "[", ",", "]"))}) {
    FakeFiles files;
    files.read_bytes_max = 7;
    files.contents["-"] = text;
    EXPECT_EQ(read_all(files, {"-", 0, false}).records, records);
  }
}

TEST(RecordReader, NamesEveryProblem) {
  const std::vector<std::string> records = numbered_records(20'000);
  const std::string text = joined(records, "{\"Records\":[", ",", "]}");
  const std::string compressed = gzip(text), frame = zstd(text);
  std::string damaged = compressed, damaged_frame = frame;
  for (size_t i = 0; i < 32; ++i) damaged[damaged.size() / 2 + i] ^= 0x55;
  for (size_t i = 0; i < 32; ++i) damaged_frame[damaged_frame.size() / 2 + i] ^= 0x55;
  Limits small;
  small.inflate_free_bytes = 1000;
  small.inflate_ratio_max = 2;
  // A frame that asks for a window of 128 MiB (RFC 8878 section 3.1.1.1.2).
  const std::string wide =
      "\x28\xB5\x2F\xFD" + std::string("\x00\x88", 2) + std::string("\x01\x00\x00", 3);

  struct Case {
    const char* name;
    std::string content;
    Limits limits;
    InputProblem problem;
    size_t records_min;
  };
  const std::vector<Case> cases = {
      {"gzip cut short",
       compressed.substr(0, compressed.size() * 3 / 4),
       {},
       InputProblem::kTruncatedGzip,
       10'000},
      {"gzip without its last byte",
       compressed.substr(0, compressed.size() - 1),
       {},
       InputProblem::kTruncatedGzip,
       20'000},
      {"gzip damaged", damaged, {}, InputProblem::kCorruptGzip, 5'000},
      {"garbage behind gzip", compressed + "garbage", {}, InputProblem::kCorruptGzip, 20'000},
      {"zstd cut short",
       frame.substr(0, frame.size() * 3 / 4),
       {},
       InputProblem::kTruncatedZstd,
       5'000},
      {"zstd damaged", damaged_frame, {}, InputProblem::kCorruptZstd, 1'000},
      {"zstd window", wide, {}, InputProblem::kZstdWindow, 0},
      {"bomb", compressed, small, InputProblem::kBomb, 1},
      {"bomb of zstd", frame, small, InputProblem::kBomb, 1},
      {"text", "# Notes\nnothing here", {}, InputProblem::kNoJson, 0},
      {"text in gzip", gzip("# Notes"), {}, InputProblem::kNoJson, 0},
      {"zip", "PK\x03\x04 and so on", {}, InputProblem::kNoJson, 0},
      {"UTF-16", std::string("\xFF\xFE{\0", 4), {}, InputProblem::kNoJson, 0},
  };
  for (const auto& [name, content, limits, problem, records_min] : cases) {
    const Read read = read_text(content, limits);
    ASSERT_TRUE(read.error.has_value()) << name;
    EXPECT_EQ(name_of(read.error->problem), name_of(problem)) << name;
    EXPECT_FALSE(read.error->message.empty());
    EXPECT_EQ(read.error->path, "log");
    EXPECT_TRUE(read.error->loss);
    EXPECT_GE(read.records.size(), records_min) << name << " loses what stands before";
    for (size_t i = 0; i < records_min; ++i) ASSERT_EQ(read.records[i], records[i]) << name;
  }
}

TEST(RecordReader, NamesProblemsOfFiles) {
  const std::string lines = "{\"a\":1}\n{\"b\":2}\n";
  struct Case {
    const char* name;
    std::function<void(FakeFiles&)> prepare;
    InputProblem problem;
    size_t records;
  };
  const std::vector<Case> cases = {
      {"gone", [](FakeFiles& files) { files.contents.clear(); }, InputProblem::kNotFound, 0},
      {"denied", [](FakeFiles& files) { files.denied = {"log"}; }, InputProblem::kDenied, 0},
      {"fails",
       [](FakeFiles& files) {
         files.fails_at["log"] = 10;
         files.read_bytes_max = 10;
       },
       InputProblem::kUnreadable, 1},
      {"shrank", [](FakeFiles& files) { files.claimed["log"] = 1000; }, InputProblem::kChanged, 2},
      {"shrank, gzip",
       [&](FakeFiles& files) {
         files.contents["log"] = gzip(lines).substr(0, 20);
         files.claimed["log"] = 36;
       },
       InputProblem::kChanged, 0},
      {"fails, gzip",
       [&](FakeFiles& files) {
         files.contents["log"] = gzip(lines);
         files.fails_at["log"] = 20;
         files.read_bytes_max = 20;
       },
       InputProblem::kUnreadable, 0},
  };
  for (const auto& [name, prepare, problem, records] : cases) {
    FakeFiles files;
    files.contents["log"] = lines;
    prepare(files);
    const Read read = read_all(files, {"log", 0, false});
    ASSERT_TRUE(read.error.has_value()) << name;
    EXPECT_EQ(name_of(read.error->problem), name_of(problem)) << name;
    EXPECT_GE(read.records.size(), records) << name;
  }
}

TEST(RecordReader, AFileThatGrowsIsReadToItsNewEnd) {
  const std::vector<std::string> records = numbered_records(100);
  for (const std::string& text :
       {joined(records, "", "\n", "\n"), gzip(joined(records, "", "\n", "\n"))}) {
    FakeFiles files;
    files.contents["log"] = text;
    files.claimed["log"] = 30;
    const Read read = read_all(files, {"log", 30, false});
    EXPECT_EQ(read.records, records);
    EXPECT_FALSE(read.error.has_value());
  }
}

TEST(RecordReader, AFileWithoutJsonThatWasOnlyFoundIsNoLoss) {
  for (const char* text : {"# Notes\n", "PK\x03\x04"}) {
    FakeFiles files;
    files.contents["logs/README.md"] = text;
    const Read read = read_all(files, {"logs/README.md", 0, true});
    ASSERT_TRUE(read.error.has_value());
    EXPECT_EQ(read.error->problem, InputProblem::kNoJson);
    EXPECT_FALSE(read.error->loss);
    EXPECT_TRUE(read.rejected.empty());
  }
  for (const char* text : {"[]", "{\"Records\":[]}"}) {
    EXPECT_FALSE(read_text(text).error.has_value()) << text;
  }
}

TEST(RecordReader, EmptyAndDigestFilesGiveNothing) {
  const Read read =
      read_text(gzip("{\"awsAccountId\":\"1\",\"digestStartTime\":\"2026-03-01T00:00:00Z\","
                     "\"digestS3Bucket\":\"b\","
                     "\"logFiles\":[{\"s3Object\":\"x\"}]}"));
  EXPECT_TRUE(read.digest);
  EXPECT_TRUE(read.records.empty());
  EXPECT_FALSE(read.error.has_value());
  // A record that only speaks of a digest is one.
  const Read record =
      read_text("{\"eventName\":\"GetObject\",\"x\":\"digestS3Bucket digestStartTime\"}\n");
  EXPECT_FALSE(record.digest);
  EXPECT_EQ(record.records.size(), 1u);
}

TEST(RecordReader, RejectedPiecesKeepTheirBeginning) {
  const std::string large = "{\"x\":\"" + std::string(500, 'y') + "\"}";
  const std::string text = "{\"Records\":[{\"a\":1}," + large + ",{\"b\":2}]} trailing words";
  for (const size_t window : {1, 5, 64, 10'000}) {
    Limits limits;
    limits.window_bytes = window;
    limits.record_bytes_max = 100;
    limits.rejected_bytes_max = 30;
    const Read read = read_text(text, limits);
    EXPECT_EQ(read.records, (std::vector<std::string>{"{\"a\":1}", "{\"b\":2}"})) << window;
    ASSERT_EQ(read.rejected.size(), 2u) << window;
    EXPECT_EQ(read.rejected[0], std::pair(JsonProblem::kTooLarge, large.substr(0, 30))) << window;
    EXPECT_EQ(read.rejected[1], std::pair(JsonProblem::kSyntax, std::string("trailing words")))
        << window;
    EXPECT_EQ(read.rejected_lengths, (std::vector<uint64_t>{large.size(), 14})) << window;
  }
}

TEST(RecordReader, MemoryDoesNotFollowTheFile) {
  const std::vector<std::string> records = numbered_records(2'000);
  const std::string text = joined(records, "{\"Records\":[", ",", "]}") + std::string(100'000, 'z');
  Limits limits;
  limits.window_bytes = 1000;
  limits.rejected_bytes_max = 100;
  FakeFiles files;
  files.contents["log"] = text;
  RecordReader reader(files, {"log", 0, false}, limits);
  RecordBatch batch;
  while (reader.next(batch)) EXPECT_LT(batch.bytes.size(), 2'000u);
}

// Real recordings, where they are: all records are found, however small the window.
TEST(RecordReader, ReadsRecordings) {
  const char* set = std::getenv("STANCH_DATA");
  const std::filesystem::path data = set != nullptr ? set : STANCH_SOURCE_DIR "/../shared/data";
  const std::filesystem::path folder = data / "invictus-aws-dataset" / "CloudTrail";
  if (!std::filesystem::exists(folder)) GTEST_SKIP() << "0 recordings: set STANCH_DATA";
  size_t count = 0, files_read = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    std::ifstream in(entry.path(), std::ios::binary);
    std::stringstream text;
    text << in.rdbuf();
    const Read whole = read_text(text.str());
    EXPECT_FALSE(whole.error.has_value()) << entry.path();
    EXPECT_TRUE(whole.rejected.empty()) << entry.path();
    codec::JsonParser parser;
    const codec::JsonView root = parser.parse(text.view());
    ASSERT_TRUE(root.exists());
    size_t i = 0;
    for (const codec::JsonView record : root["Records"].elements()) {
      ASSERT_LT(i, whole.records.size());
      EXPECT_EQ(whole.records[i++], record.raw());
    }
    EXPECT_EQ(whole.records.size(), i);
    count += i;
    ++files_read;
    Limits limits;
    limits.window_bytes = 1000;
    EXPECT_EQ(read_text(text.str(), limits).records, whole.records);
    EXPECT_EQ(read_text(gzip(text.view())).records, whole.records);
  }
  EXPECT_GT(files_read, 0u);
  EXPECT_GT(count, 100u);
}

std::optional<InputProblem> problem_of(const Read& read) {
  return read.error ? std::optional(read.error->problem) : std::nullopt;
}

// A log that was cut off is not a log with nothing in it.
TEST(RecordReader, NamesAFileThatEndsInsideAValue) {
  using enum InputProblem;
  EXPECT_EQ(problem_of(read_text(R"({"Records":[{"eventName":"x")")), kTruncatedJson);
  EXPECT_EQ(problem_of(read_text("{\"a\":1}\n{\"a\":")), kTruncatedJson);
  EXPECT_EQ(problem_of(read_text(R"({"Records":[{"a":1},)")), kTruncatedJson);
  EXPECT_EQ(problem_of(read_text(gzip(R"({"a":1)"))), kTruncatedJson);
  EXPECT_EQ(problem_of(read_text("{\"a\":1}\n")), std::nullopt);
  EXPECT_EQ(problem_of(read_text("{\"a\":1")), kTruncatedJson);
  // Text with a brace in it is no log.
  EXPECT_EQ(problem_of(read_text("A note on {braces\n{and more")), std::nullopt);
}

TEST(RecordReader, LooksIntoWhatIsInflated) {
  std::string tar(1024, '\0');
  tar.replace(0, 6, "a.json");
  tar.replace(257, 5, "ustar");
  tar += "{\"a\":1}\n";
  for (const std::string& inner :
       {tar, std::string("PK\x03\x04 and more"), std::string("\xFF\xFE{\0", 4), gzip("{}")}) {
    for (const std::string& file : {gzip(inner), zstd(inner)}) {
      const Read read = read_text(file);
      EXPECT_EQ(problem_of(read), InputProblem::kNoJson);
      EXPECT_TRUE(read.error && read.error->loss);
      EXPECT_TRUE(read.records.empty());
    }
  }
}

// Two files put together, of which the first has no newline at its end, or was cut off.
TEST(RecordReader, RecordsBehindABrokenOneOnItsLineAreNotLost) {
  const std::string good = R"({"a":{"b":"c"}})", cut = R"({"a":{"b":"c)";
  const std::string line = good + "\n";
  const std::vector<std::string> texts = {
      cut + line + line + line,                       // before it is known that there is one a line
      line + line + cut + line,                       // a line that ends like a record does: below
      line + R"("b":{"x":1}})" + good + "\n" + line,  // the second has no beginning
      "{\"Records\":[" + good + "," + cut + "{\"Records\":[" + good + "," + good + "]}",
  };
  for (const std::string& text : texts) {
    const Read whole = read_text(text);
    size_t found = 0;
    codec::JsonParser parser;
    for (const std::string& record : whole.records) {
      if (parser.parse(record)) {
        found += record.starts_with("{\"Records\"") ? 2 : 1;
        continue;
      }
      for (const Piece& piece : cut_again(record, parser, {})) {
        found += piece.problem == JsonProblem::kNone ? 1 : 0;
      }
    }
    EXPECT_EQ(found, 3u) << text;
    EXPECT_FALSE(whole.error.has_value()) << "its end is whole: " << text;
    for (const size_t window : {1, 2, 7, 64}) {
      Limits limits;
      limits.window_bytes = window;
      const Read read = read_text(text, limits);
      EXPECT_EQ(read.records, whole.records) << window;
      EXPECT_EQ(read.rejected, whole.rejected) << window;
    }
  }
}

TEST(RecordReader, JsonThatIsNoRecordIsNoSyntaxError) {
  for (const size_t window : {1, 7, 1000}) {
    Limits limits;
    limits.window_bytes = window;
    const Read read = read_text(R"({"Records":[1,"a]",null,{"a":1},-2.5,tru]})", limits);
    EXPECT_EQ(read.records, (std::vector<std::string>{"1", "\"a]\"", "null", "{\"a\":1}", "-2.5"}));
    ASSERT_EQ(read.rejected.size(), 1u);
    EXPECT_EQ(read.rejected[0], std::pair(JsonProblem::kSyntax, std::string("tru")));
  }
}

// Whoever can put a digest in front of a log must not hide the log.
TEST(RecordReader, EventsBehindADigestAreRead) {
  const Read read =
      read_text("{\"digestStartTime\":\"t\",\"digestS3Bucket\":\"b\"}\n{\"a\":1}\n{\"b\":2}\n");
  EXPECT_TRUE(read.digest);
  EXPECT_EQ(read.records, (std::vector<std::string>{"{\"a\":1}", "{\"b\":2}"}));
}

TEST(RecordReader, SaysThatAFileIsEmpty) {
  for (const std::string& text : {std::string(), std::string(" \r\n\n"), gzip(""), gzip("\n")}) {
    FakeFiles files;
    files.contents["-"] = text;
    const Read named = read_all(files, {"-", 0, false});
    EXPECT_EQ(problem_of(named), InputProblem::kEmpty);
    EXPECT_TRUE(named.empty);
    EXPECT_FALSE(named.error->loss);
    EXPECT_EQ(named.error->message, "standard input is empty");
    const Read found = read_all(files, {"-", 0, true});
    EXPECT_TRUE(found.empty);
    EXPECT_FALSE(found.error.has_value());
  }
  for (const std::string& text : {std::string("[]"), std::string("x"), gzip("").substr(0, 5)}) {
    EXPECT_FALSE(read_text(text).empty);
  }
}

}  // namespace
}  // namespace stanch::ingest
