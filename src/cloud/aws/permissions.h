#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

// What a caller must be allowed: the IAM actions of an operation, as the Service Authorization
// Reference has them.

namespace stanch::cloud::aws {

// "iam:UpdateAccessKey"; for an operation of EC2 that tags what it makes also "ec2:CreateTags".
// `parameters` are the names of those that are given. Empty for a service that nobody has looked
// up there: the names of operations are not always those of actions.
std::vector<std::string> permissions_of(std::string_view service, std::string_view operation,
                                        std::span<const std::string> parameters);

}  // namespace stanch::cloud::aws
