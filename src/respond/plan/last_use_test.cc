#include "respond/plan/last_use.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "codec/json.h"
#include "codec/timestamp.h"

namespace stanch::respond {
namespace {

using codec::JsonValue;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

Time at(std::string_view text) { return *codec::parse_timestamp(text); }
const Time kNow = at("2026-11-28T12:00:00Z");
const Time kFirst = at("2026-11-28T10:00:00Z");  // event of the incident

using Answers = std::map<std::string, std::string>;  // by operation

// IAM that answers by the operation; what it has no answer for it denies.
class Iam : public cloud::Caller {
 public:
  explicit Iam(const Answers& answers) : answers_(answers) {}

  cloud::Called call(const cloud::Call& call) override {
    EXPECT_EQ(call.service, "iam");
    EXPECT_EQ(call.account, "111122223333");
    EXPECT_FALSE(call.writes);
    asked.push_back(call.operation);
    const auto found = answers_.find(call.operation);
    if (found == answers_.end()) {
      cloud::Called denied;
      denied.refusal.code = ErrorCode::kDenied;
      denied.refusal.message = fmt::format("iam.{}: you may not", call.operation);
      return denied;
    }
    codec::JsonParser parser;
    return {.answer = cloud::Answer{JsonValue::of(parser.parse(found->second)), ""}, .refusal = {}};
  }
  Duration signature_holds(const cloud::Call&) const override { return {}; }

  std::vector<std::string> asked;

 private:
  Answers answers_;
};

std::string report_of(std::string_view services) {
  return fmt::format(R"({{"JobStatus": "COMPLETED", "ServicesLastAccessed": [{}]}})", services);
}
std::string used(std::string_view service, std::string_view time) {
  return fmt::format(R"({{"ServiceNamespace": "{}", "LastAuthenticated": "{}"}})", service, time);
}
constexpr const char* kRole = R"({"Role": {"Arn": "arn:aws:iam::111122223333:role/app"}})";
constexpr const char* kJob = R"({"JobId": "j-1"})";

LastUse look(Iam& iam, const std::string& entity, const SeenUse& seen) {
  IamReader reader(iam, {});
  return look_at_last_use(reader, {entity, "111122223333"}, seen, kNow);
}

TEST(LastUse, OfServicesIsOfOthersUnlessTheIncidentExplainsIt) {
  struct {
    const char* name;
    std::string services;
    SeenUse seen;
    std::vector<std::string> others;
  } rows[] = {
      {"none", "", {kFirst, {"iam"}, {}, {}}, {}},
      {"never", R"({"ServiceNamespace": "s3"})", {kFirst, {"iam"}, {}, {}}, {}},
      {"what the incident shows",
       used("iam", "2026-11-28T11:00:00Z"),
       {kFirst, {"iam"}, {}, {}},
       {}},
      {"at its first event", used("iam", "2026-11-28T10:00:00Z"), {kFirst, {"iam"}, {}, {}}, {}},
      {"another service",
       used("s3", "2026-11-28T11:00:00Z"),
       {kFirst, {"iam"}, {}, {}},
       {"s3 at 2026-11-28T11:00:00Z, which this incident does not show"}},
      {"before",
       used("iam", "2026-11-27T11:00:00Z"),
       {kFirst, {"iam"}, {}, {}},
       {"iam at 2026-11-27T11:00:00Z, before this incident"}},
      {"30 days ago",
       used("s3", "2026-10-29T12:00:00Z"),
       {kFirst, {"iam"}, {}, {}},
       {"s3 at 2026-10-29T12:00:00Z, before this incident"}},
      {"longer ago", used("s3", "2026-10-29T11:59:59Z"), {kFirst, {"iam"}, {}, {}}, {}},
      {"an incident that did not see it",
       used("s3", "2026-11-28T11:00:00Z"),
       {},
       {"s3 at 2026-11-28T11:00:00Z, which this incident does not show"}},
  };
  for (const auto& row : rows) {
    Iam iam({{"GetRole", kRole},
             {"GenerateServiceLastAccessedDetails", kJob},
             {"GetServiceLastAccessedDetails", report_of(row.services)}});
    const LastUse use = look(iam, "aws:role/111122223333/app", row.seen);
    EXPECT_EQ(use.others, row.others) << row.name;
    EXPECT_THAT(use.facts, Contains(HasSubstr("up to 4 hours late"))) << row.name;
    EXPECT_THAT(use.facts, Not(Contains(HasSubstr("Not known")))) << row.name;
  }
}

TEST(LastUse, OfAKeyIsThatOfItsUserToo) {
  Iam iam({{"GetAccessKeyLastUsed",
            R"({"UserName": "eve", "AccessKeyLastUsed": {"ServiceName": "s3", "Region":
            "eu-west-1", "LastUsedDate": "2026-11-28T09:00:00Z"}})"},
           {"GetUser", R"({"User": {"Arn": "arn:aws:iam::111122223333:user/ops/eve",
            "PasswordLastUsed": "2026-11-28T11:00:00Z"}})"},
           {"GenerateServiceLastAccessedDetails", kJob},
           {"GetServiceLastAccessedDetails", report_of(used("s3", "2026-11-28T09:00:00Z"))}});
  const LastUse use = look(iam, "aws:access-key/AKIAEVE", {kFirst, {"s3"}, {"ip/192.0.2.1"}, {}});
  EXPECT_THAT(use.facts,
              Contains("AWS: the key was last used 2026-11-28T09:00:00Z in eu-west-1, for s3."));
  EXPECT_THAT(use.facts, Contains("In 30 days the user used s3 (2026-11-28T09:00:00Z)."));
  EXPECT_THAT(use.facts, Contains("This incident saw it since 2026-11-28T10:00:00Z, from "
                                  "ip/192.0.2.1, using s3."));
  EXPECT_THAT(use.others,
              ElementsAre("s3 at 2026-11-28T09:00:00Z, before this incident",
                          "signin at 2026-11-28T11:00:00Z, which this incident does not show"));
}

