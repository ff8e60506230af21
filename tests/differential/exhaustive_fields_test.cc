// All small events against all small field names.

#include <gtest/gtest.h>

#include "compare.h"
#include "generate.h"

namespace stanch::differential {
namespace {

using Texts = std::vector<std::string>;

std::string percent_encoded(const std::string& text) {
  static constexpr char kHex[] = "0123456789abcdef";
  std::string out;
  for (unsigned char c : text) out += std::string{'%', kHex[c >> 4], kHex[c & 15]};
  return out;
}

// All values of up to `depth` containers around a leaf.
Texts values(size_t depth) {
  Texts all = {"\"x\"", "null", "5"};
  for (size_t from = 0; depth > 0; --depth) {
    size_t to = all.size();
    for (; from < to; ++from) {
      const std::string inner = all[from];
      bool is_container = inner[0] == '{' || inner[0] == '[';
      all.push_back("[" + inner + "]");
      all.push_back("[null, " + inner + "]");
      for (const char* key : {"b", "B", "b.c", "c"}) {
        all.push_back("{\"" + std::string(key) + "\":" + inner + "}");
      }
      all.push_back("{\"b\":{\"c\":\"y\"},\"b.c\":" + inner + "}");
      all.push_back("{\"B\":\"y\",\"b\":" + inner + "}");
      if (is_container) {
        all.push_back(in_quotes(inner));
        all.push_back(in_quotes(percent_encoded(inner)));
      }
    }
  }
  return all;
}

TEST(DifferentialExhaustive, AllNamesInAllEvents) {
  Texts rules;
  for (const char* name :
       {"a", "a.b", "a.b.c", "A.B", "a{}.b", "a[].b[*].c", "a.c", "a.b.c.b", "a.B", "a[b=x]",
        "a[b=X].c", "a.b[c=5]", "a[b.c=x].b", "a[c=x].b[c=y]"}) {
    for (const char* item : {": x", "|exists: true", ": null", ": 5", "|contains: x", "|neq: x",
                             ": '*'", "|re: '^x$'"}) {
      std::string text = item;
      size_t colon = text.find(':');
      rules.push_back("title: x\nlogsource: {product: aws}\ndetection:\n  condition: s\n  s: {" +
                      in_quotes(name + text.substr(0, colon)) + text.substr(colon) + "}\n");
    }
  }
  std::vector<Event> events;
  for (const std::string& value : values(3)) {
    events.push_back({"{\"a\":" + value + "}", {}});
    if (value.size() < 30) events.push_back({"{\"a.b\":" + value + ",\"A\":{\"b\":\"x\"}}", {}});
  }
  auto text = difference(rules, events);
  EXPECT_FALSE(text) << *text;
}

}  // namespace
}  // namespace stanch::differential
