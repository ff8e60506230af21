#include "host/lint.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <unordered_map>

#include "codec/timestamp.h"
#include "detect/sigma/filter.h"
#include "detect/sigma/rule.h"
#include "host/events.h"

namespace stanch::host {

namespace {

constexpr DiagnosticCode kCodes[] = {
    {"LNT001", "unbindable", Severity::kWarning,
     "The rule loads, but no event of its log source can ever satisfy it."},
    {"LNT002", "not-indexed", Severity::kNote,
     "The rule has no value to dispatch on: it is right, but evaluated on every event."},
    {"LNT003", "blind", Severity::kWarning,
     "The rule needs data events, and the logs given with --against have none, or only if "
     "configured."},
    {"LNT004", "filter-over", Severity::kWarning,
     "The filter has ended: what it hid is shown again."},
};
enum Code : size_t { kUnbindable, kNotIndexed, kBlind, kFilterOver };

std::string name_of(const detect::RuleReport& report) {
  return report.title.empty() ? report.id : report.title;
}

// What is said about a line of a rule file, with that line.
class Maker {
 public:
  explicit Maker(std::span<const detect::RuleText> texts) {
    for (const detect::RuleText& text : texts) texts_.emplace(text.path, text.text);
  }

  Diagnostic make(Code code, const Place& place, std::string message, std::string hint) const {
    const auto text = texts_.find(place.file);
    const bool has_line = place.line != 0 && text != texts_.end();
    return {&kCodes[code], place, std::move(message),
            has_line ? line_of(text->second, place.line) : "", std::move(hint)};
  }

 private:
  std::unordered_map<std::string_view, std::string_view> texts_;
};

// Whether these logs hold a data event. CloudTrail says so in eventCategory ("Data") and,
// in older versions, in managementEvent.
Result<bool> has_data_events(env::Env& env, std::span<const std::string> paths, uint64_t& events) {
  bool found = false;
  for (const std::string& path : paths) {
    TRY(const EventsRead read,
        each_event(env.files, path, [&](codec::JsonView event, const model::Origin&) {
          const codec::JsonView management = event["managementEvent"];
          found = event["eventCategory"].string_or_empty() == "Data" ||
                  (management && management.is_bool() && !management.as_bool());
          return !found;
        }));
    events += read.events;
    if (found) break;
  }
  return found;
}

}  // namespace

std::span<const DiagnosticCode> lint_codes() { return kCodes; }

Result<LintReport> lint(env::Env& env, const LoadedRules& rules,
                        std::span<const std::string> against) {
  LintReport report;
  const Maker maker(rules.texts);
  report.diagnostics = rules.context;
  report.diagnostics.insert(report.diagnostics.end(), rules.loaded.diagnostics.begin(),
                            rules.loaded.diagnostics.end());
  for (const detect::RuleReport& rule : rules.loaded.reports) {
    if (rule.state != detect::RuleState::kLoaded) continue;
    if (rule.unbindable) {
      report.diagnostics.push_back(
          maker.make(kUnbindable, {rule.path, rule.unbindable_line, 0},
                     fmt::format("'{}' can never match: {}", name_of(rule), rule.unbindable_why),
                     rule.unbindable_hint));
    }
    if (!rule.indexed) {
      report.diagnostics.push_back(maker.make(
          kNotIndexed, {rule.path, rule.line, 0},
          fmt::format("'{}' is evaluated on every event of its log source", name_of(rule)),
          "Add an exact value that must hold, such as eventName or eventSource."));
    }
  }
  const Time now = env.clock.now();
  for (const detect::sigma::Filter& filter : detect::filters(*rules.loaded.rules)) {
    if (!filter.expires || *filter.expires > now || !rules.is_own(filter.rule.info)) continue;
    report.diagnostics.push_back(
        maker.make(kFilterOver, {filter.rule.info.path, 0, 0},
                   fmt::format("the filter '{}' hides nothing since {}", filter.rule.info.title,
                               codec::format_timestamp(*filter.expires)),
                   "Remove it; or give it another end, if it is still wanted."));
  }
  if (!rules.held_against.empty()) {
    for (const detect::RuleReport& rule : rules.loaded.reports) {
      if (rule.state != detect::RuleState::kLoaded || !rule.fits_log || !rule.needs_data_events) {
        continue;
      }
      report.diagnostics.push_back(maker.make(
          kBlind, {rule.path, rule.line, 0},
          fmt::format("'{}' is blind unless data events are turned on", name_of(rule)),
          "Turn data events on for the resources that matter, or do not count on this rule."));
    }
  }
  if (against.empty()) return report;
  TRY(report.sample_has_data_events, has_data_events(env, against, report.sampled_events));
  if (report.sample_has_data_events) return report;
  for (const detect::sigma::Rule& rule : detect::rule_trees(*rules.loaded.rules)) {
    if (!rule.needs_data_events) continue;
    report.diagnostics.push_back(maker.make(
        kBlind, {rule.info.path, 0, 0},
        fmt::format("'{}' needs data events; none of the {} events has one", rule.info.title,
                    report.sampled_events),
        "Turn data events on for the resources that matter, or do not count on this rule."));
  }
  return report;
}

}  // namespace stanch::host
