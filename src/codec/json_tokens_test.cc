#include "codec/json_tokens.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace stanch::codec {
namespace {

struct Found {
  bool good = false;
  std::vector<uint32_t> positions;
  std::string kinds;
  bool backslash = false, outer_space = false;
  bool operator==(const Found&) const = default;
};

Found find(Tokenizer& tokenizer, std::string_view text) {
  Found found{.good = tokenizer.find(text), .positions = {}, .kinds = {}};
  if (!found.good) return found;
  const TokenList& tokens = tokenizer.tokens();
  found.positions.assign(tokens.positions(), tokens.positions() + tokens.size() + 1);
  found.kinds = tokens.kind_bytes();
  found.backslash = tokenizer.has_backslash();
  found.outer_space = tokenizer.has_outer_space();
  return found;
}

class TokenizerTest : public testing::TestWithParam<Tokenizer::Engine> {
 protected:
  void SetUp() override {
    if (GetParam() == Tokenizer::Engine::kAvx512 && !Tokenizer::has_avx512()) {
      GTEST_SKIP() << "this processor has no AVX-512 VBMI2";
    }
  }
};

TEST_P(TokenizerTest, FindsTokensAndTheirKinds) {
  Tokenizer tokenizer(GetParam());
  const Found found = find(tokenizer, R"({"a":[1,-2,true,null],"b\"":"c d"})");
  ASSERT_TRUE(found.good);
  const std::string_view text = R"({"a":[1,-2,true,null],"b\"":"c d"})";
  std::string first;
  for (size_t i = 0; i + 1 < found.positions.size(); ++i) first += text[found.positions[i]];
  EXPECT_EQ(first, R"({":[1,-,t,n],":"})");
  EXPECT_EQ(found.positions.back(), text.size());
  for (size_t i = 0; i < first.size(); ++i) {
    EXPECT_EQ(static_cast<TokenKind>(found.kinds[i]), token_kind(first[i])) << i;
  }
  EXPECT_TRUE(found.backslash);
  EXPECT_FALSE(found.outer_space);
}

TEST_P(TokenizerTest, SaysWhetherThereIsSpaceBetweenTokens) {
  Tokenizer tokenizer(GetParam());
  struct Case {
    std::string_view text;
    bool spaced;
  };
  for (const Case& c : std::vector<Case>{{R"({"a":1})", false},
                                         {R"({"a b":"c d"})", false},
                                         {R"( {"a":1})", true},
                                         {R"({"a":1} )", true},
                                         {R"({"a" :1})", true},
                                         {R"({"a": 1})", true},
                                         {R"({"a":1 ,"b":2})", true},
                                         {"[1\n]", true}}) {
    EXPECT_EQ(find(tokenizer, c.text).outer_space, c.spaced) << c.text;
  }
}

TEST_P(TokenizerTest, RefusesWhatCannotBeJson) {
  Tokenizer tokenizer(GetParam());
  for (const std::string_view text :
       {std::string_view(""), std::string_view("  "), std::string_view("[\"a]"),
        std::string_view("[\"a\\\"]"), std::string_view("[\"a\nb\"]"),
        std::string_view("[\"\x01\"]"), std::string_view("[\"\0\"]", 5),
        std::string_view("[\"\xFF\"]"), std::string_view("[\"\xC0\xAF\"]"),
        std::string_view("[\"\xED\xA0\x80\"]")}) {
    EXPECT_FALSE(tokenizer.find(text)) << text;
  }
  EXPECT_TRUE(tokenizer.find("[\"\xC3\xA9\"]"));
  // Outside strings a bad byte is a scalar's, and refused by the grammar.
  EXPECT_TRUE(tokenizer.find("[\x01]"));
}

INSTANTIATE_TEST_SUITE_P(Engines, TokenizerTest,
                         testing::Values(Tokenizer::Engine::kSimdjson, Tokenizer::Engine::kAvx512));

// Small texts of the bytes that matter, moved over the borders of blocks.
TEST(Tokenizer, EnginesAgree) {
  if (!Tokenizer::has_avx512()) GTEST_SKIP() << "this processor has no AVX-512 VBMI2";
  Tokenizer simdjson(Tokenizer::Engine::kSimdjson), avx512(Tokenizer::Engine::kAvx512);
  static constexpr std::string_view kBytes = "\"\"\\\\{}[]:,1tn x \n\x01\xC3\xA9";
  uint64_t state = 1;
  const auto below = [&](uint64_t count) {
    state = state * 6364136223846793005 + 1442695040888963407;
    return (state >> 33) % count;
  };
  size_t good = 0;
  for (int round = 0; round < 60'000; ++round) {
    std::string text;
    if (round % 2 == 0) text = "\"" + std::string(below(140), 'y') + "\"";
    for (uint64_t left = below(round % 3 == 0 ? 200 : 12); left > 0; --left) {
      text += kBytes[below(kBytes.size())];
    }
    const Found expected = find(simdjson, text);
    ASSERT_EQ(find(avx512, text), expected) << text;
    good += expected.good;
  }
  EXPECT_GT(good, 3000u);
}

// All runs of backslashes before a quote, at all places of a block.
TEST(Tokenizer, EnginesAgreeOnRunsOfBackslashes) {
  if (!Tokenizer::has_avx512()) GTEST_SKIP() << "this processor has no AVX-512 VBMI2";
  Tokenizer simdjson(Tokenizer::Engine::kSimdjson), avx512(Tokenizer::Engine::kAvx512);
  for (size_t before = 0; before < 66; ++before) {
    for (size_t run = 0; run < 70; ++run) {
      const std::string text =
          "[\"" + std::string(before, 'a') + std::string(run, '\\') + "\",\"b\"]";
      ASSERT_EQ(find(avx512, text), find(simdjson, text)) << text;
    }
  }
}

}  // namespace
}  // namespace stanch::codec
