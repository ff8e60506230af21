#include "cli/help.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/suggest.h"
#include "cli/commands.h"
#include "cli/context.h"

namespace stanch::cli {

namespace {

constexpr size_t kHelpColumn = 24;

// A row of "  name   text", the text in its own column; on the next line if the name is long.
std::string row(std::string_view name, std::string_view text, size_t column = kHelpColumn) {
  std::string out = fmt::format("  {}", name);
  if (out.size() + 2 > column) {
    out += '\n';
    out.append(column, ' ');
  } else {
    out.append(column - out.size(), ' ');
  }
  return out + wrap(text, column) + "\n";
}

std::string paragraphs(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size());
    out += wrap(text.substr(0, end), 0) + "\n";
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out;
}

std::string option_row(const OptionSpec& option) {
  std::string text(option.help);
  if (option.kind == ValueKind::kChoice) {
    std::string list(option.choices);
    for (size_t at = 0; (at = list.find('|', at)) != std::string::npos; at += 2) {
      list.replace(at, 1, ", ");
    }
    text += fmt::format(" One of: {}.", list);
  }
  if (const std::string note = setting_note(option); !note.empty()) text += ' ' + note;
  return row(signature_of(option), text);
}

std::string examples_of(const CommandSpec& command) {
  std::string out;
  for (const Example& example : command.examples) {
    out += fmt::format("  {}\n      {}\n", example.command, wrap(example.what, 6));
  }
  return out;
}

std::string subcommand_rows(std::string_view group) {
  std::string out;
  for (const CommandSpec& command : all_commands()) {
    if (command.name.starts_with(group) && command.name.size() > group.size() &&
        command.name[group.size()] == ' ') {
      out += row(command.name.substr(group.size() + 1), command.summary, 16);
    }
  }
  return out;
}

}  // namespace

