#include "codec/xml.h"

#include <expat.h>
#include <fmt/format.h>

#include <algorithm>
#include <memory>

#include "codec/utf8.h"

namespace stanch::codec {

namespace {

// Without its prefix, if what is left is a name (XML names may have a colon anywhere).
std::string_view local(std::string_view name) {
  const size_t colon = name.rfind(':');
  if (colon == name.npos || colon + 1 == name.size()) return name;
  const char first = name[colon + 1];
  const bool begins_name = (first >= 'a' && first <= 'z') || (first >= 'A' && first <= 'Z') ||
                           first == '_';  // of others only some may begin one
  return begins_name ? name.substr(colon + 1) : name;
}

bool is_blank(std::string_view text) { return text.find_first_not_of(" \t\r\n") == text.npos; }

class Reading {
 public:
  explicit Reading(const XmlLimits& limits)
      : limits_(limits), parser_(XML_ParserCreate("UTF-8"), XML_ParserFree) {
    XML_SetUserData(parser_.get(), this);
    XML_SetElementHandler(parser_.get(), begin, end);
    XML_SetCharacterDataHandler(parser_.get(), characters);
    XML_SetStartDoctypeDeclHandler(parser_.get(), doctype);
  }

  Result<XmlElement> read(std::string_view text) {
    const auto status =
        XML_Parse(parser_.get(), text.data(), static_cast<int>(text.size()), XML_TRUE);
    if (!problem_.empty()) return Error(ErrorCode::kInvalid, problem_);
    if (status != XML_STATUS_OK) {
      return Error(ErrorCode::kInvalid,
                   fmt::format("XML, line {}: {}", XML_GetCurrentLineNumber(parser_.get()),
                               XML_ErrorString(XML_GetErrorCode(parser_.get()))));
    }
    return std::move(root_);
  }

 private:
  static void begin(void* self, const XML_Char* name, const XML_Char** attributes) {
    auto& reading = *static_cast<Reading*>(self);
    if (reading.open_.size() >= reading.limits_.depth_max) return reading.stop("nests too deep");
    if (++reading.elements_ > reading.limits_.elements_max) {
      return reading.stop("has too many elements");
    }
    XmlElement element;
    element.name = local(name);
    for (; *attributes != nullptr; attributes += 2) {
      element.attributes.emplace(local(attributes[0]), attributes[1]);
    }
    reading.open_.push_back(std::move(element));
  }

  static void end(void* self, const XML_Char*) {
    auto& reading = *static_cast<Reading*>(self);
    if (reading.open_.empty()) return;
    XmlElement element = std::move(reading.open_.back());
    reading.open_.pop_back();
    if (!element.children.empty() && is_blank(element.text)) element.text.clear();
    if (reading.open_.empty()) {
      reading.root_ = std::move(element);
    } else {
      reading.open_.back().children.push_back(std::move(element));
    }
  }

  static void characters(void* self, const XML_Char* text, int size) {
    auto& reading = *static_cast<Reading*>(self);
    if (!reading.open_.empty()) reading.open_.back().text.append(text, static_cast<size_t>(size));
  }

  static void doctype(void* self, const XML_Char*, const XML_Char*, const XML_Char*, int) {
    static_cast<Reading*>(self)->stop("has a document type, which is refused");
  }

  void stop(std::string_view why) {
    if (problem_.empty()) {
      problem_ = fmt::format("XML, line {}: it {}", XML_GetCurrentLineNumber(parser_.get()), why);
    }
    XML_StopParser(parser_.get(), XML_FALSE);
  }

  const XmlLimits& limits_;
  std::unique_ptr<XML_ParserStruct, decltype(&XML_ParserFree)> parser_;
  std::vector<XmlElement> open_;
  XmlElement root_;
  size_t elements_ = 0;
  std::string problem_;
};

}  // namespace

const XmlElement* XmlElement::find(std::string_view child) const {
  const auto found = std::ranges::find(children, child, &XmlElement::name);
  return found == children.end() ? nullptr : &*found;
}

std::string_view XmlElement::text_of(std::string_view child) const {
  const XmlElement* found = find(child);
  return found == nullptr ? std::string_view() : found->text;
}

Result<XmlElement> parse_xml(std::string_view text, const XmlLimits& limits) {
  if (text.size() > limits.bytes_max) {
    return Error(ErrorCode::kInvalid, fmt::format("XML of more than {} bytes", limits.bytes_max));
  }
  return Reading(limits).read(text);
}

void append_xml_text(std::string_view text, std::string& out) {
  constexpr std::string_view kReplacement = "\xEF\xBF\xBD";
  for (const char c : repair_utf8(text)) {
    switch (c) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '"': out += "&quot;"; break;
      case '\r':  // would be read as a newline (section 2.11)
        out += "&#13;";
        break;
      default:
        if (static_cast<unsigned char>(c) >= 0x20 || c == '\t' || c == '\n') {
          out += c;
        } else {
          out += kReplacement;
        }
    }
  }
}

}  // namespace stanch::codec
