#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

// A server on a free port of 127.0.0.1 that says what a test tells it to, and may fail in any
// way that one can.

namespace stanch::env {

enum class After : uint8_t {
  kKeep,   // waits for the next request
  kClose,  // ends the connection in order
  kReset,  // lets the other side see a reset
  kHang,   // says nothing more until the other side ends the connection
  kTunnel  // is a proxy from here on: connects to Reply::tunnel_port of this host
};

struct Reply {
  std::string bytes;
  After after = After::kKeep;
  int tunnel_port = 0;
};

inline Reply answer(std::string_view body, std::string_view head = "HTTP/1.1 200 OK") {
  return {std::string(head) + "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" +
          std::string(body)};
}

// A key with a certificate by itself for `name`, as OpenSSL's subjectAltName has it.
class TestCertificate {
 public:
  explicit TestCertificate(const std::string& name)
      : key_(EVP_EC_gen("P-256")), certificate_(X509_new()) {
    X509_set_version(certificate_, X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate_), 1);
    X509_gmtime_adj(X509_getm_notBefore(certificate_), -3600);
    X509_gmtime_adj(X509_getm_notAfter(certificate_), 3600);
    X509_set_pubkey(certificate_, key_);
    X509_NAME* const subject = X509_get_subject_name(certificate_);
    X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC,
                               reinterpret_cast<const unsigned char*>("test"), -1, -1, 0);
    X509_set_issuer_name(certificate_, subject);
    X509_EXTENSION* const extension =
        X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, name.c_str());
    X509_add_ext(certificate_, extension, -1);
    X509_EXTENSION_free(extension);
    X509_sign(certificate_, key_, EVP_sha256());
  }
  ~TestCertificate() {
    X509_free(certificate_);
    EVP_PKEY_free(key_);
  }
  TestCertificate(const TestCertificate&) = delete;
  TestCertificate& operator=(const TestCertificate&) = delete;

  void write(const std::string& path) const {
    std::FILE* const file = std::fopen(path.c_str(), "w");
    PEM_write_X509(file, certificate_);
    std::fclose(file);
  }
  void give(SSL_CTX* context) const {
    SSL_CTX_use_certificate(context, certificate_);
    SSL_CTX_use_PrivateKey(context, key_);
  }

 private:
  EVP_PKEY* key_;
  X509* certificate_;
};

class TestServer {
 public:
  using Handler = std::function<Reply(const std::string& request)>;

