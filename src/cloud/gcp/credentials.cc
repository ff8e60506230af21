#include "cloud/gcp/credentials.h"

#include <optional>
#include <utility>

#include "cloud/gcp/credential_sources.h"
#include "cloud/invalid.h"

namespace stanch::cloud::gcp {

Result<Token> load_token(env::Env env, const ChainOptions& options, const std::string& scopes) {
  const bool becomes_another = !options.impersonate.empty();
  if (becomes_another && !options.subject.empty()) {
    return invalid("only a key of a service account acts for a person, not one that was assumed");
  }
  const std::string own_scopes = becomes_another ? kCloudScope : scopes;
  TRY(std::optional<Token> found, from_file(env, options, own_scopes));
  if (!found) {
    TRY(found, from_metadata(env, options, own_scopes));
  }
  if (!found) {
    return Error(ErrorCode::kNotFound,
                 "no Google credentials: GOOGLE_APPLICATION_CREDENTIALS is not set, and there is "
                 "no metadata server");
  }
  if (!becomes_another) return *std::move(found);
  TRY(Impersonation whom, impersonation_of(env, options.impersonate));
  whom.delegates = options.delegates;
  return impersonate(env, *found, whom, scopes);
}

}  // namespace stanch::cloud::gcp
