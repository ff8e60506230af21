#include "host/coverage.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <map>

#include "codec/json.h"
#include "env/os/os.h"

namespace stanch::host {
namespace {

using codec::JsonValue;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

JsonValue json(const std::string& text) {
  codec::JsonParser parser;
  return JsonValue::of(parser.parse(text));
}

// An AWS of tables: what is answered to an operation, in an account and region or anywhere.
class FakeAws : public cloud::Caller {
 public:
  cloud::Called call(const cloud::Call& call) override {
    env::MonitorLock lock(*monitor);
    asked.push_back(call);
    const std::string name = call.service + "." + call.operation;
    const std::string about = name == "sts.AssumeRole" ? call.parameters["RoleArn"].text_or_empty()
                                                       : call.account + " " + call.region;
    cloud::Called called;
    for (const std::string& key : {name + " " + about, name}) {
      if (const auto no = refusals.find(key); no != refusals.end()) {
        called.refusal = {ErrorCode::kDenied, no->second, no->second + ": not you", "id"};
        return called;
      }
      if (const auto yes = answers.find(key); yes != answers.end()) {
        called.answer = {json(yes->second), "id"};
        return called;
      }
    }
    called.refusal = {ErrorCode::kUnavailable, "", "nobody answers " + name, ""};
    return called;
  }
  Duration signature_holds(const cloud::Call&) const override { return {}; }

  size_t count(const std::string& operation) const {
    return static_cast<size_t>(std::ranges::count(asked, operation, &cloud::Call::operation));
  }

  std::unique_ptr<env::Monitor> monitor;
  std::map<std::string, std::string> answers, refusals;
  std::vector<cloud::Call> asked;
};

constexpr const char* kOwn = "111122223333";
constexpr const char* kOther = "444455556666";
constexpr const char* kArn = "arn:aws:cloudtrail:eu-west-1:111122223333:trail/main";

std::string trail(const std::string& more) {
  return fmt::format(
      R"({{"trailList":[{{"Name":"main","TrailARN":"{}","HomeRegion":"eu-west-1"{}}}]}})", kArn,
      more);
}

class CoverageTest : public testing::Test {
 protected:
  CoverageTest() {
    auto fake = std::make_unique<FakeAws>();
    fake->monitor = os_.env().threads.monitor();
    fake_ = fake.get();
    aws_.caller = std::move(fake);
    aws_.identity = {.account = kOwn,
                     .arn = "arn:aws:iam::111122223333:user/hub",
                     .entity = {},
                     .own = {},
                     .roles = "stanch"};
    aws_.options = {.profile = {},
                    .roles = "stanch",
                    .external_id = "between-us",
                    .source_identity = "stanch-coverage"};
    fake_->answers = {
        {"organizations.ListAccounts", R"({"Accounts":[{"Id":"444455556666","State":"ACTIVE"},)"
                                       R"({"Id":"111122223333","Status":"ACTIVE"},)"
                                       R"({"Id":"777788889999","State":"SUSPENDED"}]})"},
        {"sts.AssumeRole", "{}"},
        {"ec2.DescribeRegions",
         R"({"Regions":[{"RegionName":"eu-west-1","OptInStatus":"opt-in-not-required"},)"
         R"({"RegionName":"af-south-1","OptInStatus":"not-opted-in"},)"
         R"({"RegionName":"ap-east-1","OptInStatus":"opted-in"}]})"},
        {"cloudtrail.DescribeTrails", trail(R"(,"IsMultiRegionTrail":true)")},
        {"cloudtrail.GetTrailStatus",
         R"({"IsLogging":true,"LatestDeliveryTime":"2026-03-01T02:03:04Z"})"},
        {"cloudtrail.GetEventSelectors", R"({"EventSelectors":[{"ReadWriteType":"All"}]})"}};
  }

  Coverage ask(std::vector<std::string> accounts = {}, std::vector<std::string> regions = {}) {
    return ask_coverage(
        os_.env(), aws_,
        {.accounts = std::move(accounts), .regions = std::move(regions), .progress = {}});
  }
  // "444455556666 eu-west-1 no-trail".
  static std::vector<std::string> gaps(const Coverage& coverage) {
    std::vector<std::string> texts;
    for (const CoverageGap& gap : gaps_of(coverage)) {
      texts.push_back(fmt::format("{} {} {}", gap.account, gap.region, gap.kind));
    }
    return texts;
  }
  std::vector<std::string> gaps_of_own() { return gaps(ask({kOwn}, {"eu-west-1"})); }

