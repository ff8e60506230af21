#include "triage/severity.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <utility>

#include "codec/timestamp.h"
#include "codec/yaml.h"
#include "model/entity.h"
#include "triage/codes.h"
#include "triage/limits.h"

namespace stanch::triage {

namespace {

constexpr std::string_view kData[] = {"", "public", "internal", "confidential", "restricted"};
constexpr std::string_view kLevels[] = {"informational", "low", "medium", "high", "critical"};
constexpr std::string_view kCriticalityWords[] = {"low", "medium", "high", "critical"};
constexpr std::string_view kFlags[] = {"false", "true"};

size_t rank_of_data(std::string_view data) {
  return static_cast<size_t>(std::ranges::find(kData, data) - std::begin(kData));
}

size_t index_of(model::Severity severity) { return static_cast<size_t>(severity) - 1; }

// A condition: its name, the words that its value may be (none: a number), and what the evidence
// says. It holds if that is at least the value; a flag if it is the value.
struct Condition {
  std::string_view name;
  std::span<const std::string_view> words;
  uint64_t (*said)(const Evidence&);
  bool is_flag = false;
  bool ends = false;  // of a flag: more findings end it, they never begin it
};

constexpr Condition kConditions[] = {
    {"level", kLevels, [](const Evidence& e) { return static_cast<uint64_t>(e.level); }},
    // One more than the level, so that "nothing succeeded" is below all of them.
    {"succeeded_level", kLevels,
     [](const Evidence& e) {
       return e.succeeded_level ? static_cast<uint64_t>(*e.succeeded_level) + 1 : 0;
     }},
    {"criticality", kCriticalityWords,
     [](const Evidence& e) {
       return e.criticality ? static_cast<uint64_t>(*e.criticality) + 1 : 0;
     }},
    {"data", kData, [](const Evidence& e) { return uint64_t{rank_of_data(e.data)}; }},
    {"privileged", kFlags, [](const Evidence& e) { return uint64_t{e.privileged}; }, true},
    {"outside_production", kFlags,
     [](const Evidence& e) { return uint64_t{!e.production && !e.privileged}; }, true, true},
    {"destroyed", {}, [](const Evidence& e) { return e.destroyed; }},
    {"taken", {}, [](const Evidence& e) { return e.taken; }},
    {"denied", {}, [](const Evidence& e) { return e.denied; }},
    {"rules", {}, [](const Evidence& e) { return uint64_t{e.rules.size()}; }},
    {"tactics", {}, [](const Evidence& e) { return uint64_t{e.tactics.size()}; }},
    {"techniques", {}, [](const Evidence& e) { return uint64_t{e.techniques.size()}; }},
    {"principals", {}, [](const Evidence& e) { return uint64_t{e.principals.size()}; }},
};

// Names whose evidence counts from one.
bool counts_from_one(std::string_view name) {
  return name == "succeeded_level" || name == "criticality";
}

// Whether more findings may make the condition hold, and never end it.
bool grows(const SeverityCondition& wanted) {
  const Condition& condition = kConditions[wanted.kind];
  return !condition.is_flag || (wanted.value != 0) != condition.ends;
}

bool holds(const SeverityMatrix::Rule& rule, const Evidence& evidence) {
  return std::ranges::all_of(rule.when, [&](const SeverityCondition& wanted) {
    const Condition& condition = kConditions[wanted.kind];
    const uint64_t said = condition.said(evidence);
    return condition.is_flag ? said == wanted.value : said >= wanted.value;
  });
}

bool takes(const Finding& finding) {
  return finding.outcome == model::Outcome::kOk &&
         std::ranges::any_of(finding.tactics, [](const std::string& tactic) {
           return tactic == "exfiltration" || tactic == "collection";
         });
}

// Along all that is reached from there; what nobody knows counts as production.
bool reaches_production(const Asset& asset, const Assets& assets) {
  std::set<std::string> seen;
  std::vector<std::string> ahead = asset.reaches;
  while (!ahead.empty()) {
    const std::string entity = std::move(ahead.back());
    ahead.pop_back();
    if (!seen.insert(entity).second) continue;
    const auto behind = assets.find(entity);
    if (!behind || behind->environment.empty() || behind->environment == "production") return true;
    if (seen.size() > kReachedMax) return true;
    ahead.insert(ahead.end(), behind->reaches.begin(), behind->reaches.end());
  }
  return false;
}

// ---------------------------------------------------------------- reading

class Reader {
 public:
  Reader(const std::string& path, const std::string& text, Diagnostics& diagnostics)
      : path_(path), text_(text), diagnostics_(diagnostics) {}

