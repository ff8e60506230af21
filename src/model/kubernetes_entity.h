#pragma once

#include <string_view>

#include "base/text_arena.h"
#include "model/entity.h"

// A service account of Kubernetes, by the names that clouds have for it.
// docs/formats/entity-ids.md says why these are ids of their own.

namespace stanch::model {

// kubernetes:service-account/<namespace>/<name>; nothing if one of them is empty.
EntityRef kubernetes_account(std::string_view space, std::string_view name, TextArena& arena);

// The account that "system:serviceaccount:<namespace>:<name>" names, or nothing.
EntityRef kubernetes_subject(std::string_view subject, TextArena& arena);

// The account that is behind an identity of a cloud: a web identity whose subject it is, a workload
// of GKE. Nothing for all else, and for the account itself.
EntityRef kubernetes_account_behind(EntityRef identity, TextArena& arena);

}  // namespace stanch::model
