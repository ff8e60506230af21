#include <curl/curl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <mutex>

#include "base/check.h"
#include "codec/trimmed.h"
#include "env/os/parts.h"

// libcurl, with its eagerness taken away. Each call has a handle of its own for as long as it
// takes; handles keep their connections and are used again, by preference for the same host.
//
// Whether a request left is known by the "prereq" callback: libcurl calls it when the
// connection stands, TLS and proxy included, and before the first byte of the request. A
// failure without that call is kUnavailable, one after it kUnknownOutcome. libcurl by itself
// sends a request again if a connection that was used before ends without an answer, though
// the server may have done what it was asked (lib/transfer.c, Curl_retry_request). It calls
// prereq a second time then, and is told to give up.

namespace stanch::env::os {
namespace {

codec::Address address_of(const sockaddr& socket) {
  codec::Address address{};
  if (socket.sa_family == AF_INET) {
    address[10] = address[11] = 0xff;
    const auto& v4 = reinterpret_cast<const sockaddr_in&>(socket);
    std::memcpy(&address[12], &v4.sin_addr, 4);
  } else {
    const auto& v6 = reinterpret_cast<const sockaddr_in6&>(socket);
    std::memcpy(address.data(), &v6.sin6_addr, 16);
  }
  return address;
}

// One call, as the callbacks of libcurl see it.
struct Exchange {
  const HttpRequest& request;
  bool tls;
  bool proxy_possible;

  CURL* handle = nullptr;
  bool started = false;    // some of it may have left
  bool forbidden = false;  // it led to an address that it may not go to
  bool too_large = false;
  bool stopped = false;
  bool headers_done = false;
  size_t header_bytes = 0;
  HttpResponse response = {};

  bool may_go_to(const codec::Address& address) const {
    return env::may_go_to(request, tls, address);
  }
};

// The address of a proxy is not where the request goes; on_start() tells the two apart.
curl_socket_t on_socket(void* data, curlsocktype, curl_sockaddr* to) {
  auto& exchange = *static_cast<Exchange*>(data);
  const bool internet = to->family == AF_INET || to->family == AF_INET6;
  if (!internet || (!exchange.proxy_possible && !exchange.may_go_to(address_of(to->addr)))) {
    exchange.forbidden = true;
    return CURL_SOCKET_BAD;
  }
  return ::socket(to->family, to->socktype | SOCK_CLOEXEC, to->protocol);
}

int on_start(void* data, char* address_text, char*, int, int) {
  auto& exchange = *static_cast<Exchange*>(data);
  if (exchange.started) return CURL_PREREQFUNC_ABORT;  // libcurl would send it again
  long through_proxy = 0;
  curl_easy_getinfo(exchange.handle, CURLINFO_HTTP_CONNECTCODE, &through_proxy);
  const auto address = codec::parse_address(address_text);
  if (through_proxy == 0 && address && !exchange.may_go_to(*address)) {
    exchange.forbidden = true;
    return CURL_PREREQFUNC_ABORT;
  }
  exchange.started = true;
  return CURL_PREREQFUNC_OK;
}

// One line of the head of an answer. Interim answers (1xx) have heads too, which do not count;
// nor do trailers, which follow the body.
size_t on_header(char* bytes, size_t, size_t size, void* data) {
  auto& exchange = *static_cast<Exchange*>(data);
  const std::string_view line(bytes, size);
  HttpResponse& response = exchange.response;
  exchange.header_bytes += size;
  if (exchange.header_bytes > HttpClient::kHeaderBytesMax) {
    exchange.too_large = true;
    return 0;
  }
  if (exchange.headers_done) return size;
  if (codec::trimmed(line).empty()) {
    long status = 0;
    curl_easy_getinfo(exchange.handle, CURLINFO_RESPONSE_CODE, &status);
    if (status < 200) {
      response.headers.clear();
    } else {
      exchange.headers_done = true;
    }
    return size;
  }
  const size_t colon = line.find(':');
  if (colon != line.npos && !line.starts_with("HTTP/")) {
    response.headers.push_back(
        {std::string(line.substr(0, colon)), std::string(codec::trimmed(line.substr(colon + 1)))});
  }
  return size;
}

size_t on_body(char* bytes, size_t, size_t size, void* data) {
  auto& exchange = *static_cast<Exchange*>(data);
  std::string& body = exchange.response.body;
  if (size > exchange.request.response_bytes_max - body.size()) {
    exchange.too_large = true;
    return 0;
  }
  body.append(bytes, size);
  return size;
}

int on_progress(void* data, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  auto& exchange = *static_cast<Exchange*>(data);
  exchange.stopped = exchange.request.stop != nullptr && *exchange.request.stop;
  return exchange.stopped ? 1 : 0;
}

class HeaderList {
 public:
  HeaderList() = default;
  ~HeaderList() { curl_slist_free_all(list_); }
  HeaderList(const HeaderList&) = delete;
  HeaderList& operator=(const HeaderList&) = delete;

