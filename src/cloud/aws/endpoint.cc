#include "cloud/aws/endpoint.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "cloud/own_endpoint.h"

namespace stanch::cloud::aws {
namespace {

// Partitions of AWS by the beginning of their regions (botocore, endpoints.json); the last is that
// of all others.
struct Partition {
  std::string_view prefix;
  std::string_view suffix;
};
constexpr Partition kPartitions[] = {
    {"cn-", "amazonaws.com.cn"},    {"us-gov-", "amazonaws.com"},   {"us-isob-", "sc2s.sgov.gov"},
    {"us-isof-", "csp.hci.ic.gov"}, {"eu-isoe-", "cloud.adc-e.uk"}, {"us-iso-", "c2s.ic.gov"},
    {"eusc-", "amazonaws.eu"},      {"", "amazonaws.com"},
};

const Partition& partition_of(std::string_view region) {
  return *std::ranges::find_if(
      kPartitions, [&](const Partition& each) { return region.starts_with(each.prefix); });
}

std::string variable_of(std::string_view service) {
  std::string name = "AWS_ENDPOINT_URL_";
  for (const char c : service) {
    name += c == '-' || c == ' ' ? '_' : c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
  }
  return name;
}

}  // namespace

bool is_region(std::string_view region) {
  return !region.empty() && region.size() <= 32 && region.front() != '-' && region.back() != '-' &&
         std::ranges::all_of(region, [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
         });
}

bool are_of_one_partition(std::string_view region, std::string_view other) {
  return &partition_of(region) == &partition_of(other);
}

Result<std::string> endpoint_of(env::Variables& variables, const std::string& service,
                                std::string_view region) {
  if (variables.find("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS").value_or("") != "true") {
    for (const std::string& name : {variable_of(service), std::string("AWS_ENDPOINT_URL")}) {
      TRY(std::optional<std::string> own, own_endpoint(variables, name));
      if (own) return *std::move(own);
    }
  }
  if (!is_region(region)) return Error(ErrorCode::kInvalid, "the region is no name of one");
  return "https://" + service + "." + std::string(region) + "." +
         std::string(partition_of(region).suffix);
}

}  // namespace stanch::cloud::aws
