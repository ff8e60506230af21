#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

// XML as the interfaces of clouds speak it: a tree of elements with text. Names are without their
// prefix ("xsi:type" is "type"), since none of these interfaces tells two names apart by it.
// Comments and processing instructions are skipped. A document type is refused, so there are no
// entities but the five of the standard (XML 1.0, section 4.6).

namespace stanch::codec {

struct XmlElement {
  std::string name;
  std::map<std::string, std::string, std::less<>> attributes;
  std::string text;  // all of its own, in one; white space alone between elements is none
  std::vector<XmlElement> children;

  // The first child of that name; null if there is none.
  const XmlElement* find(std::string_view child) const;
  // The text of that child; "" if there is none.
  std::string_view text_of(std::string_view child) const;
};

struct XmlLimits {
  size_t bytes_max = size_t{16} << 20;
  size_t depth_max = 64;
  size_t elements_max = 1'000'000;
};

// The root element. kInvalid with the line where it ends to be XML, or the limit.
Result<XmlElement> parse_xml(std::string_view text, const XmlLimits& limits = {});

// As text of an element, or as a value in double quotes. What XML 1.0 cannot hold (section 2.2:
// control characters, bad UTF-8) becomes U+FFFD.
void append_xml_text(std::string_view text, std::string& out);

}  // namespace stanch::codec