TEST(LastUse, OfAKeyThatNobodyUsedIsSaid) {
  Iam iam(Answers{{"GetAccessKeyLastUsed", R"({"AccessKeyLastUsed": {"ServiceName": "N/A"}})"}});
  const LastUse use = look(iam, "aws:access-key/AKIAEVE", {});
  EXPECT_THAT(use.facts, Contains("AWS knows of no use of the key."));
  EXPECT_THAT(iam.asked, ElementsAre("GetAccessKeyLastUsed")) << "nobody has it";
}

TEST(LastUse, ThatCannotBeReadIsUnknownAndNotNone) {
  struct {
    const char* name;
    Answers answers;
    const char* said;
  } rows[] = {
      {"the role", {}, "iam.GetRole: you may not"},
      {"to ask for the report", {{"GetRole", kRole}}, "iam.GenerateServiceLastAccessedDetails"},
      {"the report",
       {{"GetRole", kRole}, {"GenerateServiceLastAccessedDetails", kJob}},
       "iam.GetServiceLastAccessedDetails"},
      {"its end",
       {{"GetRole", kRole},
        {"GenerateServiceLastAccessedDetails", kJob},
        {"GetServiceLastAccessedDetails", R"({"JobStatus": "IN_PROGRESS"})"}},
       "did not finish"},
  };
  for (const auto& row : rows) {
    Iam iam(row.answers);
    const LastUse use = look(iam, "aws:role/111122223333/app", {kFirst, {"iam"}, {}, {}});
    EXPECT_THAT(use.facts, Contains(AllOf(HasSubstr("Not known whether anything else uses it"),
                                          HasSubstr(row.said))))
        << row.name;
    EXPECT_THAT(use.others, IsEmpty()) << row.name;
  }
}

TEST(LastUse, WaitsForTheReportAndNotForEver) {
  Iam iam({{"GetRole", kRole},
           {"GenerateServiceLastAccessedDetails", kJob},
           {"GetServiceLastAccessedDetails", R"({"JobStatus": "IN_PROGRESS"})"}});
  Duration waited{};
  IamReader reader(iam, [&](Duration time) { waited += time; });
  look_at_last_use(reader, {"aws:role/111122223333/app", "111122223333"}, {}, kNow);
  EXPECT_EQ(waited, std::chrono::seconds(30));
}

TEST(LastUse, IsAskedOfIdentitiesAlone) {
  Iam iam(Answers{});
  EXPECT_THAT(look(iam, "aws:bucket/logs", {}).facts, IsEmpty());
  EXPECT_THAT(iam.asked, IsEmpty());
}

}  // namespace
}  // namespace stanch::respond
