#pragma once

#include <string>
#include <vector>

#include "respond/action/action.h"

namespace stanch::respond {

// What is known of an action that is to be written. Names, type and operations hold only what
// is_action_name(), is_target_type() and find_operation_name() let through.
struct SkeletonRequest {
  std::string name, target;
  std::vector<OperationName> reads = {}, writes = {};
};

// A file to begin with: YAML with a comment for all that is to be filled in, which is left empty,
// so that read_action() names each place.
std::string skeleton(const SkeletonRequest& request);

// "iam.GetUser"; nothing for anything else.
std::optional<OperationName> find_operation_name(std::string_view text);

}  // namespace stanch::respond
