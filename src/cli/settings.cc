#include "cli/settings.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <set>

#include "base/check.h"
#include "base/suggest.h"
#include "cli/help.h"
#include "codec/yaml.h"
#include "pipeline/content.h"

namespace stanch::cli {

namespace {

constexpr DiagnosticCode kUnreadable{"CFG001", "config-unreadable", Severity::kError,
                                     "The configuration file cannot be read."};
constexpr DiagnosticCode kSyntax{"CFG002", "config-syntax", Severity::kError,
                                 "The configuration file is not YAML as Stanch reads it."};
constexpr DiagnosticCode kUnknownKey{"CFG003", "unknown-key", Severity::kError,
                                     "The configuration file has a key that no setting goes by."};
constexpr DiagnosticCode kWrongType{"CFG004", "wrong-type", Severity::kError,
                                    "A setting has a list or map where one value belongs."};
constexpr DiagnosticCode kBadValue{"CFG005", "bad-value", Severity::kError,
                                   "A setting has a value that it cannot take."};
constexpr DiagnosticCode kDuplicateKey{"CFG006", "duplicate-setting", Severity::kError,
                                       "A key stands twice in one map."};
constexpr DiagnosticCode kUnknownVariable{"CFG007", "unknown-variable", Severity::kWarning,
                                          "A variable named after a flag, which no setting reads."};
constexpr DiagnosticCode kCodes[] = {kUnreadable, kSyntax,       kUnknownKey,     kWrongType,
                                     kBadValue,   kDuplicateKey, kUnknownVariable};
const DiagnosticCode& row(std::string_view id) {
  return *std::ranges::find(kCodes, id, &DiagnosticCode::id);
}

using Values = std::map<std::string, Settings::Value, std::less<>>;

std::vector<const OptionSpec*> configurable() {
  std::vector<const OptionSpec*> found;
  for (const auto& table : {global_options(), all_options()}) {
    for (const OptionSpec& option : table) {
      if (!option.key.empty()) found.push_back(&option);
    }
  }
  return found;
}

// The option's own value for what its key was given: flags are asked for by their own
// id, so that `scan.dedup: false` is `no-dedup` "true". Or what is wrong.
struct Converted {
  std::string value;
  std::string want;
};
Converted convert(const OptionSpec& option, const std::string& text) {
  if (!option.value.empty()) return {text, value_complaint(option, text)};
  const bool is_true = text == "true" || text == "1";
  if (!is_true && text != "false" && text != "0") return {"", "true or false"};
  const bool on = is_true != option.negates;
  return {on ? "true" : "false", ""};
}

class ConfigReader {
 public:
  ConfigReader(const std::string& path, const std::string& text, Diagnostics& diagnostics)
      : path_(path), text_(text), diagnostics_(diagnostics) {}

  Values read() {
    const auto documents = codec::parse_yaml(text_);
    for (const codec::YamlDocument& document : documents) {
      if (document.problem) {
        report("CFG002", document.problem->mark, document.problem->message, document.problem->hint);
        return {};
      }
      for (const auto& duplicate : document.duplicate_keys) {
        report(
            "CFG006", duplicate.again,
            fmt::format("'{}' stands twice; first in line {}", duplicate.key, duplicate.first.line),
            "Remove one.");
      }
    }
    if (documents.size() > 1) {
      report("CFG002", {.line = 0, .column = 0}, "the file holds more than one document",
             "Remove the '---' between them.");
      return {};
    }
    if (!documents.empty() && !documents.front().root.is_null()) {
      read_map(documents.front().root, "");
    }
    return std::move(values_);
  }

 private:
  void report(std::string_view code, codec::YamlMark mark, std::string message, std::string hint) {
    diagnostics_.push_back({&row(code),
                            {path_, mark.line, mark.column},
                            std::move(message),
                            mark.line == 0 ? "" : line_of(text_, mark.line),
                            std::move(hint)});
  }

