#include <algorithm>
#include <chrono>
#include <utility>

#include "cloud/azure/credential_sources.h"
#include "cloud/invalid.h"
#include "cloud/jwt.h"
#include "cloud/text_file.h"
#include "codec/base64.h"
#include "codec/hash.h"
#include "codec/rsa.h"

// Applications that show Entra ID a secret, a certificate, or a token that somebody else gave them:
// OAuth 2 client credentials.

namespace stanch::cloud::azure {

namespace {

using codec::JsonValue;

constexpr size_t kCertificateBytesMax = size_t{256} << 10;
constexpr std::chrono::minutes kAssertionLasts{10};

using Form = std::vector<std::pair<std::string, std::string>>;

struct Application {
  std::string tenant, client_id, token_url;
};

Result<Application> application_of(env::Env env, const ChainOptions& options,
                                   const std::string& for_what) {
  Application application;
  application.tenant = options.tenant.empty() ? variable(env, "AZURE_TENANT_ID") : options.tenant;
  application.client_id = variable(env, "AZURE_CLIENT_ID");
  if (application.tenant.empty() || application.client_id.empty()) {
    return invalid(for_what + " is set without AZURE_TENANT_ID or AZURE_CLIENT_ID");
  }
  if (!is_tenant(application.tenant)) return invalid("the tenant of Azure is no name of one");
  if (!is_printable_word(application.client_id)) return invalid("AZURE_CLIENT_ID is no id");
  application.token_url = options.cloud.authority + "/" + application.tenant + "/oauth2/v2.0/token";
  return application;
}

FoundToken ask_entra(env::Env env, const Application& application, const std::string& audience,
                     const std::string& source, Form proof) {
  Secrets secrets;
  for (const auto& [name, value] : proof) {
    if (name == "client_secret" || name == "client_assertion") secrets.push_back(value);
  }
  Form form = {{"grant_type", "client_credentials"},
               {"client_id", application.client_id},
               {"scope", audience + "/.default"}};
  std::ranges::move(proof, std::back_inserter(form));
  TRY(Token token, ask_for_token(env, token_request(application.token_url, form),
                                 source + " of application " + application.client_id, secrets));
  return std::optional(std::move(token));
}

Form assertion(std::string token) {
  return {{"client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"},
          {"client_assertion", std::move(token)}};
}

// https://learn.microsoft.com/entra/identity-platform/certificate-credentials
Result<std::string> certificate_assertion(env::Env env, const Application& application,
                                          const std::string& path) {
  TRY(const std::string pem, read_text_file(env.files, path, kCertificateBytesMax));
  const auto key = codec::RsaSigningKey::parse_pem(pem);
  if (!key) return Error(key.error()).within(path);
  const auto certificate = codec::certificate_der_of_pem(pem);
  if (!certificate) return Error(certificate.error()).within(path);
  const codec::Sha256 thumbprint = codec::sha256(*certificate);
  std::array<uint8_t, 16> id{};
  env.random.fill(id);
  const Time now = env.clock.now();
  const auto unix_seconds = [](Time time) {
    return int64_t{std::chrono::floor<std::chrono::seconds>(time.time_since_epoch()).count()};
  };
  return sign_jwt(
      *key,
      {{"x5t#S256", JsonValue(codec::encode_base64url(
                        {reinterpret_cast<const char*>(thumbprint.data()), thumbprint.size()}))}},
      {{"aud", JsonValue(application.token_url)},
       {"iss", JsonValue(application.client_id)},
       {"sub", JsonValue(application.client_id)},
       {"jti", JsonValue(codec::to_hex(id))},
       {"nbf", JsonValue(unix_seconds(now))},
       {"exp", JsonValue(unix_seconds(now + kAssertionLasts))}});
}

}  // namespace

bool is_tenant(std::string_view text) {
  return !text.empty() && text.size() <= 253 && text.front() != '.' && text.front() != '-' &&
         !text.contains("..") && std::ranges::all_of(text, [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                  c == '-' || c == '.';
         });
}

FoundToken from_environment(env::Env env, const ChainOptions& options,
                            const std::string& audience) {
  const std::string secret = variable(env, "AZURE_CLIENT_SECRET");
  const std::string path = variable(env, "AZURE_CLIENT_CERTIFICATE_PATH");
  if (secret.empty() && path.empty()) return std::optional<Token>();
  if (!secret.empty() && !path.empty()) {
    return invalid("AZURE_CLIENT_SECRET and AZURE_CLIENT_CERTIFICATE_PATH are both set");
  }
  if (!secret.empty()) {
    TRY(const Application application, application_of(env, options, "AZURE_CLIENT_SECRET"));
    return ask_entra(env, application, audience, "secret", {{"client_secret", secret}});
  }
  TRY(const Application application, application_of(env, options, "AZURE_CLIENT_CERTIFICATE_PATH"));
  TRY(std::string signed_by_us, certificate_assertion(env, application, path));
  return ask_entra(env, application, audience, "certificate", assertion(std::move(signed_by_us)));
}

FoundToken from_federated_token(env::Env env, const ChainOptions& options,
                                const std::string& audience) {
  const std::string path = variable(env, "AZURE_FEDERATED_TOKEN_FILE");
  if (path.empty()) return std::optional<Token>();
  TRY(const Application application, application_of(env, options, "AZURE_FEDERATED_TOKEN_FILE"));
  TRY(std::string token, read_token_file(env.files, path));
  return ask_entra(env, application, audience, "federated token", assertion(std::move(token)));
}

}  // namespace stanch::cloud::azure
