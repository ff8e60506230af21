#include "cloud/aws/ini.h"

#include <algorithm>

#include "codec/trimmed.h"

namespace stanch::cloud::aws {
namespace {

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\r'; }
bool is_comment(char c) { return c == '#' || c == ';'; }

std::string_view without_comment(std::string_view text) {
  for (size_t i = 1; i < text.size(); ++i) {
    if (is_comment(text[i]) && is_space(text[i - 1])) return text.substr(0, i);
  }
  return text;
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  return out;
}

class Reader {
 public:
  // Returns what is wrong with the line, or "".
  std::string_view add(std::string_view line) {
    const std::string_view content = codec::trimmed(line);
    if (content.empty() || is_comment(content.front())) return {};
    if (line.find('\0') != line.npos) return "there is a zero byte in it";
    if (is_space(line.front())) {
      return has_key_ ? std::string_view() : "it is indented, but belongs to no key";
    }
    return line.front() == '[' ? open(content) : set(content);
  }

  Ini take() { return std::move(ini_); }

 private:
  std::string_view open(std::string_view content) {
    const size_t end = content.find(']');
    if (end == content.npos) return "the bracket is not closed";
    const std::string_view rest = codec::trimmed(content.substr(end + 1));
    if (!rest.empty() && !is_comment(rest.front())) return "something follows the section";
    section_ = &ini_[std::string(codec::trimmed(content.substr(1, end - 1)))];
    has_key_ = false;
    return {};
  }

  std::string_view set(std::string_view content) {
    const size_t equals = content.find('=');
    if (equals == content.npos) return "it is neither a section nor key = value";
    if (section_ == nullptr) return "it stands before the first section";
    const std::string key = lower(codec::trimmed(content.substr(0, equals)));
    if (key.empty()) return "the key is missing";
    (*section_)[key] = codec::trimmed(without_comment(content.substr(equals + 1)));
    has_key_ = true;
    return {};
  }

  Ini ini_;
  IniSection* section_ = nullptr;
  bool has_key_ = false;
};

}  // namespace

Result<Ini> parse_ini(std::string_view text) {
  if (text.size() > kIniBytesMax) return Error(ErrorCode::kInvalid, "it is larger than 1 MiB");
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
  Reader reader;
  for (size_t number = 1; !text.empty(); ++number) {
    const size_t end = std::min(text.find('\n'), text.size());
    const std::string_view problem = reader.add(text.substr(0, end));
    if (!problem.empty()) {
      return Error(ErrorCode::kInvalid,
                   "line " + std::to_string(number) + ": " + std::string(problem));
    }
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return reader.take();
}

}  // namespace stanch::cloud::aws
