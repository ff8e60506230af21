#pragma once

#include <string_view>

#include "base/text_arena.h"
#include "model/entity.h"

// Hosts, and who is on them, by the names that they give themselves.

namespace stanch::normalize::host {

// linux:host/<name>; nothing without a name.
inline model::EntityRef host_entity(std::string_view name, TextArena& arena) {
  using Kind = model::EntityPart::Kind;
  if (name.empty()) return {};
  return model::make_entity({{"linux:host/"}, {name, Kind::kFoldedName}}, arena);
}

// linux:user/<host>/<name>; of a host that is not said, "-".
inline model::EntityRef user_entity(std::string_view host, std::string_view name,
                                    TextArena& arena) {
  using Kind = model::EntityPart::Kind;
  if (name.empty()) return {};
  return model::make_entity(
      {{"linux:user/"}, {host, Kind::kFoldedName}, {"/"}, {name, Kind::kName}}, arena);
}

}  // namespace stanch::normalize::host
