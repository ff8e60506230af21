#pragma once

#include <string>
#include <string_view>

#include "model/event.h"

// Short names for people: who, from where, what. Foreign text: make it safe where it is shown.

namespace stanch::pipeline::output {

// What stands after the last '/' of an entity id; an address or id without one is whole.
std::string_view tail_of(model::EntityRef entity);

// tail_of() with the percent-escapes of entity ids undone.
std::string name_of(model::EntityRef entity);

std::string actor_label(const model::Facts& facts);   // "alice", "deploy/i-0abc", "root"
std::string source_label(const model::Facts& facts);  // an address, or the calling service
std::string target_label(const model::Facts& facts);  // "key-1 +2"
std::string action_label(const model::Facts& facts);  // "iam:CreateUser"

}  // namespace stanch::pipeline::output
