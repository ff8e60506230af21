#include "respond/target.h"

#include <fmt/format.h>

#include "base/text_arena.h"
#include "codec/hash.h"
#include "model/aws_entity.h"
#include "model/entity_parts.h"

namespace stanch::respond {

namespace {

using codec::JsonValue;
using model::AwsType;

constexpr std::string_view kOwn = "stanch-";
constexpr std::string_view kMarkKey = "stanch:mark", kIncidentKey = "stanch:incident";

// Resources whose operations take an ARN: what stands between account and name there.
struct ArnForm {
  std::string_view type, service, before_name;
};
constexpr ArnForm kArns[] = {
    {"aws:trail", "cloudtrail", "trail/"},
    {"aws:kms-key", "kms", "key/"},
    {"aws:function", "lambda", "function:"},
};

JsonValue tag(std::string_view key, std::string_view value) {
  JsonValue::Object object;
  object.emplace("Key", JsonValue(key));
  object.emplace("Value", JsonValue(value));
  return JsonValue(std::move(object));
}

}  // namespace

Result<std::string> entity_named(std::string_view typed) {
  TextArena arena;
  const model::EntityRef entity = model::canonical_aws_entity(typed, arena);
  if (!entity.empty()) return std::string(entity.text);
  return Error(ErrorCode::kInvalid,
               fmt::format("'{}' is no entity id; name it by its ARN, or as aws:user/ACCOUNT/NAME, "
                           "aws:access-key/ID, aws:instance/ACCOUNT/ID",
                           typed));
}

Result<Target> placed(Target target) {
  if (const auto arn = model::parse_arn(target.entity)) {
    if (!arn->account.empty()) target.account = arn->account;
    if (!arn->region.empty()) target.region = arn->region;
  }
  TRY(target.entity, entity_named(target.entity));
  const auto parts = model::split_entity(target.entity);
  if (!parts) {
    return Error(ErrorCode::kInvalid,
                 fmt::format("the name of {} is too long for anything of AWS", target.entity));
  }
  const auto is_type = [&](AwsType type) { return parts->type == word_of(type); };
  // Scopes that begin with no account are the partition of a bucket, and what some are below.
  if (is_type(AwsType::kAccount) || is_type(AwsType::kRoot)) {
    target.account = parts->name;
  } else if (!parts->scope.empty() && model::is_aws_account(parts->scope[0])) {
    target.account = parts->scope[0];
  }
  if (parts->scope.size() > 1 && parts->scope[1] != "-") target.region = parts->scope[1];
  if (target.account.empty()) {
    return Error(ErrorCode::kInvalid,
                 fmt::format("nothing says in which account {} is; --account does", target.entity));
  }
  return target;
}

JsonValue target_value(const Target& target) {
  const auto parts = model::split_entity(target.entity);
  if (!parts) return {};
  const std::string_view partition = model::aws_partition(target.region);
  JsonValue::Object object;
  const auto add = [&](const char* name, std::string_view value) {
    if (!value.empty()) object.emplace(name, JsonValue(value));
  };
  add("id", target.entity);
  add("type", parts->type);
  add("name", parts->name);
  add("account", target.account);
  add("region", target.region);
  add("partition", partition);
  const bool is_below = parts->scope.size() > 2 ||
                        parts->type == word_of(AwsType::kIdentityCenterUser) ||
                        parts->type == word_of(AwsType::kPermissionSet);
  if (is_below && !parts->scope.empty()) add("parent", parts->scope.back());
  for (const ArnForm& form : kArns) {
    if (form.type != parts->type) continue;
    add("arn", fmt::format("arn:{}:{}:{}:{}:{}{}", partition, form.service, target.region,
                           target.account, form.before_name, parts->name));
  }
  return JsonValue(std::move(object));
}

JsonValue given_value(const Target& target) {
  JsonValue::Object object;
  for (const auto& [name, value] : target.given) object.emplace(name, JsonValue(value));
  return JsonValue(std::move(object));
}

JsonValue incident_value(const model::IncidentId& incident) {
  JsonValue::Object object;
  object.emplace("id", JsonValue(incident.text()));
  return JsonValue(std::move(object));
}

JsonValue own_value(const model::IncidentId& incident, const std::string& action,
                    const Target& target) {
  const auto unique_to = [&](std::string_view whose) {
    codec::Sha256Fields fields;
    fields.add(whose).add(action).add(target.entity).add(target.account).add(target.region);
    for (const auto& [name, value] : target.given) fields.add(name).add(value);
    const codec::Sha256 hash = fields.finish();
    return codec::to_base32(std::span(hash).first(10));
  };
  const std::string unique = unique_to(incident.text());
  constexpr size_t kVerbMax = 64 - kOwn.size() - 1 - codec::base32_size(10);
  const std::string_view verb = std::string_view(action).substr(action.rfind('.') + 1);
  const std::string mark = fmt::format("{}/{}", incident.text(), unique);
  JsonValue::Object object;
  const auto name = [&](std::string_view suffix) {
    return JsonValue(fmt::format("{}{}-{}", kOwn, verb.substr(0, kVerbMax), suffix));
  };
  object.emplace("name", name(unique));
  object.emplace("shared_name", name(unique_to("")));
  JsonValue::Object of_mark;
  of_mark.emplace("key", JsonValue(kMarkKey));
  of_mark.emplace("value", JsonValue(mark));
  object.emplace("mark", JsonValue(std::move(of_mark)));
  JsonValue::Array tags;
  tags.push_back(tag(kMarkKey, mark));
  tags.push_back(tag(kIncidentKey, incident.text()));
  object.emplace("tags", JsonValue(std::move(tags)));
  return JsonValue(std::move(object));
}

}  // namespace stanch::respond
