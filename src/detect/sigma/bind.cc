#include "detect/sigma/bind.h"

#include <algorithm>
#include <optional>
#include <vector>

#include "base/ascii.h"
#include "base/suggest.h"
#include "detect/fields/names.h"
#include "detect/sigma/modifiers.h"

// Can any event satisfy the rule? Three-valued logic: an item is false or true if that holds
// for every event of the log, unknown otherwise. All that is known of a log is which members its
// events can have; an item on any other field sees an absent field always. Members are paths. Of
// one that no other goes on below, nothing is known that stands in it: it may have any field.
// A rule is impossible if every log that suits its log source makes all its conditions false.

namespace stanch::detect::sigma {

namespace {

enum class Truth : uint8_t { kFalse, kUnknown, kTrue };  // in this order, `and` is min

Truth negate(Truth truth) {
  if (truth == Truth::kUnknown) return truth;
  return truth == Truth::kTrue ? Truth::kFalse : Truth::kTrue;
}

// L1: a key excludes a log only if both sides have it and they differ.
bool suits(std::string_view wanted, std::string_view given) {
  return wanted.empty() || given.empty() || equal_ignoring_ascii_case(wanted, given);
}

bool is_below(std::string_view name, std::string_view object) {
  return name.size() > object.size() && name[object.size()] == '.' &&
         fields::starts_with_name(name, object);
}

class Judge {
 public:
  Judge(const Rule& rule, const LogSchema& log, bool has_data_events = true)
      : log_(log), has_data_events_(has_data_events) {
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

  // As much of the field's name as is known, as events write it; that in the same case before
  // one in another (F2). Empty: no event has the field. A member's key may hold dots, so that
  // names are compared as a whole.
  std::string find_member(std::string_view field) const {
    const std::string name = fields::place_name(field);
    std::string found;
    for (const std::string& member : log_.members) {
      std::string_view known;
      if (fields::is_same_name(member, name) || is_below(member, name)) {
        known = std::string_view(member).substr(0, name.size());
      } else if (is_below(name, member) && is_open(member)) {
        known = member;
      }
      if (known.empty()) continue;
      if (name.starts_with(known)) return std::string(known);
      if (found.empty()) found = known;
    }
    return found;
  }

  bool has_field(std::string_view field) const {
    return has_others() || !find_member(field).empty();
  }

  const LogSchema& log() const { return log_; }

  // The list is not all: events may have other members.
  bool has_others() const { return std::ranges::find(log_.members, "*") != log_.members.end(); }

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
    if (!has_data_events_ && form == ItemForm::kText && is_of_data_events(item)) {
      return Truth::kFalse;
    }
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

  bool is_of_data_events(const Item& item) const {
    const auto row = std::ranges::find_if(log_.data_events, [&](const auto& each) {
      return fields::is_same_name(each.first, fields::plain_name(item.field));
    });
    if (row == log_.data_events.end()) return false;
    const bool is_plain = !has(item, Modifier::kContains) && !has(item, Modifier::kStartsWith) &&
                          !has(item, Modifier::kEndsWith);
    return is_plain && std::ranges::all_of(item.values, [&](const Scalar& value) {
             return std::ranges::any_of(row->second, [&](const std::string& known) {
               return fields::is_same_name(known, value.text);
             });
           });
  }

  bool is_open(const std::string& member) const {
    return std::ranges::none_of(log_.members,
                                [&](const std::string& other) { return is_below(other, member); });
  }

  const LogSchema& log_;
  bool has_data_events_;
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

std::string_view last_segment(std::string_view name) {
  return name.substr(name.rfind('.') + 1);  // npos + 1 is 0
}

// The member whose whole name is most like that of the field; else the one whose last part is.
std::string suggest(std::string_view field, std::span<const std::string_view> members) {
  const std::string name = fields::place_name(field);
  std::vector<std::string_view> ends, heads;
  for (const std::string_view member : members) {
    if (last_segment(member) == last_segment(name)) {
      return "did you mean '" + std::string(member) + "'?";
    }
    ends.push_back(last_segment(member));
    heads.push_back(member.substr(0, member.find('.')));
  }
  if (std::string hint = did_you_mean(name, members); !hint.empty()) return hint;
  const std::string_view similar = find_similar(last_segment(name), ends);
  if (!similar.empty()) {
    const auto at = std::ranges::find(ends, similar) - ends.begin();
    return "did you mean '" + std::string(members[at]) + "'?";
  }
  return did_you_mean(name.substr(0, name.find('.')), heads);
}

// Whether any of the logs has the field; says so if all of them write it in another case.
bool knows_field(const Item& item, std::span<const Judge> judges, const std::string& log_names,
                 Reporter& reporter) {
  std::string known, written;
  for (const Judge& judge : judges) {
    std::string member = judge.find_member(item.field);
    if (member.empty()) continue;
    known = std::move(member);
    written = fields::place_name(item.field).substr(0, known.size());
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

// The logs that suit a rule.
struct Suiting {
  Suiting(const Rule& rule, std::span<const LogSchema> logs) {
    std::vector<std::string> each;
    for (const LogSchema& log : logs) {
      if (!suits(rule.logsource.product, log.product) ||
          !suits(rule.logsource.service, log.service) ||
          !suits(rule.logsource.category, log.category)) {
        continue;
      }
      judges.emplace_back(rule, log);
      if (std::ranges::find(each, name_of(log)) == each.end()) each.push_back(name_of(log));
      members.insert(members.end(), log.members.begin(), log.members.end());
    }
    for (const std::string& name : each) names += (names.empty() ? "" : ", ") + name;
  }
  std::vector<Judge> judges;
  std::string names;
  std::vector<std::string_view> members;
};

}  // namespace

Unbindable find_why_unbindable(const Rule& rule, std::span<const LogSchema> logs,
                               Reporter& reporter) {
  if (logs.empty()) return {};
  const Suiting suiting(rule, logs);
  const std::vector<Judge>& judges = suiting.judges;
  const std::string& log_names = suiting.names;
  const std::vector<std::string_view>& members = suiting.members;
  if (judges.empty()) {
    std::string read;
    for (const LogSchema& log : logs) {
      if (!read.contains(name_of(log))) read += (read.empty() ? "" : ", ") + name_of(log);
    }
    return {"no log that Stanch reads is " + name_of(rule.logsource),
            "what is read: " + read,
            {},
            "logsource"};
  }

  std::string missing, nearest;
  std::vector<std::string> empty;
  At missing_at, empty_at;
  for (const NamedDetection& named : rule.detections) {
    for_each_item(named.detection, [&](const Item& item) {
      if (item.values.empty()) {
        if (empty.empty()) empty_at = item.at;
        add_empty_lists(item, empty);
      }
      if (knows_field(item, judges, log_names, reporter)) return;
      std::string hint = suggest(item.field, members);
      if (std::ranges::any_of(judges, &Judge::has_others)) {
        // Worth a word only if it looks like a slip of the pen.
        if (!hint.empty()) {
          reporter.report(Code::kUnknownLogField, item.at,
                          "'" + item.field + "' is no known field of " + log_names,
                          std::move(hint));
        }
        return;
      }
      reporter.report(Code::kUnknownLogField, item.at,
                      "events of " + log_names + " have no '" + item.field + "'", std::move(hint));
      if (missing.empty()) missing_at = item.at;
      if (nearest.empty()) nearest = suggest(item.field, members);
      missing += missing.empty() ? "" : ", ";
      missing += item.field;
    });
  }
  const auto may_hold = [&](const Judge& judge) {
    return std::ranges::any_of(rule.conditions, [&](const Condition& condition) {
      return judge.judge(condition) != Truth::kFalse;
    });
  };
  if (std::ranges::any_of(judges, may_hold)) {
    const bool without = std::ranges::any_of(
        judges, [&](const Judge& judge) { return may_hold(Judge(rule, judge.log(), false)); });
    Unbindable bindable;
    bindable.needs_data_events = rule.needs_data_events || !without;
    return bindable;
  }
  if (!missing.empty()) {
    return {"it needs fields that " + log_names + " does not have: " + missing,
            nearest.empty() ? "look the names up in an event, or name another log source"
                            : std::move(nearest),
            missing_at};
  }
  if (empty.empty()) {
    return {"its condition is false for every event",
            "'stanch rules explain' shows which part of it is false",
            {}};
  }
  return of_empty_lists(empty, empty_at);
}

std::optional<UnknownField> find_unknown_field(const LogSource& source,
                                               std::span<const std::string> names,
                                               std::span<const LogSchema> logs) {
  Rule rule;
  rule.logsource = source;
  const Suiting suiting(rule, logs);
  if (suiting.judges.empty()) return std::nullopt;
  std::string hint;
  for (const std::string& name : names) {
    const auto knows = [&](const Judge& judge) { return !judge.find_member(name).empty(); };
    if (std::ranges::any_of(suiting.judges, knows)) return std::nullopt;
    if (hint.empty()) hint = suggest(name, suiting.members);
  }
  // As of items: where events may have other members, worth a word only if it looks like a slip.
  if (std::ranges::any_of(suiting.judges, &Judge::has_others) && hint.empty()) return std::nullopt;
  return UnknownField{"events of " + suiting.names + " have no '" + names.front() + "'",
                      std::move(hint)};
}

}  // namespace stanch::detect::sigma
