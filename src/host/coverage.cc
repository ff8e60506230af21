#include "host/coverage.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "base/check.h"
#include "cloud/aws/endpoint.h"
#include "codec/timestamp.h"
#include "host/limits.h"
#include "model/aws_entity.h"
#include "pipeline/parallel.h"

// Accounts first (roles, enabled regions), then regions (trails, whether they log), then trails
// (selectors, the same everywhere, so each is asked once).

namespace stanch::host {

namespace {

using cloud::Called;
using cloud::Duty;
using codec::JsonValue;
using respond::OperationName;

const OperationName kListAccounts = {"organizations", "ListAccounts"};  // as the hub itself
const OperationName kRegions = {"ec2", "DescribeRegions"};
const OperationName kTrails = {"cloudtrail", "DescribeTrails"};
const OperationName kStatus = {"cloudtrail", "GetTrailStatus"};
const OperationName kSelectors = {"cloudtrail", "GetEventSelectors"};

Refused refused_by(const cloud::Refusal& refusal) {
  return {
      refusal.provider_code.empty() ? std::string(name_of(refusal.code)) : refusal.provider_code,
      refusal.message};
}

bool is_account(std::string_view text) {
  return text.size() == 12 &&
         std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

std::vector<std::string> sorted_once(std::vector<std::string> texts) {
  std::ranges::sort(texts);
  texts.erase(std::ranges::unique(texts).begin(), texts.end());
  return texts;
}

// What there is to say about an answer that is none.
Refused odd_answer(std::string_view lacks) {
  return {"odd answer", fmt::format("the answer has no {}", lacks)};
}

// Of one that is in the answer for that region: whether it exists there. AWS means so whatever it
// answers with; a trail of another region alone would be a mistake.
bool is_there(const Trail& trail, const std::string& region) {
  return trail.is_multi_region || trail.home_region.empty() || trail.home_region == region;
}

Trail trail_of(const JsonValue& said) {
  Trail trail;
  trail.name = said["Name"].text_or_empty();
  trail.arn = said["TrailARN"].text_or_empty();
  trail.home_region = said["HomeRegion"].text_or_empty();
  trail.is_multi_region = said["IsMultiRegionTrail"].is_true_like();
  trail.is_organization = said["IsOrganizationTrail"].is_true_like();
  trail.selected = unknown_recorded();
  return trail;
}

void read_status(const JsonValue& said, Trail& trail) {
  if (said["IsLogging"].is_bool()) {
    trail.is_logging = said["IsLogging"].boolean();
  } else {
    trail.status_refused = odd_answer("IsLogging");
  }
  trail.delivered = codec::parse_timestamp(said["LatestDeliveryTime"].text_or_empty());
  trail.delivery_error = said["LatestDeliveryError"].text_or_empty();
}

class Asker {
 public:
  Asker(env::Env env, const AwsCaller& aws, const CoverageRequest& request)
      : env_(env), aws_(aws), request_(request), monitor_(env.threads.monitor()) {}

  Coverage ask();

 private:
  struct RegionJob {
    AccountCoverage* account;
    RegionCoverage* region;
  };
  struct Place {
    std::string account, region;
  };
  struct SelectorsJob {
    std::string arn;
    std::vector<Place> places;  // where to ask, until one answers
    std::vector<Trail*> trails;
    std::optional<Refused> refused;
    Recorded recorded = unknown_recorded();
  };

  Called call(const OperationName& operation, const Place& at, JsonValue::Object parameters);
  template <typename Jobs>
  void for_each(std::string_view things, Jobs& jobs, void (Asker::*ask)(typename Jobs::reference));

  void find_accounts(Coverage& coverage);
  void ask_account(AccountCoverage& account);
  void ask_regions(AccountCoverage& account);
  void ask_trails(RegionJob& job);
  void ask_selectors(SelectorsJob& job);
  std::vector<SelectorsJob> selectors_jobs(Coverage& coverage);

  env::Env env_;
  const AwsCaller& aws_;
  const CoverageRequest& request_;
  std::unique_ptr<env::Monitor> monitor_;  // of progress
};

Called Asker::call(const OperationName& operation, const Place& at, JsonValue::Object parameters) {
  return aws_.caller->call({.service = operation.service,
                            .operation = operation.operation,
                            .account = at.account,
                            .region = at.region,
                            .parameters = JsonValue(std::move(parameters)),
                            .duty = Duty::kRead,
                            .all_pages = true});
}

template <typename Jobs>
void Asker::for_each(std::string_view things, Jobs& jobs,
                     void (Asker::*ask)(typename Jobs::reference)) {
  size_t done = 0;  // guarded by the monitor
  pipeline::for_each_parallel(env_.threads, jobs.size(), kCoverageThreads, [&](size_t i) {
    (this->*ask)(jobs[i]);
    env::MonitorLock lock(*monitor_);
    ++done;
    if (request_.progress) request_.progress(things, done, jobs.size());
  });
}

// ---------------------------------------------------------------- accounts

void Asker::find_accounts(Coverage& coverage) {
  const std::string& own = aws_.identity.account;
  std::vector<std::string> accounts = request_.accounts;
  coverage.accounts_from = accounts.empty() ? AccountsFrom::kOwn : AccountsFrom::kNamed;
  // Without roles there is no way into others.
  if (accounts.empty() && !aws_.identity.roles.empty()) {
    const Called called = call(kListAccounts, {"", home_region(env_.variables)}, {});
    const JsonValue& list = called.answer ? called.answer->value["Accounts"] : JsonValue();
    // An organization has one account at least.
    if (list.is_array() && !list.array().empty()) {
      coverage.accounts_from = AccountsFrom::kOrganization;
      for (const JsonValue& each : list.array()) {
        const std::string& id = each["Id"].text_or_empty();
        const std::string& state = each["State"].is_null() ? each["Status"].text_or_empty()
                                                           : each["State"].text_or_empty();
        if (!is_account(id)) continue;
        // One whose state nobody tells is asked.
        (state.empty() || state == "ACTIVE" ? accounts : coverage.not_active).push_back(id);
      }
    } else if (called.refusal.provider_code != "AWSOrganizationsNotInUseException") {
      coverage.organization_refused =
          called.answer ? odd_answer("Accounts") : refused_by(called.refusal);
    }
  }
  if (accounts.empty()) accounts = {own};
  coverage.not_active = sorted_once(std::move(coverage.not_active));
  for (std::string& account : sorted_once(std::move(accounts))) {
    AccountCoverage row;
    row.is_own = account == own;
    row.account = std::move(account);
    coverage.accounts.push_back(std::move(row));
  }
}

void Asker::ask_account(AccountCoverage& account) {
  if (aws_.identity.roles.empty()) {
    if (!account.is_own) {
      account.unseen = {
          "no roles", fmt::format("the credentials are of account {}; --roles says which roles to "
                                  "assume in others",
                                  aws_.identity.account)};
    }
  } else {
    for (const Duty duty : {Duty::kRead, Duty::kEvidence, Duty::kRespond}) {
      RoleCoverage role{.duty = duty,
                        .name = fmt::format("{}-{}", aws_.identity.roles, name_of(duty)),
                        .refused = {}};
      if (const auto refusal = role_refusal(env_, aws_, account.account, duty)) {
        role.refused = refused_by(*refusal);
      }
      account.roles.push_back(std::move(role));
    }
    account.unseen = account.roles.front().refused;
  }
  if (!account.unseen) ask_regions(account);
}

// DescribeRegions without a filter names all that the account has enabled, and with AllRegions says
// of the others that they are not:
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeRegions.html
void Asker::ask_regions(AccountCoverage& account) {
  std::set<std::string> wanted(request_.regions.begin(), request_.regions.end());
  const bool wants_all = wanted.empty();
  const auto add = [&](const std::string& region) {
    account.regions.push_back({.region = region, .trails_refused = {}, .trails = {}});
  };
  const Called called = call(kRegions, {account.account, home_region(env_.variables)},
                             {{"AllRegions", JsonValue(true)}});
  const JsonValue& list = called.answer ? called.answer->value["Regions"] : JsonValue();
  if (!list.is_array()) {
    account.regions_refused = called.answer ? odd_answer("Regions") : refused_by(called.refusal);
    for (const std::string& region : wanted) add(region);
    return;
  }
  for (const JsonValue& each : list.array()) {
    const std::string& region = each["RegionName"].text_or_empty();
    if (!cloud::aws::is_region(region) || (!wants_all && wanted.erase(region) == 0)) continue;
    // One whose status is of a new kind is asked, and then says so itself.
    if (each["OptInStatus"].text_or_empty() == "not-opted-in") {
      account.not_enabled.push_back(region);
    } else {
      add(region);
    }
  }
  account.not_existing.assign(wanted.begin(), wanted.end());
  std::ranges::sort(account.not_enabled);
  std::ranges::sort(account.regions, {}, &RegionCoverage::region);
}

// ---------------------------------------------------------------- trails

// With shadow trails: those of other regions and of the organization that are replicated there.
// https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_DescribeTrails.html
void Asker::ask_trails(RegionJob& job) {
  const Place at = {job.account->account, job.region->region};
  const Called called = call(kTrails, at, {{"includeShadowTrails", JsonValue(true)}});
  const JsonValue& list = called.answer ? called.answer->value["trailList"] : JsonValue();
  if (!list.is_array()) {
    job.region->trails_refused =
        called.answer ? odd_answer("trailList") : refused_by(called.refusal);
    return;
  }
  for (const JsonValue& said : list.array()) {
    Trail trail = trail_of(said);
    if (!is_there(trail, at.region)) continue;
    if (trail.arn.empty()) {
      trail.status_refused = trail.selectors_refused = odd_answer("TrailARN");
    } else {
      // "This operation returns trail status from a single Region"; a shadow trail goes by its ARN.
      // https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_GetTrailStatus.html
      const Called status = call(kStatus, at, {{"Name", JsonValue(trail.arn)}});
      if (status.answer) {
        read_status(status.answer->value, trail);
      } else {
        trail.status_refused = refused_by(status.refusal);
      }
    }
    job.region->trails.push_back(std::move(trail));
  }
  std::ranges::sort(job.region->trails, {}, &Trail::arn);
}

// Of each trail once, where it is at home. A member account sees an organization's trail, but not
// always its selectors: so whose it is is asked first.
std::vector<Asker::SelectorsJob> Asker::selectors_jobs(Coverage& coverage) {
  std::map<std::string, SelectorsJob> jobs;
  for (AccountCoverage& account : coverage.accounts) {
    for (RegionCoverage& region : account.regions) {
      for (Trail& trail : region.trails) {
        if (trail.arn.empty()) continue;
        SelectorsJob& job = jobs[trail.arn];
        job.trails.push_back(&trail);
        if (!job.arn.empty()) continue;
        job.arn = trail.arn;
        const auto arn = model::parse_arn(trail.arn);
        const std::string& home = trail.home_region;
        if (arn && is_account(arn->account) && cloud::aws::is_region(home)) {
          job.places.push_back({std::string(arn->account), home});
        }
        const bool is_home_enabled =
            std::ranges::find(account.regions, home, &RegionCoverage::region) !=
            account.regions.end();
        const Place seen = {account.account, is_home_enabled ? home : region.region};
        const bool is_new = job.places.empty() || job.places[0].account != seen.account ||
                            job.places[0].region != seen.region;
        if (is_new) job.places.push_back(seen);
      }
    }
  }
  std::vector<SelectorsJob> list;
  for (auto& [arn, job] : jobs) list.push_back(std::move(job));
  return list;
}

void Asker::ask_selectors(SelectorsJob& job) {
  for (const Place& at : job.places) {
    const Called called = call(kSelectors, at, {{"TrailName", JsonValue(job.arn)}});
    if (called.answer) {
      job.refused.reset();
      job.recorded = recorded_by(called.answer->value);
      return;
    }
    job.refused = refused_by(called.refusal);
  }
}

Coverage Asker::ask() {
  Coverage coverage;
  find_accounts(coverage);
  for_each("accounts", coverage.accounts, &Asker::ask_account);
  std::vector<RegionJob> regions;
  for (AccountCoverage& account : coverage.accounts) {
    for (RegionCoverage& region : account.regions) regions.push_back({&account, &region});
  }
  for_each("regions", regions, &Asker::ask_trails);
  std::vector<SelectorsJob> trails = selectors_jobs(coverage);
  for_each("trails", trails, &Asker::ask_selectors);
  for (const SelectorsJob& job : trails) {
    for (Trail* trail : job.trails) {
      trail->selected = job.recorded;
      trail->selectors_refused = job.refused;
    }
  }
  return coverage;
}

}  // namespace

const std::vector<OperationName>& coverage_reads() {
  static const std::vector<OperationName> reads = {kRegions, kTrails, kStatus, kSelectors};
  return reads;
}

Result<> check_coverage(const CoverageRequest& request) {
  for (const std::string& account : request.accounts) {
    if (!is_account(account)) {
      return Error(ErrorCode::kInvalid,
                   fmt::format("'{}' is no account of AWS: 12 digits", account));
    }
  }
  for (const std::string& region : request.regions) {
    if (!cloud::aws::is_region(region)) {
      return Error(ErrorCode::kInvalid, fmt::format("'{}' is no region of AWS", region));
    }
  }
  return {};
}

Coverage ask_coverage(env::Env env, const AwsCaller& aws, const CoverageRequest& request) {
  CHECK(check_coverage(request).has_value());
  return Asker(env, aws, request).ask();
}

}  // namespace stanch::host
