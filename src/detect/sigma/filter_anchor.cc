#include "detect/sigma/filter_anchor.h"

#include <algorithm>
#include <array>
#include <initializer_list>
#include <ranges>
#include <string>
#include <string_view>

#include "base/ascii.h"
#include "detect/sigma/modifiers.h"

// An item is an anchor if it must hold for something to be hidden, and an attacker cannot make it
// hold at will. Down the tree goes what is asked for: that the condition holds, or that it does
// not. Of what must all be so, one anchor is enough; of what is one or the other, each must have
// one. What must not hold never is one: all the world is not somebody.
//
//   hidden: robot and 1 of agents*       robot is an anchor, the agents need none
//   hidden: robot or agent               both must have one
//   hidden: not (prod or not robot)      = not prod, and robot: robot is one

namespace stanch::detect::sigma {

namespace anchors {

// What an attacker chooses, or can come by: who knows that it is hidden. Last parts of paths.
constexpr std::array<std::string_view, 23> kForgeable = {
    "useragent",
    "user_agent",
    "rawuseragent",
    "clientinfostring",
    "callersupplieduseragent",
    "rolesessionname",
    "sessionname",
    "sourceipaddress",
    "calleripaddress",
    "callerip",
    "ipaddress",
    "ipaddresses",
    "clientip",
    "clientipaddress",
    "client_ip",
    "clientaddr",
    "sourceips",
    "actoripaddress",
    "actor_ip",
    "remoteip",
    "remote_ip",
    "srcaddr",
    "src_ip",
};

// Their ends are the name of the session, which the caller of AssumeRole chooses.
constexpr std::array<std::string_view, 2> kEndForgeable = {"useridentity.arn",
                                                           "useridentity.principalid"};

// What follows from an address.
constexpr std::array<std::string_view, 2> kOfAddress = {"geographicalcontext", "securitycontext"};

bool has_any(const Item& item, std::initializer_list<Modifier> modifiers) {
  return std::ranges::any_of(modifiers, [&](Modifier one) { return has(item, one); });
}

bool is_expression(const Item& item) {
  return has_any(item, {Modifier::kRegex, Modifier::kRegexIgnoreCase, Modifier::kRegexMultiLine,
                        Modifier::kRegexDotAll});
}

bool is_tag(std::string_view part) {
  return part.starts_with("tag") || part.ends_with("tag") || part.ends_with("tags");
}

bool is_forgeable(std::string_view field) {
  std::string_view last;
  for (const auto part : field | std::views::split('.')) {
    last = std::string_view(part);
    if (is_tag(last) || std::ranges::find(kOfAddress, last) != kOfAddress.end()) return true;
  }
  return std::ranges::find(kForgeable, last) != kForgeable.end();
}

// Whether the beginning of what is matched is left open.
bool begins_anyhow(const Item& item, const Scalar& value) {
  if (has_any(item, {Modifier::kContains, Modifier::kEndsWith})) return true;
  if (is_expression(item)) {
    return !has(item, Modifier::kStartsWith) &&
           (!value.text.starts_with('^') || value.text.substr(1).starts_with('.'));
  }
  return value.text.starts_with('*') || value.text.starts_with('?');
}

// Whether it says nothing: every text, or none.
bool says_nothing(const Item& item, const Scalar& value) {
  if (value.type == ScalarType::kNull) return true;
  if (!is_expression(item)) return value.text.find_first_not_of("*?") == value.text.npos;
  return std::ranges::none_of(value.text, [](unsigned char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c >= 0x80;
  });
}

bool is_anchor(const Item& item) {
  if (item.field.empty()) return false;
  if (has_any(item, {Modifier::kNeq, Modifier::kExists, Modifier::kFieldRef, Modifier::kMinute,
                     Modifier::kHour, Modifier::kDay, Modifier::kWeek, Modifier::kMonth,
                     Modifier::kYear})) {
    return false;
  }
  const std::string field = ascii_lower(item.field);
  if (is_forgeable(field)) return false;
  const bool end_forgeable = std::ranges::find(kEndForgeable, field) != kEndForgeable.end();
  const auto is_strong = [&](const Scalar& value) {
    return !says_nothing(item, value) && !(end_forgeable && begins_anyhow(item, value));
  };
  return has(item, Modifier::kAll) ? std::ranges::any_of(item.values, is_strong)
                                   : std::ranges::all_of(item.values, is_strong);
}

bool is_anchored(const Detection& detection) {
  const auto child = [](const Detection& one) { return is_anchored(one); };
  switch (detection.kind) {
    case Detection::Kind::kItem: return is_anchor(detection.item);
    case Detection::Kind::kAll: return std::ranges::any_of(detection.children, child);
    case Detection::Kind::kAny: return std::ranges::all_of(detection.children, child);
  }
  return false;
}

// That it holds, or with `holds` false, that it does not.
bool is_anchored(const Condition& condition, bool holds, const Rule& filter) {
  const auto child = [&](const Condition& one) { return is_anchored(one, holds, filter); };
  const auto named = [&](uint32_t index) {
    return is_anchored(filter.detections[index].detection);
  };
  switch (condition.kind) {
    case Condition::Kind::kNot: return is_anchored(condition.children.front(), !holds, filter);
    case Condition::Kind::kAnd:
      return holds ? std::ranges::any_of(condition.children, child)
                   : std::ranges::all_of(condition.children, child);
    case Condition::Kind::kOr:
      return holds ? std::ranges::all_of(condition.children, child)
                   : std::ranges::any_of(condition.children, child);
    case Condition::Kind::kAllOf: return holds && std::ranges::any_of(condition.detections, named);
    case Condition::Kind::kDetection:
    case Condition::Kind::kAnyOf: return holds && std::ranges::all_of(condition.detections, named);
  }
  return false;
}

}  // namespace anchors

bool is_anchored(const Rule& filter, bool hides) {
  const auto anchored = [&](const Condition& condition) {
    return anchors::is_anchored(condition, hides, filter);
  };
  return hides ? std::ranges::all_of(filter.conditions, anchored)
               : std::ranges::any_of(filter.conditions, anchored);
}

}  // namespace stanch::detect::sigma