  void read_map(const codec::YamlNode& map, const std::string& prefix) {
    if (!map.is_map()) {
      report("CFG004", map.mark, "settings are written as 'key: value'",
             prefix.empty() ? "'stanch help config' lists the settings."
                            : fmt::format("Indent them below '{}:'; 'stanch help config' lists "
                                          "them.",
                                          prefix.substr(0, prefix.size() - 1)));
      return;
    }
    for (const codec::YamlMember& member : map.members) {
      const std::string key = prefix + member.key.text;
      read_member(key, member);
    }
  }

  void read_member(const std::string& key, const codec::YamlMember& member) {
    const auto options = configurable();
    const auto option = std::ranges::find(options, key, &OptionSpec::key);
    if (option != options.end()) return read_value(**option, key, member.value);
    const bool group = std::ranges::any_of(
        options, [&](const OptionSpec* each) { return each->key.starts_with(key + "."); });
    if (group) return read_map(member.value, key + ".");
    std::vector<std::string_view> keys;
    for (const OptionSpec* each : options) keys.push_back(each->key);
    const std::string_view near = find_similar(key, keys);
    report("CFG003", member.key.mark, fmt::format("there is no setting '{}'", key),
           near.empty() ? "'stanch help config' lists the settings."
                        : fmt::format("Did you mean '{}'?", near));
  }

  void read_value(const OptionSpec& option, const std::string& key, const codec::YamlNode& node) {
    std::vector<const codec::YamlNode*> scalars;
    if (node.is_scalar()) {
      scalars.push_back(&node);
    } else if (node.is_list() && option.repeatable) {
      for (const codec::YamlNode& item : node.items) scalars.push_back(&item);
    }
    if (scalars.empty() && !(node.is_list() && option.repeatable)) {
      report("CFG004", node.mark, fmt::format("'{}' takes one value", key),
             fmt::format("Write '{}: value' on one line.", key.substr(key.rfind('.') + 1)));
      return;
    }
    Settings::Value& value = values_[std::string(option.id)];
    value.from = fmt::format("{}:{}", path_, node.mark.line);
    for (const codec::YamlNode* scalar : scalars) {
      if (!scalar->is_scalar() || scalar->is_null()) {
        report("CFG004", scalar->mark, fmt::format("'{}' has no value here", key),
               "Give it one, or remove the line.");
        continue;
      }
      const Converted converted = convert(option, scalar->text);
      if (converted.want.empty()) {
        value.values.push_back(converted.value);
      } else {
        report("CFG005", scalar->mark, fmt::format("'{}' cannot be '{}'", key, scalar->text),
               fmt::format("Give it {}.", converted.want));
      }
    }
  }

