#include "cloud/aws/ini.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace stanch::cloud::aws {
namespace {

std::string describe(std::string_view text) {
  const auto ini = parse_ini(text);
  if (!ini) return ini.error().message();
  std::string out;
  for (const auto& [name, section] : *ini) {
    out += "[" + name + "]";
    for (const auto& [key, value] : section) out.append(key).append("=").append(value).append(";");
  }
  return out;
}

TEST(Ini, ReadsWhatTheAwsToolsWrite) {
  const std::pair<std::string, std::string> cases[] = {
      {"", ""},
      {"\n  \n# x\n; y\n \t# z\n", ""},
      {"[a]\nb=c", "[a]b=c;"},
      {"[a]\r\nb = c \r\n", "[a]b=c;"},
      {"\xef\xbb\xbf[a]\nb=c", "[a]b=c;"},
      {"[ a  b ]\nB.C_d = e=f == \n", "[a  b]b.c_d=e=f ==;"},
      {"[a] # x\nb = c # d\ne = f ;g\nh = i#j;k\n", "[a]b=c;e=f;h=i#j;k;"},
      {"[a]\nb =\nc = # x\n", "[a]b=;c=;"},
      {"[a]\nb = 1\nB = 2\n[c]\n[a]\nd = 3\n", "[a]b=2;d=3;[c]"},
      {"[a]\ns3 =\n  max = 1\n\tstyle = path\nb = c\n", "[a]b=c;s3=;"},
      {"[a]]\n", "line 1: something follows the section"},
  };
  for (const auto& [text, expected] : cases) EXPECT_EQ(describe(text), expected) << text;
}

TEST(Ini, NamesTheLineButNotWhatStandsInIt) {
  const std::pair<std::string, std::string> cases[] = {
      {"[a]\nSECRET\n", "line 2: it is neither a section nor key = value"},
      {"SECRET = 1\n", "line 1: it stands before the first section"},
      {"\n[SECRET\n", "line 2: the bracket is not closed"},
      {"[a] SECRET\n", "line 1: something follows the section"},
      {"[a]\n = SECRET\n", "line 2: it is indented, but belongs to no key"},
      {"[a]\n= SECRET\n", "line 2: the key is missing"},
      {"[a]\n[b]\n x = SECRET\n", "line 3: it is indented, but belongs to no key"},
      {std::string("[a]\nb = SE\0CRET\n", 16), "line 2: there is a zero byte in it"},
  };
  for (const auto& [text, expected] : cases) EXPECT_EQ(describe(text), expected);
  EXPECT_EQ(describe(std::string(kIniBytesMax, '\n')), "");
  EXPECT_EQ(describe(std::string(kIniBytesMax + 1, '\n')), "it is larger than 1 MiB");
  EXPECT_EQ(parse_ini("x").error().code(), ErrorCode::kInvalid);
}

}  // namespace
}  // namespace stanch::cloud::aws
