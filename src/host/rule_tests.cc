#include "host/rule_tests.h"

#include <fmt/format.h>

#include <algorithm>

#include "codec/json.h"
#include "detect/correlate/correlator.h"
#include "detect/sigma/filter.h"
#include "host/events.h"
#include "normalize/normalize.h"
#include "pipeline/content.h"
#include "pipeline/event_scanner.h"
#include "pipeline/hiding_filter.h"

namespace stanch::host {

namespace {

constexpr size_t kEventsBytesMax = size_t{64} << 20;

// rules/x.yml and rules/x.yaml have their events in rules/x.events.ndjson.
std::string events_path_of(const std::string& rule_path) {
  return rule_path.substr(0, rule_path.rfind('.')) + ".events.ndjson";
}

// One line of an events file, checked.
struct Case {
  bool expect = false;
  std::string why;
  std::vector<codec::JsonView> events;
  detect::Placeholders context;
  std::string problem;  // if not empty, nothing else holds
};

Case problem(std::string text) {
  Case bad;
  bad.problem = std::move(text);
  return bad;
}

Case read_case(codec::JsonView line) {
  if (!line.exists() || !line.is_object()) return problem("the line is no JSON object");
  Case read;
  bool has_expect = false;
  for (const codec::JsonMember member : line.members()) {
    const std::string key = member.key.string_or_empty();
    if (key == "expect" && member.value.is_bool()) {
      has_expect = true;
      read.expect = member.value.as_bool();
    } else if (key == "why" && member.value.is_string()) {
      read.why = member.value.string_or_empty();
    } else if (key == "event" && member.value.is_object()) {
      read.events.push_back(member.value);
    } else if (key == "events" && member.value.is_array()) {
      for (const codec::JsonView event : member.value.elements()) {
        if (!event.is_object()) return problem("a member of \"events\" is no object");
        read.events.push_back(event);
      }
    } else if (key == "context" && member.value.is_object()) {
      for (const codec::JsonMember list : member.value.members()) {
        std::vector<std::string>& values = read.context[list.key.string_or_empty()];
        if (!list.value.is_array()) return problem("a member of \"context\" is no list");
        for (const codec::JsonView value : list.value.elements()) {
          if (!value.is_scalar()) return problem("a value in \"context\" is no text or number");
          std::string scratch;
          values.emplace_back(value.text(scratch));
        }
      }
    } else {
      return problem(fmt::format("\"{}\" is unknown here, or not what it should be", key));
    }
  }
  if (!has_expect) return problem("\"expect\": true or false is missing");
  if (read.events.empty()) return problem("\"event\" is missing; or \"events\", for correlations");
  if (read.why.empty()) return problem("\"why\" is missing: say what this event shows");
  return read;
}

class FileTest {
 public:
  // Correlations and filters of the file may refer to rules of the others that are tested with it;
  // where these are not enough, to those that are built in.
  FileTest(const detect::RuleText& rule, std::span<const detect::RuleText> tested,
           std::span<const detect::RuleText> builtin, const detect::Placeholders& placeholders,
           const RuleTestOptions& options, RuleTest& test)
      : texts_{rule},
        placeholders_(placeholders),
        maps_(options.maps),
        test_(test),
        normalizer_(options.sources) {
    usual_ = load(placeholders);
    for (const std::span<const detect::RuleText> others : {tested, builtin}) {
      const bool refers = rule.text.contains("correlation:") || rule.text.contains("filter:");
      if (!refers || !lacks_rules()) break;
      texts_.resize(1);
      for (const detect::RuleText& other : others) {
        if (!rule.path.ends_with(other.path)) texts_.push_back(other);
      }
      usual_ = load(placeholders);
    }
    for (const Diagnostic& diagnostic : usual_.diagnostics) {
      if (is_error_of_file(diagnostic)) fail(0, to_text(diagnostic));
    }
  }

  void run(std::string_view events) {
    for (uint32_t number = 1; !events.empty(); ++number) {
      const size_t end = std::min(events.find('\n'), events.size());
      const std::string_view line = events.substr(0, end);
      events.remove_prefix(std::min(end + 1, events.size()));
      if (line.find_first_not_of(" \t\r") != std::string_view::npos) run_line(line, number);
    }
  }

  void check_counts() {
    if (test_.matches < kMatchesWanted || test_.near_misses < kNearMissesWanted) {
      fail(0,
           fmt::format("has {} matching events and {} near misses; at least {} and {} are wanted",
                       test_.matches, test_.near_misses, kMatchesWanted, kNearMissesWanted));
    }
  }

 private:
  bool is_error_of_file(const Diagnostic& diagnostic) const {
    return diagnostic.place.file == texts_.front().path &&
           diagnostic.code->severity == Severity::kError;
  }
  // Whether something of the file is not loaded, or is a filter of no rule.
  bool lacks_rules() const {
    const auto is_of_none = [this](const detect::sigma::Filter& filter) {
      return filter.rules.empty() && filter.rule.info.path == texts_.front().path;
    };
    return std::ranges::any_of(detect::filters(*usual_.rules), is_of_none) ||
           std::ranges::any_of(usual_.diagnostics, [this](const Diagnostic& diagnostic) {
             return is_error_of_file(diagnostic);
           });
  }

