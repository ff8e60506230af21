#include "naive/json.h"

#include <cctype>
#include <stdexcept>

namespace naive {
namespace {

struct NotJson : std::runtime_error {
  NotJson() : std::runtime_error("not JSON") {}
};

class Reader {
 public:
  explicit Reader(std::string_view bytes) : bytes_(bytes) {}

  Json document() {
    if (bytes_.starts_with("\xEF\xBB\xBF")) at_ = 3;
    Json json = value();
    skip_space();
    if (at_ != bytes_.size()) throw NotJson();
    return json;
  }

 private:
  void skip_space() {
    while (at_ < bytes_.size() && std::string_view(" \t\r\n").contains(bytes_[at_])) ++at_;
  }

  char next() const {
    if (at_ == bytes_.size()) throw NotJson();
    return bytes_[at_];
  }

  bool take(std::string_view what) {
    if (bytes_.substr(at_).starts_with(what)) {
      at_ += what.size();
      return true;
    }
    return false;
  }

  void expect(std::string_view what) {
    if (!take(what)) throw NotJson();
  }

  Json value() {
    skip_space();
    switch (next()) {
      case '{': return Json{object()};
      case '[': return Json{array()};
      case '"': return Json{string()};
      case 't': expect("true"); return Json{true};
      case 'f': expect("false"); return Json{false};
      case 'n': expect("null"); return Json{Null{}};
      default: return Json{number()};
    }
  }

  Object object() {
    Object object;
    expect("{");
    skip_space();
    if (take("}")) return object;
    do {
      skip_space();
      Text key = string();
      skip_space();
      expect(":");
      object.members.emplace_back(key, value());
      skip_space();
    } while (take(","));
    expect("}");
    return object;
  }

  Array array() {
    Array array;
    expect("[");
    skip_space();
    if (take("]")) return array;
    do {
      array.elements.push_back(value());
      skip_space();
    } while (take(","));
    expect("]");
    return array;
  }

  void digits() {
    if (at_ == bytes_.size() || !isdigit(static_cast<unsigned char>(bytes_[at_]))) throw NotJson();
    while (at_ < bytes_.size() && isdigit(static_cast<unsigned char>(bytes_[at_]))) ++at_;
  }

  Number number() {
    size_t begin = at_;
    take("-");
    if (!take("0")) digits();
    if (take(".")) digits();
    if (take("e") || take("E")) {
      if (!take("+")) take("-");
      digits();
    }
    return {std::string(bytes_.substr(begin, at_ - begin))};
  }

  char32_t four_hex_digits() {
    char32_t unit = 0;
    for (int i = 0; i < 4; ++i, ++at_) {
      char c = next();
      if (!isxdigit(static_cast<unsigned char>(c))) throw NotJson();
      unit = unit * 16 + (c <= '9' ? c - '0' : (c | 32) - 'a' + 10);
    }
    return unit;
  }

  // After "\u".
  char32_t unicode_escape() {
    char32_t unit = four_hex_digits();
    if (unit < 0xD800 || unit > 0xDFFF) return unit;
    if (unit > 0xDBFF) return 0xFFFD;
    size_t back = at_;
    if (take("\\u")) {
      char32_t low = four_hex_digits();
      if (low >= 0xDC00 && low <= 0xDFFF) return 0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00);
      at_ = back;
    }
    return 0xFFFD;
  }

  Text string() {
    expect("\"");
    Text text;
    while (!take("\"")) {
      next();
      if (!take("\\")) {
        size_t begin = at_;
        while (at_ < bytes_.size() && bytes_[at_] != '"' && bytes_[at_] != '\\') ++at_;
        text += from_utf8(bytes_.substr(begin, at_ - begin));
        continue;
      }
      char escape = next();
      ++at_;
      switch (escape) {
        case '"':
        case '\\':
        case '/': text += static_cast<char32_t>(escape); break;
        case 'b': text += U'\b'; break;
        case 'f': text += U'\f'; break;
        case 'n': text += U'\n'; break;
        case 'r': text += U'\r'; break;
        case 't': text += U'\t'; break;
        case 'u': text += unicode_escape(); break;
        default: throw NotJson();
      }
    }
    return text;
  }

  std::string_view bytes_;
  size_t at_ = 0;
};

Text escaped(const Text& text) {
  Text out = U"\"";
  for (char32_t c : text) {
    static constexpr char32_t kHex[] = U"0123456789abcdef";
    if (c == U'"' || c == U'\\') {
      out += U'\\';
      out += c;
    } else if (c == U'\b')
      out += U"\\b";
    else if (c == U'\f')
      out += U"\\f";
    else if (c == U'\n')
      out += U"\\n";
    else if (c == U'\r')
      out += U"\\r";
    else if (c == U'\t')
      out += U"\\t";
    else if (c < 0x20) {
      out += U"\\u";
      for (int shift = 12; shift >= 0; shift -= 4) out += kHex[c >> shift & 15];
    } else {
      out += c;
    }
  }
  return out + U"\"";
}

}  // namespace

std::optional<Json> parse_json(std::string_view bytes) {
  try {
    return Reader(bytes).document();
  } catch (const NotJson&) {
    return std::nullopt;
  }
}

Text compact(const Json& json) {
  if (json.as<Null>()) return U"null";
  if (auto* boolean = json.as<bool>()) return *boolean ? U"true" : U"false";
  if (auto* number = json.as<Number>()) return from_utf8(number->written);
  if (auto* text = json.as<Text>()) return escaped(*text);
  Text out, comma;
  if (auto* array = json.as<Array>()) {
    for (const Json& element : array->elements) {
      out += comma + compact(element);
      comma = U",";
    }
    return U"[" + out + U"]";
  }
  for (const auto& [key, value] : json.as<Object>()->members) {
    out += comma + escaped(key) + U":" + compact(value);
    comma = U",";
  }
  return U"{" + out + U"}";
}

}  // namespace naive