  void report(TableCode code, codec::YamlMark mark, std::string message, std::string hint = "") {
    diagnostics_.push_back({&code_of(code),
                            {path_, mark.line, mark.column},
                            std::move(message),
                            mark.line == 0 ? "" : line_of(text_, mark.line),
                            std::move(hint)});
  }

  std::optional<model::Severity> severity(const codec::YamlNode* node, codec::YamlMark mark,
                                          std::string_view name) {
    if (node == nullptr) {
      report(TableCode::kMissing, mark, fmt::format("'{}' is missing", name), "S1, S2, S3 or S4.");
      return std::nullopt;
    }
    const auto found = model::find_severity(node->text);
    if (!found) {
      report(TableCode::kValue, node->mark, fmt::format("'{}' is no severity", node->text),
             "S1, S2, S3 or S4.");
    }
    return found;
  }

  std::optional<Duration> duration(const codec::YamlNode& node) {
    const auto duration = codec::parse_duration(node.text, "mhd");
    if (!duration) {
      report(TableCode::kValue, node.mark, fmt::format("'{}' is no time", node.text),
             "A number and m, h or d: 15m, 4h, 7d.");
    }
    return duration;
  }

  // Whatever is no known member is said.
  void check_members(const codec::YamlNode& map, std::span<const std::string_view> known) {
    std::set<std::string> seen;
    for (const codec::YamlMember& member : map.members) {
      if (std::ranges::find(known, member.key.text) == known.end()) {
        report(TableCode::kUnknown, member.key.mark,
               fmt::format("there is no member '{}'", member.key.text),
               fmt::format("{}.", fmt::join(known, ", ")));
      } else if (!seen.insert(member.key.text).second) {
        report(TableCode::kTwice, member.key.mark,
               fmt::format("'{}' is given twice", member.key.text));
      }
    }
  }

  std::optional<SeverityCondition> condition(const codec::YamlMember& member) {
    const auto row = std::ranges::find(kConditions, member.key.text, &Condition::name);
    if (row == std::end(kConditions)) {
      std::string names;
      for (const Condition& each : kConditions) {
        if (!names.empty()) names += ", ";
        names += each.name;
      }
      report(TableCode::kUnknown, member.key.mark,
             fmt::format("there is no condition '{}'", member.key.text), names + ".");
      return std::nullopt;
    }
    SeverityCondition found{.kind = static_cast<uint8_t>(row - std::begin(kConditions)),
                            .value = 0};
    const std::string& text = member.value.text;
    if (row->words.empty()) {
      const char* const end = text.data() + text.size();
      const auto [at, error] = std::from_chars(text.data(), end, found.value);
      if (error == std::errc() && at == end && found.value > 0) return found;
      report(TableCode::kValue, member.value.mark,
             fmt::format("'{}' is no number of {}", text, row->name), "At least 1.");
      return std::nullopt;
    }
    const auto word = std::ranges::find(row->words, text);
    if (word == row->words.end() || text.empty()) {
      report(TableCode::kValue, member.value.mark, fmt::format("'{}' is no {}", text, row->name),
             fmt::format("{}.", fmt::join(row->words, ", ")));
      return std::nullopt;
    }
    found.value = static_cast<uint64_t>(word - row->words.begin()) + counts_from_one(row->name);
    return found;
  }

