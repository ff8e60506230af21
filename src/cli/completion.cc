#include <fmt/format.h>

#include "cli/commands.h"
#include "cli/context.h"
#include "cli/options.h"

// Completion scripts. Each is a list of cases made from the table of options.

namespace stanch::cli {

namespace {

template <typename Visit>
void each_option(const CommandSpec& command, Visit visit) {
  for (const std::string_view id : command.options) visit(*find_option(id));
  for (const OptionSpec& option : global_options()) visit(option);
}

std::string words(std::string_view choices) {
  std::string out(choices);
  for (char& c : out) {
    if (c == '|') c = ' ';
  }
  return out;
}

std::string names_below(std::string_view group) {
  std::string out;
  for (const CommandSpec& command : all_commands()) {
    std::string_view name = command.name;
    if (!group.empty()) {
      if (!name.starts_with(group) || name.size() == group.size()) continue;
      name.remove_prefix(group.size() + 1);
    }
    if (name.find(' ') == std::string_view::npos) out += fmt::format("{} ", name);
  }
  if (!out.empty()) out.pop_back();
  return out;
}

// What an argument can be beside a path.
std::string_view argument_words(const CommandSpec& command) {
  if (command.name == "completion") return "bash zsh fish";
  return "";
}

// "rules|ledger": commands that have commands of their own.
std::string groups() {
  std::string names;
  for (const CommandSpec& command : all_commands()) {
    if (command.run != nullptr) continue;
    names += fmt::format("{}{}", names.empty() ? "" : "|", command.name);
  }
  return names;
}

bool names_a_path(ValueKind kind) { return kind != ValueKind::kNumber && kind != ValueKind::kText; }

std::string help_topics() { return names_below("") + " config exit-codes"; }

std::string bash() {
  std::string out =
      "# stanch completion for bash\n"
      "_stanch() {\n"
      "  local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]}\n"
      "  local command= word value=\n"
      "  # '--format=table' is three words.\n"
      "  if [[ $current == = ]]; then current=\n"
      "  elif [[ $previous == = ]]; then previous=${COMP_WORDS[COMP_CWORD-2]}; fi\n"
      "  for word in \"${COMP_WORDS[@]:1:COMP_CWORD-1}\"; do\n"
      "    if [[ -n $value ]]; then [[ $word == = ]] || value=; continue; fi\n"
      "    case $word in\n";
  for (const OptionSpec& option : global_options()) {
    if (!option.value.empty())
      out += fmt::format("      --{}) value=follows ;;\n", word_of(option));
  }
  out +=
      "      -*|=) ;;\n"
      "      *) if [[ -z $command ]]; then command=$word\n"
      "         else case $command in " +
      groups() +
      ") command=\"$command $word\" ;; esac; fi ;;\n"
      "    esac\n"
      "  done\n"
      "  case \"$command\" in\n";
  out += fmt::format("    '') COMPREPLY=($(compgen -W '{} --help --version' -- \"$current\")) ;;\n",
                     names_below(""));
  for (const CommandSpec& command : all_commands()) {
    if (command.run == nullptr) {
      out += fmt::format("    '{}') COMPREPLY=($(compgen -W '{}' -- \"$current\")) ;;\n",
                         command.name, names_below(command.name));
      continue;
    }
    out += fmt::format("    '{}')\n      case \"$previous\" in\n", command.name);
    std::string flags;
    each_option(command, [&](const OptionSpec& option) {
      flags += fmt::format("--{} ", word_of(option));
      if (option.value.empty()) return;
      std::string pattern = fmt::format("--{}", word_of(option));
      if (!option.short_flag.empty()) pattern += fmt::format("|{}", option.short_flag);
      std::string action = "compgen -f -- \"$current\"";
      if (!option.choices.empty()) {
        action = fmt::format("compgen -W '{}' -- \"$current\"", words(option.choices));
      } else if (option.kind == ValueKind::kFolder) {
        action = "compgen -d -- \"$current\"";
      } else if (!names_a_path(option.kind)) {
        action = "true";
      }
      out += fmt::format("        {}) COMPREPLY=($({})); return ;;\n", pattern, action);
    });
    flags.pop_back();
    out += "      esac\n      case \"$current\" in\n";
    out += fmt::format("        -*) COMPREPLY=($(compgen -W '{}' -- \"$current\")) ;;\n", flags);
    const std::string_view arguments = argument_words(command);
    if (command.name == "help") {
      std::string topics = fmt::format("help) topics='{}' ;; ", help_topics());
      for (const CommandSpec& group : all_commands()) {
        if (group.run != nullptr) continue;
        topics += fmt::format("{}) topics='{}' ;; ", group.name, names_below(group.name));
      }
      out += fmt::format(
          "        *) local topics=; case \"$previous\" in {}esac\n"
          "           COMPREPLY=($(compgen -W \"$topics\" -- \"$current\")) ;;\n",
          topics);
    } else if (!arguments.empty()) {
      out +=
          fmt::format("        *) COMPREPLY=($(compgen -W '{}' -- \"$current\")) ;;\n", arguments);
    } else if (!command.arguments.empty()) {
      out += "        *) COMPREPLY=($(compgen -f -- \"$current\")) ;;\n";
    }
    out += "      esac ;;\n";
  }
  return out +
         "  esac\n"
         "}\n"
         "complete -o filenames -F _stanch stanch\n";
}

// Text between single quotes of zsh's _arguments, where [ ] : have a meaning too.
std::string zsh_text(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\'') {
      out += "'\\''";
    } else if (c == '[' || c == ']' || c == ':' || c == '\\') {
      out += fmt::format("\\{}", c);
    } else {
      out += c;
    }
  }
  return out;
}

