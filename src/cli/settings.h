#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostic.h"
#include "cli/parse.h"
#include "env/env.h"

// What holds for this run: flags over STANCH_* variables over the
// configuration file over defaults (docs/formats/config.md).

namespace stanch::cli {

class Settings {
 public:
  // The value of an option by its id. Options that negate (`no-dedup`) are asked for by
  // their own id too: flag("no-dedup") is true if deduplication is off.
  bool flag(std::string_view id) const;
  int count(std::string_view id) const;
  uint32_t number(std::string_view id) const;
  std::string text(std::string_view id) const;  // "" if not set
  std::vector<std::string> list(std::string_view id) const;
  bool is_set(std::string_view id) const;  // by anything but the default

  // For each option id the values, and where they come from ("--jobs", "STANCH_SCAN_JOBS",
  // "stanch.yaml:3").
  struct Value {
    std::vector<std::string> values;
    std::string from;
  };
  std::map<std::string, Value, std::less<>> values;
};

// Settings of an invocation. Problems of the file and of variables are Diagnostics; a file
// that was named and cannot be read too.
Settings load_settings(env::Env& env, const Invocation& invocation, Diagnostics& diagnostics);

// Values of a configuration file's text by option id.
std::map<std::string, Settings::Value, std::less<>> parse_config(const std::string& path,
                                                                 const std::string& text,
                                                                 Diagnostics& diagnostics);

// The table of diagnostics that load_settings() can yield.
std::span<const DiagnosticCode> config_codes();

}  // namespace stanch::cli