  // Severity never falls because more is found: what raises must go on to hold then, and what
  // lowers must not begin to.
  void report_falling(const codec::YamlMember& member, bool lowering) {
    report(TableCode::kValue, member.key.mark,
           fmt::format("'{}: {}' would let severity fall when more is found", member.key.text,
                       member.value.text),
           lowering ? "To lower, use outside_production: true or privileged: false."
                    : "To raise, use privileged: true or outside_production: false.");
  }

  std::vector<SeverityMatrix::Rule> rules(const codec::YamlNode& root, std::string_view name,
                                          bool lowering) {
    std::vector<SeverityMatrix::Rule> all;
    const codec::YamlNode* list = root.find(name);
    if (list == nullptr && lowering) return all;
    if (list == nullptr || !list->is_list()) {
      report(TableCode::kMissing, list == nullptr ? root.mark : list->mark,
             fmt::format("a list under '{}:' belongs here", name));
      return all;
    }
    static constexpr std::string_view kRaising[] = {"severity", "because", "when"};
    static constexpr std::string_view kLowering[] = {"from", "severity", "because", "when"};
    for (const codec::YamlNode& item : list->items) {
      if (!item.is_map()) {
        report(TableCode::kType, item.mark, "a rule is no map");
        continue;
      }
      if (lowering) {
        check_members(item, kLowering);
      } else {
        check_members(item, kRaising);
      }
      SeverityMatrix::Rule rule;
      const auto severity = this->severity(item.find("severity"), item.mark, "severity");
      if (lowering) rule.from = this->severity(item.find("from"), item.mark, "from");
      const codec::YamlNode* because = item.find("because");
      if (because == nullptr || because->text.empty()) {
        report(TableCode::kMissing, item.mark, "the rule does not say why: 'because' is missing");
      } else {
        rule.because = because->text;
      }
      const codec::YamlNode* when = item.find("when");
      if (when == nullptr || !when->is_map()) {
        report(TableCode::kMissing, item.mark, "'when' is missing", "Write 'when: {}' for always.");
      } else {
        for (const codec::YamlMember& member : when->members) {
          const auto found = condition(member);
          if (!found) continue;
          if (grows(*found) == lowering) report_falling(member, lowering);
          rule.when.push_back(*found);
        }
      }
      if (severity) {
        rule.severity = *severity;
        // Over two at once a worse incident could end below a milder one.
        if (rule.from && index_of(*rule.from) + 1 != index_of(rule.severity)) {
          report(TableCode::kValue, item.mark, "a rule that lowers must lead to the next severity",
                 "from S3 to S4, say.");
        }
        all.push_back(std::move(rule));
      }
    }
    return all;
  }

