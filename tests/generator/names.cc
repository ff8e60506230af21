#include "generator/names.h"

namespace stanch::generator {
namespace {

std::vector<std::string> ids(std::string_view prefix, int hex, int count, Random& random) {
  std::vector<std::string> all;
  for (int i = 0; i < count; ++i) {
    std::string id(prefix);
    random.append_hex(hex, id);
    all.push_back(std::move(id));
  }
  return all;
}

}  // namespace

Names::Names(Random& random)
    : accounts{"111122223333", "123456789012", "222233334444", "333344445555",
               "444455556666", "555566667777", "666677778888", "777788889999"},
      // Twice or more: that much more is done there.
      regions{"us-east-1", "us-east-1", "us-east-1", "eu-west-1", "eu-west-1", "eu-central-1"},
      services{"orders",    "billing", "catalog",  "search",  "ledger", "media",
               "identity",  "pricing", "shipping", "reports", "notify", "gateway",
               "recommend", "fraud",   "archive",  "partner"},
      people{"mira.holt",   "tomas.berg", "a.nakamura",    "lena.fischer",
             "j.alvarez",   "o.adeyemi",  "s.lindqvist",   "priya.rao",
             "marc.dubois", "h.kowalska", "dan.whitfield", "yuki.mori",
             "c.ferreira",  "n.haddad",   "ines.costa",    "p.vandyke"} {
  for (const std::string& service : services) {
    for (std::string_view stage : {"prod", "stage", "dev"}) {
      const std::string base = service + "-" + std::string(stage);
      for (std::string_view part : {"-api", "-worker"})
        functions.push_back(base + std::string(part));
      buckets.push_back("acme-" + base + "-data");
      buckets.push_back("acme-" + base + "-assets");
      roles.push_back(base + "-task");
      databases.push_back(base + "-db");
      secrets.push_back(std::string(stage) + "/" + service + "/database");
      secrets.push_back(std::string(stage) + "/" + service + "/partner-token");
      clusters.push_back(base);
    }
  }
  for (int i = 0; i < 120; ++i) {
    std::string id;
    random.append_uuid(id);
    keys.push_back(std::move(id));
  }
  vpcs = ids("vpc-0", 16, 24, random);
  subnets = ids("subnet-0", 16, 96, random);
  groups = ids("sg-0", 16, 200, random);
  instances = ids("i-0", 16, 600, random);
  images = ids("ami-0", 16, 40, random);
  interfaces = ids("eni-0", 16, 900, random);
  volumes = ids("vol-0", 16, 800, random);
}

const std::string& pick(const std::vector<std::string>& from, Random& random) {
  return from[random.below(static_cast<uint32_t>(from.size()))];
}

}  // namespace stanch::generator
