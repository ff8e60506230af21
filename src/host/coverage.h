#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "env/env.h"
#include "host/aws_caller.h"
#include "host/event_selectors.h"
#include "respond/action/action.h"

// What could be seen and done in each account and region before anything happens: roles, trails,
// what they record. What could not be asked is kept with the reason, and is unknown, never off.

namespace stanch::host {

// Why something is unknown, or cannot be done.
struct Refused {
  std::string code;  // the provider's, "AccessDenied"; without one, what our error is called
  std::string message;
};

// A trail, as it is in one region.
struct Trail {
  std::string name, arn, home_region;
  bool is_multi_region = false, is_organization = false;
  std::optional<bool> is_logging;  // nothing: unknown, see status_refused
  std::optional<Time> delivered;   // its last log file of that region
  std::string delivery_error;      // of the bucket, while files do not arrive there
  std::optional<Refused> status_refused, selectors_refused;
  Recorded selected;  // by its selectors, if it logs

  bool records() const { return is_logging.value_or(false) && delivery_error.empty(); }
  bool may_record() const { return is_logging.value_or(true); }  // or nobody knows
};

struct RegionCoverage {
  std::string region;
  std::optional<Refused> trails_refused;
  std::vector<Trail> trails;  // those that exist there, by ARN

  Recorded recorded() const;  // by all of them; what may be recorded is unknown
  std::optional<Time> delivered() const;
};

struct RoleCoverage {
  cloud::Duty duty = cloud::Duty::kRead;
  std::string name;                // "stanch-read"
  std::optional<Refused> refused;  // why it cannot be assumed
};

struct AccountCoverage {
  std::string account;
  bool is_own = false;              // the one that the credentials are of
  std::vector<RoleCoverage> roles;  // empty without --roles: the credentials do all
  std::optional<Refused> unseen;    // why nothing can be looked at there
  std::optional<Refused> regions_refused;
  std::vector<RegionCoverage> regions;    // enabled ones, by name; if that is unknown, those asked
  std::vector<std::string> not_enabled;   // not asked
  std::vector<std::string> not_existing;  // wanted, and the provider knows none of that name
};

enum class AccountsFrom : uint8_t { kNamed, kOrganization, kOwn };
std::string_view name_of(AccountsFrom from);  // "named", "organization", "own"

struct Coverage {
  AccountsFrom accounts_from = AccountsFrom::kOwn;
  // Why the organization's accounts are not known, if they were asked for and there may be some.
  std::optional<Refused> organization_refused;
  std::vector<std::string> not_active;  // accounts of the organization that are left out
  std::vector<AccountCoverage> accounts;
};

struct CoverageRequest {
  std::vector<std::string> accounts;  // none: the organization's, else the own
  std::vector<std::string> regions;   // none: all that are enabled
  // How many of the things that are asked now are; one call at a time, of any thread.
  std::function<void(std::string_view things, size_t done, size_t all)> progress;
};

// kInvalid of accounts and regions that cannot be names of any.
Result<> check_coverage(const CoverageRequest& request);
// Requires a request that passes that.
Coverage ask_coverage(env::Env env, const AwsCaller& aws, const CoverageRequest& request);

// What it asks as stanch-read.
const std::vector<respond::OperationName>& coverage_reads();

// Something that is missing, or that nobody could tell. Without any, all is covered.
struct CoverageGap {
  std::string account, region;  // "" if it is of no single one
  std::string_view kind;        // "no-trail"; docs/formats/codes.md has them all
  std::string words;
};
// By account and region. Pure.
std::vector<CoverageGap> gaps_of(const Coverage& coverage);

}  // namespace stanch::host
