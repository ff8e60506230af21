#include "env/http_client.h"

#include <algorithm>

namespace stanch::env {
namespace {

// RFC 9110, section 5.6.2.
bool is_token(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("!#$%&'*+-.^_`|~").contains(c);
  });
}

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

bool is_same_name(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, {}, lower, lower);
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

Error invalid(std::string message) { return {ErrorCode::kInvalid, std::move(message)}; }

// A name of DNS. One whose last label is a number would be an address to some
// (WHATWG URL, "ends in a number").
bool is_host_name(std::string_view host) {
  if (host.empty() || host.size() > 253 || host.front() == '.' || host.front() == '-') return false;
  const bool fits = std::ranges::all_of(host, [](char c) {
    return is_digit(c) || (lower(c) >= 'a' && lower(c) <= 'z') || c == '-' || c == '.' || c == '_';
  });
  if (!fits || host.contains("..")) return false;
  std::string_view last = host.ends_with('.') ? host.substr(0, host.size() - 1) : host;
  last.remove_prefix(last.rfind('.') + 1);
  return !last.empty() && !is_digit(last.front());
}

Result<> parse_authority(std::string_view authority, HttpUrl& out) {
  std::string_view rest = authority;
  if (rest.starts_with('[')) {
    const size_t end = rest.find(']');
    if (end == rest.npos) return invalid("URL: the address has no closing bracket");
    out.host = rest.substr(1, end - 1);
    if (!out.host.contains(':') || !codec::parse_address(out.host)) {
      return invalid("URL: there is no IPv6 address between the brackets");
    }
    rest.remove_prefix(end + 1);
  } else {
    const size_t end = std::min(rest.find(':'), rest.size());
    out.host = rest.substr(0, end);
    if (!codec::parse_address(out.host) && !is_host_name(out.host)) {
      return invalid("URL: the host is neither a name nor an address");
    }
    rest.remove_prefix(end);
  }
  if (rest.empty()) return {};
  out.port = rest.substr(1);
  const bool number = rest.front() == ':' && !out.port.empty() && out.port.size() <= 5 &&
                      std::ranges::all_of(out.port, is_digit);
  unsigned port = 0;
  for (const char c : number ? out.port : "") port = port * 10 + static_cast<unsigned>(c - '0');
  if (port == 0 || port > 65535) return invalid("URL: the port is no number from 1 to 65535");
  return {};
}

// Sorted out of what the IANA registries of special-purpose addresses list; RFC 6890 began them.
constexpr std::string_view kNotPublic[] = {
    "0.0.0.0/8",     "10.0.0.0/8",      "100.64.0.0/10",  "127.0.0.0/8",    "169.254.0.0/16",
    "172.16.0.0/12", "192.0.0.0/24",    "192.0.2.0/24",   "192.88.99.0/24", "192.168.0.0/16",
    "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4",    "240.0.0.0/4",
    "2001::/23",     "2001:db8::/32",   "2002::/16",      "3fff::/20"};
constexpr std::string_view kIPv4 = "::ffff:0.0.0.0/96";
constexpr std::string_view kGlobalIPv6 = "2000::/3";  // all that is given out so far

constexpr std::string_view kLocal[] = {"127.0.0.0/8", "::1", "169.254.0.0/16", "fe80::/10",
                                       "fd00:ec2::/32"};

bool is_in(const codec::Address& address, std::string_view network) {
  return codec::is_inside(address, codec::parse_network(network).value());
}

}  // namespace

const std::string* HttpResponse::find_header(std::string_view name) const {
  for (const HttpHeader& header : headers) {
    if (is_same_name(header.name, name)) return &header.value;
  }
  return nullptr;
}

Result<HttpUrl> parse_http_url(std::string_view url) {
  HttpUrl out;
  std::string_view rest = url;
  if (rest.starts_with("http://")) {
    out.tls = false;
    rest.remove_prefix(7);
  } else if (rest.starts_with("https://")) {
    rest.remove_prefix(8);
  } else {
    return invalid("URL: it begins with neither https:// nor http://");
  }
  if (std::ranges::any_of(rest, [](char c) { return c <= ' ' || c > '~'; })) {
    return invalid("URL: what is not ASCII, or white space, must be percent-encoded");
  }
  if (rest.contains('#')) return invalid("URL: a fragment is never sent");
  const size_t end = std::min(rest.find_first_of("/?\\"), rest.size());
  out.authority = rest.substr(0, end);
  out.target = rest.substr(end);
  if (out.authority.contains('@')) return invalid("URL: there is a user in it");
  TRY(parse_authority(out.authority, out));
  if (out.target.starts_with('\\')) return invalid("URL: a backslash follows the host");
  return out;
}

Result<HttpUrl> check_request(const HttpRequest& request) {
  if (!is_token(request.method)) return invalid("the method is no word of HTTP");
  for (const HttpHeader& header : request.headers) {
    if (!is_token(header.name)) return invalid("the name of a header is no word of HTTP");
    if (header.value.find_first_of(std::string_view("\r\n\0", 3)) != std::string::npos) {
      return invalid("header " + header.name + ": it goes over more than one line");
    }
    for (const std::string_view own : {"content-length", "transfer-encoding", "connection"}) {
      if (is_same_name(header.name, own)) {
        return invalid("header " + header.name + ": that is for the client to send");
      }
    }
  }
  TRY(const HttpUrl url, parse_http_url(request.url));
  const std::string host(url.host);
  if (!url.tls && !request.plain_http) {
    return Error(ErrorCode::kDenied, host + ": plain HTTP is not allowed here");
  }
  const auto address = codec::parse_address(url.host);
  if (address && !may_go_to(request, url.tls, *address)) {
    return Error(ErrorCode::kDenied, host + (request.public_only && !is_public(*address)
                                                 ? " is no public address"
                                                 : ": plain HTTP is for local addresses only"));
  }
  return url;
}

bool may_go_to(const HttpRequest& request, bool tls, const codec::Address& address) {
  return (!request.public_only || is_public(address)) && (tls || is_local(address));
}

bool is_public(const codec::Address& address) {
  if (!is_in(address, kIPv4) && !is_in(address, kGlobalIPv6)) return false;
  return std::ranges::none_of(kNotPublic, [&](auto network) { return is_in(address, network); });
}

bool is_local(const codec::Address& address) {
  return std::ranges::any_of(kLocal, [&](auto network) { return is_in(address, network); });
}

}  // namespace stanch::env
