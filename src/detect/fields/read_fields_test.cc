#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <string>

#include "detect/detect.h"

namespace stanch::detect {
namespace {

TEST(ReadFields, ReadsTheFileThatComesWithTheProgram) {
  std::ifstream file(std::string(STANCH_SOURCE_DIR) + "/content/fields/aws_cloudtrail.yaml");
  Diagnostics diagnostics;
  detect::FieldContent content;
  read_fields({"aws_cloudtrail.yaml", std::string(std::istreambuf_iterator<char>(file), {})},
              content, diagnostics);
  ASSERT_EQ(content.logs.size(), 1u);
  EXPECT_TRUE(diagnostics.empty());
  const LogSchema& schema = content.logs.front();
  EXPECT_EQ(schema.product, "aws");
  EXPECT_EQ(schema.service, "cloudtrail");
  EXPECT_EQ(schema.category, "");
  EXPECT_EQ(schema.families, std::vector<std::string>{"aws_cloudtrail"});
  EXPECT_EQ(schema.members.size(), 32u);
  EXPECT_EQ(schema.members.front(), "eventTime");
}

TEST(ReadFields, SaysWhatIsWrong) {
  struct Case {
    const char *name, *text;
    uint32_t line;
  };
  const Case cases[] = {
      {"no YAML", "log: [\n", 2},
      {"two documents", "a: 1\n---\nb: 2\n", 0},
      {"no log", "members: [a]\n", 1},
      {"log is text", "log: aws\nmembers: [a]\n", 1},
      {"log names nothing", "members: [a]\nlog: {x: y}\n", 2},
      {"no members", "log: {product: aws}\n", 1},
      {"empty members", "log: {product: aws}\nmembers: []\n", 1},
      {"a member is a map", "log: {product: aws}\nmembers: [a, {b: c}]\n", 2},
      {"one key twice", "log: {product: aws}\nmembers: [a]\nmembers: [b]\n", 3},
  };
  for (const Case& c : cases) {
    Diagnostics diagnostics;
    detect::FieldContent content;
    read_fields({"f.yaml", c.text}, content, diagnostics);
    EXPECT_TRUE(content.logs.empty()) << c.name;
    ASSERT_EQ(diagnostics.size(), 1u) << c.name;
    EXPECT_EQ(diagnostics[0].code->id, "SIG039") << c.name;
    EXPECT_EQ(diagnostics[0].place.line, c.line) << c.name;
  }
}

}  // namespace
}  // namespace stanch::detect
