#include "respond/plan/administrators.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "codec/json.h"

namespace stanch::respond {
namespace {

using codec::JsonValue;
using testing::HasSubstr;

constexpr const char* kAccount = "111122223333";
constexpr const char* kEve = "aws:user/111122223333/eve";

// IAM of one account. Users of `can_sign_in` have a password; those of `have_keys` an active key,
// AKIA and their name.
class Iam : public cloud::Caller {
 public:
  explicit Iam(std::vector<std::string> pages) : pages_(std::move(pages)) {}

  cloud::Called call(const cloud::Call& call) override {
    asked.push_back(call.operation);
    const std::string user = call.parameters["UserName"].text_or_empty();
    if (refused == call.operation) return refusal(code, "");
    if (call.operation == "GetAccountAuthorizationDetails") {
      const std::string& marker = call.parameters["Marker"].text_or_empty();
      return answer(pages_.at(marker.empty() ? 0 : std::stoul(marker)));
    }
    if (call.operation == "GetLoginProfile") {
      return can_sign_in.contains(user) ? answer(R"({"LoginProfile": {}})")
                                        : refusal(ErrorCode::kNotFound, "NoSuchEntity");
    }
    EXPECT_EQ(call.operation, "ListAccessKeys");
    return answer(fmt::format(R"({{"AccessKeyMetadata": [
        {{"AccessKeyId": "AKIA{0}", "Status": "{1}"}}]}})",
                              user, have_keys.contains(user) ? "Active" : "Inactive"));
  }
  Duration signature_holds(const cloud::Call&) const override { return {}; }

  std::set<std::string> can_sign_in, have_keys;
  std::string refused;  // that operation
  ErrorCode code = ErrorCode::kDenied;
  std::vector<std::string> asked;

 private:
  static cloud::Called answer(const std::string& text) {
    codec::JsonParser parser;
    return {.answer = cloud::Answer{JsonValue::of(parser.parse(text)), ""}, .refusal = {}};
  }
  static cloud::Called refusal(ErrorCode code, const char* provider_code) {
    cloud::Called called;
    called.refusal.code = code;
    called.refusal.provider_code = provider_code;
    called.refusal.message = "you may not";
    return called;
  }

  std::vector<std::string> pages_;
};

// As IAM writes a document into its answers.
std::string escaped(std::string_view document) {
  std::string text;
  for (const char c : document) {
    if (c == '"') {
      text += "%22";
    } else {
      text += c;
    }
  }
  return text;
}
std::string document(std::string_view statement) {
  return escaped(fmt::format(R"({{"Version": "2012-10-17", "Statement": [{}]}})", statement));
}
constexpr const char* kAll = R"({"Effect": "Allow", "Action": "*", "Resource": "*"})";
std::string inlined(const char* list, std::string_view statement) {
  return fmt::format(R"("{}": [{{"PolicyName": "p", "PolicyDocument": "{}"}}])", list,
                     document(statement));
}
std::string attached(std::string_view policy) {
  return fmt::format(R"("AttachedManagedPolicies": [{{"PolicyArn": "arn:aws:iam::{}"}}])", policy);
}
const std::string kAdministrator = attached("aws:policy/AdministratorAccess");

std::string user(std::string_view name, std::string_view more) {
  return fmt::format(
      R"({{"UserName": "{0}", "Arn": "arn:aws:iam::111122223333:user/ops/{0}", {1}}})", name, more);
}
std::string role(std::string_view name, std::string_view principal, std::string_view more) {
  return fmt::format(
      R"({{"RoleName": "{0}", "Arn": "arn:aws:iam::111122223333:role/{0}", {1},
      "AssumeRolePolicyDocument": "{2}"}})",
      name, more,
      document(fmt::format(R"({{"Effect": "Allow", "Principal": {}, "Action": "sts:AssumeRole"}})",
                           principal)));
}
std::string page(std::string_view users, std::string_view roles = "", std::string_view more = "") {
  return fmt::format(R"({{"UserDetailList": [{}], "RoleDetailList": [{}]{}}})", users, roles, more);
}

Administrators::Ours ours() {
  return {.accounts = {"999988887777"},
          .break_glass = {"Emergency-*"},
          .is_suspect = [](const std::string& entity) {
            return entity == "aws:user/111122223333/mallory";
          }};
}
AdministratorLeft after(Iam& iam, const CutOff& cut = {kAccount, kEve, "", false}) {
  IamReader reader(iam, {});
  return Administrators(reader, ours()).after(cut);
}

