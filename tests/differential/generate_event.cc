#include "alphabet.h"
#include "generate.h"

namespace stanch::differential {
namespace {

std::string json_string(Chooser& choose, std::string_view text) {
  std::string out = in_quotes(text);
  if (choose.one_in(40)) out.insert(1, "\\ud800");  // half a surrogate pair
  if (choose.one_in(40)) out.insert(1, "\xFF");     // no UTF-8
  if (choose.one_in(10)) {                          // the same text, written with an escape
    size_t a = out.find('a');
    bool is_letter = a != std::string::npos && out[a - 1] != '\\';
    if (is_letter) out.replace(a, 1, "\\u0061");
  }
  return out;
}

std::string json_value(Chooser& choose, size_t depth);

std::string json_object(Chooser& choose, size_t depth) {
  std::string out, comma;
  for (size_t count = choose.below(4); count > 0; --count) {
    out += comma + json_string(choose, choose.of(kKeys)) + ":" + json_value(choose, depth);
    comma = ",";
  }
  return "{" + out + "}";
}

std::string json_array(Chooser& choose, size_t depth) {
  std::string out, comma;
  for (size_t count = choose.below(4); count > 0; --count) {
    out += comma + json_value(choose, depth);
    comma = ", ";
  }
  return "[" + out + "]";
}

std::string percent_encoded(std::string_view text) {
  static constexpr char kHex[] = "0123456789ABCDEF";
  std::string out;
  for (unsigned char c : text) {
    if (c == '{' || c == '[' || c == '"' || c == '%' || c >= 0x80) {
      out += std::string{'%', kHex[c >> 4], kHex[c & 15]};
    } else {
      out += static_cast<char>(c);
    }
  }
  return out;
}

std::string json_in_string(Chooser& choose, size_t depth) {
  std::string inner = choose.one_in(3) ? json_array(choose, depth) : json_object(choose, depth);
  switch (choose.below(8)) {
    case 1: return in_quotes(percent_encoded(inner));
    case 2: return in_quotes(" " + inner + "\n");
    case 3: return in_quotes(inner + "}");  // no JSON
    case 4: return in_quotes(inner.substr(0, inner.size() / 2));
    default: return in_quotes(inner);
  }
}

std::string json_value(Chooser& choose, size_t depth) {
  switch (choose.below(depth > 0 ? 14 : 9)) {
    case 0: return json_string(choose, pieces(choose, 4));
    case 1: return json_string(choose, choose.of(kPieces));
    case 2: return std::string(choose.of(kNumbers));
    case 3: return in_quotes(choose.of(kNumbers));
    case 4: return json_string(choose, choose.of(kMeaningful));
    case 5: return in_quotes(choose.of(kEncoded));
    case 6: return "null";
    case 7: return "true";
    case 8: return "false";
    case 9: return json_in_string(choose, depth - 1);
    case 10:
    case 11: return json_array(choose, depth - 1);
    default: return json_object(choose, depth - 1);
  }
}

}  // namespace

std::string in_quotes(std::string_view text) {
  std::string out = "\"";
  for (char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    if (c == '\n')
      out += "\\n";
    else
      out += c;
  }
  return out + "\"";
}

std::string event_text(const Choices& choices) {
  Chooser choose(choices);
  choose.below(8);  // source_of()
  std::string out, comma;
  for (size_t count = choose.below(6); count > 0; --count) {
    out += comma + json_string(choose, choose.of(kKeys)) + ": " + json_value(choose, 3);
    comma = ", ";
  }
  return "{" + out + "}";
}

detect::EventSource source_of(const Choices& choices) {
  static constexpr std::array<detect::EventSource, 8> kSources = {{{},
                                                                   {},
                                                                   {"aws", "", ""},
                                                                   {"aws", "trail", "audit"},
                                                                   {"gcp", "", ""},
                                                                   {"", "trail", "other"},
                                                                   {"Aws", "Trail", ""},
                                                                   {"aws", "other", "audit"}}};
  return kSources[Chooser(choices).below(kSources.size())];
}

}  // namespace stanch::differential
