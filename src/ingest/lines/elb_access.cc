#include <algorithm>

#include "ingest/lines/line_forms.h"

// Access logs of load balancers: of applications ("https 2018-07-02T22:23:00.186641Z app/…"), of
// networks ("tls 2.0 2018-12-20T02:59:40 net/…"), and classic ones ("2015-05-13T23:39:43.945958Z
// name 192.168.131.39:2817 …"). New columns come at the end; older lines have fewer.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-access-logs.html
// https://docs.aws.amazon.com/elasticloadbalancing/latest/network/load-balancer-access-logs.html
// https://docs.aws.amazon.com/elasticloadbalancing/latest/classic/access-log-collection.html

namespace stanch::ingest {

namespace {

constexpr std::string_view kApplication[] = {"type",
                                             "time",
                                             "elb",
                                             "client:port",
                                             "target:port",
                                             "request_processing_time",
                                             "target_processing_time",
                                             "response_processing_time",
                                             "elb_status_code",
                                             "target_status_code",
                                             "received_bytes",
                                             "sent_bytes",
                                             "request",
                                             "user_agent",
                                             "ssl_cipher",
                                             "ssl_protocol",
                                             "target_group_arn",
                                             "trace_id",
                                             "domain_name",
                                             "chosen_cert_arn",
                                             "matched_rule_priority",
                                             "request_creation_time",
                                             "actions_executed",
                                             "redirect_url",
                                             "error_reason",
                                             "target:port_list",
                                             "target_status_code_list",
                                             "classification",
                                             "classification_reason",
                                             "conn_trace_id",
                                             "transformed_host",
                                             "transformed_uri",
                                             "request_transform_status"};
constexpr std::string_view kNetwork[] = {"type",
                                         "version",
                                         "time",
                                         "elb",
                                         "listener",
                                         "client:port",
                                         "destination:port",
                                         "connection_time",
                                         "tls_handshake_time",
                                         "received_bytes",
                                         "sent_bytes",
                                         "incoming_tls_alert",
                                         "chosen_cert_arn",
                                         "chosen_cert_serial",
                                         "tls_cipher",
                                         "tls_protocol_version",
                                         "tls_named_group",
                                         "domain_name",
                                         "alpn_fe_protocol",
                                         "alpn_be_protocol",
                                         "alpn_client_preference_list",
                                         "tls_connection_creation_time"};
constexpr std::string_view kClassic[] = {"time",
                                         "elb",
                                         "client:port",
                                         "backend:port",
                                         "request_processing_time",
                                         "backend_processing_time",
                                         "response_processing_time",
                                         "elb_status_code",
                                         "backend_status_code",
                                         "received_bytes",
                                         "sent_bytes",
                                         "request",
                                         "user_agent",
                                         "ssl_cipher",
                                         "ssl_protocol"};
constexpr std::string_view kTypes[] = {"http", "https", "h2", "grpcs", "ws", "wss"};

}  // namespace

bool append_elb_access(std::string_view line, std::string& json) {
  const std::string_view first = line.substr(0, line.find(' '));
  const bool is_application = std::ranges::find(kTypes, first) != std::end(kTypes);
  const bool is_network = first == "tls";
  if (!is_application && !is_network && !is_time(first)) return false;
  const auto columns = columns_of(line, false);
  if (!columns) return false;
  if (is_application) {
    if (columns->size() < 17 || !is_time((*columns)[1])) return false;
    append_columns("aws_elb_access", line, {std::begin(kApplication), std::end(kApplication)},
                   *columns, json);
  } else if (is_network) {
    if (columns->size() < 16 || !(*columns)[3].starts_with("net/")) return false;
    append_columns("aws_elb_access", line, {std::begin(kNetwork), std::end(kNetwork)}, *columns,
                   json);
  } else {
    // "name address:port address:port 0.000073 …", where other logs have words.
    const bool fits = columns->size() >= 12 && columns->size() <= std::size(kClassic) &&
                      (*columns)[2].contains(':') && (*columns)[11].contains(' ') &&
                      is_number((*columns)[9]) && is_number((*columns)[10]);
    if (!fits) return false;
    append_columns("aws_elb_access", line, {std::begin(kClassic), std::end(kClassic)}, *columns,
                   json);
  }
  return true;
}

}  // namespace stanch::ingest