TEST(Administrators, AreWhoMayDoEverything) {
  const struct {
    const char* name;
    std::string rights, more;
    Left left;  // when nobody else is there
  } rows[] = {
      {"by AWS's policy", kAdministrator, "", Left::kNo},
      {"by one of its own", inlined("UserPolicyList", kAll), "", Left::kNo},
      {"one by one",
       inlined("UserPolicyList",
               R"({"Effect": "Allow", "Action": ["s3:*", "*:*"], "Resource": ["*"]})"),
       "", Left::kNo},
      {"all but something",
       inlined("UserPolicyList", R"({"Effect": "Allow", "NotAction": "s3:*", "Resource": "*"})"),
       "", Left::kNo},
      {"by a policy of the account", attached("111122223333:policy/all"),
       fmt::format(R"(, "Policies": [{{"Arn": "arn:aws:iam::111122223333:policy/all",
       "DefaultVersionId": "v2", "PolicyVersionList": [{{"VersionId": "v1", "Document": ""}},
       {{"VersionId": "v2", "Document": "{}"}}]}}])",
                   document(kAll)),
       Left::kNo},
      {"by its group", R"("GroupList": ["ops"])",
       fmt::format(R"(, "GroupDetailList": [{{"GroupName": "ops", {}}}])", kAdministrator),
       Left::kNo},
      {"under a condition",
       inlined("UserPolicyList", R"({"Effect": "Allow", "Action": "*", "Resource": "*",
               "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}}})"),
       "", Left::kUnknown},
      {"within a boundary",
       kAdministrator + R"(, "PermissionsBoundary": {"PermissionsBoundaryArn": "x"})", "",
       Left::kUnknown},
      {"what cannot be read", R"("UserPolicyList": [{"PolicyName": "p", "PolicyDocument": "{"}])",
       "", Left::kUnknown},
      {"all but IAM",
       inlined("UserPolicyList", R"({"Effect": "Allow", "NotAction": ["iam:*"], "Resource": "*"})"),
       "", Left::kYes},
      {"of one service",
       inlined("UserPolicyList", R"({"Effect": "Allow", "Action": "s3:*", "Resource": "*"})"), "",
       Left::kYes},
      {"on one thing",
       inlined("UserPolicyList", R"({"Effect": "Allow", "Action": "*", "Resource": "arn:x"})"), "",
       Left::kYes},
      {"denied already",
       kAdministrator + ", " + inlined("UserPolicyList", R"({"Effect": "Deny", "Action": "*",
       "Resource": "*"})"),
       "", Left::kYes},
      {"nothing", R"("UserPolicyList": [])", "", Left::kYes},
  };
  for (const auto& row : rows) {
    Iam iam({page(user("eve", row.rights), "", row.more)});
    const auto left = after(iam);
    EXPECT_EQ(left.left, row.left) << row.name << ": " << left.because;
    EXPECT_EQ(left.because.empty(), row.left == Left::kYes) << row.name;
  }
}

TEST(Administrators, AreLeftWhereSomebodyCanGetIn) {
  const std::string saml = R"({"Federated": "arn:aws:iam::111122223333:saml-provider/sso"})";
  const auto from = [](const char* arn) { return fmt::format(R"({{"AWS": "{}"}})", arn); };
  const struct {
    const char* name;
    std::string users, roles;
    Left left;
  } rows[] = {
      {"a user with a password", user("alice", kAdministrator), "", Left::kYes},
      {"a user with a key", user("bob", kAdministrator), "", Left::kYes},
      {"a user with neither", user("carol", kAdministrator), "", Left::kNo},
      {"a user of the incident", user("mallory", kAdministrator), "", Left::kNo},
      {"one who may do little", user("alice", inlined("UserPolicyList", "{}")), "", Left::kNo},
      {"a role of an identity provider", "", role("sso", saml, kAdministrator), Left::kYes},
      {"one that is limited", "",
       role("sso", saml,
            kAdministrator + R"(, "PermissionsBoundary": {"PermissionsBoundaryArn": "x"})"),
       Left::kUnknown},
      {"a role of another account of ours", "",
       role("org", from("arn:aws:iam::999988887777:root"), kAdministrator), Left::kYes},
      {"a role of a foreign account", "",
       role("org", from("arn:aws:iam::666655554444:root"), kAdministrator), Left::kNo},
      {"a role of its own account", "",
       role("admin", from("arn:aws:iam::111122223333:root"), kAdministrator), Left::kUnknown},
      {"a role of who is of the incident", "",
       role("admin", from("arn:aws:iam::111122223333:user/mallory"), kAdministrator), Left::kNo},
      {"a role of a service", "",
       role("app", R"({"Service": "ec2.amazonaws.com"})", kAdministrator), Left::kNo},
      {"a pipeline's", "",
       role("ci", R"({"Federated": "arn:aws:iam::111122223333:oidc-provider/x"})", kAdministrator),
       Left::kUnknown},
      {"one for emergencies", "",
       role("emergency-1", from("arn:aws:iam::111122223333:root"), kAdministrator), Left::kYes},
      {"one of ours", "", role("stanch-respond", saml, kAdministrator), Left::kNo},
  };
  for (const auto& row : rows) {
    const std::string comma = row.users.empty() ? "" : ", ";
    Iam iam({page(user("eve", kAdministrator) + comma + row.users, row.roles)});
    iam.can_sign_in = {"alice", "eve", "mallory"};
    iam.have_keys = {"bob", "mallory"};
    const auto left = after(iam);
    EXPECT_EQ(left.left, row.left) << row.name << ": " << left.because;
  }
}

