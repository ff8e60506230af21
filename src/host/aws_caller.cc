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

using cloud::aws::CredentialCache;
using cloud::aws::Credentials;

constexpr const char* kHomeRegion = "us-east-1";

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

  Result<Credentials> of(const std::string& account) {
    if (account.empty() || account == own_account_ || own_account_.empty()) return ours_.get();
    if (options_.role.empty()) {
      return Error(ErrorCode::kDenied,
                   fmt::format("these credentials are of account {}, not of {}; --role names the "
                               "role to assume there",
                               own_account_, account));
    }
    return cache_of(account).get();
  }
  void set_own(std::string account, std::string partition) {
    own_account_ = std::move(account);
    partition_ = std::move(partition);
  }
  Result<Credentials> ours() { return ours_.get(); }

 private:
  CredentialCache& cache_of(const std::string& account) {
    env::MonitorLock lock(*monitor_);
    auto& cache = others_[account];
    if (cache == nullptr) {
      cache = std::make_unique<CredentialCache>(
          env_.clock, env_.threads, [this, account]() -> Result<Credentials> {
            TRY(const Credentials as, ours_.get());
            return cloud::aws::assume_role(
                env_, as,
                {.role_arn =
                     fmt::format("arn:{}:iam::{}:role/{}", partition_, account, options_.role),
                 .session_name = "stanch",
                 .source_identity = options_.source_identity},
                {.region = region()});
          });
    }
    return *cache;
  }
  std::string region() const {
    const auto named = env_.variables.find("AWS_REGION");
    return named.value_or(kHomeRegion);
  }

  env::Env env_;
  AwsOptions options_;
  std::unique_ptr<env::Monitor> monitor_;  // of others_
  std::string own_account_, partition_ = "aws";
  CredentialCache ours_;
  std::map<std::string, std::unique_ptr<CredentialCache>> others_;
};

// The client with what it needs.
class Caller : public cloud::Caller {
 public:
  Caller(env::Env env, const AwsOptions& options)
      : accounts_(env, options), client_(env, {.credentials = [this](const std::string& account) {
                                           return accounts_.of(account);
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
  TextArena arena;
  const model::EntityRef there =
      model::aws_entity(model::AwsType::kRole, role, {.account = of}, arena);
  if (!there.empty()) all.emplace(there.text);
  return all;
}

Result<AwsCaller> open_aws(env::Env env, const AwsOptions& options) {
  auto caller = std::make_unique<Caller>(env, options);
  TRY(const Credentials ours, caller->accounts().ours());
  const std::string region = env.variables.find("AWS_REGION").value_or(kHomeRegion);
  const cloud::Called called =
      caller->call({.service = "sts",
                    .operation = "GetCallerIdentity",
                    .region = region,
                    .parameters = codec::JsonValue(codec::JsonValue::Object())});
  if (!called.answer) return Error(called.refusal.code, called.refusal.message);
  AwsIdentity identity{.account = called.answer->value["Account"].text_or_empty(),
                       .arn = called.answer->value["Arn"].text_or_empty(),
                       .entity = {},
                       .own = {},
                       .role = options.role};
  TextArena arena;
  const auto arn = model::parse_arn(identity.arn);
  identity.entity = model::aws_entity(identity.arn, arena).text;
  identity.own = {
      identity.entity,
      std::string(
          model::aws_entity(model::AwsType::kAccessKey, ours.access_key_id, {}, arena).text)};
  caller->accounts().set_own(identity.account, arn ? std::string(arn->partition) : "aws");
  return AwsCaller{std::move(caller), std::move(identity)};
}

}  // namespace stanch::host
