#include <gtest/gtest.h>

#include "codec/json_writer.h"
#include "ingest/ingest.h"

namespace stanch::ingest {
namespace {

using codec::JsonProblem;

// What came to the sink, as text: "sqs {…}", or "! syntax …".
class Log final : public Unwrapper::Sink {
 public:
  void event(codec::JsonView event, Envelope from) override {
    static constexpr std::string_view kNames[] = {"none",   "lookup", "eventbridge", "sqs",  "sns",
                                                  "digest", "other",  "logs",        "audit"};
    lines.push_back(std::string(kNames[static_cast<size_t>(from)]) + ' ' + all_of(event));
  }
  void rejected(JsonProblem problem, std::string_view text) override {
    lines.push_back("! " + std::string(codec::name_of(problem)) + ' ' + std::string(text));
  }
  std::vector<std::string> lines;

 private:
  static std::string all_of(codec::JsonView view) {
    std::string text;
    codec::append_compact(view, text);
    return text;
  }
};

std::string json_string(std::string_view json) {
  std::string out;
  codec::append_json_string(json, out);
  return out;
}

const std::string kRecord =
    R"({"eventVersion":"1.08","eventSource":"iam.amazonaws.com","eventName":"CreateUser"})";
const std::string kBridge =
    R"({"version":"0","detail-type":"AWS API Call via CloudTrail","source":"aws.iam","detail":)" +
    kRecord + "}";
const std::string kS3 =
    R"({"eventVersion":"2.1","eventSource":"aws:s3","eventName":"ObjectCreated:Put","s3":{"object":{"key":"k"}}})";

std::string sns(std::string_view message) {
  return R"({"Type":"Notification","TopicArn":"arn:aws:sns:x","Message":)" + json_string(message) +
         "}";
}
std::string sqs(std::string_view body) {
  return R"({"messageId":"1","receiptHandle":"r","body":)" + json_string(body) +
         R"(,"eventSource":"aws:sqs"})";
}
std::string received(std::string_view body) {
  return R"({"MessageId":"1","ReceiptHandle":"r","Body":)" + json_string(body) + "}";
}

TEST(Unwrapper, FindsTheEventInEveryEnvelope) {
  struct Case {
    const char* name;
    std::string record;
    std::vector<std::string> expected;
  };
  const std::vector<Case> cases = {
      {"a record", kRecord, {"none " + kRecord}},
      {"another log",
       R"({"time":"x","message":"words","id":"1"})",
       {R"(none {"time":"x","message":"words","id":"1"})"}},
      {"a row of an audit search",
       R"({"RecordId":"1","UserId":"a","AuditData":)" + json_string(kRecord) + "}",
       {"audit " + kRecord}},
      {"audit data that is no text", R"({"AuditData":{"a":1}})", {R"(none {"AuditData":{"a":1}})"}},
      {"an Event Hub",
       R"({"records":[)" + kRecord + R"(,{"time":"x"}]})",
       {"none " + kRecord, R"(none {"time":"x"})"}},
      {"an API of Azure",
       R"({"value":[{"time":"x"},{"time":"y"}],"nextLink":"z"})",
       {R"(none {"time":"x"})", R"(none {"time":"y"})"}},
      {"an empty list", R"({"time":"x","value":[]})", {R"(none {"time":"x","value":[]})"}},
      {"a list that is a value",
       R"({"time":"x","value":["a","b"]})",
       {R"(none {"time":"x","value":["a","b"]})"}},
      {"findings of one notice",
       R"({"detail-type":"x","detail":{"findings":[{"Id":"1"},{"Id":"2"}]}})",
       {R"(eventbridge {"Id":"1"})", R"(eventbridge {"Id":"2"})"}},
      {"findings that are something else", R"({"findings":[1]})", {R"(none {"findings":[1]})"}},
      {"findings of an API", R"({"Findings":[{"Id":"1"}]})", {R"(none {"Id":"1"})"}},
      {"a snapshot of Config",
       R"({"fileVersion":"1.0","configurationItems":[{"ARN":"a"},{"ARN":"b"}]})",
       {R"(none {"ARN":"a"})", R"(none {"ARN":"b"})"}},
      {"lookup-events",
       R"({"EventId":"1","EventName":"CreateUser","CloudTrailEvent":)" + json_string(kRecord) + "}",
       {"lookup " + kRecord}},
      {"EventBridge", kBridge, {"eventbridge " + kRecord}},
      {"SQS to Lambda", sqs(kBridge), {"eventbridge " + kRecord}},
      {"SQS received", received(kRecord), {"sqs " + kRecord}},
      {"SNS", sns(kRecord), {"sns " + kRecord}},
      {"SNS to Lambda",
       R"({"EventSource":"aws:sns","EventVersion":"1.0","Sns":)" + sns(kBridge) + "}",
       {"eventbridge " + kRecord}},
      {"SNS in SQS", sqs(sns(kRecord)), {"sns " + kRecord}},
      {"several in one message",
       sqs("{\"Records\":[" + kRecord + "," + kRecord + "]}"),
       {"sqs " + kRecord, "sqs " + kRecord}},
      {"an array",
       "[" + kRecord + "," + kBridge + "]",
       {"none " + kRecord, "eventbridge " + kRecord}},
      {"CloudWatch Logs",
       R"({"id":"1","timestamp":1,"message":)" + json_string(kRecord) + "}",
       {"logs " + kRecord}},
      {"CloudWatch Logs, all",
       R"({"messageType":"DATA_MESSAGE","logEvents":[{"id":"1","message":)" + json_string(kRecord) +
           "}]}",
       {"logs " + kRecord}},
      {"S3 notification", kS3, {"other " + kS3}},
      {"S3 notification over SNS and SQS",
       sqs(sns("{\"Records\":[" + kS3 + "]}")),
       {"other " + kS3}},
      {"digest",
       R"({"digestStartTime":"t","digestS3Bucket":"b"})",
       {R"(digest {"digestStartTime":"t","digestS3Bucket":"b"})"}},
      {"other Lambda event",
       R"({"eventSource":"aws:kinesis","kinesis":{"data":"x"}})",
       {R"(other {"eventSource":"aws:kinesis","kinesis":{"data":"x"}})"}},
      {"a number", "7", {"other 7"}},
      {"no JSON inside", sqs("}{"), {"! syntax }{"}},
      {"nothing inside", sns(""), {"! empty "}},
      {"cut short inside", received(R"({"a":)"), {R"(! truncated {"a":)"}},
      {"detail that is no object",
       R"({"detail-type":"x","detail":7})",
       {R"(none {"detail-type":"x","detail":7})"}},
      {"a record that carries envelope keys",
       R"({"eventSource":"s3.amazonaws.com","detail-type":"x","detail":{},"Message":"{}","TopicArn":"t"})",
       {R"(none {"eventSource":"s3.amazonaws.com","detail-type":"x","detail":{},"Message":"{}","TopicArn":"t"})"}},
      {"at the limit", sns(sns(sns(sns(kRecord)))), {"sns " + kRecord}},
  };
  for (const auto& [name, record, expected] : cases) {
    codec::JsonParser parser;
    const codec::JsonView view = parser.parse(record);
    ASSERT_TRUE(view.exists()) << name;
    Unwrapper unwrapper{Limits{}};
    for (int round = 0; round < 2; ++round) {  // the second one reuses the parsers
      Log log;
      unwrapper.unwrap(view, log);
      EXPECT_EQ(log.lines, expected) << name;
    }
  }
}

TEST(Unwrapper, StopsAtTheLimit) {
  const std::string deep = sns(sns(sns(sns(sns(kRecord)))));
  std::string arrays = "[[[[[[[[1]]]]]]]]";
  std::string bridges = kRecord;
  for (int i = 0; i < 6; ++i) bridges = R"({"detail-type":"x","detail":)" + bridges + "}";
  for (const std::string& text : {deep, arrays, bridges}) {
    codec::JsonParser parser;
    Unwrapper unwrapper{Limits{}};
    Log log;
    unwrapper.unwrap(parser.parse(text), log);
    ASSERT_EQ(log.lines.size(), 1u) << text;
    EXPECT_TRUE(log.lines[0].starts_with("! too-deep")) << log.lines[0];
  }
}

}  // namespace
}  // namespace stanch::ingest
