#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "codec/base64.h"
#include "codec/compress_for_test.h"
#include "codec/json_writer.h"
#include "ingest/ingest.h"

namespace stanch::ingest {
namespace {

using codec::JsonProblem;

// What came to the sink, as text: "sqs {…}", or "! syntax …".
class Log final : public Unwrapper::Sink {
 public:
  void event(codec::JsonView event, Envelope from) override {
    static constexpr std::string_view kNames[] = {
        "none", "lookup", "eventbridge", "sqs",    "sns",     "digest",     "other",
        "logs", "audit",  "hub",         "pubsub", "kinesis", "diagnostic", "export"};
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

std::string packed(std::string_view bytes) { return json_string(codec::encode_base64(bytes)); }
std::string pushed(std::string_view bytes) {
  return R"({"message":{"attributes":{},"data":)" + packed(bytes) +
         R"(,"messageId":"1"},"subscription":"projects/p/subscriptions/s"})";
}
std::string fired(std::string_view bytes) {
  return R"({"recordId":"1","approximateArrivalTimestamp":1,"data":)" + packed(bytes) + "}";
}
std::string subscribed(std::string_view type) {
  return R"({"messageType":")" + std::string(type) +
         R"(","logGroup":"g","logEvents":[{"id":"1","timestamp":1,"message":)" +
         json_string(kRecord) + "}]}";
}
const std::string kAudit = R"({"auditID":"a","verb":"get"})";
std::string cluster_log(std::string_view text) {
  return R"({"category":"kube-audit","properties":{"log":)" + json_string(text) + "}}";
}

// What was base64 was read only if it was JSON.
TEST(Unwrapper, ReadsLinesOfTextThatWereBase64) {
  constexpr std::string_view kFlow =
      "2 123456789012 eni-1235b8ca 203.0.113.12 172.31.16.139 20641 22 6 20 4249 1418530010 "
      "1418530070 ACCEPT OK";
  const std::string subscription =
      R"({"messageType":"DATA_MESSAGE","logEvents":[{"id":"1","timestamp":1,"message":")" +
      std::string(kFlow) + R"("}]})";
  const std::string lines = std::string(kFlow) + "\r\n\nneither\n" + std::string(kFlow) + "\n";
  const auto unwrap = [](const std::string& record) {
    codec::JsonParser parser;
    Unwrapper unwrapper({});
    Log sink;
    unwrapper.unwrap(parser.parse(record), sink);
    return sink.lines;
  };
  const auto is_flow = [](std::string_view envelope) {
    return testing::AllOf(testing::StartsWith(std::string(envelope) + " {"),
                          testing::HasSubstr(R"("srcaddr":"203.0.113.12")"));
  };
  EXPECT_THAT(unwrap(R"({"awslogs":{"data":)" + packed(subscription) + "}}"),
              testing::ElementsAre(is_flow("logs")));
  EXPECT_THAT(unwrap(R"({"eventSource":"aws:kinesis","kinesis":{"data":)" + packed(lines) + "}}"),
              testing::ElementsAre(is_flow("kinesis"), "! syntax neither", is_flow("kinesis")));
  EXPECT_THAT(unwrap(pushed("neither\n" + std::string(kFlow))),
              testing::Not(testing::Contains(is_flow("pubsub"))));
}