std::string wrap(std::string_view text, size_t indent, size_t columns) {
  std::string out;
  size_t at = indent;
  while (!text.empty()) {
    const size_t end = std::min(text.find(' '), text.size());
    const std::string_view word = text.substr(0, end);
    if (at > indent && at + 1 + word.size() > columns) {
      out += '\n';
      out.append(indent, ' ');
      at = indent;
    } else if (at > indent) {
      out += ' ';
      ++at;
    }
    out += word;
    at += word.size();
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out;
}

std::string signature_of(const OptionSpec& option) {
  std::string out = option.short_flag.empty() ? "    " : fmt::format("{}, ", option.short_flag);
  out += fmt::format("--{}", word_of(option));
  if (!option.value.empty()) out += fmt::format(" {}", option.value);
  return out;
}

std::string setting_note(const OptionSpec& option) {
  const bool flag = option.value.empty();
  const std::string fallback =
      option.fallback.empty() || flag ? "" : fmt::format("default: {}", option.fallback);
  const std::string variable = option.key.empty() ? "" : environment_name(option.key);
  if (fallback.empty() && variable.empty()) return "";
  return fmt::format("[{}{}{}]", fallback, fallback.empty() || variable.empty() ? "" : "; ",
                     variable);
}

std::string usage_of(const CommandSpec& command) {
  std::string out = fmt::format("stanch {}", command.name);
  if (command.run == nullptr) return out + " COMMAND";
  out += " [options]";
  for (const ArgumentSpec& argument : command.arguments) {
    const std::string name = fmt::format("{}{}", argument.name, argument.repeatable ? "..." : "");
    out += argument.required ? fmt::format(" {}", name) : fmt::format(" [{}]", name);
  }
  return out;
}

std::string overview() {
  std::string out =
      "stanch - find attacks in cloud audit logs\n\n"
      "Usage: stanch COMMAND [options]\n\nCommands:\n";
  for (const CommandSpec& command : all_commands()) {
    if (command.name.find(' ') == std::string_view::npos) {
      out += row(command.name, command.summary, 16);
    }
  }
  out += "\nStart with:\n  stanch scan PATH...\n\n";
  out += wrap(
      "'stanch help COMMAND' explains a command. 'stanch help config' lists the settings, "
      "'stanch help exit-codes' the exit codes. 'stanch --version' shows the version.",
      0);
  return out + "\n";
}

// Of a code that depends on what the command is for; empty: it never exits with that, or as every
// command does.
std::string_view meaning_for(const CommandSpec& command, const ExitCode& code) {
  const bool fails = takes(command, *find_option("fail-level"));
  switch (code.code) {
    case kExitOk: return fails ? code.meaning : "Done.";
    case kExitFindings:
      if (fails) return "A finding at or above --fail-level.";
      return command.checks ? "What was checked did not pass." : "";
    case kExitInput: return command.reads ? code.meaning : "";
    default: return "";
  }
}

std::string help_of(const CommandSpec& command) {
  std::string out = fmt::format("stanch {} - {}\n\nUsage: {}\n", command.name, command.summary,
                                usage_of(command));
  if (!command.description.empty()) out += "\n" + paragraphs(command.description);
  if (command.run == nullptr) {
    out += "\nCommands:\n" + subcommand_rows(command.name);
    return out + fmt::format("\n'stanch help {} COMMAND' explains one.\n", command.name);
  }
  if (!command.arguments.empty()) {
    out += "\nArguments:\n";
    for (const ArgumentSpec& argument : command.arguments) {
      out += row(argument.name, argument.help, 12);
    }
  }
  if (!command.options.empty()) {
    out += "\nOptions:\n";
    for (const std::string_view id : command.options) out += option_row(*find_option(id));
  }
  out += "\nEverywhere:\n";
  for (const OptionSpec& option : global_options()) out += option_row(option);
  if (!command.examples.empty()) out += "\nExamples:\n" + examples_of(command);
  out += "\nExit codes:\n";
  for (const ExitCode& code : exit_codes()) {
    const std::string_view meaning = meaning_for(command, code);
    if (!meaning.empty()) out += row(fmt::format("{}", code.code), meaning, 8);
  }
  if (!command.exit_note.empty()) out += wrap(command.exit_note, 0) + "\n";
  return out + "Others mean the same for every command: 'stanch help exit-codes'.\n";
}

std::string config_page() {
  std::string out =
      "Settings\n\n"
      "A setting comes from its flag; without it from its STANCH_* variable; without\n"
      "that from the configuration file; else it has its default. The file is\n"
      "--config FILE, or STANCH_CONFIG, or the first there is of\n"
      "$XDG_CONFIG_HOME/stanch/stanch.yaml (~/.config/stanch/stanch.yaml) and\n"
      "/etc/stanch/stanch.yaml. It is never looked for in the current folder: that may\n"
      "hold evidence, and evidence must not configure what examines it. Unknown keys\n"
      "are errors. An empty variable counts as not set; a list in a variable is\n"
      "separated by ':'.\n\n"
      "Keys:\n";
  for (const auto& table : {global_options(), all_options()}) {
    for (const OptionSpec& option : table) {
      if (option.key.empty()) continue;
      out += fmt::format("  {}  ({}, --{})\n      {}\n", option.key, environment_name(option.key),
                         word_of(option), wrap(option.negates ? option.key_help : option.help, 6));
      if (!option.fallback.empty()) out += fmt::format("      Default: {}\n", option.fallback);
    }
  }
  out +=
      "\nExample stanch.yaml:\n"
      "  rules: [/srv/sigma/rules/cloud/aws]\n"
      "  content: /etc/stanch/content\n"
      "  scan:\n"
      "    fail_level: critical\n"
      "    jobs: 4\n";
  return out;
}

std::string exit_codes_page() {
  std::string out = "Exit codes\n\n";
  for (const ExitCode& code : exit_codes()) {
    out += row(fmt::format("{}", code.code), code.meaning, 8);
  }
  out += '\n';
  out += wrap(
      "When a scan has both findings at or above --fail-level and unreadable input, it exits "
      "with 1: whoever can plant a broken file must not be able to hide an attack behind it. "
      "The unreadable input stands in the summary either way.",
      0);
  return out + "\n";
}

int run_help(Context& context) {
  std::string name;
  for (const std::string& word : context.arguments("COMMAND")) {
    if (!name.empty()) name += ' ';
    name += word;
  }
  if (name.empty()) return context.print(overview());
  if (name == "config") return context.print(config_page());
  if (name == "exit-codes") return context.print(exit_codes_page());
  if (const CommandSpec* command = find_command(name)) return context.print(help_of(*command));
  std::vector<std::string_view> names = {"config", "exit-codes"};
  for (const CommandSpec& command : all_commands()) names.push_back(command.name);
  const std::string_view near = find_similar(name, names);
  return context.fail(fmt::format("there is no help on '{}'", name),
                      near.empty() ? "'stanch help' lists the commands."
                                   : fmt::format("Did you mean 'stanch help {}'?", near),
                      kExitUsage);
}

}  // namespace stanch::cli
