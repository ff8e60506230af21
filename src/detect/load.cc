#include <utility>

#include "detect/detect.h"
#include "detect/match/compile.h"
#include "detect/sigma/keep_status.h"
#include "detect/sigma/load.h"

namespace stanch::detect {

Loaded load_rules(std::span<const RuleText> texts, const Placeholders& placeholders,
                  std::span<const LogSchema> logs, std::span<const FieldMap> maps,
                  std::span<const std::string> statuses) {
  sigma::LoadedRules read = sigma::load(texts, placeholders, logs, maps);
  sigma::keep_status(read, statuses);
  Loaded loaded;
  loaded.reports = std::move(read.reports);
  loaded.diagnostics = std::move(read.diagnostics);
  loaded.rules = match::compile(std::move(read.rules), read.correlations, std::move(read.filters));
  for (uint32_t rule = 0; rule < read.report_of.size(); ++rule) {
    loaded.reports[read.report_of[rule]].indexed = match::is_indexed(*loaded.rules, rule);
  }
  return loaded;
}

}  // namespace stanch::detect
