#include "normalize/normalize.h"
#include "normalize/family.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "codec/json_writer.h"
#include "model/facts_json.h"

namespace stanch::normalize {
namespace {

namespace fs = std::filesystem;
using codec::JsonView;

struct RecogniseCase {
  const char* name;
  const char* json;
  LogFamily expected;
};

TEST(Recognise, ByMembersThatOnlyTheFamilyHas) {
  constexpr LogFamily kYes = LogFamily::kAwsCloudTrail;
  constexpr LogFamily kNo = LogFamily::kUnknown;
  const RecogniseCase cases[] = {
      {"least", R"({"eventSource":"iam.amazonaws.com","eventName":"GetUser"})", kYes},
      {"China", R"({"eventName":"GetUser","eventSource":"iam.amazonaws.com.cn"})", kYes},
      {"escaped keys and values",
       R"({"event\u0053ource":"iam.amazonaws\u002ecom","eventName":"GetUser"})", kYes},
      {"shortened sample", R"({"eventSource":"...","eventName":"X","eventType":"AwsApiCall"})",
       kYes},
      {"integration source",
       R"({"eventVersion":"1.11","userIdentity":{},"eventSource":"app","eventName":"X","eventID":"1"})",
       kYes},
      {"insight", R"({"eventType":"AwsCloudTrailInsight","insightDetails":{}})", kYes},
      {"insight without details", R"({"eventType":"AwsCloudTrailInsight"})", kNo},
      {"S3 notification",
       R"({"eventVersion":"2.1","eventSource":"aws:s3","awsRegion":"us-east-1","eventTime":"x",)"
       R"("eventName":"ObjectCreated:Put","userIdentity":{"principalId":"AWS:A"}})",
       kNo},
      {"Alibaba ActionTrail",
       R"({"eventVersion":"1","eventSource":"ecs.aliyuncs.com","eventName":"StopInstance",)"
       R"("awsRegion":"x","eventType":"ApiCall","userIdentity":{"type":"ram-user"}})",
       kNo},
      {"source only", R"({"eventSource":"iam.amazonaws.com"})", kNo},
      {"name only", R"({"eventName":"GetUser"})", kNo},
      {"name is no text", R"({"eventSource":"iam.amazonaws.com","eventName":1})", kNo},
      {"source is no text", R"({"eventSource":["iam.amazonaws.com"],"eventName":"GetUser"})", kNo},
      {"no version", R"({"userIdentity":{},"eventSource":"app","eventName":"X","eventID":"1"})",
       kNo},
      {"file of records", R"({"Records":[{"eventSource":"iam.amazonaws.com","eventName":"X"}]})",
       kNo},
      {"other log", R"({"kind":"Event","apiVersion":"audit.k8s.io/v1"})", kNo},
      {"array", R"([{"eventSource":"iam.amazonaws.com","eventName":"X"}])", kNo},
      {"text", R"("eventSource")", kNo},
      {"null", "null", kNo},
      {"empty", "{}", kNo},
  };
  for (const RecogniseCase& c : cases) {
    codec::JsonParser parser;
    JsonView event = parser.parse(c.json);
    ASSERT_TRUE(event.exists()) << c.name;
    EXPECT_EQ(Normalizer().recognise(event), c.expected) << c.name;
  }
  EXPECT_EQ(Normalizer().recognise(JsonView()), kNo);
  EXPECT_EQ(name_of(kYes), "aws_cloudtrail");
  EXPECT_EQ(name_of(kNo), "unknown");
}

TEST(Recognise, NoOtherLogOfAzureForOneOfOurs) {
  const char* const others[] = {
      R"({"time":"x","resourceId":"/subscriptions/s","operationName":"SecretGet","category":"AuditEvent","properties":{}})",
      R"({"time":"x","resourceId":"/tenants/t","operationName":"Provisioning activity","category":"ProvisioningLogs","properties":{"initiatedBy":{}}})",
      R"({"time":"x","category":"SignInLogs","properties":"words"})",
      R"({"operationName":{"localizedValue":"x"},"resourceId":"/subscriptions/s"})",
      R"({"operationName":"a/write","resourceId":7,"category":"Administrative"})",
      R"({"activityDisplayName":"Add user","initiatedBy":"me"})",
      R"({"createdDateTime":"x","appId":"y","status":"ok"})",
      R"({"CreationTime":"x","RecordType":1})",
      R"({"CreationTime":1,"RecordType":1,"Operation":"x"})",
      R"({"riskEventType":"x","scopeType":"y"})",
      R"({"riskState":"x","riskLevel":"y"})",
      R"({"serviceSource":"x","evidence":{}})",
      R"({"type":"x","properties":{"alertType":"y"}})",
      R"({"macAddress":"x","properties":{}})",
      R"({"flowRecords":[]})",
  };
  for (const char* const json : others) {
    codec::JsonParser parser;
    EXPECT_EQ(name_of(Normalizer().recognise(parser.parse(json))), "unknown") << json;
  }
}

TEST(Families, StandInTheOrderOfTheirNumbers) {
  auto number = static_cast<size_t>(LogFamily::kAwsCloudTrail);
  for (const Family* family : kFamilies) {
    EXPECT_EQ(static_cast<size_t>(family->family), ++number) << family->name;
    EXPECT_EQ(name_of(family->family), family->name);
    EXPECT_NE(family->needs[0], 0u) << family->name << ": every event would be looked at";
    EXPECT_FALSE(Normalizer().source_of(family->family).product.empty()) << family->name;
  }
  EXPECT_LT(number, static_cast<size_t>(LogFamily::kFirstOwn));
  EXPECT_EQ(Normalizer().source_of(LogFamily::kAwsCloudTrail).service, "cloudtrail");
  EXPECT_EQ(Normalizer().source_of(LogFamily::kUnknown).product, "");
}

TEST(EventId, IsTheProvidersOrEmpty) {
  codec::JsonParser parser;
  std::string scratch;
  constexpr LogFamily kFamily = LogFamily::kAwsCloudTrail;
  EXPECT_EQ(Normalizer().event_id(kFamily, parser.parse(R"({"eventID":"a-1"})"), scratch), "a-1");
  EXPECT_EQ(Normalizer().event_id(kFamily, parser.parse(R"({"eventID":"a\u002d1"})"), scratch),
            "a-1");
  EXPECT_EQ(Normalizer().event_id(kFamily, parser.parse(R"({"eventID":7})"), scratch), "");
  EXPECT_EQ(Normalizer().event_id(kFamily, parser.parse("{}"), scratch), "");
  EXPECT_EQ(Normalizer().event_id(kFamily, parser.parse("[]"), scratch), "");
  EXPECT_EQ(Normalizer().event_id(kFamily, JsonView(), scratch), "");
  EXPECT_EQ(
      Normalizer().event_id(LogFamily::kUnknown, parser.parse(R"({"eventID":"a-1"})"), scratch),
      "");
}

std::string to_json(const model::Facts& facts) {
  std::string json;
  codec::JsonWriter writer(json);
  model::append_json(facts, writer);
  return json;
}

std::string facts_of(std::string_view record, model::Facts& facts, TextArena& arena,
                     LogFamily family = LogFamily::kAwsCloudTrail) {
  static codec::JsonParser parser;  // to make one each time is slow under ASan
  JsonView event = parser.parse(record);
  if (!event.exists()) return {};
  arena.clear();
  Normalizer().extract(family, event, arena, facts);
  return to_json(facts);
}

// What one reader says of record after record, where all that is remembered would show. The
// bytes it read are overwritten before the facts are looked at.
class Continued {
 public:
  explicit Continued(Normalizer& normalizer) : normalizer_(normalizer) {}

