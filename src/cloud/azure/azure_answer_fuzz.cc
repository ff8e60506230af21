#include <cstdint>
#include <cstdlib>
#include <string>

#include "cloud/azure/credential_sources.h"
#include "cloud/azure/read_answer.h"

// What Azure answers: to what began something, and then to how far it is; and what az says. The
// first byte chooses method and status; then a line for each of two headers, and the body. Whatever
// is asked next is at our endpoint.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace stanch::cloud;
  constexpr const char* kMethods[] = {"GET", "PUT", "PATCH", "POST", "DELETE"};
  constexpr int kStatuses[] = {200, 201, 202, 204, 400, 409, 500};
  constexpr const char* kEndpoint = "https://management.azure.com";
  if (size == 0) return 0;
  const RestCall sent{.method = kMethods[data[0] % std::size(kMethods)],
                      .target = "/subscriptions/s/r?api-version=1",
                      .headers = {},
                      .body = ""};
  std::string rest(reinterpret_cast<const char*>(data) + 1, size - 1);
  stanch::env::HttpResponse response{.status = kStatuses[data[0] / 8 % std::size(kStatuses)]};
  for (const char* name : {"Azure-AsyncOperation", "Location"}) {
    const std::string line = rest.substr(0, rest.find('\n'));
    rest.erase(0, line.size() + 1);
    if (!line.empty()) response.headers.push_back({name, line});
  }
  response.body = rest;
  const RestError error = azure::read_error(response);
  if (error.code.empty()) std::abort();
  (void)azure::class_of(error, response.status);
  const auto watched = azure::watched(sent, response);
  const stanch::Time now{std::chrono::seconds(1'700'000'000)};
  const auto token = azure::read_cli_token(rest, now);
  if (token && (token->value.empty() || *token->expires <= now)) std::abort();
  if (!watched) return 0;
  const Progress progress = azure::progress_of(*watched, response);
  if (progress.state == Progress::State::kFailed && progress.error.code.empty()) std::abort();
  for (const std::string& url :
       {watched->url, azure::result_url(*watched, sent, response, response)}) {
    const auto target = target_at(kEndpoint, url);
    if (target && (!target->starts_with('/') || target->starts_with("//"))) std::abort();
    if (!target) continue;
    const stanch::env::HttpRequest request{.url = kEndpoint + *target};
    const auto checked = stanch::env::check_request(request);
    if (!checked || checked->authority != "management.azure.com") std::abort();
  }
  return 0;
}
