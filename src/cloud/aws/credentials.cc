#include "cloud/aws/credentials.h"

#include "cloud/aws/credential_sources.h"

namespace stanch::cloud::aws {

Result<Credentials> load_credentials(env::Env env, const ChainOptions& options) {
  using Source = Found (*)(env::Env, const ChainOptions&);
  // A profile that was asked for by name comes before what happens to be in the environment.
  constexpr Source kSources[] = {from_environment, from_profile, from_web_identity, from_container,
                                 from_instance};
  for (const Source source : kSources) {
    if (source == from_environment && !options.profile.empty()) continue;
    TRY(std::optional<Credentials> found, source(env, options));
    if (found) return *std::move(found);
  }
  return Error(ErrorCode::kNotFound,
               "no AWS credentials: there are none in the environment, the profile, a web "
               "identity, the container or the instance");
}

CredentialCache::CredentialCache(env::Clock& clock, env::Threads& threads, Load load)
    : clock_(clock), load_(std::move(load)), monitor_(threads.monitor()) {}

CredentialCache::~CredentialCache() = default;

bool CredentialCache::is_good_for(Duration duration, Time now) const {
  return current_ && (!current_->expires || *current_->expires - now > duration);
}

Result<Credentials> CredentialCache::get() {
  {
    const env::MonitorLock lock(*monitor_);
    for (;;) {
      const Time now = clock_.now();
      if (is_good_for(kRenewBefore, now)) return *current_;
      const bool tried_just_now = tried_ && clock_.steady() - *tried_ < kTryEvery;
      if (is_good_for(kUsableFor, now) && (renewing_ || tried_just_now)) return *current_;
      if (!renewing_) break;
      const uint64_t before = attempts_;
      while (attempts_ == before) monitor_->wait();
      if (failure_) return *failure_;
    }
    renewing_ = true;
  }
  return renew();
}

Result<Credentials> CredentialCache::renew() {
  Result<Credentials> loaded = load_();
  const Time now = clock_.now();
  const Steady tried = clock_.steady();
  const env::MonitorLock lock(*monitor_);
  renewing_ = false;
  tried_ = tried;
  ++attempts_;
  failure_.reset();
  monitor_->notify_all();
  if (!loaded) {
    if (is_good_for(kUsableFor, now)) return *current_;
    failure_ = std::move(loaded).error();
    return *failure_;
  }
  // A metadata service in trouble goes on giving the last ones. Ours may be better.
  const bool ends_sooner =
      current_ && current_->expires && loaded->expires && *loaded->expires < *current_->expires;
  if (!ends_sooner) current_ = *std::move(loaded);
  if (is_good_for(kUsableFor, now)) return *current_;
  failure_ =
      Error(ErrorCode::kUnavailable, "the AWS credentials of " + current_->source + " have ended");
  return *failure_;
}

}  // namespace stanch::cloud::aws
