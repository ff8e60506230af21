#include "codec/canonical_json.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <utility>
#include <vector>

#include "base/check.h"
#include "codec/utf8.h"

namespace stanch::codec {
namespace {

Error refused(std::string what) { return Error(ErrorCode::kInvalid, std::move(what)); }

std::optional<uint32_t> hex_unit(std::string_view raw, size_t at) {
  uint32_t unit = 0;
  if (raw.size() < at + 4) return std::nullopt;
  const auto [end, error] = std::from_chars(raw.data() + at, raw.data() + at + 4, unit, 16);
  if (error != std::errc() || end != raw.data() + at + 4) return std::nullopt;
  return unit;
}

// A surrogate of an escape needs the other half behind it (section 3.2.2.2: "lone surrogates …
// MUST cause a compliant JCS implementation to terminate").
bool has_lone_surrogate(std::string_view raw) {
  for (size_t at = raw.find('\\'); at != raw.npos; at = raw.find('\\', at)) {
    if (at + 1 >= raw.size() || raw[at + 1] != 'u') {
      at += 2;
      continue;
    }
    const auto unit = hex_unit(raw, at + 2);
    if (!unit) return true;
    at += 6;
    if (*unit < 0xD800 || *unit > 0xDFFF) continue;
    if (*unit > 0xDBFF || raw.substr(at, 2) != "\\u") return true;
    const auto low = hex_unit(raw, at + 2);
    if (!low || *low < 0xDC00 || *low > 0xDFFF) return true;
    at += 6;
  }
  return false;
}

class Canonicalizer {
 public:
  Canonicalizer(std::string& out, CanonicalRules rules) : out_(out), rules_(rules) {}

  Result<> value(JsonView view) {
    switch (view.type()) {
      case JsonType::kNull:
      case JsonType::kBool: out_ += view.raw(); return {};
      case JsonType::kNumber: return number(view);
      case JsonType::kString: return string(view);
      case JsonType::kArray: return array(view);
      case JsonType::kObject: return object(view);
    }
    CHECK(false);
  }

 private:
  struct Member {
    std::string key;  // decoded
    JsonView value;
  };

  Result<> number(JsonView view) {
    const std::string_view raw = view.raw();
    const bool integer = raw.find_first_of(".eE") == raw.npos;
    // The usual case needs no double: few digits, and so the text is canonical already.
    if (integer && raw.size() <= 15 && raw != "-0") {
      out_ += raw;
      return {};
    }
    const std::optional<double> value = view.as_double();
    if (!value || !std::isfinite(*value)) {
      return refused("a number that no double holds: " + for_terminal(raw.substr(0, 40)));
    }
    constexpr double kExactMax = 9007199254740992.0;  // 2^53
    constexpr double kExponentMin = 1e21;             // what is less is written as an integer
    if (rules_.integers_exact && std::abs(*value) >= kExactMax &&
        (integer || std::abs(*value) < kExponentMin)) {
      return refused("an integer beyond 2^53, which must be a string: " +
                     for_terminal(raw.substr(0, 40)));
    }
    append_canonical_number(*value, out_);
    return {};
  }

  static Result<> check_string(JsonView view) {
    const JsonDocument& document = *view.document();
    if (document.damaged && !is_utf8(view.raw())) return refused("a text that is no UTF-8");
    if (document.escaped && has_lone_surrogate(view.raw())) {
      return refused("a lone surrogate in a text");
    }
    return {};
  }

  Result<> string(JsonView view) {
    TRY(check_string(view));
    append_minimal_string(view.text(scratch_), out_);
    return {};
  }

  Result<> array(JsonView view) {
    out_ += '[';
    bool first = true;
    for (const JsonView element : view.elements()) {
      if (!std::exchange(first, false)) out_ += ',';
      TRY(value(element));
    }
    out_ += ']';
    return {};
  }

