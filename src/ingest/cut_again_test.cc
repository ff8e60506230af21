#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "codec/json.h"
#include "ingest/ingest.h"

namespace stanch::ingest {
namespace {

using enum codec::JsonProblem;
using Pieces = std::vector<std::pair<codec::JsonProblem, std::string>>;

Pieces cut(std::string_view text) {
  codec::JsonParser parser;
  Pieces pieces;
  for (const Piece& piece : cut_again(text, parser, {})) {
    pieces.emplace_back(piece.problem, std::string(piece.bytes));
  }
  return pieces;
}

TEST(CutAgain, TakesWhatIsWholeAndRejectsTheRest) {
  struct Case {
    const char* name;
    std::string text;
    Pieces expected;
  };
  const std::vector<Case> cases = {
      {"nothing", " , ", {}},
      {"a byte order mark before a whole array",
       "\xEF\xBB\xBF[{\"a\":\"1]}\"},{\"b\":2}]",
       {{kNone, "[{\"a\":\"1]}\"},{\"b\":2}]"}}},
      {"no newline between two",
       R"({"a":1}{"b":"}{"} [{"c":3}])",
       {{kNone, R"({"a":1})"}, {kNone, R"({"b":"}{"})"}, {kNone, R"([{"c":3}])"}}},
      {"a comma behind it", R"({"a":1} ,)", {{kNone, R"({"a":1})"}}},
      {"words behind it", R"({"a":1} tail)", {{kNone, R"({"a":1})"}, {kSyntax, "tail"}}},
      {"words between",
       R"({"a":1} tail {"b":2})",
       {{kNone, R"({"a":1})"}, {kSyntax, "tail"}, {kNone, R"({"b":2})"}}},
      {"cut inside a string",
       R"({"a":{"x":1},"y":"z{"b":{"c":"d"}})",
       {{kTruncated, R"({"a":{"x":1},"y":"z)"}, {kNone, R"({"b":{"c":"d"}})"}}},
      {"cut inside a string, and the quotes meet",
       R"({"y":"z{"b":"}}"})",
       {{kTruncated, R"({"y":"z)"}, {kNone, R"({"b":"}}"})"}}},
      {"cut between tokens",
       R"({"a":[{"x":1},{"b":2})",
       {{kTruncated, R"({"a":[{"x":1})"}, {kNone, R"({"b":2})"}}},
      {"cut inside the first key",
       R"({"a{"b":2})",
       {{kTruncated, R"({"a)"}, {kNone, R"({"b":2})"}}},
      {"without its beginning",
       R"("x":[{"y":1},{"z":{"u":1}}]}{"b":2})",
       {{kSyntax, R"("x":[{"y":1},{"z":{"u":1}}]})"}, {kNone, R"({"b":2})"}}},
      {"cut twice",
       R"({"a":"x{"b":{"c":2}{"d":3})",
       {{kTruncated, R"({"a":"x{"b":)"}, {kNone, R"({"c":2})"}, {kNone, R"({"d":3})"}}},
      {"broken, and nothing else", R"({"a":{"b":1},})", {{kSyntax, R"({"a":{"b":1},})"}}},
      {"a brace in a string", R"({"a":"{\"b\":1}",,})", {{kSyntax, R"({"a":"{\"b\":1}",,})"}}},
      {"an array of records with a broken one",
       R"({"Records":[{"a":1},{"b":},{"c":3}]})",
       {{kNone, R"({"a":1})"}, {kSyntax, R"({"b":})"}, {kNone, R"({"c":3})"}}},
      {"deep",
       R"({"a":1})" + std::string(600, '[') + std::string(600, ']') + R"({"b":2})",
       {{kNone, R"({"a":1})"},
        {kTooDeep, std::string(600, '[') + std::string(600, ']')},
        {kNone, R"({"b":2})"}}},
  };
  for (const auto& [name, text, expected] : cases) EXPECT_EQ(cut(text), expected) << name;
}

TEST(CutAgain, TakesTimeThatFollowsTheText) {
  const auto text_of = [](std::string_view piece, size_t count) {
    std::string text;
    for (size_t i = 0; i < count; ++i) text += piece;
    return text;
  };
  for (const std::string_view piece : {R"({"a":)", R"({"a")", R"({"a":"x)", R"({"a":{}} x)"}) {
    const auto begin = std::chrono::steady_clock::now();
    (void)cut(text_of(piece, 100'000));
    EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(20)) << piece;
  }
}

}  // namespace
}  // namespace stanch::ingest
