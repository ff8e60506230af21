// What the operations of the scripted cloud do.

#include <fmt/format.h>

#include <algorithm>

#include "cloud/scripted_cloud.h"

namespace stanch::scenario {

namespace {

using codec::JsonValue;
using Object = JsonValue::Object;
using Array = JsonValue::Array;

struct Asked {
  const JsonValue& with;
  Things& things;
  std::string& refused;

  std::string text(std::string_view name) const { return with[name].text_or_empty(); }
  JsonValue refuse(const char* code) const {
    refused = code;
    return {};
  }
};

std::vector<std::string> texts_of(const JsonValue& list) {
  std::vector<std::string> texts;
  if (!list.is_array()) return texts;
  for (const JsonValue& each : list.array()) texts.push_back(each.text_or_empty());
  return texts;
}

JsonValue object(Object members) { return JsonValue(std::move(members)); }
JsonValue one(JsonValue value) {
  Array array;
  array.push_back(std::move(value));
  return JsonValue(std::move(array));
}

// ---- IAM

JsonValue key_last_used(const Asked& a) {
  const auto key = a.things.keys.find(a.text("AccessKeyId"));
  if (key == a.things.keys.end()) return a.refuse("NoSuchEntity");
  return object({{"UserName", JsonValue(key->second.user)},
                 {"AccessKeyLastUsed", object({{"ServiceName", JsonValue("s3")}})}});
}
JsonValue list_keys(const Asked& a) {
  if (!a.things.users.contains(a.text("UserName"))) return a.refuse("NoSuchEntity");
  Array keys;
  for (const auto& [id, key] : a.things.keys) {
    if (key.user != a.text("UserName")) continue;
    keys.push_back(object({{"AccessKeyId", JsonValue(id)}, {"Status", JsonValue(key.status)}}));
  }
  return object({{"AccessKeyMetadata", JsonValue(std::move(keys))}});
}
JsonValue update_key(const Asked& a) {
  const auto key = a.things.keys.find(a.text("AccessKeyId"));
  if (key == a.things.keys.end()) return a.refuse("NoSuchEntity");
  a.things.made += key->second.status != a.text("Status");
  key->second.status = a.text("Status");
  return object({});
}
JsonValue get_user(const Asked& a) {
  if (!a.things.users.contains(a.text("UserName"))) return a.refuse("NoSuchEntity");
  return object({{"User", object({{"UserName", JsonValue(a.text("UserName"))}})}});
}
JsonValue get_role(const Asked& a) {
  const auto role = a.things.roles.find(a.text("RoleName"));
  if (role == a.things.roles.end()) return a.refuse("NoSuchEntity");
  return object({{"Role", object({{"Path", JsonValue(role->second.path)}})}});
}
// Nobody has more than it was given.
JsonValue account_details(const Asked& a) {
  constexpr const char* kArn = "arn:aws:iam::111122223333:";
  Array users, roles;
  for (const auto& [name, user] : a.things.users) {
    users.push_back(object(
        {{"UserName", JsonValue(name)}, {"Arn", JsonValue(fmt::format("{}user/{}", kArn, name))}}));
  }
  for (const auto& [name, role] : a.things.roles) {
    roles.push_back(object({{"RoleName", JsonValue(name)},
                            {"Arn", JsonValue(fmt::format("{}role{}{}", kArn, role.path, name))}}));
  }
  return object({{"UserDetailList", JsonValue(std::move(users))},
                 {"RoleDetailList", JsonValue(std::move(roles))}});
}
template <typename Owners>
JsonValue get_policy(const Asked& a, Owners& owners, const char* owner) {
  const auto found = owners.find(a.text(owner));
  if (found == owners.end()) return a.refuse("NoSuchEntity");
  const auto policy = found->second.policies.find(a.text("PolicyName"));
  if (policy == found->second.policies.end()) return a.refuse("NoSuchEntity");
  return object({{"PolicyDocument", JsonValue(policy->second)}});
}
template <typename Owners>
JsonValue put_policy(const Asked& a, Owners& owners, const char* owner) {
  const auto found = owners.find(a.text(owner));
  if (found == owners.end()) return a.refuse("NoSuchEntity");
  std::string& document = found->second.policies[a.text("PolicyName")];
  a.things.made += document != a.text("PolicyDocument");
  document = a.text("PolicyDocument");
  return object({});
}
template <typename Owners>
JsonValue delete_policy(const Asked& a, Owners& owners, const char* owner) {
  const auto found = owners.find(a.text(owner));
  if (found == owners.end()) return a.refuse("NoSuchEntity");
  if (found->second.policies.erase(a.text("PolicyName")) == 0) return a.refuse("NoSuchEntity");
  ++a.things.made;
  return object({});
}

// ---- EC2

JsonValue describe_instances(const Asked& a) {
  const std::string id = texts_of(a.with["InstanceIds"]).at(0);
  const auto found = a.things.instances.find(id);
  if (found == a.things.instances.end()) return a.refuse("InvalidInstanceID.NotFound");
  Array interfaces, volumes;
  for (const auto& [name, interface] : a.things.interfaces) {
    if (interface.instance != id) continue;
    Array groups;
    for (const std::string& group : interface.groups) {
      groups.push_back(object({{"GroupId", JsonValue(group)}}));
    }
    interfaces.push_back(object({{"NetworkInterfaceId", JsonValue(name)},
                                 {"VpcId", JsonValue(found->second.vpc)},
                                 {"Groups", JsonValue(std::move(groups))}}));
  }
  for (const std::string& volume : found->second.volumes) {
    volumes.push_back(object({{"Ebs", object({{"VolumeId", JsonValue(volume)}})}}));
  }
  return object(
      {{"Reservations",
        one(object({{"Instances",
                     one(object({{"VpcId", JsonValue(found->second.vpc)},
                                 {"State", object({{"Name", JsonValue(found->second.standing)}})},
                                 {"NetworkInterfaces", JsonValue(std::move(interfaces))},
                                 {"BlockDeviceMappings", JsonValue(std::move(volumes))}}))}}))}});
}
std::string filter(const JsonValue& with, std::string_view name) {
  for (const JsonValue& each : with["Filters"].array()) {
    if (each["Name"].text_or_empty() == name) return texts_of(each["Values"]).at(0);
  }
  return "";
}
JsonValue describe_groups(const Asked& a) {
  Array groups;
  for (const auto& [id, group] : a.things.groups) {
    if (group.name != filter(a.with, "group-name") || group.vpc != filter(a.with, "vpc-id"))
      continue;
    Array out;
    Array v4, v6;
    if (group.has_egress) v4.push_back(object({{"CidrIp", JsonValue("0.0.0.0/0")}}));
    if (group.has_egress_v6) v6.push_back(object({{"CidrIpv6", JsonValue("::/0")}}));
    if (group.has_egress || group.has_egress_v6) {
      out.push_back(object({{"IpProtocol", JsonValue("-1")},
                            {"IpRanges", JsonValue(std::move(v4))},
                            {"Ipv6Ranges", JsonValue(std::move(v6))}}));
    }
    groups.push_back(object({{"GroupId", JsonValue(id)},
                             {"IpPermissions", JsonValue(Array())},
                             {"IpPermissionsEgress", JsonValue(std::move(out))}}));
  }
  return object({{"SecurityGroups", JsonValue(std::move(groups))}});
}
JsonValue create_group(const Asked& a) {
  for (const auto& [id, group] : a.things.groups) {
    if (group.name == a.text("GroupName") && group.vpc == a.text("VpcId")) {
      return a.refuse("InvalidGroup.Duplicate");
    }
  }
  const std::string id = fmt::format("sg-made-{}", ++a.things.made);
  a.things.groups[id] = {.name = a.text("GroupName"), .vpc = a.text("VpcId"), .has_egress = true};
  return object({{"GroupId", JsonValue(id)}});
}
JsonValue revoke_egress(const Asked& a) {
  const auto group = a.things.groups.find(a.text("GroupId"));
  if (group == a.things.groups.end()) return a.refuse("InvalidGroup.NotFound");
  const bool is_v6 = !a.with["IpPermissions"].array().at(0)["Ipv6Ranges"].is_null();
  bool& has_egress = is_v6 ? group->second.has_egress_v6 : group->second.has_egress;
  if (!has_egress) return a.refuse("InvalidPermission.NotFound");
  has_egress = false;
  ++a.things.made;
  return object({});
}
JsonValue delete_group(const Asked& a) {
  for (const auto& [id, interface] : a.things.interfaces) {
    const bool used =
        std::ranges::find(interface.groups, a.text("GroupId")) != interface.groups.end();
    if (used) return a.refuse("DependencyViolation");
  }
  if (a.things.groups.erase(a.text("GroupId")) == 0) return a.refuse("InvalidGroup.NotFound");
  ++a.things.made;
  return object({});
}
JsonValue modify_interface(const Asked& a) {
  const auto found = a.things.interfaces.find(a.text("NetworkInterfaceId"));
  if (found == a.things.interfaces.end()) return a.refuse("InvalidNetworkInterfaceID.NotFound");
  const std::vector<std::string> groups = texts_of(a.with["Groups"]);
  for (const std::string& group : groups) {
    if (!a.things.groups.contains(group)) return a.refuse("InvalidGroup.NotFound");
  }
  a.things.made += groups != found->second.groups;
  found->second.groups = groups;
  return object({});
}
JsonValue describe_snapshots(const Asked& a) {
  Array snapshots;
  for (const auto& [id, snapshot] : a.things.snapshots) {
    for (const auto& [key, value] : snapshot.tags) {
      if (filter(a.with, "tag:" + key) != value) continue;
      snapshots.push_back(object({{"SnapshotId", JsonValue(id)},
                                  {"VolumeId", JsonValue(snapshot.volume)},
                                  {"State", JsonValue(snapshot.state)}}));
      break;
    }
  }
  return object({{"Snapshots", JsonValue(std::move(snapshots))}});
}
JsonValue create_snapshots(const Asked& a) {
  const std::string id = a.with["InstanceSpecification"]["InstanceId"].text_or_empty();
  const auto found = a.things.instances.find(id);
  if (found == a.things.instances.end()) return a.refuse("InvalidInstanceID.NotFound");
  std::map<std::string, std::string> tags;
  for (const JsonValue& tag : a.with["TagSpecifications"].array().at(0)["Tags"].array()) {
    tags[tag["Key"].text_or_empty()] = tag["Value"].text_or_empty();
  }
  for (const std::string& volume : found->second.volumes) {
    a.things.snapshots[fmt::format("snap-{}", ++a.things.made)] = {.volume = volume, .tags = tags};
  }
  return object({});
}

// ---- Auto Scaling

JsonValue describe_scaling_instances(const Asked& a) {
  const std::string id = texts_of(a.with["InstanceIds"]).at(0);
  const auto found = a.things.instances.find(id);
  Array list;
  if (found != a.things.instances.end() && !found->second.scaling_group.empty()) {
    list.push_back(object({{"InstanceId", JsonValue(id)},
                           {"AutoScalingGroupName", JsonValue(found->second.scaling_group)},
                           {"LifecycleState", JsonValue("InService")}}));
  }
  return object({{"AutoScalingInstances", JsonValue(std::move(list))}});
}
JsonValue describe_scaling_groups(const Asked&) {
  return object({{"AutoScalingGroups", one(object({{"DesiredCapacity", JsonValue(int64_t{2})},
                                                   {"MinSize", JsonValue(int64_t{1})},
                                                   {"MaxSize", JsonValue(int64_t{4})}}))}});
}
JsonValue detach(const Asked& a) {
  const std::string id = texts_of(a.with["InstanceIds"]).at(0);
  Instance& instance = a.things.instances[id];
  if (instance.scaling_group != a.text("AutoScalingGroupName")) return a.refuse("ValidationError");
  instance.scaling_group.clear();
  // A clean one in its place.
  a.things.instances[fmt::format("i-replacement-{}", ++a.things.made)] = {
      .scaling_group = a.text("AutoScalingGroupName"), .volumes = {}};
  return object({});
}
JsonValue attach(const Asked& a) {
  Instance& instance = a.things.instances[texts_of(a.with["InstanceIds"]).at(0)];
  a.things.made += instance.scaling_group != a.text("AutoScalingGroupName");
  instance.scaling_group = a.text("AutoScalingGroupName");
  return object({});
}

// ---- S3, CloudTrail

JsonValue get_block(const Asked& a) {
  const auto bucket = a.things.buckets.find(a.text("Bucket"));
  if (bucket == a.things.buckets.end()) return a.refuse("NoSuchBucket");
  if (bucket->second.empty()) return a.refuse("NoSuchPublicAccessBlockConfiguration");
  codec::JsonParser parser;
  return object({{"PublicAccessBlockConfiguration", JsonValue::of(parser.parse(bucket->second))}});
}
JsonValue put_block(const Asked& a) {
  std::string& settings = a.things.buckets[a.text("Bucket")];
  const std::string wanted = to_json(a.with["PublicAccessBlockConfiguration"]);
  a.things.made += settings != wanted;
  settings = wanted;
  return object({});
}
JsonValue delete_block(const Asked& a) {
  std::string& settings = a.things.buckets[a.text("Bucket")];
  a.things.made += !settings.empty();
  settings.clear();
  return object({});
}
JsonValue get_trail(const Asked& a) {
  if (!a.things.trails.contains(a.text("Name"))) return a.refuse("TrailNotFoundException");
  return object({{"Trail", object({{"TrailARN", JsonValue(a.text("Name"))}})}});
}
JsonValue trail_status(const Asked& a) {
  if (!a.things.trails.contains(a.text("Name"))) return a.refuse("TrailNotFoundException");
  return object({{"IsLogging", JsonValue(a.things.trails.at(a.text("Name")))}});
}
JsonValue start_logging(const Asked& a) {
  bool& logging = a.things.trails[a.text("Name")];
  a.things.made += !logging;
  logging = true;
  return object({});
}

struct Row {
  const char* name;
  bool writes;
  JsonValue (*perform)(const Asked&);
};
constexpr Row kRows[] = {
    {"iam.GetAccessKeyLastUsed", false, key_last_used},
    {"iam.ListAccessKeys", false, list_keys},
    {"iam.UpdateAccessKey", true, update_key},
    {"iam.GetUser", false, get_user},
    {"iam.GetAccountAuthorizationDetails", false, account_details},
    {"iam.GetRole", false, get_role},
    {"iam.GetUserPolicy", false,
     [](const Asked& a) { return get_policy(a, a.things.users, "UserName"); }},
    {"iam.PutUserPolicy", true,
     [](const Asked& a) { return put_policy(a, a.things.users, "UserName"); }},
    {"iam.DeleteUserPolicy", true,
     [](const Asked& a) { return delete_policy(a, a.things.users, "UserName"); }},
    {"iam.GetRolePolicy", false,
     [](const Asked& a) { return get_policy(a, a.things.roles, "RoleName"); }},
    {"iam.PutRolePolicy", true,
     [](const Asked& a) { return put_policy(a, a.things.roles, "RoleName"); }},
    {"iam.DeleteRolePolicy", true,
     [](const Asked& a) { return delete_policy(a, a.things.roles, "RoleName"); }},
    {"ec2.DescribeInstances", false, describe_instances},
    {"ec2.DescribeSecurityGroups", false, describe_groups},
    {"ec2.CreateSecurityGroup", true, create_group},
    {"ec2.RevokeSecurityGroupEgress", true, revoke_egress},
    {"ec2.DeleteSecurityGroup", true, delete_group},
    {"ec2.ModifyNetworkInterfaceAttribute", true, modify_interface},
    {"ec2.DescribeSnapshots", false, describe_snapshots},
    {"ec2.CreateSnapshots", true, create_snapshots},
    {"autoscaling.DescribeAutoScalingInstances", false, describe_scaling_instances},
    {"autoscaling.DescribeAutoScalingGroups", false, describe_scaling_groups},
    {"autoscaling.DetachInstances", true, detach},
    {"autoscaling.AttachInstances", true, attach},
    {"s3.GetPublicAccessBlock", false, get_block},
    {"s3.PutPublicAccessBlock", true, put_block},
    {"s3.DeletePublicAccessBlock", true, delete_block},
    {"cloudtrail.GetTrail", false, get_trail},
    {"cloudtrail.GetTrailStatus", false, trail_status},
    {"cloudtrail.StartLogging", true, start_logging},
};

}  // namespace

bool is_write(const std::string& operation) {
  const auto row = std::ranges::find(kRows, operation, &Row::name);
  return row != std::end(kRows) && row->writes;
}

JsonValue perform(const std::string& operation, const JsonValue& with, Things& things,
                  std::string& refused) {
  const auto row = std::ranges::find(kRows, operation, &Row::name);
  if (row != std::end(kRows)) return row->perform({with, things, refused});
  refused = "UnknownOperation";
  return {};
}

}  // namespace stanch::scenario
