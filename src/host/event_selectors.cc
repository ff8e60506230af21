#include "host/event_selectors.h"

#include <algorithm>
#include <initializer_list>
#include <vector>

// A trail records an event that any of its selectors takes. A basic selector takes all that it
// names; an advanced one what all of its conditions hold for.
// https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_EventSelector.html
// https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_DataResource.html
// https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_AdvancedFieldSelector.html

namespace stanch::host {

namespace {

using codec::JsonValue;

constexpr ReadsAndWrites kBoth = {Share::kAll, Share::kAll};
constexpr ReadsAndWrites kUnknownBoth = {Share::kUnknown, Share::kUnknown};

ReadsAndWrites greater(const ReadsAndWrites& a, const ReadsAndWrites& b) {
  return {std::max(a.reads, b.reads), std::max(a.writes, b.writes)};
}
ReadsAndWrites capped(const ReadsAndWrites& of, Share cap) {
  return {std::min(of.reads, cap), std::min(of.writes, cap)};
}
ReadsAndWrites lesser(const ReadsAndWrites& a, const ReadsAndWrites& b) {
  return {std::min(a.reads, b.reads), std::min(a.writes, b.writes)};
}

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

// "arn:aws:s3", "arn:aws:s3:::", "arn:aws-cn:lambda": the beginning of every ARN of the service
// that the type is of.
bool is_whole_service(std::string_view type, std::string_view arn) {
  const size_t begin = type.find("::");
  if (begin == type.npos || !arn.starts_with("arn:")) return false;
  std::string_view service = type.substr(begin + 2);
  service = service.substr(0, service.find("::"));
  const size_t partition_end = arn.find(':', 4);
  if (partition_end == arn.npos || partition_end == 4) return false;
  std::string_view rest = arn.substr(partition_end + 1);
  while (rest.ends_with(':')) rest.remove_suffix(1);
  return std::ranges::equal(rest, service, {}, lower, lower);
}

// The only sources that AWS lets a trail leave out; there is much of both, and little in it.
constexpr std::string_view kMayBeLeftOut[] = {"kms.amazonaws.com", "rdsdata.amazonaws.com"};

// The one selector's part.
void take_management(const ReadsAndWrites& kinds, std::set<std::string> without,
                     Recorded& recorded) {
  const bool is_usual = std::ranges::all_of(without, [](const std::string& source) {
    return std::ranges::find(kMayBeLeftOut, source) != std::end(kMayBeLeftOut);
  });
  Recorded part;
  part.management = is_usual ? kinds : capped(kinds, Share::kSome);
  part.management_without = std::move(without);
  recorded.add(part);
}
void take_data(const std::string& type, const ReadsAndWrites& kinds, Recorded& recorded) {
  ReadsAndWrites& of = recorded.data.try_emplace(type, recorded.other_data).first->second;
  of = greater(of, kinds);
}

std::set<std::string> texts_of(const JsonValue& list) {
  std::set<std::string> texts;
  if (!list.is_array()) return texts;
  for (const JsonValue& each : list.array()) {
    if (!each.text_or_empty().empty()) texts.insert(each.string());
  }
  return texts;
}

// ---------------------------------------------------------------- basic selectors

ReadsAndWrites basic_kinds(const JsonValue& type) {
  if (type.is_null() || type.text_or_empty() == "All") return kBoth;  // "By default, … All"
  if (type.text_or_empty() == "ReadOnly") return {Share::kAll, Share::kNone};
  if (type.text_or_empty() == "WriteOnly") return {Share::kNone, Share::kAll};
  return kUnknownBoth;
}

void take_basic(const JsonValue& selector, Recorded& recorded) {
  if (!selector.is_object()) return recorded.add(unknown_recorded());
  const ReadsAndWrites kinds = basic_kinds(selector["ReadWriteType"]);
  const JsonValue& management = selector["IncludeManagementEvents"];
  if (management.is_null() || management.is_true_like()) {  // "By default, the value is true"
    take_management(kinds, texts_of(selector["ExcludeManagementEventSources"]), recorded);
  }
  const JsonValue& resources = selector["DataResources"];
  if (!resources.is_array()) return;
  for (const JsonValue& resource : resources.array()) {
    const std::string& type = resource["Type"].text_or_empty();
    if (type.empty()) {
      recorded.add(unknown_recorded().data_only());
      continue;
    }
    const std::set<std::string> values = texts_of(resource["Values"]);
    if (values.empty()) continue;
    const bool is_whole = std::ranges::any_of(
        values, [&](const std::string& arn) { return is_whole_service(type, arn); });
    take_data(type, capped(kinds, is_whole ? Share::kAll : Share::kSome), recorded);
  }
}

// ---------------------------------------------------------------- advanced selectors

constexpr const char* kOperators[] = {"Equals",    "StartsWith",    "EndsWith",
                                      "NotEquals", "NotStartsWith", "NotEndsWith"};

// The values, if that operator is the condition's only one.
std::set<std::string> only(const JsonValue& condition, std::string_view wanted) {
  for (const char* each : kOperators) {
    if (each != wanted && !texts_of(condition[each]).empty()) return {};
  }
  return texts_of(condition[wanted]);
}

ReadsAndWrites advanced_kinds(const JsonValue& condition) {
  const std::set<std::string> values = only(condition, "Equals");
  if (values == std::set<std::string>{"true"}) return {Share::kAll, Share::kNone};
  if (values == std::set<std::string>{"false"}) return {Share::kNone, Share::kAll};
  return values == std::set<std::string>{"false", "true"} ? kBoth : kUnknownBoth;
}

// What the conditions of one selector come to.
struct Conditions {
  std::set<std::string> categories, types, without, arn_begins;
  ReadsAndWrites kinds = kBoth;
  bool is_narrowed = false;  // by what is not looked at here: names of events, ARNs, …

