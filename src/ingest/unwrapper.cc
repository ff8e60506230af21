#include <algorithm>
#include <iterator>
#include <optional>
#include <string>
#include <vector>

#include "codec/base64.h"
#include "codec/gzip.h"
#include "ingest/ingest.h"
#include "model/key_table.h"

// Which envelope an object is, by its members:
//
//   eventSource, not "aws:…"            none: a CloudTrail record, decided by one look
//   CloudTrailEvent: "…"                an element of lookup-events
//   detail-type, detail: {}             EventBridge
//   body or Body: "…", and an id or receipt of a message     SQS (Lambda, ReceiveMessage)
//   body or Body, and a mark of Event Hubs                   Event Hubs: JSON, a text of it, base64
//   TopicArn, Message: "…"              SNS;  Sns: {} is the same inside a Lambda event
//   message: "{…", and a timestamp, id or ingestionTime      CloudWatch Logs; in its own elements
//                                       a line of text, too, of a form that is known
//   message: {data: base64}, and subscription or ackId       Pub/Sub, pushed and pulled
//   data: base64, and recordId; or nothing else              Firehose, which asks for a change
//   kinesis: {data: base64}             Kinesis, to Lambda
//   awslogs: {data: base64}             a subscription of CloudWatch Logs, to Lambda
//   category, properties: {log: "{…"}   what a cluster of AKS logs, of diagnostic settings
//   _raw: "{…"; result: {_raw}; results: [{_raw}]   results of a search in Splunk
//   _source: {}, and _index             a hit of Elasticsearch or OpenSearch; hits: {hits: []}
//   event: {original: "{…"}             what Elastic's integrations keep of the log itself
//   AuditData: "{…"                     a row of an export of Microsoft 365's audit log
//   Records, Events, Messages, logEvents, records: []   an array of any of these
//   events: [{message}, …]              the same, of CloudWatch Logs
//   value: [{…}, …]                     the same, of APIs of Azure and Microsoft Graph
//   findings, Findings, configurationItems: [{…}, …]   the same, of services of AWS
//   receivedMessages, listFindingsResults, entries, alerts, items: [{…}, …]   the same, of APIs of
//                                       Google and of Kubernetes, if the first says what it is
//
// A text instead of an object is JSON once more, as Event Hubs hand out bodies. What was base64 may
// be gzip, several values one after the other, or lines of text of a form that is known.
//
// A string is parsed by a parser of its own depth, so the views of the envelope
// around it stay valid while its content is looked at.

