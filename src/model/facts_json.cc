#include "model/facts_json.h"

#include "codec/timestamp.h"

namespace stanch::model {
namespace {

using codec::JsonWriter;

void field(JsonWriter& out, std::string_view name, std::string_view text) {
  if (!text.empty()) out.field(name, text);
}

void field(JsonWriter& out, std::string_view name, EntityRef entity) {
  field(out, name, entity.text);
}

void field(JsonWriter& out, std::string_view name, const std::optional<Time>& time) {
  if (time) out.field(name, std::string_view(codec::format_timestamp(*time)));
}

// Only where it says something: "unknown" is left out.
template <typename Enum>
void named(JsonWriter& out, std::string_view name, Enum value) {
  if (value != Enum{}) out.field(name, name_of(value));
}

void write(JsonWriter& out, const Actor& actor) {
  out.begin_object();
  out.field("type", name_of(actor.type));
  field(out, "entity", actor.entity);
  field(out, "arn", actor.arn);
  field(out, "principal_id", actor.principal_id);
  field(out, "user_name", actor.user_name);
  field(out, "account", actor.account);
  if (actor.cross_account) out.field("cross_account", true);
  field(out, "on_behalf_of", actor.on_behalf_of);
  field(out, "identity_store", actor.identity_store);
  field(out, "person", actor.person);
  out.end_object();
}

void write(JsonWriter& out, const Credential& credential) {
  out.begin_object();
  field(out, "entity", credential.entity);
  field(out, "session", credential.session);
  field(out, "access_key_id", credential.access_key_id);
  named(out, "lifetime", credential.lifetime);
  field(out, "session_name", credential.session_name);
  field(out, "issuer", credential.issuer);
  field(out, "issuer_arn", credential.issuer_arn);
  if (credential.mfa) out.field("mfa", *credential.mfa);
  field(out, "issued", credential.issued);
  field(out, "source_identity", credential.source_identity);
  field(out, "invoked_by", credential.invoked_by);
  field(out, "issued_to", credential.issued_to);
  if (credential.from_console) out.field("from_console", true);
  field(out, "ec2_role_delivery", credential.ec2_role_delivery);
  out.end_object();
}

void write(JsonWriter& out, const Source& source) {
  out.begin_object();
  field(out, "entity", source.entity);
  field(out, "address", source.address);
  field(out, "service", source.service);
  field(out, "user_agent", source.user_agent);
  field(out, "tls_version", source.tls_version);
  field(out, "tls_cipher", source.tls_cipher);
  field(out, "tls_host", source.tls_host);
  field(out, "vpc_endpoint", source.vpc_endpoint);
  out.end_object();
}

void write(JsonWriter& out, const Action& action) {
  out.begin_object();
  field(out, "service", action.service);
  field(out, "name", action.name);
  if (action.raw_name != action.name) field(out, "raw_name", action.raw_name);
  named(out, "access", action.access);
  named(out, "plane", action.plane);
  out.end_object();
}

void write(JsonWriter& out, const Target& target) {
  out.begin_object();
  field(out, "entity", target.entity);
  out.field("source", name_of(target.source));
  if (target.created) out.field("created", true);
  out.end_object();
}

void write(JsonWriter& out, const Minted& minted) {
  out.begin_object();
  out.field("kind", name_of(minted.kind));
  field(out, "entity", minted.entity);
  field(out, "session", minted.session);
  field(out, "principal", minted.principal);
  field(out, "expires", minted.expires);
  out.end_object();
}

}  // namespace

void append_json(const Facts& facts, JsonWriter& out) {
  out.begin_object();
  field(out, "cloud", facts.cloud);
  field(out, "event_id", facts.event_id);
  field(out, "request_id", facts.request_id);
  field(out, "shared_event_id", facts.shared_event_id);
  field(out, "addendum_reason", facts.addendum_reason);
  field(out, "addendum_of", facts.addendum_of);
  field(out, "time", facts.time);
  field(out, "account", facts.account);
  field(out, "region", facts.region);
  field(out, "organization", facts.organization);
  write(out.key("actor"), facts.actor);
  write(out.key("credential"), facts.credential);
  write(out.key("source"), facts.source);
  write(out.key("action"), facts.action);
  out.key("targets").begin_array();
  for (const Target& target : facts.targets) write(out, target);
  out.end_array();
  if (facts.targets_omitted > 0) out.field("targets_omitted", uint64_t{facts.targets_omitted});
  out.field("outcome", name_of(facts.outcome));
  field(out, "error_code", facts.error_code);
  field(out, "error_message", facts.error_message);
  if (!facts.minted.empty()) {
    out.key("minted").begin_array();
    for (const Minted& minted : facts.minted) write(out, minted);
    out.end_array();
  }
  out.end_object();
}

}  // namespace stanch::model
