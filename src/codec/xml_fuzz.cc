#include "codec/xml.h"

#include <cstddef>
#include <cstdint>

#include "base/check.h"

// Any bytes: a tree or a reason; and what a tree holds comes back when it is written.

namespace {

using namespace stanch::codec;

void write(const XmlElement& element, std::string& out) {
  out += "<" + element.name + ">";
  if (element.children.empty()) append_xml_text(element.text, out);
  for (const XmlElement& child : element.children) write(child, out);
  out += "</" + element.name + ">";
}

bool is_same(const XmlElement& a, const XmlElement& b) {
  if (a.name != b.name || a.children.size() != b.children.size()) return false;
  if (a.children.empty() && a.text != b.text) return false;
  for (size_t i = 0; i < a.children.size(); ++i) {
    if (!is_same(a.children[i], b.children[i])) return false;
  }
  return true;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto root = parse_xml({reinterpret_cast<const char*>(data), size});
  if (!root) return 0;
  std::string text;
  write(*root, text);
  const auto again = parse_xml(text);
  CHECK(again && is_same(*root, *again));
  return 0;
}
