#include "cli/cli.h"

#include <fmt/format.h>

#include "cli/context.h"
#include "cli/help.h"
#include "cli/parse.h"
#include "cli/settings.h"
#include "cli/version.h"
#include "codec/utf8.h"

namespace stanch::cli {

namespace {

// The first argument that must be there and is not, as a message; or "".
std::string missing_argument(const Invocation& invocation) {
  const CommandSpec& command = *invocation.command;
  for (const ArgumentSpec& argument : command.arguments) {
    if (argument.required && !invocation.arguments.contains(argument.name)) {
      return fmt::format("'stanch {}' needs {}", command.name, argument.name);
    }
  }
  return "";
}

int usage_error(env::Env& env, const std::string& what, const std::string& hint) {
  env.terminal.write_error(error_text(what, hint));
  return kExitUsage;
}

}  // namespace

std::string error_text(std::string_view what, std::string_view todo) {
  std::string text = fmt::format("stanch: {}\n", codec::for_terminal(what));
  if (!todo.empty()) text += fmt::format("{}\n", codec::for_terminal(todo));
  return text;
}

int run(env::Env& env, std::span<const std::string> arguments) {
  const auto parsed = parse(arguments);
  if (const auto* error = std::get_if<UsageError>(&parsed)) {
    return usage_error(env, error->what, error->hint);
  }
  const auto& invocation = std::get<Invocation>(parsed);
  const auto show = [&env](const std::string& text, int code) {
    return env.terminal.write_out(text) ? code : kExitReaderGone;
  };
  if (invocation.version) return show(version_line(), kExitOk);
  if (invocation.command == nullptr) {
    // Like git: the program alone shows its commands, and that this was no command.
    const bool asked = invocation.options.contains("help");
    return show(overview(), asked ? kExitOk : kExitUsage);
  }
  const CommandSpec& command = *invocation.command;
  if (invocation.options.contains("help")) return show(help_of(command), kExitOk);
  if (command.run == nullptr) return show(help_of(command), kExitUsage);
  if (const std::string missing = missing_argument(invocation); !missing.empty()) {
    return usage_error(env, missing, fmt::format("Usage: {}", usage_of(command)));
  }

  Diagnostics diagnostics;
  const Settings settings = load_settings(env, invocation, diagnostics);
  for (const Diagnostic& diagnostic : diagnostics) {
    const bool is_error = diagnostic.code->severity == Severity::kError;
    if (is_error || !settings.flag("quiet")) env.terminal.write_error(to_text(diagnostic));
  }
  if (has_errors(diagnostics)) {
    return usage_error(env, "the settings have errors",
                       "'stanch help config' lists what may be set.");
  }
  Context context(env, invocation, settings);
  return command.run(context);
}

}  // namespace stanch::cli
