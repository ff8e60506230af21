#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "codec/network.h"

// Asking a server over HTTP/1.1. What an error means for whoever changes something there:
//
//   kInvalid         the request cannot be sent as it is; it was not
//   kDenied          it may not go where it leads; it was not sent
//   kUnavailable     it certainly never left: no such host, refused, TLS failed, no time
//   kUnknownOutcome  some of it may have left, and no whole answer came: look before doing it
//                    again. Nothing is ever sent a second time by itself.
//
// An answer of any status is a value. Redirects are answers; nobody follows them. Errors name
// the host alone: paths, queries and headers may hold secrets.

namespace stanch::env {

struct HttpHeader {
  std::string name;
  std::string value;
};

struct HttpRequest {
  std::string method = "GET";
  // Absolute, and encoded: what follows the host is sent byte by byte as it stands here. No
  // fragment, no user.
  std::string url = {};
  // Sent in this order. Host, Content-Length and connection headers are added; no others.
  std::vector<HttpHeader> headers = {};
  std::string body = {};

  Duration connect_within = std::chrono::seconds(10);  // from the start, TLS included
  Duration within = std::chrono::seconds(60);          // from the start to the end of the answer
  size_t response_bytes_max = size_t{16} << 20;        // of the body

  // Lets an http:// URL through, if it leads to this host, to a link-local address or to the
  // metadata services of providers (is_local); these never go by a proxy.
  bool plain_http = false;
  // For addresses that others chose: nothing but a public one is connected to (is_public).
  // Where a proxy connects for us, it is the proxy that must refuse.
  bool public_only = false;
  // Once true, the call ends within a second or so. May be null.
  const std::atomic<bool>* stop = nullptr;
};

struct HttpResponse {
  int status = 0;
  std::vector<HttpHeader> headers = {};  // in their order, white space around values cut
  std::string body = {};                 // as it came: nothing is decompressed

  // The first header of that name, whose case does not matter; null if there is none.
  const std::string* find_header(std::string_view name) const;
};

class HttpClient {
 public:
  // Of all headers of an answer together.
  static constexpr size_t kHeaderBytesMax = size_t{256} << 10;

  virtual ~HttpClient() = default;
  // Waits for the answer. Any thread; several may at once.
  virtual Result<HttpResponse> send(const HttpRequest& request) = 0;
};

// The parts of a URL that may be sent; they point into it.
struct HttpUrl {
  bool tls = true;
  std::string_view authority;  // host, and port if one is named
  std::string_view host;       // an IPv6 address is without its brackets
  std::string_view port;       // "" if none is named
  std::string_view target;     // what follows the authority: "/path?query", or ""
};

// kInvalid says what is wrong with it. Numbers that only some take for an address
// ("0x7f.1", "127.1") are refused, so that nobody is misled about where a name leads.
Result<HttpUrl> parse_http_url(std::string_view url);

// What every client refuses: method, URL or headers that would not arrive as they are written,
// plain HTTP that was not allowed, a literal address where `public_only` forbids it.
Result<HttpUrl> check_request(const HttpRequest& request);
Result<HttpUrl> check_request(HttpRequest&&) = delete;  // what it returns points into it

// May this request, by TLS or not, go to that address? What check_request() asks of a literal
// address, a client asks of each one that a name leads to.
bool may_go_to(const HttpRequest& request, bool tls, const codec::Address& address);

// Reachable for everyone: no private, shared, link-local, loopback, multicast, reserved or
// documentation network, nor one that embeds IPv4 addresses (IANA special-purpose registries).
bool is_public(const codec::Address& address);
// This host, a link-local address, or fd00:ec2::/32, where EC2 and EKS have their services.
bool is_local(const codec::Address& address);

}  // namespace stanch::env
