#include "env/http_client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace stanch::env {
namespace {

using testing::HasSubstr;

TEST(HttpUrl, IsTakenApart) {
  const std::string text = "https://[fd00:ec2::23]:8443/a/../b//c?x&y=%2F";
  const HttpUrl url = parse_http_url(text).value();
  EXPECT_TRUE(url.tls);
  EXPECT_EQ(url.authority, "[fd00:ec2::23]:8443");
  EXPECT_EQ(url.host, "fd00:ec2::23");
  EXPECT_EQ(url.port, "8443");
  EXPECT_EQ(url.target, "/a/../b//c?x&y=%2F");
  const HttpUrl plain = parse_http_url("http://sts.amazonaws.com").value();
  EXPECT_FALSE(plain.tls);
  EXPECT_EQ(plain.host, "sts.amazonaws.com");
  EXPECT_EQ(plain.port, "");
  EXPECT_EQ(plain.target, "");
  EXPECT_EQ(parse_http_url("https://h.example?x=1").value().target, "?x=1");
}

TEST(HttpUrl, WhatTwoReadersWouldTakeDifferentlyIsRefused) {
  const std::pair<std::string, std::string> cases[] = {
      {"ftp://h.example/", "begins with neither"},
      {"HTTPS://h.example/", "begins with neither"},
      {"file:///etc/passwd", "begins with neither"},
      {"", "begins with neither"},
      {"https://", "neither a name nor an address"},
      {"https:///path", "neither a name nor an address"},
      {"https://user@h.example/", "a user"},
      {"https://good.example@127.0.0.1/", "a user"},
      {"https://h.example\\@evil.example/", "a backslash"},
      {"https://h.example/a b", "percent-encoded"},
      {"https://h.example/\r\nX: y", "percent-encoded"},
      {"https://h.example/\xc3\xa9", "percent-encoded"},
      {"https://h.example/#x", "fragment"},
      {"https://127.1/", "neither a name nor an address"},
      {"https://0x7f000001/", "neither a name nor an address"},
      {"https://2130706433/", "neither a name nor an address"},
      {"https://0177.0.0.1/", "neither a name nor an address"},
      {"https://127.0.0.1./", "neither a name nor an address"},
      {"https://a..b/", "neither a name nor an address"},
      {"https://-a.example/", "neither a name nor an address"},
      {"https://h%2eexample/", "neither a name nor an address"},
      {"https://::1/", "neither a name nor an address"},
      {"https://[::1/", "no closing bracket"},
      {"https://[127.0.0.1]/", "no IPv6 address"},
      {"https://[fe80::1%25eth0]/", "no IPv6 address"},
      {"https://[::1]8/", "the port"},
      {"https://h.example:/", "the port"},
      {"https://h.example:0/", "the port"},
      {"https://h.example:65536/", "the port"},
      {"https://h.example:+80/", "the port"},
      {"https://h.example:8x/", "the port"},
  };
  for (const auto& [url, text] : cases) {
    const auto result = parse_http_url(url);
    ASSERT_FALSE(result) << url;
    EXPECT_EQ(result.error().code(), ErrorCode::kInvalid) << url;
    EXPECT_THAT(result.error().message(), HasSubstr(text)) << url;
  }
}

TEST(HttpRequest, WhatWouldNotArriveAsWrittenIsRefused) {
  const auto with = [](auto change) {
    HttpRequest request{.url = "https://h.example/"};
    change(request);
    const auto result = check_request(request);
    return result ? std::string("sent") : result.error().message();
  };
  EXPECT_EQ(with([](auto& r) { r.headers = {{"X-Ok", "v\t1"}, {"Empty", ""}}; }), "sent");
  EXPECT_THAT(with([](auto& r) { r.method = "GET /x"; }), HasSubstr("the method"));
  EXPECT_THAT(with([](auto& r) { r.method = ""; }), HasSubstr("the method"));
  EXPECT_THAT(with([](auto& r) { r.headers = {{"A b", "v"}}; }), HasSubstr("name of a header"));
  EXPECT_THAT(with([](auto& r) { r.headers = {{"", "v"}}; }), HasSubstr("name of a header"));
  for (const char* value : {"a\r\nB: c", "a\nb", "a\rb"}) {
    EXPECT_THAT(with([&](auto& r) { r.headers = {{"A", value}}; }),
                HasSubstr("more than one line"));
  }
  EXPECT_THAT(with([](auto& r) { r.headers = {{"A", std::string("a\0b", 3)}}; }),
              HasSubstr("more than one line"));
  for (const char* name : {"content-length", "Transfer-Encoding", "CONNECTION"}) {
    EXPECT_THAT(with([&](auto& r) { r.headers = {{name, "1"}}; }), HasSubstr("for the client"));
  }
  EXPECT_THAT(with([](auto& r) { r.headers = {{"Authorization", "s3cr3t\n"}}; }),
              testing::Not(HasSubstr("s3cr3t")));
}

TEST(HttpRequest, GoesOnlyWhereItMay) {
  struct Case {
    std::string url;
    bool plain_http;
    bool public_only;
    std::string problem;  // "" if it may
  };
  const Case cases[] = {
      {"https://10.0.0.1/", false, false, ""},
      {"https://10.0.0.1/", false, true, "no public address"},
      {"https://[::ffff:10.0.0.1]/", false, true, "no public address"},
      {"https://8.8.8.8/", false, true, ""},
      {"http://127.0.0.1:1/", false, false, "plain HTTP is not allowed"},
      {"http://h.example/", false, false, "plain HTTP is not allowed"},
      {"http://127.0.0.1:1/", true, false, ""},
      {"http://169.254.169.254/", true, false, ""},
      {"http://[fd00:ec2::254]/", true, false, ""},
      {"http://10.0.0.1/", true, false, "for local addresses only"},
      {"http://8.8.8.8/", true, false, "for local addresses only"},
      {"http://localhost:1/", true, false, ""},
  };
  for (const Case& c : cases) {
    const HttpRequest request{
        .url = c.url, .plain_http = c.plain_http, .public_only = c.public_only};
    const auto result = check_request(request);
    EXPECT_EQ(result.has_value(), c.problem.empty()) << c.url;
    if (result) continue;
    EXPECT_EQ(result.error().code(), ErrorCode::kDenied) << c.url;
    EXPECT_THAT(result.error().message(), HasSubstr(c.problem)) << c.url;
  }
}

TEST(HttpRequest, AnAddressThatANameLedToIsHeldToTheSame) {
  struct Case {
    const char* address;
    bool public_only, tls, may;
  };
  const Case cases[] = {
      {"10.0.0.1", false, true, true},   {"10.0.0.1", true, true, false},
      {"8.8.8.8", true, true, true},     {"8.8.8.8", false, false, false},
      {"10.0.0.1", false, false, false}, {"127.0.0.1", false, false, true},
      {"127.0.0.1", true, false, false}, {"169.254.169.254", false, false, true},
  };
  for (const Case& c : cases) {
    const HttpRequest request{.plain_http = true, .public_only = c.public_only};
    EXPECT_EQ(may_go_to(request, c.tls, codec::parse_address(c.address).value()), c.may)
        << c.address << c.public_only << c.tls;
  }
}

TEST(HttpAddress, PublicOnesAreThoseThatEveryoneReaches) {
  // Both sides of each line of the IANA registries.
  const std::pair<const char*, bool> cases[] = {
      {"0.255.255.255", false},
      {"1.0.0.0", true},
      {"9.255.255.255", true},
      {"10.0.0.0", false},
      {"10.255.255.255", false},
      {"11.0.0.0", true},
      {"100.63.255.255", true},
      {"100.64.0.0", false},
      {"100.127.255.255", false},
      {"100.128.0.0", true},
      {"126.255.255.255", true},
      {"127.0.0.1", false},
      {"128.0.0.0", true},
      {"169.253.255.255", true},
      {"169.254.169.254", false},
      {"169.255.0.0", true},
      {"172.15.255.255", true},
      {"172.16.0.0", false},
      {"172.31.255.255", false},
      {"172.32.0.0", true},
      {"192.0.0.255", false},
      {"192.0.1.0", true},
      {"192.0.2.1", false},
      {"192.88.99.1", false},
      {"192.167.255.255", true},
      {"192.168.0.0", false},
      {"192.169.0.0", true},
      {"198.17.255.255", true},
      {"198.18.0.0", false},
      {"198.19.255.255", false},
      {"198.20.0.0", true},
      {"198.51.100.7", false},
      {"203.0.113.7", false},
      {"223.255.255.255", true},
      {"224.0.0.1", false},
      {"255.255.255.255", false},
      {"::", false},
      {"::1", false},
      {"::ffff:127.0.0.1", false},
      {"::ffff:8.8.8.8", true},
      {"64:ff9b::10.0.0.1", false},
      {"1fff::1", false},
      {"2001:1ff::1", false},
      {"2001:200::1", true},
      {"2001:db8::1", false},
      {"2002:a00:1::", false},
      {"2003::1", true},
      {"2600::1", true},
      {"3fff:fff::1", false},
      {"3fff:1000::", true},
      {"4000::1", false},
      {"fc00::1", false},
      {"fd00:ec2::254", false},
      {"fe80::1", false},
      {"ff02::1", false},
  };
  for (const auto& [text, expected] : cases) {
    EXPECT_EQ(is_public(codec::parse_address(text).value()), expected) << text;
  }
}

TEST(HttpAddress, LocalOnesAreThisHostAndItsMetadataServices) {
  for (const char* text : {"127.0.0.1", "127.255.0.1", "::1", "169.254.169.254", "169.254.170.2",
                           "fe80::1", "fd00:ec2::254", "::ffff:127.0.0.1"}) {
    EXPECT_TRUE(is_local(codec::parse_address(text).value())) << text;
  }
  for (const char* text :
       {"10.0.0.1", "8.8.8.8", "169.255.0.1", "128.0.0.1", "::2", "fec0::1", "fd00:ec3::1", "::"}) {
    EXPECT_FALSE(is_local(codec::parse_address(text).value())) << text;
  }
}

TEST(HttpResponse, HeadersAreFoundWhateverTheirCase) {
  const HttpResponse response{.status = 200, .headers = {{"X-Amz-Id", "1"}, {"x-amz-id", "2"}}};
  ASSERT_NE(response.find_header("x-AMZ-id"), nullptr);
  EXPECT_EQ(*response.find_header("x-AMZ-id"), "1");
  EXPECT_EQ(response.find_header("x-amz"), nullptr);
}

}  // namespace
}  // namespace stanch::env
