#pragma once

#include <string_view>

#include "base/text_arena.h"
#include "model/event.h"

namespace stanch::normalize::kubernetes {

// Whom a user name of a cluster names: "system:serviceaccount:<namespace>:<name>",
// "system:node:<name>", "system:anonymous", a part of the control plane, or somebody.
void set_actor(std::string_view user_name, TextArena& arena, model::Actor& actor);

// kubernetes:<type>/<namespace>/<name>, without a namespace kubernetes:<type>/<name>; nothing for
// an empty name.
model::EntityRef entity(std::string_view type, std::string_view space, std::string_view name,
                        TextArena& arena);

}  // namespace stanch::normalize::kubernetes
