#include "env/http_client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <filesystem>

#include "env/os/http_server_for_test.h"
#include "env/os/os.h"
#include "env/os/parts.h"

namespace stanch::env {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

class OsHttp : public testing::Test {
 protected:
  OsHttp() {
    for (const char* name : {"https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY", "http_proxy",
                             "no_proxy", "NO_PROXY"}) {
      ::unsetenv(name);
    }
    std::string pattern = testing::TempDir() + "stanch-http-XXXXXX";
    folder_ = ::mkdtemp(pattern.data());
  }
  ~OsHttp() override { std::filesystem::remove_all(folder_); }

  static HttpRequest get(const std::string& url) { return {.url = url, .plain_http = true}; }
  static HttpRequest post(const std::string& url, std::string body) {
    return {.method = "POST", .url = url, .body = std::move(body), .plain_http = true};
  }
  static std::string describe(const Result<HttpResponse>& result) {
    if (result) return std::to_string(result->status) + " " + result->body;
    return std::string(name_of(result.error().code())) + ": " + result.error().message();
  }

  std::string folder_;
  OsEnv os_;
  HttpClient& http_ = os_.env().http;
};

TEST_F(OsHttp, SendsWhatIsWrittenAndNothingElse) {
  TestServer server([](const std::string&) {
    return Reply{
        "HTTP/1.1 200 OK\r\nB: 1\r\nA:  two words \r\nb: 3\r\nContent-Length: 2\r\n\r\nhi"};
  });
  HttpRequest request = post(server.url("/a/../b//c/./%2e%2F?x&y=%2f&y=1&z="), "body");
  request.headers = {{"X-Second", "2"}, {"Empty", ""}, {"A-First", "1"}, {"X-Second", "again"}};
  const auto response = http_.send(request);
  ASSERT_TRUE(response) << describe(response);
  EXPECT_EQ(response->status, 200);
  EXPECT_EQ(response->body, "hi");
  ASSERT_EQ(response->headers.size(), 4u);
  EXPECT_EQ(response->headers[1].name, "A");
  EXPECT_EQ(response->headers[1].value, "two words");
  EXPECT_EQ(*response->find_header("B"), "1");
  EXPECT_THAT(server.requests(),
              ElementsAre("POST /a/../b//c/./%2e%2F?x&y=%2f&y=1&z= HTTP/1.1\r\n"
                          "Host: 127.0.0.1:" +
                          std::to_string(server.port()) +
                          "\r\n"
                          "X-Second: 2\r\nEmpty:\r\nA-First: 1\r\nX-Second: again\r\n"
                          "Content-Length: 4\r\n\r\nbody"));
}

TEST_F(OsHttp, EveryMethodArrivesWithTheBodyThatItHas) {
  TestServer server([](const std::string& request) {
    return request.starts_with("HEAD") ? Reply{"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n"}
                                       : answer("ok");
  });
  const std::string line =
      " / HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(server.port()) + "\r\n";
  struct Case {
    std::string method, body, expected;
  };
  const Case cases[] = {
      {"GET", "", "GET" + line + "\r\n"},
      {"GET", "b", "GET" + line + "Content-Length: 1\r\n\r\nb"},
      {"HEAD", "", "HEAD" + line + "\r\n"},
      {"DELETE", "", "DELETE" + line + "\r\n"},
      {"DELETE", "b", "DELETE" + line + "Content-Length: 1\r\n\r\nb"},
      {"POST", "", "POST" + line + "Content-Length: 0\r\n\r\n"},
      {"PUT", "", "PUT" + line + "Content-Length: 0\r\n\r\n"},
      {"PATCH", std::string("\0b", 2),
       "PATCH" + line + "Content-Length: 2\r\n\r\n" + std::string("\0b", 2)},
  };
  for (const Case& c : cases) {
    HttpRequest request = get(server.url());
    request.method = c.method;
    request.body = c.body;
    const auto response = http_.send(request);
    ASSERT_TRUE(response) << c.method << describe(response);
    EXPECT_EQ(response->body, c.method == "HEAD" ? "" : "ok");
    EXPECT_EQ(server.requests().back(), c.expected);
  }
  EXPECT_EQ(server.connections(), 1);
}

TEST_F(OsHttp, AnyStatusIsAnAnswerAndNobodyFollows) {
  TestServer server([](const std::string& request) {
    if (request.contains("/moved")) {
      return answer("", "HTTP/1.1 302 Found\r\nLocation: /elsewhere");
    }
    if (request.contains("/continue")) {
      Reply reply = answer("at last", "HTTP/1.1 200 OK");
      reply.bytes.insert(0, "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n");
      return reply;
    }
    return answer("no", "HTTP/1.1 503 Slow Down\r\nRetry-After: 7");
  });
  auto response = http_.send(get(server.url("/moved")));
  ASSERT_TRUE(response);
  EXPECT_EQ(response->status, 302);
  EXPECT_EQ(*response->find_header("location"), "/elsewhere");
  response = http_.send(get(server.url("/busy")));
  ASSERT_TRUE(response);
  EXPECT_EQ(response->status, 503);
  EXPECT_EQ(*response->find_header("retry-after"), "7");
  response = http_.send(get(server.url("/continue")));
  ASSERT_TRUE(response);
  EXPECT_EQ(describe(response), "200 at last");
  EXPECT_EQ(response->find_header("link"), nullptr) << "that was of the interim answer";
  EXPECT_EQ(server.requests().size(), 3u);
}

TEST_F(OsHttp, ChunksBecomeOneBodyAndTrailersAreNoHeaders) {
  TestServer server([](const std::string&) {
    return Reply{
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Encoding: gzip\r\n\r\n"
        "5\r\nhello\r\n1;x=y\r\n \r\n5\r\nworld\r\n0\r\nStatus: forged\r\n\r\n"};
  });
  const auto response = http_.send(get(server.url()));
  EXPECT_EQ(describe(response), "200 hello world");
  EXPECT_EQ(response->find_header("status"), nullptr);
}

TEST_F(OsHttp, AConnectionIsUsedAgain) {
  TestServer server([](const std::string&) { return answer("ok"); });
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(http_.send(post(server.url(), "x")));
  EXPECT_EQ(server.requests().size(), 5u);
  EXPECT_EQ(server.connections(), 1);
}

TEST_F(OsHttp, ThreadsAskAtOnceAndShareWhatIsIdle) {
  TestServer server([](const std::string& request) {
    return answer(request.substr(request.find("\r\n\r\n") + 4));
  });
  std::atomic<int> good = 0;
  for (int round = 0; round < 3; ++round) {
    std::vector<std::unique_ptr<Thread>> threads;
    for (int me = 0; me < 4; ++me) {
      threads.push_back(os_.env().threads.start("asks", [&, me] {
        for (int i = 0; i < 50; ++i) {
          const std::string body = std::to_string(me * 1000 + i);
          const auto response = http_.send(post(server.url(), body));
          if (response && response->body == body) ++good;
        }
      }));
    }
  }
  EXPECT_EQ(good, 600);
  EXPECT_EQ(server.requests().size(), 600u);
  EXPECT_LE(server.connections(), 4);
}

TEST_F(OsHttp, WhatNeverLeftIsUnavailable) {
  int closed_port = 0;
  {
    TestServer gone([](const std::string&) { return answer(""); });
    closed_port = gone.port();
  }
  HttpRequest refused =
      post("http://127.0.0.1:" + std::to_string(closed_port) + "/secret?key", "x");
  auto result = http_.send(refused);
  EXPECT_THAT(describe(result), StartsWith("unavailable: cannot ask 127.0.0.1: "));
  EXPECT_THAT(describe(result), Not(HasSubstr("secret")));
  HttpRequest nowhere = post("https://no-such-host.invalid/", "x");
  EXPECT_THAT(describe(http_.send(nowhere)),
              StartsWith("unavailable: cannot ask no-such-host.invalid: "));
  TestServer server([](const std::string&) { return answer(""); });
  HttpRequest late = get(server.url());
  late.within = Duration::zero();
  EXPECT_THAT(describe(http_.send(late)), HasSubstr("unavailable: cannot ask 127.0.0.1: no time"));
  EXPECT_EQ(server.connections(), 0);
}

TEST_F(OsHttp, WhatMayHaveArrivedIsOfUnknownOutcome) {
  const std::string half = "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf";
  struct Case {
    std::string name;
    Reply reply;
    std::string text;
  };
  const Case cases[] = {
      {"closed after it was read", {"", After::kClose}, "Empty reply"},
      {"reset after it was read", {"", After::kReset}, "reset"},
      {"closed within the head", {"HTTP/1.1 200 OK\r\nA", After::kClose}, ""},
      {"closed within the body", {half, After::kClose}, ""},
      {"reset within the body", {half, After::kReset}, "reset"},
      {"too slow", {"", After::kHang}, "timed out"},
      {"too slow within the body", {half, After::kHang}, "timed out"},
      {"no HTTP", {"220 ready\r\n\r\n", After::kClose}, ""},
      {"bad chunk",
       {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", After::kClose},
       ""},
      {"endless head",
       {"HTTP/1.1 200 OK\r\nA: " + std::string(90'000, 'a') + "\r\nB: " + std::string(90'000, 'b') +
            "\r\nC: " + std::string(90'000, 'c') + "\r\n\r\n",
        After::kKeep},
       "the answer is too large"},
  };
  for (const Case& c : cases) {
    TestServer server([&](const std::string&) { return c.reply; });
    HttpRequest request = post(server.url(), "x");
    request.within = milliseconds(300);
    const auto result = http_.send(request);
    EXPECT_THAT(describe(result),
                StartsWith("unknown_outcome: asked 127.0.0.1, but got no whole answer: "))
        << c.name;
    EXPECT_THAT(describe(result), HasSubstr(c.text)) << c.name;
    EXPECT_EQ(server.requests().size(), 1u) << c.name;
  }
}

TEST_F(OsHttp, AResetBeforeItWasReadIsOfUnknownOutcome) {
  TestServer server([](const std::string&) { return answer(""); });
  server.reset_unread();
  const auto result = http_.send(post(server.url(), std::string(1 << 20, 'x')));
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code(), ErrorCode::kUnknownOutcome) << describe(result);
  EXPECT_EQ(server.requests().size(), 0u);
}

// libcurl would send it again: once done by the server, it would be done twice.
TEST_F(OsHttp, NothingIsSentASecondTimeWhenAnOldConnectionEnds) {
  for (const After after : {After::kClose, After::kReset}) {
    for (const std::string method : {"POST", "DELETE", "GET"}) {
      std::atomic<int> count = 0;
      TestServer server(
          [&](const std::string&) { return ++count == 1 ? answer("ok") : Reply{"", after}; });
      HttpRequest request = get(server.url());
      ASSERT_TRUE(http_.send(request));
      request.method = method;
      if (method == "POST") request.body = "do it";
      const auto result = http_.send(request);
      ASSERT_FALSE(result) << method;
      EXPECT_EQ(result.error().code(), ErrorCode::kUnknownOutcome) << describe(result);
      EXPECT_EQ(count, 2) << method;
    }
  }
}

TEST_F(OsHttp, AConnectionThatEndedWhileIdleIsNotUsed) {
  TestServer server([](const std::string&) {
    Reply reply = answer("ok");
    reply.after = After::kClose;
    return reply;
  });
  for (int i = 0; i < 3; ++i) {
    const auto response = http_.send(post(server.url(), "x"));
    // The end may still be on its way when the next request leaves.
    EXPECT_TRUE(response || response.error().code() == ErrorCode::kUnknownOutcome);
  }
  EXPECT_LE(server.requests().size(), 3u);
}

TEST_F(OsHttp, AnswersHaveALimit) {
  TestServer server([](const std::string& request) {
    if (request.contains("/chunked")) {
      return Reply{
          "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n8\r\n12345678\r\n"
          "3\r\n901\r\n0\r\n\r\n"};
    }
    return answer(std::string(request.contains("/fits") ? 10 : 11, 'x'));
  });
  const auto ask = [&](const std::string& target) {
    HttpRequest request = get(server.url(target));
    request.response_bytes_max = 10;
    return describe(http_.send(request));
  };
  EXPECT_EQ(ask("/fits"), "200 xxxxxxxxxx");
  EXPECT_THAT(ask("/more"), HasSubstr("unknown_outcome"));
  EXPECT_THAT(ask("/more"), HasSubstr("the answer is too large"));
  EXPECT_THAT(ask("/chunked"), HasSubstr("the answer is too large"));
  EXPECT_EQ(ask("/fits"), "200 xxxxxxxxxx") << "the next one finds a clean connection";
}

TEST_F(OsHttp, ACallCanBeStopped) {
  std::atomic<bool> stop = false;
  TestServer server([&](const std::string&) {
    stop = true;
    return Reply{"", After::kHang};
  });
  HttpRequest request = post(server.url(), "x");
  request.stop = &stop;
  const auto before = os_.env().clock.steady();
  const auto result = http_.send(request);
  EXPECT_THAT(describe(result), HasSubstr("unknown_outcome"));
  EXPECT_THAT(describe(result), HasSubstr("it was stopped"));
  EXPECT_LT(os_.env().clock.steady() - before, seconds(20));
  EXPECT_THAT(describe(http_.send(request)), StartsWith("unavailable: ")) << "before it left";
  EXPECT_EQ(server.requests().size(), 1u);
}

TEST_F(OsHttp, NamesAreCheckedByTheAddressTheyLeadTo) {
  TestServer server([](const std::string&) { return answer("inside"); });
  const std::string there = "localhost:" + std::to_string(server.port());
  for (const bool proxy : {false, true}) {
    // A proxy that is passed by: the address is that of the host itself.
    if (proxy) {
      ::setenv("https_proxy", "http://127.0.0.1:1", 1);
      ::setenv("no_proxy", "localhost", 1);
    }
    TestCertificate certificate("DNS:localhost");
    TestServer inside([](const std::string&) { return answer("inside"); }, &certificate);
    const std::string path = folder_ + "/public.pem";
    certificate.write(path);
    os::OsHttpClient client(path);
    HttpRequest request{.method = "POST", .url = inside.url(), .body = "x", .public_only = true};
    const auto result = client.send(request);
    EXPECT_EQ(describe(result), "denied: localhost leads to an address that is not public");
    EXPECT_EQ(inside.requests().size(), 0u);
    EXPECT_EQ(inside.connections(), proxy ? 1 : 0);
    request.public_only = false;
    EXPECT_EQ(describe(client.send(request)), "200 inside");
    request.public_only = true;
    EXPECT_THAT(describe(client.send(request)), StartsWith("denied: ")) << "not by an idle one";
    EXPECT_EQ(inside.requests().size(), 1u);
  }
  EXPECT_EQ(describe(http_.send(get("http://" + there + "/"))), "200 inside");
}

TEST_F(OsHttp, OnlyWhoProvesToBeTheHostIsAsked) {
  TestCertificate good("DNS:localhost");
  TestCertificate other_name("DNS:other.example");
  TestCertificate stranger("DNS:localhost");
  const std::string trust = folder_ + "/trust.pem";
  struct Case {
    std::string name;
    const TestCertificate& shown;
    const TestCertificate& trusted;
    bool fits;
  };
  const Case cases[] = {
      {"trusted", good, good, true},
      {"of another name", other_name, other_name, false},
      {"signed by a stranger", stranger, good, false},
  };
  for (const Case& c : cases) {
    TestServer server([](const std::string&) { return answer("secret"); }, &c.shown);
    c.trusted.write(trust);
    os::OsHttpClient client(trust);
    const auto result = client.send({.method = "POST", .url = server.url(), .body = "x"});
    if (c.fits) {
      EXPECT_EQ(describe(result), "200 secret") << c.name;
    } else {
      EXPECT_THAT(describe(result), StartsWith("unavailable: cannot ask localhost: ")) << c.name;
      EXPECT_EQ(server.requests().size(), 0u) << c.name;
    }
  }
  TestServer server([](const std::string&) { return answer("secret"); }, &good);
  EXPECT_THAT(describe(http_.send({.url = server.url()})), HasSubstr("certificate"));
}

TEST_F(OsHttp, AProxyIsForTlsAlone) {
  TestServer proxy([](const std::string&) { return answer("", "HTTP/1.1 403 Forbidden"); });
  TestServer server([](const std::string&) { return answer("direct"); });
  const std::string url = "http://127.0.0.1:" + std::to_string(proxy.port());
  for (const char* name : {"https_proxy", "http_proxy", "all_proxy"})
    ::setenv(name, url.c_str(), 1);
  EXPECT_EQ(describe(http_.send(get(server.url()))), "200 direct");
  EXPECT_EQ(proxy.requests().size(), 0u);
  const HttpRequest request{.url = "https://far.example/secret", .public_only = true};
  EXPECT_THAT(describe(http_.send(request)), StartsWith("unavailable: cannot ask far.example: "));
  ASSERT_EQ(proxy.requests().size(), 1u);
  EXPECT_THAT(proxy.requests()[0], StartsWith("CONNECT far.example:443 HTTP/1.1\r\n"));
  for (const char* name : {"https_proxy", "http_proxy", "all_proxy"}) ::unsetenv(name);
}

// It is the proxy that connects, so its own address, which is seldom public, says nothing.
TEST_F(OsHttp, AProxyConnectsForUsAlsoWhereOnlyPublicAddressesAreAllowed) {
  const TestCertificate certificate("DNS:localhost");
  const std::string trust = folder_ + "/proxy.pem";
  certificate.write(trust);
  TestServer server([](const std::string&) { return answer("behind"); }, &certificate);
  TestServer proxy([&](const std::string&) {
    return Reply{"HTTP/1.1 200 Connected\r\nX-Proxy: 1\r\n\r\n", After::kTunnel, server.port()};
  });
  ::setenv("https_proxy", ("http://127.0.0.1:" + std::to_string(proxy.port())).c_str(), 1);
  os::OsHttpClient client(trust);
  for (const bool public_only : {false, true, true}) {
    const HttpRequest request{.method = "POST", .url = server.url(), .public_only = public_only};
    const auto response = client.send(request);
    ASSERT_EQ(describe(response), "200 behind");
    EXPECT_EQ(response->find_header("x-proxy"), nullptr);
  }
  EXPECT_EQ(proxy.connections(), 3);
  EXPECT_THAT(proxy.requests()[0], StartsWith("CONNECT localhost:"));
  EXPECT_THAT(proxy.requests()[0], Not(HasSubstr("POST"))) << "it sees no request";
  ::unsetenv("https_proxy");
}

}  // namespace
}  // namespace stanch::env
