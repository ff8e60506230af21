#pragma once

#include <string>
#include <string_view>

#include "cli/options.h"

// The words of the table, laid out for a terminal of 80 columns.

namespace stanch::cli {

std::string overview();                           // `stanch`
std::string help_of(const CommandSpec& command);  // `stanch help COMMAND`
std::string usage_of(const CommandSpec& command);
std::string config_page();      // `stanch help config`
std::string exit_codes_page();  // `stanch help exit-codes`

// `text` in lines of at most `columns`, each line but the first indented by `indent`.
std::string wrap(std::string_view text, size_t indent, size_t columns = 80);

// "-f, --format FORMAT"
std::string signature_of(const OptionSpec& option);

// The default and where else the option can be set: "[default: auto; STANCH_COLOR]", or "".
std::string setting_note(const OptionSpec& option);

}  // namespace stanch::cli