TEST(Administrators, DoNotGetInByRolesOfServices) {
  const auto app = [](const char* principal) {
    return page("", role("app", principal, kAdministrator));
  };
  const CutOff cut{kAccount, "aws:role/111122223333/app", "", false};
  Iam of_service({app(R"({"Service": "ec2.amazonaws.com"})")});
  EXPECT_EQ(after(of_service, cut).left, Left::kYes);
  Iam foreign({app(R"({"AWS": "arn:aws:iam::666655554444:root"})")});
  EXPECT_EQ(after(foreign, cut).left, Left::kYes);
  Iam of_provider({app(R"({"Federated": "arn:aws:iam::111122223333:saml-provider/sso"})")});
  EXPECT_EQ(after(of_provider, cut).left, Left::kNo);
}

TEST(Administrators, AreNotCutOffByOneOfTheirWaysIn) {
  const struct {
    const char* name;
    bool has_password, has_key;
    CutOff cut;
    Left left;
  } rows[] = {
      {"the key, and there is a password",
       true,
       true,
       {kAccount, kEve, "AKIAeve", false},
       Left::kYes},
      {"the key alone", false, true, {kAccount, kEve, "AKIAeve", false}, Left::kNo},
      {"another key", false, true, {kAccount, kEve, "AKIAother", false}, Left::kYes},
      {"the password, and there is a key", true, true, {kAccount, kEve, "", true}, Left::kYes},
      {"the password alone", true, false, {kAccount, kEve, "", true}, Left::kNo},
      {"the user", true, true, {kAccount, kEve, "", false}, Left::kNo},
  };
  for (const auto& row : rows) {
    Iam iam({page(user("eve", kAdministrator))});
    if (row.has_password) iam.can_sign_in = {"eve"};
    if (row.has_key) iam.have_keys = {"eve"};
    EXPECT_EQ(after(iam, row.cut).left, row.left) << row.name;
  }
}

TEST(Administrators, ThatCannotBeReadAreUnknown) {
  Iam busy({"{}"});
  busy.refused = "GetAccountAuthorizationDetails";
  busy.code = ErrorCode::kThrottled;
  EXPECT_EQ(after(busy).left, Left::kUnknown);
  EXPECT_TRUE(after(busy).may_pass) << "it is asked again";
  for (const char* const refused :
       {"GetAccountAuthorizationDetails", "ListAccessKeys", "GetLoginProfile"}) {
    Iam iam({page(user("eve", kAdministrator) + ", " + user("carol", kAdministrator))});
    iam.refused = refused;
    const auto left = after(iam);
    EXPECT_EQ(left.left, Left::kUnknown) << refused;
    EXPECT_THAT(left.because, HasSubstr("is not known")) << refused;
    EXPECT_FALSE(left.may_pass) << refused;
  }
}

TEST(Administrators, AreReadOnAllPagesAndOnceAnAccount) {
  const std::string more = R"(, "Marker": "1")";
  Iam iam({page(user("eve", kAdministrator), "", more), page(user("alice", kAdministrator))});
  iam.can_sign_in = {"alice"};
  IamReader reader(iam, {});
  Administrators administrators(reader, ours());
  const CutOff cut{kAccount, kEve, "", false};
  EXPECT_EQ(administrators.after(cut).left, Left::kYes);
  EXPECT_THAT(administrators.after(cut).because, HasSubstr("aws:user/111122223333/alice"));
  EXPECT_EQ(std::ranges::count(iam.asked, "GetAccountAuthorizationDetails"), 2);

  Iam endless({page(user("eve", kAdministrator), "", R"(, "Marker": "0")")});
  EXPECT_EQ(after(endless).left, Left::kUnknown);
  EXPECT_LE(endless.asked.size(), 50u);
}

}  // namespace
}  // namespace stanch::respond
