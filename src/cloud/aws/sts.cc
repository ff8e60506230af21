#include "cloud/aws/sts.h"

#include <algorithm>
#include <optional>
#include <string_view>

#include "cloud/ask.h"
#include "cloud/aws/endpoint.h"
#include "cloud/aws/read_answer.h"
#include "cloud/aws/signing.h"
#include "cloud/encode_uri.h"
#include "cloud/invalid.h"
#include "cloud/shown_text.h"
#include "codec/timestamp.h"
#include "codec/xml.h"

namespace stanch::cloud::aws {
namespace {

constexpr size_t kPolicyBytesMax = 2048;  // what STS takes
constexpr size_t kTagsMax = 50;

// "arn:aws:iam::123456789012:role/path/name"
bool is_role_arn(std::string_view arn) {
  return arn.size() <= 2048 && arn.starts_with("arn:") && arn.contains(":iam::") &&
         arn.contains(":role/") &&
         std::ranges::all_of(arn, [](char c) { return c > ' ' && c <= '~'; });
}

bool is_session_name(std::string_view name) {
  return name.size() >= 2 && name.size() <= 64 && std::ranges::all_of(name, [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                  std::string_view("+=,.@-_").contains(c);
         });
}

Result<> check(const RoleSession& session) {
  if (!is_role_arn(session.role_arn)) return invalid("the role is no ARN of an IAM role");
  if (!is_session_name(session.session_name)) {
    return invalid("a session name has 2 to 64 letters, digits and +=,.@-_");
  }
  if (!session.source_identity.empty() && !is_session_name(session.source_identity)) {
    return invalid("a source identity has 2 to 64 letters, digits and +=,.@-_");
  }
  const bool lasts_well =
      session.lasts == Duration::zero() ||
      (session.lasts >= std::chrono::minutes(15) && session.lasts <= std::chrono::hours(12));
  if (!lasts_well) return invalid("a session lasts 15 minutes to 12 hours");
  if (session.policy.size() > kPolicyBytesMax) return invalid("the session policy is too long");
  if (session.tags.size() > kTagsMax) return invalid("a session has at most 50 tags");
  return {};
}

std::string form_of(std::string_view action, const RoleSession& session,
                    const std::vector<std::pair<std::string, std::string>>& more) {
  std::string form = "Action=" + std::string(action) + "&Version=2011-06-15";
  const auto add = [&](std::string_view name, std::string_view value) {
    if (!value.empty()) form.append("&").append(name).append("=").append(encode_uri(value));
  };
  add("RoleArn", session.role_arn);
  add("RoleSessionName", session.session_name);
  if (session.lasts != Duration::zero()) {
    const auto seconds = std::chrono::floor<std::chrono::seconds>(session.lasts);
    add("DurationSeconds", std::to_string(seconds.count()));
  }
  add("Policy", session.policy);
  for (const auto& [name, value] : more) add(name, value);
  return form;
}

ErrorCode code_of(int status, std::string_view name) {
  if (name.contains("Throttl") || name == "RequestLimitExceeded" || status == 429) {
    return ErrorCode::kThrottled;
  }
  if (status >= 500 || name == "IDPCommunicationError") return ErrorCode::kUnavailable;
  for (const std::string_view denied :
       {"AccessDenied", "ExpiredToken", "ExpiredTokenException", "InvalidClientTokenId",
        "InvalidIdentityToken", "IDPRejectedClaim", "SignatureDoesNotMatch",
        "RegionDisabledException", "UnrecognizedClientException"}) {
    if (name == denied) return ErrorCode::kDenied;
  }
  return status == 401 || status == 403 ? ErrorCode::kDenied : ErrorCode::kInvalid;
}

Error error_of(const env::HttpResponse& response, const std::vector<std::string>& secrets) {
  const ServiceError error = read_xml_error(response.body);
  const std::string name = shown_text(error.code, secrets);
  std::string text = "STS answers " + std::to_string(response.status);
  if (!name.empty()) {
    text += " " + name + ": " + shown_text(error.message, secrets);
  }
  return {code_of(response.status, name), std::move(text)};
}

// <AssumeRoleResponse><AssumeRoleResult><Credentials>…; both actions have the last of these.
const codec::XmlElement* find_credentials(const codec::XmlElement& answer) {
  for (const codec::XmlElement& result : answer.children) {
    if (const codec::XmlElement* found = result.find("Credentials")) return found;
  }
  return nullptr;
}

Result<Credentials> read(const env::HttpResponse& response, const RoleSession& session) {
  Credentials credentials;
  credentials.source = "role " + session.role_arn;
  const auto answer = codec::parse_xml(response.body);
  if (const auto* said = answer ? find_credentials(*answer) : nullptr) {
    credentials.access_key_id = said->text_of("AccessKeyId");
    credentials.secret_access_key = said->text_of("SecretAccessKey");
    credentials.session_token = said->text_of("SessionToken");
    credentials.expires = codec::parse_timestamp(said->text_of("Expiration"));
  }
  const bool whole = !credentials.access_key_id.empty() && !credentials.secret_access_key.empty() &&
                     !credentials.session_token.empty() && credentials.expires;
  if (!whole) return Error(ErrorCode::kUnavailable, "STS answers without credentials");
  return credentials;
}

using Finish = std::function<Result<>(env::HttpRequest&)>;

Result<Credentials> ask_sts(env::Env env, std::string form, const RoleSession& session,
                            const StsOptions& options, const Finish& finish,
                            const std::vector<std::string>& secrets) {
  TRY(const std::string endpoint, endpoint_of(env.variables, "sts", options.region));
  env::HttpRequest request{.method = "POST", .url = endpoint + "/", .body = std::move(form)};
  request.headers = {{"Content-Type", "application/x-www-form-urlencoded; charset=utf-8"}};
  request.plain_http = endpoint.starts_with("http://");
  request.connect_within = std::chrono::seconds(5);
  request.within = std::chrono::seconds(20);
  request.response_bytes_max = size_t{1} << 20;
  TRY(const env::HttpResponse response, ask(env, request, finish));
  if (response.status != 200) return error_of(response, secrets);
  return read(response, session);
}

}  // namespace

Result<Credentials> assume_role(env::Env env, const Credentials& as, const RoleSession& session,
                                const StsOptions& options) {
  const auto in_words = [&](Error error) {
    return std::move(error).within("cannot become " + session.role_arn);
  };
  if (auto checked = check(session); !checked) return in_words(std::move(checked).error());
  std::vector<std::pair<std::string, std::string>> more = {
      {"ExternalId", session.external_id}, {"SourceIdentity", session.source_identity}};
  std::string form = form_of("AssumeRole", session, more);
  for (size_t i = 0; i < session.tags.size(); ++i) {
    // The value of a tag may be empty; it is there nevertheless.
    const std::string member = "&Tags.member." + std::to_string(i + 1);
    form.append(member).append(".Key=").append(encode_uri(session.tags[i].first));
    form.append(member).append(".Value=").append(encode_uri(session.tags[i].second));
  }
  // Signed anew for each attempt: an old signature may no longer be good.
  const Finish finish = [&](env::HttpRequest& request) {
    return sign(request, as,
                {.region = options.region,
                 .service = "sts",
                 .when = env.clock.now() + options.clock_ahead});
  };
  const std::vector<std::string> secrets = {as.secret_access_key, as.session_token,
                                            session.external_id};
  auto result = ask_sts(env, std::move(form), session, options, finish, secrets);
  if (!result) return in_words(std::move(result).error());
  return result;
}

Result<Credentials> assume_role_with_web_identity(env::Env env, const std::string& token,
                                                  const RoleSession& session,
                                                  const StsOptions& options) {
  const auto in_words = [&](Error error) {
    return std::move(error).within("cannot become " + session.role_arn);
  };
  if (auto checked = check(session); !checked) return in_words(std::move(checked).error());
  std::string form = form_of("AssumeRoleWithWebIdentity", session, {{"WebIdentityToken", token}});
  const Finish finish = [](env::HttpRequest&) { return Result<>(); };
  auto result = ask_sts(env, std::move(form), session, options, finish, {token});
  if (!result) return in_words(std::move(result).error());
  return result;
}

}  // namespace stanch::cloud::aws
