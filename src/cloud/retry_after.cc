#include "cloud/retry_after.h"

#include <charconv>
#include <string_view>

#include "codec/http_date.h"

namespace stanch::cloud {

namespace {

constexpr Duration kBelievedMax = std::chrono::hours(1);

template <typename Unit>
std::optional<Duration> of_number(std::string_view text) {
  int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  if (number <= 0 || number > std::chrono::floor<Unit>(kBelievedMax).count()) return std::nullopt;
  return Unit(number);
}

// From when the answer was made, by the clock that wrote it, as far as it says.
std::optional<Duration> of_date(std::string_view text, const env::HttpResponse& response,
                                Time now) {
  const auto until = codec::parse_http_date(text);
  if (!until) return std::nullopt;
  const std::string* date = response.find_header("date");
  const auto made = date == nullptr ? std::nullopt : codec::parse_http_date(*date);
  const Duration asked = span_of(made.value_or(now), *until);
  if (asked <= Duration{} || asked > kBelievedMax) return std::nullopt;
  return asked;
}

}  // namespace

std::optional<Duration> retry_after_of(const env::HttpResponse& response, Time now) {
  // Of AWS's own, in milliseconds: its SDKs for Rust (aws_runtime::retries::classifier) and .NET
  // (StandardRetryPolicy) heed it, botocore neither.
  if (const std::string* own = response.find_header("x-amz-retry-after")) {
    if (const auto asked = of_number<std::chrono::milliseconds>(*own)) return asked;
  }
  // RFC 9110, section 10.2.3: seconds, or a date. Lambda's model has it of its
  // TooManyRequestsException.
  const std::string* usual = response.find_header("retry-after");
  if (usual == nullptr) return std::nullopt;
  const auto asked = of_number<std::chrono::seconds>(*usual);
  return asked ? asked : of_date(*usual, response, now);
}

}  // namespace stanch::cloud
