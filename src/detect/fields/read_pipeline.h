#pragma once

#include <optional>

#include "codec/yaml.h"
#include "detect/fields/pipeline.h"
#include "detect/sigma/reporter.h"

namespace stanch::detect::fields {

// Reads one document that has `transformations`. Nothing, and errors, if something in it is
// not understood: half a map would find other things than its author meant.
std::optional<Pipeline> read_pipeline(const codec::YamlNode& root, const std::string& path,
                                      sigma::Reporter& reporter);

}  // namespace stanch::detect::fields
