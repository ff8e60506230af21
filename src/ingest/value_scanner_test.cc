#include "ingest/value_scanner.h"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

namespace stanch::ingest {
namespace {

using Stop = ValueScanner::Stop;

// One character after the other: the second opinion.
Stop scan_naively(std::string_view text, size_t& at, bool& balanced) {
  int depth = 1, squares = 0;
  bool inside = false, escaped = false;
  for (; at < text.size(); ++at) {
    const char c = text[at];
    if (escaped && !(inside && c == '\n')) {
      escaped = false;
      continue;
    }
    if (c == '\\') {
      escaped = true;
      continue;
    }
    if (inside && c == '\n') return Stop::kNewline;
    if (c == '"') inside = !inside;
    if (inside) continue;
    if (c == '[') ++squares;
    if (c == ']') --squares;
    if (c == '{' || c == '[') ++depth;
    if ((c == '}' || c == ']') && --depth == 0) {
      ++at;
      balanced = squares == 0;
      return Stop::kEnd;
    }
  }
  at = text.size();
  return Stop::kMore;
}

TEST(ValueScanner, AgreesWithOneByOne) {
  std::mt19937 random(17);
  // Brackets rare and frequent; long runs cross the blocks of 64.
  const std::vector<std::string> pieces = {"{",
                                           "}",
                                           "[",
                                           "]",
                                           "\"",
                                           "\\\\",
                                           "\\\"",
                                           "\\n",
                                           "x",
                                           ":",
                                           ",",
                                           "\n",
                                           std::string(61, 'y'),
                                           std::string(130, 'z')};
  std::vector<ValueScanner::Machine> machines = {ValueScanner::Machine::kPortable,
                                                 ValueScanner::best_machine()};
  // Each processor that has more than SSE2 has that too.
  if (machines.back() == ValueScanner::Machine::kAvx2) {
    machines.push_back(ValueScanner::Machine::kSse2);
  }
  int ends = 0, newlines = 0;
  for (int round = 0; round < 60'000; ++round) {
    std::string text;
    for (size_t i = random() % 40; i > 0; --i) text += pieces[random() % pieces.size()];
    size_t expected_at = 0;
    bool expected_balanced = false;
    const Stop expected = scan_naively(text, expected_at, expected_balanced);

    ValueScanner scanner(machines[random() % machines.size()]);
    scanner.begin('{', false);
    size_t at = 0;
    Stop stop = Stop::kMore;
    const size_t step = random() % 3 == 0 ? 1 + random() % 10 : 1 + random() % 200;
    for (size_t end = 0; stop == Stop::kMore && end < text.size();) {
      end = std::min(text.size(), end + step);
      stop = scanner.scan(std::string_view(text).substr(0, end), at, false);
    }
    ASSERT_EQ(stop, expected) << text;
    ASSERT_EQ(at, expected_at) << text;
    if (stop == Stop::kEnd) {
      ASSERT_EQ(scanner.balanced(), expected_balanced) << text;
    }
    ends += stop == Stop::kEnd;
    newlines += stop == Stop::kNewline;
  }
  EXPECT_GT(ends, 1'000);
  EXPECT_GT(newlines, 1'000);
}

TEST(ValueScanner, StopsAtEveryNewlineIfAsked) {
  const std::string text = "\n\"a\":\n[\n]}";
  ValueScanner scanner;
  scanner.begin('{', false);
  size_t at = 0;
  for (const size_t newline : {0, 5, 7}) {
    ASSERT_EQ(scanner.scan(text, at, true), Stop::kNewline);
    EXPECT_EQ(at, newline);
    scanner.pass_newline(at);
  }
  EXPECT_EQ(scanner.scan(text, at, true), Stop::kEnd);
  EXPECT_EQ(at, text.size());
}

TEST(ValueScanner, StopsAtArraysOfRecords) {
  const std::vector<std::pair<std::string, bool>> cases = {
      {R"("Records":[)", true},
      {"\"Records\" \n:\t [", true},
      {"\"Records\":" + std::string(200, ' ') + "[", false},  // nobody writes that
      {R"("records":[)", true},
      {R"("RECORDS":[)", false},
      {R"("XRecords":[)", false},
      {R"("Records":{)", false},
      {R"("Records",[)", false},
      {R"("a":{"Records":[)", false},
      {R"("a":{},"Records":[)", true},
      {R"("\"Records":[)", false},
  };
  for (const auto& [text, expected] : cases) {
    ValueScanner scanner;
    scanner.begin('{', true);
    size_t at = 0;
    EXPECT_EQ(scanner.scan(text, at, false) == Stop::kContainer, expected) << text;
    if (expected) {
      EXPECT_EQ(at, text.size());
    }
    scanner.begin('{', false);
    at = 0;
    EXPECT_EQ(scanner.scan(text, at, false), Stop::kMore) << text;
  }
}

}  // namespace
}  // namespace stanch::ingest
