#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostic.h"
#include "base/result.h"
#include "detect/detect.h"
#include "env/env.h"
#include "model/content.h"
#include "normalize/normalize.h"
#include "pipeline/output/summary.h"

// Content and rule files -> the rule set that a run works with.

namespace stanch::host {

struct RuleSources {
  bool builtin = true;             // the rules of the content
  std::string content;             // overlay folder; "" for none
  std::vector<std::string> paths;  // further rule files and folders
  // Logs that rules are held against, as rules say them (azure/signinlogs) or by the name of their
  // family: only those that fit one of these are judged. What names none is no concern of this.
  std::vector<std::string> logs = {};
  std::vector<std::string> statuses = {};  // of Sigma, that rules must have; empty: any
};

struct LoadedRules {
  std::string content_version;
  detect::Placeholders placeholders;
  Diagnostics context;  // about context.yaml, placeholders.yaml, sources/
  std::shared_ptr<const normalize::OwnSources> sources;  // may be null
  detect::FieldContent fields;
  std::vector<std::string> held_against;  // those of RuleSources::logs that are logs
  std::vector<detect::RuleText> texts;
  detect::Loaded loaded;
  // Of load_with_what_is_named(), if something was loaded beside: the files that were asked for.
  std::vector<std::string> own_paths;

  bool is_own(const model::RuleInfo& rule) const;
};

// Fails if a file cannot be read, or nothing was found at a path that was named. Rules that
// are wrong are in `loaded`.
Result<LoadedRules> load_rule_set(env::Env& env, const RuleSources& sources);

// Correlations and filters may name rules that are built in, as in a scan: then these are loaded
// beside, and nothing is said of them: neither diagnostics nor reports.
Result<LoadedRules> load_with_what_is_named(env::Env& env, RuleSources sources);

// Whether `name` is that of a log, as RuleSources::logs has them.
bool is_log(const detect::LogSchema& log, std::string_view name);

pipeline::output::RuleCounts count_rules(const detect::Loaded& loaded);

}  // namespace stanch::host
