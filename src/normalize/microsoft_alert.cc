#include <string>

#include "model/azure_entity.h"
#include "normalize/azure_values.h"
#include "normalize/family.h"
#include "normalize/target_list.h"

// Alerts of Microsoft Defender: those of Graph's security API, of Defender for Cloud as ARM gives
// them (around `properties`), and the same as it exports them (members in capitals).
// https://learn.microsoft.com/en-us/graph/api/resources/security-alert
// https://learn.microsoft.com/en-us/azure/defender-for-cloud/alerts-schemas

namespace stanch::normalize {

namespace microsoft_alert {

namespace {

using azure::either;
using azure::properties_of;
using codec::JsonView;
using model::EntityRef;
using model::TargetSource;

bool is_alert(JsonView event) {
  if (event["serviceSource"]) return event["evidence"] && event["evidence"].is_array();
  return either(properties_of(event), "systemAlertId", "SystemAlertId").exists();
}

std::string_view alert_event_id(JsonView event, std::string& scratch) {
  // Its state changes under one id; the time of the change is part of the bytes, not of the id.
  const JsonView id = event["serviceSource"]
                          ? event["id"]
                          : either(properties_of(event), "systemAlertId", "SystemAlertId");
  return text_of(id, scratch);
}

// The first user that it names is who did it, as far as the alert can know; addresses are from
// where.
class Reader {
 public:
  Reader(TextArena& arena, model::Facts& facts)
      : read_(arena), facts_(facts), targets_(arena, facts) {}

  JsonReader& read() { return read_; }

  void add_resource(std::string_view id) {
    targets_.add(model::arm_entity(id, read_.arena()), TargetSource::kResources);
  }

  void add_address(std::string_view address) {
    if (facts_.source.address.empty()) azure::set_source(address, read_.arena(), facts_);
  }

  void add_user(std::string_view object, std::string_view name) {
    const EntityRef user = model::entra_entity("User", facts_.organization,
                                               object.empty() ? name : object, read_.arena());
    targets_.add(user, TargetSource::kResources);
    if (user.empty() || !facts_.actor.entity.empty()) return;
    facts_.actor.type = model::ActorType::kUser;
    facts_.actor.entity = user;
    facts_.actor.principal_id = object;
    facts_.actor.user_name = name;
    facts_.actor.account = facts_.organization;
  }

  void add_client(std::string_view app) {
    targets_.add(model::azure_client(app, read_.arena()), TargetSource::kResources);
  }

  void add_session(std::string_view id) {
    if (facts_.credential.session.empty()) {
      facts_.credential.session = model::azure_session(id, read_.arena());
    }
  }

 private:
  JsonReader read_;
  model::Facts& facts_;
  TargetList targets_;
};

// "#microsoft.graph.security.userEvidence" and its kind.
void add_evidence(Reader& reader, JsonView evidence) {
  JsonReader& read = reader.read();
  for (const JsonView account : {evidence["userAccount"], evidence["account"]["userAccount"]}) {
    reader.add_user(read.text(account["azureAdUserId"]), read.text(account["userPrincipalName"]));
  }
  reader.add_address(read.text(evidence["ipAddress"]));
  reader.add_resource(read.text(evidence["resourceId"]));
  reader.add_client(read.text(evidence["appId"]));
  reader.add_session(read.text(evidence["sessionId"]));
}

// {"type": "ip", "address": …}, {"Type": "account", "AadUserId": …}
void add_entity(Reader& reader, JsonView entity) {
  JsonReader& read = reader.read();
  const auto text = [&](std::string_view a, std::string_view b) {
    return read.text(either(entity, a, b));
  };
  reader.add_address(text("address", "Address"));
  reader.add_resource(text("resourceId", "ResourceId"));
  if (azure::same_word(text("type", "Type"), "account")) {
    const std::string_view name = text("name", "Name");
    const std::string_view domain = text("upnSuffix", "UPNSuffix");
    reader.add_user(text("aadUserId", "AadUserId"),
                    domain.empty() || name.empty()
                        ? std::string_view()
                        : read.arena().store(std::string(name) + '@' + std::string(domain)));
  }
}

void extract_graph(Reader& reader, JsonView event, model::Facts& facts) {
  JsonReader& read = reader.read();
  facts.account = facts.organization = azure::folded(read.text(event["tenantId"]), read.arena());
  for (const std::string_view member : {"firstActivityDateTime", "createdDateTime"}) {
    if (!facts.time) facts.time = azure::time_of(read.text(event[member]));
  }
  facts.action.service = read.text(event["serviceSource"]);
  facts.action.name = facts.action.raw_name = read.text(event["title"]);
  for (const JsonView evidence : event["evidence"].elements()) add_evidence(reader, evidence);
}

void extract_cloud(Reader& reader, JsonView body, std::string_view id, model::Facts& facts) {
  JsonReader& read = reader.read();
  TextArena& arena = read.arena();
  const std::string_view resource = read.text(body["AzureResourceId"]);
  std::string_view subscription = model::arm_subscription(id.empty() ? resource : id);
  if (subscription.empty()) subscription = read.text(body["AzureResourceSubscriptionId"]);
  facts.account = azure::folded(subscription, arena);
  facts.time = azure::time_of(read.text(either(body, "startTimeUtc", "StartTimeUtc")));
  facts.action.service = read.text(either(body, "productName", "ProductName"));
  facts.action.name = facts.action.raw_name = read.text(either(body, "alertType", "AlertType"));
  reader.add_resource(resource);
  facts.organization = azure::folded(read.text(body["TenantId"]), arena);
  const JsonView resources = either(body, "resourceIdentifiers", "ResourceIdentifiers");
  for (const JsonView one : resources.elements()) {
    const std::string_view tenant = read.text(either(one, "aadTenantId", "AadTenantId"));
    if (facts.organization.empty()) facts.organization = azure::folded(tenant, arena);
    reader.add_resource(read.text(either(one, "azureResourceId", "AzureResourceId")));
  }
  for (const JsonView entity : either(body, "entities", "Entities").elements()) {
    add_entity(reader, entity);
  }
}

void extract_alert(JsonView event, TextArena& arena, model::Facts& facts) {
  Reader reader(arena, facts);
  std::string scratch;
  facts.cloud = "azure";
  facts.event_id = arena.store(alert_event_id(event, scratch));
  facts.action.plane = model::Plane::kInsight;
  if (event["serviceSource"]) {
    extract_graph(reader, event, facts);
  } else {
    extract_cloud(reader, properties_of(event), reader.read().text(event["id"]), facts);
  }
}

}  // namespace

}  // namespace microsoft_alert

const Family kMicrosoftAlert = {.family = LogFamily::kMicrosoftAlert,
                                .name = "microsoft_alert",
                                .source = {.product = "azure", .service = "securityalerts"},
                                .needs = {clues({"evidence", "serviceSource"}),
                                          clues({"properties", "type"}), clues({"SystemAlertId"})},
                                .is_one = microsoft_alert::is_alert,
                                .event_id = microsoft_alert::alert_event_id,
                                .extract = microsoft_alert::extract_alert};

}  // namespace stanch::normalize
