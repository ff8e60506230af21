#include <fmt/format.h>

#include "cli/commands.h"
#include "cli/context.h"
#include "cli/help.h"
#include "cli/version.h"

// The manual page, in man(7) macros.

namespace stanch::cli {

namespace {

// Text as roff reads it: '\' and '-' escaped, and no line that could be a request.
std::string roff(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\\') {
      out += "\\e";
    } else if (c == '-') {
      out += "\\-";
    } else if ((c == '.' || c == '\'') && (out.empty() || out.back() == '\n')) {
      out += fmt::format("\\&{}", c);
    } else {
      out += c;
    }
  }
  return out;
}

std::string tagged(std::string_view tag, std::string_view text) {
  return fmt::format(".TP\n.B {}\n{}\n", roff(tag), roff(text));
}

std::string option_item(const OptionSpec& option) {
  std::string text(option.help);
  if (option.kind == ValueKind::kChoice) {
    std::string list(option.choices);
    for (size_t at = 0; (at = list.find('|', at)) != std::string::npos; at += 2) {
      list.replace(at, 1, ", ");
    }
    text += fmt::format(" One of: {}.", list);
  }
  if (const std::string note = setting_note(option); !note.empty()) text += ' ' + note;
  std::string tag = signature_of(option);
  tag.erase(0, tag.find_first_not_of(' '));
  return tagged(tag, text);
}

std::string command_section(const CommandSpec& command) {
  std::string out = fmt::format(".SS {}\n", roff(usage_of(command)));
  out += roff(command.summary) + ".\n";
  if (!command.description.empty()) out += ".PP\n" + roff(command.description) + "\n";
  for (const ArgumentSpec& argument : command.arguments) {
    out += tagged(argument.name, argument.help);
  }
  for (const std::string_view id : command.options) out += option_item(*find_option(id));
  if (!command.exit_note.empty()) {
    out += fmt::format(".PP\nExit code: {}\n", roff(command.exit_note));
  }
  for (const Example& example : command.examples) {
    out += fmt::format(".PP\n{}:\n.PP\n.nf\n.RS\n{}\n.RE\n.fi\n", roff(example.what),
                       roff(example.command));
  }
  return out;
}

std::string man_page() {
  std::string out = fmt::format(
      ".TH STANCH 1 \"\" \"stanch {}\" \"User Commands\"\n.SH NAME\n"
      "stanch \\- find attacks in cloud audit logs\n.SH SYNOPSIS\n"
      ".B stanch\n.I COMMAND\n[\\fIoptions\\fR]\n.SH COMMANDS\n",
      program_version());
  for (const CommandSpec& command : all_commands()) {
    if (command.run != nullptr) out += command_section(command);
  }
  out += ".SH OPTIONS OF ALL COMMANDS\n";
  for (const OptionSpec& option : global_options()) out += option_item(option);
  out += tagged("-V, --version", "Show the version (without a command).");
  out += ".SH EXIT STATUS\n";
  for (const ExitCode& code : exit_codes()) {
    out += tagged(fmt::format("{}", code.code), code.meaning);
  }
  out += ".SH SETTINGS\n.nf\n" + roff(config_page()) + ".fi\n";
  out += ".SH ENVIRONMENT\n";
  out += tagged("NO_COLOR", "If set and not empty: no colour, unless --color always.");
  out += tagged("STANCH_CONFIG", "Path of the configuration file.");
  out += tagged("STANCH_...", "One variable for each setting; see SETTINGS.");
  return out;
}

}  // namespace

int run_man(Context& context) { return context.print(man_page()); }

}  // namespace stanch::cli
