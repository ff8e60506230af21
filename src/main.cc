#include <string>
#include <vector>

#include "cli/cli.h"
#include "env/os/os.h"

int main(int argc, char** argv) {
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  stanch::env::OsEnv os;
  stanch::env::Env env = os.env();
  return stanch::cli::run(env, arguments);
}
