#pragma once

#include <string>
#include <string_view>

#include "base/diagnostic.h"
#include "codec/yaml.h"
#include "detect/sigma/codes.h"
#include "detect/sigma/rule.h"

namespace stanch::detect::sigma {

inline At to_at(codec::YamlMark mark) { return {mark.line, mark.column}; }

// Collects what is wrong with one file. Borrows everything.
class Reporter {
 public:
  Reporter(const std::string& path, std::string_view text, Diagnostics& diagnostics)
      : path_(path), text_(text), diagnostics_(diagnostics) {}

  void report(Code code, At at, std::string message, std::string hint = "");

  size_t errors() const { return errors_; }  // reported so far

  // Where the byte `offset` of a scalar's text stands in the file; where YAML's quoting
  // or folding hides that, where the scalar begins.
  At inside(const codec::YamlNode& scalar, size_t offset) const;

 private:
  const std::string& path_;
  std::string_view text_;
  Diagnostics& diagnostics_;
  size_t errors_ = 0;
};

}  // namespace stanch::detect::sigma
