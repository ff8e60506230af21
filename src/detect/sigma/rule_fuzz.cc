#include <cstddef>
#include <cstdint>
#include <string>

#include "base/check.h"
#include "detect/sigma/load.h"
#include "detect/sigma/modifiers.h"
#include "detect/sigma/print.h"

// Any bytes as a rule file: no crash; what loads is what rule.h promises; loading twice gives
// the same rules and the same problems.

namespace {

using namespace stanch;
using namespace stanch::detect;

void check_detection(const sigma::Detection& detection) {
  if (detection.kind != sigma::Detection::Kind::kItem) {
    CHECK(!detection.children.empty());
    for (const sigma::Detection& child : detection.children) check_detection(child);
    return;
  }
  const sigma::Item& item = detection.item;
  CHECK(!item.values.empty() || sigma::has(item, sigma::Modifier::kExpand));
  CHECK(!sigma::check_modifiers(item.modifiers, item.field.empty()));
}

void check_condition(const sigma::Condition& condition, size_t names) {
  using Kind = sigma::Condition::Kind;
  const bool is_join = condition.kind == Kind::kAnd || condition.kind == Kind::kOr;
  CHECK(!is_join || condition.children.size() >= 2);
  CHECK(condition.kind != Kind::kNot || condition.children.size() == 1);
  CHECK(condition.kind != Kind::kDetection || condition.detections.size() == 1);
  CHECK(is_join || condition.kind == Kind::kNot || !condition.detections.empty());
  for (const uint32_t index : condition.detections) CHECK(index < names);
  for (const sigma::Condition& child : condition.children) check_condition(child, names);
}

void check_correlation(const sigma::Correlation& correlation, const sigma::LoadedRules& loaded) {
  CHECK(!correlation.info.title.empty() && !correlation.info.id.empty());
  CHECK(!correlation.rules.empty() && correlation.timespan > Duration{});
  for (const sigma::Reference& reference : correlation.rules) {
    CHECK(reference.index <
          (reference.is_correlation ? loaded.correlations.size() : loaded.rules.size()));
    CHECK(!reference.is_correlation ||
          loaded.correlations[reference.index].depth < correlation.depth);
  }
  if (correlation.expression) check_condition(*correlation.expression, correlation.rules.size());
}

std::string print(const sigma::LoadedRules& loaded) {
  std::string text;
  for (const sigma::Rule& rule : loaded.rules) text += sigma::to_text(rule);
  for (const sigma::Correlation& correlation : loaded.correlations) {
    text += sigma::to_text(correlation);
  }
  for (const Diagnostic& diagnostic : loaded.diagnostics) text += to_text(diagnostic);
  for (const RuleReport& report : loaded.reports) text += report.unbindable_why + "\n";
  return text;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const RuleText text{"r.yml", std::string(reinterpret_cast<const char*>(data), size)};
  const Placeholders placeholders = {{"a", {"x", "y*", "1"}}, {"b", {"10.0.0.0/8"}}, {"c", {}}};
  const std::vector<LogSchema> logs = {{"aws", "cloudtrail", "", {"a", "b", "eventName"}}};
  const sigma::LoadedRules loaded = sigma::load({&text, 1}, placeholders, logs);
  CHECK(loaded.rules.size() == loaded.report_of.size());
  for (const sigma::Rule& rule : loaded.rules) {
    CHECK(!rule.info.title.empty() && !rule.info.id.empty());
    CHECK(!rule.conditions.empty() && !rule.detections.empty());
    for (const sigma::NamedDetection& named : rule.detections) check_detection(named.detection);
    for (const sigma::Condition& condition : rule.conditions) {
      check_condition(condition, rule.detections.size());
    }
  }
  CHECK(loaded.correlations.size() == loaded.correlation_report_of.size());
  for (const sigma::Correlation& correlation : loaded.correlations) {
    check_correlation(correlation, loaded);
  }
  CHECK(print(loaded) == print(sigma::load({&text, 1}, placeholders, logs)));
  return 0;
}
