#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "detect/detect.h"

// What a Matcher remembers of events must change no verdict on later ones.

namespace stanch::detect {
namespace {

std::shared_ptr<const RuleSet> rules_of(const std::vector<std::string>& detections) {
  std::vector<RuleText> texts;
  for (size_t i = 0; i < detections.size(); ++i) {
    const std::string number = std::to_string(i);
    texts.push_back({"r" + number + ".yml",
                     "title: rule " + number + "\nid: 00000000-0000-4000-8000-00000000000" +
                         number + "\nstatus: test\nlevel: low\nlogsource: {product: p}\n" +
                         "detection:\n" + detections[i]});
  }
  Loaded loaded = load_rules(texts, {});
  EXPECT_EQ(rule_infos(*loaded.rules).size(), detections.size());
  return loaded.rules;
}

std::string verdict(Matcher& matcher, codec::JsonParser& parser, const std::string& event) {
  std::string out;
  for (const Match match : matcher.match(parser.parse(event), {"p", "", ""}).matches) {
    out += std::to_string(match.rule);
  }
  return out;
}

// Each event several times, in both orders, against a Matcher that knows nothing. Short events
// are searched, so each gets a member more.
void check(const std::vector<std::string>& detections, std::vector<std::string> events) {
  for (std::string& event : events) event.insert(event.size() - 1, R"(,"more":"a text behind")");
  const auto rules = rules_of(detections);
  std::vector<std::string> expected;
  for (const std::string& event : events) {
    Matcher fresh(rules, codec::HashSecret{1});
    codec::JsonParser parser;
    expected.push_back(verdict(fresh, parser, event));
  }
  Matcher matcher(rules, codec::HashSecret{1});
  codec::JsonParser parser;
  for (int round = 0; round < 6; ++round) {
    for (size_t i = 0; i < events.size(); ++i) {
      const size_t at = round % 2 == 0 ? i : events.size() - 1 - i;
      EXPECT_EQ(verdict(matcher, parser, events[at]), expected[at]) << events[at];
    }
  }
}

// The long s and the Kelvin sign fold to ASCII letters; a filter took them for other ones.
TEST(Matcher, FoldedLettersInsideALiteralAreFound) {
  const auto rules = rules_of({"  s: {agent|contains: 'assumed-role'}\n  condition: s\n",
                               "  s: {agent|contains: ':backup-keys:'}\n  condition: s\n"});
  Matcher matcher(rules, codec::HashSecret{1});
  codec::JsonParser parser;
  EXPECT_EQ(verdict(matcher, parser, R"({"agent":"assumed-role"})"), "0");
  EXPECT_EQ(verdict(matcher, parser, R"({"agent":"aſſumed-role"})"), "0");
  EXPECT_EQ(verdict(matcher, parser, "{\"agent\":\"a\xC5\xBF\xC5\xBFumed-role\"}"), "0");
  EXPECT_EQ(verdict(matcher, parser, "{\"agent\":\":bac\xE2\x84\xAAup-keys:\"}"), "1");
  EXPECT_EQ(verdict(matcher, parser, "{\"agent\":\"a\xC3\xA9\xC5\xBFumed-role\"}"), "");
}

TEST(Matcher, MemoryTellsKeyTextsApart) {
  check({"  s: {name: one, x: 1}\n  condition: s\n", "  s: {name: two, x: 1}\n  condition: s\n",
         "  s: {name: ONE}\n  condition: not s\n"},
        {R"({"name":"one","x":1})", R"({"name":"two","x":1})", R"({"name":"One","x":2})",
         R"({"name":"\u006fne","x":1})", R"({"name":"six","x":1})"});
}

TEST(Matcher, MemoryDoesNotTakeAnArrayForOneText) {
  check({"  s: {name: one}\n  condition: s\n", "  s: {name: two}\n  condition: s\n"},
        {R"({"name":["one"]})", R"({"name":["two"]})", R"({"name":["six"]})"});
}

TEST(Matcher, MemoryTellsBooleansAndNullApart) {
  check({"  s: {name: true}\n  condition: s\n", "  s: {name: null}\n  condition: s\n",
         "  s: {name: 'false'}\n  condition: s\n", "  s: {name|exists: false}\n  condition: s\n",
         "  s: {name: one}\n  condition: s\n"},
        {R"({"name":true})", R"({"name":false})", R"({"name":null})", R"({"other":null})",
         R"({"Name":null})", R"({"name":1})"});
}

// What is absent in one event may be present in the next of that shape.
TEST(Matcher, MemoryMindsKeysInsideOfObjects) {
  check({"  s: {name: one, in.x: yes}\n  condition: s\n",
         "  s: {name: one, in.y: yes}\n  condition: s\n",
         "  s: {name: one}\n  f: {in.x: yes}\n  condition: s and not f\n",
         "  s: {name: one, top: yes}\n  condition: s\n"},
        {R"({"name":"one","in":{"x":"yes"},"top":"no"})",
         R"({"name":"one","in":{"y":"yes"},"top":"no"})",
         R"({"name":"one","in":{"z":"yes"},"top":"yes"})",
         R"({"name":"one","on":{"x":"yes"},"tip":"yes"})"});
}

TEST(Matcher, MemoryMindsFieldsThatAreNoKeys) {
  check({"  s: {name: one, agent: curl}\n  condition: s\n", "  s: {name: one}\n  condition: s\n",
         "  s: {agent: wget}\n  condition: s\n", "  s: {agent|contains: 'evil'}\n  condition: s\n"},
        {R"({"name":"one","agent":"curl"})", R"({"name":"one","agent":"wget"})",
         R"({"name":"one","agent":"an evil one"})", R"({"name":"six","agent":"wget"})"});
}

}  // namespace
}  // namespace stanch::detect