  // Section 3.2.3: as arrays of UTF-16 code units. Only a surrogate and what lies above
  // the surrogates change places against the order of UTF-8 bytes.
  static bool before(const Member& a, const Member& b) {
    std::string_view left = a.key, right = b.key;
    while (!left.empty() && !right.empty()) {
      if (left.front() == right.front() && static_cast<unsigned char>(left.front()) < 0x80) {
        left.remove_prefix(1);
        right.remove_prefix(1);
        continue;
      }
      const Utf8Step x = decode_utf8(left), y = decode_utf8(right);
      if (x.code_point != y.code_point) {
        const bool x_is_pair = x.code_point > 0xFFFF, y_is_pair = y.code_point > 0xFFFF;
        if (x_is_pair == y_is_pair) return x.code_point < y.code_point;
        return x_is_pair ? y.code_point > 0xDFFF : x.code_point < 0xD800;
      }
      left.remove_prefix(x.length);
      right.remove_prefix(y.length);
    }
    return left.size() < right.size();
  }

  Result<> object(JsonView view) {
    std::vector<Member> members;
    for (const JsonMember member : view.members()) {
      TRY(check_string(member.key));
      members.push_back({std::string(member.key.text(scratch_)), member.value});
    }
    if (!std::ranges::is_sorted(members, before)) std::ranges::sort(members, before);
    const auto twice = std::ranges::adjacent_find(members, {}, &Member::key);
    if (twice != members.end()) {
      return refused("a key that stands twice: " + for_terminal(twice->key.substr(0, 80)));
    }
    out_ += '{';
    bool first = true;
    for (const Member& member : members) {
      if (!std::exchange(first, false)) out_ += ',';
      append_minimal_string(member.key, out_);
      out_ += ':';
      TRY(value(member.value));
    }
    out_ += '}';
    return {};
  }

  std::string& out_;
  CanonicalRules rules_;
  std::string scratch_;
};

}  // namespace

void append_canonical_string(std::string_view text, std::string& out) {
  if (is_utf8(text)) return append_minimal_string(text, out);
  append_minimal_string(repair_utf8(text), out);
}

// ECMA-262 section 6.1.6.1.20: digits d1…dk of the shortest form and n, the place of the point.
void append_canonical_number(double value, std::string& out) {
  CHECK(std::isfinite(value));
  if (value == 0) {
    out += '0';
    return;
  }
  if (std::signbit(value)) out += '-';
  char buffer[32];
  const auto [end, error] =
      std::to_chars(buffer, buffer + sizeof buffer, std::abs(value), std::chars_format::scientific);
  CHECK(error == std::errc());
  const std::string_view text(buffer, end);  // "d.ddde+xx"
  const size_t e = text.find('e');
  std::string digits(text.substr(0, 1));
  if (e > 2) digits += text.substr(2, e - 2);
  int exponent = 0;
  const char* from = buffer + e + 1 + (text[e + 1] == '+' ? 1 : 0);
  CHECK(std::from_chars(from, end, exponent).ec == std::errc());

  const int k = static_cast<int>(digits.size()), n = exponent + 1;
  if (k <= n && n <= 21) {
    out += digits;
    out.append(static_cast<size_t>(n - k), '0');
  } else if (0 < n && n <= 21) {
    out += digits.substr(0, static_cast<size_t>(n));
    out += '.';
    out += digits.substr(static_cast<size_t>(n));
  } else if (-6 < n && n <= 0) {
    out += "0.";
    out.append(static_cast<size_t>(-n), '0');
    out += digits;
  } else {
    out += digits[0];
    if (k > 1) {
      out += '.';
      out += digits.substr(1);
    }
    out += n > 0 ? "e+" : "e-";
    out += std::to_string(std::abs(n - 1));
  }
}

Result<> append_canonical(JsonView view, std::string& out, CanonicalRules rules) {
  return Canonicalizer(out, rules).value(view);
}

Result<std::string> canonical_json(JsonParser& parser, std::string_view json,
                                   CanonicalRules rules) {
  const JsonView view = parser.parse(json);
  if (!view) return refused("no JSON: " + std::string(name_of(parser.problem())));
  if (parser.was_tolerant()) return refused("no JSON as RFC 8259 has it");
  std::string out;
  out.reserve(json.size());
  TRY(append_canonical(view, out, rules));
  return out;
}

}  // namespace stanch::codec
