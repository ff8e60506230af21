#include "pipeline/output/trace/labels.h"

#include <fmt/format.h>

#include "base/check.h"
#include "codec/timestamp.h"
#include "pipeline/output/labels.h"

namespace stanch::pipeline::output {

namespace {

using triage::scope::CutKind;
using triage::scope::EdgeKind;
using triage::scope::Holder;
using triage::scope::HolderKind;

// "instance" of aws:instance/…
std::string_view word_of(std::string_view entity) {
  const std::string_view type = entity.substr(0, entity.find('/'));
  return type.substr(type.find(':') + 1);
}

std::string session_label(const Holder& holder) {
  const std::string principal = short_name(holder.principal);
  std::string name = holder.session_name;
  if (name.empty()) {
    // aws:session/111122223333/role/name@issued
    const std::string tail = short_name(holder.id);
    name = tail.substr(0, tail.rfind('@'));
  }
  if (name.empty() || name == "-") {
    return fmt::format("{}session of {}", holder.console ? "console " : "", principal);
  }
  return fmt::format("session {}/{}", principal.empty() ? "?" : principal, name);
}

std::string credential_label(const Holder& holder) {
  if (word_of(holder.id) == "session") return session_label(holder);
  const std::string of = holder.principal.empty() || holder.principal == holder.id
                             ? ""
                             : " of " + short_name(holder.principal);
  const std::string& kind = holder.kind_of_credential;
  if (kind == name_of(model::MintedKind::kPassword)) return "password" + of;
  const bool key = kind.empty() || kind == name_of(model::MintedKind::kAccessKey) ||
                   kind == name_of(model::MintedKind::kSession);
  return fmt::format("{} {}{}", key ? "key" : kind, short_name(holder.id), of);
}

}  // namespace

std::string short_name(std::string_view entity) { return name_of(model::EntityRef{entity}); }

std::string entity_label(std::string_view entity) {
  const std::string_view word = word_of(entity);
  if (word == entity) return std::string(entity);
  return fmt::format("{} {}", word == "ip" ? "address" : word, short_name(entity));
}

std::string holder_label(const Holder& holder) {
  switch (holder.kind) {
    case HolderKind::kCredential: return credential_label(holder);
    case HolderKind::kPerson:
      return fmt::format("person {}", holder.name.empty() ? short_name(holder.id) : holder.name);
    case HolderKind::kHost: return entity_label(holder.id);
    case HolderKind::kPrincipal: return fmt::format("sign-in of {}", short_name(holder.id));
    case HolderKind::kForeign: return fmt::format("caller {}", short_name(holder.id));
    case HolderKind::kService: return fmt::format("the provider, {}", short_name(holder.id));
    case HolderKind::kUnknown: return entity_label(holder.id);
  }
  CHECK(false);
}

std::string clock_text(Time time) {
  std::string text = codec::format_timestamp(time);  // 2026-03-01T02:03:04…
  text.resize(19);
  text[10] = ' ';
  return text.substr(5);
}

std::string span_text(const triage::scope::Tally& tally) {
  const std::string first = clock_text(tally.first.time), last = clock_text(tally.last.time);
  return first == last ? first : fmt::format("{} to {}", first, last);
}

std::string_view heading_of(EdgeKind kind) {
  switch (kind) {
    case EdgeKind::kDid: return "did";
    case EdgeKind::kDenied: return "was denied";
    case EdgeKind::kFailed: return "failed at";
    default: return name_of(kind);
  }
}

std::string_view heading_of(CutKind kind) {
  switch (kind) {
    case CutKind::kDenyFromAbove: return "deny from above:";
    case CutKind::kDisablePerson: return "disable";
    case CutKind::kDenyPrincipal: return "deny all to";
    case CutKind::kDeactivateKey: return "deactivate";
    case CutKind::kConfineToHost: return "confine to its host:";
    case CutKind::kRevokeSessions: return "revoke sessions of";
    case CutKind::kRemoveCredential: return "remove";
    case CutKind::kIsolateHost: return "isolate";
    case CutKind::kAskOwner: return "ask the owner of";
    case CutKind::kReviewMaker: return "look at";
  }
  CHECK(false);
}

}  // namespace stanch::pipeline::output
