#pragma once

#include "codec/yaml.h"
#include "detect/sigma/reporter.h"
#include "detect/sigma/rule.h"

namespace stanch::detect::sigma {

// Reads the `detection` map, conditions included, into `rule`, and reports what is wrong.
// Values under `|expand` are checked only once they are known (expand.h).
void read_detection(const codec::YamlNode& root, Rule& rule, Reporter& reporter);

}  // namespace stanch::detect::sigma
