#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "codec/yaml.h"
#include "detect/sigma/reporter.h"

namespace stanch::detect::sigma {

// One document of a rule file after its `action`s were carried out.
struct CollectedDocument {
  uint32_t index = 0;    // of the file's documents, from 0
  codec::YamlNode root;  // merged; without `action`
  std::string version;   // SHA-256 of the bytes it was made of, hex
  bool broken = false;   // reported already; `root` is then of no use
};

// The rules, correlations and filters that a file stands for, in its order. Documents with
// `action: global` and `action: reset` are not among them, unless they are broken.
std::vector<CollectedDocument> collect(std::vector<codec::YamlDocument> documents,
                                       Reporter& reporter);

}  // namespace stanch::detect::sigma
