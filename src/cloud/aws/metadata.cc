#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>

#include "cloud/ask.h"
#include "cloud/aws/credential_sources.h"
#include "cloud/invalid.h"
#include "cloud/own_endpoint.h"
#include "cloud/text_file.h"
#include "codec/json.h"
#include "codec/network.h"
#include "codec/timestamp.h"

// Credentials from the services that answer next to us: of a container (ECS, EKS) and of an
// instance (EC2). Neither is reached through a proxy, and what they say is never shown.

namespace stanch::cloud::aws {
namespace {

constexpr std::string_view kContainerHost = "http://169.254.170.2";
// To which a full URI may lead without TLS, beside this host.
constexpr std::string_view kPlainHosts[] = {"169.254.170.2", "169.254.170.23", "fd00:ec2::23"};
constexpr std::string_view kInstanceHost = "http://169.254.169.254";
constexpr std::string_view kInstanceHostIPv6 = "http://[fd00:ec2::254]";
constexpr std::string_view kRolesPath = "/latest/meta-data/iam/security-credentials/";
constexpr std::string_view kTokenLasts = "21600";  // seconds; the longest there is

env::HttpRequest request_of(std::string method, std::string url) {
  env::HttpRequest request{.method = std::move(method), .url = std::move(url)};
  request.connect_within = std::chrono::seconds(1);
  request.within = std::chrono::seconds(5);
  request.response_bytes_max = size_t{64} << 10;
  request.plain_http = true;
  return request;
}

// Both services answer with one form of JSON.
Found read(const std::string& body, std::string source) {
  codec::JsonParser parser(codec::JsonParser::Texts::kFew);
  const codec::JsonView json = parser.parse(body);
  const std::string code = json["Code"].string_or_empty();
  Credentials credentials;
  credentials.access_key_id = json["AccessKeyId"].string_or_empty();
  credentials.secret_access_key = json["SecretAccessKey"].string_or_empty();
  credentials.session_token = json["Token"].string_or_empty();
  credentials.expires = codec::parse_timestamp(json["Expiration"].string_or_empty());
  const bool whole = (code.empty() || code == "Success") && !credentials.access_key_id.empty() &&
                     !credentials.secret_access_key.empty() && !credentials.session_token.empty() &&
                     credentials.expires;
  if (!whole) {
    return Error(ErrorCode::kUnavailable, source + ": the answer holds no whole credentials");
  }
  credentials.source = std::move(source);
  return std::optional(std::move(credentials));
}

Error error_of_status(int status, std::string_view what) {
  const ErrorCode code = status == 429                    ? ErrorCode::kThrottled
                         : status >= 500                  ? ErrorCode::kUnavailable
                         : status == 401 || status == 403 ? ErrorCode::kDenied
                                                          : ErrorCode::kInvalid;
  return {code, std::string(what) + " answers " + std::to_string(status)};
}

Result<> check_full_uri(const std::string& uri) {
  TRY(const env::HttpUrl url, env::parse_http_url(uri));
  if (url.tls || url.host == "localhost") return {};
  const auto address = codec::parse_address(url.host);
  const auto loopback = codec::parse_network("127.0.0.0/8").value();
  const bool here =
      address && (codec::is_inside(*address, loopback) || *address == codec::parse_address("::1"));
  const bool known = address && std::ranges::any_of(kPlainHosts, [&](std::string_view host) {
                       return *address == codec::parse_address(host);
                     });
  if (here || known) return {};
  return Error(ErrorCode::kDenied,
               "plain HTTP leads to neither this host nor the container services of AWS");
}

Result<std::string> container_token(env::Env env) {
  const std::string file = variable(env, "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE");
  if (!file.empty()) return read_token_file(env.files, file);
  std::string token = variable(env, "AWS_CONTAINER_AUTHORIZATION_TOKEN");
  // "Basic dXNlcjpw": a space may be inside.
  const bool fits = std::ranges::all_of(token, [](char c) { return c >= ' ' && c <= '~'; });
  if (!fits) return invalid("AWS_CONTAINER_AUTHORIZATION_TOKEN is no value of a header");
  return token;
}

// A role's name stands in a path that we ask for.
bool is_role_name(std::string_view name) {
  return !name.empty() && name.size() <= 64 && name != "." && name != ".." &&
         std::ranges::all_of(name, [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                  std::string_view("+=,.@-_").contains(c);
         });
}

Result<std::string> instance_endpoint(env::Env env) {
  TRY(std::optional<std::string> own,
      own_endpoint(env.variables, "AWS_EC2_METADATA_SERVICE_ENDPOINT"));
  if (own) return *std::move(own);
  std::string mode = variable(env, "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE");
  for (char& c : mode) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  if (mode.empty() || mode == "ipv4") return std::string(kInstanceHost);
  if (mode == "ipv6") return std::string(kInstanceHostIPv6);
  return invalid("AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE is neither IPv4 nor IPv6");
}

// The token without which version 2 says nothing; nothing if there is no such service.
Result<std::optional<std::string>> instance_token(env::Env env, const std::string& endpoint) {
  env::HttpRequest request = request_of("PUT", endpoint + "/latest/api/token");
  request.headers = {{"X-aws-ec2-metadata-token-ttl-seconds", std::string(kTokenLasts)}};
  request.within = std::chrono::seconds(2);
  auto answer = env.http.send(request);
  if (!answer && answer.error().code() == ErrorCode::kUnavailable) {
    // Nobody is there: most machines are no instances.
    return std::optional<std::string>();
  }
  if (!answer && answer.error().code() == ErrorCode::kUnknownOutcome) answer = ask(env, request);
  if (!answer) {
    return Error(answer.error().code(),
                 "the instance's metadata service gives no token: " + answer.error().message() +
                     "; in a container its hop limit (HttpPutResponseHopLimit) must be 2");
  }
  if (answer->status != 200) {
    return error_of_status(answer->status, "asked for a token, the instance's metadata service");
  }
  if (!is_printable_word(answer->body)) {
    return Error(ErrorCode::kUnavailable, "the instance's metadata service gives no token");
  }
  return std::optional(std::move(answer->body));
}

}  // namespace

Found from_container(env::Env env, const ChainOptions&) {
  const std::string relative = variable(env, "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI");
  const std::string full = variable(env, "AWS_CONTAINER_CREDENTIALS_FULL_URI");
  if (relative.empty() && full.empty()) return std::optional<Credentials>();
  const std::string name = relative.empty() ? "AWS_CONTAINER_CREDENTIALS_FULL_URI"
                                            : "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI";
  if (!relative.empty() && !relative.starts_with('/')) {
    return invalid(name + ": it begins with no slash");
  }
  env::HttpRequest request =
      request_of("GET", relative.empty() ? full : std::string(kContainerHost) + relative);
  if (auto checked = check_full_uri(request.url); !checked) {
    return std::move(checked).error().within(name);
  }
  TRY(std::string token, container_token(env));
  if (!token.empty()) request.headers = {{"Authorization", std::move(token)}};
  request.headers.push_back({"Accept", "application/json"});
  TRY(const env::HttpResponse response, ask(env, request));
  if (response.status != 200) {
    return error_of_status(response.status, "the container's credential service");
  }
  return read(response.body, "container");
}

Found from_instance(env::Env env, const ChainOptions&) {
  if (variable(env, "AWS_EC2_METADATA_DISABLED") == "true") return std::optional<Credentials>();
  TRY(const std::string endpoint, instance_endpoint(env));
  TRY(const auto token, instance_token(env, endpoint));
  if (!token) return std::optional<Credentials>();
  const auto get = [&](std::string_view path) {
    env::HttpRequest request = request_of("GET", endpoint + std::string(path));
    request.headers = {{"X-aws-ec2-metadata-token", *token}};
    return ask(env, request);
  };
  TRY(const env::HttpResponse roles, get(kRolesPath));
  if (roles.status == 404) return std::optional<Credentials>();  // it has no role
  if (roles.status != 200) return error_of_status(roles.status, "the instance's metadata service");
  const std::string role = roles.body.substr(0, roles.body.find_first_of("\r\n"));
  if (!is_role_name(role)) {
    return Error(ErrorCode::kUnavailable, "the instance's metadata service names no role");
  }
  TRY(const env::HttpResponse answer, get(std::string(kRolesPath) + role));
  if (answer.status != 200) {
    return error_of_status(answer.status, "the instance's metadata service");
  }
  return read(answer.body, "instance role " + role);
}

}  // namespace stanch::cloud::aws
