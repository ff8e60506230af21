#include "respond/guard/table_file.h"

#include <fmt/format.h>

#include <charconv>

namespace stanch::respond {

using codec::YamlMark;
using codec::YamlMember;
using codec::YamlNode;

void TableFile::each_member(std::string_view what,
                            const std::function<void(const YamlMember&)>& read) {
  const auto documents = codec::parse_yaml(text_);
  for (const codec::YamlDocument& document : documents) {
    if (document.problem) {
      report(ResponseCode::kSyntax, document.problem->mark, document.problem->message,
             document.problem->hint);
      continue;
    }
    for (const codec::YamlDuplicateKey& twice : document.duplicate_keys) {
      report(ResponseCode::kValue, twice.again, fmt::format("'{}' is given twice", twice.key));
    }
    if (!document.root.is_map()) {
      report(ResponseCode::kValue, document.root.mark, fmt::format("{} a map", what));
      continue;
    }
    for (const YamlMember& member : document.root.members) read(member);
  }
}

void TableFile::report(ResponseCode code, YamlMark mark, std::string message, std::string hint) {
  diagnostics_.push_back({&code_of(code),
                          {path_, mark.line, mark.column},
                          std::move(message),
                          mark.line == 0 ? "" : line_of(text_, mark.line),
                          std::move(hint)});
}

void TableFile::unknown(const YamlNode& key, std::string_view known) {
  report(ResponseCode::kUnknown, key.mark, fmt::format("there is no member '{}'", key.text),
         std::string(known));
}

bool TableFile::is_list(const YamlNode& node) {
  if (node.is_list() || node.is_null()) return true;
  report(ResponseCode::kValue, node.mark, "a list belongs here");
  return false;
}

bool TableFile::is_map(const YamlNode& node) {
  if (node.is_map() || node.is_null()) return true;
  report(ResponseCode::kValue, node.mark, "a map belongs here");
  return false;
}

std::optional<uint64_t> TableFile::number(const YamlNode& node) {
  uint64_t value = 0;
  const char* const end = node.text.data() + node.text.size();
  const auto [at, error] = std::from_chars(node.text.data(), end, value);
  if (node.is_scalar() && node.type == codec::YamlType::kInteger && error == std::errc() &&
      at == end) {
    return value;
  }
  report(ResponseCode::kValue, node.mark, "a number from 0 on belongs here");
  return std::nullopt;
}

}  // namespace stanch::respond
