#include "model/gcp_entity.h"

#include <algorithm>
#include <span>
#include <string>
#include <vector>

namespace stanch::model {

namespace gcp {
namespace {

using Kind = EntityPart::Kind;

constexpr std::string_view kAccounts = ".gserviceaccount.com", kIam = ".iam.gserviceaccount.com";
constexpr std::string_view kClusterPool = ".svc.id.goog";  // what pools of clusters end in
constexpr size_t kPartsMax = 32;                           // of a name

// Folds of a collection to what its members are parts of.
constexpr std::string_view kPartsOf[] = {
    "objects", "versions", "instanceTemplateVersions", "cryptoKeyVersions", "revisions", "tables"};
// What every name begins with.
constexpr std::string_view kRoots[] = {"projects", "folders", "organizations", "billingAccounts"};
// Unique everywhere: no scope.
constexpr std::string_view kEverywhere[] = {"buckets", "projects", "folders", "organizations"};

bool is_in(std::string_view word, std::span<const std::string_view> words) {
  return std::ranges::find(words, word) != words.end();
}

// "serviceAccounts" -> "service-account", "policies" -> "policy", "addresses" -> "address".
std::string type_of(std::string_view collection) {
  std::string word;
  for (const char c : collection) {
    const bool is_upper = c >= 'A' && c <= 'Z';
    if (is_upper && !word.empty()) word += '-';
    word += is_upper ? static_cast<char>(c - 'A' + 'a') : c;
  }
  if (word.ends_with("ies")) return word.replace(word.size() - 3, 3, "y");
  if (word.ends_with("sses")) return word.substr(0, word.size() - 2);
  if (word.ends_with('s') && !word.ends_with("ss")) word.pop_back();
  return word;
}

std::vector<std::string_view> split(std::string_view name) {
  std::vector<std::string_view> parts;
  while (!name.empty() && parts.size() < kPartsMax) {
    const size_t slash = name.find('/');
    parts.push_back(name.substr(0, slash));
    name = slash == name.npos ? "" : name.substr(slash + 1);
  }
  return parts;
}

// "//compute.googleapis.com/projects/…" -> "projects/…".
std::string_view without_host(std::string_view name) {
  if (!name.starts_with("//")) return name;
  const size_t slash = name.find('/', 2);
  return slash == name.npos ? "" : name.substr(slash + 1);
}

std::string_view project_of_account(std::string_view address) {
  const size_t at = address.find('@');
  if (at == address.npos) return {};
  const std::string_view host = address.substr(at + 1);
  if (host.ends_with(kIam)) return host.substr(0, host.size() - kIam.size());
  // The default accounts: "<number>-compute@developer.…", "<project>@appspot.…".
  const size_t end = host.starts_with("developer.") ? std::min(at, address.find('-')) : at;
  return address.substr(0, end);
}

// An account of Kubernetes in the pool of a project: "ns/<namespace>/sa/<name>" of
// "principal://…/workloadIdentityPools/<pool>/subject/…", and "<namespace>/<name>" of the older
// "serviceAccount:<pool>[…]".
EntityRef workload(std::string_view pool, std::string_view space, std::string_view name,
                   TextArena& arena) {
  if (pool.empty() || space.empty() || name.empty() || name.contains('/')) return {};
  return make_entity({{"gcp:workload/"},
                      {pool, Kind::kName},
                      {"/"},
                      {space, Kind::kName},
                      {"/"},
                      {name, Kind::kName}},
                     arena);
}

EntityRef workload_of_principal(std::string_view principal, TextArena& arena) {
  constexpr std::string_view kPools = "/workloadIdentityPools/", kSubject = "/subject/ns/";
  const size_t pools = principal.find(kPools), subject = principal.find(kSubject);
  if (pools == principal.npos || subject == principal.npos || subject < pools) return {};
  const size_t pool = pools + kPools.size();
  const std::string_view name_of_pool = principal.substr(pool, subject - pool);
  if (!name_of_pool.ends_with(kClusterPool)) return {};
  const std::string_view who = principal.substr(subject + kSubject.size());
  const size_t account = who.find("/sa/");
  if (account == who.npos) return {};
  return workload(name_of_pool, who.substr(0, account), who.substr(account + 4), arena);
}

EntityRef workload_of_member(std::string_view name, TextArena& arena) {
  const size_t bracket = name.find('['), slash = name.find('/');
  if (bracket == name.npos || slash == name.npos || slash < bracket || !name.ends_with(']')) {
    return {};
  }
  const std::string_view pool = name.substr(0, bracket);
  if (!pool.ends_with(kClusterPool)) return {};
  return workload(pool, name.substr(bracket + 1, slash - bracket - 1),
                  name.substr(slash + 1, name.size() - slash - 2), arena);
}

EntityRef account(std::string_view address, TextArena& arena) {
  const std::string_view project = project_of_account(address);
  return make_entity(
      {{"gcp:service-account/"}, {project, Kind::kFoldedName}, {"/"}, {address, Kind::kFoldedName}},
      arena);
}

}  // namespace
}  // namespace gcp

bool is_service_account(std::string_view address) { return address.ends_with(gcp::kAccounts); }

bool is_google_agent(std::string_view address) {
  if (!is_service_account(address)) return false;
  const std::string_view host = address.substr(address.find('@') + 1);
  // "service-<number>@gcp-sa-….iam.…", "<number>@cloudservices.…",
  // "service-<number>@compute-system.iam.…"
  return host.starts_with("gcp-sa-") || host == "cloudservices.gserviceaccount.com" ||
         (address.starts_with("service-") && !host.contains("developer") &&
          std::ranges::all_of(address.substr(8, address.find('@') - 8),
                              [](char c) { return c >= '0' && c <= '9'; }));
}

EntityRef gcp_principal(std::string_view address, TextArena& arena) {
  if (!address.contains('@')) return {};
  if (is_service_account(address)) return gcp::account(address, arena);
  return make_entity({{"gcp:user/"}, {address, gcp::Kind::kFoldedName}}, arena);
}

EntityRef gcp_member(std::string_view member, TextArena& arena) {
  if (member == "allUsers" || member == "allAuthenticatedUsers") {
    return make_entity({{"gcp:everyone/"}, {member, gcp::Kind::kName}}, arena);
  }
  if (member.starts_with("principal://") || member.starts_with("principalSet://")) {
    const EntityRef workload = gcp::workload_of_principal(member, arena);
    if (!workload.empty()) return workload;
    return make_entity(
        {{"gcp:principal/"}, {member.substr(member.find("//") + 2), gcp::Kind::kName}}, arena);
  }
  const size_t colon = member.find(':');
  if (colon == member.npos) return gcp_principal(member, arena);
  const std::string_view kind = member.substr(0, colon), name = member.substr(colon + 1);
  if (kind == "serviceAccount" && name.ends_with(']')) return gcp::workload_of_member(name, arena);
  if (kind == "serviceAccount" || kind == "user") return gcp_principal(name, arena);
  if (name.empty() || (kind != "group" && kind != "domain")) return {};
  return make_entity({{"gcp:"}, {kind}, {"/"}, {name, gcp::Kind::kFoldedName}}, arena);
}

EntityRef gcp_session(EntityRef account, EntityRef lender, TextArena& arena) {
  constexpr std::string_view kAccount = "gcp:service-account/";
  if (!account.text.starts_with(kAccount) || lender.empty() || account == lender) return {};
  std::string who(lender.text.substr(lender.text.find('/') + 1));
  if (lender.text.starts_with(kAccount)) who = who.substr(who.find('/') + 1);
  std::ranges::replace(who, '/', ':');
  std::string id = "gcp:session/";
  id += account.text.substr(kAccount.size());
  id += '/';
  id += who;
  return {arena.store(id)};
}

EntityRef gcp_resource(std::string_view name, TextArena& arena) {
  std::vector<std::string_view> parts = gcp::split(gcp::without_host(name));
  std::vector<std::string_view> scope;
  std::string_view collection, last;
  if (parts.empty() || !gcp::is_in(parts[0], gcp::kRoots)) return {};
  for (size_t at = 0; at + 1 < parts.size();) {
    // It stands alone where other resources have their region.
    if (parts[at] == "global") {
      ++at;
      continue;
    }
    if (parts[at + 1].empty() || gcp::is_in(parts[at], gcp::kPartsOf)) break;
    if (!last.empty() && last != "_") scope.push_back(last);
    collection = parts[at];
    last = parts[at + 1];
    at += 2;
  }
  if (collection.empty() || last == "_") return {};
  if (collection == "serviceAccounts") return gcp_principal(last, arena);
  if (gcp::is_in(collection, gcp::kEverywhere)) scope.clear();
  if (collection == "keys") collection = "serviceAccountKeys";
  std::string id = "gcp:" + gcp::type_of(collection);
  for (const char c : id) {
    const bool fits = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == ':';
    if (!fits) return {};
  }
  // make_entity() takes parts that are known beforehand: the beginning is put together first.
  for (const std::string_view each : scope) {
    id += '/';
    id += make_entity({{each, gcp::Kind::kName}}, arena).text;
  }
  id += '/';
  return make_entity({{arena.store(id)}, {last, gcp::Kind::kName}}, arena);
}

std::string_view gcp_project_of(std::string_view name) {
  constexpr std::string_view kProjects = "projects/";
  name = gcp::without_host(name);
  if (!name.starts_with(kProjects)) return {};
  name.remove_prefix(kProjects.size());
  name = name.substr(0, name.find('/'));
  return name == "_" ? std::string_view() : name;
}

}  // namespace stanch::model
