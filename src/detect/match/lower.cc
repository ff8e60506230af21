// Item -> predicates. The modifiers before the last step change values
// (encodings, wildcards), from left to right; the others choose the question.

#include <algorithm>
#include <functional>
#include <optional>
#include <span>

#include "codec/base64.h"
#include "codec/utf8.h"
#include "detect/match/predicate.h"
#include "detect/sigma/modifiers.h"

namespace stanch::detect::match {

namespace {

using sigma::has;
using sigma::Modifier;
using sigma::Scalar;
using sigma::ScalarType;

std::optional<Comparison> comparison_of(Modifier modifier) {
  switch (modifier) {
    case Modifier::kLt: return Comparison::kLess;
    case Modifier::kLte: return Comparison::kLessOrEqual;
    case Modifier::kGt: return Comparison::kGreater;
    case Modifier::kGte: return Comparison::kGreaterOrEqual;
    default: return std::nullopt;
  }
}

std::optional<TimePart> time_part_of(Modifier modifier) {
  switch (modifier) {
    case Modifier::kMinute: return TimePart::kMinute;
    case Modifier::kHour: return TimePart::kHour;
    case Modifier::kDay: return TimePart::kDay;
    case Modifier::kWeek: return TimePart::kWeek;
    case Modifier::kMonth: return TimePart::kMonth;
    case Modifier::kYear: return TimePart::kYear;
    default: return std::nullopt;
  }
}

bool is_word(char c) {
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_';
}

// M9: every dash that starts a word, in each of its five shapes.
std::vector<std::string> windash(const std::string& text) {
  static constexpr std::string_view kDashes[] = {"-", "/", "\u2013", "\u2014", "\u2015"};
  std::vector<std::string> variants = {""};
  for (size_t i = 0; i < text.size(); ++i) {
    const bool starts_word = (text[i] == '-' || text[i] == '/') &&
                             (i == 0 || !is_word(text[i - 1])) && i + 1 < text.size() &&
                             is_word(text[i + 1]);
    if (!starts_word) {
      for (std::string& variant : variants) variant += text[i];
      continue;
    }
    std::vector<std::string> longer;
    for (const std::string& variant : variants) {
      for (const std::string_view dash : kDashes) longer.push_back(variant + std::string(dash));
    }
    variants = std::move(longer);
  }
  return variants;
}

// The text's UTF-16 code units (RFC 2781), little or big end first.
std::string utf16(std::string_view text, bool little, bool mark) {
  std::string out;
  const auto unit = [&](char32_t value) {
    const auto low = static_cast<char>(value & 0xFF);
    const auto high = static_cast<char>(value >> 8 & 0xFF);
    out += little ? low : high;
    out += little ? high : low;
  };
  if (mark) unit(0xFEFF);
  while (!text.empty()) {
    const codec::Utf8Step step = codec::decode_utf8(text);
    text.remove_prefix(step.length);
    if (step.code_point < 0x10000) {
      unit(step.code_point);
    } else {
      unit(0xD800 + ((step.code_point - 0x10000) >> 10));
      unit(0xDC00 + ((step.code_point - 0x10000) & 0x3FF));
    }
  }
  return out;
}

// What base64 makes of the text at each of the three offsets that it may have
// in an encoded whole, without the characters that its neighbours change.
std::vector<std::string> base64_offsets(std::string_view text) {
  static constexpr size_t kSkip[] = {0, 2, 3};
  static constexpr size_t kTrim[] = {0, 3, 2};
  std::vector<std::string> out;
  for (size_t offset = 0; offset < 3; ++offset) {
    const std::string encoded = codec::encode_base64(std::string(offset, ' ') + std::string(text));
    const size_t trim = kTrim[(text.size() + offset) % 3];
    out.push_back(encoded.substr(kSkip[offset], encoded.size() - kSkip[offset] - trim));
  }
  return out;
}

using Patterns = std::vector<TextPattern>;

// Replaces each pattern, which must be without wildcards, by others.
void expand(Patterns& patterns,
            const std::function<std::vector<std::string>(const std::string&)>& variants_of) {
  Patterns out;
  for (const TextPattern& pattern : patterns) {
    if (pattern.has_wildcards()) continue;
    for (const std::string& text : variants_of(pattern.literal_text())) {
      out.push_back(TextPattern::literal(text));
    }
  }
  patterns = std::move(out);
}

void apply(Modifier modifier, Patterns& patterns) {
  const auto one = [](std::string text) { return std::vector<std::string>{std::move(text)}; };
  switch (modifier) {
    case Modifier::kContains:
      for (TextPattern& p : patterns) p.add_any_in_front(), p.add_any_behind();
      break;
    case Modifier::kStartsWith:
      for (TextPattern& p : patterns) p.add_any_behind();
      break;
    case Modifier::kEndsWith:
      for (TextPattern& p : patterns) p.add_any_in_front();
      break;
    case Modifier::kBase64:
      expand(patterns, [&](const std::string& t) { return one(codec::encode_base64(t)); });
      break;
    case Modifier::kBase64Offset: expand(patterns, base64_offsets); break;
    case Modifier::kUtf16Le:
      expand(patterns, [&](const std::string& t) { return one(utf16(t, true, false)); });
      break;
    case Modifier::kUtf16Be:
      expand(patterns, [&](const std::string& t) { return one(utf16(t, false, false)); });
      break;
    case Modifier::kUtf16:
      expand(patterns, [&](const std::string& t) { return one(utf16(t, true, true)); });
      break;
    default: break;
  }
}

// M9 works on the text as written, so that wildcards beside the dash stay what they are.
Patterns patterns_of(const sigma::Item& item, const Scalar& value) {
  Patterns patterns;
  if (has(item, Modifier::kWindash)) {
    for (const std::string& text : windash(value.text))
      patterns.push_back(TextPattern::parse(text));
  } else {
    patterns.push_back(TextPattern::parse(value.text));
  }
  for (const Modifier modifier : item.modifiers) apply(modifier, patterns);
  return patterns;
}

bool changes_text(const sigma::Item& item) {
  return std::ranges::any_of(item.modifiers, [](Modifier m) {
    return m == Modifier::kContains || m == Modifier::kStartsWith || m == Modifier::kEndsWith ||
           m == Modifier::kCased || (m >= Modifier::kBase64 && m <= Modifier::kWindash);
  });
}

class Lowering {
 public:
  explicit Lowering(const sigma::Item& item) : item_(item) {}

