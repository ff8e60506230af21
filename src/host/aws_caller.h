#pragma once

#include <memory>
#include <optional>
#include <set>
#include <string>

#include "base/result.h"
#include "cloud/call.h"
#include "env/env.h"

namespace stanch::host {

struct AwsOptions {
  std::string profile;  // "" for the usual chain of credentials
  // What the names of our three roles begin with, which are assumed in every account: "stanch" for
  // stanch-read, stanch-evidence, stanch-respond; that, or "stanch-…". "": the credentials do all,
  // in their own account alone.
  std::string roles;
  std::string external_id;      // that the trust of these roles asks for; ""
  std::string source_identity;  // shown in CloudTrail: the incident
};

// Who calls AWS.
struct AwsIdentity {
  std::string account, arn;
  std::string entity;         // "aws:role/111122223333/stanch-respond"
  std::set<std::string> own;  // entity ids that must never be contained: it, its key, account
  std::string roles;          // AwsOptions::roles

  // The same, with what it is in that account.
  std::set<std::string> own_in(const std::string& of) const;
  // Entity of what signs a call there.
  std::string signer(const std::string& of, cloud::Duty duty) const;
};

struct AwsCaller {
  std::unique_ptr<cloud::Caller> caller;
  AwsIdentity identity;
  AwsOptions options = {};  // that it was opened with
};

// Finds credentials, and asks AWS whose they are. `env` must outlive it.
Result<AwsCaller> open_aws(env::Env env, const AwsOptions& options);

// Where those are asked that any region answers for.
std::string home_region(env::Variables& variables);

// Why that role cannot be assumed there, just as calls assume it; nothing if it can. Asks STS each
// time, and keeps nothing of the session that it gives. Requires roles.
std::optional<cloud::Refusal> role_refusal(env::Env env, const AwsCaller& aws,
                                           const std::string& account, cloud::Duty duty);

}  // namespace stanch::host
