#include "codec/json_member.h"

namespace stanch::codec {

const JsonValue& member_of(const JsonValue& value, std::string_view path) {
  const JsonValue* at = &value;
  while (true) {
    const size_t dot = path.find('.');
    at = &(*at)[path.substr(0, dot)];
    if (dot == path.npos) return *at;
    path.remove_prefix(dot + 1);
  }
}

}  // namespace stanch::codec
