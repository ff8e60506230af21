#include "detect/sigma/values.h"

#include <gtest/gtest.h>

namespace stanch::detect::sigma {
namespace {

TEST(SigmaValue, WildcardsAreThoseThatNothingEscapes) {
  for (const char* text : {"*", "a*", "?", "\\\\*", "\\a*", "\\\\\\\\?", "\\*?"}) {
    EXPECT_TRUE(has_wildcard(text)) << text;
  }
  for (const char* text : {"", "a", "\\*", "\\?", "a\\*b", "\\\\\\*", "\\", "a\\"}) {
    EXPECT_FALSE(has_wildcard(text)) << text;
  }
}

TEST(SigmaValue, AmbiguousIsWhatOtherToolsReadAsNumbersOrBooleans) {
  const auto ambiguous = [](std::string_view text, bool plain = true) {
    codec::YamlNode node;
    node.text = text;
    node.plain = plain;
    node.type = plain ? codec::yaml_type_of_plain(text) : codec::YamlType::kString;
    return is_ambiguous(node);
  };
  for (const char* text : {"yes", "No", "ON", "off", "0x1f", "-0x1F", "0o17", "0b101", "007", "+1",
                           "1_000", ".5", "1.", "+.5", "012345678901", ".inf", ".NaN"}) {
    EXPECT_TRUE(ambiguous(text)) << text;
    EXPECT_FALSE(ambiguous(text, /*plain=*/false)) << text;
  }
  for (const char* text : {"", "y", "true", "5", "-1.5", "1e5", "null", "~", "0xzz", "0x", "1-2",
                           "10.0.0.1", "on call", "-", ".", "_", "2024-01-01", "abc"}) {
    EXPECT_FALSE(ambiguous(text)) << text;
  }
}

}  // namespace
}  // namespace stanch::detect::sigma
