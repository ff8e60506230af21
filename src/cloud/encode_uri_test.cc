#include "cloud/encode_uri.h"

#include <gtest/gtest.h>

namespace stanch::cloud {
namespace {

TEST(EncodeUri, KeepsOnlyWhatIsUnreserved) {
  EXPECT_EQ(encode_uri("aZ0-._~"), "aZ0-._~");
  EXPECT_EQ(encode_uri("/ +%\xc3\xa9\x7f"), "%2F%20%2B%25%C3%A9%7F");
  EXPECT_EQ(encode_uri_but("a b/c=d", "/"), "a%20b/c%3Dd");
}

}  // namespace
}  // namespace stanch::cloud
