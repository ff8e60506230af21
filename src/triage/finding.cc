#include "triage/finding.h"

#include <algorithm>

#include "codec/timestamp.h"

namespace stanch::triage {

namespace {

using codec::JsonView;

std::vector<std::string> texts_of(JsonView list) {
  std::vector<std::string> texts;
  for (const JsonView text : list.elements()) texts.push_back(text.string_or_empty());
  return texts;
}

std::optional<Time> time_of(JsonView view) {
  return view ? codec::parse_timestamp(view.string_or_empty()) : std::nullopt;
}

// The value of `Enum`, up to `last`, whose name is written there; the first if none is.
template <typename Enum>
Result<> read_name(JsonView view, Enum last, Enum& out) {
  if (!view) return {};
  const std::string name = view.string_or_empty();
  for (int i = 0; i <= static_cast<int>(last); ++i) {
    out = static_cast<Enum>(i);
    if (name_of(out) == name) return {};
  }
  return Error(ErrorCode::kInvalid, "a finding says '" + name + "', which no list knows");
}

Result<> read_facts(JsonView facts, Finding& finding) {
  finding.cloud = facts["cloud"].string_or_empty();
  finding.account = facts["account"].string_or_empty();
  finding.region = facts["region"].string_or_empty();
  finding.request_id = facts["request_id"].string_or_empty();

  const JsonView actor = facts["actor"];
  TRY(read_name(actor["type"], model::ActorType::kManagedIdentity, finding.actor_type));
  finding.actor = actor["entity"].string_or_empty();
  finding.actor_account = actor["account"].string_or_empty();
  finding.actor_name = actor["user_name"].string_or_empty();
  finding.cross_account = actor["cross_account"].exists();
  finding.on_behalf_of = actor["on_behalf_of"].string_or_empty();
  finding.person = actor["person"].string_or_empty();

  const JsonView credential = facts["credential"];
  finding.credential = credential["entity"].string_or_empty();
  finding.session = credential["session"].string_or_empty();
  finding.issuer = credential["issuer"].string_or_empty();
  finding.issued_to = credential["issued_to"].string_or_empty();
  finding.session_name = credential["session_name"].string_or_empty();
  finding.invoked_by = credential["invoked_by"].string_or_empty();

  const JsonView source = facts["source"];
  finding.source = source["entity"].string_or_empty();
  finding.source_service = source["service"].string_or_empty();
  finding.user_agent = source["user_agent"].string_or_empty();

  const JsonView action = facts["action"];
  finding.service = action["service"].string_or_empty();
  finding.action = action["name"].string_or_empty();
  TRY(read_name(action["access"], model::Access::kWrite, finding.access));
  TRY(read_name(action["plane"], model::Plane::kNetwork, finding.plane));
  TRY(read_name(facts["outcome"], model::Outcome::kFailed, finding.outcome));
  finding.error_code = facts["error_code"].string_or_empty();

  for (const JsonView target : facts["targets"].elements()) {
    finding.targets.push_back(target["entity"].string_or_empty());
    if (target["source"].string_or_empty() == "request") {
      finding.asked_targets.push_back(finding.targets.back());
    }
  }
  for (const JsonView minted : facts["minted"].elements()) {
    finding.minted.push_back({.entity = minted["entity"].string_or_empty(),
                              .session = minted["session"].string_or_empty(),
                              .principal = minted["principal"].string_or_empty()});
  }
  return {};
}

}  // namespace

Result<Finding> read_finding(JsonView payload) {
  Finding finding;
  finding.id = payload["finding"].string_or_empty();
  if (finding.id.empty()) return Error(ErrorCode::kInvalid, "a finding without an id");
  finding.rule = payload["rule"].string_or_empty();
  finding.title = payload["title"].string_or_empty();
  finding.counted = payload["document"]["correlation"]["words"].string_or_empty();
  TRY(read_name(payload["level"], model::Level::kCritical, finding.level));
  finding.event_time = time_of(payload["event_time"]);
  finding.events = texts_of(payload["events"]);
  finding.entities = texts_of(payload["entities"]);
  finding.techniques = texts_of(payload["techniques"]);
  const JsonView document = payload["document"];
  finding.tactics = texts_of(document["attack"]["tactics"]);
  TRY(read_facts(document["facts"], finding));
  return finding;
}

bool is_destructive(const Finding& finding) {
  const auto is_theft = [](const std::string& technique) { return technique.starts_with("T1496"); };
  return finding.outcome == model::Outcome::kOk && finding.access == model::Access::kWrite &&
         std::ranges::find(finding.tactics, "impact") != finding.tactics.end() &&
         std::ranges::none_of(finding.techniques, is_theft);
}

}  // namespace stanch::triage