  void add(const JsonValue& condition) {
    const std::string& field = condition["Field"].text_or_empty();
    if (field == "eventCategory") {
      categories = only(condition, "Equals");
    } else if (field == "resources.type") {
      types = only(condition, "Equals");
    } else if (field == "readOnly") {
      kinds = lesser(kinds, advanced_kinds(condition));
    } else if (field == "eventSource" && !only(condition, "NotEquals").empty()) {
      without.merge(only(condition, "NotEquals"));
    } else if (field == "resources.ARN" && !only(condition, "StartsWith").empty()) {
      arn_begins.merge(only(condition, "StartsWith"));
    } else {
      is_narrowed = true;
    }
  }
};

void take_advanced(const JsonValue& selector, Recorded& recorded) {
  const JsonValue& fields = selector["FieldSelectors"];
  Conditions conditions;
  if (fields.is_array()) {
    for (const JsonValue& each : fields.array()) conditions.add(each);
  }
  if (conditions.categories.empty()) return recorded.add(unknown_recorded());
  if (conditions.categories.contains("Management")) {
    const bool is_narrowed =
        conditions.is_narrowed || !conditions.types.empty() || !conditions.arn_begins.empty();
    take_management(capped(conditions.kinds, is_narrowed ? Share::kSome : Share::kAll),
                    conditions.without, recorded);
  }
  if (!conditions.categories.contains("Data")) return;  // also: network activity, insights
  if (conditions.types.empty()) return recorded.add(unknown_recorded().data_only());
  for (const std::string& type : conditions.types) {
    const bool all_arns = conditions.arn_begins.empty() ||
                          std::ranges::any_of(conditions.arn_begins, [&](const std::string& arn) {
                            return is_whole_service(type, arn);
                          });
    const bool is_narrowed = conditions.is_narrowed || !conditions.without.empty() || !all_arns;
    take_data(type, capped(conditions.kinds, is_narrowed ? Share::kSome : Share::kAll), recorded);
  }
}

}  // namespace

std::string_view name_of(Share share) {
  switch (share) {
    case Share::kNone: return "off";
    case Share::kUnknown: return "unknown";
    case Share::kSome: return "some";
    case Share::kAll: return "all";
  }
  return "";
}

Share ReadsAndWrites::whole() const {
  if (reads == writes) return reads;
  return std::max(reads, writes) >= Share::kSome ? Share::kSome : Share::kUnknown;
}

ReadsAndWrites Recorded::data_of(std::string_view type) const {
  const auto found = data.find(type);
  return found == data.end() ? other_data : found->second;
}

void Recorded::add(const Recorded& other) {
  // Whoever leaves nothing out makes good for the other. Else nobody looks which of them leaves out
  // what: rather one source too many is said to be missing than too few.
  const auto has_all = [](const Recorded& of) {
    return of.management.whole() == Share::kAll && of.management_without.empty();
  };
  if (has_all(*this) || has_all(other)) {
    management_without.clear();
  } else {
    management_without.insert(other.management_without.begin(), other.management_without.end());
  }
  management = greater(management, other.management);
  for (auto& [type, kinds] : data) kinds = greater(kinds, other.data_of(type));
  for (const auto& [type, kinds] : other.data) {
    data.try_emplace(type, greater(other_data, kinds));
  }
  other_data = greater(other_data, other.other_data);
}

Recorded Recorded::at_most(Share cap) const {
  Recorded less = *this;
  less.management = capped(management, cap);
  for (auto& [type, kinds] : less.data) kinds = capped(kinds, cap);
  less.other_data = capped(other_data, cap);
  return less;
}

Recorded Recorded::data_only() const {
  Recorded less = *this;
  less.management = {};
  less.management_without.clear();
  return less;
}

Recorded unknown_recorded() {
  Recorded recorded;
  recorded.management = recorded.other_data = kUnknownBoth;
  return recorded;
}

Recorded recorded_by(const JsonValue& selectors) {
  const JsonValue& basic = selectors["EventSelectors"];
  const JsonValue& advanced = selectors["AdvancedEventSelectors"];
  if (!basic.is_array() && !advanced.is_array()) return unknown_recorded();
  Recorded recorded;
  bool has_any = false;
  for (const JsonValue* list : {&basic, &advanced}) {
    if (!list->is_array()) continue;
    for (const JsonValue& selector : list->array()) {
      list == &basic ? take_basic(selector, recorded) : take_advanced(selector, recorded);
      has_any = true;
    }
  }
  // "By default, trails created without specific event selectors will be configured to log all read
  // and write management events, and no data events."
  if (!has_any) recorded.management = kBoth;
  return recorded;
}

}  // namespace stanch::host
