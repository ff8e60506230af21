#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "codec/fold.h"
#include "detect/match/aho_corasick.h"
#include "detect/match/decimal.h"
#include "detect/match/field.h"
#include "detect/match/folded_hash.h"
#include "detect/match/text_pattern.h"

namespace stanch::detect::match {
namespace {

TEST(DecimalNumber, ComparesExactly) {
  const std::vector<std::tuple<std::string, std::string, int>> cases = {
      {"1", "1.0", 0},
      {"1", "10e-1", 0},
      {"0", "-0.00e5", 0},
      {"1e2", "100", 0},
      {"9007199254740993", "9007199254740992", 1},
      {"-1", "1", -1},
      {"-2", "-1", -1},
      {"0.1", "0.01", 1},
      {"123456789012345678901234567890", "123456789012345678901234567891", -1},
      {"1e999999999999999999", "1", 1},
      {"1e-999999999999999999", "1", -1},
      {"0", "1e-400", -1},
      {"12", "1.2e1", 0},
      {"-0.5", "0", -1},
  };
  for (const auto& [a, b, order] : cases) {
    const auto left = Decimal::parse(a), right = Decimal::parse(b);
    ASSERT_TRUE(left && right) << a << " " << b;
    const auto found = *left <=> *right;
    EXPECT_EQ(found < 0 ? -1 : found > 0 ? 1 : 0, order) << a << " " << b;
    EXPECT_EQ(*left == *right, order == 0) << a << " " << b;
  }
  for (const std::string bad :
       {"", "-", "01", "1.", ".5", "1e", "+1", " 1", "1 ", "0x1", "1,2", "NaN"}) {
    EXPECT_FALSE(Decimal::parse(bad)) << bad;
  }
}

TEST(FieldPath, DropsBracketsAndCutsAtDots) {
  const FieldPath path("ModifiedProperties{}.NewValue[*].x[]");
  ASSERT_EQ(path.segments(), 3u);
  EXPECT_EQ(path.segment(0), "ModifiedProperties");
  EXPECT_EQ(path.segment(1), "NewValue");
  EXPECT_EQ(path.rest(1), "NewValue.x");
  EXPECT_EQ(FieldPath("plain").segments(), 1u);
  EXPECT_EQ(FieldPath("end.").segment(0), "end.");
}

TEST(FieldResolve, LooksIntoJsonInsideStringsAlsoPercentEncoded) {
  codec::JsonParser parser;
  const codec::JsonView event =
      parser.parse(R"({"p":"{\"Statement\":[{\"Effect\":\"Allow\"},{\"Effect\":\"Deny\"}]}",)"
                   R"("q":"%7B%22a%22%3A1%7D","r":"{broken","s":"plain"})");
  EmbeddedJson embedded;
  const auto count = [&](const char* name) {
    FieldValues values;
    resolve(FieldPath(name), event, embedded, values);
    return values.values.size();
  };
  EXPECT_EQ(count("p.Statement.Effect"), 2u);
  EXPECT_EQ(count("q.a"), 1u);
  EXPECT_EQ(count("r.a"), 0u);
  EXPECT_EQ(count("s.a"), 0u);
}

TEST(AhoCorasick, FindsWhatSearchingOneByOneFinds) {
  std::mt19937 random(7);
  const auto text_of = [&](size_t size) {
    std::string text;
    for (size_t i = 0; i < size; ++i) text += static_cast<char>('a' + random() % 3);
    return text;
  };
  for (int round = 0; round < 2000; ++round) {
    std::vector<std::string> literals;
    for (size_t i = 0; i < 1 + random() % 8; ++i) literals.push_back(text_of(1 + random() % 4));
    const AhoCorasick automaton(literals);
    const std::string text = text_of(random() % 20);
    std::set<uint32_t> found, expected;
    automaton.scan(text, [&](uint32_t literal) { found.insert(literal); });
    for (uint32_t i = 0; i < literals.size(); ++i) {
      if (text.find(literals[i]) != std::string::npos) expected.insert(i);
    }
    ASSERT_EQ(found, expected) << text;
  }
}

TEST(FoldedHash, IsThatOfTheFoldedText) {
  const FoldedHash hash(codec::HashSecret{42});
  std::string scratch;
  for (const std::string text :
       {"", "A", "CreateUser", "createuser", "ABCDEFGH", "ABCDEFGHI", "@[`{AZaz", "\xE2\x84\xAA",
        "Stra\xC3\x9F"
        "e \xC3\x84",
        "ABCDEFG\xC3\x84"}) {
    EXPECT_EQ(hash(text, scratch), hash(codec::fold_case(text), scratch)) << text;
  }
  EXPECT_NE(hash("a", scratch), hash("b", scratch));
  EXPECT_NE(hash("[", scratch), hash("{", scratch));  // one bit apart, as A and a are
  EXPECT_NE(hash("a", scratch), FoldedHash(codec::HashSecret{44})("a", scratch));
}

}  // namespace
}  // namespace stanch::detect::match
