#include "cloud/own_endpoint.h"

#include <utility>

#include "env/http_client.h"

namespace stanch::cloud {

Result<std::string> check_endpoint(const std::string& name, std::string url) {
  while (url.ends_with('/')) url.pop_back();
  const env::HttpRequest request{.url = url, .plain_http = true};
  const auto parsed = env::check_request(request);
  if (!parsed) return Error(parsed.error()).within(name);
  if (parsed->target.contains('?')) return Error(ErrorCode::kInvalid, name + ": there is a query");
  return url;
}

Result<std::optional<std::string>> own_endpoint(env::Variables& variables,
                                                const std::string& name) {
  std::string url = variables.find(name).value_or("");
  if (url.empty()) return std::optional<std::string>();
  TRY(std::string checked, check_endpoint(name, std::move(url)));
  return std::optional(std::move(checked));
}

}  // namespace stanch::cloud
