#include "codec/xml.h"

#include <gtest/gtest.h>

#include <string>

namespace stanch::codec {
namespace {

// The tree again, so that a table can say what it is.
std::string told(const XmlElement& element) {
  std::string text = element.name;
  for (const auto& [name, value] : element.attributes) text += " " + name + "=" + value;
  if (!element.text.empty()) text += ":" + element.text;
  for (const XmlElement& child : element.children) text += "(" + told(child) + ")";
  return text;
}

TEST(Xml, IsReadAsATree) {
  const struct {
    const char* name;
    std::string given, told;
  } cases[] = {
      {"empty element", "<a/>", "a"},
      {"text", "<a>b</a>", "a:b"},
      {"white space of a leaf is text", "<a> b </a>", "a: b "},
      {"a leaf of white space", "<a> </a>", "a: "},
      {"white space between elements is none", "<a>\n  <b>1</b>\n  <b>2</b>\n</a>", "a(b:1)(b:2)"},
      {"declaration", "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<a/>", "a"},
      {"namespaces", "<x:a xmlns:x=\"urn:x\" x:type=\"t\"/>", "a type=t x=urn:x"},
      {"colons that are no prefix", "<a><f:/><f:1/></a>", "a(f:)(f:1)"},
      {"entities of the standard", "<a b=\"&quot;\">&lt;&amp;&gt;&apos;&#65;&#x42;</a>",
       "a b=\":<&>'AB"},
      {"text without markup", "<a><![CDATA[<b>&]]></a>", "a:<b>&"},
      {"comments", "<a>1<!-- no -->2<?no no?>3</a>", "a:123"},
      {"beyond ASCII", "<a>\xC3\xBC</a>", "a:\xC3\xBC"},
  };
  for (const auto& each : cases) {
    const auto root = parse_xml(each.given);
    ASSERT_TRUE(root) << each.name << ": " << root.error().message();
    EXPECT_EQ(told(*root), each.told) << each.name;
  }
}

TEST(Xml, OfWhatIsNoneSaysWhere) {
  const struct {
    std::string given, why;
  } cases[] = {
      {"", "line 1: no element found"},
      {"<a>\n<b></a>", "line 2: mismatched tag"},
      {"<a>&foreign;</a>", "line 1: undefined entity"},
      {"<!DOCTYPE a [<!ENTITY b \"c\">]><a>&b;</a>", "line 1: it has a document type"},
      {"<a/><b/>", "line 1: junk after document element"},
      {"<a>\x01</a>", "line 1: not well-formed"},
      {"<a>\xC3</a>", "line 1: not well-formed"},
  };
  for (const auto& each : cases) {
    const auto root = parse_xml(each.given);
    ASSERT_FALSE(root) << each.given;
    EXPECT_EQ(root.error().code(), ErrorCode::kInvalid);
    EXPECT_NE(root.error().message().find(each.why), std::string::npos) << root.error().message();
  }
}

TEST(Xml, HasLimits) {
  const XmlLimits limits{.bytes_max = 60, .depth_max = 3, .elements_max = 5};
  EXPECT_TRUE(parse_xml("<a><b><c/><c/><c/></b></a>", limits));
  EXPECT_FALSE(parse_xml("<a><b><c/><c/><c/><c/></b></a>", limits));
  EXPECT_FALSE(parse_xml("<a><b><c><d/></c></b></a>", limits));
  EXPECT_FALSE(parse_xml("<a>" + std::string(60, 'b') + "</a>", limits));
}

TEST(Xml, FindsChildren) {
  const auto root = parse_xml("<a><b>1</b><b>2</b><c/></a>");
  ASSERT_TRUE(root);
  EXPECT_EQ(root->text_of("b"), "1");
  EXPECT_EQ(root->text_of("c"), "");
  EXPECT_EQ(root->find("d"), nullptr);
}

TEST(Xml, TextComesBackAsItWas) {
  for (const std::string text : {"", "a<b>&\"'", "]]>", "tab\tline\nreturn\r", "\xC3\xBC"}) {
    std::string written = "<a b=\"";
    append_xml_text(text, written);
    written += "\">";
    append_xml_text(text, written);
    const auto root = parse_xml(written + "</a>");
    ASSERT_TRUE(root) << text;
    EXPECT_EQ(root->text, text);
  }
  std::string written;
  append_xml_text("\x01\xC3(", written);
  EXPECT_EQ(written, "\xEF\xBF\xBD\xEF\xBF\xBD(");
}

}  // namespace
}  // namespace stanch::codec
