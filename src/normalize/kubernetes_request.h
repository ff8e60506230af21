#pragma once

#include <optional>
#include <string_view>

#include "base/text_arena.h"
#include "base/time.h"
#include "model/event.h"
#include "normalize/target_list.h"

namespace stanch::normalize::kubernetes {

// A request to the API server of a cluster that is about a resource; what is not said is empty.
struct Request {
  std::string_view verb;      // "create"
  std::string_view resource;  // "pods"
  std::string_view space;     // the namespace
  std::string_view name;
  std::string_view part;        // of the resource: "exec", "status"
  std::optional<Time> expires;  // of a token that was asked for
};

// "create pods/exec", whether that reads, what it is about, the token that it makes. The outcome
// must be there already.
void set_request(const Request& request, TextArena& arena, model::Facts& facts,
                 TargetList& targets);

}  // namespace stanch::normalize::kubernetes
