#include "codec/pretty_json.h"

namespace stanch::codec {

namespace {

void append(const JsonValue& value, size_t depth, std::string& out) {
  const auto line = [&](size_t deeper) { out += '\n' + std::string(2 * (depth + deeper), ' '); };
  const bool is_list = value.is_array();
  const size_t size = is_list             ? value.array().size()
                      : value.is_object() ? value.object().size()
                                          : 0;
  if (size == 0) {
    out += to_json(value);
    return;
  }
  out += is_list ? '[' : '{';
  bool first = true;
  const auto begin = [&] {
    if (!first) out += ',';
    first = false;
    line(1);
  };
  if (is_list) {
    for (const JsonValue& each : value.array()) {
      begin();
      append(each, depth + 1, out);
    }
  } else {
    for (const auto& [name, each] : value.object()) {
      begin();
      append_json_string(name, out);
      out += ": ";
      append(each, depth + 1, out);
    }
  }
  line(0);
  out += is_list ? ']' : '}';
}

}  // namespace

std::string pretty_json(const JsonValue& value) {
  std::string out;
  append(value, 0, out);
  out += '\n';
  return out;
}

}  // namespace stanch::codec
