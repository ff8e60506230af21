#include <algorithm>

#include "ingest/lines/line_forms.h"

// Flow logs of VPCs: the default columns (version 2), or those that the first line names.
// https://docs.aws.amazon.com/vpc/latest/userguide/flow-log-records.html

namespace stanch::ingest {

namespace {

constexpr std::string_view kDefault[] = {
    "version",  "account-id", "interface-id", "srcaddr", "dstaddr", "srcport", "dstport",
    "protocol", "packets",    "bytes",        "start",   "end",     "action",  "log-status"};

// All others there are, of transit gateways too.
constexpr std::string_view kMore[] = {"vpc-id",
                                      "subnet-id",
                                      "instance-id",
                                      "tcp-flags",
                                      "type",
                                      "pkt-srcaddr",
                                      "pkt-dstaddr",
                                      "region",
                                      "az-id",
                                      "sublocation-type",
                                      "sublocation-id",
                                      "pkt-src-aws-service",
                                      "pkt-dst-aws-service",
                                      "flow-direction",
                                      "traffic-path",
                                      "ecs-cluster-arn",
                                      "ecs-cluster-name",
                                      "ecs-container-instance-arn",
                                      "ecs-container-instance-id",
                                      "ecs-container-id",
                                      "ecs-second-container-id",
                                      "ecs-service-name",
                                      "ecs-task-definition-arn",
                                      "ecs-task-arn",
                                      "ecs-task-id",
                                      "reject-reason",
                                      "resource-id",
                                      "encryption-status",
                                      "resource-type",
                                      "tgw-id",
                                      "tgw-attachment-id",
                                      "tgw-src-vpc-account-id",
                                      "tgw-dst-vpc-account-id",
                                      "tgw-src-vpc-id",
                                      "tgw-dst-vpc-id",
                                      "tgw-src-subnet-id",
                                      "tgw-dst-subnet-id",
                                      "tgw-src-eni",
                                      "tgw-dst-eni",
                                      "tgw-src-az-id",
                                      "tgw-dst-az-id",
                                      "tgw-pair-attachment-id",
                                      "packets-lost-no-route",
                                      "packets-lost-blackhole",
                                      "packets-lost-mtu-exceeded",
                                      "packets-lost-ttl-expired"};

bool is_column(std::string_view name) {
  return std::ranges::find(kDefault, name) != std::end(kDefault) ||
         std::ranges::find(kMore, name) != std::end(kMore);
}

bool is_account(std::string_view text) { return text.size() == 12 && is_number(text); }

// Whether a value may stand in its column: numbers, addresses, and all else.
bool may_be(std::string_view name, std::string_view value) {
  constexpr std::string_view kNumbers[] = {"version", "srcport", "dstport", "protocol", "packets",
                                           "bytes",   "start",   "end",     "tcp-flags"};
  if (value == "-") return true;
  if (std::ranges::find(kNumbers, name) != std::end(kNumbers)) return is_number(value);
  return !name.ends_with("addr") ||
         value.find_first_not_of("0123456789abcdefABCDEF.:") == value.npos;
}

}  // namespace

std::vector<std::string> vpc_flow_header(std::string_view line) {
  const auto columns = columns_of(line, false);
  if (!columns || columns->size() < 2 || !std::ranges::all_of(*columns, is_column)) return {};
  return {columns->begin(), columns->end()};
}

bool append_vpc_flow(std::string_view line, const std::vector<std::string>& header,
                     std::string& json) {
  const auto columns = columns_of(line, false);
  if (!columns) return false;
  if (!header.empty()) {
    if (columns->size() != header.size() || !std::ranges::equal(header, *columns, may_be)) {
      return false;
    }
    append_columns("aws_vpc_flow", line, {header.begin(), header.end()}, *columns, json);
    return true;
  }
  if (columns->size() != std::size(kDefault) || columns->front() != "2" ||
      !(is_account((*columns)[1]) || (*columns)[1] == "unknown") ||
      !(*columns)[2].starts_with("eni-") || !std::ranges::equal(kDefault, *columns, may_be)) {
    return false;
  }
  append_columns("aws_vpc_flow", line, {std::begin(kDefault), std::end(kDefault)}, *columns, json);
  return true;
}

}  // namespace stanch::ingest