std::string zsh_option(const OptionSpec& option) {
  std::string action;
  if (!option.value.empty()) {
    std::string values = "_files";
    if (!option.choices.empty()) values = fmt::format("({})", words(option.choices));
    if (option.kind == ValueKind::kFolder) values = "_files -/";
    if (!names_a_path(option.kind) && option.choices.empty()) values = "";
    action = fmt::format(":{}:{}", option.value, values);
  }
  const std::string_view many = option.repeatable ? "*" : "";
  std::string out;
  if (!option.short_flag.empty()) {
    out += fmt::format("      '{}{}[{}]{}' \\\n", many, option.short_flag, zsh_text(option.help),
                       action);
  }
  // With '=' zsh takes the value as a word of its own too.
  return out + fmt::format("      '{}--{}{}[{}]{}' \\\n", many, word_of(option),
                           option.value.empty() ? "" : "=", zsh_text(option.help), action);
}

std::string zsh_describe(std::string_view group) {
  std::string out = "      local -a commands=(\n";
  for (const CommandSpec& command : all_commands()) {
    std::string_view name = command.name;
    if (!group.empty()) {
      if (!name.starts_with(group) || name.size() == group.size()) continue;
      name.remove_prefix(group.size() + 1);
    }
    if (name.find(' ') != std::string_view::npos) continue;
    out += fmt::format("        '{}:{}'\n", name, zsh_text(command.summary));
  }
  return out + "      )\n      _describe command commands ;;\n";
}

std::string zsh() {
  std::string out =
      "#compdef stanch\n"
      "_stanch() {\n"
      "  local command=\n"
      "  local -i shift_by=1\n"
      "  if (( CURRENT > 2 )); then\n"
      "    command=$words[2]\n"
      "    if [[ $command == (" +
      groups() +
      ") ]] && (( CURRENT > 3 )); then\n"
      "      command=\"$command $words[3]\"; shift_by=2\n"
      "    fi\n"
      "  fi\n"
      "  if [[ -n $command && $command != (" +
      groups() +
      ") ]]; then\n"
      "    shift $shift_by words; (( CURRENT -= shift_by ))\n"
      "  fi\n"
      "  case $command in\n"
      "    '')\n" +
      zsh_describe("");
  for (const CommandSpec& command : all_commands()) {
    if (command.run == nullptr) {
      out += fmt::format("    '{}')\n", command.name) + zsh_describe(command.name);
      continue;
    }
    out += fmt::format("    '{}')\n", command.name);
    if (command.name == "help") {
      for (const CommandSpec& group : all_commands()) {
        if (group.run != nullptr) continue;
        out += fmt::format(
            "      if [[ $words[2] == {} ]] && (( CURRENT == 3 )); then compadd {}; return; fi\n",
            group.name, names_below(group.name));
      }
    }
    out += "      _arguments -s \\\n";
    each_option(command, [&](const OptionSpec& option) { out += zsh_option(option); });
    const std::string_view arguments = argument_words(command);
    if (command.name == "help") {
      out += fmt::format("      '1:command:({})' ;;\n", help_topics());
      continue;
    }
    out += arguments.empty() ? "      '*:argument:_files' ;;\n"
                             : fmt::format("      '*:argument:({})' ;;\n", arguments);
  }
  return out +
         "  esac\n"
         "}\n"
         "if [[ $zsh_eval_context[-1] == loadautofunc ]]; then _stanch \"$@\"; else compdef "
         "_stanch stanch; fi\n";
}

