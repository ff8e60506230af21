#include "codec/canonical_json.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace stanch::codec {
namespace {

std::string canonical(std::string_view json) {
  JsonParser parser;
  const auto text = canonical_json(parser, json, {.integers_exact = false});
  return text ? *text : "refused: " + text.error().message();
}

std::string number_text(double value) {
  std::string out;
  append_canonical_number(value, out);
  return out;
}

// RFC 8785 appendix B.
TEST(CanonicalNumber, IsWrittenAsEcmascriptDoes) {
  const struct {
    uint64_t bits;
    std::string_view expected;
  } rows[] = {
      {0x0000000000000000, "0"},
      {0x8000000000000000, "0"},
      {0x0000000000000001, "5e-324"},
      {0x8000000000000001, "-5e-324"},
      {0x7fefffffffffffff, "1.7976931348623157e+308"},
      {0xffefffffffffffff, "-1.7976931348623157e+308"},
      {0x4340000000000000, "9007199254740992"},
      {0xc340000000000000, "-9007199254740992"},
      {0x4430000000000000, "295147905179352830000"},
      {0x44b52d02c7e14af5, "9.999999999999997e+22"},
      {0x44b52d02c7e14af6, "1e+23"},
      {0x44b52d02c7e14af7, "1.0000000000000001e+23"},
      {0x444b1ae4d6e2ef4e, "999999999999999700000"},
      {0x444b1ae4d6e2ef4f, "999999999999999900000"},
      {0x444b1ae4d6e2ef50, "1e+21"},
      {0x3eb0c6f7a0b5ed8c, "9.999999999999997e-7"},
      {0x3eb0c6f7a0b5ed8d, "0.000001"},
      {0x41b3de4355555553, "333333333.3333332"},
      {0x41b3de4355555554, "333333333.33333325"},
      {0x41b3de4355555555, "333333333.3333333"},
      {0x41b3de4355555556, "333333333.3333334"},
      {0x41b3de4355555557, "333333333.33333343"},
      {0xbecbf647612f3696, "-0.0000033333333333333333"},
      {0x43143ff3c1cb0959, "1424953923781206.2"},
  };
  for (const auto& row : rows)
    EXPECT_EQ(number_text(std::bit_cast<double>(row.bits)), row.expected);
}

// A second opinion: the fewest digits of printf that read back equal.
TEST(CanonicalNumber, ReadsBackEqualWithTheFewestDigits) {
  uint64_t bits = 88172645463325252;
  for (int i = 0; i < 20'000; ++i) {
    bits ^= bits << 13, bits ^= bits >> 7, bits ^= bits << 17;
    const auto value = std::bit_cast<double>(bits);
    if (!std::isfinite(value)) continue;
    const std::string text = number_text(value);
    EXPECT_EQ(std::strtod(text.c_str(), nullptr), value) << text;
    char printed[64];
    int digits = 1;
    for (;; ++digits) {
      std::snprintf(printed, sizeof printed, "%.*e", digits - 1, value);
      if (std::strtod(printed, nullptr) == value) break;
    }
    std::string significant;
    for (const char c : text.substr(0, text.find('e'))) {
      if (c >= '0' && c <= '9') significant += c;
    }
    significant.erase(0, significant.find_first_not_of('0'));
    significant.erase(significant.find_last_not_of('0') + 1);
    EXPECT_LE(significant.size(), static_cast<size_t>(digits)) << text;
  }
}

TEST(CanonicalJson, SortsKeysAndWritesStringsAsTheRfcSays) {
  const struct {
    std::string_view json, expected;
  } rows[] = {
      {R"( { "b" : 1 , "a" : [ true , null , "x" ] } )", R"({"a":[true,null,"x"],"b":1})"},
      // Section 3.2.2: the string of the RFC's own sample.
      {"\"\\u20ac$\\u000F\\u000aA'\\u0042\\u0022\\u005c\\\\\\\"\\/\"",
       "\"\u20ac$\\u000f\\nA'B\\\"\\\\\\\\\\\"/\""},
      {"\"\\u007f\\u0000\\b\\f\\t\\r\"", "\"\x7f\\u0000\\b\\f\\t\\r\""},
      // Section 3.2.3: by UTF-16 code units; the smiley's surrogates come before U+FB33.
      {R"({"\u20ac":1,"\r":2,"\ufb33":3,"1":4,"\ud83d\ude00":5,"\u0080":6,"\u00f6":7})",
       "{\"\\r\":2,\"1\":4,\"\u0080\":6,\"\u00f6\":7,\"\u20ac\":1,\"\U0001F600\":5,\"\ufb33\":3}"},
      {R"({"a":1,"aa":2,"":3})", R"({"":3,"a":1,"aa":2})"},
      {"[56.0,-0,1E30,4.50,2e-3,0.000000000000000000000000001]", "[56,0,1e+30,4.5,0.002,1e-27]"},
      {"{}", "{}"},
      {"[]", "[]"},
  };
  for (const auto& row : rows) EXPECT_EQ(canonical(row.json), row.expected);
}

TEST(CanonicalJson, RefusesWhatHasNoCanonicalText) {
  for (const std::string_view json :
       {R"({"a":1,"a":2})", R"({"a":1,"\u0061":2})", R"("\ud800")", R"("\udc00\ud800")",
        R"(["\ud800\u0041"])", R"({"\ud800":1})", "\"\xff\"", "1e400", "", "{} {}", "[1,]", "nan",
        "\xEF\xBB\xBF{}", "\"\x01\""}) {
    EXPECT_TRUE(canonical(json).starts_with("refused: ")) << json << ": " << canonical(json);
  }
}

TEST(CanonicalJson, RefusesIntegersThatReadersWouldChange) {
  JsonParser parser;
  EXPECT_EQ(canonical_json(parser, "9007199254740991").value(), "9007199254740991");
  EXPECT_EQ(canonical_json(parser, "-9007199254740991").value(), "-9007199254740991");
  EXPECT_FALSE(canonical_json(parser, "9007199254740992").has_value());
  EXPECT_FALSE(canonical_json(parser, "-99999999999999999999").has_value());
  // Written as an integer, whatever it was read as.
  EXPECT_FALSE(canonical_json(parser, "-1e19").has_value());
  EXPECT_EQ(canonical_json(parser, "1e21").value(), "1e+21");
  EXPECT_EQ(canonical_json(parser, "9007199254740992", {.integers_exact = false}).value(),
            "9007199254740992");
}

TEST(CanonicalJson, ReadsItsOwnTextBackUnchanged) {
  for (const std::string_view json :
       {R"({"z":{"y":[1.5,"\u2028",{"b":"\u0001","a":"é"}]},"a":-1e-9})", R"([[[]],{"":{}}])"}) {
    const std::string once = canonical(json);
    EXPECT_EQ(canonical(once), once);
  }
}

std::string file_text(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

// The files of the RFC's author.
TEST(CanonicalJson, WritesThePublishedFilesByteForByte) {
  const char* set = std::getenv("STANCH_DATA");
  const std::filesystem::path data =
      set != nullptr ? set : std::string(STANCH_SOURCE_DIR) + "/../shared/data";
  const std::filesystem::path folder = data / "json-canonicalization" / "testdata";
  if (!std::filesystem::exists(folder)) GTEST_SKIP() << "0 files: set STANCH_DATA";
  size_t files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder / "input")) {
    EXPECT_EQ(canonical(file_text(entry.path())),
              file_text(folder / "output" / entry.path().filename()))
        << entry.path();
    ++files;
  }
  EXPECT_EQ(files, 6u);
}

}  // namespace
}  // namespace stanch::codec