  std::string facts_of(std::string_view record, LogFamily family = LogFamily::kAwsCloudTrail) {
    bytes_.assign(record);
    const JsonView event = parser_.parse(bytes_);
    if (!event.exists()) return {};
    arena_.clear();
    normalizer_.extract(family, event, arena_, facts_);
    model::keep(facts_, bytes_, arena_);
    bytes_.assign(bytes_.size(), '#');
    return to_json(facts_);
  }

 private:
  Normalizer& normalizer_;
  codec::JsonParser parser_;
  std::string bytes_;
  TextArena arena_;
  model::Facts facts_;
};

std::string read(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

std::vector<std::string> golden_records() {
  std::vector<fs::path> paths;
  for (const fs::directory_entry& entry :
       fs::directory_iterator(fs::path(STANCH_SOURCE_DIR) / "tests/golden/normalize")) {
    if (entry.path().string().ends_with(".in.json")) paths.push_back(entry.path());
  }
  std::ranges::sort(paths);
  std::vector<std::string> records;
  for (const fs::path& path : paths) records.push_back(read(path));
  return records;
}

TEST(Extract, LeavesNothingOfTheEventBefore) {
  std::vector<std::string> records = golden_records();
  ASSERT_GE(records.size(), 40u);
  model::Facts reused;
  TextArena arena;
  for (size_t i = 0; i < records.size(); ++i) {
    for (size_t j : {i, records.size() - 1 - i}) {
      model::Facts fresh;
      TextArena other;
      EXPECT_EQ(facts_of(records[j], reused, arena), facts_of(records[j], fresh, other));
    }
  }
  Normalizer().extract(LogFamily::kUnknown, JsonView(), arena, reused);
  EXPECT_EQ(to_json(reused), to_json({}));
}

// Every value of every golden record, replaced by each JSON type in turn:
// whatever foreign JSON holds, facts come out, and as valid JSON.
TEST(Extract, EveryValueMayHaveAnyType) {
  const char* replacements[] = {"null",
                                "true",
                                "-1.5e300",
                                "\"\"",
                                "\"\\ud800\\u0000/:\"",
                                "\"arn:aws:iam::1:role/\"",
                                "[]",
                                "[[{}],\"a\",null]",
                                "{}",
                                "{\"a\":{\"arn\":7}}"};
  model::Facts facts;
  TextArena arena;
  Normalizer normalizer;
  Continued continued(normalizer);
  codec::JsonParser check;
  size_t tried = 0;
  for (const std::string& record : golden_records()) {
    codec::JsonParser parser;
    JsonView root = parser.parse(record);
    const LogFamily family = normalizer.recognise(root);
    std::vector<std::pair<uint32_t, uint32_t>> places;  // of values, with their quotes
    std::vector<JsonView> open = {root};
    while (!open.empty()) {
      JsonView value = open.back();
      open.pop_back();
      uint32_t quote = value.is_string() ? 1 : 0;
      const auto begin = static_cast<uint32_t>(value.raw().data() - record.data());
      places.emplace_back(begin - quote, begin + value.raw().size() + quote);
      for (codec::JsonMember member : value.members()) open.push_back(member.value);
      for (JsonView element : value.elements()) open.push_back(element);
    }
    if (places.size() > 150) continue;  // target_ec2_many: the same place seventy times
    for (auto [begin, end] : places) {
      for (const char* replacement : replacements) {
        std::string changed = record.substr(0, begin) + replacement + record.substr(end);
        std::string json = facts_of(changed, facts, arena, family);
        ASSERT_FALSE(json.empty()) << changed;
        ASSERT_TRUE(check.parse(json).exists()) << changed << '\n' << json;
        ASSERT_EQ(continued.facts_of(changed, family), json) << changed;
        normalizer.recognise(check.parse(changed));
        ++tried;
      }
    }
  }
  EXPECT_GT(tried, 10'000u);
}

// Every member of every golden record left out in turn: whatever is left, a family knows it or does
// not, and gives facts and an id if it does.
TEST(Extract, EveryMemberMayBeMissing) {
  Normalizer normalizer;
  codec::JsonParser again;
  std::string scratch;
  model::Facts facts;
  TextArena arena;
  size_t tried = 0;
  for (const std::string& record : golden_records()) {
    codec::JsonParser parser;
    std::vector<std::pair<size_t, size_t>> names;  // of keys, with what they hold
    std::vector<JsonView> open = {parser.parse(record)};
    while (!open.empty() && names.size() < 200) {
      const JsonView value = open.back();
      open.pop_back();
      for (const codec::JsonMember member : value.members()) {
        names.emplace_back(member.key.raw().data() - record.data(), member.key.raw().size());
        open.push_back(member.value);
      }
      for (const JsonView element : value.elements()) open.push_back(element);
    }
    for (const auto& [at, size] : names) {
      std::string changed = record;
      changed.replace(at, size, "-no such member-");
      const JsonView event = again.parse(changed);
      ASSERT_TRUE(event.exists()) << changed;
      const LogFamily family = normalizer.recognise(event);
      (void)normalizer.event_id(family, event, scratch);
      arena.clear();
      normalizer.extract(family, event, arena, facts);
      ++tried;
    }
  }
  EXPECT_GT(tried, 4'000u);
}

std::string with(std::string text, std::string_view what, std::string_view by) {
  for (size_t at = 0; (at = text.find(what, at)) != text.npos; at += by.size()) {
    text.replace(at, what.size(), by);
  }
  return text;
}

// Records that agree in what is remembered, and differ in all else.
TEST(Normalizer, RemembersNothingThatMatters) {
  struct Change {
    const char* what;
    const char* by;
  };
  const Change changes[] = {
      {"\"", "\""},  // none
      {"\"eventID\"", "\"evEntID\""},
      {"\"arn\"", "\"ran\""},
      {"\"type\"", "\"epyt\""},
      {"\"accountId\"", "\"accountID\""},
      {"\"recipientAccountId\"", "\"recipientAccountID\""},
      {"\"sourceIPAddress\"", "\"sourceIpAddress\""},
      {"\"userIdentity\"", "\"useridentity\""},
      {"\"invokedBy\"", "\"INVOKEDBY\""},
      {"\"eventSource\":\"", "\"eventSource\":\"x"},
      {"\"sourceIPAddress\":\"", "\"sourceIPAddress\":\"ecs.amazonaws.com\",\"x\":\""},
      {"\"recipientAccountId\":\"", "\"recipientAccountId\":\"9"},
      {"\"MFAUsed\":\"No\"", "\"MFAUsed\":\"Yes\""},
      {"creationDate\":\"20", "creationDate\":\"19"},
      {":", " : "},
      {"amazonaws", "\\u0061mazonaws"},
  };
  const std::vector<std::string> records = golden_records();
  for (const int rounds : {1, 3}) {
    Normalizer normalizer;
    Continued continued(normalizer);
    for (const std::string& record : records) {
      codec::JsonParser parser;
      std::string compact;
      codec::append_compact(parser.parse(record), compact);
      for (int round = 0; round < rounds; ++round) {
        for (const Change& change : changes) {
          const std::string changed = with(compact, change.what, change.by);
          model::Facts facts;
          TextArena arena;
          const std::string expected = facts_of(changed, facts, arena);
          ASSERT_EQ(continued.facts_of(changed), expected) << changed;
          ASSERT_EQ(continued.facts_of(changed), expected) << changed;
        }
      }
    }
  }
}

TEST(Normalizer, ReadsOnWhenTheParserWasMoved) {
  const std::string record =
      R"({"eventID":"a-1","eventName":"X","eventSource":"iam.amazonaws.com","awsRegion":"eu-west-1"})";
  Normalizer normalizer;
  std::string scratch;
  auto parser = std::make_unique<codec::JsonParser>();
  for (int i = 0; i < 4; ++i) {
    auto moved = std::make_unique<codec::JsonParser>(std::move(*parser));
    parser = std::move(moved);
    const JsonView event = parser->parse(record);
    EXPECT_EQ(normalizer.event_id(LogFamily::kAwsCloudTrail, event, scratch), "a-1");
  }
}

TEST(Extract, AServiceWithoutANameIsWhereTheCallCameFrom) {
  Normalizer normalizer;
  for (const char* service : {"cloudtrail.amazonaws.com", "ecs.amazonaws.com"}) {
    const std::string record =
        std::string(R"({"eventName":"X","eventSource":"s3.amazonaws.com",)") +
        R"("userIdentity":{"type":"AWSService"},"sourceIPAddress":")" + service + "\"}";
    codec::JsonParser parser;
    TextArena arena;
    model::Facts facts;
    normalizer.extract(LogFamily::kAwsCloudTrail, parser.parse(record), arena, facts);
    EXPECT_EQ(facts.actor.entity.text, "aws:service/" + std::string(service));
  }
}

TEST(Normalizer, FactsOutliveIt) {
  for (const std::string& record : golden_records()) {
    auto normalizer = std::make_unique<Normalizer>();
    codec::JsonParser parser;
    const JsonView event = parser.parse(record);
    std::array<model::Facts, 2> facts;
    std::array<TextArena, 2> arenas;
    for (size_t i = 0; i < 2; ++i) {
      normalizer->extract(LogFamily::kAwsCloudTrail, event, arenas[i], facts[i]);
    }
    normalizer.reset();
    EXPECT_EQ(to_json(facts[0]), to_json(facts[1]));
  }
}

// Calls `visit` for what looks like one record anywhere inside `value`.
template <typename Visit>
void visit_records(JsonView value, const Visit& visit) {
  if (value["eventName"].exists() && value["eventSource"].exists()) {
    visit(value);
    return;
  }
  for (codec::JsonMember member : value.members()) visit_records(member.value, visit);
  for (JsonView element : value.elements()) visit_records(element, visit);
}

TEST(Recordings, EveryRecordHasTimeAndActor) {
  const char* configured = std::getenv("STANCH_DATA");
  fs::path data =
      configured ? fs::path(configured) : fs::path(STANCH_SOURCE_DIR).parent_path() / "shared/data";
  size_t records = 0;
  for (const char* folder : {"stratus-red-team/detonation-logs", "invictus-aws-dataset"}) {
    if (!fs::is_directory(data / folder)) continue;
    for (const fs::directory_entry& entry : fs::recursive_directory_iterator(data / folder)) {
      if (entry.path().extension() != ".json") continue;
      std::string text = read(entry.path());
      codec::JsonParser parser;
      JsonView root = parser.parse(text);
      ASSERT_TRUE(root.exists()) << entry.path();
      TextArena arena;
      model::Facts facts;
      visit_records(root, [&](JsonView record) {
        ++records;
        ASSERT_EQ(Normalizer().recognise(record), LogFamily::kAwsCloudTrail) << entry.path();
        arena.clear();
        Normalizer().extract(LogFamily::kAwsCloudTrail, record, arena, facts);
        EXPECT_TRUE(facts.time) << facts.event_id;
        EXPECT_FALSE(facts.event_id.empty());
        EXPECT_FALSE(facts.account.empty()) << facts.event_id;
        EXPECT_NE(facts.actor.type, model::ActorType::kUnknown) << facts.event_id;
        EXPECT_FALSE(facts.actor.entity.empty()) << facts.event_id;
        EXPECT_NE(facts.action.plane, model::Plane::kUnknown) << facts.event_id;
      });
    }
  }
  if (records == 0) GTEST_SKIP() << "no recordings at " << data << ": 2 folders not read";
  std::cout << records << " records read\n";
  EXPECT_GT(records, 100u);
}

}  // namespace
}  // namespace stanch::normalize
