#include "naive/pattern.h"

#include <stdexcept>

namespace naive {
namespace {

using stanch::detect::sigma::Modifier;

Pattern literal(const Text& text) {
  Pattern pattern;
  for (char32_t c : text) pattern.push_back({Symbol::kCharacter, c});
  return pattern;
}

bool is_word(const Symbol& symbol) {
  char32_t c = symbol.character;
  return symbol.kind == Symbol::kCharacter &&
         ((c >= U'a' && c <= U'z') || (c >= U'A' && c <= U'Z') || (c >= U'0' && c <= U'9') ||
          c == U'_');
}

// M9: '-' or '/' after a non-word character (or at the start) and before a word one.
bool starts_word(const Pattern& pattern, size_t i) {
  char32_t c = pattern[i].character;
  return pattern[i].kind == Symbol::kCharacter && (c == U'-' || c == U'/') &&
         (i == 0 || !is_word(pattern[i - 1])) && i + 1 < pattern.size() && is_word(pattern[i + 1]);
}

void windash(Pattern pattern, size_t from, std::vector<Pattern>& out) {
  for (size_t i = from; i < pattern.size(); ++i) {
    if (!starts_word(pattern, i)) continue;
    for (char32_t dash : U"-/\u2013\u2014\u2015") {
      if (dash == 0) continue;
      pattern[i].character = dash;
      windash(pattern, i + 1, out);
    }
    return;
  }
  out.push_back(pattern);
}

std::string base64(std::string_view bytes) {
  static constexpr char kLetters[] =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  for (size_t i = 0; i < bytes.size(); i += 3) {
    unsigned group = 0;
    for (size_t j = 0; j < 3; ++j) {
      group = group << 8 | (i + j < bytes.size() ? static_cast<unsigned char>(bytes[i + j]) : 0);
    }
    for (size_t j = 0; j < 4; ++j) {
      out += i + j <= bytes.size() ? kLetters[group >> (18 - 6 * j) & 63] : '=';
    }
  }
  return out;
}

// What of the encoding does not depend on neighbours, if `bytes` begin `shift` bytes
// after a group of three does.
std::string base64_at_offset(const std::string& bytes, size_t shift) {
  std::string encoded = base64(std::string(shift, ' ') + bytes);
  size_t skip = (shift * 8 + 5) / 6;             // letters that hold a bit from before
  size_t keep = (shift + bytes.size()) * 8 / 6;  // letters that hold our bits only
  return encoded.substr(skip, keep > skip ? keep - skip : 0);
}

std::string utf16(const Text& text, bool big_end_first) {
  std::string bytes;
  auto put = [&](char32_t unit) {
    char high = static_cast<char>(unit >> 8), low = static_cast<char>(unit & 0xFF);
    bytes += big_end_first ? high : low;
    bytes += big_end_first ? low : high;
  };
  for (char32_t c : text) {
    if (c > 0xFFFF) {
      put(0xD800 + ((c - 0x10000) >> 10));
      put(0xDC00 + ((c - 0x10000) & 0x3FF));
    } else {
      put(c);
    }
  }
  return bytes;
}

// A value on its way through the modifiers: first a pattern, after an encoding bytes.
struct Value {
  Pattern pattern;
  bool is_bytes = false;
  std::string bytes;
};

Text text_of(const Value& value) {
  Text text;
  for (const Symbol& symbol : value.pattern) {
    if (symbol.kind != Symbol::kCharacter) throw std::invalid_argument("M10: wildcard encoded");
    text += symbol.character;
  }
  return text;
}

Value from_bytes(const std::string& bytes) { return {literal(from_utf8(bytes)), true, bytes}; }

std::vector<Value> apply(const Value& value, Modifier modifier) {
  auto bytes = [&] { return value.is_bytes ? value.bytes : to_utf8(text_of(value)); };
  Value changed = value;
  Symbol any{Symbol::kAny};
  switch (modifier) {
    case Modifier::kContains:
      changed.pattern.insert(changed.pattern.begin(), any);
      changed.pattern.push_back(any);
      return {changed};
    case Modifier::kStartsWith: changed.pattern.push_back(any); return {changed};
    case Modifier::kEndsWith:
      changed.pattern.insert(changed.pattern.begin(), any);
      return {changed};
    case Modifier::kUtf16Le: return {from_bytes(utf16(text_of(value), false))};
    case Modifier::kUtf16Be: return {from_bytes(utf16(text_of(value), true))};
    case Modifier::kUtf16: return {from_bytes("\xFF\xFE" + utf16(text_of(value), false))};
    case Modifier::kBase64: return {from_bytes(base64(bytes()))};
    case Modifier::kBase64Offset: {
      std::vector<Value> shifted;
      for (size_t shift : {0, 1, 2})
        shifted.push_back(from_bytes(base64_at_offset(bytes(), shift)));
      return shifted;
    }
    case Modifier::kWindash: {
      std::vector<Pattern> patterns;
      windash(value.pattern, 0, patterns);
      std::vector<Value> dashed;
      for (Pattern& pattern : patterns) dashed.push_back({pattern, false, ""});
      return dashed;
    }
    default: return {value};
  }
}

}  // namespace

Pattern parse_pattern(std::string_view written) {
  Pattern pattern;
  Text text = from_utf8(written);
  for (size_t i = 0; i < text.size(); ++i) {
    char32_t following = i + 1 < text.size() ? text[i + 1] : 0;
    if (text[i] == U'\\' && (following == U'*' || following == U'?' || following == U'\\')) {
      pattern.push_back({Symbol::kCharacter, following});
      ++i;
    } else if (text[i] == U'*') {
      pattern.push_back({Symbol::kAny});
    } else if (text[i] == U'?') {
      pattern.push_back({Symbol::kOne});
    } else {
      pattern.push_back({Symbol::kCharacter, text[i]});
    }
  }
  return pattern;
}

// reached[j]: the symbols so far match the first j characters of the text.
bool pattern_matches(const Pattern& pattern, const Text& text, bool cased) {
  auto same = [&](char32_t a, char32_t b) { return cased ? a == b : fold(a) == fold(b); };
  std::vector<bool> reached(text.size() + 1, false);
  reached[0] = true;
  for (const Symbol& symbol : pattern) {
    std::vector<bool> next(text.size() + 1, false);
    for (size_t j = 0; j <= text.size(); ++j) {
      if (symbol.kind == Symbol::kAny) {
        next[j] = reached[j] || (j > 0 && next[j - 1]);
      } else if (j > 0) {
        next[j] =
            reached[j - 1] && (symbol.kind == Symbol::kOne || same(symbol.character, text[j - 1]));
      }
    }
    reached = next;
  }
  return reached[text.size()];
}

std::vector<Pattern> expand_pattern(std::string_view written,
                                    const std::vector<Modifier>& modifiers) {
  std::vector<Value> values = {{parse_pattern(written), false, ""}};
  for (Modifier modifier : modifiers) {
    std::vector<Value> next;
    for (const Value& value : values) {
      for (const Value& changed : apply(value, modifier)) next.push_back(changed);
    }
    values = next;
  }
  std::vector<Pattern> patterns;
  for (const Value& value : values) patterns.push_back(value.pattern);
  return patterns;
}

}  // namespace naive
