#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "triage/severity.h"

// The second opinion on the matrix that is shipped: what docs/formats/severity.md and the file say,
// once more in plain ifs over all findings, sharing neither conditions nor counting.

namespace stanch::triage {
namespace {

using model::Access;
using model::Level;
using model::Outcome;
using model::Severity;

const SeverityMatrix& matrix() {
  static const SeverityMatrix read = [] {
    std::ifstream file(std::string(STANCH_SOURCE_DIR) + "/content/severity.yaml");
    Diagnostics diagnostics;
    return SeverityMatrix::read("s", {std::istreambuf_iterator<char>(file), {}}, diagnostics);
  }();
  return read;
}

struct Thing {
  std::string environment, criticality, data, privilege;
  std::vector<std::string> reaches;
};

// What the inventory says, here as a table that the second opinion reads without Assets.
const std::map<std::string, Thing>& things() {
  static const std::map<std::string, Thing> all = {
      {"aws:db/1/r/orders", {"production", "critical", "confidential", "", {}}},
      {"aws:bucket/customers", {"production", "medium", "confidential", "", {}}},
      {"aws:bucket/secrets", {"production", "high", "restricted", "", {}}},
      {"aws:bucket/try-it", {"test", "low", "public", "", {}}},
      {"aws:bucket/bridge",
       {"test", "low", "internal", "", {"aws:bucket/try-it", "aws:bucket/b2"}}},
      {"aws:bucket/b2", {"test", "low", "", "", {"aws:bucket/bridge", "aws:bucket/customers"}}},
      {"aws:bucket/unlabelled", {"", "high", "", "", {}}},
      {"aws:user/1/eve", {"test", "low", "", "", {}}},
      {"aws:user/1/mallory", {"test", "low", "", "", {}}},
      {"aws:user/1/boss", {"test", "low", "", "administrator", {}}},
      {"aws:user/1/deployer", {"test", "low", "", "", {"aws:bucket/b2"}}},
  };
  return all;
}

const Assets& inventory() {
  static const Assets all = [] {
    std::string csv = "match,environment,criticality,data,privilege,reaches\n";
    for (const auto& [entity, thing] : things()) {
      csv += entity + "," + thing.environment + "," + thing.criticality + "," + thing.data + "," +
             thing.privilege + ",";
      for (const std::string& reached : thing.reaches) csv += reached + " ";
      csv += "\n";
    }
    Diagnostics diagnostics;
    Assets assets;
    assets.add_csv("a.csv", csv, diagnostics);
    if (!diagnostics.empty()) ADD_FAILURE() << to_text(diagnostics[0]);
    return assets;
  }();
  return all;
}

Finding drawn_finding() {
  const auto one_of = [](std::initializer_list<const char*> texts) {
    return std::string(*rc::gen::elementOf(std::vector<const char*>(texts)));
  };
  Finding made;
  made.rule = "rule-" + std::to_string(*rc::gen::inRange(0, 7));
  made.level = static_cast<Level>(*rc::gen::inRange(0, 5));
  made.outcome = static_cast<Outcome>(*rc::gen::weightedElement<int>({{6, 0}, {3, 1}, {1, 2}}));
  made.access = static_cast<Access>(*rc::gen::inRange(0, 3));
  made.actor_type =
      *rc::gen::inRange(0, 20) == 0 ? model::ActorType::kRoot : model::ActorType::kUser;
  made.tactics = {one_of({"impact", "exfiltration", "collection", "privilege-escalation",
                          "persistence", "discovery", "credential-access"})};
  made.actor = one_of({"aws:user/1/eve", "aws:user/1/mallory", "aws:user/1/boss", "",
                       "aws:user/1/deployer", "aws:user/2/stranger", "ip/203.0.113.7"});
  if (*rc::gen::inRange(0, 4) == 0) {  // many of them
    made.actor = "aws:user/3/" + std::to_string(*rc::gen::inRange(0, 14));
  }
  for (int i = *rc::gen::inRange(0, 3); i > 0; --i) {
    made.targets.push_back(
        one_of({"aws:db/1/r/orders", "aws:bucket/customers", "aws:bucket/secrets",
                "aws:bucket/try-it", "aws:bucket/try-it", "aws:bucket/bridge",
                "aws:bucket/unlabelled", "aws:bucket/nobody-knows", ""}));
  }
  if (*rc::gen::inRange(0, 5) > 0) {
    made.events = {"event-" + std::to_string(*rc::gen::inRange(0, 60))};
  }
  return made;
}

// RapidCheck's lists stay short; some rows of the matrix need many findings.
std::vector<Finding> drawn_findings() {
  std::vector<Finding> findings;
  const int count = *rc::gen::element(1, 2, 3, 4, 6, 12, 25, 40);
  // Calm ones too, or everything would be S1.
  const bool outside = *rc::gen::inRange(0, 4) == 0;
  const auto highest = static_cast<Level>(*rc::gen::element(1, 2, 2, 2, 3, 3, 4));
  const bool one_rule = *rc::gen::inRange(0, 3) == 0;
  for (int i = 0; i < count; ++i) {
    Finding one = drawn_finding();
    one.level = std::min(one.level, highest);
    if (one_rule) one.rule = "rule";
    if (outside) {
      one.targets = {"aws:bucket/try-it"};
      one.actor = "aws:user/1/eve";
      one.actor_type = model::ActorType::kUser;
    }
    findings.push_back(std::move(one));
  }
  return findings;
}

// Ranges are whole from the first case on.
std::vector<Finding> any_findings() {
  return *rc::gen::resize(rc::kNominalSize, rc::gen::exec(drawn_findings));
}

bool known(const std::string& entity) { return things().contains(entity); }

bool reaches_production(const std::string& entity, int depth = 0) {
  if (!known(entity)) return true;
  const Thing& thing = things().at(entity);
  if (thing.environment.empty() || thing.environment == "production") return true;
  return depth < 10 &&
         std::ranges::any_of(
             thing.reaches,
             [&](const std::string& reached) { return reaches_production(reached, depth + 1); });
}

bool names(const std::string& entity) { return !entity.empty() && !entity.starts_with("ip/"); }

bool has(const Finding& finding, const char* tactic) {
  return std::ranges::find(finding.tactics, tactic) != finding.tactics.end();
}

Severity plainly(const std::vector<Finding>& findings) {
  int level = 0, succeeded = -1, criticality = -1, data = -1, nameless = 0;
  bool privileged = false, production = false;
  std::set<std::string> destroyed, taken, denied, rules, tactics, principals;
  const std::vector<std::string> criticalities = {"low", "medium", "high", "critical"};
  const std::vector<std::string> secrecies = {"public", "internal", "confidential", "restricted"};
  const auto rank = [](const std::vector<std::string>& words, const std::string& word) {
    const auto at = std::ranges::find(words, word);
    return at == words.end() ? -1 : static_cast<int>(at - words.begin());
  };
  for (const Finding& one : findings) {
    const std::string call =
        one.events.empty() ? "nameless " + std::to_string(++nameless) : one.events[0];
    const bool ok = one.outcome == Outcome::kOk;
    level = std::max(level, static_cast<int>(one.level));
    if (ok) succeeded = std::max(succeeded, static_cast<int>(one.level));
    if (one.outcome == Outcome::kDenied) denied.insert(call);
    if (ok && one.access == Access::kWrite && has(one, "impact")) destroyed.insert(call);
    if (ok && (has(one, "collection") || has(one, "exfiltration"))) taken.insert(call);
    if (ok && one.level >= Level::kMedium) rules.insert(one.rule);
    tactics.insert(one.tactics[0]);
    if (!one.actor.empty()) principals.insert(one.actor);
    if (one.actor_type == model::ActorType::kRoot) privileged = true;
    if (ok && one.level >= Level::kMedium && has(one, "privilege-escalation")) privileged = true;
    if (one.targets.empty() || std::ranges::find(one.targets, "") != one.targets.end()) {
      production = true;
    }
    std::vector<std::string> touched = one.targets;
    touched.push_back(one.actor);
    for (const std::string& entity : touched) {
      if (!names(entity)) continue;
      if (reaches_production(entity)) production = true;
      if (known(entity) && things().at(entity).privilege == "administrator") privileged = true;
    }
    for (const std::string& target : one.targets) {
      if (!known(target)) continue;
      criticality = std::max(criticality, rank(criticalities, things().at(target).criticality));
      data = std::max(data, rank(secrecies, things().at(target).data));
    }
  }
  constexpr int kMedium = 2, kHigh = 3, kCritical = 4;
  if (!destroyed.empty() && criticality == 3) return Severity::kS1;
  if (destroyed.size() >= 10 && succeeded >= kHigh) return Severity::kS1;
  if (!taken.empty() && data == 3 && succeeded >= kMedium) return Severity::kS1;
  if (privileged && tactics.size() >= 5 && rules.size() >= 5 && succeeded >= kHigh) {
    return Severity::kS1;
  }
  if (principals.size() >= 10 && privileged && rules.size() >= 3 && succeeded >= kHigh) {
    return Severity::kS1;
  }
  if (succeeded >= kCritical && rules.size() >= 2) return Severity::kS1;
  if (level >= kCritical || succeeded >= kHigh) return Severity::kS2;
  if (!taken.empty() && data >= 2 && succeeded >= kMedium) return Severity::kS2;
  if (rules.size() >= 2 && succeeded >= kMedium && (privileged || criticality >= 2)) {
    return Severity::kS2;
  }
  const bool suspicious = level >= kMedium || (denied.size() >= 20 && level >= 1);
  if (suspicious && (production || privileged)) return Severity::kS3;
  return Severity::kS4;
}

SeverityDecision assess(const std::vector<Finding>& findings) {
  Evidence evidence;
  for (const Finding& each : findings) evidence.add(each, inventory());
  return matrix().assess(evidence);
}

RC_GTEST_PROP(SeverityProperty, AgreesWithPlainIfs, ()) {
  const std::vector<Finding> findings = any_findings();
  const SeverityDecision decision = assess(findings);
  RC_TAG(std::string(name_of(decision.severity)));
  RC_ASSERT(decision.severity == plainly(findings));
  RC_ASSERT(!decision.because.empty());
}

RC_GTEST_PROP(SeverityProperty, NeverFallsWhenMoreIsFoundInWhateverOrder, ()) {
  std::vector<Finding> findings = any_findings();
  const SeverityDecision all = assess(findings);
  Evidence evidence;
  Severity before = Severity::kS4;
  const auto order =
      *rc::gen::container<std::vector<size_t>>(findings.size(), rc::gen::arbitrary<size_t>());
  for (size_t i = 0; i < findings.size(); ++i) {
    std::swap(findings[i], findings[i + order[i] % (findings.size() - i)]);
  }
  for (const Finding& each : findings) {
    evidence.add(each, inventory());
    const Severity now = matrix().assess(evidence).severity;
    RC_ASSERT(now <= before);
    before = now;
  }
  RC_ASSERT(matrix().assess(evidence).severity == all.severity);
  RC_ASSERT(matrix().assess(evidence).because == all.because);
  // And the same finding again changes nothing that is counted by call.
  for (const Finding& each : findings) {
    if (!each.events.empty()) evidence.add(each, inventory());
  }
  RC_ASSERT(matrix().assess(evidence).severity == all.severity);
}

}  // namespace
}  // namespace stanch::triage
