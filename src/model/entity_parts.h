#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace stanch::model {

// What an entity's id is made of, its escapes undone (docs/formats/entity-ids.md).
struct EntityParts {
  std::string type;                // "aws:role", "ip"
  std::vector<std::string> scope;  // account, region, parent: what stands before the name
  std::string name;
};

// Nothing if the text is no id, or if its name was too long to stand in it.
std::optional<EntityParts> split_entity(std::string_view id);

}  // namespace stanch::model
