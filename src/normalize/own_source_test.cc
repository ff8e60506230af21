#include "normalize/own_source.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "codec/json_writer.h"
#include "codec/timestamp.h"
#include "model/facts_json.h"

namespace stanch::normalize {
namespace {

using testing::HasSubstr;

// The first example of the document.
std::string documented() {
  std::ifstream file(std::string(STANCH_SOURCE_DIR) + "/docs/formats/sources.md");
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  const size_t begin = text.find("```yaml\n") + 8;
  return text.substr(begin, text.find("```", begin) - begin);
}

std::shared_ptr<const OwnSources> sources_of(std::initializer_list<std::string> texts) {
  std::vector<SourceText> files;
  for (const std::string& text : texts) {
    files.push_back({"sources/" + std::to_string(files.size()) + ".yaml", text});
  }
  Diagnostics diagnostics;
  auto sources = read_own_sources(files, diagnostics);
  for (const Diagnostic& diagnostic : diagnostics) ADD_FAILURE() << to_text(diagnostic);
  return sources;
}

std::string facts_of(Normalizer& normalizer, const std::string& json) {
  codec::JsonParser parser;
  const codec::JsonView event = parser.parse(json);
  TextArena arena;
  model::Facts facts;
  normalizer.extract(normalizer.recognise(event), event, arena, facts);
  std::string text;
  codec::JsonWriter writer(text);
  model::append_json(facts, writer);
  return text;
}

LogFamily family_of(Normalizer& normalizer, const std::string& json) {
  codec::JsonParser parser;
  return normalizer.recognise(parser.parse(json));
}

TEST(OwnSource, DocumentedExampleReadsEveryFact) {
  Normalizer normalizer(sources_of({documented()}));
  EXPECT_EQ(
      facts_of(normalizer, R"({"ts":1772439327,"app":"shop-web","event":{"id":7,)"
                           R"("type":"order.delete","result":"Forbidden","reason":"no right"},)"
                           R"("actor":{"email":"mara@example.com","session":"s/1"},)"
                           R"("client":{"ip":"203.0.113.9","agent":"curl"},"tenant":"acme",)"
                           R"("region":"eu","order":{"id":8812},"subjects":[{"email":"a"},)"
                           R"({"email":"b"}]})"),
      R"({"cloud":"shop","event_id":"7","time":"2026-03-02T08:15:27Z","account":"acme",)"
      R"("region":"eu","actor":{"type":"user","entity":"shop:user/mara@example.com",)"
      R"("user_name":"mara@example.com"},"credential":{"session":"shop:session/s%2F1"},)"
      R"("source":{"entity":"ip/203.0.113.9","address":"203.0.113.9","user_agent":"curl"},)"
      R"("action":{"service":"shop-web","name":"order.delete"},"targets":[)"
      R"({"entity":"shop:order/8812","source":"request"},)"
      R"({"entity":"shop:user/a","source":"request"},)"
      R"({"entity":"shop:user/b","source":"request"}],"outcome":"denied",)"
      R"("error_code":"no right"})");
}

TEST(OwnSource, IsToldByWhatIsThereAndWhatItSays) {
  Normalizer normalizer(sources_of(
      {documented(), "{name: till, log: {category: till}, needs: [ts, till], facts: {time: ts}}"}));
  const auto of = [](int number) {
    return static_cast<LogFamily>(static_cast<int>(LogFamily::kFirstOwn) + number);
  };
  const std::string rest = R"("ts":1,"event":{"type":"x"},"actor":{"email":"a"}})";
  EXPECT_EQ(family_of(normalizer, R"({"app":"shop-worker",)" + rest), of(0));
  EXPECT_EQ(family_of(normalizer, R"({"app":"other",)" + rest), LogFamily::kUnknown);
  EXPECT_EQ(family_of(normalizer, R"({"app":["shop-web"],)" + rest), LogFamily::kUnknown);
  EXPECT_EQ(family_of(normalizer, "{" + rest), LogFamily::kUnknown);
  EXPECT_EQ(family_of(normalizer, R"({"app":"other","till":3,)" + rest), of(1));
  EXPECT_EQ(family_of(normalizer, R"({"ts":1,"till":null})"), LogFamily::kUnknown);
  EXPECT_EQ(family_of(normalizer, R"({"auditID":"a","verb":"get","user":{},"ts":1,"till":3})"),
            LogFamily::kKubernetes);
  EXPECT_EQ(normalizer.source_of(of(0)).service, "audit");
  EXPECT_EQ(normalizer.source_of(of(1)).category, "till");
  EXPECT_EQ(name_of(of(1)), "own");
}

TEST(OwnSource, MembersWithDotsGoBeforePaths) {
  Normalizer normalizer(sources_of(
      {"{name: till, log: {category: till}, needs: [a.b], facts: {time: ts, action: a.b}}"}));
  EXPECT_THAT(facts_of(normalizer, R"({"a":{"b":"inside"},"a.b":"itself"})"),
              HasSubstr(R"("name":"itself")"));
  EXPECT_THAT(facts_of(normalizer, R"({"a":[{"b":"first"},{"b":"second"}]})"),
              HasSubstr(R"("name":"first")"));
}

TEST(OwnSource, EventIdsOfTwoLogsDiffer) {
  Normalizer normalizer(
      sources_of({"{name: till, log: {category: a}, needs: [till], facts: {time: ts, id: id}}",
                  "{name: gate, log: {category: b}, needs: [gate], facts: {time: ts, id: id}}"}));
  const auto id_of = [&](const std::string& json) {
    codec::JsonParser parser;
    std::string scratch;
    const codec::JsonView event = parser.parse(json);
    return std::string(normalizer.event_id(normalizer.recognise(event), event, scratch));
  };
  EXPECT_EQ(id_of(R"({"till":1,"id":7})"), "till/7");
  EXPECT_EQ(id_of(R"({"gate":1,"id":"7"})"), "gate/7");
  EXPECT_EQ(id_of(R"({"gate":1,"id":{}})"), "");
  EXPECT_EQ(id_of(R"({"gate":1})"), "");
}

TEST(OwnSource, OutcomesAreWordsWhateverTheirCase) {
  const std::string begin =
      "{name: till, log: {category: a}, needs: [ts], facts: {time: ts, "
      "outcome: ok}";
  Normalizer usual(sources_of({begin + "}"}));
  Normalizer given(sources_of({begin + ", outcomes: {failed: ['NO']}}"}));
  const auto outcome = [](Normalizer& normalizer, const std::string& value) {
    const std::string facts = facts_of(normalizer, R"({"ts":1,"ok":)" + value + "}");
    const std::string mark = R"("outcome":")";
    const size_t at = facts.find(mark) + mark.size();
    return facts.substr(at, facts.find('"', at) - at);
  };
  EXPECT_EQ(outcome(usual, "false"), "failed");
  EXPECT_EQ(outcome(usual, "true"), "ok");
  EXPECT_EQ(outcome(usual, "403"), "denied");
  EXPECT_EQ(outcome(usual, R"("Denied")"), "denied");
  EXPECT_EQ(outcome(usual, "null"), "ok");
  EXPECT_EQ(outcome(given, R"("no")"), "failed");
  EXPECT_EQ(outcome(given, "false"), "ok");
}

TEST(OwnSource, TimesAreTextsOrNumbers) {
  const auto text_of = [](std::string_view text) {
    const auto time = own_time(text);
    return time ? codec::format_timestamp(*time) : "";
  };
  EXPECT_EQ(text_of("2026-03-02T08:15:27+01:00"), "2026-03-02T07:15:27Z");
  EXPECT_EQ(text_of("2026-03-02 08:15:27"), "2026-03-02T08:15:27Z");
  EXPECT_EQ(text_of("1772439327"), "2026-03-02T08:15:27Z");
  EXPECT_EQ(text_of("1772439327.9"), "2026-03-02T08:15:27Z");
  EXPECT_EQ(text_of("1772439327413"), "2026-03-02T08:15:27.413Z");
  EXPECT_EQ(text_of("1772439327413207"), "2026-03-02T08:15:27.413207Z");
  EXPECT_EQ(text_of("1772439327413207000"), "2026-03-02T08:15:27.413207Z");
  for (const std::string_view none :
       {"", "yesterday", "17", "-1772439327", "99999999999999999999", "9999999999999999999"}) {
    EXPECT_EQ(text_of(none), "") << none;
  }
}

TEST(OwnSource, SaysWhatIsWrongAllAtOnce) {
  struct Case {
    std::string text;
    std::vector<std::string> expected;  // "SRC003 2:1 hint"
  };
  const std::string good = "name: a\nlog: {product: a}\nneeds: [x]\nfacts: {time: ts}\n";
  const std::vector<Case> cases = {
      {good, {}},
      {"", {"SRC001 0:0 Give each source a file."}},
      {good + "---\n" + good, {"SRC001 0:0 Give each source a file."}},
      {"name: [", {"SRC001 1:1 close it with ']'"}},
      {"- a\n", {"SRC002 1:1 Write 'name: value' lines."}},
      {"name: a\n",
       {"SRC005 1:1 Rules name it so: 'log: {product: shop, service: audit}'.",
        "SRC005 1:1 Name members that all its events have.",
        "SRC005 1:1 Say at least where the time is: 'time: ts'."}},
      {good + "target: {}\n", {"SRC003 5:1 did you mean 'targets'?"}},
      {good + "name: b\n", {"SRC006 5:1 Keep one of them."}},
      {good + "is: {'a..b': x}\n",
       {"SRC004 5:6 Write the names of members with dots between them: actor.email."}},
      {good + "is: {a: []}\n", {"SRC002 5:9 "}},
      {good + "targets: {Order: id}\n",
       {"SRC004 5:11 Begin with a letter; then a-z, 0-9 and -, 40 at most."}},
      {good + "targets: {order: .id}\n", {"SRC004 5:18 "}},
      {good + "outcomes: {denied: {}}\n", {"SRC002 5:20 Put it between quotes."}},
      {"name: aws\nlog: {}\nneeds: x\nfacts: {when: ts}\n",
       {"SRC004 1:7 Take the name of the application.",
        "SRC005 2:6 Give product, service or category.",
        "SRC002 3:8 Write 'needs: [ts, actor.email]'.",
        std::string("SRC003 4:9 Known are time, id, action, service, actor, session, address, ") +
            "user_agent, account, region, outcome, error.",
        "SRC005 4:8 Say where the time is: 'time: ts'."}},
  };
  for (const auto& [text, expected] : cases) {
    const SourceText files[] = {{"sources/a.yaml", text}};
    Diagnostics diagnostics;
    const auto sources = read_own_sources(files, diagnostics);
    EXPECT_EQ(sources != nullptr, expected.empty()) << text;
    std::vector<std::string> said;
    for (const Diagnostic& each : diagnostics) {
      said.push_back(std::string(each.code->id) + ' ' + std::to_string(each.place.line) + ':' +
                     std::to_string(each.place.column) + ' ' + each.hint);
    }
    EXPECT_EQ(said, expected) << text;
  }
}

TEST(OwnSource, NamesStandOnce) {
  const std::string good = "name: a\nlog: {product: a}\nneeds: [x]\nfacts: {time: ts}\n";
  const SourceText files[] = {{"sources/a.yaml", good}, {"sources/b.yaml", good}};
  Diagnostics diagnostics;
  const auto sources = read_own_sources(files, diagnostics);
  ASSERT_NE(sources, nullptr);
  EXPECT_EQ(sources->all.size(), 1u);
  ASSERT_EQ(diagnostics.size(), 1u);
  EXPECT_THAT(to_text(diagnostics[0]),
              HasSubstr("sources/b.yaml:1:7: error SRC006 source-twice: 'a' is the name of "
                        "sources/a.yaml too"));
}

}  // namespace
}  // namespace stanch::normalize
