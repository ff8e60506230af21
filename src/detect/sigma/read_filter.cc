#include <algorithm>
#include <array>
#include <chrono>
#include <utility>

#include "base/suggest.h"
#include "codec/timestamp.h"
#include "detect/sigma/detection.h"
#include "detect/sigma/filter.h"
#include "detect/sigma/filter_anchor.h"
#include "detect/sigma/limits.h"
#include "detect/sigma/metadata.h"

// Sigma 2.1, "Sigma Filters":
//
//   title: …
//   logsource: {…}
//   filter:
//     rules: [name or id, …]        any, or an empty list: all of the log source
//     selection: {…}
//     condition: not selection
//     exclude: true                 of our own: hides where the condition holds
//   stanch: {owner: …, reason: …, expires: 2026-12-31}
//
// The specification's text says that `condition: selection` hides what is selected, and the
// programs that read filters keep only that. So a condition that is not `not …` has to say which
// it is.

namespace stanch::detect::sigma {

namespace filters {

using codec::YamlMember;
using codec::YamlNode;

constexpr std::array<std::string_view, 3> kStanchFields = {"owner", "reason", "expires"};
constexpr auto kDaysMax = std::chrono::days(90);

// Whether what it keeps is all but what it names: `not …`, or nothing but such.
bool keeps_rest(const Condition& condition) {
  if (condition.kind == Condition::Kind::kAnd) {
    return std::ranges::all_of(condition.children, keeps_rest);
  }
  return condition.kind == Condition::Kind::kNot;
}

class FilterReader {
 public:
  FilterReader(const YamlNode& root, Reporter& reporter) : root_(root), reporter_(reporter) {}

  Filter read() {
    const YamlNode& map = *root_.find("filter");
    if (!map.is_map()) {
      reporter_.report(Code::kWrongType, to_at(map.mark), "`filter` is not a map",
                       "write rules, a selection and a condition");
      return std::move(out_);
    }
    const size_t errors_before = reporter_.errors();
    read_metadata(as_rule(map), out_.rule, reporter_);
    read_rules(map);
    read_detection(as_rule(map), out_.rule, reporter_);
    if (reporter_.errors() == errors_before) read_polarity(map);
    if (reporter_.errors() == errors_before) check_fields(map);
    read_terms();
    return std::move(out_);
  }

 private:
  // The document as a rule would have it: what it detects is what is left of `filter`.
  YamlNode as_rule(const YamlNode& map) const {
    YamlNode rule = root_;
    YamlNode detection = map;
    std::erase_if(detection.members, [](const YamlMember& member) {
      return member.key.text == "rules" || member.key.text == "exclude";
    });
    for (YamlMember& member : rule.members) {
      if (member.key.text != "filter") continue;
      member.key.text = "detection";
      member.value = std::move(detection);
      break;
    }
    std::erase_if(rule.members,
                  [](const YamlMember& member) { return member.key.text == "stanch"; });
    return rule;
  }

  void read_rules(const YamlNode& map) {
    const YamlNode* rules = map.find("rules");
    if (rules == nullptr || rules->is_null()) {
      reporter_.report(Code::kMissingField, to_at(map.mark), "the filter has no `rules`",
                       "write a list of names or ids of rules, or any");
      return;
    }
    out_.any =
        (rules->is_list() && rules->items.empty()) || (rules->is_scalar() && rules->text == "any");
    if (out_.any) return;
    const auto add = [&](const YamlNode& node) {
      if (!node.is_scalar() || node.is_null() || node.text.empty()) {
        reporter_.report(Code::kWrongType, to_at(node.mark),
                         "`rules` holds something that is no name", "write a list of names or ids");
      } else if (out_.named.size() == kFilterRulesMax) {
        reporter_.report(Code::kTooLarge, to_at(node.mark),
                         "`rules` has more than " + std::to_string(kFilterRulesMax) + " names",
                         "write rules: any");
      } else {
        out_.named.push_back({node.text, to_at(node.mark)});
      }
    };
    if (!rules->is_list()) return add(*rules);
    for (const YamlNode& node : rules->items) add(node);
  }