TEST(Unwrapper, FindsTheEventInEveryEnvelope) {
  struct Case {
    const char* name;
    std::string record;
    std::vector<std::string> expected;
  };
  const std::vector<Case> cases = {
      {"an activity of Workspace",
       R"({"id":{},"events":[{"type":"t","name":"n"}]})",
       {R"(none {"id":{},"events":[{"type":"t","name":"n"}]})"}},
      {"a hook that hears of pushes",
       R"({"action":"hook.create","events":["push"]})",
       {R"(none {"action":"hook.create","events":["push"]})"}},
      {"what filter-log-events finds",
       R"({"events":[{"eventId":"1","timestamp":1,"message":)" + json_string(kRecord) + "}]}",
       {"logs " + kRecord}},
      {"more than one array",
       R"({"value":[)" + kAudit + R"(],"Records":[)" + kRecord + "]}",
       {"none " + kAudit, "none " + kRecord}},
      {"Splunk, raw",
       R"({"_raw":)" + json_string(kRecord) + R"(,"_time":"x"})",
       {"export " + kRecord}},
      {"Splunk, a result",
       R"({"preview":false,"result":{"_raw":)" + json_string(kRecord) + "}}",
       {"export " + kRecord}},
      {"Splunk, results",
       R"({"preview":false,"results":[{"_raw":)" + json_string(kRecord) + "}]}",
       {"export " + kRecord}},
      {"Elasticsearch, answers",
       R"({"responses":[{"hits":{"hits":[{"_index":"i","_source":)" + kAudit + "}]}}]}",
       {"export " + kAudit}},
      {"Elasticsearch, a hit with a message",
       R"({"_index":"i","_source":{"@timestamp":"t","message":)" + json_string(kRecord) + "}}",
       {"logs " + kRecord}},
      {"Elasticsearch, a hit",
       R"({"_index":"i","_id":"1","_source":)" + kAudit + "}",
       {"export " + kAudit}},
      {"Elasticsearch, an answer",
       R"({"took":1,"hits":{"total":1,"hits":[{"_index":"i","_source":)" + kAudit + "}]}}",
       {"export " + kAudit}},
      {"Elastic, a hit with the log",
       R"({"_index":"i","_source":{"event":{"original":)" + json_string(kRecord) + "}}}",
       {"export " + kRecord}},
      {"Elastic, the log",
       R"({"event":{"original":)" + json_string(kRecord) + R"(},"message":"x"})",
       {"export " + kRecord}},
      {"an original that is no JSON",
       R"({"event":{"original":"a line"}})",
       {R"(none {"event":{"original":"a line"}})"}},
      {"another result", R"({"result":{"x":1}})", {R"(none {"result":{"x":1}})"}},
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
      {"CloudWatch Logs, a line of text",
       R"({"logEvents":[{"id":"1","timestamp":1,"message":"type=LOGIN msg=audit(1.5:7): pid=3"}]})",
       {R"(logs {"text_form":"linux_audit","type":"LOGIN","audit_time":"1.5","audit_serial":"7","pid":"3","line":"type=LOGIN msg=audit(1.5:7): pid=3"})"}},
      {"a log with such a line among more",
       R"({"a":1,"b":2,"c":3,"d":4,"id":"1","message":"type=LOGIN msg=audit(1.5:7): pid=3"})",
       {R"(none {"a":1,"b":2,"c":3,"d":4,"id":"1","message":"type=LOGIN msg=audit(1.5:7): pid=3"})"}},
      {"S3 notification", kS3, {"other " + kS3}},
      {"S3 notification over SNS and SQS",
       sqs(sns("{\"Records\":[" + kS3 + "]}")),
       {"other " + kS3}},
      {"digest",
       R"({"digestStartTime":"t","digestS3Bucket":"b"})",
       {R"(digest {"digestStartTime":"t","digestS3Bucket":"b"})"}},
      {"other Lambda event",
       R"({"eventSource":"aws:kinesis","kinesis":{"data":"x"}})",
       {"! syntax x"}},
      {"a body of an Event Hub",
       json_string("{\"records\":[" + kRecord + R"(,{"time":"x"}]})"),
       {"hub " + kRecord, R"(hub {"time":"x"})"}},
      {"bodies of an Event Hub",
       "[" + json_string(R"({"records":[{"time":"x"}]})") + "," + json_string(R"({"time":"y"})") +
           "]",
       {R"(hub {"time":"x"})", R"(hub {"time":"y"})"}},
      {"words", R"(["words"])", {R"(other "words")"}},
      {"a captured body",
       R"({"EnqueuedTimeUtc":"t","Body":)" + packed(R"({"records":[{"time":"x"}]})") + "}",
       {R"(hub {"time":"x"})"}},
      {"a body that is a text",
       R"({"enqueuedTimeUtc":"t","body":)" + json_string(R"({"time":"x"})") + "}",
       {R"(hub {"time":"x"})"}},
      {"a body that is an object",
       R"({"systemProperties":{},"body":{"records":[{"time":"x"}]}})",
       {R"(hub {"time":"x"})"}},
      {"a body of something else", R"({"body":"e30="})", {R"(none {"body":"e30="})"}},
      {"Pub/Sub pushes", pushed(R"({"logName":"l"})"), {R"(pubsub {"logName":"l"})"}},
      {"Pub/Sub is pulled",
       R"({"receivedMessages":[{"ackId":"1","message":{"data":)" + packed(R"({"logName":"l"})") +
           R"(}}]})",
       {R"(pubsub {"logName":"l"})"}},
      {"Pub/Sub without data",
       R"({"message":{"attributes":{}},"subscription":"s"})",
       {R"(none {"message":{"attributes":{}},"subscription":"s"})"}},
      {"no base64", R"({"message":{"data":"!"},"subscription":"s"})", {"! syntax !"}},
      {"base64 of no JSON", pushed("words"), {"! syntax words"}},
      {"base64 of nothing", pushed(""), {"! empty "}},
      {"entries of Cloud Logging",
       R"({"entries":[{"logName":"l"}],"nextPageToken":"t"})",
       {R"(none {"logName":"l"})"}},
      {"entries of another log", R"({"entries":[{"a":1}]})", {R"(none {"entries":[{"a":1}]})"}},
      {"findings of Google",
       R"({"listFindingsResults":[{"finding":{},"resource":{}}]})",
       {R"(none {"finding":{},"resource":{}})"}},
      {"alerts of Google", R"({"alerts":[{"alertId":"1"}]})", {R"(none {"alertId":"1"})"}},
      {"alerts of something else", R"({"alerts":[{"id":1}]})", {R"(none {"alerts":[{"id":1}]})"}},
      {"activities of Google",
       R"({"items":[{"id":{"applicationName":"admin"}}]})",
       {R"(none {"id":{"applicationName":"admin"}})"}},
      {"what Kubernetes sends",
       R"({"kind":"EventList","items":[)" + kAudit + "]}",
       {"none " + kAudit}},
      {"items of an order", R"({"items":[{"id":7}]})", {R"(none {"items":[{"id":7}]})"}},
      {"Firehose asks for a change",
       R"({"records":[)" + fired(kRecord) + "]}",
       {"kinesis " + kRecord}},
      {"Firehose delivers",
       R"({"requestId":"1","timestamp":1,"records":[{"data":)" + packed(kRecord + "\n" + kRecord) +
           "}]}",
       {"kinesis " + kRecord, "kinesis " + kRecord}},
      {"one of several is broken",
       fired(kRecord + "{\"a\":\n" + kRecord),
       {"kinesis " + kRecord, R"(! truncated {"a":)", "kinesis " + kRecord}},
      {"Kinesis to Lambda",
       R"({"eventSource":"aws:kinesis","kinesis":{"data":)" + packed(kRecord) + "}}",
       {"kinesis " + kRecord}},
      {"a subscription over Firehose",
       R"({"records":[)" + fired(codec::gzip(subscribed("DATA_MESSAGE"))) + "]}",
       {"logs " + kRecord}},
      {"a subscription to Lambda",
       R"({"awslogs":{"data":)" + packed(codec::gzip(subscribed("DATA_MESSAGE"))) + "}}",
       {"logs " + kRecord}},
      {"a subscription that asks who listens",
       subscribed("CONTROL_MESSAGE"),
       {"other " + subscribed("CONTROL_MESSAGE")}},
      {"a cluster of AKS",
       R"({"records":[)" + cluster_log(kAudit) + "]}",
       {"diagnostic " + kAudit}},
      {"words of a cluster", cluster_log("I0102 words"), {"none " + cluster_log("I0102 words")}},
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

TEST(Unwrapper, InflatesNoMoreThanItMay) {
  const std::string large = codec::gzip("[\"" + std::string(1000, 'x') + "\"]");
  const std::string small = codec::gzip(kRecord);
  const auto reasons_of = [](const std::string& text, const Limits& limits) {
    codec::JsonParser parser;
    Unwrapper unwrapper{limits};
    std::string reasons;
    for (int round = 0; round < 2; ++round) {  // what one record took is not missing in the next
      Log log;
      unwrapper.unwrap(parser.parse(text), log);
      for (const std::string& line : log.lines) reasons += line.substr(0, line.find(' ', 2)) + ";";
    }
    return reasons;
  };
  const std::string all = "[" + fired(large) + "," + fired(small) + "," + fired(small) + "]";
  const std::string broken = fired(small.substr(0, small.size() / 2));
  EXPECT_EQ(reasons_of(fired(large), {.record_bytes_max = 500}), "! too-large;! too-large;");
  EXPECT_EQ(reasons_of(all, {.unwrap_bytes_max = 1100}),
            "other;kinesis;! too-large;other;kinesis;! too-large;");
  EXPECT_EQ(reasons_of(broken, {}), "! syntax;! syntax;");
  const size_t cost = small.size() / 2 * 1032;
  EXPECT_EQ(reasons_of("[" + broken + "," + fired(small) + "]", {.unwrap_bytes_max = cost + 10}),
            "! syntax;! too-large;! syntax;! too-large;");
}

}  // namespace
}  // namespace stanch::ingest
