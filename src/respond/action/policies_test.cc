#include "respond/action/policies.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

namespace stanch::respond {
namespace {

using codec::JsonValue;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

Actions all_actions() {
  std::vector<ActionText> texts;
  for (const auto& file :
       std::filesystem::recursive_directory_iterator(STANCH_SOURCE_DIR "/content/actions")) {
    if (file.path().extension() != ".yaml") continue;
    std::ifstream in(file.path());
    std::stringstream text;
    text << in.rdbuf();
    texts.push_back({file.path().string(), text.str()});
  }
  Diagnostics diagnostics;
  return read_actions(texts, diagnostics);
}

std::vector<RolePolicy> policies(std::initializer_list<const char*> names,
                                 std::vector<std::string>& unknown,
                                 const std::map<std::string, std::string>& parameters = {}) {
  static const Actions all = all_actions();
  std::vector<const Action*> chosen;
  for (const char* name : names) chosen.push_back(&all.at(name));
  return policies_for(chosen, {}, parameters, unknown);
}

TEST(Policies, OfAnActionAreItsCallsAndNoMore) {
  std::vector<std::string> unknown;
  const auto made = policies({"aws.iam.deactivate-access-key"}, unknown);
  EXPECT_THAT(unknown, IsEmpty());
  EXPECT_EQ(to_json(made[0].policy),
            R"({"Statement":[{"Action":["iam:GetAccessKeyLastUsed","iam:ListAccessKeys",)"
            R"("sts:GetCallerIdentity"],"Effect":"Allow","Resource":["*"],"Sid":"Read"}],)"
            R"("Version":"2012-10-17"})");
  EXPECT_TRUE(made[1].policy.is_null()) << "it takes no evidence";
  const JsonValue& statements = made[2].policy["Statement"];
  ASSERT_EQ(statements.array().size(), 2u);
  EXPECT_EQ(to_json(statements.array()[0]["Action"]), R"(["iam:UpdateAccessKey"])");
  EXPECT_EQ(statements.array()[1]["Effect"].text_or_empty(), "Deny");
}

TEST(Policies, WhatTheProgramItselfAsksIsReadToo) {
  const OperationName reads[] = {{"cloudtrail", "DescribeTrails"}, {"nowhere", "DescribeThings"}};
  std::vector<std::string> unknown;
  const auto made = policies_for({}, reads, {}, unknown);
  EXPECT_EQ(to_json(made[0].policy["Statement"].array()[0]["Action"]),
            R"(["cloudtrail:DescribeTrails","sts:GetCallerIdentity"])");
  EXPECT_EQ(unknown, std::vector<std::string>{"nowhere.DescribeThings"});
  EXPECT_TRUE(made[1].policy.is_null() && made[2].policy.is_null());
}

TEST(Policies, EvidenceIsTakenAndNeverDeleted) {
  std::vector<std::string> unknown;
  const auto made = policies({"aws.ec2.snapshot-volumes"}, unknown);
  const std::string text = to_json(made[1].policy);
  EXPECT_THAT(text, HasSubstr("ec2:CreateSnapshots"));
  EXPECT_THAT(text, HasSubstr(R"("Null":{"ec2:CreateAction":"false"})"));
  EXPECT_THAT(text, Not(HasSubstr("Delete")));
  EXPECT_TRUE(made[2].policy.is_null());
}

TEST(Policies, KeysAreUsedThroughTheServiceThatCopiesAlone) {
  std::vector<std::string> unknown;
  const auto made = policies({"aws.ec2.copy-snapshot", "aws.kms.disable-key"}, unknown);
  EXPECT_THAT(unknown, IsEmpty());
  for (const JsonValue& each : made[1].policy["Statement"].array()) {
    const std::string text = to_json(each);
    if (text.contains("kms:Decrypt")) {
      EXPECT_THAT(text, HasSubstr(R"("kms:ViaService":["ec2.*.amazonaws.com*")"));
    } else {
      EXPECT_THAT(text, Not(HasSubstr("kms:ReEncrypt")));
    }
  }
  EXPECT_THAT(to_json(made[1].policy), HasSubstr("kms:Decrypt"));
  EXPECT_THAT(to_json(made[2].policy), Not(HasSubstr("kms:ViaService")));
}

// Whoever may run any document on anything is root everywhere.
TEST(Policies, CommandsAreThoseOfTheActionsAndOnInstances) {
  std::vector<std::string> unknown;
  auto made = policies({"aws.ssm.capture-processes", "aws.ssm.capture-memory"}, unknown,
                       {{"memory_document", "acme-memory"}});
  EXPECT_THAT(unknown, IsEmpty());
  const auto sending = [&](size_t role) {
    std::string found;
    for (const JsonValue& each : made[role].policy["Statement"].array()) {
      if (to_json(each).contains("ssm:SendCommand")) found += to_json(each);
    }
    return found;
  };
  EXPECT_EQ(sending(1),
            R"({"Action":["ssm:SendCommand"],"Effect":"Allow",)"
            R"("Resource":["arn:*:ec2:*:*:instance/*","arn:*:ssm:*:*:document/AWS-RunShellScript",)"
            R"("arn:*:ssm:*:*:document/acme-memory"],"Sid":"CommandsOnInstances"})");
  made = policies({"aws.ssm.patch-instance"}, unknown);
  EXPECT_THAT(sending(2), HasSubstr("document/AWS-RunPatchBaseline"));
  EXPECT_THAT(sending(2), Not(HasSubstr("RunShellScript")));
  made = policies({"aws.ssm.capture-memory"}, unknown, {{"memory_document", "arn:aws:ssm:x"}});
  EXPECT_THAT(sending(1), HasSubstr(R"("arn:aws:ssm:x")"));
  made = policies({"aws.ssm.capture-memory"}, unknown);
  EXPECT_EQ(unknown, std::vector<std::string>{"ssm.SendCommand of aws.ssm.capture-memory"});
  EXPECT_THAT(to_json(made[1].policy), Not(HasSubstr("SendCommand")));
}

}  // namespace
}  // namespace stanch::respond
