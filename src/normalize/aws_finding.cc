#include "normalize/aws_finding.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "normalize/aws_cloudtrail.h"

namespace stanch::normalize::aws {

using codec::JsonView;
using model::ActorType;
using model::AwsType;

JsonView member_of(JsonView object, std::string_view name) {
  const JsonView found = object[name];
  std::array<char, 64> other;
  if (found || name.empty() || name.size() > other.size()) return found;
  std::ranges::copy(name, other.begin());
  if (other[0] >= 'a' && other[0] <= 'z') other[0] = static_cast<char>(other[0] - 'a' + 'A');
  return object[std::string_view(other.data(), name.size())];
}

std::optional<Time> time_of(JsonReader& read, JsonView value) {
  if (!value.exists()) return {};
  if (!value.is_number()) return parse_aws_time(read.text(value));
  constexpr double kMillisecondsFrom = 1e11, kMillisecondsMax = 9e12;  // what a Time holds
  double number = value.as_double().value_or(-1);
  if (number < kMillisecondsFrom) number *= 1000;
  if (!(number >= 0) || number > kMillisecondsMax) return {};
  return Time(std::chrono::milliseconds(std::llround(number)));
}

std::string_view id_of_state(JsonView id, JsonView changed, std::string& scratch) {
  std::string whole, time;
  whole = text_of(id, scratch);
  if (whole.empty()) return {};
  if (changed.exists()) time = changed.is_number() ? changed.raw() : text_of(changed, scratch);
  if (!time.empty()) whole += '/' + time;
  scratch = std::move(whole);
  return scratch;
}

void Finding::set_place(std::string_view account, std::string_view region) {
  facts_.cloud = "aws";
  facts_.account = account;
  facts_.region = region;
}

model::AwsPlace Finding::place() const {
  return {.partition = model::aws_partition(facts_.region),
          .account = facts_.account,
          .region = facts_.region};
}

void Finding::add_resource(std::string_view id, model::TargetSource source) {
  constexpr std::string_view kKey = "AWS::IAM::AccessKey:", kAccount = "AWS::::Account:";
  model::EntityRef entity;
  if (id.starts_with(kKey)) {
    entity = aws_entity(AwsType::kAccessKey, id.substr(kKey.size()), place(), arena());
  } else if (id.starts_with(kAccount) || model::is_aws_account(id)) {
    const std::string_view account = id.starts_with(kAccount) ? id.substr(kAccount.size()) : id;
    if (model::is_aws_account(account)) {
      entity = aws_entity(AwsType::kAccount, account, place(), arena());
    }
  } else if (id.starts_with("arn:")) {
    entity = model::aws_entity(id, arena());
  } else {
    entity = aws_entity(AwsType::kEc2, id, place(), arena());
  }
  targets_.add(entity, source);
}

void Finding::add_resource(AwsType type, std::string_view name) {
  targets_.add(aws_entity(type, name, place(), arena()), model::TargetSource::kResources);
}

void Finding::add_target_address(std::string_view address) {
  targets_.add(model::ip_entity(address, arena()), model::TargetSource::kResources);
}

void Finding::set_principal(const Principal& principal) {
  model::Actor& actor = facts_.actor;
  const bool is_named = !principal.name.empty() || !principal.id.empty();
  if (actor.type != ActorType::kUnknown || (!is_named && principal.access_key.empty())) return;
  actor.account = facts_.account;
  actor.user_name = principal.name;
  actor.principal_id = principal.id;
  const std::string_view type = principal.type;
  if (type == "IAMUser") {
    actor.type = ActorType::kUser;
    actor.entity = aws_entity(AwsType::kUser, principal.name, place(), arena());
  } else if (type == "AssumedRole" || type == "Role") {
    actor.type = ActorType::kRole;
    actor.entity = aws_entity(AwsType::kRole, principal.name, place(), arena());
  } else if (type == "Root") {
    actor.type = ActorType::kRoot;
    actor.entity = aws_entity(AwsType::kRoot, {}, place(), arena());
  } else if (type == "FederatedUser") {
    actor.type = ActorType::kFederatedUser;
    actor.entity = aws_entity(AwsType::kFederatedUser, principal.name, place(), arena());
  } else if (type == "AWSAccount") {
    actor.type = ActorType::kAccount;
    actor.account = {};  // another one, which is not said
  } else if (type == "AWSService") {
    actor.type = ActorType::kService;
    actor.entity = aws_entity(AwsType::kService, principal.name, place(), arena());
  } else if (type == "Directory") {
    actor.type = ActorType::kDirectory;
  }
  if (!principal.access_key.empty()) set_credential(principal.access_key);
  model::Credential& credential = facts_.credential;
  // "AROA…:i-0123456789abcdef0": the session, which of an instance's role is the instance.
  const size_t colon = principal.id.find(':');
  if (actor.type != ActorType::kRole || colon == principal.id.npos) return;
  credential.issuer = actor.entity;
  credential.session_name = principal.id.substr(colon + 1);
  if (credential.session_name.starts_with("i-")) {
    credential.issued_to = aws_entity(AwsType::kEc2, credential.session_name, place(), arena());
  }
}

void Finding::set_credential(std::string_view access_key) {
  model::Credential& credential = facts_.credential;
  credential.access_key_id = access_key;
  credential.entity = aws_entity(AwsType::kAccessKey, access_key, place(), arena());
  if (access_key.starts_with("AKIA")) credential.lifetime = model::CredentialLifetime::kLongLived;
  if (access_key.starts_with("ASIA")) credential.lifetime = model::CredentialLifetime::kTemporary;
}

void Finding::set_source(std::string_view address) {
  if (!facts_.source.address.empty()) return;
  facts_.source.entity = model::ip_entity(address, arena());
  if (!facts_.source.entity.empty()) facts_.source.address = address;
}

void Finding::set_error(std::string_view code) {
  if (code.empty()) return;
  facts_.error_code = code;
  facts_.outcome = is_denial(code) ? model::Outcome::kDenied : model::Outcome::kFailed;
}

}  // namespace stanch::normalize::aws
