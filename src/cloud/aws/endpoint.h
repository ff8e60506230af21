#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "env/env.h"

namespace stanch::cloud::aws {

// "eu-west-1": letters, digits and hyphens, so that it can be a part of a host name.
bool is_region(std::string_view region);

// Whether both are in one partition: accounts, credentials and buckets are of one alone.
bool are_of_one_partition(std::string_view region, std::string_view other);

// "https://sts.eu-west-1.amazonaws.com", in whichever partition the region is. Instead of it
// AWS_ENDPOINT_URL_STS or AWS_ENDPOINT_URL, unless AWS_IGNORE_CONFIGURED_ENDPOINT_URLS is
// "true"; by plain HTTP only on this host. Without a slash at the end. kInvalid if the region
// is none or the URL has a query or cannot be asked.
Result<std::string> endpoint_of(env::Variables& variables, const std::string& service,
                                std::string_view region);

}  // namespace stanch::cloud::aws
