#include "env/os/os.h"

#include <csignal>
#include <cstdlib>

#include "env/os/parts.h"

namespace stanch::env {

struct OsEnv::Parts {
  os::OsClock clock;
  os::OsRandom random;
  os::OsFiles files;
  os::OsThreads threads;
  os::OsVariables variables;
  os::OsTerminal terminal;
  os::OsHttpClient http{variables.find("SSL_CERT_FILE").value_or("")};
};

OsEnv::OsEnv() : parts_(std::make_unique<Parts>()) {
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);
}
OsEnv::~OsEnv() = default;

Env OsEnv::env() {
  return {parts_->clock,     parts_->random,   parts_->files, parts_->threads,
          parts_->variables, parts_->terminal, parts_->http};
}

std::optional<std::string> os::OsVariables::find(const std::string& name) {
  const char* value = std::getenv(name.c_str());
  if (value == nullptr) return std::nullopt;
  return std::string(value);
}

}  // namespace stanch::env
