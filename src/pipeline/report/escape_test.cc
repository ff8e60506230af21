#include "pipeline/report/escape.h"

#include <gtest/gtest.h>

namespace stanch::pipeline::report {
namespace {

struct Case {
  std::string_view text, html, markdown;
};

TEST(Escape, MakesForeignTextHarmless) {
  const Case cases[] = {
      {"", "", ""},
      {"plain words, 3.5 of them", "plain words, 3.5 of them", "plain words, 3.5 of them"},
      {"<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;",
       "\\<script\\>alert(1)\\</script\\>"},
      {"a \"b\" & 'c'", "a &quot;b&quot; &amp; &#39;c&#39;", "a \"b\" &amp; 'c'"},
      {"&lt;b&gt;", "&amp;lt;b&amp;gt;", "&amp;lt;b&amp;gt;"},
      {"\x1b[2J", "\\x1b[2J", "\\\\x1b\\[2J"},
      {"one\ntwo", "one\\ntwo", "one\\\\ntwo"},
      {"a\u202e"
       "b",
       "a\\u{202e}b", "a\\\\u\\{202e\\}b"},
      {"[x](javascript:alert(1))", "[x](javascript:alert(1))", "\\[x\\](javascript:alert(1))"},
      {"![i](http://evil.example/i.png)", "![i](http://evil.example/i.png)",
       "\\!\\[i\\](http&#58;//evil.example/i.png)"},
      {"see https://evil.example", "see https://evil.example", "see https&#58;//evil.example"},
      {"www.evil.example and WWW.x", "www.evil.example and WWW.x",
       "www&#46;evil.example and WWW&#46;x"},
      {"xww.y", "xww.y", "xww.y"},
      {"@alice #12 a@b.example", "@alice #12 a@b.example", "&#64;alice &#35;12 a&#64;b.example"},
      {"a|b `c` *d* _e_ ~f~ $g$", "a|b `c` *d* _e_ ~f~ $g$",
       "a\\|b \\`c\\` \\*d\\* \\_e\\_ \\~f\\~ \\$g\\$"},
      {"# not a heading", "# not a heading", "&#35; not a heading"},
      {"- not an item", "- not an item", "\\- not an item"},
      {" + nor this", " + nor this", " \\+ nor this"},
      {"=cmd()", "=cmd()", "\\=cmd()"},
      {"12. nor this", "12. nor this", "12\\. nor this"},
      {"12) nor this", "12) nor this", "12\\) nor this"},
      {"1 - 2 = -1 in 3.", "1 - 2 = -1 in 3.", "1 - 2 = -1 in 3."},
      {"back\\slash", "back\\slash", "back\\\\slash"},
      {"caf\xc3\xa9 \xff", "caf\xc3\xa9 \xef\xbf\xbd", "caf\xc3\xa9 \xef\xbf\xbd"},
  };
  for (const Case& one : cases) {
    EXPECT_EQ(html_text(one.text), one.html) << one.text;
    EXPECT_EQ(markdown_text(one.text), one.markdown) << one.text;
  }
}

// Whatever byte it is, none that means something to HTML is left as it is.
TEST(Escape, LeavesNoByteOfHtml) {
  for (int byte = 0; byte < 256; ++byte) {
    const std::string html = html_text(std::string(1, static_cast<char>(byte)));
    EXPECT_EQ(html.find_first_of("<>\"'"), std::string::npos) << byte;
    if (html.find('&') != std::string::npos) {
      EXPECT_TRUE(html.ends_with(';')) << byte;
    }
    for (const char c : html) EXPECT_TRUE(c >= ' ' || c < 0) << byte;
  }
}

}  // namespace
}  // namespace stanch::pipeline::report
