#include <algorithm>
#include <utility>

#include "cloud/ask.h"
#include "cloud/encode_uri.h"
#include "cloud/gcp/credential_sources.h"
#include "cloud/gcp/endpoint.h"
#include "cloud/invalid.h"
#include "cloud/text_file.h"
#include "codec/json.h"
#include "codec/timestamp.h"

// https://cloud.google.com/iam/docs/reference/credentials/rest/v1/projects.serviceAccounts/generateAccessToken

namespace stanch::cloud::gcp {

namespace {

using codec::JsonValue;

// "name@project.iam.gserviceaccount.com", or the number of an account.
bool is_service_account(std::string_view text) {
  return !text.empty() && text.size() <= 254 && text != "." && text != ".." &&
         std::ranges::all_of(text, [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
                  c == '@' || c == ':';
         });
}

std::string account_in(const std::string& url) {
  const size_t begin = url.rfind('/') + 1;
  return url.substr(begin, url.find(':', begin) - begin);
}

}  // namespace

Result<Impersonation> impersonation_of(env::Env env, const std::string& account) {
  if (!is_service_account(account)) return invalid("that is no service account to become");
  TRY(const std::string endpoint, endpoint_of(env.variables, "iamcredentials.googleapis.com"));
  return Impersonation{.url = endpoint + "/v1/projects/-/serviceAccounts/" + encode_uri(account) +
                              ":generateAccessToken",
                       .delegates = {}};
}

Result<Token> impersonate(env::Env env, const Token& as, const Impersonation& whom,
                          const std::string& scopes) {
  JsonValue::Array scope, delegates;
  for (size_t begin = 0; begin < scopes.size();) {
    const size_t end = std::min(scopes.find(' ', begin), scopes.size());
    scope.push_back(JsonValue(scopes.substr(begin, end - begin)));
    begin = end + 1;
  }
  for (const std::string& each : whom.delegates) {
    const bool is_name = each.starts_with("projects/");
    const std::string account = is_name ? each.substr(each.rfind('/') + 1) : each;
    if (!is_service_account(account)) return invalid("a delegate is no service account");
    delegates.push_back(JsonValue("projects/-/serviceAccounts/" + account));
  }
  JsonValue::Object body{{"scope", JsonValue(std::move(scope))}, {"lifetime", JsonValue("3600s")}};
  if (!delegates.empty()) body.emplace("delegates", JsonValue(std::move(delegates)));
  env::HttpRequest request = token_request(whom.url, {});
  request.headers = {{"Content-Type", "application/json"},
                     {"Accept", "application/json"},
                     {"Authorization", "Bearer " + as.value}};
  request.body = codec::to_json(JsonValue(std::move(body)));
  const std::string source = account_in(whom.url) + " by " + as.source;
  auto response = ask(env, request);
  if (!response) return std::move(response).error().within(source);
  if (response->status != 200) {
    return read_token(*response, env.clock.now(), source, {as.value});
  }
  return read_impersonated(response->body, source);
}

Result<Token> read_impersonated(const std::string& body, const std::string& source) {
  codec::JsonParser parser(codec::JsonParser::Texts::kFew);
  const codec::JsonView said = parser.parse(body);
  Token token;
  token.source = source;
  if (said) {
    token.value = said["accessToken"].string_or_empty();
    token.expires = codec::parse_timestamp(said["expireTime"].string_or_empty());
  }
  if (!is_printable_word(token.value) || !token.expires) {
    return Error(ErrorCode::kUnavailable, source + ": the answer holds no token that lasts");
  }
  return token;
}

}  // namespace stanch::cloud::gcp
