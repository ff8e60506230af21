#include <string>

#include "ingest/ingest.h"

// Which envelope an object is, by its members:
//
//   eventSource, not "aws:…"            none: a CloudTrail record, decided by one look
//   CloudTrailEvent: "…"                an element of lookup-events
//   detail-type, detail: {}             EventBridge
//   body or Body: "…", and an id or receipt of a message     SQS (Lambda, ReceiveMessage)
//   TopicArn, Message: "…"              SNS;  Sns: {} is the same inside a Lambda event
//   message: "{…", and a timestamp, id or ingestionTime      CloudWatch Logs
//   AuditData: "{…"                     a row of an export of Microsoft 365's audit log
//   Records, Events, Messages, logEvents, events, records: []   an array of any of these
//   value: [{…}, …]                     the same, of APIs of Azure and Microsoft Graph
//   findings, Findings, configurationItems: [{…}, …]   the same, of services of AWS
//
// A string is parsed by a parser of its own depth, so the views of the envelope
// around it stay valid while its content is looked at.

namespace stanch::ingest {

using codec::JsonMember;
using codec::JsonProblem;
using codec::JsonView;

namespace {

// The members that tell envelopes apart.
struct Members {
  JsonView digest_bucket, digest_start, cloudtrail_event, detail_type, detail, sns;
  JsonView body, message_id, topic, sns_message, log_message, log_mark, s3, array;
  JsonView audit_data;
};

// Other logs have a value of that name too, but none that is a list of objects.
bool holds_objects(JsonView value) {
  for (const JsonView element : value.elements()) return element.is_object();
  return false;
}

void note_first(JsonView& slot, JsonView value) {
  if (!slot) slot = value;
}

Members find_members(JsonView object, std::string& scratch) {
  Members found;
  for (const JsonMember member : object.members()) {
    const std::string_view key = member.key.text(scratch);
    JsonView* slot = nullptr;
    if (key == "digestS3Bucket") slot = &found.digest_bucket;
    if (key == "digestStartTime") slot = &found.digest_start;
    if (key == "CloudTrailEvent") slot = &found.cloudtrail_event;
    if (key == "detail-type") slot = &found.detail_type;
    if (key == "detail") slot = &found.detail;
    if (key == "Sns") slot = &found.sns;
    if (key == "body" || key == "Body") slot = &found.body;
    if (key == "messageId" || key == "MessageId" || key == "receiptHandle" ||
        key == "ReceiptHandle") {
      slot = &found.message_id;
    }
    if (key == "TopicArn") slot = &found.topic;
    if (key == "Message") slot = &found.sns_message;
    if (key == "message") slot = &found.log_message;
    if (key == "timestamp" || key == "id" || key == "ingestionTime") slot = &found.log_mark;
    if (key == "s3") slot = &found.s3;
    if (key == "AuditData") slot = &found.audit_data;
    const bool names_array = key == "Records" || key == "Events" || key == "Messages" ||
                             key == "logEvents" || key == "events" || key == "records" ||
                             ((key == "value" || key == "findings" || key == "Findings" ||
                               key == "configurationItems") &&
                              holds_objects(member.value));
    if (names_array && member.value.is_array()) slot = &found.array;
    if (slot != nullptr) note_first(*slot, member.value);
  }
  return found;
}

bool is_text(JsonView view) { return view && view.is_string(); }

}  // namespace

struct Unwrapper::State {
  explicit State(const Limits& limits) : depth_max(limits.unwrap_depth_max), levels(depth_max) {}

  void unwrap(JsonView value, Envelope from, uint32_t depth, Sink& sink);
  void unwrap_members(JsonView object, Envelope from, uint32_t depth, Sink& sink);
  void unwrap_text(JsonView string, Envelope from, uint32_t depth, Sink& sink);
  void unwrap_elements(JsonView array, Envelope from, uint32_t depth, Sink& sink);

  struct Level {
    codec::JsonParser parser;
    std::string text;  // that the parser's views point into
  };
  const uint32_t depth_max;
  std::vector<Level> levels;
  std::string scratch;
};

void Unwrapper::State::unwrap(JsonView value, Envelope from, uint32_t depth, Sink& sink) {
  if (value.is_array()) return unwrap_elements(value, from, depth, sink);
  if (!value.is_object()) return sink.event(value, Envelope::kOther);
  const JsonView source = value["eventSource"];
  const bool is_plain_record = is_text(source) && !source.text(scratch).starts_with("aws:");
  if (is_plain_record) return sink.event(value, from);
  unwrap_members(value, from, depth, sink);
}

void Unwrapper::State::unwrap_members(JsonView object, Envelope from, uint32_t depth, Sink& sink) {
  const Members found = find_members(object, scratch);
  if (found.digest_bucket && found.digest_start) return sink.event(object, Envelope::kDigest);
  if (is_text(found.cloudtrail_event)) {
    return unwrap_text(found.cloudtrail_event, Envelope::kLookupEvents, depth, sink);
  }
  if (found.detail_type && found.detail && found.detail.is_object()) {
    if (depth == depth_max) return sink.rejected(JsonProblem::kTooDeep, object.raw());
    return unwrap(found.detail, Envelope::kEventBridge, depth + 1, sink);
  }
  if (is_text(found.body) && found.message_id) {
    return unwrap_text(found.body, Envelope::kSqs, depth, sink);
  }
  if (found.sns && found.sns.is_object()) {
    if (depth == depth_max) return sink.rejected(JsonProblem::kTooDeep, object.raw());
    return unwrap(found.sns, Envelope::kSns, depth + 1, sink);
  }
  if (is_text(found.sns_message) && found.topic) {
    return unwrap_text(found.sns_message, Envelope::kSns, depth, sink);
  }
  if (is_text(found.audit_data)) {
    return unwrap_text(found.audit_data, Envelope::kAuditData, depth, sink);
  }
  // Other logs have a message of words there.
  if (is_text(found.log_message) && found.log_mark && found.log_message.raw().starts_with('{')) {
    return unwrap_text(found.log_message, Envelope::kCloudWatchLogs, depth, sink);
  }
  if (found.array) return unwrap_elements(found.array, from, depth, sink);
  // Lambda and S3 say "aws:…" as their source; what else there is may be a log of another kind.
  const bool is_notification = found.s3 || object["eventSource"];
  sink.event(object, is_notification ? Envelope::kOther : from);
}

void Unwrapper::State::unwrap_text(JsonView string, Envelope from, uint32_t depth, Sink& sink) {
  if (depth == depth_max) return sink.rejected(JsonProblem::kTooDeep, string.raw());
  Level& level = levels[depth];
  const std::string_view text = string.text(level.text);
  const JsonView inner = level.parser.parse(text);
  if (!inner) return sink.rejected(level.parser.problem(), text);
  unwrap(inner, from, depth + 1, sink);
}

void Unwrapper::State::unwrap_elements(JsonView array, Envelope from, uint32_t depth, Sink& sink) {
  if (depth == depth_max) return sink.rejected(JsonProblem::kTooDeep, array.raw());
  for (const JsonView element : array.elements()) unwrap(element, from, depth + 1, sink);
}

Unwrapper::Unwrapper(const Limits& limits) : state_(std::make_unique<State>(limits)) {}
Unwrapper::~Unwrapper() = default;

void Unwrapper::unwrap(JsonView record, Sink& sink) {
  state_->unwrap(record, Envelope::kNone, 0, sink);
}

}  // namespace stanch::ingest
