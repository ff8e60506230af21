#include <algorithm>
#include <chrono>
#include <utility>

#include "cloud/ask.h"
#include "cloud/aws/credential_sources.h"
#include "cloud/aws/endpoint.h"
#include "cloud/aws/signing.h"
#include "cloud/encode_uri.h"
#include "cloud/gcp/credential_sources.h"
#include "cloud/gcp/endpoint.h"
#include "cloud/invalid.h"
#include "cloud/text_file.h"
#include "codec/json.h"
#include "codec/trimmed.h"

// Workload identity federation (https://google.aip.dev/auth/4117): whoever trusts somebody else's
// word for who we are takes that for a token of Google.

namespace stanch::cloud::gcp {

namespace {

using codec::JsonValue;

constexpr size_t kSubjectBytesMax = size_t{256} << 10;

Result<std::string> text_at_url(env::Env env, const JsonValue& source) {
  env::HttpRequest request{.url = source["url"].text_or_empty()};
  if (source["headers"].is_object()) {
    for (const auto& [name, value] : source["headers"].object()) {
      request.headers.push_back({name, value.text_or_empty()});
    }
  }
  request.connect_within = std::chrono::seconds(5);
  request.within = std::chrono::seconds(20);
  request.response_bytes_max = kSubjectBytesMax;
  request.plain_http = true;  // to a service next to us; nowhere else it is let
  auto response = ask(env, request);
  if (!response) return std::move(response).error().within("credential_source");
  if (response->status != 200) {
    const bool may_pass = response->status == 429 || response->status >= 500;
    return Error(may_pass ? ErrorCode::kUnavailable : ErrorCode::kDenied,
                 "credential_source answers " + std::to_string(response->status));
  }
  return std::move(response->body);
}

// https://google.aip.dev/auth/4117, "Determining the subject token in AWS": a request to STS that
// says who signed it. Google sends it.
Result<std::string> signed_for_aws(env::Env env, const std::string& audience) {
  TRY(const aws::Credentials credentials, aws::load_credentials(env, {}));
  TRY(const std::string region, aws::region_of(env, {}));
  if (!aws::is_region(region)) return invalid("the region of AWS is no name of one");
  const std::string host = "sts." + region + ".amazonaws.com";
  env::HttpRequest request{
      .method = "POST",
      .url = "https://" + host + "?Action=GetCallerIdentity&Version=2011-06-15",
      .headers = {{"x-goog-cloud-target-resource", audience}}};
  TRY(aws::sign(request, credentials,
                {.region = region, .service = "sts", .when = env.clock.now()}));
  JsonValue::Array headers;
  const auto add = [&](const std::string& name, const std::string& value) {
    headers.push_back(
        JsonValue(JsonValue::Object{{"key", JsonValue(name)}, {"value", JsonValue(value)}}));
  };
  add("host", host);
  for (const env::HttpHeader& header : request.headers) add(header.name, header.value);
  return encode_uri(
      codec::to_json(JsonValue(JsonValue::Object{{"url", JsonValue(request.url)},
                                                 {"method", JsonValue(request.method)},
                                                 {"headers", JsonValue(std::move(headers))}})));
}

Result<std::string> subject_token(env::Env env, const JsonValue& file) {
  const JsonValue& source = file["credential_source"];
  if (!source["executable"].is_null() || !source["certificate"].is_null()) {
    return invalid("credential_source: no program is run, and certificates are not supported");
  }
  if (source["environment_id"].is_string()) {
    if (source["environment_id"].string() != "aws1") {
      return invalid("credential_source: its environment is not supported");
    }
    return signed_for_aws(env, file["audience"].text_or_empty());
  }
  if (source["file"].is_string()) {
    TRY(const std::string text,
        read_text_file(env.files, source["file"].string(), kSubjectBytesMax));
    return subject_token_in(text, source["format"]);
  }
  if (!source["url"].is_string()) return invalid("there is no credential_source that is known");
  TRY(const std::string text, text_at_url(env, source));
  return subject_token_in(text, source["format"]);
}

}  // namespace

Result<std::string> subject_token_in(const std::string& text, const JsonValue& format) {
  const std::string& type = format["type"].text_or_empty();
  std::string token(codec::trimmed(text));
  if (type == "json") {
    codec::JsonParser parser(codec::JsonParser::Texts::kFew);
    const codec::JsonView said = parser.parse(text);
    token = said ? said[format["subject_token_field_name"].text_or_empty()].string_or_empty() : "";
  } else if (!type.empty() && type != "text") {
    return invalid("credential_source: the format of its token is not known");
  }
  if (!is_printable_word(token)) return invalid("credential_source: there is no token");
  return token;
}

Result<Token> token_of_federation(env::Env env, const JsonValue& file, const std::string& scopes) {
  const std::string& url = file["token_url"].text_or_empty();
  const std::string& audience = file["audience"].text_or_empty();
  if (!is_printable_word(audience)) return invalid("there is no audience");
  TRY(check_google_url("token_url", url));
  TRY(const std::string subject, subject_token(env, file));
  return ask_for_token(
      env,
      token_request(url, {{"grant_type", "urn:ietf:params:oauth:grant-type:token-exchange"},
                          {"audience", audience},
                          {"scope", scopes},
                          {"requested_token_type", "urn:ietf:params:oauth:token-type:access_token"},
                          {"subject_token", subject},
                          {"subject_token_type", file["subject_token_type"].text_or_empty()}}),
      "workload identity " + audience, {subject});
}

}  // namespace stanch::cloud::gcp
