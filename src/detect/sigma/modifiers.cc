#include "detect/sigma/modifiers.h"

#include <array>

#include "base/check.h"

// A sequence of modifiers is read from left to right like a small machine: each modifier
// needs a certain state of the value, and leaves it in one. Everything that the machine
// cannot do is an error, with the reason of the modifier that could not go on.
//
//   kPlain ──re──▶ kRegex      kPlain ──cidr──▶ kNetwork     kPlain ──fieldref──▶ kFieldRef
//   kPlain ──base64 …──▶ kText ──contains …──▶ kWildcards (encodings no more)
//   kPlain ──minute …──▶ kTimePart ──gt …──▶ kNumber        kPlain ──exists──▶ kExists
//
// `all`, `neq` and `expand` change no state and may stand anywhere.

namespace stanch::detect::sigma {

namespace {

enum class State : uint8_t {
  kPlain,
  kText,
  kWildcards,
  kRegex,
  kAnchoredRegex,
  kNetwork,
  kNumber,
  kTimePart,
  kFieldRef,
  kAnchoredFieldRef,
  kExists,
};

enum class Group : uint8_t {
  kSubstring,
  kEncoding,
  kDashes,
  kCased,
  kRegex,
  kRegexFlag,
  kNetwork,
  kNumeric,
  kTime,
  kFieldRef,
  kExists,
  kAnywhere,
};

struct Row {
  std::string_view name;
  Modifier modifier;
  Group group;
};

// The first row of a modifier has its name, further ones are aliases.
constexpr std::array kRows = {
    Row{"contains", Modifier::kContains, Group::kSubstring},
    Row{"startswith", Modifier::kStartsWith, Group::kSubstring},
    Row{"endswith", Modifier::kEndsWith, Group::kSubstring},
    Row{"all", Modifier::kAll, Group::kAnywhere},
    Row{"exists", Modifier::kExists, Group::kExists},
    Row{"cased", Modifier::kCased, Group::kCased},
    Row{"neq", Modifier::kNeq, Group::kAnywhere},
    Row{"base64", Modifier::kBase64, Group::kEncoding},
    Row{"base64offset", Modifier::kBase64Offset, Group::kEncoding},
    Row{"utf16le", Modifier::kUtf16Le, Group::kEncoding},
    Row{"wide", Modifier::kUtf16Le, Group::kEncoding},
    Row{"utf16be", Modifier::kUtf16Be, Group::kEncoding},
    Row{"utf16", Modifier::kUtf16, Group::kEncoding},
    Row{"windash", Modifier::kWindash, Group::kDashes},
    Row{"re", Modifier::kRegex, Group::kRegex},
    Row{"i", Modifier::kRegexIgnoreCase, Group::kRegexFlag},
    Row{"ignorecase", Modifier::kRegexIgnoreCase, Group::kRegexFlag},
    Row{"m", Modifier::kRegexMultiLine, Group::kRegexFlag},
    Row{"multiline", Modifier::kRegexMultiLine, Group::kRegexFlag},
    Row{"s", Modifier::kRegexDotAll, Group::kRegexFlag},
    Row{"dotall", Modifier::kRegexDotAll, Group::kRegexFlag},
    Row{"lt", Modifier::kLt, Group::kNumeric},
    Row{"lte", Modifier::kLte, Group::kNumeric},
    Row{"gt", Modifier::kGt, Group::kNumeric},
    Row{"gte", Modifier::kGte, Group::kNumeric},
    Row{"minute", Modifier::kMinute, Group::kTime},
    Row{"hour", Modifier::kHour, Group::kTime},
    Row{"day", Modifier::kDay, Group::kTime},
    Row{"week", Modifier::kWeek, Group::kTime},
    Row{"month", Modifier::kMonth, Group::kTime},
    Row{"year", Modifier::kYear, Group::kTime},
    Row{"cidr", Modifier::kCidr, Group::kNetwork},
    Row{"expand", Modifier::kExpand, Group::kAnywhere},
    Row{"fieldref", Modifier::kFieldRef, Group::kFieldRef},
};

constexpr auto kNames = [] {
  std::array<std::string_view, kRows.size()> names;
  for (size_t i = 0; i < kRows.size(); ++i) names[i] = kRows[i].name;
  return names;
}();

constexpr Group group_of(Modifier modifier) {
  for (const Row& row : kRows) {
    if (row.modifier == modifier) return row.group;
  }
  CHECK(false);
}

std::string quoted(std::string_view name) { return "`" + std::string(name) + "`"; }

ModifierProblem must_be_first(Modifier modifier) {
  return {
      quoted(name_of(modifier)) + " must be the first modifier",
      "write it directly after the field name; remove the modifiers before it that change text"};
}

// The state after `modifier`, or why it cannot stand here.
std::optional<ModifierProblem> step(Modifier modifier, State& state) {
  const std::string name = quoted(name_of(modifier));
  switch (group_of(modifier)) {
    case Group::kAnywhere: return {};
    case Group::kSubstring:
      switch (state) {
        case State::kPlain:
        case State::kText: state = State::kWildcards; return {};
        case State::kWildcards: return {};
        case State::kRegex: state = State::kAnchoredRegex; return {};
        case State::kFieldRef: state = State::kAnchoredFieldRef; return {};
        default:
          return ModifierProblem{name + " compares text, and these values are none", "remove it"};
      }
    case Group::kEncoding:
      if (state == State::kPlain || state == State::kText) {
        state = State::kText;
        return {};
      }
      if (state == State::kWildcards) {
        return ModifierProblem{name + " cannot follow `contains`, `startswith` or `endswith`",
                               "those add wildcards: write them last"};
      }
      return ModifierProblem{name + " changes text, and these values are none", "remove it"};
    case Group::kDashes:
      if (state == State::kPlain) state = State::kText;
      if (state == State::kText || state == State::kWildcards) return {};
      return ModifierProblem{name + " changes text, and these values are none", "remove it"};
    case Group::kCased:
      if (state == State::kRegex || state == State::kAnchoredRegex) {
        return ModifierProblem{"`re` minds case already", "remove `cased`"};
      }
      if (state == State::kPlain) state = State::kText;
      if (state == State::kText || state == State::kWildcards || state == State::kFieldRef ||
          state == State::kAnchoredFieldRef) {
        return {};
      }
      return ModifierProblem{"`cased` is for text, and these values are none", "remove it"};
    case Group::kRegexFlag:
      if (state == State::kRegex) return {};
      return ModifierProblem{name + " is a flag of `re` and must directly follow it",
                             "write `re|" + std::string(name_of(modifier)) + "`"};
    case Group::kNumeric:
      if (state == State::kPlain || state == State::kTimePart) {
        state = State::kNumber;
        return {};
      }
      if (state == State::kNumber) {
        return ModifierProblem{"two comparisons in one item",
                               "write two items: `field|gte: 1` and `field|lt: 5`"};
      }
      return ModifierProblem{name + " compares numbers, and these values are none", "remove it"};
    case Group::kRegex:
    case Group::kNetwork:
    case Group::kTime:
    case Group::kFieldRef:
    case Group::kExists:
      if (state != State::kPlain) return must_be_first(modifier);
      switch (group_of(modifier)) {
        case Group::kRegex: state = State::kRegex; break;
        case Group::kNetwork: state = State::kNetwork; break;
        case Group::kTime: state = State::kTimePart; break;
        case Group::kFieldRef: state = State::kFieldRef; break;
        default: state = State::kExists; break;
      }
      return {};
  }
  CHECK(false);
}

}  // namespace

std::optional<Modifier> find_modifier(std::string_view name) {
  for (const Row& row : kRows) {
    if (row.name == name) return row.modifier;
  }
  return std::nullopt;
}

std::string_view name_of(Modifier modifier) {
  for (const Row& row : kRows) {
    if (row.modifier == modifier) return row.name;
  }
  CHECK(false);
}

std::span<const std::string_view> modifier_names() { return kNames; }

ItemForm form_of(std::span<const Modifier> modifiers) {
  ItemForm form = ItemForm::kText;
  for (const Modifier modifier : modifiers) {
    switch (group_of(modifier)) {
      case Group::kRegex: return ItemForm::kRegex;
      case Group::kNetwork: return ItemForm::kNetwork;
      case Group::kFieldRef: return ItemForm::kFieldRef;
      case Group::kExists: return ItemForm::kExists;
      case Group::kTime: return ItemForm::kTimePart;
      case Group::kNumeric: form = ItemForm::kNumber; break;
      default: break;
    }
  }
  return form;
}

std::optional<ModifierProblem> check_modifiers(std::span<const Modifier> modifiers,
                                               bool is_keyword) {
  State state = State::kPlain;
  for (size_t i = 0; i < modifiers.size(); ++i) {
    const Modifier modifier = modifiers[i];
    if (has(modifiers.first(i), modifier)) {
      return ModifierProblem{quoted(name_of(modifier)) + " stands twice", "remove one"};
    }
    if (auto problem = step(modifier, state)) return problem;
  }
  const ItemForm form = form_of(modifiers);
  if (is_keyword && form != ItemForm::kText && form != ItemForm::kRegex) {
    return ModifierProblem{"a modifier that needs a field, on keywords",
                           "put the name of the field before the first '|'"};
  }
  if (form == ItemForm::kExists || form == ItemForm::kFieldRef) {
    const std::string name = form == ItemForm::kExists ? "`exists`" : "`fieldref`";
    if (has(modifiers, Modifier::kExpand)) {
      return ModifierProblem{"`expand` cannot be combined with " + name, "write the value itself"};
    }
  }
  if (form == ItemForm::kExists && has(modifiers, Modifier::kAll)) {
    return ModifierProblem{"`all` cannot be combined with `exists`", "remove `all`"};
  }
  return {};
}

}  // namespace stanch::detect::sigma
