#include <fmt/format.h>

#include <cmath>
#include <cstdint>
#include <optional>

#include "codec/base64.h"
#include "codec/hash.h"
#include "codec/jmespath/functions.h"
#include "codec/timestamp.h"
#include "codec/utf8.h"

// What the specification does not have. What cannot be read is a problem, not null: whoever acts on
// the result must not act on nothing in its place.

namespace stanch::codec::jmespath {
namespace {

Part refuse(const Call& call, std::string_view what, std::string hint = "") {
  const std::string shown = for_terminal(call[0].text().substr(0, 40));
  return call.evaluator.fail(JmespathProblem::Kind::kInvalidValue,
                             fmt::format("{}() {}: {}", call.node.name, what, shown),
                             std::move(hint));
}

int digit_of_hex(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  const char lower = static_cast<char>(c | 0x20);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

// Nanoseconds; nothing if they are more than there are.
std::optional<int64_t> nanoseconds_of(const JsonValue& seconds) {
  int64_t result = 0;
  if (const int64_t* whole = seconds.integer()) {
    if (__builtin_mul_overflow(*whole, int64_t{1'000'000'000}, &result)) return std::nullopt;
    return result;
  }
  const double exact = seconds.number() * 1e9;
  if (!(std::abs(exact) < 9.2e18)) return std::nullopt;
  return std::llround(exact);
}

}  // namespace

Part x_json(const Call& call) {
  const auto value = call.evaluator.read_json(call[0].text());
  return value ? *value : refuse(call, "takes a text that is JSON, and this is not");
}

Part x_url_decode(const Call& call) {
  const std::string_view text = call[0].text();
  std::string decoded;
  for (size_t i = 0; i < text.size(); ++i) {
    const bool escape = text[i] == '%' && i + 2 < text.size();
    const int high = escape ? digit_of_hex(text[i + 1]) : -1;
    const int low = escape ? digit_of_hex(text[i + 2]) : -1;
    if (high < 0 || low < 0) {
      decoded += text[i];
    } else {
      decoded += static_cast<char>(high * 16 + low);
      i += 2;
    }
  }
  return call.evaluator.keep_text(repair_utf8(decoded));
}

Part x_time_add(const Call& call) {
  const auto time = parse_timestamp(call[0].text());
  if (!time) return refuse(call, "takes a time as 2026-03-01T02:03:04Z, and this is not");
  const auto more = nanoseconds_of(call[1].scalar());
  int64_t sum = 0;
  const bool beyond =
      !more || __builtin_add_overflow(time->time_since_epoch().count(), *more, &sum);
  std::string text = beyond ? "" : format_timestamp(Time(Duration(sum)));
  if (beyond || !parse_timestamp(text)) {
    return refuse(call, "leaves the years 1678 to 2261 from here",
                  "the second argument is seconds");
  }
  return call.evaluator.keep_text(std::move(text));
}

Part x_sha256(const Call& call) { return call.evaluator.keep_text(to_hex(sha256(call[0].text()))); }

Part x_base64(const Call& call) {
  if (call.arguments.size() == 1) return call.evaluator.keep_text(encode_base64(call[0].text()));
  if (call[1].text() != "decode") {
    return refuse(call, "cannot do this", "its second argument is 'decode' or not there");
  }
  auto decoded = decode_base64(call[0].text());
  if (!decoded) return refuse(call, "takes base64 with its padding, and this is not");
  if (!is_utf8(*decoded)) return refuse(call, "gives texts, and these bytes are not UTF-8");
  return call.evaluator.keep_text(*std::move(decoded));
}

}  // namespace stanch::codec::jmespath
