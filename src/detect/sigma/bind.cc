#include "detect/sigma/bind.h"

#include <algorithm>
#include <optional>
#include <vector>

#include "base/suggest.h"
#include "detect/sigma/modifiers.h"

// Can any event satisfy the rule? Three-valued logic: an item is false or true if that holds
// for every event of the log, unknown otherwise. All that is known of a log is which top-level
// members its events can have; an item on any other field sees an absent field always.
// A rule is impossible if every log that suits its log source makes all its conditions false.

namespace stanch::detect::sigma {

namespace {

enum class Truth : uint8_t { kFalse, kUnknown, kTrue };  // in this order, `and` is min

Truth negate(Truth truth) {
  if (truth == Truth::kUnknown) return truth;
  return truth == Truth::kTrue ? Truth::kFalse : Truth::kTrue;
}

bool equal_ignoring_case(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? char(c - 'A' + 'a') : c; };
  return std::ranges::equal(a, b, {}, lower, lower);
}

// L1: a key excludes a log only if both sides have it and they differ.
bool suits(std::string_view wanted, std::string_view given) {
  return wanted.empty() || given.empty() || equal_ignoring_case(wanted, given);
}

// Docs F1 and F4: the first segment, without brackets at its end.
std::string_view first_segment(std::string_view field) {
  std::string_view segment = field.substr(0, field.find('.'));
  for (const std::string_view brackets : {"[*]", "[]", "{}"}) {
    if (segment.ends_with(brackets)) segment.remove_suffix(brackets.size());
  }
  return segment;
}

class Judge {
 public:
  Judge(const Rule& rule, const LogSchema& log) : log_(log) {
    for (const NamedDetection& named : rule.detections) {
      detections_.push_back(judge(named.detection));
    }
  }

  Truth judge(const Condition& condition) const {
    switch (condition.kind) {
      case Condition::Kind::kNot: return negate(judge(condition.children.front()));
      case Condition::Kind::kDetection: return detections_[condition.detections.front()];
      case Condition::Kind::kAnd:
      case Condition::Kind::kOr: {
        const bool is_and = condition.kind == Condition::Kind::kAnd;
        Truth truth = is_and ? Truth::kTrue : Truth::kFalse;
        for (const Condition& child : condition.children) {
          truth = is_and ? std::min(truth, judge(child)) : std::max(truth, judge(child));
        }
        return truth;
      }
      case Condition::Kind::kAllOf:
      case Condition::Kind::kAnyOf: {
        const bool is_all = condition.kind == Condition::Kind::kAllOf;
        Truth truth = is_all ? Truth::kTrue : Truth::kFalse;
        for (const uint32_t index : condition.detections) {
          truth =
              is_all ? std::min(truth, detections_[index]) : std::max(truth, detections_[index]);
        }
        return truth;
      }
    }
    return Truth::kUnknown;
  }

  // The member that F2 takes for `field`: that of the exact name before one in another case.
  // A member whose key holds a dot may be meant by the whole name. Empty: there is none.
  std::string_view find_member(std::string_view field) const {
    const std::string_view wanted = first_segment(field);
    std::string_view found;
    for (const std::string& member : log_.members) {
      if (member == wanted || member == field) return member;
      if (found.empty() &&
          (equal_ignoring_case(member, wanted) || equal_ignoring_case(member, field))) {
        found = member;
      }
    }
    return found;
  }

  bool has_field(std::string_view field) const { return !find_member(field).empty(); }

 private:
  Truth judge(const Detection& detection) const {
    if (detection.kind == Detection::Kind::kItem) return judge(detection.item);
    const bool is_all = detection.kind == Detection::Kind::kAll;
    Truth truth = is_all ? Truth::kTrue : Truth::kFalse;
    for (const Detection& child : detection.children) {
      truth = is_all ? std::min(truth, judge(child)) : std::max(truth, judge(child));
    }
    return truth;
  }

  Truth judge(const Item& item) const {
    const Truth truth = judge_plain(item);
    return has(item, Modifier::kNeq) ? negate(truth) : truth;
  }

  Truth judge_plain(const Item& item) const {
    if (item.values.empty()) return Truth::kFalse;  // an empty placeholder
    if (item.field.empty()) return Truth::kUnknown;
    const ItemForm form = form_of(item.modifiers);
    if (has_field(item.field)) {
      if (form != ItemForm::kFieldRef) return Truth::kUnknown;
      return judge_values(
          item, [&](const Scalar& value) { return has_field(value.text); }, Truth::kUnknown);
    }
    switch (form) {
      case ItemForm::kExists:
        return judge_values(
            item,
            [](const Scalar& value) {
              return value.text.front() == 'f' || value.text.front() == 'F';
            },
            Truth::kTrue);
      case ItemForm::kText:
        return judge_values(
            item, [](const Scalar& value) { return value.type == ScalarType::kNull; },
            Truth::kTrue);
      default: return Truth::kFalse;
    }
  }

