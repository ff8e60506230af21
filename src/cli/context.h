#pragma once

#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "cli/parse.h"
#include "cli/settings.h"
#include "env/env.h"
#include "pipeline/output/style.h"

// What a command works with: the outside world, what was asked for, and how
// to talk to the user.

namespace stanch::cli {

class Context {
 public:
  Context(env::Env& env, const Invocation& invocation, const Settings& settings);

  env::Env& env() { return env_; }
  const CommandSpec& command() const { return *invocation_.command; }
  const Settings& settings() const { return settings_; }

  // The values of an argument, by its name; empty if it was not given.
  std::span<const std::string> arguments(std::string_view name) const;
  const std::string& argument(std::string_view name) const;  // requires that it was given

  // How text for standard output and standard error may look.
  const pipeline::output::Style& style() const { return out_style_; }
  const pipeline::output::Style& error_style() const { return error_style_; }
  bool quiet() const { return settings_.flag("quiet"); }
  int verbosity() const { return settings_.count("verbose"); }

  // Writes to standard output and returns `exit_code`; or the code that says that it could not
  // be written (then the reason is on standard error already).
  int print(std::string_view text, int exit_code = kExitOk);

  // Says something on standard error, unless --quiet.
  void note(std::string_view text);

  // "stanch: <what>" and on the next line what to do. Returns `exit_code`.
  int fail(std::string_view what, std::string_view todo, int exit_code);
  int fail(const Error& error, int exit_code);

 private:
  env::Env& env_;
  const Invocation& invocation_;
  const Settings& settings_;
  pipeline::output::Style out_style_, error_style_;
};

// The two lines of an error message.
std::string error_text(std::string_view what, std::string_view todo);

}  // namespace stanch::cli
