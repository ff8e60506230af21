#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "generator/random.h"

// Names and ids of the organisation: what exists is drawn once from the seed, so
// that the same machines, buckets and keys come again and again, as in real logs.

namespace stanch::generator {

struct Names {
  explicit Names(Random& random);

  std::vector<std::string> accounts, regions, services, people, buckets, functions, roles, keys,
      vpcs, subnets, groups, instances, databases, clusters, secrets, images, interfaces, volumes;
};

const std::string& pick(const std::vector<std::string>& from, Random& random);

inline constexpr std::string_view kOrganization = "o-exampleorg";
inline constexpr std::string_view kScannerAccount = "888899990000";
inline constexpr std::string_view kEgress = "192.0.2.0/24";

}  // namespace stanch::generator
