#include <chrono>
#include <utility>

#include "cloud/ask.h"
#include "cloud/encode_uri.h"
#include "cloud/gcp/credential_sources.h"
#include "cloud/invalid.h"
#include "cloud/own_endpoint.h"

// https://cloud.google.com/compute/docs/access/authenticate-workloads#applications

namespace stanch::cloud::gcp {

namespace {

constexpr const char* kPath = "/computeMetadata/v1/instance/service-accounts/default/token?scopes=";

// Other providers have services of theirs at the same address.
bool is_of_google(const env::HttpResponse& response) {
  const std::string* flavor = response.find_header("metadata-flavor");
  return flavor != nullptr && *flavor == "Google";
}

}  // namespace

FoundToken from_metadata(env::Env env, const ChainOptions& options, const std::string& scopes) {
  const std::string own = env.variables.find("GCE_METADATA_HOST").value_or("");
  TRY(const std::string endpoint,
      check_endpoint("GCE_METADATA_HOST", "http://" + (own.empty() ? "169.254.169.254" : own)));
  std::string listed = scopes;
  for (char& c : listed) c = c == ' ' ? ',' : c;
  env::HttpRequest request{.url = endpoint + kPath + encode_uri(listed)};
  request.headers = {{"Metadata-Flavor", "Google"}};
  request.connect_within = std::chrono::seconds(1);
  request.within = std::chrono::seconds(10);
  request.response_bytes_max = size_t{256} << 10;
  request.plain_http = true;
  auto response = env.http.send(request);
  // Nobody is there: most machines are no instances.
  if (!response && response.error().code() == ErrorCode::kUnavailable) {
    return std::optional<Token>();
  }
  const bool may_pass = !response ? response.error().code() == ErrorCode::kUnknownOutcome
                                  : response->status == 429 || response->status >= 500;
  if (may_pass) response = ask(env, request);
  if (!response) return std::move(response).error().within("the metadata server");
  if (!is_of_google(*response)) return std::optional<Token>();
  if (response->status == 404) return std::optional<Token>();  // it has no service account
  if (!options.subject.empty()) return invalid("only a key of a service account acts for a person");
  TRY(Token token, read_token(*response, env.clock.now(), "the metadata server", {}));
  return std::optional(std::move(token));
}

}  // namespace stanch::cloud::gcp
