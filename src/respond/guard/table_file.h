#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/diagnostic.h"
#include "codec/yaml.h"
#include "respond/codes.h"

// A file of the organisation, a map in YAML: what is wrong with it is said all at once.

namespace stanch::respond {

class TableFile {
 public:
  // All must outlive it.
  TableFile(const std::string& path, const std::string& text, Diagnostics& diagnostics)
      : path_(path), text_(text), diagnostics_(diagnostics) {}

  // Calls it with each member of the map; `what`: "guards are".
  void each_member(std::string_view what,
                   const std::function<void(const codec::YamlMember&)>& read);

  void report(ResponseCode code, codec::YamlMark mark, std::string message, std::string hint = "");
  void unknown(const codec::YamlNode& key, std::string_view known);

  // Otherwise that is reported; null is an empty one.
  bool is_list(const codec::YamlNode& node);
  bool is_map(const codec::YamlNode& node);
  std::optional<uint64_t> number(const codec::YamlNode& node);

 private:
  const std::string& path_;
  const std::string& text_;
  Diagnostics& diagnostics_;
};

}  // namespace stanch::respond