  void read_polarity(const YamlNode& map) {
    const YamlNode* exclude = map.find("exclude");
    if (exclude != nullptr && exclude->is_scalar() && exclude->type == codec::YamlType::kBool) {
      out_.hides = exclude->text.front() == 't' || exclude->text.front() == 'T';
      return;
    }
    if (exclude != nullptr) {
      reporter_.report(Code::kWrongType, to_at(exclude->mark), "`exclude` is not true or false",
                       "write true to hide where the condition holds");
      return;
    }
    if (std::ranges::all_of(out_.rule.conditions, keeps_rest)) return;
    reporter_.report(Code::kFilterPolarity, to_at(map.find("condition")->mark),
                     "some read this condition as what is hidden, some as what is kept",
                     "write `not …` to keep the rest, or say beside it: `exclude: true` if this is "
                     "hidden, `exclude: false` if it is kept");
  }

  // Nobody may be hidden by what an attacker chooses.
  void check_fields(const YamlNode& map) {
    if (is_anchored(out_.rule, out_.hides)) return;
    reporter_.report(
        Code::kForgeableFilter, to_at(map.mark),
        "what an attacker can choose is enough to be hidden",
        "say who is excepted too, wherever it hides: an identity, an account, a resource");
  }

  void read_terms() {
    const YamlNode* stanch = root_.find("stanch");
    const bool is_map = stanch != nullptr && stanch->is_map();
    if (is_map) {
      out_.owner = read_text(*stanch, "owner", reporter_).value_or("");
      out_.reason = read_text(*stanch, "reason", reporter_).value_or("");
      read_expiry(*stanch);
      for (const YamlMember& member : stanch->members) {
        if (std::ranges::find(kStanchFields, member.key.text) != kStanchFields.end()) continue;
        reporter_.report(
            Code::kStanchField, to_at(member.key.mark),
            "`stanch` of a filter knows no '" + member.key.text + "'",
            did_you_mean(member.key.text, kStanchFields, "it knows owner, reason and expires"));
      }
    }
    std::string missing;
    const auto note = [&](std::string_view name) {
      missing += (missing.empty() ? "" : ", ") + std::string(name);
    };
    if (out_.owner.empty()) note("owner");
    if (out_.reason.empty()) note("reason");
    if (!out_.expires) note("expires");
    if (missing.empty()) return;
    reporter_.report(Code::kFilterTerms, to_at(is_map ? stanch->mark : root_.mark),
                     "the filter lacks " + missing + ": whose it is, why it is there, when it ends",
                     "write stanch: {owner: …, reason: …, expires: YYYY-MM-DD}");
  }

  void read_expiry(const YamlNode& stanch) {
    const auto text = read_text(stanch, "expires", reporter_);
    if (!text) return;
    out_.expires = codec::parse_timestamp(*text + "T00:00:00Z");
    if (!out_.expires) {
      // Not only remarked on: it would hide for ever.
      reporter_.report(Code::kWrongType, to_at(stanch.find("expires")->mark),
                       "`expires` is not a date: '" + *text + "'",
                       "write YYYY-MM-DD, e.g. 2026-03-01");
      return;
    }
    const auto date = read_text(root_, "date", reporter_);
    const auto begins = date ? codec::parse_timestamp(*date + "T00:00:00Z") : std::nullopt;
    if (!begins || *out_.expires - *begins <= kDaysMax) return;
    reporter_.report(Code::kFilterTerms, to_at(stanch.find("expires")->mark),
                     "the filter ends more than 90 days after its `date`",
                     "let it end sooner, and look again whether it is still right");
  }

  const YamlNode& root_;
  Reporter& reporter_;
  Filter out_;
};

}  // namespace filters

Filter read_filter(const codec::YamlNode& root, Reporter& reporter) {
  return filters::FilterReader(root, reporter).read();
}

}  // namespace stanch::detect::sigma
