#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "cli/options.h"

// Arguments -> what was asked for. The only file that includes CLI11 is parse.cc.

namespace stanch::cli {

struct Invocation {
  const CommandSpec* command = nullptr;  // null: the program alone
  std::map<std::string_view, std::vector<std::string>>
      options;  // by option id; flags: one "true" a use
  std::map<std::string_view, std::vector<std::string>> arguments;  // by argument name
  bool version = false;                                            // `stanch --version`
};

// Wrong use of the command line.
struct UsageError {
  std::string what;
  std::string hint;
};

std::variant<Invocation, UsageError> parse(std::span<const std::string> arguments);

// What the option wants instead of `value` ("a whole number"), or "" if it is right.
std::string value_complaint(const OptionSpec& option, const std::string& value);

}  // namespace stanch::cli
