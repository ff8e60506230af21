#pragma once

#include "base/result.h"
#include "cloud/operations.h"
#include "codec/json_value.h"

namespace stanch::cloud {

// Whether the parameters are such as the operation takes: members by their names in the table, none
// that it does not know, all that it requires, each of its type. Times are RFC 3339, bytes base64.
// kInvalid says where: "ec2.CreateSnapshots: TagSpecifications[0].Tags: a list is wanted".
Result<> check_parameters(const Operation& operation, const codec::JsonValue& parameters);

}  // namespace stanch::cloud
