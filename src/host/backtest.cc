#include "host/backtest.h"

#include <algorithm>
#include <cstring>
#include <unordered_map>

#include "codec/hash.h"
#include "codec/timestamp.h"
#include "pipeline/output/labels.h"

namespace stanch::host {

namespace {

namespace output = pipeline::output;

using OnFinding = std::function<void(const model::Finding&)>;

class BacktestSink : public pipeline::ScanSink {
 public:
  BacktestSink(const OnFinding& on_finding, const BacktestOptions& options)
      : on_finding_(on_finding), options_(options) {}

  Result<> finding(const model::Finding& finding) override {
    on_finding_(finding);
    return {};
  }
  Result<> dead_letter(const pipeline::DeadLetter&) override { return {}; }
  void conflict(const model::Origin&) override {}
  void progress(const pipeline::Progress& progress) override {
    if (options_.progress) options_.progress(progress);
  }

 private:
  const OnFinding& on_finding_;
  const BacktestOptions& options_;
};

// Of what was asked for; not of what was loaded beside.
Result<pipeline::ScanSummary> run(env::Env& env, const LoadedRules& rules,
                                  const BacktestOptions& options, const OnFinding& on_finding) {
  const OnFinding on_own = [&](const model::Finding& finding) {
    if (rules.is_own(finding.rule)) on_finding(finding);
  };
  BacktestSink sink(on_own, options);
  pipeline::ScanOptions scan;
  scan.paths = options.on;
  scan.jobs = options.jobs;
  scan.spool_folder = options.spool_folder;
  scan.sources = rules.sources;
  return pipeline::scan(env, rules.loaded.rules, rules.content_version, scan, sink);
}

EventExample example_of(const model::Finding& finding) {
  const model::Facts& facts = finding.event.facts;
  return {.time = facts.time ? codec::format_timestamp(*facts.time) : "",
          .actor = output::actor_label(facts),
          .action = output::action_label(facts),
          .source = output::source_label(facts),
          .target = output::target_label(facts),
          .event_id = std::string(finding.event.id.text()),
          .file = std::string(finding.event.origin.file),
          .record = finding.event.origin.record};
}

// 64 bits of SHA-256: an attacker who chooses event ids cannot make two events look one.
uint64_t short_hash(std::string_view text) {
  const codec::Sha256 hash = codec::sha256(text);
  uint64_t value = 0;
  std::memcpy(&value, hash.data(), sizeof value);
  return value;
}

// By what name a rule is the same on both sides.
std::string key_of(const model::RuleInfo& rule, const std::string& root) {
  if (rule.id.text() != rule.path) return rule.id.text();
  std::string key = rule.path;
  if (key.starts_with(root)) key.erase(0, root.size());
  while (key.starts_with('/')) key.erase(0, 1);
  return key;
}

using EventSets = std::map<std::string, std::vector<uint64_t>>;  // rule -> sorted hashes

void sort_all(EventSets& sets) {
  for (auto& [key, hashes] : sets) {
    std::ranges::sort(hashes);
    const auto repeats = std::ranges::unique(hashes);
    hashes.erase(repeats.begin(), repeats.end());
  }
}

bool contains(const EventSets& sets, const std::string& key, uint64_t hash) {
  const auto found = sets.find(key);
  return found != sets.end() && std::ranges::binary_search(found->second, hash);
}

uint64_t missing_from(const std::vector<uint64_t>& of, const EventSets& sets,
                      const std::string& key) {
  return static_cast<uint64_t>(
      std::ranges::count_if(of, [&](uint64_t hash) { return !contains(sets, key, hash); }));
}

}  // namespace

Result<Backtest> backtest(env::Env& env, const LoadedRules& rules, const BacktestOptions& options) {
  Backtest result;
  std::unordered_map<const model::RuleInfo*, size_t> index;
  for (const auto& rule : detect::rule_infos(*rules.loaded.rules)) {
    if (!rules.is_own(*rule)) continue;
    index.emplace(rule.get(), result.rules.size());
    result.rules.push_back({.id = rule->id.text(), .title = rule->title, .level = rule->level});
  }
  const OnFinding count = [&](const model::Finding& finding) {
    RuleHits& hits = result.rules[index.at(&finding.rule)];
    ++hits.findings;
    if (hits.examples.size() < options.examples) hits.examples.push_back(example_of(finding));
  };
  TRY(result.summary, run(env, rules, options, count));
  std::ranges::stable_sort(result.rules, [](const RuleHits& a, const RuleHits& b) {
    return a.findings != b.findings ? a.findings > b.findings : a.id < b.id;
  });
  return result;
}

Result<RuleSetDifference> compare_rules(env::Env& env, const NamedRules& old_rules,
                                        const NamedRules& new_rules,
                                        const BacktestOptions& options) {
  std::map<std::string, RuleDifference> rules;
  const auto note = [&rules](const NamedRules& side, bool RuleDifference::* in) {
    for (const auto& rule : detect::rule_infos(*side.rules.loaded.rules)) {
      if (!side.rules.is_own(*rule)) continue;
      const std::string key = key_of(*rule, side.root);
      RuleDifference& difference = rules[key];
      difference.id = key;
      difference.title = rule->title;
      difference.*in = true;
    }
  };
  note(old_rules, &RuleDifference::in_old);
  note(new_rules, &RuleDifference::in_new);

  EventSets before, after;
  TRY(run(env, old_rules.rules, options, [&](const model::Finding& finding) {
    const std::string key = key_of(finding.rule, old_rules.root);
    ++rules[key].before;
    before[key].push_back(short_hash(finding.event.id.text()));
  }));
  sort_all(before);

  RuleSetDifference result;
  TRY(result.summary, run(env, new_rules.rules, options, [&](const model::Finding& finding) {
        const std::string key = key_of(finding.rule, new_rules.root);
        const uint64_t hash = short_hash(finding.event.id.text());
        RuleDifference& difference = rules[key];
        ++difference.after;
        after[key].push_back(hash);
        if (!contains(before, key, hash) && difference.gained_examples.size() < options.examples) {
          difference.gained_examples.push_back(example_of(finding));
        }
      }));
  sort_all(after);

  uint64_t lost = 0;
  for (auto& [key, difference] : rules) {
    difference.gained = missing_from(after[key], before, key);
    difference.lost = missing_from(before[key], after, key);
    lost += difference.lost;
  }
  if (lost > 0 && options.examples > 0) {
    TRY(run(env, old_rules.rules, options, [&](const model::Finding& finding) {
      const std::string key = key_of(finding.rule, old_rules.root);
      RuleDifference& difference = rules[key];
      if (!contains(after, key, short_hash(finding.event.id.text())) &&
          difference.lost_examples.size() < options.examples) {
        difference.lost_examples.push_back(example_of(finding));
      }
    }));
  }
  for (auto& [key, difference] : rules) {
    const bool same =
        difference.gained == 0 && difference.lost == 0 && difference.in_old == difference.in_new;
    if (same) {
      ++result.same;
    } else {
      result.rules.push_back(std::move(difference));
    }
  }
  std::ranges::stable_sort(result.rules, [](const RuleDifference& a, const RuleDifference& b) {
    return a.gained + a.lost > b.gained + b.lost;
  });
  return result;
}

}  // namespace stanch::host