  explicit TestServer(Handler handler, const TestCertificate* certificate = nullptr)
      : handler_(std::move(handler)), socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
    if (certificate != nullptr) {
      tls_ = SSL_CTX_new(TLS_server_method());
      certificate->give(tls_);
    }
    sockaddr_in address = address_of(0);
    socklen_t size = sizeof(address);
    auto* const generic = reinterpret_cast<sockaddr*>(&address);
    if (::bind(socket_, generic, size) != 0 || ::listen(socket_, 16) != 0) std::abort();
    ::getsockname(socket_, generic, &size);
    port_ = ntohs(address.sin_port);
    acceptor_ = std::thread([this] { accept_all(); });
  }
  ~TestServer() {
    stopping_ = true;
    ::shutdown(socket_, SHUT_RDWR);
    acceptor_.join();
    for (std::thread& thread : connections_) thread.join();
    ::close(socket_);
    SSL_CTX_free(tls_);
  }
  TestServer(const TestServer&) = delete;
  TestServer& operator=(const TestServer&) = delete;

  int port() const { return port_; }
  std::string url(const std::string& target = "/") const {
    return (tls_ != nullptr ? "https://localhost:" : "http://127.0.0.1:") + std::to_string(port_) +
           target;
  }
  std::vector<std::string> requests() const {  // head and body of each
    const std::lock_guard lock(mutex_);
    return requests_;
  }
  int connections() const { return accepted_; }
  // Every connection is reset once something has arrived, but before a byte of it is read.
  void reset_unread() { reset_unread_ = true; }

 private:
  struct Connection {
    int socket;
    SSL* ssl;
    ssize_t read(char* to, size_t size) const {
      return ssl != nullptr ? SSL_read(ssl, to, static_cast<int>(size))
                            : ::recv(socket, to, size, 0);
    }
    void write(const std::string& bytes) const {
      size_t sent = 0;
      while (sent < bytes.size()) {
        const size_t left = bytes.size() - sent;
        const ssize_t count = ssl != nullptr
                                  ? SSL_write(ssl, bytes.data() + sent, static_cast<int>(left))
                                  : ::send(socket, bytes.data() + sent, left, MSG_NOSIGNAL);
        if (count <= 0) return;
        sent += static_cast<size_t>(count);
      }
    }
  };

  static sockaddr_in address_of(int port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
  }

  void accept_all() {
    for (;;) {
      const int socket = ::accept(socket_, nullptr, nullptr);
      if (socket < 0) return;
      ++accepted_;
      connections_.emplace_back([this, socket] { serve(socket); });
    }
  }

  void serve(int socket) {
    bool reset = false;
    SSL* const ssl = tls_ != nullptr ? SSL_new(tls_) : nullptr;
    if (ssl != nullptr) {
      SSL_set_fd(ssl, socket);
      if (SSL_accept(ssl) != 1) reset = true;
    }
    const Connection connection{socket, ssl};
    if (!reset) reset = reset_unread_ ? wait(connection) : !talk(connection);
    if (reset) {
      // The way to a reset by hand: nothing lingers.
      const linger none{.l_onoff = 1, .l_linger = 0};
      ::setsockopt(socket, SOL_SOCKET, SO_LINGER, &none, sizeof(none));
    }
    SSL_free(ssl);
    ::close(socket);
  }

  // False if the connection is to be reset.
  bool talk(const Connection& connection) {
    std::string pending;
    for (;;) {
      const std::string request = read_request(connection, pending);
      if (request.empty()) return true;
      {
        const std::lock_guard lock(mutex_);
        requests_.push_back(request);
      }
      const Reply reply = handler_(request);
      connection.write(reply.bytes);
      if (reply.after == After::kClose) return true;
      if (reply.after == After::kReset) return false;
      if (reply.after == After::kHang) return hang(connection);
      if (reply.after == After::kTunnel) return tunnel(connection.socket, reply.tunnel_port);
    }
  }

  bool hang(const Connection& connection) const {
    char byte;
    while (wait(connection) && connection.read(&byte, 1) > 0) {
    }
    return true;
  }

  // Both ways, until one side ends.
  bool tunnel(int near, int port) const {
    const int far = ::socket(AF_INET, SOCK_STREAM, 0);
    const sockaddr_in address = address_of(port);
    if (::connect(far, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0)
      return false;
    pollfd both[] = {{.fd = near, .events = POLLIN, .revents = 0},
                     {.fd = far, .events = POLLIN, .revents = 0}};
    bool open = true;
    while (open && !stopping_) {
      if (::poll(both, 2, 20) <= 0) continue;
      for (int from = 0; from < 2; ++from) {
        if (both[from].revents == 0) continue;
        char buffer[4096];
        const ssize_t count = ::recv(both[from].fd, buffer, sizeof(buffer), 0);
        if (count <= 0) open = false;
        if (count > 0)
          Connection{both[1 - from].fd, nullptr}.write({buffer, static_cast<size_t>(count)});
      }
    }
    ::close(far);
    return true;
  }

  // Until there is something to read; false when the server goes.
  bool wait(const Connection& connection) const {
    if (connection.ssl != nullptr && SSL_pending(connection.ssl) > 0) return true;
    pollfd descriptor{.fd = connection.socket, .events = POLLIN, .revents = 0};
    while (!stopping_) {
      if (::poll(&descriptor, 1, 20) != 0) return true;
    }
    return false;
  }

  std::string read_request(const Connection& connection, std::string& pending) const {
    size_t whole = std::string::npos;
    for (;;) {
      const size_t end = pending.find("\r\n\r\n");
      if (end != pending.npos) {
        const size_t at = pending.find("Content-Length: ");
        const size_t body = at < end ? std::stoul(pending.substr(at + 16)) : 0;
        whole = end + 4 + body;
      }
      if (whole <= pending.size()) break;
      char buffer[4096];
      if (!wait(connection)) return {};
      const ssize_t count = connection.read(buffer, sizeof(buffer));
      if (count <= 0) return {};
      pending.append(buffer, static_cast<size_t>(count));
    }
    std::string request = pending.substr(0, whole);
    pending.erase(0, whole);
    return request;
  }

  const Handler handler_;
  const int socket_;
  int port_ = 0;
  SSL_CTX* tls_ = nullptr;
  std::atomic<bool> stopping_ = false;
  std::atomic<bool> reset_unread_ = false;
  std::atomic<int> accepted_ = 0;
  mutable std::mutex mutex_;
  std::vector<std::string> requests_;
  std::vector<std::thread> connections_;  // of the acceptor, until it ends
  std::thread acceptor_;
};

}  // namespace stanch::env
