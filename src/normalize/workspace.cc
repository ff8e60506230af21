#include <string>

#include "codec/timestamp.h"
#include "model/gcp_entity.h"
#include "normalize/family.h"
#include "normalize/json_reader.h"
#include "normalize/target_list.h"

// Activities of Google Workspace as the Reports API has them, of all its applications.
// https://developers.google.com/workspace/admin/reports/reference/rest/v1/activities/list

namespace stanch::normalize {

namespace workspace {

namespace {

using codec::JsonView;

// One activity may tell of several events; some exports have one each, as an object.
JsonView first_event(JsonView event) {
  const JsonView events = event["events"];
  if (is_object(events)) return events;
  for (const JsonView each : events.elements()) return each;
  return {};
}

bool is_activity(JsonView event) {
  const JsonView id = event["id"];
  return is_object(id) && is_text(id["applicationName"]) && first_event(event)["name"].exists();
}
bool is_of(JsonView event, std::string_view application) {
  return is_activity(event) && event["id"]["applicationName"].raw() == application;
}
bool is_admin(JsonView event) { return is_of(event, "admin"); }
bool is_login(JsonView event) { return is_of(event, "login"); }

// Unique only together with its time.
std::string_view activity_id(JsonView event, std::string& scratch) {
  const JsonView id = event["id"];
  std::string time, mark;
  time = id["time"].string_or_empty();
  const JsonView qualifier = id["uniqueQualifier"];
  if (!qualifier.exists() || time.empty()) return {};
  mark = qualifier.is_number() ? std::string(qualifier.raw()) : qualifier.string_or_empty();
  scratch = time + "/" + mark;
  return scratch;
}

// The value of a parameter, whatever its type; of one that several events have, the first.
std::string_view parameter(JsonReader& read, JsonView event, std::string_view name) {
  for (const JsonView each : first_event(event)["parameters"].elements()) {
    if (read.text(each["name"]) != name) continue;
    const std::string_view text = read.text(each["value"]);
    return text.empty() ? read.text(each["intValue"]) : text;
  }
  return {};
}

model::Access access_of(std::string_view application, std::string_view name) {
  if (application == "admin") return model::Access::kWrite;
  for (const std::string_view reads : {"view", "download", "login", "print", "preview"}) {
    if (name.starts_with(reads)) return model::Access::kRead;
  }
  return model::Access::kUnknown;
}

void extract(JsonView event, TextArena& arena, model::Facts& facts) {
  JsonReader read(arena);
  const JsonView id = event["id"], actor = event["actor"];
  const std::string_view application = read.text(id["applicationName"]);
  std::string scratch;
  facts.cloud = "google_workspace";
  facts.event_id = arena.store(activity_id(event, scratch));
  facts.time = codec::parse_timestamp(read.text(id["time"]));
  facts.account = read.text(id["customerId"]);
  facts.action.service = application;
  facts.action.name = facts.action.raw_name = read.text(first_event(event)["name"]);
  facts.action.access = access_of(application, facts.action.name);
  facts.action.plane = application == "drive" ? model::Plane::kData : model::Plane::kManagement;
  if (facts.action.name == "login_failure") {
    facts.outcome = model::Outcome::kFailed;
    facts.error_code = parameter(read, event, "login_failure_type");
  }
  facts.actor.user_name = read.text(actor["email"]);
  facts.actor.principal_id = read.text(actor["profileId"]);
  facts.actor.entity = model::gcp_principal(facts.actor.user_name, arena);
  facts.actor.type = model::is_service_account(facts.actor.user_name)
                         ? model::ActorType::kServiceAccount
                     : facts.actor.entity.empty() ? model::ActorType::kUnknown
                                                  : model::ActorType::kUser;
  facts.source.address = read.text(event["ipAddress"]);
  facts.source.entity = model::ip_entity(facts.source.address, arena);
  TargetList targets(arena, facts);
  for (const std::string_view name : {"USER_EMAIL", "affected_email_address", "target_user"}) {
    targets.add(model::gcp_principal(parameter(read, event, name), arena),
                model::TargetSource::kRequest, facts.action.name == "CREATE_USER");
  }
  const std::string_view group = parameter(read, event, "GROUP_EMAIL");
  if (!group.empty()) {
    targets.add(model::gcp_member(arena.store("group:" + std::string(group)), arena),
                model::TargetSource::kRequest);
  }
}

}  // namespace

}  // namespace workspace

const Family kWorkspaceAdmin = {.family = LogFamily::kWorkspaceAdmin,
                                .name = "google_workspace_reports_admin",
                                .source = {.product = "gcp", .service = "google_workspace.admin"},
                                .needs = {clues({"id", "events"})},
                                .is_one = workspace::is_admin,
                                .event_id = workspace::activity_id,
                                .extract = workspace::extract};
const Family kWorkspaceLogin = {.family = LogFamily::kWorkspaceLogin,
                                .name = "google_workspace_reports_login",
                                .source = {.product = "gcp", .service = "google_workspace.login"},
                                .needs = {clues({"id", "events"})},
                                .is_one = workspace::is_login,
                                .event_id = workspace::activity_id,
                                .extract = workspace::extract};
const Family kWorkspace = {.family = LogFamily::kWorkspace,
                           .name = "google_workspace_reports",
                           .source = {.product = "google_workspace"},
                           .needs = {clues({"id", "events"})},
                           .is_one = workspace::is_activity,
                           .event_id = workspace::activity_id,
                           .extract = workspace::extract};

}  // namespace stanch::normalize
