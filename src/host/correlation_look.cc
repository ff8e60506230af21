#include "host/correlation_look.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <set>
#include <utility>

#include "codec/hash.h"
#include "host/events.h"
#include "host/limits.h"
#include "model/ids.h"
#include "pipeline/event_scanner.h"

namespace stanch::host {

namespace {

using detect::correlate::Arrived;
using detect::correlate::Correlator;
using detect::correlate::Plan;
using detect::correlate::Seen;

// The rules that a correlation looks at, itself or through others.
void add_rules(const Plan& plan, uint32_t correlation, std::set<uint32_t>& rules) {
  for (const detect::sigma::Reference& rule : plan.correlations[correlation].tree.rules) {
    if (rule.is_correlation) {
      add_rules(plan, rule.index, rules);
    } else {
      rules.insert(rule.index);
    }
  }
}

class Reader {
 public:
  Reader(const LoadedRules& rules, std::set<uint32_t> wanted, CorrelationLook& look)
      : rules_(rules.loaded.rules),
        wanted_(std::move(wanted)),
        look_(look),
        normalizer_(rules.sources),
        matcher_(rules_, {}) {}

  // False once there is too much.
  bool read(codec::JsonView event) {
    const normalize::LogFamily family = normalizer_.recognise(event);
    const std::string_view given = normalizer_.event_id(family, event, scratch_);
    std::string bytes;
    // Delivered twice, it counts once, as in a scan.
    if (!given.empty() && !known_.insert(codec::sha256(codec::compact_text(event, bytes))).second) {
      return true;
    }
    const uint64_t number = look_.events++;
    const auto matches = matcher_.match(event, pipeline::event_source(normalizer_, family)).matches;
    std::optional<Seen> seen;
    for (const detect::Match& match : matches) {
      if (!wanted_.contains(match.rule)) continue;
      TextArena texts;
      if (!seen && !begin(family, event, given, number, texts, seen)) return true;
      seen->rule = match.rule;
      seen->values.clear();
      for (const auto& value : matcher_.told_values(match.rule, texts)) {
        seen->values.push_back(value ? std::optional(std::string(*value)) : std::nullopt);
      }
      seen_.push_back(*seen);
    }
    return seen_.size() <= kLookMatchesMax;
  }

  bool is_too_much() const { return seen_.size() > kLookMatchesMax; }

  std::vector<Seen> take() {
    std::ranges::sort(seen_);
    return std::move(seen_);
  }

 private:
  // False if the event has no time.
  bool begin(normalize::LogFamily family, codec::JsonView event, std::string_view given,
             uint64_t number, TextArena& texts, std::optional<Seen>& seen) {
    ++look_.matched;
    model::Facts facts;
    normalizer_.extract(family, event, texts, facts);
    if (!facts.time) {
      ++look_.without_time;
      return false;
    }
    const std::string id =
        given.empty()
            ? fmt::format("#{}", number)
            : std::string(model::event_id(normalize::name_of(family), given, texts).text());
    seen = Seen{.time = *facts.time, .event = id, .values = {}};
    return true;
  }

  std::shared_ptr<const detect::RuleSet> rules_;
  std::set<uint32_t> wanted_;
  CorrelationLook& look_;
  normalize::Normalizer normalizer_;
  detect::Matcher matcher_;
  std::string scratch_;
  std::set<codec::Sha256> known_;
  std::vector<Seen> seen_;
};

}  // namespace

Result<CorrelationLook> look_at_correlation(env::Env& env, const LoadedRules& rules,
                                            uint32_t correlation, const std::string& path) {
  const Plan& plan = detect::correlations(*rules.loaded.rules);
  CorrelationLook look;
  std::set<uint32_t> wanted;
  add_rules(plan, correlation, wanted);
  Reader reader(rules, std::move(wanted), look);
  TRY(each_event(env.files, path,
                 [&](codec::JsonView event, const model::Origin&) { return reader.read(event); }));
  if (reader.is_too_much()) {
    return Error(ErrorCode::kInvalid,
                 fmt::format("more than {} matches in '{}' cannot be looked at together",
                             kLookMatchesMax, path));
  }
  std::vector<Arrived> arrivals;
  Correlator correlator(plan,
                        {.waiting_max = kLookMatchesMax + 1,
                         .on_arrival =
                             [&](uint32_t of, const Arrived& arrived) {
                               if (of == correlation) arrivals.push_back(arrived);
                             }},
                        {});
  for (Seen& seen : reader.take()) correlator.add(std::move(seen));
  correlator.finish();
  look.firings = correlator.take_firings();
  std::erase_if(look.firings,
                [&](const auto& firing) { return firing.correlation != correlation; });
  look.nearness = find_nearest(plan.correlations[correlation], arrivals);
  return look;
}

}  // namespace stanch::host
