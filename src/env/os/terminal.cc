#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cerrno>

#include "env/os/parts.h"
#include "env/system_error.h"

namespace stanch::env::os {

int write_all(int descriptor, std::string_view bytes) {
  while (!bytes.empty()) {
    ssize_t count = ::write(descriptor, bytes.data(), bytes.size());
    if (count >= 0) {
      bytes.remove_prefix(static_cast<size_t>(count));
    } else if (errno == EAGAIN) {  // somebody made our stream non-blocking
      pollfd ready{.fd = descriptor, .events = POLLOUT, .revents = 0};
      if (::poll(&ready, 1, -1) < 0 && errno != EINTR) return errno;
    } else if (errno != EINTR) {
      return errno;
    }
  }
  return 0;
}

Result<> OsTerminal::write_out(std::string_view bytes) {
  int problem = write_all(out_, bytes);
  if (problem != 0) return system_error(problem, "write to", "the standard output");
  return {};
}

void OsTerminal::write_error(std::string_view bytes) { write_all(error_, bytes); }

bool OsTerminal::out_is_terminal() { return ::isatty(out_) == 1; }
bool OsTerminal::error_is_terminal() { return ::isatty(error_) == 1; }

unsigned OsTerminal::columns() {
  for (int stream : {out_, error_}) {
    winsize size{};
    if (::ioctl(stream, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
  }
  return 80;
}

}  // namespace stanch::env::os
