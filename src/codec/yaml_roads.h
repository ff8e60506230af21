#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "codec/yaml.h"

// How one document is read. Inside of codec/yaml; apart so that tests can hold the roads
// against each other.
//
//   quick  the part of YAML that people write in rules, in one pass over the lines. It
//           gives up at anything that it is not sure of, mistakes included; ~30 times faster
//   full    all of YAML by yaml-cpp, and all that is said about mistakes
//
// What the quick road reads, the full road reads equally, marks included (but for the marks of
// values that are not written at all).

namespace stanch::codec {

// Reads document.bytes, whose first line has the number `first_line`, into the other fields.
// False, and nothing written, if it gave up.
bool parse_yaml_quick(YamlDocument& document, const YamlLimits& limits, uint32_t first_line);
void parse_yaml_full(YamlDocument& document, const YamlLimits& limits, uint32_t first_line);

// Line and column of the byte `offset`.
YamlMark yaml_mark_of(std::string_view text, size_t offset);

// Appends the keys that stand in `map` again.
void list_duplicate_keys(const YamlNode& map, std::vector<YamlDuplicateKey>& duplicates);

}  // namespace stanch::codec