  Predicate predicate(std::span<const Scalar> values) {
    Predicate out;
    out.field = item_.field;
    out.cased = has(item_, Modifier::kCased);
    choose_kind(out);
    for (const Scalar& value : values) add(value, out);
    const auto others = std::ranges::partition(out.texts, &TextPattern::is_exact);
    out.exact_texts = out.texts.size() - others.size();
    std::ranges::sort(out.texts.begin(), others.begin(), {}, &TextPattern::exact_text);
    out.key += std::to_string(static_cast<int>(out.kind)) + '\x1f' + out.field + '\x1f' +
               std::to_string(static_cast<int>(out.comparison)) +
               std::to_string(static_cast<int>(out.time_part)) +
               std::to_string(static_cast<int>(out.relation)) + (out.cased ? 'c' : 'f') + key_;
    return out;
  }

 private:
  void choose_kind(Predicate& out) {
    out.kind = PredicateKind::kValue;
    key_.clear();
    for (const Modifier modifier : item_.modifiers) {
      if (modifier == Modifier::kRegex) out.kind = PredicateKind::kRegex;
      if (modifier == Modifier::kCidr) out.kind = PredicateKind::kNetwork;
      if (modifier == Modifier::kExists) out.kind = PredicateKind::kExists;
      if (modifier == Modifier::kFieldRef) out.kind = PredicateKind::kFieldRef;
      if (const auto part = time_part_of(modifier)) {
        out.kind = PredicateKind::kTimePart;
        out.time_part = *part;
      }
      if (const auto comparison = comparison_of(modifier)) {
        if (out.kind != PredicateKind::kTimePart) out.kind = PredicateKind::kCompare;
        out.comparison = *comparison;
      }
      if (modifier == Modifier::kContains) out.relation = TextRelation::kContains;
      if (modifier == Modifier::kStartsWith) out.relation = TextRelation::kStartsWith;
      if (modifier == Modifier::kEndsWith) out.relation = TextRelation::kEndsWith;
    }
  }