namespace stanch::ingest {

using codec::JsonMember;
using codec::JsonProblem;
using codec::JsonView;

namespace {

constexpr size_t kDeflateRatioMax = 1032;

// The members that tell envelopes apart.
struct Members {
  JsonView digest_bucket, digest_start, cloudtrail_event, detail_type, detail, sns;
  JsonView body, message_id, topic, sns_message, log_message, log_mark, s3, array;
  JsonView audit_data, hub_mark, subscription, data, record_id, kinesis, awslogs;
  JsonView category, properties, control;
  JsonView raw, result, source, index, kept, hits;
  bool more_arrays = false;
};

struct MemberRow {
  std::string_view key;
  JsonView Members::* slot;
};
constexpr MemberRow kMemberRows[] = {
    {"digestS3Bucket", &Members::digest_bucket},
    {"digestStartTime", &Members::digest_start},
    {"CloudTrailEvent", &Members::cloudtrail_event},
    {"detail-type", &Members::detail_type},
    {"detail", &Members::detail},
    {"Sns", &Members::sns},
    {"body", &Members::body},
    {"Body", &Members::body},
    {"messageId", &Members::message_id},
    {"MessageId", &Members::message_id},
    {"receiptHandle", &Members::message_id},
    {"ReceiptHandle", &Members::message_id},
    {"TopicArn", &Members::topic},
    {"Message", &Members::sns_message},
    {"message", &Members::log_message},
    {"timestamp", &Members::log_mark},
    {"id", &Members::log_mark},
    {"ingestionTime", &Members::log_mark},
    {"@timestamp", &Members::log_mark},
    {"s3", &Members::s3},
    {"AuditData", &Members::audit_data},
    {"EnqueuedTimeUtc", &Members::hub_mark},
    {"enqueuedTimeUtc", &Members::hub_mark},
    {"SystemProperties", &Members::hub_mark},
    {"systemProperties", &Members::hub_mark},
    {"subscription", &Members::subscription},
    {"ackId", &Members::subscription},
    {"data", &Members::data},
    {"recordId", &Members::record_id},
    {"kinesis", &Members::kinesis},
    {"awslogs", &Members::awslogs},
    {"category", &Members::category},
    {"properties", &Members::properties},
    {"messageType", &Members::control},
    {"_raw", &Members::raw},
    {"result", &Members::result},
    {"_source", &Members::source},
    {"_index", &Members::index},
    {"event", &Members::kept},
    {"hits", &Members::hits},
};
constexpr model::KeyTable<std::size(kMemberRows)> kMemberTable(kMemberRows,
                                                               [](const MemberRow& row) {
                                                                 return row.key;
                                                               });

// Arrays of events. Other logs have members of some of these names too: those are told by what
// their first element is, or has.
struct ArrayRow {
  std::string_view key;
  bool of_objects = false;
  std::string_view mark = {}, inner_mark = {};
};
constexpr ArrayRow kArrayRows[] = {
    {"Records"},
    {"Events"},
    {"Messages"},
    {"logEvents"},
    {.key = "events", .of_objects = true, .mark = "message"},  // filter-log-events of AWS
    {"records"},
    {.key = "value", .of_objects = true},
    {.key = "findings", .of_objects = true},
    {.key = "Findings", .of_objects = true},
    {.key = "configurationItems", .of_objects = true},
    {.key = "receivedMessages", .of_objects = true, .mark = "message"},
    {.key = "listFindingsResults", .of_objects = true, .mark = "finding"},
    {.key = "entries", .of_objects = true, .mark = "logName"},
    {.key = "alerts", .of_objects = true, .mark = "alertId"},
    {.key = "items", .of_objects = true, .mark = "auditID"},
    {.key = "results", .of_objects = true, .mark = "_raw"},
    {.key = "responses", .of_objects = true, .mark = "hits"},
    {.key = "items", .of_objects = true, .mark = "id", .inner_mark = "applicationName"},
};
constexpr model::KeyTable<std::size(kArrayRows)> kArrayTable(kArrayRows, [](const ArrayRow& row) {
  return row.key;
});

bool fits(const ArrayRow& row, JsonView array) {
  if (!row.of_objects) return true;
  for (const JsonView first : array.elements()) {
    if (!first.is_object()) return false;
    if (row.mark.empty()) return true;
    const JsonView mark = first[row.mark];
    return mark.exists() && (row.inner_mark.empty() || mark[row.inner_mark].exists());
  }
  return false;
}

bool holds_events(std::string_view key, JsonView value) {
  if (!value.is_array()) return false;
  for (int row = kArrayTable.find(key); row != kArrayTable.kNone; row = kArrayTable.next(row)) {
    if (fits(kArrayRows[row], value)) return true;
  }
  return false;
}

Members find_members(JsonView object, std::string& scratch) {
  Members found;
  for (const JsonMember member : object.members()) {
    const std::string_view key = member.key.text(scratch);
    const int row = kMemberTable.find(key);
    const bool is_known = row != kMemberTable.kNone;
    if (!is_known && !holds_events(key, member.value)) continue;
    JsonView& slot = is_known ? found.*kMemberRows[row].slot : found.array;
    if (!is_known && slot) found.more_arrays = true;
    if (!slot) slot = member.value;
  }
  return found;
}

bool is_text(JsonView view) { return view && view.is_string(); }
bool is_object(JsonView view) { return view && view.is_object(); }
bool looks_like_json(JsonView text) {
  return text.raw().starts_with('{') || text.raw().starts_with('[');
}

// Base64 of something, and what carries it.
struct Payload {
  JsonView data;
  Envelope from = Envelope::kNone;
};
Payload payload_of(JsonView object, const Members& found) {
  if (is_object(found.log_message) && found.subscription) {
    return {found.log_message["data"], Envelope::kPubSub};
  }
  if (is_object(found.kinesis)) return {found.kinesis["data"], Envelope::kKinesis};
  if (is_object(found.awslogs)) return {found.awslogs["data"], Envelope::kKinesis};
  if (found.data && (found.record_id || object.size() == 1)) {
    return {found.data, Envelope::kKinesis};
  }
  if (found.body && found.hub_mark) return {found.body, Envelope::kEventHub};
  return {};
}

}  // namespace

struct Unwrapper::State {
  explicit State(const Limits& limits) : limits(limits), levels(limits.unwrap_depth_max) {}

