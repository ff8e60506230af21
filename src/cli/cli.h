#pragma once

#include <span>
#include <string>

#include "env/env.h"

namespace stanch::cli {

// Runs the program with these arguments (without its own name) in `env`, and
// returns its exit code (docs/formats/codes.md).
int run(env::Env& env, std::span<const std::string> arguments);

}  // namespace stanch::cli