  const std::string& path_;
  const std::string& text_;
  Diagnostics& diagnostics_;
  Values values_;
};

// Where the file is, and whether somebody named it.
struct ConfigPath {
  std::string path;
  bool named = false;
};
ConfigPath find_config(env::Env& env, const Invocation& invocation) {
  if (const auto given = invocation.options.find("config"); given != invocation.options.end()) {
    return {given->second.back(), true};
  }
  if (auto path = env.variables.find("STANCH_CONFIG"); path && !path->empty()) {
    return {*path, true};
  }
  std::vector<std::string> places;
  const auto folder = env.variables.find("XDG_CONFIG_HOME");
  const auto home = env.variables.find("HOME");
  if (folder && folder->starts_with('/')) {  // the XDG specification: relative ones are ignored
    places.push_back(*folder + "/stanch/stanch.yaml");
  } else if (home && !home->empty()) {
    places.push_back(*home + "/.config/stanch/stanch.yaml");
  }
  places.push_back("/etc/stanch/stanch.yaml");
  for (const std::string& place : places) {
    if (env.files.status(place)) return {place, false};
  }
  return {};
}

void read_variables(env::Variables& variables, Settings& settings, Diagnostics& diagnostics) {
  for (const OptionSpec* option : configurable()) {
    const std::string name = environment_name(option->key);
    const auto text = variables.find(name);
    if (!text || text->empty()) continue;
    std::vector<std::string> parts;
    size_t begin = 0;
    for (size_t end = 0; option->repeatable && end != std::string::npos; begin = end + 1) {
      end = text->find(':', begin);
      if (end != begin) parts.push_back(text->substr(begin, end - begin));
      if (end == std::string::npos) break;
    }
    if (!option->repeatable) parts.push_back(*text);
    Settings::Value value{{}, name};
    for (const std::string& part : parts) {
      const Converted converted = convert(*option, part);
      if (converted.want.empty()) {
        value.values.push_back(converted.value);
      } else {
        diagnostics.push_back({&row("CFG005"),
                               {name, 0, 0},
                               fmt::format("it is '{}'", part),
                               "",
                               fmt::format("Give it {}.", converted.want)});
      }
    }
    settings.values[std::string(option->id)] = std::move(value);
  }
}

// Variables go by keys. Who takes a flag's name for one (STANCH_FORMAT, STANCH_NO_DEDUP) would be
// ignored in silence. Other misspellings cannot be seen: variables are found by name only.
void warn_of_flag_names(env::Variables& variables, Diagnostics& diagnostics) {
  const auto options = configurable();
  std::set<std::string_view> words;  // the first that has the word tells
  for (const auto& table : {global_options(), all_options()}) {
    for (const OptionSpec& option : table) {
      if (!words.insert(word_of(option)).second) continue;
      std::string key(word_of(option));
      std::ranges::replace(key, '-', '_');
      const bool is_key = std::ranges::find(options, key, &OptionSpec::key) != options.end();
      if (is_key || option.id == "config") continue;
      const std::string name = environment_name(key);
      const auto text = variables.find(name);
      if (!text || text->empty()) continue;
      diagnostics.push_back({&row("CFG007"),
                             {name, 0, 0},
                             fmt::format("no setting is read from {}", name),
                             "",
                             option.key.empty()
                                 ? fmt::format("--{} can only be given as a flag.", word_of(option))
                                 : fmt::format("Did you mean {}?", environment_name(option.key))});
    }
  }
}

}  // namespace

std::span<const DiagnosticCode> config_codes() { return kCodes; }

Values parse_config(const std::string& path, const std::string& text, Diagnostics& diagnostics) {
  return ConfigReader(path, text, diagnostics).read();
}

Settings load_settings(env::Env& env, const Invocation& invocation, Diagnostics& diagnostics) {
  constexpr size_t kConfigBytesMax = size_t{1} << 20;
  Settings settings;
  if (const ConfigPath config = find_config(env, invocation); !config.path.empty()) {
    const auto text = pipeline::read_file(env.files, config.path, kConfigBytesMax);
    if (text) {
      settings.values = parse_config(config.path, *text, diagnostics);
    } else {
      diagnostics.push_back({&row("CFG001"),
                             {config.path, 0, 0},
                             text.error().message(),
                             "",
                             config.named ? "It was named by --config or STANCH_CONFIG."
                                          : "Make it readable, or remove it."});
    }
  }
  read_variables(env.variables, settings, diagnostics);
  warn_of_flag_names(env.variables, diagnostics);
  for (const auto& [id, values] : invocation.options) {
    settings.values[std::string(id)] = {values, fmt::format("--{}", id)};
  }
  return settings;
}

bool Settings::is_set(std::string_view id) const { return values.contains(id); }

bool Settings::flag(std::string_view id) const { return text(id) == "true"; }

int Settings::count(std::string_view id) const {
  const auto found = values.find(id);
  return found == values.end() ? 0 : static_cast<int>(found->second.values.size());
}

uint32_t Settings::number(std::string_view id) const {
  const std::string digits = text(id);
  uint32_t value = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), value);
  return value;
}

std::string Settings::text(std::string_view id) const {
  const auto found = values.find(id);
  if (found != values.end() && !found->second.values.empty()) return found->second.values.back();
  const OptionSpec* option = find_option(id);
  CHECK(option != nullptr);
  // The default of a key is said in the key's sense; of a flag that negates, it is "not given".
  return option->negates ? "false" : std::string(option->fallback);
}

std::vector<std::string> Settings::list(std::string_view id) const {
  const auto found = values.find(id);
  return found == values.end() ? std::vector<std::string>() : found->second.values;
}

}  // namespace stanch::cli
