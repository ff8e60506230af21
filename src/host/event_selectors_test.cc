#include "host/event_selectors.h"

#include <gtest/gtest.h>

#include "codec/json.h"

namespace stanch::host {
namespace {

Recorded recorded(const std::string& json) {
  codec::JsonParser parser;
  const codec::JsonView view = parser.parse(json);
  EXPECT_TRUE(view) << json;
  return recorded_by(codec::JsonValue::of(view));
}

// "all/off" of reads and writes.
std::string text_of(const ReadsAndWrites& kinds) {
  return std::string(name_of(kinds.reads)) + "/" + std::string(name_of(kinds.writes));
}

std::string basic(const std::string& members) {
  return R"({"EventSelectors":[{)" + members + "}]}";
}
std::string data(const std::string& type, const std::string& values) {
  return basic(R"("ReadWriteType":"All","DataResources":[{"Type":")" + type + R"(","Values":[)" +
               values + "]}]");
}
// One advanced selector of these conditions.
std::string advanced(const std::string& conditions) {
  return R"({"AdvancedEventSelectors":[{"FieldSelectors":[)" + conditions + "]}]}";
}
constexpr const char* kManagement = R"({"Field":"eventCategory","Equals":["Management"]})";
constexpr const char* kData = R"({"Field":"eventCategory","Equals":["Data"]},)"
                              R"({"Field":"resources.type","Equals":["AWS::S3::Object"]})";

TEST(EventSelectors, AreReadAsAwsMeansThem) {
  const struct {
    const char* name;
    std::string answer;
    const char *management, *s3, *lambda, *other;
  } cases[] = {
      {"no selectors: the default", R"({"EventSelectors":[],"AdvancedEventSelectors":[]})",
       "all/all", "off/off", "off/off", "off/off"},
      {"what put_event_selectors leaves out", basic(""), "all/all", "off/off", "off/off",
       "off/off"},
      {"writes only", basic(R"("ReadWriteType":"WriteOnly")"), "off/all", "off/off", "off/off",
       "off/off"},
      {"no management", basic(R"("IncludeManagementEvents":false)"), "off/off", "off/off",
       "off/off", "off/off"},
      {"all buckets", data("AWS::S3::Object", R"("arn:aws:s3")"), "all/all", "all/all", "off/off",
       "off/off"},
      {"all buckets, as it was written once", data("AWS::S3::Object", R"("arn:aws:s3:::")"),
       "all/all", "all/all", "off/off", "off/off"},
      {"all buckets in China", data("AWS::S3::Object", R"("arn:aws-cn:s3:::")"), "all/all",
       "all/all", "off/off", "off/off"},
      {"one bucket", data("AWS::S3::Object", R"("arn:aws:s3:::acme/")"), "all/all", "some/some",
       "off/off", "off/off"},
      {"another service's ARN", data("AWS::S3::Object", R"("arn:aws:lambda")"), "all/all",
       "some/some", "off/off", "off/off"},
      {"no bucket", data("AWS::S3::Object", ""), "all/all", "off/off", "off/off", "off/off"},
      {"all functions", data("AWS::Lambda::Function", R"("arn:aws:lambda")"), "all/all", "off/off",
       "all/all", "off/off"},
      {"one function", data("AWS::Lambda::Function", R"("arn:aws:lambda:eu-west-1:1:function:f")"),
       "all/all", "off/off", "some/some", "off/off"},
      {"reads of all buckets and writes of all buckets",
       R"({"EventSelectors":[{"ReadWriteType":"ReadOnly","DataResources":[)"
       R"({"Type":"AWS::S3::Object","Values":["arn:aws:s3"]}]},)"
       R"({"ReadWriteType":"WriteOnly","IncludeManagementEvents":false,"DataResources":[)"
       R"({"Type":"AWS::S3::Object","Values":["arn:aws:s3"]}]}]})",
       "all/off", "all/all", "off/off", "off/off"},

      {"advanced management", advanced(kManagement), "all/all", "off/off", "off/off", "off/off"},
      {"advanced management writes",
       advanced(std::string(kManagement) + R"(,{"Field":"readOnly","Equals":["false"]})"),
       "off/all", "off/off", "off/off", "off/off"},
      {"advanced management without a source that matters",
       advanced(std::string(kManagement) +
                R"(,{"Field":"eventSource","NotEquals":["iam.amazonaws.com"]})"),
       "some/some", "off/off", "off/off", "off/off"},
      {"advanced management of one source",
       advanced(std::string(kManagement) +
                R"(,{"Field":"eventSource","Equals":["iam.amazonaws.com"]})"),
       "some/some", "off/off", "off/off", "off/off"},
      {"advanced data: no management any more", advanced(kData), "off/off", "all/all", "off/off",
       "off/off"},
      {"advanced data of some names",
       advanced(std::string(kData) + R"(,{"Field":"eventName","Equals":["DeleteObject"]})"),
       "off/off", "some/some", "off/off", "off/off"},
      {"advanced data of one bucket",
       advanced(std::string(kData) +
                R"(,{"Field":"resources.ARN","StartsWith":["arn:aws:s3:::acme/"]})"),
       "off/off", "some/some", "off/off", "off/off"},
      {"advanced data of all ARNs",
       advanced(std::string(kData) +
                R"(,{"Field":"resources.ARN","StartsWith":["arn:aws:s3:::"]})"),
       "off/off", "all/all", "off/off", "off/off"},
      {"advanced data, all buckets but one",
       advanced(std::string(kData) +
                R"(,{"Field":"resources.ARN","NotStartsWith":["arn:aws:s3:::logs/"]})"),
       "off/off", "some/some", "off/off", "off/off"},
      {"advanced data reads",
       advanced(std::string(kData) + R"(,{"Field":"readOnly","Equals":["true"]})"), "off/off",
       "all/off", "off/off", "off/off"},
      {"network activity alone",
       advanced(R"({"Field":"eventCategory","Equals":["NetworkActivity"]})"), "off/off", "off/off",
       "off/off", "off/off"},

      {"an answer without either", "{}", "unknown/unknown", "unknown/unknown", "unknown/unknown",
       "unknown/unknown"},
      {"no object", "[]", "unknown/unknown", "unknown/unknown", "unknown/unknown",
       "unknown/unknown"},
      {"a selector that is none", R"({"EventSelectors":["x"]})", "unknown/unknown",
       "unknown/unknown", "unknown/unknown", "unknown/unknown"},
      {"a word that nobody knows", basic(R"("ReadWriteType":"Sometimes")"), "unknown/unknown",
       "off/off", "off/off", "off/off"},
      {"data of a type that is not told", basic(R"("DataResources":[{"Values":["arn:aws:s3"]}])"),
       "all/all", "unknown/unknown", "unknown/unknown", "unknown/unknown"},
      {"advanced without a category", advanced(R"({"Field":"readOnly","Equals":["true"]})"),
       "unknown/unknown", "unknown/unknown", "unknown/unknown", "unknown/unknown"},
      {"advanced with a category by another operator",
       advanced(R"({"Field":"eventCategory","StartsWith":["Man"]})"), "unknown/unknown",
       "unknown/unknown", "unknown/unknown", "unknown/unknown"},
      {"advanced data without a type", advanced(R"({"Field":"eventCategory","Equals":["Data"]})"),
       "off/off", "unknown/unknown", "unknown/unknown", "unknown/unknown"},
      {"advanced, odd readOnly",
       advanced(std::string(kManagement) + R"(,{"Field":"readOnly","NotEquals":["true"]})"),
       "unknown/unknown", "off/off", "off/off", "off/off"},
      {"advanced without conditions", R"({"AdvancedEventSelectors":[{}]})", "unknown/unknown",
       "unknown/unknown", "unknown/unknown", "unknown/unknown"},
      {"one that is clear beside one that is not",
       R"({"EventSelectors":[{"ReadWriteType":"All"},"x"]})", "all/all", "unknown/unknown",
       "unknown/unknown", "unknown/unknown"},
  };
  for (const auto& [name, answer, management, s3, lambda, other] : cases) {
    const Recorded found = recorded(answer);
    EXPECT_EQ(text_of(found.management), management) << name;
    EXPECT_EQ(text_of(found.data_of(kS3Objects)), s3) << name;
    EXPECT_EQ(text_of(found.data_of(kLambdaFunctions)), lambda) << name;
    EXPECT_EQ(text_of(found.data_of("AWS::DynamoDB::Table")), other) << name;
  }
}

TEST(EventSelectors, OfOtherTypesAreKeptByName) {
  const Recorded found =
      recorded(advanced(R"({"Field":"eventCategory","Equals":["Data"]},)"
                        R"({"Field":"resources.type","Equals":["AWS::SNS::Topic"]})"));
  EXPECT_EQ(text_of(found.data_of("AWS::SNS::Topic")), "all/all");
  EXPECT_EQ(text_of(found.data_of(kS3Objects)), "off/off");
}

TEST(EventSelectors, SourcesThatAreLeftOutAreSaid) {
  const Recorded without =
      recorded(basic(R"("ExcludeManagementEventSources":["kms.amazonaws.com"])"));
  EXPECT_EQ(text_of(without.management), "all/all");
  EXPECT_EQ(without.management_without, std::set<std::string>{"kms.amazonaws.com"});
  EXPECT_EQ(recorded(advanced(std::string(kManagement) +
                              R"(,{"Field":"eventSource","NotEquals":["kms.amazonaws.com"]})"))
                .management_without,
            without.management_without);

  Recorded both = without;
  both.add(recorded(basic(R"("ReadWriteType":"ReadOnly")")));
  EXPECT_EQ(both.management_without, without.management_without) << "its writes are still missing";
  both.add(recorded(basic("")));
  EXPECT_TRUE(both.management_without.empty()) << "the other trail has them";
  both = Recorded();
  both.add(without);
  EXPECT_EQ(both.management_without, without.management_without);
}

TEST(EventSelectors, OfTwoTrailsTheGreaterCounts) {
  Recorded both = recorded(data("AWS::S3::Object", R"("arn:aws:s3:::acme/")"));
  both.add(unknown_recorded());
  EXPECT_EQ(text_of(both.management), "all/all");
  EXPECT_EQ(text_of(both.data_of(kS3Objects)), "some/some") << "at least";
  EXPECT_EQ(text_of(both.data_of(kLambdaFunctions)), "unknown/unknown") << "never off";

  Recorded other = unknown_recorded();
  other.add(recorded(data("AWS::S3::Object", R"("arn:aws:s3")")));
  EXPECT_EQ(text_of(other.data_of(kS3Objects)), "all/all");
  EXPECT_EQ(text_of(other.data_of("AWS::SNS::Topic")), "unknown/unknown");
  EXPECT_EQ(text_of(other.at_most(Share::kUnknown).data_of(kS3Objects)), "unknown/unknown");
}

TEST(EventSelectors, TheWholeIsWhatBothAre) {
  using enum Share;
  const struct {
    Share reads, writes, whole;
  } cases[] = {
      {kAll, kAll, kAll},          {kNone, kNone, kNone},          {kAll, kNone, kSome},
      {kSome, kNone, kSome},       {kAll, kUnknown, kSome},        {kUnknown, kNone, kUnknown},
      {kNone, kUnknown, kUnknown}, {kSome, kUnknown, kSome},       {kSome, kAll, kSome},
      {kSome, kSome, kSome},       {kUnknown, kUnknown, kUnknown},
  };
  for (const auto& [reads, writes, whole] : cases) {
    EXPECT_EQ(name_of(ReadsAndWrites({reads, writes}).whole()), name_of(whole))
        << name_of(reads) << "/" << name_of(writes);
  }
}

}  // namespace
}  // namespace stanch::host
