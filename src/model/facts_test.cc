#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <string>

#include "model/facts_json.h"

namespace stanch::model {
namespace {

// Facts with a different text in every member, all slices of `text`.
class FullFacts {
 public:
  FullFacts() {
    text_.reserve(4096);
    for (int i = 0; i < 100; ++i) text_ += "text" + std::to_string(100 + i) + ' ';
    facts.cloud = next();
    facts.event_id = next();
    facts.request_id = next();
    facts.shared_event_id = next();
    facts.addendum_reason = next();
    facts.addendum_of = next();
    facts.time = Time(std::chrono::sys_days(std::chrono::year(2026) / 3 / 1));
    facts.account = next();
    facts.region = next();
    facts.organization = next();
    facts.actor = {ActorType::kRole, {next()}, next(), next(), next(),
                   next(),           true,     next(), next()};
    facts.credential.entity = {next()};
    facts.credential.session = {next()};
    facts.credential.access_key_id = next();
    facts.credential.lifetime = CredentialLifetime::kTemporary;
    facts.credential.session_name = next();
    facts.credential.issuer = {next()};
    facts.credential.issuer_arn = next();
    facts.credential.mfa = false;
    facts.credential.issued = facts.time;
    facts.credential.source_identity = next();
    facts.credential.invoked_by = next();
    facts.credential.issued_to = {next()};
    facts.credential.from_console = true;
    facts.credential.ec2_role_delivery = next();
    facts.source = {{next()}, next(), next(), next(), next(), next(), next(), next()};
    facts.action = {next(), next(), next(), Access::kWrite, Plane::kData};
    facts.targets = {{{next()}, TargetSource::kResources}, {{next()}, TargetSource::kResponse}};
    facts.targets_omitted = 3;
    facts.outcome = Outcome::kDenied;
    facts.error_code = next();
    facts.error_message = next();
    facts.minted = {{MintedKind::kToken, {next()}, {next()}, {next()}, facts.time}};
  }

  void overwrite() { std::fill(text_.begin(), text_.end(), '#'); }

  size_t texts() const { return used_; }

  Facts facts;

 private:
  std::string_view next() { return std::string_view(text_).substr(8 * used_++, 7); }

  std::string text_;
  size_t used_ = 0;
};

std::string to_json(const Facts& facts) {
  std::string json;
  codec::JsonWriter writer(json);
  append_json(facts, writer);
  return json;
}

TEST(Facts, CopyKeepsEveryTextWhenTheSourceIsGone) {
  FullFacts full;
  std::string before = to_json(full.facts);
  TextArena arena;
  Facts copied = copy(full.facts, arena);
  full.overwrite();
  EXPECT_EQ(to_json(copied), before);
  EXPECT_EQ(to_json(copied).find('#'), std::string::npos);
  EXPECT_NE(to_json(full.facts), before);  // the test's own witness
}

TEST(FactsJson, WritesEveryTextOnce) {
  FullFacts full;
  std::string json = to_json(full.facts);
  for (size_t i = 0; i < full.texts(); ++i) {
    EXPECT_NE(json.find("text" + std::to_string(100 + i)), std::string::npos) << i;
  }
  EXPECT_NE(json.find(R"("cross_account":true)"), std::string::npos);
  EXPECT_NE(json.find(R"("targets_omitted":3)"), std::string::npos);
  EXPECT_NE(json.find(R"("mfa":false)"), std::string::npos);
  EXPECT_NE(json.find(R"("expires":"2026-03-01T00:00:00Z")"), std::string::npos);
}

TEST(FactsJson, LeavesOutWhatTheRecordDoesNotSay) {
  EXPECT_EQ(to_json({}), R"({"actor":{"type":"unknown"},"credential":{},"source":{},"action":{},)"
                         R"("targets":[],"outcome":"ok"})");
}

}  // namespace
}  // namespace stanch::model
