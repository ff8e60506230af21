#include "compare.h"

#include <stdexcept>

#include "codec/json.h"
#include "generate.h"
#include "naive/naive.h"

namespace stanch::differential {
namespace {

bool gated(const std::string& of_rule, std::string_view of_event) {
  return naive::conflicts(of_rule, of_event);
}

std::string described(const std::string& rule, const Event& event, std::string_view what,
                      bool naive_says) {
  return std::string(what) + "; the naive evaluator says " + (naive_says ? "yes" : "no") +
         "\n--- rule\n" + rule + "--- event (product '" + std::string(event.source.product) +
         "', service '" + std::string(event.source.service) + "', category '" +
         std::string(event.source.category) + "')\n" + event.json + "\n";
}

std::optional<std::string> first_difference(const std::vector<std::string>& rules,
                                            const Event& event, const Verdict& engine,
                                            const Verdict& naive, std::string_view what) {
  for (size_t i = 0; i < rules.size(); ++i) {
    if (engine.matches[i] != naive.matches[i]) {
      return described(rules[i], event, what, naive.matches[i]);
    }
  }
  if (engine.gated != naive.gated) {
    return "the engine gated " + std::to_string(engine.gated) + " rules, and should " +
           std::to_string(naive.gated);
  }
  return std::nullopt;
}

}  // namespace

Tally& tally() {
  static Tally tally;
  return tally;
}

std::shared_ptr<const detect::RuleSet> load(const std::vector<std::string>& rules) {
  std::vector<detect::RuleText> texts;
  for (size_t i = 0; i < rules.size(); ++i) {
    // In order of path, so that a rule keeps its number.
    std::string number = std::to_string(i);
    texts.push_back({std::string(6 - number.size(), '0') + number, rules[i]});
  }
  detect::Loaded loaded = detect::load_rules(texts, placeholders());
  if (detect::rule_infos(*loaded.rules).size() != rules.size()) {
    for (const Diagnostic& diagnostic : loaded.diagnostics) {
      if (diagnostic.code->severity != Severity::kError) continue;
      throw std::runtime_error("a generated rule is refused:\n" + to_text(diagnostic));
    }
    throw std::runtime_error("a generated rule is refused without a word");
  }
  return loaded.rules;
}

Verdict engine_verdict(codec::JsonParser& parser, detect::Matcher& matcher,
                       const detect::RuleSet& rules, const Event& event) {
  codec::JsonView view = parser.parse(event.json);
  if (!view) throw std::runtime_error("the engine cannot read " + event.json);
  Verdict verdict;
  verdict.matches.resize(detect::rule_infos(rules).size());
  auto found = matcher.match(view, event.source);
  int64_t last = -1;
  for (detect::Match match : found.matches) {
    if (match.rule <= last) throw std::runtime_error("matches are not in rising order");
    last = match.rule;
    verdict.matches.at(match.rule) = true;
  }
  verdict.gated = found.gated;
  return verdict;
}

Verdict naive_verdict(const detect::RuleSet& rules, const Event& event) {
  Verdict verdict;
  naive::Source source{event.source.product, event.source.service, event.source.category};
  for (const detect::sigma::Rule& rule : detect::rule_trees(rules)) {
    bool matches = naive::matches(rule, event.json, source);
    verdict.matches.push_back(matches);
    ++(matches ? tally().yes : tally().no);
    verdict.gated += gated(rule.logsource.product, source.product) ||
                     gated(rule.logsource.service, source.service) ||
                     gated(rule.logsource.category, source.category);
  }
  return verdict;
}

std::optional<std::string> difference(const std::vector<std::string>& rules,
                                      const std::vector<Event>& events) {
  auto set = load(rules);
  std::vector<Verdict> expected;
  for (const Event& event : events) expected.push_back(naive_verdict(*set, event));
  codec::JsonParser parser;
  detect::Matcher matcher(set, codec::HashSecret{7});
  auto differs = [&](size_t i, std::string_view what) {
    return first_difference(rules, events[i], engine_verdict(parser, matcher, *set, events[i]),
                            expected[i], what);
  };
  for (size_t i = 0; i < events.size(); ++i) {
    if (auto text = differs(i, "the engine differs, all rules in one set")) return text;
  }
  for (int round = 0; round < 2; ++round) {
    for (size_t i = events.size(); i-- > 0;) {
      if (auto text = differs(i, "the engine differs once it has seen other events")) return text;
    }
    for (size_t i = 0; i < events.size(); ++i) {
      if (auto text = differs(i, "the engine differs once it knows shapes")) return text;
    }
  }
  return std::nullopt;
}

std::optional<std::string> difference_alone(const std::vector<std::string>& rules,
                                            const std::vector<Event>& events) {
  for (const std::string& rule : rules) {
    auto set = load({rule});
    for (const Event& event : events) {
      Verdict expected = naive_verdict(*set, event);
      codec::JsonParser parser;
      detect::Matcher matcher(set, codec::HashSecret{7});
      Verdict engine = engine_verdict(parser, matcher, *set, event);
      if (auto text = first_difference({rule}, event, engine, expected,
                                       "the engine differs, the rule alone")) {
        return text;
      }
      codec::JsonView view = parser.parse(event.json);
      if (detect::explain(*set, 0, view, event.source).holds != expected.matches[0]) {
        return described(rule, event, "explain() differs", expected.matches[0]);
      }
    }
  }
  return std::nullopt;
}

}  // namespace stanch::differential
