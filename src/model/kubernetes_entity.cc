#include "model/kubernetes_entity.h"

#include <algorithm>

namespace stanch::model {

namespace kubernetes {
namespace {

constexpr std::string_view kSubject = "system:serviceaccount:";
constexpr std::string_view kWorkload = "gcp:workload/";

// A label or subdomain of DNS, as Kubernetes wants names to be; no escapes are in one.
bool is_name(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.';
  });
}

}  // namespace
}  // namespace kubernetes

EntityRef kubernetes_account(std::string_view space, std::string_view name, TextArena& arena) {
  if (space.empty() || name.empty()) return {};
  return make_entity({{"kubernetes:service-account/"},
                      {space, EntityPart::Kind::kName},
                      {"/"},
                      {name, EntityPart::Kind::kName}},
                     arena);
}

EntityRef kubernetes_subject(std::string_view subject, TextArena& arena) {
  if (!subject.starts_with(kubernetes::kSubject)) return {};
  subject.remove_prefix(kubernetes::kSubject.size());
  const size_t colon = subject.find(':');
  if (colon == subject.npos) return {};
  const std::string_view space = subject.substr(0, colon), name = subject.substr(colon + 1);
  if (!kubernetes::is_name(space) || !kubernetes::is_name(name)) return {};
  return kubernetes_account(space, name, arena);
}

EntityRef kubernetes_account_behind(EntityRef identity, TextArena& arena) {
  std::string_view text = identity.text;
  if (text.starts_with(kubernetes::kWorkload)) {  // gcp:workload/<pool>/<namespace>/<name>
    text.remove_prefix(kubernetes::kWorkload.size());
    const size_t space = text.find('/'), name = text.rfind('/');
    if (space == name) return {};
    return kubernetes_account(text.substr(space + 1, name - space - 1), text.substr(name + 1),
                              arena);
  }
  // aws:web-identity/<issuer>/<subject>, gcp:principal/…%2Fsubject%2F<subject>
  if (!text.starts_with("aws:web-identity/") && !text.starts_with("gcp:principal/")) return {};
  const size_t at = text.rfind(kubernetes::kSubject);
  if (at == text.npos) return {};
  const std::string_view before = text.substr(0, at);
  const bool is_whole = text.starts_with("aws:")
                            ? std::ranges::count(before, '/') == 2 && before.ends_with('/')
                            : before.ends_with("%2Fsubject%2F");
  if (!is_whole) return {};
  return kubernetes_subject(text.substr(at), arena);
}

}  // namespace stanch::model
