#include "cloud/azure/credentials.h"

#include <utility>

#include "cloud/azure/credential_sources.h"

namespace stanch::cloud::azure {

Result<Token> load_token(env::Env env, const ChainOptions& options, const std::string& audience) {
  using Source = FoundToken (*)(env::Env, const ChainOptions&, const std::string&);
  constexpr Source kSources[] = {from_cli, from_environment, from_federated_token, from_app_service,
                                 from_instance};
  for (const Source source : kSources) {
    TRY(std::optional<Token> found, source(env, options, audience));
    if (found) return *std::move(found);
  }
  return Error(ErrorCode::kNotFound,
               "no Azure credentials: there are none in the environment, a federated token, App "
               "Service or the instance");
}

}  // namespace stanch::cloud::azure