  void add(const Scalar& value, Predicate& out) {
    key_ += '\x1e';
    switch (out.kind) {
      case PredicateKind::kValue: add_value(value, out); break;
      case PredicateKind::kRegex: add_regex(value, out); break;
      case PredicateKind::kNetwork:
        if (auto network = codec::parse_network(value.text)) {
          out.networks.push_back(*network);
          key_ += value.text;
        }
        break;
      case PredicateKind::kCompare:
      case PredicateKind::kTimePart:
        if (auto number = Decimal::parse_yaml(value.text)) {
          out.numbers.push_back(*number);
          key_ += value.text;
        }
        break;
      case PredicateKind::kExists:
        out.exists = value.text.starts_with('t') || value.text.starts_with('T');
        key_ += out.exists ? 't' : 'f';
        break;
      case PredicateKind::kFieldRef:
        out.other_fields.push_back(value.text);
        key_ += value.text;
        break;
      case PredicateKind::kNever: break;
    }
  }

  void add_value(const Scalar& value, Predicate& out) {
    const bool keyword = item_.field.empty();
    if (value.type == ScalarType::kNull) {
      out.null = true;
      key_ += 'n';
      return;
    }
    if (value.type == ScalarType::kBool && !keyword && !changes_text(item_)) {
      out.booleans.push_back(value.text.starts_with('t') || value.text.starts_with('T'));
      key_ += out.booleans.back() ? "bt" : "bf";
      return;
    }
    const bool number = value.type == ScalarType::kInteger || value.type == ScalarType::kFloat;
    if (number && !keyword && !changes_text(item_)) {
      if (auto decimal = Decimal::parse_yaml(value.text)) {
        out.numbers.push_back(*decimal);
        key_ += '#' + value.text;
        return;
      }
    }
    const bool anchored = has(item_, Modifier::kStartsWith) || has(item_, Modifier::kEndsWith);
    for (TextPattern& pattern : patterns_of(item_, value)) {
      if (keyword && !anchored) {  // K1
        pattern.add_any_in_front();
        pattern.add_any_behind();
      }
      pattern.finish(out.cased);
      key_ += pattern.key();
      out.texts.push_back(std::move(pattern));
    }
  }

  void add_regex(const Scalar& value, Predicate& out) {
    codec::Pattern::Options options;
    options.ignore_case = has(item_, Modifier::kRegexIgnoreCase);
    options.multi_line = has(item_, Modifier::kRegexMultiLine);
    options.dot_all = has(item_, Modifier::kRegexDotAll);
    std::string text = value.text;
    // M2. \A and \z are the ends of the text whatever `m` makes of ^ and $.
    if (has(item_, Modifier::kStartsWith)) text = "\\A(?:" + text + ")";
    if (has(item_, Modifier::kEndsWith)) text = "(?:" + text + ")\\z";
    if (auto pattern = codec::Pattern::compile(text, options)) {
      out.expressions.emplace_back(std::move(*pattern));
      key_ += (options.ignore_case ? "i" : "-") + std::string(options.multi_line ? "m" : "-") +
              (options.dot_all ? "s" : "-") + std::to_string(text.size()) + ':' + text;
    }
  }

  const sigma::Item& item_;
  std::string key_;
};

}  // namespace

LoweredItem lower(const sigma::Item& item) {
  LoweredItem out;
  out.negated = has(item, Modifier::kNeq);
  Lowering lowering(item);
  if (item.values.empty()) {  // M11: an empty placeholder
    Predicate never;
    never.key = "never";
    out.all.push_back(std::move(never));
  } else if (has(item, Modifier::kAll)) {
    for (const Scalar& value : item.values) out.all.push_back(lowering.predicate({&value, 1}));
  } else {
    out.all.push_back(lowering.predicate(item.values));
  }
  return out;
}

}  // namespace stanch::detect::match
