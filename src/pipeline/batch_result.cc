#include "pipeline/batch_result.h"

#include "model/ids.h"

namespace stanch::pipeline {

void name_findings(const Found& found, const detect::RuleSet& rules, TextArena& texts) {
  for (FoundRule& of : found.rules) {
    if (!of.is_shown) continue;
    const model::RuleInfo& rule = *detect::rule_infos(rules)[of.rule];
    of.id = model::finding_id({.rule_id = rule.id.text(),
                               .rule_version = rule.version,
                               .events = {&found.event.id, 1},
                               .group = {}},
                              texts);
  }
}

size_t weight_of(const BatchResult& result) {
  return sizeof result + result.texts.bytes() + result.found.size() * sizeof(Found*) +
         result.dead.size() * sizeof(DeadLetter) + result.keys.size() * sizeof(EventKey);
}

}  // namespace stanch::pipeline
