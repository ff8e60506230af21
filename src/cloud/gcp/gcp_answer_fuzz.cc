#include <cstdint>
#include <cstdlib>
#include <string>

#include "cloud/gcp/credential_sources.h"
#include "cloud/gcp/read_answer.h"
#include "cloud/text_file.h"

// What Google Cloud answers: to a call, of an operation, and for a token. Whatever is asked next is
// at our endpoint and beside what was called.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace stanch::cloud;
  using stanch::codec::JsonValue;
  if (size == 0) return 0;
  const std::string body(reinterpret_cast<const char*>(data) + 1, size - 1);
  const stanch::env::HttpResponse response{.status = data[0] % 2 == 0 ? 200 : 403, .body = body};
  const RestError error = gcp::read_error(response);
  if (error.code.empty()) std::abort();
  (void)gcp::class_of(error, response.status);
  const Progress progress = gcp::progress_of(response);
  if (progress.state == Progress::State::kFailed && progress.error.code.empty()) std::abort();
  const struct {
    Waits waits;
    const char *target, *begins;
  } calls[] = {
      {Waits::kCompute, "/compute/v1/projects/p/zones/z/instances/i/stop?requestId=1",
       "/compute/v1/projects/p/zones/z/operations/"},
      {Waits::kOperation, "/v2/policies/a%2Fb/denypolicies?policyId=d", "/v2/"},
  };
  for (const auto& each : calls) {
    const auto watched = gcp::watched(
        each.waits, {.method = "POST", .target = each.target, .headers = {}, .body = ""}, response);
    if (!watched || watched->url.empty()) continue;
    const auto target = target_at("https://a.googleapis.com", watched->url);
    if (!target || !target->starts_with(each.begins)) std::abort();
    if (target->contains("..") && target->contains("/../")) std::abort();
  }
  for (const JsonValue& format :
       {JsonValue(),
        JsonValue(JsonValue::Object{{"type", JsonValue("json")},
                                    {"subject_token_field_name", JsonValue("access_token")}})}) {
    const auto token = gcp::subject_token_in(body, format);
    if (token && !is_printable_word(*token)) std::abort();
  }
  const auto token = gcp::read_impersonated(body, "test");
  if (token && (!is_printable_word(token->value) || !token->expires)) std::abort();
  return 0;
}