  void unwrap(JsonView value, Envelope from, uint32_t depth, Sink& sink);
  void unwrap_members(JsonView object, Envelope from, uint32_t depth, Sink& sink);
  bool unwrap_queue(JsonView object, const Members& found, uint32_t depth, Sink& sink);
  bool unwrap_log(const Members& found, uint32_t depth, Sink& sink);
  bool unwrap_export(const Members& found, uint32_t depth, Sink& sink);
  bool unwrap_line(JsonView object, const Members& found, uint32_t depth, Sink& sink);
  void unwrap_object(JsonView object, Envelope from, uint32_t depth, Sink& sink);
  void unwrap_text(JsonView string, Envelope from, uint32_t depth, Sink& sink);
  void unwrap_payload(JsonView string, Envelope from, uint32_t depth, Sink& sink);
  void unwrap_bytes(std::string_view bytes, Envelope from, uint32_t depth, Sink& sink);
  bool unwrap_lines(std::string_view bytes, Envelope from, uint32_t depth, Sink& sink);
  void unwrap_elements(JsonView array, Envelope from, uint32_t depth, Sink& sink);

  bool is_deepest(uint32_t depth) const { return depth == levels.size(); }

  struct Level {
    codec::JsonParser parser;
    std::string text;  // that the parser's views point into
    std::string json;  // made of that text, if it was a line
    std::vector<char> inflated;
  };
  const Limits limits;
  std::vector<Level> levels;
  std::string scratch;
  size_t bytes_left = 0;  // that may still be inflated for the record at hand
};

void Unwrapper::State::unwrap(JsonView value, Envelope from, uint32_t depth, Sink& sink) {
  if (value.is_array()) return unwrap_elements(value, from, depth, sink);
  if (value.is_string() && looks_like_json(value)) {
    return unwrap_text(value, Envelope::kEventHub, depth, sink);
  }
  if (!value.is_object()) return sink.event(value, Envelope::kOther);
  const JsonView source = value["eventSource"];
  const bool is_plain_record = is_text(source) && !source.text(scratch).starts_with("aws:");
  if (is_plain_record) return sink.event(value, from);
  unwrap_members(value, from, depth, sink);
}

void Unwrapper::State::unwrap_members(JsonView object, Envelope from, uint32_t depth, Sink& sink) {
  const Members found = find_members(object, scratch);
  if (found.digest_bucket && found.digest_start) return sink.event(object, Envelope::kDigest);
  if (unwrap_queue(object, found, depth, sink) || unwrap_log(found, depth, sink) ||
      unwrap_export(found, depth, sink) || unwrap_line(object, found, depth, sink)) {
    return;
  }
  if (found.array) {
    // What CloudWatch Logs sends to find out whether somebody listens.
    const bool is_control = is_text(found.control) && found.control.raw() == "CONTROL_MESSAGE";
    if (is_control) return sink.event(object, Envelope::kOther);
    if (!found.more_arrays) return unwrap_elements(found.array, from, depth, sink);
    for (const JsonMember member : object.members()) {
      if (!holds_events(member.key.text(scratch), member.value)) continue;
      unwrap_elements(member.value, from, depth, sink);
    }
    return;
  }
  // Lambda and S3 say "aws:…" as their source; what else there is may be a log of another kind.
  const bool is_notification = found.s3 || object["eventSource"];
  sink.event(object, is_notification ? Envelope::kOther : from);
}

// What queues and streams put around whatever they are given.
bool Unwrapper::State::unwrap_queue(JsonView object, const Members& found, uint32_t depth,
                                    Sink& sink) {
  const Payload payload = payload_of(object, found);
  if (found.detail_type && is_object(found.detail)) {
    unwrap_object(found.detail, Envelope::kEventBridge, depth, sink);
  } else if (is_text(found.body) && found.message_id) {
    unwrap_text(found.body, Envelope::kSqs, depth, sink);
  } else if (is_object(found.sns)) {
    unwrap_object(found.sns, Envelope::kSns, depth, sink);
  } else if (is_text(found.sns_message) && found.topic) {
    unwrap_text(found.sns_message, Envelope::kSns, depth, sink);
  } else if (is_text(payload.data)) {
    unwrap_payload(payload.data, payload.from, depth, sink);
  } else if (is_object(payload.data)) {
    unwrap_object(payload.data, payload.from, depth, sink);
  } else {
    return false;
  }
  return true;
}

// Events that are a text in a record of another log. Other logs have words there.
bool Unwrapper::State::unwrap_log(const Members& found, uint32_t depth, Sink& sink) {
  const auto is_json = [](JsonView text) { return is_text(text) && text.raw().starts_with('{'); };
  if (is_text(found.cloudtrail_event)) {
    unwrap_text(found.cloudtrail_event, Envelope::kLookupEvents, depth, sink);
  } else if (is_text(found.audit_data)) {
    unwrap_text(found.audit_data, Envelope::kAuditData, depth, sink);
  } else if (is_json(found.log_message) && found.log_mark) {
    unwrap_text(found.log_message, Envelope::kCloudWatchLogs, depth, sink);
  } else if (is_text(found.category) && is_json(found.properties["log"])) {
    unwrap_text(found.properties["log"], Envelope::kDiagnosticLog, depth, sink);
  } else {
    return false;
  }
  return true;
}

// An element of CloudWatch Logs that is a line of text. Other logs have such messages beside much
// that they say themselves.
bool Unwrapper::State::unwrap_line(JsonView object, const Members& found, uint32_t depth,
                                   Sink& sink) {
  constexpr size_t kLogEventMembers = 5;
  if (!is_text(found.log_message) || !found.log_mark || object.size() > kLogEventMembers ||
      is_deepest(depth)) {
    return false;
  }
  Level& level = levels[depth];
  TextLines lines;
  const std::string_view line = found.log_message.text(level.text);
  if (lines.read(line, level.json) != TextLines::Kind::kRecord) return false;
  const JsonView inner = level.parser.parse(level.json);
  if (inner) sink.event(inner, Envelope::kCloudWatchLogs);
  return inner.exists();
}

// What SIEMs give out again: the log itself, where they kept it.
bool Unwrapper::State::unwrap_export(const Members& found, uint32_t depth, Sink& sink) {
  const auto is_json = [](JsonView text) { return is_text(text) && text.raw().starts_with('{'); };
  const JsonView raw = is_object(found.result) ? found.result["_raw"] : found.raw;
  const JsonView original = is_object(found.kept) ? found.kept["original"] : JsonView();
  const JsonView hits = is_object(found.hits) ? found.hits["hits"] : found.hits;
  if (is_json(raw)) {
    unwrap_text(raw, Envelope::kExport, depth, sink);
  } else if (is_object(found.source) && found.index) {
    unwrap_object(found.source, Envelope::kExport, depth, sink);
  } else if (is_json(original)) {
    unwrap_text(original, Envelope::kExport, depth, sink);
  } else if (hits && hits.is_array()) {
    unwrap_elements(hits, Envelope::kExport, depth, sink);
  } else {
    return false;
  }
  return true;
}

void Unwrapper::State::unwrap_object(JsonView object, Envelope from, uint32_t depth, Sink& sink) {
  if (is_deepest(depth)) return sink.rejected(JsonProblem::kTooDeep, object.raw());
  unwrap(object, from, depth + 1, sink);
}

void Unwrapper::State::unwrap_text(JsonView string, Envelope from, uint32_t depth, Sink& sink) {
  if (is_deepest(depth)) return sink.rejected(JsonProblem::kTooDeep, string.raw());
  Level& level = levels[depth];
  const std::string_view text = string.text(level.text);
  const JsonView inner = level.parser.parse(text);
  if (!inner) return sink.rejected(level.parser.problem(), text);
  unwrap(inner, from, depth + 1, sink);
}

// Base64; of an Event Hub also the text itself.
void Unwrapper::State::unwrap_payload(JsonView string, Envelope from, uint32_t depth, Sink& sink) {
  if (from == Envelope::kEventHub && looks_like_json(string)) {
    return unwrap_text(string, from, depth, sink);
  }
  if (is_deepest(depth)) return sink.rejected(JsonProblem::kTooDeep, string.raw());
  Level& level = levels[depth];
  const std::string_view text = string.text(level.text);
  std::optional<std::string> bytes = codec::decode_base64(text);
  if (!bytes) return sink.rejected(JsonProblem::kSyntax, text);
  level.text = std::move(*bytes);
  if (!codec::is_gzip(level.text)) return unwrap_bytes(level.text, from, depth, sink);
  const size_t bytes_max = std::min(limits.record_bytes_max, bytes_left);
  const size_t size_max = level.text.size() * kDeflateRatioMax;
  const auto whole = codec::inflate_whole_gzip(level.text, bytes_max, 0, level.inflated);
  // What failed has cost as much as so many bytes can become.
  bytes_left -= whole ? whole->size : std::min(bytes_max, size_max);
  if (whole) return unwrap_bytes({level.inflated.data(), whole->size}, from, depth, sink);
  const bool is_damaged = size_max <= bytes_max || codec::claimed_gzip_size(level.text) < bytes_max;
  sink.rejected(is_damaged ? JsonProblem::kSyntax : JsonProblem::kTooLarge, level.text);
}

void Unwrapper::State::unwrap_bytes(std::string_view bytes, Envelope from, uint32_t depth,
                                    Sink& sink) {
  codec::JsonParser& parser = levels[depth].parser;
  if (const JsonView inner = parser.parse(bytes)) return unwrap(inner, from, depth + 1, sink);
  const JsonProblem problem = parser.problem();
  if (unwrap_lines(bytes, from, depth, sink)) return;
  const std::vector<Piece> pieces = cut_again(bytes, parser, limits);
  if (pieces.empty()) return sink.rejected(problem, bytes);
  for (const Piece& piece : pieces) {
    if (piece.problem != JsonProblem::kNone) {
      sink.rejected(piece.problem, piece.bytes);
    } else {
      unwrap(parser.parse(piece.bytes), from, depth + 1, sink);
    }
  }
}

// Lines of text, if the first is of a form that is known. False, and nothing is done, otherwise.
bool Unwrapper::State::unwrap_lines(std::string_view bytes, Envelope from, uint32_t depth,
                                    Sink& sink) {
  Level& level = levels[depth];
  TextLines lines;
  bool is_first = true;
  while (!bytes.empty()) {
    const size_t end = std::min(bytes.find('\n'), bytes.size());
    std::string_view line = bytes.substr(0, end);
    bytes.remove_prefix(std::min(end + 1, bytes.size()));
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.empty()) continue;
    const TextLines::Kind kind = lines.read(line, level.json);
    if (kind == TextLines::Kind::kNone) {
      if (is_first) return false;
      sink.rejected(JsonProblem::kSyntax, line);
    } else if (kind == TextLines::Kind::kRecord) {
      sink.event(level.parser.parse(level.json), from);
    }
    is_first = false;
  }
  return !is_first;
}

void Unwrapper::State::unwrap_elements(JsonView array, Envelope from, uint32_t depth, Sink& sink) {
  if (is_deepest(depth)) return sink.rejected(JsonProblem::kTooDeep, array.raw());
  for (const JsonView element : array.elements()) unwrap(element, from, depth + 1, sink);
}

Unwrapper::Unwrapper(const Limits& limits) : state_(std::make_unique<State>(limits)) {}
Unwrapper::~Unwrapper() = default;

void Unwrapper::unwrap(JsonView record, Sink& sink) {
  state_->bytes_left = state_->limits.unwrap_bytes_max;
  state_->unwrap(record, Envelope::kNone, 0, sink);
}

}  // namespace stanch::ingest
