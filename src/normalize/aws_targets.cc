// What a call acted on. First what the record itself lists (`resources`), then
// the members of request and response that the table knows. A row names the
// service, the API (a part of its name, or "" for all), the path below
// requestParameters or responseElements (arrays fan out), and what stands there.
//
// The way through: each member of the request is looked up once by its key;
// only rows that start with this key and belong to this service are followed.

#include <algorithm>

#include "normalize/aws_cloudtrail.h"
#include "normalize/aws_target_rows.h"

namespace stanch::normalize::aws {
namespace {

using codec::JsonView;
using model::AwsPlace;
using model::AwsType;
using model::EntityRef;
using model::TargetSource;

constexpr std::string_view first_key(const TargetRow& row) {
  return row.path.substr(0, row.path.find('.'));
}

constexpr std::string_view below_first_key(const TargetRow& row) {
  size_t dot = row.path.find('.');
  return dot == std::string_view::npos ? std::string_view() : row.path.substr(dot + 1);
}

template <size_t N>
struct RowTable {
  const TargetRow (&rows)[N];
  KeyTable<N> by_key;
};

constexpr RowTable<std::size(target_rows::kRequest)> kRequestRows = {
    target_rows::kRequest, {target_rows::kRequest, first_key}};
constexpr RowTable<std::size(target_rows::kResponse)> kResponseRows = {
    target_rows::kResponse, {target_rows::kResponse, first_key}};
constexpr KeyTable<std::size(target_rows::kRequest)> kServices(target_rows::kRequest,
                                                               [](const TargetRow& row) {
                                                                 return row.service;
                                                               });

// What a call creates is what its name says it creates: the user of CreateUser, not the role that
// CreateFunction names. Names of things are compared without '-' and case, from any of their words
// on (ecs-cluster is the Cluster of CreateCluster), and with a plural s.
struct Creation {
  std::string_view verb;
  bool copies;  // both the source and the copy are of the kind that is named
};
constexpr Creation kCreations[] = {{"Create", false},   {"Run", false},      {"Import", false},
                                   {"Register", false}, {"Allocate", false}, {"Restore", false},
                                   {"Copy", true}};

struct OtherName {
  std::string_view noun, type;
};
constexpr OtherName kOtherNames[] = {{"DBInstance", "db"},
                                     {"OpenIDConnectProvider", "oidc-provider"},
                                     {"VirtualMFADevice", "mfa-device"},
                                     {"NatGateway", "nat-gateway"}};

const Creation* creation_of(const Extraction& from) {
  if (from.facts.outcome != model::Outcome::kOk) return nullptr;
  const std::string_view name = from.facts.action.name;
  for (const Creation& creation : kCreations) {
    if (name.size() > creation.verb.size() && name.starts_with(creation.verb)) return &creation;
  }
  return nullptr;
}

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool is_named(std::string_view noun, std::string_view type) {
  size_t at = 0;
  for (const char c : type) {
    if (c == '-') continue;
    if (at == noun.size() || lower(noun[at]) != c) return false;
    ++at;
  }
  return at == noun.size() || (at + 1 == noun.size() && noun[at] == 's');
}

bool is_named_so(const Extraction& from, const Creation& creation, EntityRef entity) {
  std::string_view noun = from.facts.action.name.substr(creation.verb.size());
  noun = noun.substr(0, noun.find("From"));  // RestoreDBInstanceFromDBSnapshot
  noun = noun.substr(0, noun.find("ToPointInTime"));
  std::string_view type = model::entity_type(entity);
  type = type.substr(type.find(':') + 1);
  for (const OtherName& other : kOtherNames) {
    if (other.noun == noun) return other.type == type;
  }
  for (;;) {
    if (is_named(noun, type)) return true;
    const size_t dash = type.find('-');
    if (dash == type.npos) return false;
    type.remove_prefix(dash + 1);
  }
}

bool is_created(const Extraction& from, EntityRef entity, TargetSource source) {
  const Creation* creation = creation_of(from);
  if (creation == nullptr || entity == from.facts.actor.entity) return false;
  if (source == TargetSource::kResponse && creation->copies) return true;
  return !creation->copies && is_named_so(from, *creation, entity);
}

bool is_copied(const Extraction& from, EntityRef entity) {
  const Creation* creation = creation_of(from);
  return creation != nullptr && creation->copies && is_named_so(from, *creation, entity);
}

void add(Extraction& from, EntityRef entity, TargetSource source) {
  if (entity.empty()) return;
  if (model::Target* known = from.targets.find(entity)) {
    // Named by the caller and in the answer: a copy's name, not its source's.
    if (source == TargetSource::kResponse) known->created |= is_copied(from, entity);
    return;
  }
  from.targets.append({entity, source, is_created(from, entity, source)});
}

// Ids of Organizations say what they are by how they begin.
AwsType organizations_type(std::string_view id) {
  if (id.starts_with("ou-")) return AwsType::kOrganizationalUnit;
  if (id.starts_with("o-")) return AwsType::kOrganization;
  if (id.starts_with("r-")) return AwsType::kOrganizationRoot;
  if (id.starts_with("p-")) return AwsType::kOrganizationPolicy;
  return AwsType::kAccount;
}

// ECS and EKS name things below a cluster, which stands beside them.
std::string_view cluster_of(Extraction& from, std::string_view key) {
  JsonView request = from.fields[kRequestParameters];
  std::string_view cluster = request.exists() ? from.reader.text(request[key]) : "";
  cluster = cluster.substr(cluster.rfind('/') + 1);  // may be an ARN
  return cluster.empty() && from.service == "ecs" ? "default" : cluster;
}

EntityRef entity_of(Extraction& from, const TargetRow& row, std::string_view name) {
  if (name.empty() || is_hidden(name)) return {};
  bool is_arn = name.starts_with("arn:");
  if (row.accepts == Accepts::kArn && !is_arn) return {};
  AwsPlace place = from.place;
  AwsType type = row.type;
  if (!row.parent_key.empty() && !is_arn && name.find('/') == name.npos) {
    return aws_entity(type, cluster_of(from, row.parent_key), name, place, from.arena());
  }
  if (type == AwsType::kRoot && !is_arn) place.account = name;  // AssumeRoot names the account
  if (type == AwsType::kBucket) place.partition = model::aws_partition(place.region);
  if (type == AwsType::kAccount) type = organizations_type(name);
  if (type == AwsType::kEcrRepository) {
    JsonView registry = from.fields[kRequestParameters]["registryId"];
    if (std::string_view owner = from.reader.text(registry); !owner.empty()) place.account = owner;
  }
  return aws_entity(type, name, place, from.arena());
}

template <size_t N>
void add_rows(Extraction& from, JsonView parameters, const RowTable<N>& table,
              TargetSource source) {
  if (!parameters.exists()) return;
  for (codec::JsonMember member : parameters.members()) {
    int index = table.by_key.find(from.reader.key(member.key));
    for (; index != KeyTable<N>::kNone; index = table.by_key.next(index)) {
      const TargetRow& row = table.rows[index];
      if (row.service != from.service || !from.facts.action.name.contains(row.api)) continue;
      visit_path(member.value, below_first_key(row), [&](JsonView value) {
        add(from, entity_of(from, row, from.reader.text(value)), source);
      });
    }
  }
}

void add_resources(Extraction& from) {
  static constexpr KeyTable<3> kMembers = model::make_key_table({"ARN", "arn", "ARNPrefix"});
  JsonView resources = from.fields[kResources];
  if (!resources.exists()) return;
  for (JsonView resource : resources.elements()) {
    Members<3> arns = from.reader.collect(resource, kMembers);
    for (size_t i = 0; i < 3; ++i) {
      if (!arns.has(i)) continue;
      add(from, model::aws_entity(from.reader.text(arns[i]), from.arena()),
          TargetSource::kResources);
    }
  }
}

}  // namespace

void extract_targets(Extraction& from) {
  add_resources(from);
  if (kServices.find(from.service) == kServices.kNone) return;
  add_rows(from, from.fields[kRequestParameters], kRequestRows, TargetSource::kRequest);
  add_rows(from, from.fields[kResponseElements], kResponseRows, TargetSource::kResponse);
}

}  // namespace stanch::normalize::aws
