#pragma once

#include <string>

#include "codec/json.h"

namespace stanch::codec {

// One member a line, so that a change shows as one line.
inline void append_readable(JsonView view, const std::string& indent, std::string& out) {
  if (view.is_scalar()) {
    append_compact(view, out);
    return;
  }
  const bool object = view.is_object();
  out += object ? '{' : '[';
  const std::string inner = indent + "  ";
  bool first = true;
  const auto separate = [&] {
    out += first ? "\n" : ",\n";
    out += inner;
    first = false;
  };
  for (const JsonMember member : view.members()) {
    separate();
    append_compact(member.key, out);
    out += ": ";
    append_readable(member.value, inner, out);
  }
  for (const JsonView element : view.elements()) {
    separate();
    append_readable(element, inner, out);
  }
  if (!first) out += '\n' + indent;
  out += object ? '}' : ']';
}

}  // namespace stanch::codec
