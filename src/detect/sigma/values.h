#pragma once

#include <string_view>

#include "codec/yaml.h"
#include "detect/sigma/reporter.h"
#include "detect/sigma/rule.h"

namespace stanch::detect::sigma {

// Reports every value of `item` that its modifiers cannot take. The modifiers are right.
void check_values(const Item& item, Reporter& reporter);

// True if the pattern has a '*' or '?' that no backslash escapes (docs/formats/sigma.md, V10).
bool has_wildcard(std::string_view pattern);

// An unquoted text that YAML 1.1 tools, or authors, take for another type: yes, 0x1f, 007.
bool is_ambiguous(const codec::YamlNode& scalar);

}  // namespace stanch::detect::sigma
