#include <chrono>
#include <utility>

#include "cloud/ask.h"
#include "cloud/azure/credential_sources.h"
#include "cloud/encode_uri.h"
#include "cloud/invalid.h"
#include "cloud/own_endpoint.h"
#include "codec/json.h"

// Tokens from the services that answer next to us: of App Service and of a virtual machine. Neither
// is reached through a proxy.

namespace stanch::cloud::azure {

namespace {

constexpr const char* kInstanceHost = "http://169.254.169.254";
constexpr const char* kInstancePath = "/metadata/identity/oauth2/token?api-version=2018-02-01";

env::HttpRequest token_question(std::string url, const std::string& audience,
                                const std::string& client_id, env::HttpHeader header) {
  url += "&resource=" + encode_uri(audience);
  if (!client_id.empty()) url += "&client_id=" + encode_uri(client_id);
  env::HttpRequest request{.url = std::move(url)};
  request.headers = {std::move(header), {"Accept", "application/json"}};
  request.connect_within = std::chrono::seconds(1);
  request.within = std::chrono::seconds(10);
  request.response_bytes_max = size_t{256} << 10;
  request.plain_http = true;
  return request;
}

// Whether those are words of Azure: other providers have services of theirs at the same address,
// and most machines none.
bool is_from_azure(const env::HttpResponse& response) {
  codec::JsonParser parser(codec::JsonParser::Texts::kFew);
  const codec::JsonView said = parser.parse(response.body);
  return response.status == 200 || response.status == 429 || response.status >= 500 ||
         (said && said["error"].exists());
}

}  // namespace

// https://learn.microsoft.com/azure/app-service/overview-managed-identity#rest-endpoint-reference
FoundToken from_app_service(env::Env env, const ChainOptions&, const std::string& audience) {
  const std::string endpoint = variable(env, "IDENTITY_ENDPOINT");
  const std::string header = variable(env, "IDENTITY_HEADER");
  if (endpoint.empty()) return std::optional<Token>();
  if (header.empty()) {
    return invalid(variable(env, "IMDS_ENDPOINT").empty()
                       ? "IDENTITY_ENDPOINT is set without IDENTITY_HEADER"
                       : "the identity of a machine of Azure Arc is not supported");
  }
  TRY(const std::string checked, check_endpoint("IDENTITY_ENDPOINT", endpoint));
  const env::HttpRequest request =
      token_question(checked + "?api-version=2019-08-01", audience,
                     variable(env, "AZURE_CLIENT_ID"), {"X-IDENTITY-HEADER", header});
  TRY(Token token, ask_for_token(env, request, "App Service", {header}));
  return std::optional(std::move(token));
}

// https://learn.microsoft.com/entra/identity/managed-identities-azure-resources/how-to-use-vm-token
FoundToken from_instance(env::Env env, const ChainOptions&, const std::string& audience) {
  TRY(const auto own, own_endpoint(env.variables, "AZURE_POD_IDENTITY_AUTHORITY_HOST"));
  const std::string client_id = variable(env, "AZURE_CLIENT_ID");
  env::HttpRequest request = token_question(own.value_or(kInstanceHost) + kInstancePath, audience,
                                            client_id, {"Metadata", "true"});
  auto response = env.http.send(request);
  // Nobody is there: most machines are no instances.
  if (!response && response.error().code() == ErrorCode::kUnavailable) {
    return std::optional<Token>();
  }
  const bool may_pass =
      !response ? response.error().code() == ErrorCode::kUnknownOutcome
                : response->status == 429 || response->status == 410 || response->status >= 500;
  if (may_pass) response = ask(env, request);
  if (!response) return std::move(response).error().within("the instance's metadata service");
  if (!is_from_azure(*response)) return std::optional<Token>();
  // "Identity not found": it has none, unless somebody named one.
  if (response->status == 400 && client_id.empty() &&
      response->body.contains("Identity not found")) {
    return std::optional<Token>();
  }
  TRY(Token token, read_token(*response, env.clock.now(), "the instance's identity", {}));
  return std::optional(std::move(token));
}

}  // namespace stanch::cloud::azure
