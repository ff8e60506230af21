#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <string>

#include "model/facts_json.h"

namespace stanch::model {
namespace {

// Facts with a different text in every member: entities are slices of one text, as of an
// arena, and all else of another, as of a record.
class FullFacts {
 public:
  FullFacts() {
    for (int i = 0; i < 100; ++i) record_ += "text" + std::to_string(100 + i) + ' ';
    entities_ = record_;
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
    facts.actor = {ActorType::kRole, entity(), next(), next(), next(),
                   next(),           true,     next(), next(), entity()};
    facts.credential.entity = entity();
    facts.credential.session = entity();
    facts.credential.access_key_id = next();
    facts.credential.lifetime = CredentialLifetime::kTemporary;
    facts.credential.session_name = next();
    facts.credential.issuer = entity();
    facts.credential.issuer_arn = next();
    facts.credential.mfa = false;
    facts.credential.issued = facts.time;
    facts.credential.source_identity = next();
    facts.credential.invoked_by = next();
    facts.credential.issued_to = entity();
    facts.credential.from_console = true;
    facts.credential.ec2_role_delivery = next();
    facts.source = {entity(), next(), next(), next(), next(), next(), next(), next()};
    facts.action = {next(), next(), next(), Access::kWrite, Plane::kData};
    targets_ = {{{entity(), TargetSource::kResources}, {entity(), TargetSource::kResponse, true}}};
    facts.targets = targets_;
    facts.targets_omitted = 3;
    facts.outcome = Outcome::kDenied;
    facts.error_code = next();
    facts.error_message = next();
    minted_ = {{{MintedKind::kToken, entity(), entity(), entity(), facts.time}}};
    facts.minted = minted_;
  }

  std::string_view record() const { return record_; }
  void overwrite_record() { std::ranges::fill(record_, '#'); }

  size_t texts() const { return used_; }

  Facts facts;

 private:
  std::string_view next() { return std::string_view(record_).substr(8 * used_++, 7); }
  EntityRef entity() { return {std::string_view(entities_).substr(8 * used_++, 7)}; }

  std::string record_, entities_;
  std::array<Target, 2> targets_;
  std::array<Minted, 1> minted_;
  size_t used_ = 0;
};

std::string to_json(const Facts& facts) {
  std::string json;
  codec::JsonWriter writer(json);
  append_json(facts, writer);
  return json;
}

TEST(Facts, KeepEveryTextWhenTheRecordIsGone) {
  FullFacts full;
  std::string before = to_json(full.facts);
  Facts not_kept = full.facts;
  TextArena arena;
  keep(full.facts, full.record(), arena);
  full.overwrite_record();
  EXPECT_EQ(to_json(full.facts), before);
  EXPECT_NE(to_json(not_kept), before);  // the test's own witness
}

TEST(Facts, KeepingLeavesWhatIsNoSliceOfTheRecord) {
  Facts facts;
  facts.cloud = "aws";
  const char* const before = facts.cloud.data();
  TextArena arena;
  keep(facts, "another text", arena);
  EXPECT_EQ(facts.cloud.data(), before);
  EXPECT_EQ(arena.bytes(), 0u);
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
