#include "cloud/aws/signing.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "codec/timestamp.h"

namespace stanch::cloud::aws {
namespace {

using env::HttpHeader;
using env::HttpRequest;
using testing::HasSubstr;

Credentials example() {
  return {.access_key_id = "AKIDEXAMPLE",
          .secret_access_key = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
          .session_token = "",
          .expires = std::nullopt,
          .source = ""};
}

Signing example_signing() {
  return {.region = "us-east-1",
          .service = "service",
          .when = codec::parse_timestamp("2015-08-30T12:36:00Z").value()};
}

std::string header(const HttpRequest& request, std::string_view name) {
  for (const HttpHeader& h : request.headers) {
    if (h.name == name) return h.value;
  }
  return "";
}

std::string signature_of(const HttpRequest& request) {
  const std::string value = header(request, "Authorization");
  return value.substr(value.rfind('=') + 1);
}

// AWS's Signature Version 4 test suite (aws-sig-v4-test-suite, as aws-c-auth and botocore carry
// it); the name of each row is that of its case. Not here: post-sts-header-after, which signs
// without the token that it then sends.
TEST(Signing, GivesThePublishedSignatures) {
  struct Case {
    std::string name;
    std::string method;
    std::string target;
    std::vector<HttpHeader> headers;
    std::string body;
    std::string session_token;
    std::string signature;
  };
  const std::string all = "-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
  const std::string vanilla = "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31";
  const std::string post = "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b";
  const std::string long_token =
      "AQoDYXdzEPT//////////"
      "wEXAMPLEtc764bNrC9SAPBSM22wDOk4x4HIZ8j4FZTwdQWLWsKWHGBuFqwAeMicRXmxfpSPfI"
      "eoIYRqTflfKD8YUuwthAx7mSEI/qkPpKPi/"
      "kMcGdQrmGdeehM4IC1NtBmUpp2wUE8phUZampKsburEDy0KPkyQDYwT7WZ0"
      "wq5VSXDvp75YU9HFvlRd8Tx6q6fE8YQcHNVXAkiY9q6d+xo0rKwT38xVqr7ZD0u0iPPkUL64lIZbqBAz+"
      "scqKmlzm8FDry"
      "pNC9Yjc8fPOLn9FX9KSYvKTr4rvx3iSIlTJabIQwj2ICCR/oLxBA==";
  const Case cases[] = {
      {"get-vanilla", "GET", "/", {}, "", "", vanilla},
      {"get-vanilla-query", "GET", "/", {}, "", "", vanilla},
      {"get-header-key-duplicate",
       "GET",
       "/",
       {{"My-Header1", "value2"}, {"My-Header1", "value2"}, {"My-Header1", "value1"}},
       "",
       "",
       "c9d5ea9f3f72853aea855b47ea873832890dbdd183b4468f858259531a5138ea"},
      {"get-header-value-multiline",
       "GET",
       "/",
       {{"My-Header1", "value1\n  value2\n     value3"}},
       "",
       "",
       "cfd34249e4b1c8d6b91ef74165d41a32e5fab3306300901bb65a51a73575eefd"},
      {"get-header-value-order",
       "GET",
       "/",
       {{"My-Header1", "value4"},
        {"My-Header1", "value1"},
        {"My-Header1", "value3"},
        {"My-Header1", "value2"}},
       "",
       "",
       "08c7e5a9acfcfeb3ab6b2185e75ce8b1deb5e634ec47601a50643f830c755c01"},
      {"get-header-value-trim",
       "GET",
       "/",
       {{"My-Header1", " value1"}, {"My-Header2", " \"a   b   c\""}},
       "",
       "",
       "acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736"},
      {"get-unreserved",
       "GET",
       "/" + all,
       {},
       "",
       "",
       "07ef7494c76fa4850883e2b006601f940f8a34d404d0cfa977f52a65bbf5f24f"},
      {"get-utf8",
       "GET",
       "/\xe1\x88\xb4",
       {},
       "",
       "",
       "8318018e0b0f223aa2bbf98705b62bb787dc9c0e678f255a891fd03141be5d85"},
      {"get-vanilla-empty-query-key",
       "GET",
       "/?Param1=value1",
       {},
       "",
       "",
       "a67d582fa61cc504c4bae71f336f98b97f1ea3c7a6bfe1b6e45aec72011b9aeb"},
      {"get-vanilla-query-order-encoded",
       "GET",
       "/?Param-3=Value3&Param=Value2&%E1%88%B4=Value1",
       {},
       "",
       "",
       "371d3713e185cc334048618a97f809c9ffe339c62934c032af5a0e595648fcac"},
      {"get-vanilla-query-order-key-case",
       "GET",
       "/?Param2=value2&Param1=value1",
       {},
       "",
       "",
       "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500"},
      {"get-vanilla-query-order-key",
       "GET",
       "/?Param1=value2&Param1=Value1",
       {},
       "",
       "",
       "eedbc4e291e521cf13422ffca22be7d2eb8146eecf653089df300a15b2382bd1"},
      {"get-vanilla-query-order-value",
       "GET",
       "/?Param1=value2&Param1=value1",
       {},
       "",
       "",
       "5772eed61e12b33fae39ee5e7012498b51d56abc0abb7c60486157bd471c4694"},
      {"get-vanilla-query-unreserved",
       "GET",
       "/?" + all + "=" + all,
       {},
       "",
       "",
       "9c3e54bfcdf0b19771a7f523ee5669cdf59bc7cc0884027167c21bb143a40197"},
      {"get-vanilla-utf8-query",
       "GET",
       "/?\xe1\x88\xb4=bar",
       {},
       "",
       "",
       "2cdec8eed098649ff3a119c94853b13c643bcf08f8b0a1d91e12c9027818dd04"},
      {"get-vanilla-with-session-token",
       "GET",
       "/",
       {},
       "",
       "6e86291e8372ff2a2260956d9b8aae1d763fbf315fa00fa31553b73ebf194267",
       "07ec1639c89043aa0e3e2de82b96708f198cceab042d4a97044c66dd9f74e7f8"},
      {"normalize-path/get-relative", "GET", "/example/..", {}, "", "", vanilla},
      {"normalize-path/get-relative-relative",
       "GET",
       "/example1/example2/../..",
       {},
       "",
       "",
       vanilla},
      {"normalize-path/get-slash", "GET", "//", {}, "", "", vanilla},
      {"normalize-path/get-slash-dot-slash", "GET", "/./", {}, "", "", vanilla},
      {"normalize-path/get-slash-pointless-dot",
       "GET",
       "/./example",
       {},
       "",
       "",
       "ef75d96142cf21edca26f06005da7988e4f8dc83a165a80865db7089db637ec5"},
      {"normalize-path/get-slashes",
       "GET",
       "//example//",
       {},
       "",
       "",
       "9a624bd73a37c9a373b5312afbebe7a714a789de108f0bdfe846570885f57e84"},
      {"normalize-path/get-space",
       "GET",
       "/example space/",
       {},
       "",
       "",
       "652487583200325589f1fba4c7e578f72c47cb61beeca81406b39ddec1366741"},
      {"normalize-path/get-special-character",
       "GET",
       "/example/$delete",
       {},
       "",
       "",
       "a853c9b21b528b19643d00910d35b83a10c366a10833ceefb45edd6c80e40f27"},
      {"post-vanilla", "POST", "/", {}, "", "", post},
      {"post-header-key-case", "POST", "/", {}, "", "", post},
      {"post-header-key-sort",
       "POST",
       "/",
       {{"My-Header1", "value1"}},
       "",
       "",
       "c5410059b04c1ee005303aed430f6e6645f61f4dc9e1461ec8f8916fdf18852c"},
      {"post-header-value-case",
       "POST",
       "/",
       {{"My-Header1", "VALUE1"}},
       "",
       "",
       "cdbc9802e29d2942e5e10b5bccfdd67c5f22c7c4e8ae67b53629efa58b974b7d"},
      {"post-sts-token/post-sts-header-before",
       "POST",
       "/",
       {},
       "",
       long_token,
       "85d96828115b5dc0cfc3bd16ad9e210dd772bbebba041836c64533a82be05ead"},
      {"post-vanilla-empty-query-value",
       "POST",
       "/?Param1=value1",
       {},
       "",
       "",
       "28038455d6de14eafc1f9222cf5aa6f1a96197d7deb8263271d420d138af7f11"},
      {"post-vanilla-query",
       "POST",
       "/?Param1=value1",
       {},
       "",
       "",
       "28038455d6de14eafc1f9222cf5aa6f1a96197d7deb8263271d420d138af7f11"},
      {"post-x-www-form-urlencoded",
       "POST",
       "/",
       {{"Content-Type", "application/x-www-form-urlencoded"}},
       "Param1=value1",
       "",
       "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a"},
      {"post-x-www-form-urlencoded-parameters",
       "POST",
       "/",
       {{"Content-Type", "application/x-www-form-urlencoded; charset=utf8"}},
       "Param1=value1",
       "",
       "1a72ec8f64bd914b0e42e42607c7fbce7fb2c7465f63e3092b3b0d39fa77a6fe"},
  };
  for (const Case& c : cases) {
    HttpRequest request{.method = c.method,
                        .url = "https://example.amazonaws.com" + c.target,
                        .headers = c.headers,
                        .body = c.body};
    Credentials credentials = example();
    credentials.session_token = c.session_token;
    ASSERT_TRUE(sign(request, credentials, example_signing())) << c.name;
    EXPECT_EQ(signature_of(request), c.signature) << c.name;
    EXPECT_EQ(header(request, "X-Amz-Date"), "20150830T123600Z");
    EXPECT_EQ(header(request, "X-Amz-Security-Token"), c.session_token);
  }
}

Credentials s3_example() {
  Credentials credentials = example();
  credentials.access_key_id = "AKIAIOSFODNN7EXAMPLE";
  credentials.secret_access_key = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
  return credentials;
}

Signing s3_signing() {
  return {.region = "us-east-1",
          .service = "s3",
          .when = codec::parse_timestamp("2013-05-24T00:00:00Z").value(),
          .rules = SigningRules::kS3};
}

// Amazon S3 API Reference, "Examples: Signature Calculations" (Authorization header, one chunk).
TEST(Signing, GivesTheSignaturesOfTheS3Reference) {
  struct Case {
    std::string name;
    HttpRequest request;
    std::string signature;
  };
  const std::string host = "https://examplebucket.s3.amazonaws.com";
  const Case cases[] = {
      {"GET Object",
       {.url = host + "/test.txt", .headers = {{"Range", "bytes=0-9"}}},
       "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"},
      {"PUT Object",
       {.method = "PUT",
        .url = host + "/test%24file.text",
        .headers = {{"Date", "Fri, 24 May 2013 00:00:00 GMT"},
                    {"x-amz-storage-class", "REDUCED_REDUNDANCY"}},
        .body = "Welcome to Amazon S3."},
       "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd"},
      {"PUT Object, a '$' that was not encoded",
       {.method = "PUT",
        .url = host + "/test$file.text",
        .headers = {{"Date", "Fri, 24 May 2013 00:00:00 GMT"},
                    {"x-amz-storage-class", "REDUCED_REDUNDANCY"}},
        .body = "Welcome to Amazon S3."},
       "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd"},
      {"GET Bucket Lifecycle",
       {.url = host + "/?lifecycle"},
       "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543"},
      {"GET Bucket (List Objects)",
       {.url = host + "/?max-keys=2&prefix=J"},
       "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7"},
      {"GET Bucket, unsorted and without a path",
       {.url = host + "?prefix=J&max-keys=2"},
       "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7"},
  };
  for (const Case& c : cases) {
    HttpRequest request = c.request;
    ASSERT_TRUE(sign(request, s3_example(), s3_signing())) << c.name;
    EXPECT_EQ(signature_of(request), c.signature) << c.name;
  }
}

// The same reference, "Authenticating Requests: Using Query Parameters".
TEST(Signing, GivesThePresignedUrlOfTheS3Reference) {
  HttpRequest request{.url = "https://examplebucket.s3.amazonaws.com/test.txt"};
  ASSERT_TRUE(presign(request, s3_example(), s3_signing(), std::chrono::seconds(86400)));
  EXPECT_EQ(request.url,
            "https://examplebucket.s3.amazonaws.com/test.txt"
            "?X-Amz-Algorithm=AWS4-HMAC-SHA256"
            "&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request"
            "&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host"
            "&X-Amz-Signature="
            "aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404");
  EXPECT_TRUE(request.headers.empty());
}

TEST(Signing, SigningAgainReplacesWhatWasSigned) {
  HttpRequest request{.method = "POST", .url = "https://s3.eu-west-1.amazonaws.com/b/k"};
  request.headers = {{"x-amz-date", "old"}, {"authorization", "old"}, {"X-Kept", "1"}};
  Credentials credentials = s3_example();
  credentials.session_token = "token";
  ASSERT_TRUE(sign(request, credentials, s3_signing()));
  HttpRequest once = request;
  EXPECT_EQ(once.headers.size(), 5u);
  ASSERT_TRUE(sign(request, credentials, s3_signing()));
  ASSERT_EQ(request.headers.size(), once.headers.size());
  EXPECT_EQ(header(request, "Authorization"), header(once, "Authorization"));
  ASSERT_TRUE(sign(request, s3_example(), s3_signing()));
  EXPECT_EQ(header(request, "X-Amz-Security-Token"), "") << "these have no session";
  EXPECT_EQ(header(request, "X-Kept"), "1");
}

TEST(Signing, TheTimeIsTheCallers) {
  HttpRequest request{.url = "https://example.amazonaws.com/"};
  Signing signing = example_signing();
  signing.when += std::chrono::milliseconds(999) + std::chrono::hours(12);
  ASSERT_TRUE(sign(request, example(), signing));
  EXPECT_EQ(header(request, "X-Amz-Date"), "20150831T003600Z");
  EXPECT_THAT(header(request, "Authorization"), HasSubstr("AKIDEXAMPLE/20150831/us-east-1/"));
}

TEST(Signing, HeadersThatChangeOnTheWayAreNotSigned) {
  HttpRequest request{.url = "https://example.amazonaws.com/"};
  request.headers = {{"User-Agent", "x"}, {"Expect", "100-continue"}, {"X-Amzn-Trace-Id", "y"}};
  ASSERT_TRUE(sign(request, example(), example_signing()));
  EXPECT_EQ(signature_of(request),
            "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31");
  EXPECT_THAT(header(request, "Authorization"), HasSubstr("SignedHeaders=host;x-amz-date,"));
}

TEST(Signing, TheHostIsThatOfTheHeaderOrOfTheUrl) {
  const auto signature_at = [](std::string url, std::vector<HttpHeader> headers) {
    HttpRequest request{.url = std::move(url), .headers = std::move(headers)};
    EXPECT_TRUE(sign(request, example(), example_signing()));
    return signature_of(request);
  };
  const std::string plain = signature_at("https://example.amazonaws.com/", {});
  EXPECT_EQ(signature_at("https://example.amazonaws.com:443/", {}), plain);
  EXPECT_EQ(signature_at("http://example.amazonaws.com:80/", {}), plain);
  EXPECT_NE(signature_at("https://example.amazonaws.com:80/", {}), plain);
  EXPECT_NE(signature_at("https://example.amazonaws.com:8443/", {}), plain);
  EXPECT_EQ(signature_at("https://127.0.0.1:1/", {{"HOST", "example.amazonaws.com"}}), plain);
}

TEST(Signing, OnlyOverTlsABodyIsLeftUnsigned) {
  HttpRequest request{.method = "PUT", .url = "https://b.s3.amazonaws.com/k", .body = "x"};
  Signing signing = s3_signing();
  signing.unsigned_payload = true;
  ASSERT_TRUE(sign(request, s3_example(), signing));
  EXPECT_EQ(header(request, "X-Amz-Content-Sha256"), "UNSIGNED-PAYLOAD");
  request.url = "http://127.0.0.1/b/k";
  ASSERT_TRUE(sign(request, s3_example(), signing));
  EXPECT_EQ(header(request, "X-Amz-Content-Sha256"),
            "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881");
  signing.rules = SigningRules::kOrdinary;
  ASSERT_TRUE(sign(request, s3_example(), signing));
  EXPECT_EQ(header(request, "X-Amz-Content-Sha256"), "");
}

TEST(Signing, WhatCannotFitIsRefusedWithoutSecrets) {
  const std::string url = "https://example.amazonaws.com/";
  struct Case {
    std::string name;
    std::string url;
    std::string region, service, id, secret;
    std::string problem;
  };
  const Case cases[] = {
      {"plus", url + "?a=b+c", "r", "s", "A", "secret", "'+'"},
      {"stray percent", url + "?a=%", "r", "s", "A", "secret", "'%'"},
      {"one hex digit", url + "?a=%4", "r", "s", "A", "secret", "'%'"},
      {"no hex digit", url + "?%4g=1", "r", "s", "A", "secret", "'%'"},
      {"no scheme", "example.com/", "r", "s", "A", "secret", "scheme"},
      {"no host", "https:///x", "r", "s", "A", "secret", "host"},
      {"region", url, "eu west", "s", "A", "secret", "region"},
      {"no region", url, "", "s", "A", "secret", "region"},
      {"service", url, "r", "s/t", "A", "secret", "service"},
      {"key id", url, "r", "s", "A\r\nB: c", "secret", "access key id"},
      {"no secret", url, "r", "s", "A", "", "secret access key is empty"},
  };
  for (const Case& c : cases) {
    Credentials credentials = example();
    credentials.access_key_id = c.id;
    credentials.secret_access_key = c.secret;
    const Signing signing{.region = c.region, .service = c.service, .when = example_signing().when};
    HttpRequest request{.url = c.url};
    for (const Result<>& result : {sign(request, credentials, signing),
                                   presign(request, credentials, signing, std::chrono::hours(1))}) {
      ASSERT_FALSE(result) << c.name;
      EXPECT_EQ(result.error().code(), ErrorCode::kInvalid) << c.name;
      EXPECT_THAT(result.error().message(), HasSubstr(c.problem)) << c.name;
    }
    EXPECT_EQ(request.url, c.url) << "left as it was";
    EXPECT_TRUE(request.headers.empty());
  }
}

TEST(Signing, PresignedUrlsHaveALimitedLifeAndOneSignature) {
  HttpRequest request{.url = "https://b.s3.amazonaws.com/k?versionId=1"};
  const auto valid = [&](std::chrono::seconds seconds) {
    HttpRequest copy = request;
    return presign(copy, s3_example(), s3_signing(), seconds).has_value();
  };
  EXPECT_FALSE(valid(std::chrono::seconds(0)));
  EXPECT_TRUE(valid(std::chrono::seconds(1)));
  EXPECT_TRUE(valid(std::chrono::hours(24 * 7)));
  EXPECT_FALSE(valid(std::chrono::hours(24 * 7) + std::chrono::seconds(1)));
  Credentials session = s3_example();
  session.session_token = "a/b+c==";
  ASSERT_TRUE(presign(request, session, s3_signing(), std::chrono::seconds(5)));
  EXPECT_THAT(request.url, HasSubstr("?versionId=1&X-Amz-Algorithm="));
  EXPECT_THAT(request.url, HasSubstr("&X-Amz-Security-Token=a%2Fb%2Bc%3D%3D&"));
  EXPECT_FALSE(presign(request, session, s3_signing(), std::chrono::seconds(5)));
}

}  // namespace
}  // namespace stanch::cloud::aws
