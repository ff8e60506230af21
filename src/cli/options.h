#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

// The one table of commands and options. Parsing, environment variables, the
// configuration file, help texts, the man page, completions and
// docs/formats/config.md are all made from it, so none of them can lag behind.

namespace stanch::cli {

enum class ValueKind : uint8_t { kFlag, kCount, kText, kNumber, kChoice, kFile, kFolder, kPath };

struct OptionSpec {
  std::string_view id = {};          // how a command asks for it
  std::string_view short_flag = {};  // "-q"; empty for none
  std::string_view value = {};       // "FILE" as help shows it; empty for flags and counts
  ValueKind kind = ValueKind::kFlag;
  bool repeatable = false;
  bool negates = false;            // a flag that sets its key to false (`--no-dedup`)
  std::string_view key = {};       // in stanch.yaml; empty: only on the command line
  std::string_view fallback = {};  // the default, as text; empty: none
  std::string_view choices = {};   // "a|b|c" for kChoice
  uint32_t max = UINT32_MAX;       // of a kNumber
  std::string_view help = {};      // one or two sentences
  // The word behind "--", where it is not the id: two commands may mean different things by it.
  std::string_view word = {};
  std::string_view key_help = {};  // of the key, if the flag negates it
};

struct ArgumentSpec {
  std::string_view name = {};  // "PATH"
  ValueKind kind = ValueKind::kPath;
  bool required = true;
  bool repeatable = false;
  std::string_view help = {};
};

struct Example {
  std::string_view command = {};
  std::string_view what = {};
};

class Context;

struct CommandSpec {
  std::string_view name = {};  // "scan", "rules lint"; "rules" alone is a group
  std::string_view summary = {};
  std::string_view description = {};  // paragraphs, separated by '\n'
  std::span<const ArgumentSpec> arguments = {};
  std::span<const std::string_view> options = {};  // ids, beside the global ones
  std::span<const Example> examples = {};
  std::string_view exit_note = {};  // what is special about its exit codes; may be empty
  bool checks = false;              // exits with 1 if something does not pass
  bool reads = false;               // input that may be unreadable: exits with 3 then
  int (*run)(Context&) = nullptr;   // null: a group
};

std::span<const OptionSpec> all_options();
std::span<const OptionSpec> global_options();  // understood by every command
std::span<const CommandSpec> all_commands();   // in the order of the help

const OptionSpec* find_option(std::string_view id);
std::string_view word_of(const OptionSpec& option);  // "format" of "--format"
const CommandSpec* find_command(std::string_view name);

// Whether `command` takes `option`, global ones included.
bool takes(const CommandSpec& command, const OptionSpec& option);

// "STANCH_SCAN_FORMAT" for the key "scan.format".
std::string environment_name(std::string_view key);

struct ExitCode {
  int code;
  std::string_view name = {};
  std::string_view meaning = {};
};
std::span<const ExitCode> exit_codes();

inline constexpr int kExitOk = 0;
inline constexpr int kExitFindings = 1;
inline constexpr int kExitUsage = 2;
inline constexpr int kExitInput = 3;
inline constexpr int kExitInternal = 4;
inline constexpr int kExitReaderGone = 141;  // 128 + SIGPIPE, as the shell shows it

}  // namespace stanch::cli
