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

}  // namespace stanch::cloud::aws
