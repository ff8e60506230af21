#include "cli/context.h"

#include <fmt/format.h>

#include "base/check.h"
#include "host/scan.h"

namespace stanch::cli {

namespace {

bool speaks_utf8(env::Variables& variables) {
  for (const char* name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
    const auto value = variables.find(name);
    if (!value || value->empty()) continue;
    for (const char* suffix : {"UTF-8", "utf-8", "UTF8", "utf8"}) {
      if (value->find(suffix) != std::string::npos) return true;
    }
    return false;
  }
  return false;
}

pipeline::output::Style style_for(env::Env& env, const Settings& settings, bool terminal) {
  // What is read by a program or kept in a file is not squeezed into 80 columns.
  constexpr unsigned kColumnsElsewhere = 160;
  pipeline::output::Style style;
  style.columns = terminal ? env.terminal.columns() : kColumnsElsewhere;
  style.unicode = speaks_utf8(env.variables);
  const std::string when = settings.text("color");
  const auto no_color = env.variables.find("NO_COLOR");  // https://no-color.org
  const bool refused = no_color && !no_color->empty();
  style.color = when == "always" || (when != "never" && terminal && !refused);
  return style;
}

}  // namespace

Context::Context(env::Env& env, const Invocation& invocation, const Settings& settings)
    : env_(env),
      invocation_(invocation),
      settings_(settings),
      out_style_(style_for(env, settings, env.terminal.out_is_terminal())),
      error_style_(style_for(env, settings, env.terminal.error_is_terminal())) {}

std::span<const std::string> Context::arguments(std::string_view name) const {
  const auto found = invocation_.arguments.find(name);
  if (found == invocation_.arguments.end()) return {};
  return found->second;
}

const std::string& Context::argument(std::string_view name) const {
  const auto values = arguments(name);
  CHECK(!values.empty());
  return values.front();
}

int Context::print(std::string_view text, int exit_code) {
  const Result<> written = env_.terminal.write_out(text);
  if (written) return exit_code;
  if (host::is_reader_gone(written.error())) return kExitReaderGone;
  return fail(fmt::format("standard output cannot be written: {}", written.error().message()),
              "Make room, or write elsewhere.", kExitInternal);
}

void Context::note(std::string_view text) {
  if (!quiet()) env_.terminal.write_error(text);
}

int Context::fail(std::string_view what, std::string_view todo, int exit_code) {
  env_.terminal.write_error(error_text(what, todo));
  return exit_code;
}

int Context::fail(const Error& error, int exit_code) {
  return fail(error.message(), "", exit_code);
}

}  // namespace stanch::cli
