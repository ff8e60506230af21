#include <cstdint>
#include <string>

#include "codec/timestamp.h"
#include "normalize/aws_finding.h"
#include "normalize/family.h"
#include "normalize/text_values.h"

// Logs that AWS writes as lines of text: flows of VPCs, requests to S3 and to load balancers.
// Ingest gives their columns as members; src/ingest/lines/ says how.

namespace stanch::normalize {

namespace aws_text_logs {

namespace {

using aws::Finding;
using codec::JsonView;

bool is_flow(JsonView event) { return has_form(event, "aws_vpc_flow"); }
bool is_s3(JsonView event) { return has_form(event, "aws_s3_access"); }
bool is_elb(JsonView event) { return has_form(event, "aws_elb_access"); }

std::optional<Time> seconds(std::string_view text) {
  int64_t value = 0;
  if (text.empty() || text.size() > 10) return {};
  for (const char c : text) {
    if (c < '0' || c > '9') return {};
    value = value * 10 + (c - '0');
  }
  return Time(std::chrono::seconds(value));
}

void extract_flow(JsonView event, TextArena& arena, model::Facts& facts) {
  Finding log(arena, facts);
  JsonReader& read = log.read();
  log.set_place(read.text(event["account-id"]), read.text(event["region"]));
  facts.time = seconds(read.text(event["start"]));
  facts.action.service = "ec2.amazonaws.com";
  facts.action.name = read.text(event["action"]);
  // NODATA and SKIPDATA: nothing was seen, or not written down.
  if (facts.action.name.empty()) facts.action.name = read.text(event["log-status"]);
  facts.action.raw_name = facts.action.name;
  facts.action.plane = model::Plane::kNetwork;
  if (facts.action.name == "REJECT") facts.outcome = model::Outcome::kDenied;
  // Behind a gateway the packet has the addresses of both ends, the flow those of the gateway.
  for (const std::string_view name : {"pkt-srcaddr", "srcaddr"}) {
    log.set_source(read.text(event[name]));
  }
  for (const std::string_view name : {"pkt-dstaddr", "dstaddr"}) {
    if (facts.targets.empty()) log.add_target_address(read.text(event[name]));
  }
  for (const std::string_view name : {"instance-id", "interface-id"}) {
    log.add_resource(read.text(event[name]));
  }
}

// A code of HTTP: refused, or not done.
void set_outcome(std::string_view status, model::Facts& facts) {
  if (status == "401" || status == "403") {
    facts.outcome = model::Outcome::kDenied;
  } else if (status.size() == 3 && status[0] >= '4') {
    facts.outcome = model::Outcome::kFailed;
  }
}

// "06/Feb/2026:00:00:38 +0000"
std::optional<Time> access_time(std::string_view text) {
  constexpr std::string_view kMonths = "JanFebMarAprMayJunJulAugSepOctNovDec";
  if (text.size() != 26 || text[2] != '/' || text[6] != '/' || text[11] != ':') return {};
  const size_t month = kMonths.find(text.substr(3, 3));
  if (month == kMonths.npos || month % 3 != 0) return {};
  const size_t number = month / 3 + 1;
  std::string time(text.substr(7, 4));
  time += number < 10 ? "-0" : "-";
  time += std::to_string(number) + '-' + std::string(text.substr(0, 2)) + 'T' +
          std::string(text.substr(12, 8)) + std::string(text.substr(21));
  return codec::parse_timestamp(time);
}

// An ARN, "svc:<service>" of AWS itself, a canonical id; nothing for a request without a signature.
void set_requester(std::string_view requester, Finding& log) {
  model::Actor& actor = log.facts().actor;
  if (requester.empty()) {
    actor.type = model::ActorType::kAnonymous;
    return;
  }
  const auto arn = model::parse_arn(requester);
  if (requester.starts_with("svc:")) {
    actor.type = model::ActorType::kService;
    actor.entity = aws_entity(model::AwsType::kService, requester.substr(4), {}, log.arena());
  } else if (arn) {
    actor.arn = requester;
    actor.account = arn->account;
    actor.entity = model::aws_entity(requester, log.arena());
    const std::string_view type = model::entity_type(actor.entity);
    if (type == model::word_of(model::AwsType::kUser)) actor.type = model::ActorType::kUser;
    if (type == model::word_of(model::AwsType::kRole)) actor.type = model::ActorType::kRole;
    if (type == model::word_of(model::AwsType::kRoot)) actor.type = model::ActorType::kRoot;
    if (actor.type == model::ActorType::kRole) {
      log.facts().credential.session_name = requester.substr(requester.rfind('/') + 1);
    }
  } else {
    actor.principal_id = requester;
  }
}

void extract_s3(JsonView event, TextArena& arena, model::Facts& facts) {
  Finding log(arena, facts);
  JsonReader& read = log.read();
  log.set_place({}, read.text(event["source_region"]));
  facts.request_id = read.text(event["request_id"]);
  facts.time = access_time(read.text(event["time"]));
  facts.action.service = "s3.amazonaws.com";
  facts.action.name = facts.action.raw_name = read.text(event["operation"]);
  facts.action.plane = model::Plane::kData;
  const bool is_read = facts.action.name.contains(".GET.") || facts.action.name.contains(".HEAD.");
  facts.action.access = is_read ? model::Access::kRead : model::Access::kWrite;
  set_requester(read.text(event["requester"]), log);
  log.set_source(read.text(event["remote_ip"]));
  facts.source.user_agent = read.text(event["user_agent"]);
  facts.source.tls_version = read.text(event["tls_version"]);
  facts.source.tls_cipher = read.text(event["cipher_suite"]);
  facts.source.tls_host = read.text(event["host_header"]);
  log.add_resource(model::AwsType::kBucket, read.text(event["bucket"]));
  set_outcome(read.text(event["http_status"]), facts);
  facts.error_code = read.text(event["error_code"]);
}

void extract_elb(JsonView event, TextArena& arena, model::Facts& facts) {
  Finding log(arena, facts);
  JsonReader& read = log.read();
  const model::Arn group =
      model::parse_arn(read.text(event["target_group_arn"])).value_or(model::Arn{});
  log.set_place(group.account, group.region);
  const std::string_view time = read.text(event["time"]);
  facts.time = aws::time_of(read, event["time"]);
  // Logs of networks leave the zone out.
  if (!facts.time) facts.time = codec::parse_timestamp(std::string(time) + "Z");
  facts.request_id = read.text(event["trace_id"]);
  facts.action.service = "elasticloadbalancing.amazonaws.com";
  // "GET https://…"; of what is no HTTP, the protocol.
  const std::string_view request = read.text(event["request"]);
  facts.action.name = request.substr(0, request.find(' '));
  if (facts.action.name.empty()) facts.action.name = read.text(event["type"]);
  facts.action.raw_name = facts.action.name;
  facts.action.plane = model::Plane::kNetwork;
  log.set_source(without_port(read.text(event["client:port"])));
  facts.source.user_agent = read.text(event["user_agent"]);
  facts.source.tls_version = read.text(event["ssl_protocol"]);
  facts.source.tls_cipher = read.text(event["ssl_cipher"]);
  facts.source.tls_host = read.text(event["domain_name"]);
  set_outcome(read.text(event["elb_status_code"]), facts);
  for (const std::string_view name : {"target:port", "backend:port", "destination:port"}) {
    log.add_target_address(without_port(read.text(event[name])));
  }
}

}  // namespace

}  // namespace aws_text_logs

const Family kVpcFlow = {.family = LogFamily::kVpcFlow,
                         .name = "aws_vpc_flow",
                         .source = {.product = "aws", .service = "vpcflow"},
                         .needs = {clues({"text_form"})},
                         .is_one = aws_text_logs::is_flow,
                         .event_id = no_event_id,
                         .extract = aws_text_logs::extract_flow};
const Family kS3Access = {.family = LogFamily::kS3Access,
                          .name = "aws_s3_access",
                          .source = {.product = "aws", .service = "s3access"},
                          .needs = {clues({"text_form"})},
                          .is_one = aws_text_logs::is_s3,
                          .event_id = no_event_id,
                          .extract = aws_text_logs::extract_s3};
const Family kElbAccess = {.family = LogFamily::kElbAccess,
                           .name = "aws_elb_access",
                           .source = {.product = "aws", .service = "elb"},
                           .needs = {clues({"text_form"})},
                           .is_one = aws_text_logs::is_elb,
                           .event_id = no_event_id,
                           .extract = aws_text_logs::extract_elb};

}  // namespace stanch::normalize
