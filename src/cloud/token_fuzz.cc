#include <cstdint>
#include <cstdlib>
#include <string>

#include "cloud/text_file.h"
#include "cloud/token.h"

// What a token endpoint answers, whatever the status: a token that can be a header and has an end
// ahead of now, or a reason that tells no secret.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace stanch;
  constexpr int kStatuses[] = {200, 400, 401, 429, 503};
  if (size == 0) return 0;
  const std::string secret = "S3CR3T";
  const Time now{std::chrono::seconds(1'700'000'000)};
  const auto token =
      cloud::read_token({.status = kStatuses[data[0] % std::size(kStatuses)],
                         .body = {reinterpret_cast<const char*>(data) + 1, size - 1}},
                        now, "test", {secret});
  if (token) {
    if (!cloud::is_printable_word(token->value) || !token->expires || *token->expires <= now) {
      std::abort();
    }
    return 0;
  }
  for (const char c : token.error().message()) {
    if (c < ' ' || c > '~') std::abort();
  }
  if (token.error().message().contains(secret)) std::abort();
  return 0;
}
