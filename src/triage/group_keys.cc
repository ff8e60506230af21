#include "triage/group_keys.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "base/text_arena.h"
#include "codec/hash.h"
#include "model/entity.h"
#include "model/kubernetes_entity.h"
#include "triage/limits.h"

namespace stanch::triage {

namespace {

// "role" of "aws:role/123456789012/deploy"
std::string_view type_of(std::string_view entity) {
  const std::string_view type = model::entity_type({entity});
  return type.substr(type.find(':') + 1);
}

template <size_t N>
bool is_one_of(std::string_view type, const std::array<std::string_view, N>& types) {
  return std::ranges::find(types, type) != types.end();
}

// What is shared by all, or is the provider's own, says nothing about an attack. What the provider
// owns has it as its account: "aws:policy/aws/AdministratorAccess".
bool is_everybodys(std::string_view entity) {
  static constexpr std::array<std::string_view, 9> kShared = {
      "account", "service", "client", "organization", "organization-root", "organizational-unit",
      "region",  "vpc",     "subnet"};
  const std::string_view type = model::entity_type({entity});
  if (is_one_of(type_of(entity), kShared)) return true;
  const std::string_view cloud = type.substr(0, type.find(':'));
  if (cloud.size() == type.size()) return false;  // no cloud's
  const std::string_view rest = entity.substr(type.size());
  return rest.size() > cloud.size() + 2 && rest.starts_with('/') &&
         rest.substr(1).starts_with(cloud) && rest[cloud.size() + 1] == '/';
}

bool is_principal(std::string_view entity) {
  static constexpr std::array<std::string_view, 10> kPrincipals = {"user",
                                                                   "role",
                                                                   "root",
                                                                   "federated-user",
                                                                   "identity-center-user",
                                                                   "web-identity",
                                                                   "saml-user",
                                                                   "service-account",
                                                                   "service-principal",
                                                                   "workload"};
  return is_one_of(type_of(entity), kPrincipals);
}

// People whose name some directory gave them; what workloads and sessions are called, anybody may
// choose.
bool is_named(model::ActorType type) {
  using enum model::ActorType;
  return type == kUser || type == kSaml || type == kIdentityCenter;
}

std::string bounded(std::string_view text) {
  if (text.size() <= kGroupKeyBytesMax) return std::string(text);
  const std::string hash = codec::to_hex(codec::sha256(text));
  std::string cut(text.substr(0, kGroupKeyBytesMax - hash.size() - 1));
  return cut + "~" + hash;
}

std::string person_entity(std::string_view id) {
  using enum model::EntityPart::Kind;
  TextArena arena;
  return std::string(model::make_entity({{"person/", kLiteral}, {id, kName}}, arena).text);
}

// Who is met with a role: the people behind its sessions.
std::string session_user(const Finding& finding) {
  return bounded(finding.on_behalf_of.empty() ? finding.session_name : finding.on_behalf_of);
}

class Collector {
 public:
  explicit Collector(const Finding& finding)
      : finding_(finding),
        actor_(bounded(finding.actor.empty() ? finding.source : finding.actor)) {}

  void add(std::string_view entity, KeyKind kind) { put(entity, {.kind = kind, .lineage = true}); }
  void add_acting(std::string_view entity) {
    put(entity, {.kind = KeyKind::kPrincipal, .lineage = true, .user = session_user(finding_)});
  }
  void add_touched(std::string_view entity, bool lineage) {
    const KeyKind kind = is_principal(entity) ? KeyKind::kPrincipal : KeyKind::kTarget;
    put(entity, {.kind = kind, .touched = true, .lineage = lineage, .user = actor_});
  }
  // Ids of Kubernetes do not say of which cluster they are: whom many clusters have is common.
  void add_behind(std::string_view identity) {
    TextArena arena;
    const model::EntityRef behind = model::kubernetes_account_behind({identity}, arena);
    put(behind.text, {.kind = KeyKind::kAccount, .user = actor_});
  }
  void add_name(std::string_view name) {
    if (!name.contains('@')) return;
    using enum model::EntityPart::Kind;
    TextArena arena;
    const model::EntityRef entity = model::make_entity({{"name/"}, {name, kFoldedName}}, arena);
    put(entity.text, {.kind = KeyKind::kName, .user = actor_});
  }
  void add_address(std::string_view entity) {
    put(entity, {.kind = KeyKind::kAddress, .user = actor_});
  }

  std::vector<GroupKey> keys;

 private:
  void put(std::string_view entity, GroupKey key) {
    if (entity.empty() || is_everybodys(entity) || keys.size() == kKeysPerFinding) return;
    key.entity = bounded(entity);
    if (std::ranges::find(keys, key.entity, &GroupKey::entity) != keys.end()) return;
    keys.push_back(std::move(key));
  }

  const Finding& finding_;
  const std::string actor_;
};

std::string_view words_of(KeyKind kind) {
  switch (kind) {
    case KeyKind::kCredential: return "the same credential was used";
    case KeyKind::kPerson: return "the same person is behind it";
    case KeyKind::kMinted: return "a credential was made and used";
    case KeyKind::kPrincipal: return "the same principal is involved";
    case KeyKind::kAccount: return "the same service account is behind it, by its subject";
    case KeyKind::kName: return "by name only, the same person is behind it";
    case KeyKind::kTarget: return "the same rare resource was touched";
    case KeyKind::kAddress: return "it came from the same rare address";
  }
  return "";
}

// Entity ids are printable; but a ledger may hold what somebody else wrote.
std::string printable(std::string_view text) {
  constexpr size_t kShown = 200;
  constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string out;
  for (const char c : text.substr(0, kShown)) {
    const bool stands = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
                        (c >= '0' && c <= '9') || std::string_view("-._~:@+=,$/%").contains(c);
    if (stands) {
      out += c;
    } else {
      const auto byte = static_cast<uint8_t>(c);
      out += {'%', kHex[byte >> 4], kHex[byte & 15]};
    }
  }
  if (text.size() > kShown) out += "...";
  return out;
}

}  // namespace

std::vector<GroupKey> group_keys(const Finding& finding) {
  Collector collector(finding);
  for (const std::string* used : {&finding.credential, &finding.session, &finding.issued_to}) {
    collector.add(*used, KeyKind::kCredential);
  }
  if (!finding.on_behalf_of.empty()) {
    collector.add(person_entity(finding.on_behalf_of), KeyKind::kPerson);
  }
  for (const Minted& minted : finding.minted) {
    collector.add(minted.entity, KeyKind::kMinted);
    collector.add(minted.session, KeyKind::kMinted);
  }
  collector.add_acting(finding.actor);
  collector.add_acting(finding.issuer);
  for (const std::string* who : {&finding.actor, &finding.person}) collector.add_behind(*who);
  if (is_named(finding.actor_type)) collector.add_name(finding.actor_name);
  if (type_of(finding.person) == "user") collector.add_name(finding.on_behalf_of);
  for (const Minted& minted : finding.minted) {
    // A password has no id of its own.
    const bool only = minted.entity.empty() && minted.session.empty();
    collector.add_touched(minted.principal, only);
  }
  collector.add_address(finding.source);
  for (const bool principals : {true, false}) {
    for (const std::string& target : finding.targets) {
      if (is_principal(target) == principals) collector.add_touched(target, false);
    }
  }
  std::ranges::stable_sort(collector.keys, {}, &GroupKey::kind);
  return std::move(collector.keys);
}

std::string words_of(const GroupKey& key) {
  return std::string(words_of(key.kind)) + ": " + printable(key.entity);
}

}  // namespace stanch::triage