std::string fish_text(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\'' || c == '\\') out += '\\';
    out += c;
  }
  return out;
}

std::string fish() {
  std::string out = "# stanch completion for fish\ncomplete -c stanch -f\n";
  for (const CommandSpec& command : all_commands()) {
    const size_t space = command.name.find(' ');
    const std::string_view word =
        space == std::string_view::npos ? command.name : command.name.substr(space + 1);
    const std::string condition =
        space == std::string_view::npos
            ? "__fish_use_subcommand"
            : fmt::format(
                  "__fish_seen_subcommand_from {}; and test (count (commandline -opc)) -eq 2",
                  command.name.substr(0, space));
    out += fmt::format("complete -c stanch -n '{}' -a {} -d '{}'\n", condition, word,
                       fish_text(command.summary));
    if (command.run == nullptr) continue;
    const std::string_view no_help =
        command.name == "help" ? "" : "not __fish_seen_subcommand_from help; and ";
    const std::string here =
        space == std::string_view::npos
            ? fmt::format("{}__fish_seen_subcommand_from {}", no_help, word)
            : fmt::format("{}__fish_seen_subcommand_from {}; and __fish_seen_subcommand_from {}",
                          no_help, command.name.substr(0, space), word);
    each_option(command, [&](const OptionSpec& option) {
      out += fmt::format("complete -c stanch -n '{}' -l {}", here, word_of(option));
      if (!option.short_flag.empty()) out += fmt::format(" -s {}", option.short_flag.substr(1));
      if (!option.value.empty()) {
        if (!option.choices.empty()) {
          out += fmt::format(" -x -a '{}'", words(option.choices));
        } else if (!names_a_path(option.kind)) {
          out += " -x";
        } else {
          out += " -r -F";
        }
      }
      out += fmt::format(" -d '{}'\n", fish_text(option.help));
    });
    const std::string_view arguments = argument_words(command);
    if (command.name == "help") {
      constexpr std::string_view kWords = "test (count (commandline -opc)) -eq";
      out += fmt::format("complete -c stanch -n '{}; and {} 2' -a '{}'\n", here, kWords,
                         help_topics());
      for (const CommandSpec& group : all_commands()) {
        if (group.run != nullptr) continue;
        out += fmt::format(
            "complete -c stanch -n '{}; and __fish_seen_subcommand_from {}; and {} 3' -a '{}'\n",
            here, group.name, kWords, names_below(group.name));
      }
    } else if (!arguments.empty()) {
      out += fmt::format("complete -c stanch -n '{}' -a '{}'\n", here, arguments);
    } else if (!command.arguments.empty()) {
      out += fmt::format("complete -c stanch -n '{}' -F\n", here);
    }
  }
  return out;
}

}  // namespace

int run_completion(Context& context) {
  const std::string& shell = context.argument("SHELL");
  if (shell == "bash") return context.print(bash());
  if (shell == "zsh") return context.print(zsh());
  if (shell == "fish") return context.print(fish());
  return context.fail("there is no completion for this shell", "Give it bash, zsh or fish.",
                      kExitUsage);
}

}  // namespace stanch::cli
