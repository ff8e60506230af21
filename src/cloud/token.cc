#include "cloud/token.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <utility>

#include "cloud/ask.h"
#include "cloud/encode_uri.h"
#include "cloud/shown_text.h"
#include "cloud/text_file.h"
#include "codec/json.h"

namespace stanch::cloud {

namespace {

using std::chrono::seconds;

// A number, or a text of digits: metadata services write either.
std::optional<int64_t> seconds_in(codec::JsonView value) {
  if (!value) return std::nullopt;
  if (value.is_number()) return value.as_int64();
  const std::string text = value.string_or_empty();
  int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (text.empty() || error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

// How long it lasts, in seconds.
std::optional<int64_t> lasts(codec::JsonView answer, Time now) {
  std::optional<int64_t> left = seconds_in(answer["expires_in"]);
  if (!left) {
    const int64_t today = std::chrono::floor<seconds>(now.time_since_epoch()).count();
    if (const auto until = seconds_in(answer["expires_on"]); until && *until >= 0) {
      left = *until - today;
    }
  }
  if (!left || *left <= 0) return std::nullopt;
  return std::min<int64_t>(*left, seconds(kTokenLastsMax).count());
}

ErrorCode code_of(int status, std::string_view error) {
  if (status == 429) return ErrorCode::kThrottled;
  if (status >= 500 || error == "temporarily_unavailable") return ErrorCode::kUnavailable;
  constexpr std::string_view kDenials[] = {"access_denied", "invalid_client", "invalid_grant",
                                           "unauthorized_client", "invalid_target"};
  const bool denies = std::ranges::find(kDenials, error) != std::end(kDenials);
  return denies || status == 401 || status == 403 ? ErrorCode::kDenied : ErrorCode::kInvalid;
}

Error refusal(const env::HttpResponse& response, const std::string& source,
              const Secrets& secrets) {
  codec::JsonParser parser(codec::JsonParser::Texts::kFew);
  const codec::JsonView said = parser.parse(response.body);
  std::string error, message;
  if (said) {
    error = shown_text(said["error"].string_or_empty(), secrets);
    message = said["error_description"].string_or_empty();
    // Of Google's services that are no token endpoints, and of Azure's metadata.
    const codec::JsonView inner = said["error"];
    if (inner && inner.is_object()) {
      error = shown_text(inner["status"].string_or_empty(), secrets);
      message = inner["message"].string_or_empty();
    }
  }
  std::string text = fmt::format("{}: refused with status {}", source, response.status);
  if (!error.empty()) text += ", " + error;
  message = message.substr(0, message.find_first_of("\r\n"));  // Entra's go on with ids
  if (!message.empty()) text += ": " + shown_text(message, secrets);
  return {code_of(response.status, error), std::move(text)};
}

}  // namespace

Result<Token> read_token(const env::HttpResponse& response, Time now, const std::string& source,
                         const Secrets& secrets) {
  if (response.status != 200) return refusal(response, source, secrets);
  codec::JsonParser parser(codec::JsonParser::Texts::kFew);
  const codec::JsonView answer = parser.parse(response.body);
  Token token;
  token.source = source;
  if (answer) {
    token.value = answer["access_token"].string_or_empty();
    if (const auto left = lasts(answer, now)) token.expires = now + seconds(*left);
  }
  if (!is_printable_word(token.value) || !token.expires) {
    return Error(ErrorCode::kUnavailable, source + ": the answer holds no token that lasts");
  }
  return token;
}

Result<Token> ask_for_token(env::Env env, const env::HttpRequest& request,
                            const std::string& source, const Secrets& secrets) {
  auto response = ask(env, request);
  if (!response) return std::move(response).error().within(source);
  return read_token(*response, env.clock.now(), source, secrets);
}

env::HttpRequest token_request(std::string url,
                               const std::vector<std::pair<std::string, std::string>>& form) {
  env::HttpRequest request{.method = "POST", .url = std::move(url)};
  request.headers = {{"Content-Type", "application/x-www-form-urlencoded"},
                     {"Accept", "application/json"}};
  for (const auto& [name, value] : form) {
    if (value.empty()) continue;
    if (!request.body.empty()) request.body += '&';
    request.body += encode_uri(name) + "=" + encode_uri(value);
  }
  request.connect_within = seconds(5);
  request.within = seconds(20);
  request.response_bytes_max = size_t{256} << 10;
  request.plain_http = request.url.starts_with("http://");
  return request;
}

TokenCache::TokenCache(env::Env env, Load load)
    : env_(env), load_(std::move(load)), monitor_(env.threads.monitor()) {}

std::shared_ptr<Renewing<Token>> TokenCache::of(const std::string& audience) {
  const env::MonitorLock lock(*monitor_);
  auto& token = tokens_[audience];
  if (token == nullptr) {
    // What is forgotten is asked for again; who uses it still has it.
    if (tokens_.size() > kAudiencesMax) {
      std::erase_if(tokens_, [&](const auto& each) { return each.first != audience; });
    }
    auto& kept = tokens_[audience];
    kept = std::make_shared<Renewing<Token>>(env_.clock, env_.threads,
                                             [this, audience] { return load_(audience); });
    return kept;
  }
  return token;
}

Result<Token> TokenCache::get(const std::string& audience) { return of(audience)->get(); }

void TokenCache::drop(const std::string& audience, const Token& refused) {
  of(audience)->drop(refused);
}

}  // namespace stanch::cloud
