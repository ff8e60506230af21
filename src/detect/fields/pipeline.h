#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "codec/pattern.h"
#include "detect/detect.h"
#include "detect/sigma/rule.h"

// A field map as a checked tree: which names and values of rules become which, and when
// (docs/formats/fields.md). Its form is that of a processing pipeline of pySigma.

namespace stanch::detect::fields {

// What is asked of a rule, of one of its items, or of an item's field.
struct Condition {
  enum class Kind : uint8_t {
    kLogSource,         // of a rule: it has what `source` says
    kContainsField,     // some item is on the field `name`
    kContainsItem,      // and has `value`
    kIsRule,            // always so: correlations are not mapped
    kIsCorrelation,     // never so
    kAttribute,         // its `name` is `value`
    kTag,               // it has the tag `name`
    kApplied,           // the transformation `name` was applied to it
    kMatchString,       // of an item: its texts are matched by the one pattern, at their beginning
    kMatchValue,        // its values are `value`
    kIsNull,            // its values are null
    kContainsWildcard,  // its texts have wildcards
    kIncludeFields,     // of a field: it is one of `texts`, or matched by one of `patterns`
    kExcludeFields,     // it is none of them
  };
  Kind kind = Kind::kIsRule;
  sigma::LogSource source;
  std::string name;
  sigma::Scalar value;
  std::vector<std::string> texts;
  std::vector<codec::Pattern> patterns;
  bool all = false;     // of an item's values: all of them, not just some
  bool negate = false;  // of kMatchString
};

struct Conditions {
  std::vector<Condition> list;  // none: it holds
  bool any = false;             // one suffices
  bool negated = false;
};

struct Row {
  std::string from;
  std::vector<std::string> to;  // never empty
};

struct Transformation {
  enum class Kind : uint8_t {
    kFieldMapping,          // rows of fields
    kPrefixMapping,         // rows of what fields begin with
    kPrefix,                // `text` in front of each field
    kSuffix,                // or behind it
    kMapString,             // rows of values
    kReplaceString,         // what `pattern` finds in values becomes `text`
    kChangeLogSource,       // to `source`
    kAddCondition,          // `added` must hold too, or must not
    kValuePlaceholders,     // the pipeline's `vars` are values of placeholders
    kWildcardPlaceholders,  // placeholders without values stand for anything
  };
  Kind kind = Kind::kFieldMapping;
  std::string id;
  Conditions rule, item, field;
  std::vector<Row> rows;
  std::string text;
  std::optional<codec::Pattern> pattern;
  sigma::LogSource source;
  sigma::NamedDetection added;
  bool negated = false;
  std::vector<std::string> include, exclude;  // names of placeholders; empty include: all
};

struct Pipeline {
  std::string path;
  int64_t priority = 0;
  Placeholders vars;
  std::vector<Transformation> transformations;  // in the order in which they are applied
};

inline constexpr size_t kTransformationsMax = 200;  // of one file
inline constexpr size_t kConditionsMax = 50;        // of one transformation
inline constexpr size_t kRowsMax = 2'000;           // of one mapping
inline constexpr size_t kAlternativesMax = 32;      // of one row
inline constexpr size_t kNameBytesMax = 1'024;      // of a field's name

}  // namespace stanch::detect::fields
