#pragma once

#include <map>
#include <string>
#include <string_view>

namespace stanch::model {

// What the team edits: rules, context, tables, as files by path relative to
// content/ ("rules/aws/root-login.yaml"). Embedded in the program; --content
// DIR overlays it path by path.
struct Content {
  std::map<std::string, std::string, std::less<>> files;  // path -> bytes

  // SHA-256 over the sorted (path, SHA-256 of bytes) pairs, hex.
  std::string version() const;
};

}  // namespace stanch::model