 private:
  const std::string& path_;
  const std::string& text_;
  Diagnostics& diagnostics_;
};

}  // namespace

void Evidence::add(const Finding& finding, const Assets& assets) {
  const bool ok = finding.outcome == model::Outcome::kOk;
  level = std::max(level, finding.level);
  if (ok) succeeded_level = std::max(succeeded_level.value_or(finding.level), finding.level);
  // Two rules that see one call are no two calls.
  const auto is_new = [&](char what) {
    return finding.events.empty() || counted_.insert(what + finding.events.front()).second;
  };
  if (finding.outcome == model::Outcome::kDenied) denied += is_new('-');
  if (is_destructive(finding)) destroyed += is_new('!');
  if (takes(finding)) taken += is_new('>');
  if (ok && finding.level >= model::Level::kMedium) rules.insert(finding.rule);
  tactics.insert(finding.tactics.begin(), finding.tactics.end());
  techniques.insert(finding.techniques.begin(), finding.techniques.end());
  if (!finding.actor.empty()) principals.insert(finding.actor);
  privileged =
      privileged || finding.actor_type == model::ActorType::kRoot ||
      (ok && finding.level >= model::Level::kMedium &&
       std::ranges::find(finding.tactics, "privilege-escalation") != finding.tactics.end());
  const auto look = [&](const std::string& entity, bool is_target) {
    if (entity.empty() || entity.starts_with("ip/")) return;
    const auto asset = assets.find(entity);
    if (!asset || !asset->criticality) unknown_assets = true;
    if (!asset || asset->environment.empty()) production = true;
    if (!asset) return;
    if (asset->environment == "production") production = true;
    if (asset->privilege == "administrator") privileged = true;
    if (is_target && asset->criticality) {
      criticality = std::max(criticality.value_or(*asset->criticality), *asset->criticality);
    }
    if (is_target && rank_of_data(asset->data) > rank_of_data(data)) data = asset->data;
    production = production || reaches_production(*asset, assets);
  };
  look(finding.actor, false);
  for (const std::string& target : finding.targets) {
    look(target, true);
    if (target.empty()) production = unknown_assets = true;  // it has no id
  }
  if (finding.targets.empty()) production = true;  // nobody knows what was touched
}

SeverityMatrix SeverityMatrix::read(const std::string& path, const std::string& text,
                                    Diagnostics& diagnostics) {
  SeverityMatrix matrix;
  Reader reader(path, text, diagnostics);
  const std::vector<codec::YamlDocument> documents = codec::parse_yaml(text);
  if (documents.size() != 1 || documents[0].problem) {
    const auto* problem =
        documents.empty() || !documents[0].problem ? nullptr : &*documents[0].problem;
    reader.report(TableCode::kSyntax, problem ? problem->mark : codec::YamlMark{},
                  problem ? problem->message : "one document belongs here",
                  problem ? problem->hint : "");
    return matrix;
  }
  const codec::YamlNode& root = documents[0].root;
  static constexpr std::string_view kTop[] = {"severities", "rules", "lower"};
  reader.check_members(root, kTop);
  const codec::YamlNode* severities = root.find("severities");
  for (const model::Severity severity :
       {model::Severity::kS1, model::Severity::kS2, model::Severity::kS3, model::Severity::kS4}) {
    const codec::YamlNode* row =
        severities == nullptr ? nullptr : severities->find(name_of(severity));
    if (row == nullptr || !row->is_map()) {
      reader.report(TableCode::kMissing, severities == nullptr ? root.mark : severities->mark,
                    fmt::format("severities has no {}", name_of(severity)),
                    "S1: {means: …, acknowledge: 15m, contain: 1h, update: 1h}");
      continue;
    }
    static constexpr std::string_view kRow[] = {"means", "acknowledge", "contain", "update"};
    reader.check_members(*row, kRow);
    Deadlines& deadlines = matrix.deadlines_[index_of(severity)];
    for (const auto& [name, out] :
         {std::pair{"acknowledge", &deadlines.acknowledge},
          std::pair{"contain", &deadlines.contain}, std::pair{"update", &deadlines.update}}) {
      const codec::YamlNode* node = row->find(name);
      if (node == nullptr) {
        reader.report(TableCode::kMissing, row->mark, fmt::format("'{}' is missing", name));
      } else if (const auto duration = reader.duration(*node)) {
        *out = *duration;
      }
    }
    if (const codec::YamlNode* means = row->find("means")) {
      matrix.meanings_[index_of(severity)] = means->text;
    }
  }
  matrix.rules_ = reader.rules(root, "rules", false);
  matrix.lower_ = reader.rules(root, "lower", true);
  return matrix;
}

SeverityDecision SeverityMatrix::assess(const Evidence& evidence) const {
  SeverityDecision decision;
  for (const Rule& rule : rules_) {
    if (!holds(rule, evidence)) continue;
    if (rule.severity < decision.severity) {
      decision = {rule.severity, {}};
    }
    if (rule.severity == decision.severity) decision.because.push_back(rule.because);
  }
  for (const Rule& rule : lower_) {
    if (rule.from != decision.severity || !holds(rule, evidence)) continue;
    decision.severity = rule.severity;
    decision.because.push_back("lowered: " + rule.because);
    break;
  }
  return decision;
}

const Deadlines& SeverityMatrix::deadlines(model::Severity severity) const {
  return deadlines_[index_of(severity)];
}

const std::string& SeverityMatrix::meaning(model::Severity severity) const {
  return meanings_[index_of(severity)];
}

}  // namespace stanch::triage
