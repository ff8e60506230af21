#include "pipeline/report/escape.h"

#include "codec/utf8.h"

namespace stanch::pipeline::report {

std::string html_text(std::string_view text) {
  std::string out;
  for (const char c : codec::for_terminal(text)) {
    switch (c) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '"': out += "&quot;"; break;
      case '\'': out += "&#39;"; break;
      default: out += c;
    }
  }
  return out;
}

std::string markdown_text(std::string_view text) {
  const std::string safe = codec::for_terminal(text);
  std::string out;
  // CommonMark 2.4: any ASCII punctuation may be escaped. Here, what can begin something inside a
  // line; '-', '+', '=' and "1." only begin something at its start.
  constexpr std::string_view kEscaped = "\\`*_{}[]<>|~$^";
  bool at_start = true, only_digits = true;
  for (size_t i = 0; i < safe.size(); ++i) {
    const char c = safe[i];
    const std::string_view rest = std::string_view(safe).substr(i);
    const bool digit = c >= '0' && c <= '9';
    const bool ends_number = (c == '.' || c == ')') && only_digits && i > 0;
    if (rest.starts_with("://")) {
      out += "&#58;";  // an extended autolink begins with a scheme, or with www.
    } else if (c == '.' && i >= 3 && (safe[i - 3] | 0x20) == 'w' && (safe[i - 1] | 0x20) == 'w' &&
               (safe[i - 2] | 0x20) == 'w') {
      out += "&#46;";
    } else if (c == '@') {
      out += "&#64;";  // a mention, or an address
    } else if (c == '#') {
      out += "&#35;";  // a heading, or a reference
    } else if (c == '&') {
      out += "&amp;";
    } else if (kEscaped.find(c) != std::string_view::npos || c == '!' || ends_number ||
               (at_start && (c == '-' || c == '+' || c == '='))) {
      out += '\\';
      out += c;
    } else {
      out += c;
    }
    at_start = at_start && c == ' ';
    only_digits = only_digits && digit;
  }
  return out;
}

}  // namespace stanch::pipeline::report
