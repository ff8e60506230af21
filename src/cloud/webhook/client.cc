#include "cloud/webhook/client.h"

#include <fmt/format.h>

#include <algorithm>
#include <span>

#include "base/check.h"
#include "cloud/operations.h"
#include "cloud/parameters.h"
#include "cloud/retry_after.h"
#include "cloud/text_file.h"
#include "codec/base64.h"
#include "codec/hash.h"
#include "codec/network.h"

namespace stanch::cloud::webhook {

namespace {

using codec::JsonValue;

constexpr std::string_view kSecretPrefix = "whsec_";
constexpr size_t kKeyBytesMin = 24, kKeyBytesMax = 64;  // Standard Webhooks
constexpr size_t kNameBytesMax = 40;
constexpr size_t kAnswerBytesMax = size_t{64} << 10;  // nobody reads it

Called refused(ErrorCode code, std::string message) {
  Called called;
  called.refusal.code = code;
  called.refusal.message = std::move(message);
  return called;
}

std::string variable_of(const std::string& name) {
  std::string variable = "STANCH_WEBHOOK_" + name;
  for (char& c : variable) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    if (c == '-') c = '_';
  }
  return variable;
}

// The machine itself: nobody listens on the way there.
bool is_this_machine(std::string_view host) {
  if (host == "localhost") return true;
  const auto address = codec::parse_address(host);
  constexpr const char* kLoopback[] = {"127.0.0.0/8", "::1"};
  return address && std::ranges::any_of(kLoopback, [&](const char* network) {
           return is_inside(*address, *codec::parse_network(network));
         });
}

ErrorCode class_of(int status) {
  switch (status) {
    case 401:
    case 403: return ErrorCode::kDenied;
    case 404:
    case 410: return ErrorCode::kNotFound;
    case 409: return ErrorCode::kConflict;
    case 429: return ErrorCode::kThrottled;
    default: return status >= 500 ? ErrorCode::kUnknownOutcome : ErrorCode::kInvalid;
  }
}

}  // namespace

bool is_webhook_name(std::string_view name) {
  const auto fits = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
  };
  return !name.empty() && name.size() <= kNameBytesMax && name[0] >= 'a' && name[0] <= 'z' &&
         std::ranges::all_of(name, fits);
}

Result<> check_url(std::string_view url) {
  TRY(const env::HttpUrl parts, env::parse_http_url(url));
  if (parts.tls || is_this_machine(parts.host)) return {};
  return Error(ErrorCode::kInvalid, "it has to begin with https://, unless it is on this machine");
}

std::string signature_of(std::string_view key, std::string_view id, int64_t seconds,
                         std::string_view body) {
  const codec::Sha256 hash = codec::hmac_sha256(key, fmt::format("{}.{}.{}", id, seconds, body));
  return "v1," + codec::encode_base64({reinterpret_cast<const char*>(hash.data()), hash.size()});
}

Called Client::call(const Call& call) {
  const Operation* operation = Operations::built_in().find(call.service, call.operation);
  CHECK(operation != nullptr && operation->service->protocol == Protocol::kWebhook);
  if (const auto good = check_parameters(*operation, call.parameters); !good) {
    return refused(good.error().code(), good.error().message());
  }
  const std::string& name = call.parameters["Name"].string();
  const auto found = webhooks_.find(name);
  if (found == webhooks_.end()) {
    Called called =
        refused(ErrorCode::kNotFound, fmt::format("webhooks.yaml has no webhook '{}'", name));
    called.refusal.provider_code = "NoSuchWebhook";
    return called;
  }
  if (operation->method == "POST") return send(call, found->second);
  const auto parts = env::parse_http_url(found->second);
  if (!parts) return refused(parts.error().code(), parts.error().message());
  // Its path may be a secret too.
  const codec::Sha256 digest = codec::sha256(found->second);
  JsonValue::Object said;
  said.emplace("Name", JsonValue(name));
  said.emplace("Host", JsonValue(parts->host));
  said.emplace("Digest", JsonValue(codec::to_hex(std::span(digest).first(8))));
  said.emplace("Signed", JsonValue(key_of(name).has_value()));
  Called called;
  called.answer = {.value = JsonValue(std::move(said)), .request_id = ""};
  return called;
}

Result<std::string> Client::key_of(const std::string& name) {
  const std::string variable = variable_of(name);
  std::string secret = env_.variables.find(variable).value_or("");
  if (secret.empty()) {
    const auto path = env_.variables.find(variable + "_FILE");
    if (!path) {
      return Error(ErrorCode::kDenied,
                   fmt::format("nothing signs for the webhook '{0}': {1} or {1}_FILE has to say "
                               "its secret",
                               name, variable));
    }
    TRY(secret, read_token_file(env_.files, *path));
  }
  const auto key = secret.starts_with(kSecretPrefix)
                       ? codec::decode_base64(std::string_view(secret).substr(kSecretPrefix.size()))
                       : std::nullopt;
  if (!key || key->size() < kKeyBytesMin || key->size() > kKeyBytesMax) {
    return Error(ErrorCode::kDenied,
                 fmt::format("the secret of the webhook '{}' is not 'whsec_' and base64 of {} to "
                             "{} bytes",
                             name, kKeyBytesMin, kKeyBytesMax));
  }
  return *key;
}

Called Client::send(const Call& call, const std::string& url) {
  const std::string& name = call.parameters["Name"].string();
  const std::string& id = call.parameters["Id"].string();
  const std::string& body = call.parameters["Body"].string();
  const auto key = key_of(name);
  if (!key) return refused(key.error().code(), key.error().message());
  const Time now = env_.clock.now();
  if (call.not_after && now > *call.not_after) {
    return refused(ErrorCode::kUnavailable, "its time to leave has passed; nothing was sent");
  }
  const int64_t seconds = std::chrono::floor<std::chrono::seconds>(now).time_since_epoch().count();
  const env::HttpRequest request{
      .method = "POST",
      .url = url,
      .headers = {{"Content-Type", "application/json"},
                  {"User-Agent", "stanch"},
                  {"webhook-id", id},
                  {"webhook-timestamp", fmt::format("{}", seconds)},
                  {"webhook-signature", signature_of(*key, id, seconds, body)}},
      .body = body,
      .response_bytes_max = kAnswerBytesMax,
      .plain_http = !url.starts_with("https://")};
  const auto response = env_.http.send(request);
  if (!response) {
    Called called = refused(response.error().code(), response.error().message());
    if (called.refusal.code == ErrorCode::kUnknownOutcome) {
      called.valid_until = now + kSignatureValid;
    }
    return called;
  }
  if (response->status >= 200 && response->status < 300) {
    JsonValue::Object receipt;
    receipt.emplace("Status", JsonValue(int64_t{response->status}));
    Called called;
    called.answer = {.value = JsonValue(std::move(receipt)), .request_id = ""};
    called.valid_until = now + kSignatureValid;
    return called;
  }
  const bool leads_on = response->status >= 300 && response->status < 400;
  Called called = refused(
      class_of(response->status),
      fmt::format("the webhook '{}' answered with status {}{}", name, response->status,
                  leads_on ? ", and leads elsewhere: nobody follows; name where it leads" : ""));
  called.refusal.provider_code = fmt::format("HTTP {}", response->status);
  if (called.refusal.code == ErrorCode::kUnknownOutcome) called.valid_until = now + kSignatureValid;
  called.refusal.retry_after = retry_after_of(*response, now).value_or(Duration{});
  return called;
}

}  // namespace stanch::cloud::webhook