  // What the file finds: by its rules and correlations, or what its filters leave of what the
  // rules find that they are for.
  bool is_of_file(const detect::RuleSet& rules, uint32_t index) const {
    const std::string& path = texts_.front().path;
    if (detect::rule_infos(rules)[index]->path == path) return true;
    return std::ranges::any_of(detect::filters(rules), [&](const detect::sigma::Filter& filter) {
      return filter.rule.info.path == path && std::ranges::binary_search(filter.rules, index);
    });
  }

  void fail(uint32_t line, std::string message) {
    while (message.ends_with('\n')) message.pop_back();
    test_.failures.push_back({line, std::move(message)});
  }

  void run_line(std::string_view line, uint32_t number) {
    const Case read = read_case(parser_.parse(line));
    if (!read.problem.empty()) return fail(number, read.problem);
    ++(read.expect ? test_.matches : test_.near_misses);
    const bool fires = read.context.empty() ? matches(usual_, read.events)
                                            : matches(with_context(read.context), read.events);
    if (fires == read.expect) return;
    fail(number,
         fmt::format("{}: {}", read.expect ? "should match and does not" : "matches and should not",
                     read.why));
    test_.failures.back().one_event =
        read.events.size() == 1 && detect::rule_infos(*usual_.rules).size() == 1;
  }

  detect::Loaded with_context(const detect::Placeholders& context) const {
    detect::Placeholders all = placeholders_;
    for (const auto& [name, values] : context) all[name] = values;
    return load(all);
  }

  detect::Loaded load(const detect::Placeholders& placeholders) const {
    return detect::load_rules(texts_, placeholders, {}, maps_);
  }

  // Whether something of this file finds something in these events.
  bool matches(const detect::Loaded& loaded, const std::vector<codec::JsonView>& events) {
    const detect::RuleSet& rules = *loaded.rules;
    const detect::correlate::Plan& plan = detect::correlations(rules);
    detect::Matcher matcher(loaded.rules, codec::HashSecret{});
    detect::correlate::Correlator correlator(plan, {.lateness = Duration::max()}, {});
    bool found = false;
    size_t number = 0;
    for (const codec::JsonView event : events) {
      const normalize::LogFamily family = normalizer_.recognise(event);
      TextArena texts;
      model::Facts facts;
      normalizer_.extract(family, event, texts, facts);
      std::string scratch;
      std::string id(normalizer_.event_id(family, event, scratch));
      if (id.empty()) id = std::to_string(number);
      ++number;
      for (const detect::Match& match :
           matcher.match(event, pipeline::event_source(normalizer_, family)).matches) {
        found = found || (detect::is_shown(rules, match.rule) && is_of_file(rules, match.rule) &&
                          !pipeline::find_hiding_filter(rules, match.filters, facts));
        if (plan.rule_feeds[match.rule].empty() || !facts.time) continue;
        detect::correlate::Seen seen{*facts.time, id, match.rule, {}};
        for (const auto& value : matcher.told_values(match.rule, texts)) {
          seen.values.push_back(value ? std::optional(std::string(*value)) : std::nullopt);
        }
        correlator.add(std::move(seen));
      }
    }
    correlator.finish();
    for (const detect::correlate::Firing& firing : correlator.take_firings()) {
      const auto index = static_cast<uint32_t>(detect::rule_count(rules) + firing.correlation);
      found = found || (detect::is_shown(rules, index) && is_of_file(rules, index));
    }
    return found;
  }

  std::vector<detect::RuleText> texts_;  // of the file, then of the others that it needs
  const detect::Placeholders& placeholders_;
  std::span<const detect::FieldMap> maps_;
  detect::Loaded usual_;
  RuleTest& test_;
  codec::JsonParser parser_;
  normalize::Normalizer normalizer_;
};

}  // namespace

Result<std::vector<RuleTest>> run_rule_tests(env::Env& env, std::span<const std::string> paths,
                                             const detect::Placeholders& placeholders,
                                             const RuleTestOptions& options) {
  TRY(const auto rules, pipeline::rule_texts(env.files, model::Content{}, paths));
  // Who tests files of their own may correlate what is built in.
  TRY(const auto builtin,
      pipeline::rule_texts(env.files, pipeline::embedded_content(), std::span<std::string>()));
  std::vector<RuleTest> tests;
  for (const detect::RuleText& rule : rules) {
    RuleTest& test = tests.emplace_back();
    test.path = rule.path;
    FileTest file(rule, rules, builtin, placeholders, options, test);
    const std::string events_path = events_path_of(rule.path);
    if (env.files.status(events_path)) {
      test.events_path = events_path;
      TRY(const std::string events, pipeline::read_file(env.files, events_path, kEventsBytesMax));
      file.run(events);
    }
    if (options.strict) file.check_counts();
  }
  return tests;
}

}  // namespace stanch::host
