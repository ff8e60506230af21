#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "model/rule.h"

// The checked tree of one Sigma v2.1 detection rule: what the author wrote, in
// the author's order, with nothing interpreted beyond YAML and the condition
// grammar; only placeholders are replaced by their values. Values are still escaped,
// modifiers not yet applied. It is the one thing that the engine (match/) and the naive
// evaluator (tests/naive) share. In a loaded rule all modifiers can stand together
// (modifiers.h), and all values fit them: expressions compile, networks are networks.
// https://github.com/SigmaHQ/sigma-specification, version 2.1.0

namespace stanch::detect::sigma {

struct At {
  uint32_t line = 0;    // 1-based
  uint32_t column = 0;  // 1-based
};

// A YAML scalar with its type (codec/yaml.h). Quoted scalars are always strings; the text of
// an integer or float is a number as JSON writes it.
enum class ScalarType : uint8_t { kNull, kBool, kInteger, kFloat, kString };

struct Scalar {
  ScalarType type = ScalarType::kString;
  std::string text;  // as written, after YAML's own unquoting
  At at;
};

enum class Modifier : uint8_t {
  kContains,
  kStartsWith,
  kEndsWith,
  kAll,
  kExists,
  kCased,
  kNeq,
  kBase64,
  kBase64Offset,
  kUtf16Le,
  kUtf16Be,
  kUtf16,  // `wide` reads as kUtf16Le
  kWindash,
  kRegex,
  kRegexIgnoreCase,
  kRegexMultiLine,
  kRegexDotAll,
  kLt,
  kLte,
  kGt,
  kGte,
  kMinute,
  kHour,
  kDay,
  kWeek,
  kMonth,
  kYear,
  kCidr,
  kFieldRef,
  kExpand,  // done already: the values are final
};

// `field|modifier|modifier: value(s)`. An empty field is a keyword item.
struct Item {
  std::string field;
  std::vector<Modifier> modifiers;  // in order
  // OR, or AND with kAll. Empty only where kExpand is present and its placeholders are empty
  // lists: then no value is matched, also with kAll (kNeq still negates that).
  std::vector<Scalar> values;
  std::vector<std::string> empty_lists;  // names of its placeholders that have no value
  At at;
};

// A search identifier's content: items of a map are kAll, members of a list kAny.
struct Detection {
  enum class Kind : uint8_t { kAll, kAny, kItem };
  Kind kind = Kind::kAll;
  std::vector<Detection> children;  // of kAll and kAny, never empty
  Item item;                        // of kItem
};

struct NamedDetection {
  std::string name;
  Detection detection;
  At at;
};

// The condition as a tree. `them` and name patterns are resolved: a quantifier
// lists the detections it spans.
struct Condition {
  enum class Kind : uint8_t { kAnd, kOr, kNot, kDetection, kAnyOf, kAllOf };
  Kind kind = Kind::kDetection;
  std::vector<Condition> children;   // of kAnd, kOr (two or more), kNot (one)
  std::vector<uint32_t> detections;  // indices into Rule::detections; one for kDetection, >= 1 else
};

struct LogSource {
  std::string category, product, service;  // empty: not given
};

struct Rule {
  model::RuleInfo info;
  std::string name;  // `name`, for correlations
  LogSource logsource;
  std::vector<NamedDetection> detections;
  std::vector<Condition> conditions;  // a list of conditions is OR-ed; never empty
  bool needs_data_events = false;     // `stanch.needs_data_events`: sees nothing without them
  std::string triage;                 // `stanch.triage`: what to look at first
};

}  // namespace stanch::detect::sigma
