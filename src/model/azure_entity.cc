#include "model/azure_entity.h"

#include <algorithm>
#include <array>
#include <string>

// ARM resource ids:
//
//   /subscriptions/<id>[/resourceGroups/<name>][/providers/<namespace>(/<type>/<name>)+]*
//   /providers/<namespace>(/<type>/<name>)+     of a tenant: management groups, built-in roles
//   /tenants/<id>/…                             in diagnostic settings of Entra
//
// A second "providers" extends the resource before it: a lock on a storage account.
// https://learn.microsoft.com/en-us/azure/azure-resource-manager/management/resource-name-rules

namespace stanch::model {

namespace {

using Kind = EntityPart::Kind;

struct TypeRow {
  std::string_view type;  // without "microsoft.", in lower case
  std::string_view word;
  bool is_everywhere = false;  // the name alone says which
};

constexpr TypeRow kTypes[] = {
    {"authorization/denyassignments", "deny-assignment"},
    {"authorization/locks", "lock"},
    {"authorization/policyassignments", "policy-assignment"},
    {"authorization/roleassignments", "role-assignment"},
    {"authorization/roledefinitions", "role-definition", true},
    {"automation/automationaccounts", "automation-account"},
    {"automation/automationaccounts/runbooks", "runbook"},
    {"compute/disks", "disk"},
    {"compute/images", "image"},
    {"compute/snapshots", "snapshot"},
    {"compute/virtualmachines", "vm"},
    {"compute/virtualmachines/extensions", "vm-extension"},
    {"compute/virtualmachinescalesets", "vm-scale-set"},
    {"containerregistry/registries", "container-registry"},
    {"containerservice/managedclusters", "aks-cluster"},
    {"documentdb/databaseaccounts", "cosmos-account"},
    {"eventhub/namespaces", "event-hub-namespace"},
    {"insights/activitylogalerts", "activity-log-alert"},
    {"insights/diagnosticsettings", "diagnostic-setting"},
    {"keyvault/vaults", "key-vault"},
    {"keyvault/vaults/keys", "key"},
    {"keyvault/vaults/secrets", "secret"},
    {"logic/workflows", "logic-app"},
    {"managedidentity/userassignedidentities", "managed-identity"},
    {"management/managementgroups", "management-group", true},
    {"network/azurefirewalls", "firewall"},
    {"network/bastionhosts", "bastion"},
    {"network/networkinterfaces", "network-interface"},
    {"network/networksecuritygroups", "network-security-group"},
    {"network/networksecuritygroups/securityrules", "security-rule"},
    {"network/publicipaddresses", "public-ip"},
    {"network/virtualnetworks", "virtual-network"},
    {"network/virtualnetworks/subnets", "subnet"},
    {"operationalinsights/workspaces", "log-workspace"},
    {"recoveryservices/vaults", "recovery-vault"},
    {"sql/servers", "sql-server"},
    {"sql/servers/databases", "sql-database"},
    {"storage/storageaccounts", "storage-account"},
    {"storage/storageaccounts/blobservices/containers", "blob-container"},
    {"web/sites", "web-app"},
};

std::string folded(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return lower;
}

const TypeRow* find_type(std::string_view type) {
  const auto found = std::ranges::find(kTypes, type, &TypeRow::type);
  return found == std::end(kTypes) ? nullptr : found;
}

// The parts of a path, one after the other.
class Path {
 public:
  explicit Path(std::string_view text) : rest_(text) { skip_slashes(); }

  bool at_end() const { return rest_.empty(); }
  std::string_view peek() const { return rest_.substr(0, rest_.find('/')); }

  std::string_view take() {
    const std::string_view part = peek();
    rest_.remove_prefix(part.size());
    skip_slashes();
    return part;
  }

  // Takes `word` and what follows it, which is "" if something else stands there.
  std::string_view take_behind(std::string_view word) {
    if (folded(peek()) != word) return {};
    take();
    return take();
  }

 private:
  void skip_slashes() {
    while (rest_.starts_with('/')) rest_.remove_prefix(1);
  }

