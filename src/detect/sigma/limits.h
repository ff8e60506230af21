#pragma once

#include <cstddef>
#include <cstdint>

// Everything in a rule file has a limit. Public rules stay far below: the largest known
// has a few hundred values and 30 KiB.

namespace stanch::detect::sigma {

inline constexpr size_t kFileBytesMax = size_t{1} << 20;
inline constexpr size_t kDocumentsMax = 10'000;   // of one file
inline constexpr size_t kNodesMax = 50'000;       // YAML values of one document
inline constexpr size_t kYamlDepthMax = 32;       // maps and lists inside each other
inline constexpr size_t kDetectionsMax = 500;     // search identifiers of one rule
inline constexpr size_t kValuesMax = 10'000;      // of one item, after `|expand`
inline constexpr size_t kRuleValuesMax = 20'000;  // of one rule, after `|expand`
inline constexpr size_t kValueBytesMax = 8'192;   // of one value
inline constexpr size_t kExpandedRegexBytesMax =
    65'536;  // of one expression, after `|expand`: some thousand accounts
inline constexpr size_t kModifiersMax = 12;  // of one item
inline constexpr size_t kConditionBytesMax = 8'192;
inline constexpr size_t kConditionDepthMax = 64;        // parentheses and `not` inside each other
inline constexpr size_t kConditionsMax = 100;           // of a list of conditions
inline constexpr size_t kTitleCharactersMax = 256;      // the specification's
inline constexpr size_t kDescriptionBytesMax = 65'535;  // the specification's

inline constexpr size_t kFilterRulesMax = 1000;       // that one filter names
inline constexpr size_t kCorrelationRulesMax = 50;    // that one correlation looks at
inline constexpr size_t kCorrelationFieldsMax = 10;   // of `group-by`, of `field`, of `aliases`
inline constexpr uint32_t kCorrelationDepthMax = 10;  // correlations of correlations
inline constexpr int64_t kTimespanSecondsMax = 31'556'952;  // one year
inline constexpr size_t kNumberBytesMax = 19;  // of a number in a correlation's condition

}  // namespace stanch::detect::sigma
