#pragma once

#include <string>

#include "base/text_arena.h"
#include "model/event.h"
#include "triage/scope/graph.h"

// What one event says, in the words of the graph. Inside scope/ only.

namespace stanch::triage::scope {

// Which kind of activity it is.
EdgeKind kind_of(const model::Facts& facts);

// "iam:CreateUser"
std::string action_text(const model::Facts& facts);

std::string time_text(Time time);

// A person or workload that some other system vouches for.
bool is_person(model::ActorType type);

// Whether an entity's id says that it is a user's or a workload's own account, so that it can sign
// in by itself.
bool is_account(model::EntityRef entity);

// Whether it is a program that everybody signs in with, so that it is no host.
bool is_program(model::EntityRef entity);

// The word under which an entity says which account of Kubernetes it stands for.
inline constexpr std::string_view kBehind = "behind";

// The id under which somebody acts who shows no credential: the principal where the record names
// one, else "<cloud>:<type of actor>/<account>/<whatever the record says of it>". Another
// account's caller is never the account itself: "<cloud>:foreign/<account>/<principal id>".
std::string stand_in_id(const model::Facts& facts, TextArena& arena);

}  // namespace stanch::triage::scope
