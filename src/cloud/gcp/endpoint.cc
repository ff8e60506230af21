#include "cloud/gcp/endpoint.h"

#include <optional>
#include <utility>

#include "base/ascii.h"
#include "cloud/own_endpoint.h"
#include "codec/network.h"
#include "env/http_client.h"

namespace stanch::cloud::gcp {

namespace {

std::string variable_of_host(std::string_view host) {
  std::string name = "GOOGLE_ENDPOINT_URL_";
  for (const char c : host.substr(0, host.find('.'))) {
    name += c == '-' ? '_' : c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
  }
  return name;
}

}  // namespace

Result<std::string> endpoint_of(env::Variables& variables, const std::string& host) {
  for (const std::string& name : {variable_of_host(host), std::string("GOOGLE_ENDPOINT_URL")}) {
    TRY(std::optional<std::string> own, own_endpoint(variables, name));
    if (own) return *std::move(own);
  }
  return "https://" + host;
}

Result<> check_google_url(const std::string& name, const std::string& url) {
  const auto parsed = env::parse_http_url(url);
  if (!parsed) return Error(parsed.error()).within(name);
  const auto address = codec::parse_address(parsed->host);
  if (address && env::is_local(*address)) return {};
  const std::string host = ascii_lower(parsed->host);
  // Keys of years ago name the second.
  const bool is_google = host.ends_with(".googleapis.com") || host == "accounts.google.com";
  if (parsed->tls && parsed->port.empty() && is_google) return {};
  return Error(ErrorCode::kDenied, name + " leads to no host of Google");
}

}  // namespace stanch::cloud::gcp
