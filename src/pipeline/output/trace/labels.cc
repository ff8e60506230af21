#include "pipeline/output/trace/labels.h"

#include <fmt/format.h>

#include <algorithm>

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

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// "deploy@acme-prod" for an address of Google.
std::string short_account(std::string name) {
  constexpr std::string_view kAccounts = ".iam.gserviceaccount.com";
  if (name.ends_with(kAccounts)) name.resize(name.size() - kAccounts.size());
  return name;
}

// kubernetes:service-account/shop/web
std::string account_label(std::string_view account) {
  return fmt::format("service account {}", account.substr(account.find('/') + 1));
}

// Directories give everything a number; who has a name as well is called by it.
std::string name_or_id(std::string_view entity, const std::string& name) {
  std::string own = short_name(entity);
  if (name.contains('@')) return short_account(name);
  return is_number(own) && !name.empty() ? name : own;
}

std::string session_label(const Holder& holder) {
  const std::string principal = name_or_id(holder.principal, holder.name);
  std::string name = holder.session_name;
  if (name.empty()) {
    // aws:session/111122223333/role/name@issued
    const std::string tail = short_name(holder.id);
    const size_t at = tail.rfind('@');
    const bool is_issued = at != tail.npos && at + 1 < tail.size() && is_digit(tail[at + 1]);
    name = is_issued ? tail.substr(0, at) : tail;
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
                             : " of " + name_or_id(holder.principal, holder.name);
  const std::string& kind = holder.kind_of_credential;
  if (kind == name_of(model::MintedKind::kPassword)) return "password" + of;
  const bool key = kind.empty() || kind == name_of(model::MintedKind::kAccessKey) ||
                   kind == name_of(model::MintedKind::kSession);
  if (word_of(holder.id) == "token") return fmt::format("token {}{}", short_name(holder.id), of);
  return fmt::format("{} {}{}", key ? "key" : kind, short_name(holder.id), of);
}

}  // namespace

std::string short_name(std::string_view entity) {
  return short_account(name_of(model::EntityRef{entity}));
}

bool is_number(std::string_view text) {
  constexpr size_t kGuid = 36;
  return text.size() == kGuid && std::ranges::count(text, '-') == 4;
}

std::string entity_label(std::string_view entity) {
  const std::string_view word = word_of(entity);
  if (word == entity) return std::string(entity);
  return fmt::format("{} {}", word == "ip" ? "address" : word, short_name(entity));
}

std::string holder_label(const Holder& holder) {
  switch (holder.kind) {
    case HolderKind::kCredential: return credential_label(holder);
    case HolderKind::kPerson:
      if (!holder.behind.empty()) return account_label(holder.behind);
      return fmt::format("person {}", holder.name.empty() ? short_name(holder.id) : holder.name);
    case HolderKind::kHost: return entity_label(holder.id);
    case HolderKind::kPrincipal:
      return fmt::format("sign-in of {}", name_or_id(holder.id, holder.name));
    case HolderKind::kWorkload:
      if (holder.id.starts_with("kubernetes:service-account/")) return account_label(holder.id);
      return fmt::format("{} {}", word_of(holder.id), name_or_id(holder.id, holder.name));
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
