#pragma once

#include <string>
#include <vector>

#include "codec/timestamp.h"
#include "model/finding.h"
#include "pipeline/output/finding_writer.h"

// Findings with fixed values, for the tests of this folder.

namespace stanch::pipeline::output {

// A finding with what it refers to.
struct Sample {
  std::string_view id;
  model::RuleInfo rule;
  std::string content_version;
  model::FoundEvent event;
  std::vector<model::Target> targets;
  std::vector<model::MatchedField> matched;

  model::Finding finding() {
    event.facts.targets = targets;
    return {.id = model::FindingIdRef(id),
            .rule = rule,
            .content_version = content_version,
            .event = event,
            .matched = matched};
  }
};

inline model::RuleInfo sample_rule() {
  model::RuleInfo rule;
  rule.id = model::RuleId("0f3b6c1e-5f0a-4b7e-9c58-3d1f0a2b4c6d");
  rule.title = "Access key created for another user";
  rule.description = "Somebody made a long-lived credential for an identity that is not theirs.";
  rule.path = "rules/aws/iam-access-key-for-other.yaml";
  rule.version = "ab" + std::string(62, '0');
  rule.level = model::Level::kHigh;
  rule.status = "stable";
  rule.tags = {"attack.persistence", "attack.t1098.001"};
  rule.falsepositives = {"Administrators who rotate keys for others"};
  rule.references = {
      "https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateAccessKey.html"};
  return rule;
}

inline Sample sample_finding() {
  Sample sample;
  sample.id = "fnd-abcdefghijklmnopqrstuvwxyz";
  sample.rule = sample_rule();
  sample.content_version = "cd" + std::string(62, '0');
  sample.event.id = model::EventIdRef("aws_cloudtrail/11111111-2222-3333-4444-555555555555");
  sample.matched = {{"selection", "eventName", "CreateAccessKey"},
                    {"selection", "requestParameters.userName", "bob"}};
  sample.event.origin = {.file = "logs/trail.json.gz", .member = 0, .record = 3, .offset = 4711};
  sample.event.raw = R"({"eventName": "CreateAccessKey", "n": 1.0})";
  model::Facts& facts = sample.event.facts;
  facts.cloud = "aws";
  facts.event_id = "11111111-2222-3333-4444-555555555555";
  facts.request_id = "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee";
  facts.time = codec::parse_timestamp("2026-03-01T02:03:04Z");
  facts.account = "111122223333";
  facts.region = "us-east-1";
  facts.actor.type = model::ActorType::kRole;
  facts.actor.entity = {"aws:role/111122223333/deploy"};
  facts.actor.arn = "arn:aws:sts::111122223333:assumed-role/deploy/i-0abc";
  facts.actor.principal_id = "AROAEXAMPLE:i-0abc";
  facts.actor.account = "111122223333";
  facts.credential.entity = {"aws:access-key/ASIAEXAMPLE"};
  facts.credential.session = {"aws:session/111122223333/deploy/i-0abc@1772330000"};
  facts.credential.access_key_id = "ASIAEXAMPLE";
  facts.credential.lifetime = model::CredentialLifetime::kTemporary;
  facts.credential.session_name = "i-0abc";
  facts.credential.issuer_arn = "arn:aws:iam::111122223333:role/deploy";
  facts.credential.mfa = false;
  facts.credential.issued = codec::parse_timestamp("2026-03-01T01:53:20Z");
  facts.source.entity = {"ip/203.0.113.7"};
  facts.source.address = "203.0.113.7";
  facts.source.user_agent = "aws-cli/2.15";
  facts.source.tls_version = "TLSv1.3";
  facts.source.tls_cipher = "TLS_AES_128_GCM_SHA256";
  facts.source.tls_host = "iam.amazonaws.com";
  facts.action.service = "iam.amazonaws.com";
  facts.action.name = facts.action.raw_name = "CreateAccessKey";
  facts.action.access = model::Access::kWrite;
  facts.action.plane = model::Plane::kManagement;
  sample.targets = {{{"aws:user/111122223333/bob"}, model::TargetSource::kRequest},
                    {{"aws:access-key/AKIAEXAMPLE"}, model::TargetSource::kResponse}};
  facts.outcome = model::Outcome::kOk;
  return sample;
}

// What an event that says almost nothing leads to.
inline Sample bare_finding() {
  Sample sample;
  sample.id = "fnd-bare";
  sample.rule.id = model::RuleId("rules/bare.yml");
  sample.rule.title = "Bare";
  sample.rule.path = "rules/bare.yml";
  sample.rule.version = std::string(64, 'e');
  sample.rule.level = model::Level::kInformational;
  sample.content_version = std::string(64, 'f');
  sample.event.id = model::EventIdRef("aws_cloudtrail#0");
  sample.event.origin.file = "-";
  sample.event.origin.record = 1;
  return sample;
}

// Each text that an attacker can choose, chosen badly: escape sequences, bidirectional
// overrides, newlines, formulas, bytes that are no UTF-8, SARIF links.
inline constexpr std::string_view kHostile =
    "=cmd|' /C "
    "calc'!A0\x1b[2J\x1b]0;owned\x07\n\r\t,\"\u202e\u0085\u009b31m\u2028\xff\xfe[x](y){0}";

inline Sample hostile_finding() {
  Sample sample = sample_finding();
  model::RuleInfo& rule = sample.rule;
  rule.title = kHostile;
  rule.description = kHostile;
  rule.tags.emplace_back(kHostile);
  rule.references = {"https://x/" + std::string(kHostile)};
  model::Facts& facts = sample.event.facts;
  for (std::string_view* text :
       {&facts.request_id, &facts.account, &facts.region, &facts.organization, &facts.actor.arn,
        &facts.actor.principal_id, &facts.actor.user_name, &facts.actor.account,
        &facts.credential.access_key_id, &facts.credential.session_name,
        &facts.credential.invoked_by, &facts.source.service, &facts.source.user_agent,
        &facts.source.tls_version, &facts.action.service, &facts.action.name, &facts.error_code,
        &facts.error_message}) {
    *text = kHostile;
  }
  facts.source.address = {};
  facts.source.entity = {};
  facts.actor.entity = {kHostile};
  sample.targets = {{{kHostile}, model::TargetSource::kRequest}};
  sample.matched = {{kHostile, kHostile, kHostile}};
  sample.event.origin.file = kHostile;
  return sample;
}

inline ScanSummary sample_summary() {
  ScanSummary summary;
  summary.files = 12;
  summary.files_failed = 1;
  summary.files_empty = 3;
  summary.digests_skipped = 2;
  summary.bytes_read = 1'234'567;
  summary.bytes_text = 9'876'543;
  summary.records = 10'020;
  summary.events = 10'000;
  summary.duplicates = 5;
  summary.conflicts = 1;
  summary.tolerated = 2;
  summary.gated = 7;
  summary.unparsed = {0, 10, 4, 0, 0, 1};
  summary.findings = {1, 0, 3, 2, 1};
  summary.first_event = codec::parse_timestamp("2026-03-01T02:03:04Z");
  summary.last_event = codec::parse_timestamp("2026-03-01T04:03:04Z");
  summary.errors = {{"logs/broken.json.gz", ingest::InputProblem::kTruncatedGzip,
                     "logs/broken.json.gz: the gzip data ends early"}};
  summary.elapsed = std::chrono::milliseconds(2500);
  return summary;
}

inline RunInfo sample_run() {
  return {.program_version = "0.0.0",
          .content_version = "cd" + std::string(62, '0'),
          .rules = {.loaded = 120,
                    .refused = 2,
                    .refused_placeholder = 1,
                    .filters = 3,
                    .unbindable = 1,
                    .unindexed = 4},
          .min_level = model::Level::kInformational};
}

}  // namespace stanch::pipeline::output