  void add(const std::string& line) {
    curl_slist* const longer = curl_slist_append(list_, line.c_str());
    CHECK(longer != nullptr);
    list_ = longer;
  }
  curl_slist* get() const { return list_; }

 private:
  curl_slist* list_ = nullptr;
};

template <typename T>
void set(CURL* handle, CURLoption option, T value) {
  CHECK((curl_easy_setopt)(handle, option, value) == CURLE_OK);  // no macro: it wants constants
}

long milliseconds(Duration duration) {
  // 0 means no limit to libcurl, so what is less than one becomes one.
  const auto whole = std::chrono::ceil<std::chrono::milliseconds>(duration).count();
  return static_cast<long>(std::clamp<int64_t>(whole, 1, 86'400'000));
}

void set_method(CURL* handle, const HttpRequest& request) {
  const std::string& method = request.method;
  const bool has_body = !request.body.empty() || method == "POST" || method == "PUT" ||
                        method == "PATCH";  // these say how long it is, be it nothing
  if (method == "HEAD") {
    set(handle, CURLOPT_NOBODY, 1L);
  } else if (has_body) {
    set(handle, CURLOPT_POST, 1L);
    set(handle, CURLOPT_POSTFIELDS, request.body.data());
    set(handle, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
  }
  set(handle, CURLOPT_CUSTOMREQUEST, method.c_str());
}

// What libcurl would add by itself is taken away, unless the caller asked for it.
void add_headers(const HttpRequest& request, HeaderList& list) {
  for (const char* own : {"Accept", "Content-Type", "Expect", "User-Agent"}) {
    const bool given = std::ranges::any_of(request.headers, [&](const HttpHeader& header) {
      return strcasecmp(header.name.c_str(), own) == 0;
    });
    if (!given) list.add(std::string(own) + ":");
  }
  for (const HttpHeader& header : request.headers) {
    // "Name;" is how libcurl is told of a header without a value.
    const bool empty = codec::trimmed(header.value).empty();
    list.add(empty ? header.name + ";" : header.name + ": " + header.value);
  }
}

void set_limits(CURL* handle, const HttpRequest& request, bool tls) {
  set(handle, CURLOPT_NOSIGNAL, 1L);
  set(handle, CURLOPT_PROTOCOLS_STR, tls ? "https" : "http");
  set(handle, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
  set(handle, CURLOPT_FOLLOWLOCATION, 0L);
  set(handle, CURLOPT_SSL_VERIFYPEER, 1L);
  set(handle, CURLOPT_SSL_VERIFYHOST, 2L);
  set(handle, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  set(handle, CURLOPT_CONNECTTIMEOUT_MS, milliseconds(request.connect_within));
  set(handle, CURLOPT_TIMEOUT_MS, milliseconds(request.within));
  set(handle, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
  set(handle, CURLOPT_TCP_KEEPALIVE, 1L);
  // A proxy could not reach what is local, and must not see what is asked of it.
  if (!tls) set(handle, CURLOPT_PROXY, "");
  // Connections that were made without that check are not good enough.
  if (request.public_only) {
    set(handle, CURLOPT_FRESH_CONNECT, 1L);
    set(handle, CURLOPT_FORBID_REUSE, 1L);
  }
}

void set_callbacks(CURL* handle, Exchange& exchange) {
  void* const data = &exchange;
  set(handle, CURLOPT_OPENSOCKETFUNCTION, on_socket);
  set(handle, CURLOPT_OPENSOCKETDATA, data);
  set(handle, CURLOPT_PREREQFUNCTION, on_start);
  set(handle, CURLOPT_PREREQDATA, data);
  set(handle, CURLOPT_HEADERFUNCTION, on_header);
  set(handle, CURLOPT_HEADERDATA, data);
  set(handle, CURLOPT_WRITEFUNCTION, on_body);
  set(handle, CURLOPT_WRITEDATA, data);
  set(handle, CURLOPT_XFERINFOFUNCTION, on_progress);
  set(handle, CURLOPT_XFERINFODATA, data);
  set(handle, CURLOPT_NOPROGRESS, 0L);
}

// What libcurl says of it, without control characters: it may hold what a server wrote.
std::string words_of(CURLcode code, const char* said) {
  std::string words = *said != '\0' ? said : curl_easy_strerror(code);
  for (char& c : words) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = '?';
  }
  return words;
}

Error error_of(const Exchange& exchange, CURLcode code, const std::string& host, const char* said) {
  if (exchange.forbidden) {
    return {ErrorCode::kDenied,
            host + (exchange.request.public_only ? " leads to an address that is not public"
                                                 : " leads to an address that is not local")};
  }
  const std::string why = exchange.stopped     ? "it was stopped"
                          : exchange.too_large ? "the answer is too large"
                          : code == CURLE_ABORTED_BY_CALLBACK
                              ? "the connection ended without an answer"
                              : words_of(code, said);
  if (!exchange.started) return {ErrorCode::kUnavailable, "cannot ask " + host + ": " + why};
  return {ErrorCode::kUnknownOutcome, "asked " + host + ", but got no whole answer: " + why};
}

bool has_proxy() {
  return std::ranges::any_of(
      std::initializer_list<const char*>{"https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"},
      [](const char* name) {
        const char* const value = std::getenv(name);
        return value != nullptr && *value != '\0';
      });
}

}  // namespace

OsHttpClient::OsHttpClient(std::string trust_file) : trust_file_(std::move(trust_file)) {}

OsHttpClient::~OsHttpClient() {
  for (const Idle& idle : idle_) curl_easy_cleanup(idle.handle);
}

// The one that asked this host last, so that its connection is used again.
void* OsHttpClient::take(const std::string& origin) {
  const std::lock_guard lock(mutex_);
  const auto last = std::find_if(idle_.rbegin(), idle_.rend(),
                                 [&](const Idle& idle) { return idle.origin == origin; });
  if (last == idle_.rend()) return nullptr;
  void* const handle = last->handle;
  idle_.erase(std::next(last).base());
  return handle;
}

void OsHttpClient::give(std::string origin, void* handle) {
  curl_easy_reset(handle);  // connections stay
  void* oldest = nullptr;
  {
    const std::lock_guard lock(mutex_);
    idle_.push_back({std::move(origin), handle});
    if (idle_.size() > kIdleMax) {
      oldest = idle_.front().handle;
      idle_.erase(idle_.begin());
    }
  }
  if (oldest != nullptr) curl_easy_cleanup(oldest);
}

Result<HttpResponse> OsHttpClient::send(const HttpRequest& request) {
  TRY(const HttpUrl url, check_request(request));
  const std::string host(url.host);
  if (request.within <= Duration::zero() || request.connect_within <= Duration::zero()) {
    return Error(ErrorCode::kUnavailable, "cannot ask " + host + ": no time is left");
  }
  // Once, before there can be a second thread in libcurl.
  static const bool ready = curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK;
  const std::string origin = (url.tls ? "https://" : "http://") + std::string(url.authority);
  CURL* handle = ready ? take(origin) : nullptr;
  if (handle == nullptr) handle = ready ? curl_easy_init() : nullptr;
  if (handle == nullptr) return Error(ErrorCode::kUnavailable, "libcurl does not start");

  Exchange exchange{.request = request, .tls = url.tls, .proxy_possible = url.tls && has_proxy()};
  exchange.handle = handle;
  HeaderList headers;
  add_headers(request, headers);
  std::string target(url.target);
  if (!target.starts_with('/')) target.insert(0, "/");
  char said[CURL_ERROR_SIZE] = "";
  // The target goes apart, for libcurl would tidy it up.
  set(handle, CURLOPT_URL, (origin + "/").c_str());
  set(handle, CURLOPT_REQUEST_TARGET, target.c_str());
  set(handle, CURLOPT_HTTPHEADER, headers.get());
  set(handle, CURLOPT_ERRORBUFFER, said);
  if (!trust_file_.empty()) set(handle, CURLOPT_CAINFO, trust_file_.c_str());
  set_method(handle, request);
  set_limits(handle, request, url.tls);
  set_callbacks(handle, exchange);
  const CURLcode code = curl_easy_perform(handle);
  long status = 0;
  curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &status);
  give(origin, handle);
  // An end within the head is well enough for libcurl.
  const bool whole = code == CURLE_OK && exchange.headers_done;
  if (!whole) return error_of(exchange, code == CURLE_OK ? CURLE_PARTIAL_FILE : code, host, said);
  exchange.response.status = static_cast<int>(status);
  return std::move(exchange.response);
}

}  // namespace stanch::env::os
