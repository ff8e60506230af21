#include "speed_rules.h"

#include <fmt/format.h>

#include "base/check.h"
#include "host/rule_set.h"

namespace stanch::bench {

namespace {

RuleSetPtr chatty_free(std::vector<detect::RuleText> texts,
                       const detect::Placeholders& placeholders, const Corpus& sample,
                       double share_max, size_t& left_out) {
  for (;;) {
    RuleSetPtr rules = detect::load_rules(texts, placeholders).rules;
    detect::Matcher matcher(rules, codec::HashSecret{1});
    codec::JsonParser parser;
    std::vector<size_t> counts(detect::rule_infos(*rules).size());
    for_each_line(sample, [&](std::string_view line) {
      const codec::JsonView event = parser.parse(line);
      for (const detect::Match& match : matcher.match(event, {"aws", "cloudtrail", ""}).matches) {
        ++counts[match.rule];
      }
    });
    bool again = false;
    for (uint32_t i = 0; i < counts.size(); ++i) {
      if (!detect::is_shown(*rules, i)) continue;
      if (static_cast<double>(counts[i]) <= share_max * static_cast<double>(sample.lines)) continue;
      const model::RuleInfo& info = *detect::rule_infos(*rules)[i];
      ++left_out;
      std::erase_if(texts, [&](const detect::RuleText& text) { return text.path == info.path; });
      again = true;
    }
    if (!again) return rules;
  }
}

}  // namespace

RuleSetPtr speed_rules(env::Env& env, const Settings& settings, double share_max) {
  const auto own = host::load_rule_set(env, {});
  CHECK(own.has_value());
  std::vector<detect::RuleText> texts = own->texts;
  const std::vector<detect::RuleText> published = public_rules();
  texts.insert(texts.end(), published.begin(), published.end());
  size_t left_out = 0;
  const RuleSetPtr rules =
      chatty_free(texts, own->placeholders, generated(settings.events / 4, 0), share_max, left_out);
  fmt::print(
      "rules: {} ({} files of the content, {} public ones; {} that fire on more than {} % of "
      "ordinary events are left out)\n",
      detect::rule_infos(*rules).size(), own->texts.size(), published.size(), left_out,
      100 * share_max);
  return rules;
}

}  // namespace stanch::bench