  std::string_view rest_;
};

// What stands behind one "providers".
struct Resource {
  std::string type;   // "compute/virtualmachines/extensions"
  std::string names;  // "web-1/agent"
};

Resource take_resource(Path& path) {
  Resource resource;
  resource.type = folded(path.take());
  constexpr std::string_view kOwn = "microsoft.";
  if (resource.type.starts_with(kOwn)) resource.type.erase(0, kOwn.size());
  while (!path.at_end() && folded(path.peek()) != "providers") {
    const std::string type = folded(path.take());
    const std::string_view name = path.take();
    if (name.empty()) break;  // all of that type
    // Each storage account has one of each service, called "default".
    if (type.ends_with("services") && folded(name) == "default") {
      if (!path.at_end() && folded(path.peek()) != "providers") resource.type += '/' + type;
      continue;
    }
    resource.type += '/' + type;
    if (!resource.names.empty()) resource.names += '/';
    resource.names += folded(name);
  }
  return resource;
}

std::string word_of(const Resource& resource) {
  if (const TypeRow* row = find_type(resource.type)) return std::string(row->word);
  std::string word = resource.type;
  std::ranges::replace(word, '/', '-');
  return word;
}

// Each part of `names`, behind `id`.
EntityRef append_names(EntityRef id, std::string_view names, TextArena& arena) {
  for (Path path(names); !path.at_end();) {
    id = make_entity({{id.text}, {"/"}, {path.take(), Kind::kFoldedName}}, arena);
  }
  return id;
}

struct Word {
  std::string_view type, word;
};
constexpr Word kEntraTypes[] = {
    {"serviceprincipal", "service-principal"},
    {"administrativeunit", "administrative-unit"},
    {"namedlocation", "named-location"},
    {"msi", "service-principal"},
};

EntityRef of_one_id(std::string_view type, EntityPart id, TextArena& arena) {
  return id.text.empty() ? EntityRef() : make_entity({{type}, id}, arena);
}

}  // namespace

EntityRef arm_entity(std::string_view resource_id, TextArena& arena) {
  Path path(resource_id);
  if (const auto tenant = path.take_behind("tenants"); !tenant.empty()) {
    return of_one_id("azure:tenant/", {tenant, Kind::kFoldedName}, arena);
  }
  const std::string_view subscription = path.take_behind("subscriptions");
  const std::string_view group = path.take_behind("resourcegroups");
  Resource resource;
  std::string parent;
  while (!path.at_end() && folded(path.peek()) == "providers") {
    path.take();
    Resource next = take_resource(path);
    if (next.names.empty()) break;
    if (!resource.names.empty()) parent = word_of(resource) + ':' + resource.names;
    resource = std::move(next);
  }
  if (!path.at_end()) return {};
  if (!resource.names.empty()) {
    const TypeRow* row = find_type(resource.type);
    const std::string word = word_of(resource);
    EntityRef id = make_entity({{"azure:"}, {word, Kind::kFoldedName}}, arena);
    if (row == nullptr || !row->is_everywhere) {
      id = make_entity(
          {{id.text}, {"/"}, {subscription, Kind::kFoldedName}, {"/"}, {group, Kind::kFoldedName}},
          arena);
      if (!parent.empty()) {
        id = make_entity({{id.text}, {"/"}, {parent, Kind::kFoldedName}}, arena);
      }
    }
    return append_names(id, resource.names, arena);
  }
  if (subscription.empty()) return {};
  if (group.empty()) {
    return of_one_id("azure:subscription/", {subscription, Kind::kFoldedName}, arena);
  }
  return make_entity({{"azure:resource-group/"},
                      {subscription, Kind::kFoldedName},
                      {"/"},
                      {group, Kind::kFoldedName}},
                     arena);
}

std::string_view arm_subscription(std::string_view resource_id) {
  return Path(resource_id).take_behind("subscriptions");
}

std::string_view arm_tenant(std::string_view resource_id) {
  return Path(resource_id).take_behind("tenants");
}

EntityRef entra_entity(std::string_view type, std::string_view tenant, std::string_view id,
                       TextArena& arena) {
  if (type.empty() || id.empty()) return {};
  const auto* word = std::ranges::find(kEntraTypes, folded(type), &Word::type);
  if (word != std::end(kEntraTypes)) type = word->word;
  return make_entity({{"azure:"},
                      {type, Kind::kFoldedName},
                      {"/"},
                      {tenant, Kind::kFoldedName},
                      {"/"},
                      {id, Kind::kFoldedName}},
                     arena);
}

EntityRef azure_client(std::string_view app_id, TextArena& arena) {
  return of_one_id("azure:client/", {app_id, Kind::kFoldedName}, arena);
}

EntityRef azure_credential(std::string_view key_id, TextArena& arena) {
  return of_one_id("azure:credential/", {key_id, Kind::kFoldedName}, arena);
}

EntityRef azure_session(std::string_view session_id, TextArena& arena) {
  return of_one_id("azure:session/", {session_id, Kind::kFoldedName}, arena);
}

EntityRef azure_token(std::string_view unique_id, TextArena& arena) {
  return of_one_id("azure:token/", {unique_id, Kind::kName}, arena);
}

EntityRef azure_service(std::string_view name, TextArena& arena) {
  return of_one_id("azure:service/", {name, Kind::kFoldedName}, arena);
}

}  // namespace stanch::model