  env::OsEnv os_;
  AwsCaller aws_;
  FakeAws* fake_ = nullptr;
};

TEST_F(CoverageTest, OfAnOrganizationIsItsActiveAccountsAndTheirRegions) {
  const Coverage coverage = ask();
  EXPECT_EQ(coverage.accounts_from, AccountsFrom::kOrganization);
  EXPECT_THAT(coverage.not_active, ElementsAre("777788889999"));
  ASSERT_THAT(coverage.accounts, SizeIs(2));
  EXPECT_EQ(coverage.accounts[0].account, kOwn);
  EXPECT_TRUE(coverage.accounts[0].is_own);
  for (const AccountCoverage& account : coverage.accounts) {
    EXPECT_THAT(account.roles, SizeIs(3));
    ASSERT_THAT(account.regions, SizeIs(2));
    EXPECT_EQ(account.regions[0].region, "ap-east-1");
    EXPECT_EQ(account.regions[1].region, "eu-west-1");
    EXPECT_THAT(account.not_enabled, ElementsAre("af-south-1"));
    EXPECT_TRUE(account.regions[0].delivered().has_value());
  }
  EXPECT_THAT(gaps(coverage), IsEmpty());
  EXPECT_EQ(fake_->count("GetEventSelectors"), 1u) << "a trail's selectors are the same everywhere";
}

// What it asks in an account stands in the policy of stanch-read, and it writes nothing.
TEST_F(CoverageTest, AsksAsTheReadRoleWhatThatIsAllowed) {
  ask();
  for (const cloud::Call& call : fake_->asked) {
    EXPECT_FALSE(call.writes);
    if (call.account.empty()) continue;  // as the hub itself
    EXPECT_EQ(call.duty, cloud::Duty::kRead);
    EXPECT_TRUE(std::ranges::any_of(coverage_reads(), [&](const respond::OperationName& name) {
      return name.service == call.service && name.operation == call.operation;
    })) << call.operation;
  }
  const auto assumed = std::ranges::find(fake_->asked, "AssumeRole", &cloud::Call::operation);
  ASSERT_NE(assumed, fake_->asked.end());
  EXPECT_EQ(assumed->parameters["ExternalId"].text_or_empty(), "between-us");
  EXPECT_EQ(assumed->parameters["SourceIdentity"].text_or_empty(), "stanch-coverage");
}

TEST_F(CoverageTest, AnAccountThatCannotBeAssumedIsARow) {
  fake_->refusals["sts.AssumeRole arn:aws:iam::444455556666:role/stanch-read"] = "AccessDenied";
  const Coverage coverage = ask();
  ASSERT_THAT(coverage.accounts, SizeIs(2));
  const AccountCoverage& other = coverage.accounts[1];
  EXPECT_EQ(other.roles[0].refused->code, "AccessDenied");
  EXPECT_FALSE(other.roles[1].refused) << "the other two are asked for themselves";
  EXPECT_THAT(other.regions, IsEmpty());
  EXPECT_THAT(gaps(coverage),
              ElementsAre("444455556666  role-not-assumable", "444455556666  account-unseen"));
}

TEST_F(CoverageTest, TheExternalIdIsNotRepeated) {
  fake_->refusals["sts.AssumeRole"] = "ValidationError between-us";
  const Coverage coverage = ask({kOwn});
  EXPECT_FALSE(coverage.accounts[0].roles[0].refused->message.contains("between-us"));
}

TEST_F(CoverageTest, AnOrganizationThatCannotBeListedIsAGap) {
  fake_->refusals["organizations.ListAccounts"] = "AccessDeniedException";
  Coverage coverage = ask();
  EXPECT_EQ(coverage.accounts_from, AccountsFrom::kOwn);
  EXPECT_THAT(gaps(coverage), ElementsAre("  organization-unknown"));
  fake_->refusals["organizations.ListAccounts"] = "AWSOrganizationsNotInUseException";
  coverage = ask();
  EXPECT_THAT(gaps(coverage), IsEmpty()) << "there is none";
  EXPECT_THAT(coverage.accounts, SizeIs(1));
  fake_->refusals.clear();
  for (const char* odd : {"{}", R"({"Accounts":[]})"}) {
    fake_->answers["organizations.ListAccounts"] = odd;
    EXPECT_THAT(gaps(ask()), ElementsAre("  organization-unknown")) << odd;
  }
}

TEST_F(CoverageTest, WithoutRolesItIsTheOwnAccountAlone) {
  aws_.identity.roles = aws_.options.roles = "";
  Coverage coverage = ask();
  EXPECT_EQ(coverage.accounts_from, AccountsFrom::kOwn);
  EXPECT_EQ(fake_->count("ListAccounts") + fake_->count("AssumeRole"), 0u);
  EXPECT_THAT(gaps(coverage), IsEmpty());
  coverage = ask({kOther});
  EXPECT_EQ(coverage.accounts_from, AccountsFrom::kNamed);
  EXPECT_THAT(gaps(coverage), ElementsAre("444455556666  account-unseen"));
}

TEST_F(CoverageTest, RegionsThatAreNamedAreLookedFor) {
  Coverage coverage = ask({kOwn}, {"eu-west-1", "af-south-1", "eu-moon-1"});
  ASSERT_THAT(coverage.accounts[0].regions, SizeIs(1));
  EXPECT_THAT(coverage.accounts[0].not_enabled, ElementsAre("af-south-1"));
  EXPECT_THAT(gaps(coverage), ElementsAre("111122223333 eu-moon-1 no-such-region"));
  fake_->refusals["ec2.DescribeRegions"] = "UnauthorizedOperation";
  coverage = ask({kOwn}, {"eu-west-1"});
  EXPECT_THAT(coverage.accounts[0].regions, SizeIs(1)) << "asked nevertheless";
  EXPECT_THAT(gaps(coverage), ElementsAre("111122223333  regions-unknown"));
}

TEST_F(CoverageTest, NamesThatCannotBeAreRefused) {
  for (const char* account : {"", "1111", "11112222333a", "1111222233334"}) {
    EXPECT_FALSE(check_coverage({.accounts = {account}, .regions = {}, .progress = {}}));
  }
  EXPECT_FALSE(check_coverage({.accounts = {}, .regions = {"EU West"}, .progress = {}}));
  EXPECT_TRUE(check_coverage({.accounts = {kOwn}, .regions = {"eu-west-1"}, .progress = {}}));
}

TEST_F(CoverageTest, OfARegionIsWhatItsTrailsRecord) {
  const struct {
    const char* name;
    const char* operation;
    const char* answer;
    const char* gap;  // "" for none
  } cases[] = {
      {"logging", "GetTrailStatus", R"({"IsLogging":true})", ""},
      {"stopped", "GetTrailStatus", R"({"IsLogging":false})", "not-logging"},
      {"no answer to whether it logs", "GetTrailStatus", "{}", "logging-unknown"},
      {"nothing arrives", "GetTrailStatus",
       R"({"IsLogging":true,"LatestDeliveryError":"AccessDenied"})", "delivery-fails"},
      {"none", "DescribeTrails", R"({"trailList":[]})", "no-trail"},
      {"no list of trails", "DescribeTrails", "{}", "trails-unknown"},
      {"one of another region alone", "DescribeTrails",
       R"({"trailList":[{"Name":"x","TrailARN":"a","HomeRegion":"us-east-1"}]})", "no-trail"},
      {"one without an ARN", "DescribeTrails", R"({"trailList":[{"Name":"x"}]})",
       "logging-unknown"},
      {"writes only", "GetEventSelectors", R"({"EventSelectors":[{"ReadWriteType":"WriteOnly"}]})",
       "management-incomplete"},
      {"odd selectors", "GetEventSelectors", "{}", "management-unknown"},
      {"no data events", "GetEventSelectors", R"({"EventSelectors":[]})", ""},
  };
  const auto before = fake_->answers;
  for (const auto& [name, operation, answer, gap] : cases) {
    fake_->answers = before;
    fake_->answers[std::string("cloudtrail.") + operation] = answer;
    const auto expected =
        *gap == 0 ? std::vector<std::string>()
                  : std::vector<std::string>{fmt::format("111122223333 eu-west-1 {}", gap)};
    EXPECT_EQ(gaps_of_own(), expected) << name;
  }
}

TEST_F(CoverageTest, WhatIsRefusedIsUnknownAndNeverOff) {
  for (const auto& [operation, gap] :
       std::map<std::string, std::string>{{"DescribeTrails", "trails-unknown"},
                                          {"GetTrailStatus", "logging-unknown"},
                                          {"GetEventSelectors", "management-unknown"}}) {
    fake_->refusals = {{"cloudtrail." + operation, "AccessDeniedException"}};
    const Coverage coverage = ask({kOwn}, {"eu-west-1"});
    EXPECT_THAT(gaps(coverage), ElementsAre("111122223333 eu-west-1 " + gap));
    const Recorded recorded = coverage.accounts[0].regions[0].recorded();
    EXPECT_EQ(name_of(recorded.management.whole()), "unknown") << operation;
    const bool knows_selectors = operation == "GetTrailStatus";
    EXPECT_EQ(name_of(recorded.data_of(kS3Objects).whole()), knows_selectors ? "off" : "unknown");
  }
}

// A member sees the organization's trail, and not always what it selects.
TEST_F(CoverageTest, TheSelectorsOfAnOrganizationsTrailAreAskedOfItsOwner) {
  fake_->refusals["cloudtrail.GetEventSelectors 444455556666 eu-west-1"] = "TrailNotFoundException";
  EXPECT_THAT(gaps(ask({kOther})), IsEmpty());
  fake_->refusals["cloudtrail.GetEventSelectors 111122223333 eu-west-1"] = "AccessDenied";
  EXPECT_THAT(gaps(ask({kOther})), SizeIs(2)) << "of either region";
  fake_->refusals.erase("cloudtrail.GetEventSelectors 444455556666 eu-west-1");
  EXPECT_THAT(gaps(ask({kOther})), IsEmpty()) << "else of the member";
}

TEST_F(CoverageTest, SaysHowFarItIs) {
  std::vector<std::string> said;
  CoverageRequest request{.accounts = {}, .regions = {}, .progress = {}};
  request.progress = [&](std::string_view things, size_t done, size_t all) {
    said.push_back(fmt::format("{} {}/{}", things, done, all));
  };
  ask_coverage(os_.env(), aws_, request);
  EXPECT_THAT(said, ElementsAre("accounts 1/2", "accounts 2/2", "regions 1/4", "regions 2/4",
                                "regions 3/4", "regions 4/4", "trails 1/1"));
}

}  // namespace
}  // namespace stanch::host
