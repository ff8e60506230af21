#pragma once

#include <map>
#include <string>
#include <vector>

#include "cli/cli.h"
#include "env/os/os.h"

// The program run in-process: the real files and clock, a terminal that keeps what it is
// told, and no variables but those of the test.

namespace stanch::cli {

class FakeTerminal : public env::Terminal {
 public:
  Result<> write_out(std::string_view bytes) override {
    if (out_error) return *out_error;
    out += bytes;
    return {};
  }
  void write_error(std::string_view bytes) override { error += bytes; }
  bool out_is_terminal() override { return out_terminal; }
  bool error_is_terminal() override { return false; }
  unsigned columns() override { return 80; }

  std::string out, error;
  bool out_terminal = false;
  std::optional<Error> out_error;
};

class FakeVariables : public env::Variables {
 public:
  std::optional<std::string> find(const std::string& name) override {
    const auto found = values.find(name);
    if (found == values.end()) return std::nullopt;
    return found->second;
  }
  std::map<std::string, std::string> values;
};

class FakeWorld {
 public:
  int run(const std::vector<std::string>& arguments) {
    terminal.out.clear();
    terminal.error.clear();
    env::Env real = os_.env();
    env::Env env{real.clock, real.random, real.files, real.threads, variables, terminal, real.http};
    return cli::run(env, arguments);
  }
  env::Env env() {
    env::Env real = os_.env();
    return {real.clock, real.random, real.files, real.threads, variables, terminal, real.http};
  }

  FakeTerminal terminal;
  FakeVariables variables;

 private:
  env::OsEnv os_;
};

}  // namespace stanch::cli
