#include "cli/parse.h"

#include <fmt/format.h>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <charconv>
#include <deque>
#include <memory>

#include "base/check.h"
#include "base/suggest.h"

namespace stanch::cli {

namespace {

// What CLI11 found for one (sub)command. CLI11 writes into these, so they stay put.
struct Level {
  const CommandSpec* command = nullptr;  // null: the root
  CLI::App* app = nullptr;
  struct Slot {
    const OptionSpec* option = nullptr;
    const ArgumentSpec* argument = nullptr;
    std::vector<std::string> values;
    int count = 0;
  };
  std::deque<Slot> slots = {};
};

void add_option(Level& level, const OptionSpec& option) {
  std::string names = fmt::format("--{}", word_of(option));
  if (!option.short_flag.empty()) names += fmt::format(",{}", option.short_flag);
  Level::Slot& slot = level.slots.emplace_back();
  slot.option = &option;
  if (option.value.empty()) {
    level.app->add_flag_function(names, [&slot](int64_t n) { slot.count = static_cast<int>(n); });
  } else {
    level.app->add_option(names, slot.values)
        ->expected(1)
        ->allow_extra_args(false)
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  }
}

void add_argument(Level& level, const ArgumentSpec& argument) {
  Level::Slot& slot = level.slots.emplace_back();
  slot.argument = &argument;
  auto* positional = level.app->add_option(std::string(argument.name), slot.values);
  if (!argument.repeatable) positional->expected(1)->allow_extra_args(false);
}

void configure(Level& level) {
  level.app->set_help_flag();
  level.app->allow_extras();
  level.app->require_subcommand(0, 1);
  for (const OptionSpec& option : global_options()) add_option(level, option);
  if (level.command == nullptr) return;
  for (const std::string_view id : level.command->options) {
    const OptionSpec* option = find_option(id);
    CHECK(option != nullptr);
    add_option(level, *option);
  }
  for (const ArgumentSpec& argument : level.command->arguments) add_argument(level, argument);
}

std::vector<std::string_view> subcommands_of(std::string_view group) {
  std::vector<std::string_view> names;
  for (const CommandSpec& command : all_commands()) {
    std::string_view name = command.name;
    if (!group.empty()) {
      if (!name.starts_with(group) || name.size() <= group.size()) continue;
      name.remove_prefix(group.size() + 1);
    }
    if (name.find(' ') == std::string_view::npos) names.push_back(name);
  }
  return names;
}

std::string help_hint(const CommandSpec* command) {
  if (command == nullptr) return "'stanch help' lists the commands.";
  return fmt::format("'stanch help {}' lists what it takes.", command->name);
}

UsageError unknown_option(const CommandSpec* command, std::string_view word) {
  std::string_view flag = word.substr(0, word.find('='));
  std::vector<std::string> flags;
  for (const auto& table : {global_options(), all_options()}) {
    for (const OptionSpec& option : table) {
      if (command == nullptr ? &table[0] == global_options().data() : takes(*command, option)) {
        flags.push_back(fmt::format("--{}", word_of(option)));
      }
    }
  }
  const std::vector<std::string_view> views(flags.begin(), flags.end());
  const std::string_view near =
      flag.starts_with("--") ? find_similar(flag, views) : std::string_view();
  return {fmt::format("unknown option '{}'{}", flag,
                      command == nullptr ? "" : fmt::format(" for 'stanch {}'", command->name)),
          near.empty() ? help_hint(command) : fmt::format("Did you mean '{}'?", near)};
}

UsageError unexpected(const Level& level, const std::string& word) {
  if (word.size() > 1 && word.front() == '-') return unknown_option(level.command, word);
  if (level.command != nullptr && level.command->run != nullptr) {
    return {fmt::format("'stanch {}' does not take '{}'", level.command->name, word),
            help_hint(level.command)};
  }
  const std::string_view group = level.command == nullptr ? "" : level.command->name;
  const std::string_view near = find_similar(word, subcommands_of(group));
  const std::string before = group.empty() ? "stanch" : fmt::format("stanch {}", group);
  return {
      fmt::format("'{}' is not a command of '{}'", word, before),
      near.empty() ? help_hint(level.command) : fmt::format("Did you mean '{} {}'?", before, near)};
}

}  // namespace

std::string value_complaint(const OptionSpec& option, const std::string& value) {
  if (option.kind == ValueKind::kNumber) {
    uint32_t number = 0;
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
    if (error != std::errc() || end != value.data() + value.size()) return "a whole number";
    if (number > option.max) return fmt::format("a whole number up to {}", option.max);
  }
  if (option.kind == ValueKind::kChoice &&
      fmt::format("|{}|", option.choices).find(fmt::format("|{}|", value)) == std::string::npos) {
    std::string list(option.choices);
    for (size_t at = 0; (at = list.find('|', at)) != std::string::npos; at += 2) {
      list.replace(at, 1, ", ");
    }
    return fmt::format("one of {}", list);
  }
  if (value.empty() && option.kind != ValueKind::kText) return "something";
  return "";
}

std::variant<Invocation, UsageError> parse(std::span<const std::string> arguments) {
  CLI::App root("", "stanch");
  std::deque<Level> levels;
  levels.push_back({.app = &root});
  configure(levels.back());
  int version = 0;
  root.add_flag("--version,-V", version);
  for (const CommandSpec& command : all_commands()) {
    CLI::App* parent = &root;
    std::string name(command.name);
    if (const size_t space = name.find(' '); space != std::string::npos) {
      parent = root.get_subcommand(name.substr(0, space));
      name = name.substr(space + 1);
    }
    levels.push_back({.command = &command, .app = parent->add_subcommand(name)});
    configure(levels.back());
  }

  // CLI11 would take the next argument for the value of `--option=`, and read the value of a flag
  // as a count.
  for (const std::string& word : arguments) {
    if (word == "--") break;
    const size_t equals = word.find('=');
    if (!word.starts_with("--") || equals == std::string::npos) continue;
    const OptionSpec* option = find_option(std::string_view(word).substr(2, equals - 2));
    if (option != nullptr && option->value.empty()) {
      return UsageError{fmt::format("--{} takes no value", word_of(*option)), "Leave the '=' out."};
    }
    if (word.ends_with('=')) {
      return UsageError{fmt::format("{} needs a value", word.substr(0, word.size() - 1)),
                        "Leave the option out where it has none."};
    }
  }

  try {
    root.parse(std::vector<std::string>(arguments.rbegin(), arguments.rend()));
  } catch (const CLI::ArgumentMismatch& error) {
    // "--format: 1 required TEXT missing"
    const std::string text = error.what();
    return UsageError{fmt::format("{} needs a value", text.substr(0, text.find(':'))),
                      "Write it as '--option value' or '--option=value'."};
  } catch (const std::exception& error) {
    return UsageError{error.what(), help_hint(nullptr)};
  }

  Invocation invocation;
  invocation.version = version > 0;
  for (Level& level : levels) {
    if (level.command != nullptr && !level.app->parsed()) continue;
    if (level.command != nullptr) invocation.command = level.command;
  }
  for (Level& level : levels) {
    if (level.command != nullptr && !level.app->parsed()) continue;
    for (const std::string& word : level.app->remaining()) {
      if (word != "--") return unexpected(level, word);  // CLI11 keeps the mark itself
    }
    for (Level::Slot& slot : level.slots) {
      if (slot.argument != nullptr) {
        if (!slot.values.empty()) invocation.arguments[slot.argument->name] = slot.values;
        continue;
      }
      const OptionSpec& option = *slot.option;
      for (const std::string& value : slot.values) {
        if (const std::string want = value_complaint(option, value); !want.empty()) {
          return UsageError{fmt::format("--{} is '{}'", word_of(option), value),
                            fmt::format("Give it {}.", want)};
        }
      }
      auto& into = invocation.options[option.id];
      if (option.value.empty()) {
        into.insert(into.end(), static_cast<size_t>(slot.count), "true");
      } else {
        into.insert(into.end(), slot.values.begin(), slot.values.end());
      }
      if (into.empty()) invocation.options.erase(option.id);
    }
  }
  return invocation;
}

}  // namespace stanch::cli
