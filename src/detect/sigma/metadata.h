#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "codec/yaml.h"
#include "detect/sigma/reporter.h"
#include "detect/sigma/rule.h"

namespace stanch::detect::sigma {

// Everything of a rule beside `detection`: reads it into `rule`, reports what is wrong.
// Top-level fields that the specification does not know are legal and ignored.
void read_metadata(const codec::YamlNode& root, Rule& rule, Reporter& reporter);

// What rules and correlations have alike. Returns the `name`; `noun` says which it is.
std::string read_info(const codec::YamlNode& root, std::string_view noun, model::RuleInfo& info,
                      Reporter& reporter);

// The text of a scalar that is not null. What is missing, or of another kind, is nothing;
// of another kind is reported too.
std::optional<std::string> read_text(const codec::YamlNode& map, std::string_view key,
                                     Reporter& reporter);

bool is_uuid(std::string_view text);

}  // namespace stanch::detect::sigma
