#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "codec/yaml.h"
#include "detect/sigma/reporter.h"
#include "detect/sigma/rule.h"

namespace stanch::detect::sigma {

// Reads one condition. `detections` are the rule's, with their names; `used` has one flag
// for each, set for those that the condition names. Nothing if it was reported as wrong, where
// `noun` says what the names are of: the extended condition of correlations is over rules.
std::optional<Condition> parse_condition(const codec::YamlNode& text,
                                         std::span<const NamedDetection> detections,
                                         std::vector<bool>& used, Reporter& reporter,
                                         std::string_view noun = "detection");

// Words that cannot be names of detections, because conditions give them a meaning.
bool is_reserved_word(std::string_view word);

}  // namespace stanch::detect::sigma
