#include "host/aws_caller.h"

#include <fmt/format.h>

#include <map>
#include <utility>

#include "cloud/aws/client.h"
#include "cloud/aws/credentials.h"
#include "cloud/aws/sts.h"
#include "model/aws_entity.h"

namespace stanch::host {

namespace {

using cloud::Duty;
using cloud::aws::CredentialCache;
using cloud::aws::Credentials;

constexpr const char* kHomeRegion = "us-east-1";
constexpr const char* kSessionName = "stanch";
constexpr Duty kDuties[] = {Duty::kRead, Duty::kEvidence, Duty::kRespond};

std::string role_name(const std::string& roles, Duty duty) {
  return fmt::format("{}-{}", roles, name_of(duty));
}

std::string role_arn(const std::string& partition, const std::string& account,
                     const std::string& roles, Duty duty) {
  return fmt::format("arn:{}:iam::{}:role/{}", partition, account, role_name(roles, duty));
}

std::string partition_of(const AwsIdentity& identity) {
  const auto arn = model::parse_arn(identity.arn);
  return arn ? std::string(arn->partition) : "aws";
}

std::string role_entity(const std::string& roles, Duty duty, const std::string& account) {
  TextArena arena;
  return std::string(
      model::aws_entity(model::AwsType::kRole, role_name(roles, duty), {.account = account}, arena)
          .text);
}

// Credentials of each account: our own, or the role's there.
class Accounts {
 public:
  Accounts(env::Env env, AwsOptions options)
      : env_(env),
        options_(std::move(options)),
        monitor_(env.threads.monitor()),
        ours_(env.clock, env.threads, [this] {
          return cloud::aws::load_credentials(env_, {.profile = options_.profile, .region = ""});
        }) {}

  Result<Credentials> of(const std::string& account, Duty duty) {
    if (account.empty() || own_account_.empty()) return ours_.get();
    if (!options_.roles.empty()) return cache_of(account, duty).get();
    if (account == own_account_) return ours_.get();
    return Error(ErrorCode::kDenied,
                 fmt::format("these credentials are of account {}, not of {}; --roles says which "
                             "roles to assume there",
                             own_account_, account));
  }
  void set_own(std::string account, std::string partition) {
    own_account_ = std::move(account);
    partition_ = std::move(partition);
  }
  Result<Credentials> ours() { return ours_.get(); }

 private:
  CredentialCache& cache_of(const std::string& account, Duty duty) {
    env::MonitorLock lock(*monitor_);
    auto& cache = assumed_[{account, duty}];
    if (cache == nullptr) {
      cache = std::make_unique<CredentialCache>(
          env_.clock, env_.threads, [this, account, duty]() -> Result<Credentials> {
            TRY(const Credentials as, ours_.get());
            return cloud::aws::assume_role(
                env_, as,
                {.role_arn = role_arn(partition_, account, options_.roles, duty),
                 .session_name = kSessionName,
                 .external_id = options_.external_id,
                 .source_identity = options_.source_identity},
                {.region = home_region(env_.variables)});
          });
    }
    return *cache;
  }

  env::Env env_;
  AwsOptions options_;
  std::unique_ptr<env::Monitor> monitor_;  // of assumed_
  std::string own_account_, partition_ = "aws";
  CredentialCache ours_;
  std::map<std::pair<std::string, Duty>, std::unique_ptr<CredentialCache>> assumed_;
};

// The client with what it needs.
class Caller : public cloud::Caller {
 public:
  Caller(env::Env env, const AwsOptions& options)
      : accounts_(env, options),
        client_(env, {.credentials = [this](const std::string& account, Duty duty) {
                  return accounts_.of(account, duty);
                }}) {}

  cloud::Called call(const cloud::Call& call) override { return client_.call(call); }
  Duration signature_holds(const cloud::Call& call) const override {
    return client_.signature_holds(call);
  }
  Accounts& accounts() { return accounts_; }

 private:
  Accounts accounts_;
  cloud::aws::Client client_;
};

}  // namespace

std::set<std::string> AwsIdentity::own_in(const std::string& of) const {
  std::set<std::string> all = own;
  if (roles.empty()) return all;
  for (const Duty duty : kDuties) all.insert(role_entity(roles, duty, of));
  return all;
}

std::string AwsIdentity::signer(const std::string& of, Duty duty) const {
  return roles.empty() ? entity : role_entity(roles, duty, of);
}

Result<AwsCaller> open_aws(env::Env env, const AwsOptions& options) {
  // What spares ourselves, here and in policies that we write, goes by this beginning.
  if (!options.roles.empty() && options.roles != "stanch" &&
      !options.roles.starts_with("stanch-")) {
    return Error(
        ErrorCode::kInvalid,
        fmt::format("--roles {}: the names of the roles begin with stanch", options.roles));
  }
  auto caller = std::make_unique<Caller>(env, options);
  TRY(const Credentials ours, caller->accounts().ours());
  const cloud::Called called =
      caller->call({.service = "sts",
                    .operation = "GetCallerIdentity",
                    .region = home_region(env.variables),
                    .parameters = codec::JsonValue(codec::JsonValue::Object())});
  if (!called.answer) return Error(called.refusal.code, called.refusal.message);
  AwsIdentity identity{.account = called.answer->value["Account"].text_or_empty(),
                       .arn = called.answer->value["Arn"].text_or_empty(),
                       .entity = {},
                       .own = {},
                       .roles = options.roles};
  TextArena arena;
  identity.entity = model::aws_entity(identity.arn, arena).text;
  using enum model::AwsType;
  identity.own = {identity.entity};
  for (const auto& [type, name] :
       {std::pair(kAccessKey, ours.access_key_id), std::pair(kAccount, identity.account)}) {
    identity.own.emplace(model::aws_entity(type, name, {}, arena).text);
  }
  caller->accounts().set_own(identity.account, partition_of(identity));
  return AwsCaller{std::move(caller), std::move(identity), options};
}

std::string home_region(env::Variables& variables) {
  return variables.find("AWS_REGION").value_or(kHomeRegion);
}

std::optional<cloud::Refusal> role_refusal(env::Env env, const AwsCaller& aws,
                                           const std::string& account, Duty duty) {
  const AwsOptions& options = aws.options;
  codec::JsonValue::Object parameters = {
      {"RoleArn",
       codec::JsonValue(role_arn(partition_of(aws.identity), account, options.roles, duty))},
      {"RoleSessionName", codec::JsonValue(kSessionName)}};
  if (!options.external_id.empty()) {
    parameters.emplace("ExternalId", codec::JsonValue(options.external_id));
  }
  if (!options.source_identity.empty()) {
    parameters.emplace("SourceIdentity", codec::JsonValue(options.source_identity));
  }
  // Without an account it is signed by our own credentials, as is whatever assumes a role.
  cloud::Called called = aws.caller->call({.service = "sts",
                                           .operation = "AssumeRole",
                                           .region = home_region(env.variables),
                                           .parameters = codec::JsonValue(std::move(parameters))});
  if (called.answer) return std::nullopt;
  // What STS says may repeat what it was sent.
  if (!options.external_id.empty() && called.refusal.message.contains(options.external_id)) {
    called.refusal.message = "(not shown: the external id is in it)";
  }
  return called.refusal;
}

}  // namespace stanch::host