  // `if_so` for values that satisfy the predicate, kFalse for others; joined as the item joins.
  template <typename Predicate>
  static Truth judge_values(const Item& item, Predicate predicate, Truth if_so) {
    const bool holds = has(item, Modifier::kAll) ? std::ranges::all_of(item.values, predicate)
                                                 : std::ranges::any_of(item.values, predicate);
    return holds ? if_so : Truth::kFalse;
  }

  const LogSchema& log_;
  std::vector<Truth> detections_;
};

// Calls `visit` for each item on a field.
template <typename Visit>
void for_each_item(const Detection& detection, const Visit& visit) {
  if (detection.kind == Detection::Kind::kItem) {
    if (!detection.item.field.empty()) visit(detection.item);
    return;
  }
  for (const Detection& child : detection.children) for_each_item(child, visit);
}

std::string name_of(const LogSource& source) {
  std::string name;
  for (const std::string* part : {&source.product, &source.service, &source.category}) {
    if (part->empty()) continue;
    if (!name.empty()) name += "/";
    name += *part;
  }
  return name.empty() ? "without product, service and category" : name;
}

std::string name_of(const LogSchema& log) {
  return name_of(LogSource{log.category, log.product, log.service});
}

// Whether any of the logs has the field; says so if all of them write it in another case.
bool knows_field(const Item& item, std::span<const Judge> judges, const std::string& log_names,
                 Reporter& reporter) {
  std::string_view known, written;
  for (const Judge& judge : judges) {
    const std::string_view member = judge.find_member(item.field);
    if (member.empty()) continue;
    known = member;
    written = std::string_view(item.field).substr(0, known.size());
    if (written == known) return true;
  }
  if (known.empty()) return false;
  reporter.report(Code::kOtherCaseField, item.at,
                  "events of " + log_names + " write '" + std::string(written) + "' as '" +
                      std::string(known) + "'",
                  "write '" + std::string(known) + "', as engines that mind case want it");
  return true;
}

void add_empty_lists(const Item& item, std::vector<std::string>& names) {
  for (const std::string& name : item.empty_lists) {
    const std::string shown = "%" + name + "%";
    if (std::ranges::find(names, shown) == names.end()) names.push_back(shown);
  }
}

Unbindable of_empty_lists(const std::vector<std::string>& lists, At at) {
  std::string names;
  for (const std::string& name : lists) names += (names.empty() ? "" : ", ") + name;
  const bool one = lists.size() == 1;
  return {(one ? "a list in it is empty: " : "lists in it are empty: ") + names,
          std::string("fill ") + (one ? "it" : "them") +
              " in content/context.yaml or content/placeholders.yaml",
          at};
}

}  // namespace

Unbindable find_why_unbindable(const Rule& rule, std::span<const LogSchema> logs,
                               Reporter& reporter) {
  if (logs.empty()) return {};
  std::vector<Judge> judges;
  std::string log_names;
  std::vector<std::string_view> members;
  for (const LogSchema& log : logs) {
    if (!suits(rule.logsource.product, log.product) ||
        !suits(rule.logsource.service, log.service) ||
        !suits(rule.logsource.category, log.category)) {
      continue;
    }
    judges.emplace_back(rule, log);
    if (!log_names.empty()) log_names += ", ";
    log_names += name_of(log);
    members.insert(members.end(), log.members.begin(), log.members.end());
  }
  if (judges.empty()) {
    std::string read;
    for (const LogSchema& log : logs) read += (read.empty() ? "" : ", ") + name_of(log);
    return {"no log that Stanch reads is " + name_of(rule.logsource),
            "what is read: " + read,
            {},
            "logsource"};
  }

  std::string missing;
  std::vector<std::string> empty;
  At missing_at, empty_at;
  for (const NamedDetection& named : rule.detections) {
    for_each_item(named.detection, [&](const Item& item) {
      if (item.values.empty()) {
        if (empty.empty()) empty_at = item.at;
        add_empty_lists(item, empty);
      }
      if (knows_field(item, judges, log_names, reporter)) return;
      reporter.report(Code::kUnknownLogField, item.at,
                      "events of " + log_names + " have no '" + item.field + "'",
                      did_you_mean(first_segment(item.field), members));
      if (missing.empty()) missing_at = item.at;
      missing += missing.empty() ? "" : ", ";
      missing += item.field;
    });
  }
  for (const Judge& judge : judges) {
    for (const Condition& condition : rule.conditions) {
      if (judge.judge(condition) != Truth::kFalse) return {};
    }
  }
  if (!missing.empty()) {
    return {"it needs fields that " + log_names + " does not have: " + missing,
            "look the names up in an event, or name another log source", missing_at};
  }
  if (empty.empty()) {
    return {"its condition is false for every event",
            "'stanch rules explain' shows which part of it is false",
            {}};
  }
  return of_empty_lists(empty, empty_at);
}

}  // namespace stanch::detect::sigma
