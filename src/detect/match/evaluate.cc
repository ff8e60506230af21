#include "detect/match/evaluate.h"

#include <algorithm>
#include <chrono>

#include "base/check.h"
#include "codec/fold.h"
#include "codec/timestamp.h"
#include "model/finding.h"

namespace stanch::detect::match {

namespace {

bool compares(std::strong_ordering order, Comparison comparison) {
  switch (comparison) {
    case Comparison::kEqual: return order == 0;
    case Comparison::kLess: return order < 0;
    case Comparison::kLessOrEqual: return order <= 0;
    case Comparison::kGreater: return order > 0;
    case Comparison::kGreaterOrEqual: return order >= 0;
  }
  CHECK(false);
}

// Calls `test` with the text of a scalar, or of each scalar leaf of an object and then its
// compact JSON text (V2), until it says true.
template <typename Test>
bool any_text(ResolvedValue& value, Test test) {
  if (value.view.is_null()) return false;
  if (!value.view.is_object()) return test(value);
  std::vector<ResolvedValue> leaves;
  append_scalars(value.view, leaves);
  for (ResolvedValue& leaf : leaves) {
    if (test(leaf)) return true;
  }
  std::string scratch;
  ResolvedValue whole{.view = value.view,
                      .text = codec::compact_text(value.view, scratch),
                      .folded = {},
                      .has_text = true,
                      .has_folded = false};
  return test(whole);
}

// The first `exact` patterns are plain texts in rising order.
bool any_matches(std::span<const TextPattern> patterns, size_t exact, std::string_view text) {
  const auto plain = patterns.first(exact);
  const auto at = std::ranges::lower_bound(plain, text, {}, &TextPattern::exact_text);
  if (at != plain.end() && at->exact_text() == text) return true;
  return std::ranges::any_of(patterns.subspan(exact),
                             [&](const TextPattern& pattern) { return pattern.matches(text); });
}

bool text_holds(const Predicate& predicate, ResolvedValue& value, EventReader& event) {
  if (predicate.texts.empty()) return false;
  return any_text(value, [&](ResolvedValue& leaf) {
    const std::string_view text = predicate.cased ? event.text(leaf) : event.folded(leaf);
    return any_matches(predicate.texts, predicate.exact_texts, text);
  });
}

// V5. A number, or a string that is one.
std::optional<Decimal> number_of(ResolvedValue& value, EventReader& event) {
  if (!value.view.is_number() && !value.view.is_string()) return std::nullopt;
  return Decimal::parse(event.text(value));
}

bool number_holds(const Predicate& predicate, ResolvedValue& value, EventReader& event) {
  if (predicate.numbers.empty()) return false;
  const std::optional<Decimal> number = number_of(value, event);
  return number && std::ranges::any_of(predicate.numbers, [&](const Decimal& wanted) {
           return compares(*number <=> wanted, predicate.comparison);
         });
}

// V6: the boolean, or a string that says so.
bool boolean_holds(const Predicate& predicate, ResolvedValue& value, EventReader& event) {
  if (predicate.booleans.empty() || (!value.view.is_bool() && !value.view.is_string()))
    return false;
  const std::string_view text = event.folded(value);
  return std::ranges::any_of(predicate.booleans,
                             [&](bool wanted) { return text == (wanted ? "true" : "false"); });
}

// M7, in UTC.
int64_t part_of(Time time, TimePart part) {
  using namespace std::chrono;
  const auto day = floor<days>(time);
  const year_month_day date(day);
  const hh_mm_ss clock(floor<minutes>(time - day));
  switch (part) {
    case TimePart::kMinute: return clock.minutes().count();
    case TimePart::kHour: return clock.hours().count();
    case TimePart::kDay: return static_cast<unsigned>(date.day());
    case TimePart::kMonth: return static_cast<unsigned>(date.month());
    case TimePart::kYear: return static_cast<int>(date.year());
    case TimePart::kWeek: {
      // ISO 8601: the week of this day's Thursday, counted from that Thursday's year.
      const auto thursday = day - (weekday(day) - Monday) + days(3);
      const auto first = sys_days(year_month_day(thursday).year() / January / 1);
      return (thursday - first).count() / 7 + 1;
    }
  }
  CHECK(false);
}

bool time_holds(const Predicate& predicate, ResolvedValue& value, EventReader& event) {
  if (!value.view.is_string()) return false;
  const std::optional<Time> time = codec::parse_timestamp(event.text(value));
  if (!time) return false;
  const auto part = Decimal::parse(std::to_string(part_of(*time, predicate.time_part)));
  return std::ranges::any_of(predicate.numbers, [&](const Decimal& wanted) {
    return compares(*part <=> wanted, predicate.comparison);
  });
}

bool regex_holds(const Predicate& predicate, ResolvedValue& value, EventReader& event) {
  return any_text(value, [&](ResolvedValue& leaf) {
    const std::string_view text = event.text(leaf);
    return std::ranges::any_of(predicate.expressions,
                               [&](const Expression& e) { return e.search(text); });
  });
}

bool network_holds(const Predicate& predicate, ResolvedValue& value, EventReader& event) {
  if (!value.view.is_string()) return false;
  const auto address = codec::parse_address(event.text(value));
  return address && std::ranges::any_of(predicate.networks, [&](const codec::Network& network) {
           return codec::is_inside(*address, network);
         });
}

bool relates(std::string_view text, std::string_view other, TextRelation relation) {
  switch (relation) {
    case TextRelation::kEqual: return text == other;
    case TextRelation::kContains: return text.find(other) != std::string_view::npos;
    case TextRelation::kStartsWith: return text.starts_with(other);
    case TextRelation::kEndsWith: return text.ends_with(other);
  }
  CHECK(false);
}

bool field_ref_holds(const BoundPredicate& bound, ResolvedValue& value, EventReader& event) {
  const Predicate& predicate = bound.predicate;
  const auto text_of = [&](ResolvedValue& v) {
    return predicate.cased ? event.text(v) : event.folded(v);
  };
  for (const uint32_t other : bound.other_fields) {
    // The field may be this one: its values must not move, so they are taken by number.
    ResolvedField& field = event.field(other);
    for (ResolvedValue& candidate : field.values) {
      if (!candidate.view.is_scalar() || candidate.view.is_null()) continue;
      if (!value.view.is_scalar() || value.view.is_null()) continue;
      if (relates(text_of(value), text_of(candidate), predicate.relation)) return true;
    }
  }
  return false;
}

}  // namespace

EventReader::EventReader(const FieldTable& fields) : finder_(fields), resolved_(fields.size()) {}

void EventReader::start(codec::JsonView event) {
  event_ = event;
  ++number_;
  finder_.start(event);
  embedded_.clear();
  arena_.clear();
}

ResolvedField& EventReader::field(uint32_t number) {
  ResolvedField& resolved = resolved_[number];
  if (resolved.event == number_) return resolved;
  resolved.event = number_;
  bool simple = false;
  if (const codec::JsonView view = finder_.find_simple(number, simple); simple) {
    resolved.present = view.exists();
    resolved.one = {.view = view, .text = {}, .folded = {}};
    resolved.values = {&resolved.one, resolved.present ? size_t{1} : 0};
    return resolved;
  }
  found_.clear();
  finder_.find(number, embedded_, found_);
  resolved.present = found_.present;
  resolved.many.clear();
  for (const codec::JsonView view : found_.values) {
    resolved.many.push_back({.view = view, .text = {}, .folded = {}});
  }
  resolved.values = resolved.many;
  return resolved;
}

std::span<ResolvedValue> EventReader::scalars() {
  if (scalars_.event != number_) {
    scalars_.event = number_;
    scalars_.many.clear();
    append_scalars(event_, scalars_.many);
    scalars_.values = scalars_.many;
  }
  return scalars_.values;
}

std::string_view EventReader::text(ResolvedValue& value) {
  if (!value.has_text) {
    value.text = value.view.raw();
    if (value.view.is_string() && !value.view.is_plain()) {
      value.text = arena_.store(value.view.text(scratch_));
    }
    value.has_text = true;
  }
  return value.text;
}

std::string_view EventReader::folded(ResolvedValue& value) {
  if (!value.has_folded) {
    const std::string_view plain = text(value);
    value.folded = codec::fold_case(plain, scratch_);
    if (value.folded.data() != plain.data()) value.folded = arena_.store(value.folded);
    value.has_folded = true;
  }
  return value.folded;
}

void append_scalars(codec::JsonView view, std::vector<ResolvedValue>& out) {
  const codec::JsonDocument* document = view.document();
  // The node list holds keys too: the children of an object alternate. Objects and arrays are
  // walked member by member, with the open ones on a stack of their own.
  struct Open {
    uint32_t at, end;
    bool object;
  };
  std::vector<Open> open;
  const auto visit = [&](uint32_t node) {
    const codec::JsonView value(document, node);
    if (value.is_object() || value.is_array()) {
      open.push_back({node + 1, value.node().next, value.is_object()});
    } else if (!value.is_null()) {
      out.push_back({.view = value, .text = {}, .folded = {}});
    }
  };
  visit(view.index());
  while (!open.empty()) {
    Open& top = open.back();
    if (top.at == top.end) {
      open.pop_back();
      continue;
    }
    const uint32_t value = top.object ? top.at + 1 : top.at;
    top.at = document->nodes[value].next;
    visit(value);
  }
}

bool value_holds(const BoundPredicate& bound, ResolvedValue& value, EventReader& event) {
  const Predicate& predicate = bound.predicate;
  switch (predicate.kind) {
    case PredicateKind::kValue:
      return (predicate.null && value.view.is_null()) || text_holds(predicate, value, event) ||
             number_holds(predicate, value, event) || boolean_holds(predicate, value, event);
    case PredicateKind::kRegex: return regex_holds(predicate, value, event);
    case PredicateKind::kNetwork: return network_holds(predicate, value, event);
    case PredicateKind::kCompare: return number_holds(predicate, value, event);
    case PredicateKind::kTimePart: return time_holds(predicate, value, event);
    case PredicateKind::kFieldRef: return field_ref_holds(bound, value, event);
    case PredicateKind::kExists:
    case PredicateKind::kNever: return false;
  }
  CHECK(false);
}

bool holds(const BoundPredicate& bound, EventReader& event) {
  const Predicate& predicate = bound.predicate;
  if (predicate.kind == PredicateKind::kNever) return false;
  if (bound.field == kKeywordField) {
    return std::ranges::any_of(
        event.scalars(), [&](ResolvedValue& value) { return value_holds(bound, value, event); });
  }
  ResolvedField& field = event.field(bound.field);
  if (predicate.kind == PredicateKind::kExists) return field.present == predicate.exists;
  if (predicate.kind == PredicateKind::kValue && predicate.null && !field.present) return true;
  return std::ranges::any_of(
      field.values, [&](ResolvedValue& value) { return value_holds(bound, value, event); });
}

std::string display_text(ResolvedValue& value, EventReader& event) {
  std::string out;
  if (value.view.is_object()) {
    codec::append_compact(value.view, out);
  } else {
    out = event.text(value);
  }
  if (out.size() > model::kMatchedValueBytesMax) {
    size_t end = model::kMatchedValueBytesMax;
    while (end > 0 && (static_cast<unsigned char>(out[end]) & 0xC0) == 0x80) --end;
    out.resize(end);
  }
  return out;
}

}  // namespace stanch::detect::match
