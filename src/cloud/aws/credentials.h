#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/result.h"
#include "base/time.h"
#include "env/env.h"

// Who we are to AWS. Secrets are in Credentials alone: no error and no text made here has any.

namespace stanch::cloud::aws {

struct Credentials {
  std::string access_key_id;
  std::string secret_access_key;
  std::string session_token;    // "" for long-lived ones
  std::optional<Time> expires;  // the end of a session
  std::string source;           // for people: "profile prod", "instance role web"
};

struct ChainOptions {
  std::string profile;  // "" for AWS_PROFILE, and without one "default"
  std::string region;   // where STS is asked; "" for AWS_REGION, AWS_DEFAULT_REGION, profile
  std::string session_name = "stanch";  // of roles that are assumed on the way
  Duration clock_ahead = {};            // how far AWS's clock is ahead of ours
};

// Asks the sources in turn: environment, profile, web identity, container, instance. The first
// that is set up here decides: if it fails, that is the error, and no other identity is taken.
// kNotFound if none is.
Result<Credentials> load_credentials(env::Env env, const ChainOptions& options);

// Credentials that are renewed before they end. Any thread; one renews, the others go on with
// what there is or wait. It must outlive the calls, `clock` and `threads` must outlive it.
class CredentialCache {
 public:
  using Load = std::function<Result<Credentials>()>;

  // Renewing begins so long before the end. Metadata services give new ones 5 minutes before.
  static constexpr Duration kRenewBefore = std::chrono::minutes(5);
  // What ends sooner is not given out: the call that it is for takes time.
  static constexpr Duration kUsableFor = std::chrono::minutes(1);
  // Between two attempts, while the old ones are still good.
  static constexpr Duration kTryEvery = std::chrono::seconds(30);

  CredentialCache(env::Clock& clock, env::Threads& threads, Load load);
  ~CredentialCache();
  CredentialCache(const CredentialCache&) = delete;
  CredentialCache& operator=(const CredentialCache&) = delete;

  // The error of loading them, if there are none that are good for another while. kUnavailable
  // if the source gives only what has ended.
  Result<Credentials> get();

 private:
  bool is_good_for(Duration duration, Time now) const;
  Result<Credentials> renew();

  env::Clock& clock_;
  const Load load_;
  // One renews at a time, and those who wait for it share what comes of it. Not held while loading.
  std::unique_ptr<env::Monitor> monitor_;
  std::optional<Credentials> current_;
  std::optional<Error> failure_;  // of the last attempt
  std::optional<Steady> tried_;
  uint64_t attempts_ = 0;  // that have ended
  bool renewing_ = false;
};

}  // namespace stanch::cloud::aws
