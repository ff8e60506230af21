#include <algorithm>
#include <chrono>
#include <utility>

#include "cloud/gcp/credential_sources.h"
#include "cloud/gcp/endpoint.h"
#include "cloud/invalid.h"
#include "cloud/jwt.h"
#include "cloud/text_file.h"
#include "codec/json.h"
#include "codec/rsa.h"

// Credentials in a file, and the keys of service accounts.

namespace stanch::cloud::gcp {

namespace {

using codec::JsonValue;

constexpr size_t kFileBytesMax = size_t{64} << 10;
constexpr const char* kFileVariable = "GOOGLE_APPLICATION_CREDENTIALS";

// Of a file; it may hold another one, on top of which it is.
Result<Token> token_of_file(env::Env env, const JsonValue& file, const ChainOptions& options,
                            const std::string& scopes, bool may_nest) {
  const std::string& type = file["type"].text_or_empty();
  if (type == "service_account") return token_of_key(env, file, options.subject, scopes);
  if (!options.subject.empty()) return invalid("only a key of a service account acts for a person");
  if (type == "external_account") {
    const std::string& url = file["service_account_impersonation_url"].text_or_empty();
    TRY(Token token, token_of_federation(env, file, url.empty() ? scopes : kCloudScope));
    if (url.empty()) return token;
    TRY(check_google_url("service_account_impersonation_url", url));
    return impersonate(env, token, {.url = url, .delegates = {}}, scopes);
  }
  if (type == "impersonated_service_account" && may_nest) {
    Impersonation whom{.url = file["service_account_impersonation_url"].text_or_empty(),
                       .delegates = {}};
    TRY(check_google_url("service_account_impersonation_url", whom.url));
    if (file["delegates"].is_array()) {
      for (const JsonValue& each : file["delegates"].array()) {
        whom.delegates.push_back(each.text_or_empty());
      }
    }
    TRY(const Token token,
        token_of_file(env, file["source_credentials"], options, kCloudScope, false));
    return impersonate(env, token, whom, scopes);
  }
  if (type == "authorized_user") return invalid("these are the credentials of a person");
  return invalid("its type is none that is known");
}

}  // namespace

FoundToken from_file(env::Env env, const ChainOptions& options, const std::string& scopes) {
  const std::string path = env.variables.find(kFileVariable).value_or("");
  if (path.empty()) return std::optional<Token>();
  TRY(const std::string text, read_text_file(env.files, path, kFileBytesMax));
  codec::JsonParser parser;
  const codec::JsonView view = parser.parse(text);
  if (!view || !view.is_object()) return invalid(path + ": it is no JSON object");
  auto token = token_of_file(env, JsonValue::of(view), options, scopes, true);
  if (!token) return std::move(token).error().within(path);
  return std::optional(*std::move(token));
}

// https://developers.google.com/identity/protocols/oauth2/service-account#httprest
Result<Token> token_of_key(env::Env env, const JsonValue& file, const std::string& subject,
                           const std::string& scopes) {
  constexpr std::chrono::hours kAssertionLasts{1};
  const std::string& email = file["client_email"].text_or_empty();
  const std::string& url = file["token_uri"].text_or_empty();
  if (!is_printable_word(email)) return invalid("there is no client_email");
  TRY(check_google_url("token_uri", url));
  TRY(const codec::RsaSigningKey key,
      codec::RsaSigningKey::parse_pem(file["private_key"].text_or_empty()));
  const auto now = std::chrono::floor<std::chrono::seconds>(env.clock.now().time_since_epoch());
  JsonValue::Object header;
  if (const std::string& id = file["private_key_id"].text_or_empty(); !id.empty()) {
    header.emplace("kid", JsonValue(id));
  }
  JsonValue::Object claims{{"iss", JsonValue(email)},
                           {"scope", JsonValue(scopes)},
                           {"aud", JsonValue(url)},
                           {"iat", JsonValue(int64_t{now.count()})},
                           {"exp", JsonValue(int64_t{(now + kAssertionLasts).count()})}};
  if (!subject.empty()) claims.emplace("sub", JsonValue(subject));
  const std::string assertion = sign_jwt(key, std::move(header), claims);
  return ask_for_token(
      env,
      token_request(url, {{"grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer"},
                          {"assertion", assertion}}),
      "key of " + email + (subject.empty() ? "" : " for " + subject), {assertion});
}

}  // namespace stanch::cloud::gcp
