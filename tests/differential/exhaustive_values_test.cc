// Small sizes, all of them: literals, folding, dashes, encodings, times, expressions, references.

#include <gtest/gtest.h>

#include "codec/base64.h"
#include "compare.h"
#include "generate.h"

namespace stanch::differential {
namespace {

using Texts = std::vector<std::string>;

// All concatenations of up to `count_max` pieces, the empty one first.
Texts joined(const Texts& pieces, size_t count_max) {
  Texts all = {""};
  for (size_t from = 0, count = 0; count < count_max; ++count) {
    size_t to = all.size();
    for (; from < to; ++from) {
      for (const std::string& piece : pieces) all.push_back(all[from] + piece);
    }
  }
  return all;
}

// A rule of one item; `value` is YAML.
std::string rule(const std::string& field, const std::string& value) {
  return "title: x\nlogsource: {product: aws}\ndetection:\n  condition: s\n  s: {" +
         in_quotes(field) + ": " + value + "}\n";
}

std::vector<Event> events(const Texts& texts) {
  std::vector<Event> out;
  for (const std::string& text : texts) out.push_back({text, {}});
  return out;
}

void expect_no_difference(const Texts& rules, const Texts& event_texts) {
  auto text = difference(rules, events(event_texts));
  EXPECT_FALSE(text) << *text;
}

// Many literals of one field, found by one automaton; the same text in two fields; the same
// literal with and without case.
TEST(DifferentialExhaustive, AllLiteralsInAllTexts) {
  Texts rules, texts;
  for (const std::string& word : joined({"a", "b"}, 5)) {
    if (word.size() < 3) continue;
    rules.push_back(rule("f|contains", word));
    if (word.size() == 4) rules.push_back(rule("g|endswith", word));
  }
  // Long literals with a short one inside.
  for (const std::string& word : joined({"a", "b"}, 5)) {
    if (word.size() == 5 || word == "aab") rules.push_back(rule("h|contains", word));
  }
  for (const std::string& word : joined({"a", "A", "b"}, 3)) {
    if (word.size() < 3) continue;
    rules.push_back(rule("f|contains|cased", word));
    rules.push_back(rule("g|startswith|cased", word));
    rules.push_back(rule("f|cased", word));
    rules.push_back(rule("f", word));
    rules.push_back(rule("g", word + "*"));
  }
  for (const std::string& word : joined({"a", "A", "b"}, 5)) {
    std::string text = in_quotes(word);
    texts.push_back("{\"f\":" + text + "}");
    texts.push_back("{\"g\":" + text + ",\"f\":[" + text + ",\"x\"]}");
  }
  for (const std::string& word : joined({"a", "b"}, 7)) {
    texts.push_back("{\"f\":\"" + word + "\",\"h\":\"" + word + "\"}");
  }
  expect_no_difference(rules, texts);
}

TEST(DifferentialExhaustive, AllPatternsOfLettersThatFold) {
  Texts rules, texts;
  for (const std::string& word :
       joined({"*", "?", "k", "\u212a", "\u00e9", "\u0130", "s", "\U00010400"}, 3)) {
    rules.push_back(rule("f", in_quotes(word)));
    if (!word.empty()) rules.push_back(rule("f|contains", in_quotes(word)));
    rules.push_back(rule("f|cased", in_quotes(word)));
  }
  for (const std::string& word :
       joined({"K", "\u212a", "\u00c9", "i", "\u017f", "\U00010428", "e\u0301"}, 3)) {
    texts.push_back("{\"f\":" + in_quotes(word) + "}");
  }
  expect_no_difference(rules, texts);
}

TEST(DifferentialExhaustive, AllDashes) {
  Texts rules, texts;
  for (const std::string& word : joined({"-", "/", "a", " ", "\u2013"}, 3)) {
    rules.push_back(rule("f|windash", in_quotes(word)));
  }
  for (const std::string& word : joined({"-", "/", "a", " ", "\u2013", "\u2014", "\u2015"}, 3)) {
    texts.push_back("{\"f\":" + in_quotes(word) + "}");
  }
  expect_no_difference(rules, texts);
}

std::string utf16_le(const std::string& ascii) {
  std::string bytes;
  for (char c : ascii) bytes += {c, '\0'};
  return bytes;
}

// Each word is found in the encoding of every text around it: true by what Base64 is, so both
// evaluators are held against it.
TEST(DifferentialExhaustive, AllOffsetsOfEncodedWords) {
  const Texts words = {"abc", "abcd", "abcde", "foobar", "sh -c"};
  Texts rules;
  for (const std::string& word : words) {
    rules.push_back(rule("f|base64offset|contains", in_quotes(word)));
    rules.push_back(rule("f|wide|base64offset|contains", in_quotes(word)));
  }
  auto set = load(rules);
  codec::JsonParser parser;
  detect::Matcher matcher(set, codec::HashSecret{7});
  for (size_t w = 0; w < words.size(); ++w) {
    for (const std::string& before : joined({"x", "\xff"}, 3)) {
      for (const std::string& after : joined({"y", "\n"}, 2)) {
        for (size_t wide = 0; wide < 2; ++wide) {
          std::string inner = wide ? utf16_le(words[w]) : words[w];
          Event event{"{\"f\":\"x " + codec::encode_base64(before + inner + after) + "\"}", {}};
          EXPECT_TRUE(engine_verdict(parser, matcher, *set, event).matches[2 * w + wide])
              << event.json;
          EXPECT_TRUE(naive_verdict(*set, event).matches[2 * w + wide]) << event.json;
        }
      }
    }
  }
}

TEST(DifferentialExhaustive, AllPartsOfTimes) {
  const Texts parts = {"minute", "hour", "day", "week", "month", "year"};
  const Texts comparisons = {"", "|lt", "|lte", "|gt", "|gte", "|neq"};
  Texts rules, texts;
  for (const std::string& part : parts) {
    for (const std::string& comparison : comparisons) {
      for (const char* value : {"1", "2", "9", "12"}) {
        if (part != "year") rules.push_back(rule("t|" + part + comparison, value));
      }
    }
  }
  for (const char* hour : {"0", "13", "22", "23"}) rules.push_back(rule("t|hour", hour));
  for (const char* week : {"52", "53"}) rules.push_back(rule("t|week", week));
  for (const char* year : {"1999", "2000", "2024", "2025"}) rules.push_back(rule("t|year", year));
  for (const char* date : {"1999-12-31", "2000-01-01", "2000-02-29", "1900-02-29", "2024-12-30",
                           "2025-01-01", "2025-02-12", "2025-13-01", "2025-00-01", "2025-09-09"}) {
    for (const char* time : {"00:00:00", "23:59:59", "23:59:60", "12:01:02.5", "22:12:09.999999999",
                             "13:09:00", "24:00:00", "12:60:00", "9:00:00"}) {
      for (const char* zone :
           {"Z", "z", "+01:00", "-11:59", "+14:00", "", " Z", "+0100", "+24:00"}) {
        for (const char* between : {"T", " ", "t", "_"}) {
          texts.push_back("{\"t\":\"" + std::string(date) + between + time + zone + "\"}");
        }
      }
    }
  }
  expect_no_difference(rules, texts);
}

TEST(DifferentialExhaustive, AllExpressionsOnAllTexts) {
  Texts rules, texts;
  for (const char* expression : {"abc", "ABC", "^abc", "abc$", "abc|kbc", "xab|kbc|\u017fab",
                                 "(abc)+", "a[b]c", "[Kk]bc", "sab", "\u212abc", "abc?", "a.c",
                                 "a\\nc", "(abc|kbc)x", "abc.*kbc", "^$", "(?i)kbc", "ab\\x63"}) {
    for (const char* flags : {"", "|i", "|m", "|s", "|i|m|s"}) {
      for (const char* place : {"", "|startswith", "|endswith", "|contains"}) {
        std::string modifiers = std::string("f|re") + flags + place;
        rules.push_back(rule(modifiers, in_quotes(expression)));
      }
    }
  }
  for (const std::string& text :
       joined({"abc", "ABc", "kbc", "\u212aBC", "\u017fab", "\n", "x"}, 2)) {
    texts.push_back("{\"f\":" + in_quotes(text) + "}");
  }
  expect_no_difference(rules, texts);
}

TEST(DifferentialExhaustive, AllReferences) {
  const Texts values = {"\"a\"",
                        "\"A\"",
                        "\"ab\"",
                        "\"bA\"",
                        "\"k\"",
                        "\"\u212a\"",
                        "\"\"",
                        "5",
                        "\"5\"",
                        "5.0",
                        "null",
                        "true",
                        "\"TRUE\"",
                        "[]",
                        "{}",
                        "[\"x\",\"a\"]",
                        "{\"f\":\"a\"}",
                        "\"a*\"",
                        "\"{\\\"f\\\":1}\""};
  Texts rules, texts;
  for (const char* place : {"", "|contains", "|startswith", "|endswith"}) {
    for (const char* rest : {"", "|cased", "|neq", "|cased|neq"}) {
      rules.push_back(rule(std::string("f|fieldref") + place + rest, "g"));
      rules.push_back(rule(std::string("f|fieldref") + place + rest, "[h, g]"));
      if (*rest == '\0') rules.push_back(rule(std::string("f|fieldref|all") + place, "[f, g]"));
    }
  }
  for (const std::string& left : values) {
    texts.push_back("{\"f\":" + left + "}");
    for (const std::string& right : values) {
      texts.push_back("{\"f\":" + left + ",\"g\":" + right + "}");
    }
  }
  expect_no_difference(rules, texts);
}

}  // namespace
}  // namespace stanch::differential
