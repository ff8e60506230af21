#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "generator/generator.h"

// What the tables of work say. A Script is a piece of work that one actor does in
// one account and region, call after call; several run at any moment.
//
// Texts hold slots, `${name}` (record_template.h): some keep one value through a
// script (account, bucket, role), some are fresh at each use (uuid, hex17).

namespace stanch::generator {

enum class Who : uint8_t {
  kService,        // a service by itself: type AWSService; `as` is the service
  kServiceRole,    // a service in its service-linked role; `as` is the service
  kInstance,       // an application on a machine
  kContainer,      // an application in a container
  kFunction,       // a Lambda function
  kDataJob,        // nightly data processing
  kScanner,        // a posture scanner of a vendor, from outside
  kMonitor,        // monitoring, from outside
  kIac,            // Terraform
  kCi,             // a pipeline, through OIDC
  kStack,          // CloudFormation in the name of a person
  kAutomation,     // housekeeping roles of our own
  kPerson,         // Identity Center, in the console
  kPersonCli,      // Identity Center, on the command line
  kAdministrator,  // Identity Center, allowed to administer identities
  kSecurityTeam,   // Identity Center, security team
  kLegacyUser,     // IAM user with an old access key, inside our network
  kBreakGlass,     // the emergency user
  kThief,          // somebody with a stolen key, from anywhere
};

enum class Kind : uint8_t { kRead, kWrite, kDataRead, kDataWrite, kSignIn, kServiceEvent };

struct Call {
  std::string_view source;  // "ec2"; the suffix is added
  std::string_view name;
  Kind kind = Kind::kRead;
  std::string_view request = "null";
  std::string_view response = "null";
  std::string_view more = {};   // further members, ending in a comma
  uint32_t denied_percent = 0;  // how often it is refused
  std::string_view error = {};  // always this error
};

struct Step {
  Call call;
  uint32_t least = 1;
  uint32_t most = 1;
};

struct Script {
  Work work;
  uint32_t share;  // events of it, relative to the other scripts of its work
  Who who;
  std::string_view as = {};
  std::span<const Step> steps;
};

// The tables, one a file.
std::span<const Script> platform_scripts();
std::span<const Script> scanner_scripts();
std::span<const Script> delivery_scripts();
std::span<const Script> people_scripts();
std::span<const Script> attack_scripts();

}  // namespace stanch::generator
