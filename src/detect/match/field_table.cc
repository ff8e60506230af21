#include "detect/match/field_table.h"

namespace stanch::detect::match {

uint32_t FieldTable::add(const std::string& name) {
  const auto [known, is_new] = numbers_.try_emplace(name, static_cast<uint32_t>(paths_.size()));
  if (is_new) paths_.emplace_back(name);
  return known->second;
}

}  // namespace stanch::detect::match
