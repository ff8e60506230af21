#include <string>

#include "codec/timestamp.h"
#include "model/aws_entity.h"
#include "normalize/family.h"
#include "normalize/json_reader.h"
#include "normalize/target_list.h"

// Events of Suricata (EVE), its own and those of AWS Network Firewall, which writes them into
// `event`.
// https://docs.suricata.io/en/latest/output/eve/eve-json-format.html
// https://docs.aws.amazon.com/network-firewall/latest/developerguide/firewall-logging-contents.html

namespace stanch::normalize {

namespace suricata {

namespace {

using codec::JsonView;

JsonView body_of(JsonView event) {
  return event["firewall_name"].exists() ? event["event"] : event;
}

bool is_eve(JsonView event) {
  const JsonView body = body_of(event);
  return is_text(body["event_type"]) && is_text(body["timestamp"]) &&
         (body["src_ip"].exists() || body["flow_id"].exists() || body["stats"].exists());
}

std::string_view no_id(JsonView, std::string&) { return {}; }

// What the sensor did with it: "blocked", and "drop" where it says so of all that it saw.
bool is_refused(JsonReader& read, JsonView body) {
  return read.text(body["alert"]["action"]) == "blocked" ||
         read.text(body["verdict"]["action"]) == "drop" || read.text(body["event_type"]) == "drop";
}

void extract(JsonView event, TextArena& arena, model::Facts& facts) {
  JsonReader read(arena);
  const JsonView body = body_of(event);
  const bool is_firewall = event["firewall_name"].exists();
  facts.cloud = is_firewall ? "aws" : "network";
  facts.time = codec::parse_timestamp(read.text(body["timestamp"]));
  facts.action.service = is_firewall ? "network-firewall.amazonaws.com" : "suricata";
  facts.action.plane = model::Plane::kNetwork;
  facts.action.name = read.text(body["alert"]["signature"]);
  if (facts.action.name.empty()) facts.action.name = read.text(body["event_type"]);
  facts.action.raw_name = facts.action.name;
  if (is_refused(read, body)) facts.outcome = model::Outcome::kDenied;
  facts.source.address = read.text(body["src_ip"]);
  facts.source.entity = model::ip_entity(facts.source.address, arena);
  facts.source.user_agent = read.text(body["http"]["http_user_agent"]);
  facts.source.tls_version = read.text(body["tls"]["version"]);
  facts.source.tls_host = read.text(body["tls"]["sni"]);
  TargetList targets(arena, facts);
  targets.add(model::ip_entity(read.text(body["dest_ip"]), arena), model::TargetSource::kRequest);
}

}  // namespace

}  // namespace suricata

const Family kSuricata = {.family = LogFamily::kSuricata,
                          .name = "suricata",
                          .source = {.product = "suricata", .service = "eve"},
                          .needs = {clues({"event_type"}), clues({"firewall_name"})},
                          .is_one = suricata::is_eve,
                          .event_id = suricata::no_id,
                          .extract = suricata::extract};

}  // namespace stanch::normalize
