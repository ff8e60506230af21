#include <string>

#include "normalize/aws_finding.h"
#include "normalize/family.h"

// What went through AWS's network: names that were asked of Route 53's resolver, requests that WAF
// looked at.
// https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/resolver-query-logs-format.html
// https://docs.aws.amazon.com/waf/latest/developerguide/logging-fields.html

namespace stanch::normalize {

namespace aws_network {

namespace {

using aws::Finding;
using codec::JsonView;

std::string_view no_id(JsonView, std::string&) { return {}; }

bool is_query(JsonView event) {
  return is_text(event["query_name"]) && is_text(event["query_timestamp"]) &&
         event["rcode"].exists();
}

void extract_query(JsonView event, TextArena& arena, model::Facts& facts) {
  Finding log(arena, facts);
  JsonReader& read = log.read();
  log.set_place(read.text(event["account_id"]), read.text(event["region"]));
  facts.time = aws::time_of(read, event["query_timestamp"]);
  facts.action.service = "route53resolver.amazonaws.com";
  facts.action.name = facts.action.raw_name = "Query";
  facts.action.access = model::Access::kRead;
  facts.action.plane = model::Plane::kNetwork;
  log.set_source(read.text(event["srcaddr"]));
  log.add_resource(read.text(event["srcids"]["instance"]));
  log.add_resource(read.text(event["vpc_id"]));
  const std::string_view code = read.text(event["rcode"]);
  if (code != "NOERROR") {
    facts.error_code = code;
    facts.outcome = model::Outcome::kFailed;
  }
  if (read.text(event["firewall_rule_action"]) == "BLOCK") {
    facts.outcome = model::Outcome::kDenied;
  }
}

bool is_waf(JsonView event) {
  return is_text(event["webaclId"]) && is_object(event["httpRequest"]);
}

void extract_waf(JsonView event, TextArena& arena, model::Facts& facts) {
  Finding log(arena, facts);
  JsonReader& read = log.read();
  const std::string_view acl = read.text(event["webaclId"]);
  const model::Arn arn = model::parse_arn(acl).value_or(model::Arn{});
  const JsonView request = event["httpRequest"];
  log.set_place(arn.account, arn.region);
  facts.request_id = read.text(request["requestId"]);
  facts.time = aws::time_of(read, event["timestamp"]);
  facts.action.service = "wafv2.amazonaws.com";
  facts.action.name = facts.action.raw_name = read.text(event["action"]);
  facts.action.plane = model::Plane::kNetwork;
  if (facts.action.name == "BLOCK") facts.outcome = model::Outcome::kDenied;
  log.set_source(read.text(request["clientIp"]));
  for (const JsonView header : request["headers"].elements()) {
    const std::string_view name = read.text(header["name"]);
    if (name == "User-Agent" || name == "user-agent") {
      facts.source.user_agent = read.text(header["value"]);
    }
  }
  log.add_resource(acl);
}

}  // namespace

}  // namespace aws_network

const Family kAwsResolver = {.family = LogFamily::kAwsResolver,
                             .name = "aws_route53_resolver",
                             .source = {.product = "aws", .service = "route53", .category = "dns"},
                             .needs = {clues({"query_name"})},
                             .is_one = aws_network::is_query,
                             .event_id = aws_network::no_id,
                             .extract = aws_network::extract_query};
const Family kAwsWaf = {.family = LogFamily::kAwsWaf,
                        .name = "aws_waf",
                        .source = {.product = "aws", .service = "waf"},
                        .needs = {clues({"webaclId"})},
                        .is_one = aws_network::is_waf,
                        .event_id = aws_network::no_id,
                        .extract = aws_network::extract_waf};

}  // namespace stanch::normalize
