#pragma once

#include <cstdint>
#include <span>

#include "base/diagnostic.h"

// What can be said about rule files: one row each, for docs/formats/codes.md, the command
// line and the tests. Ids are stable and never used again.

namespace stanch::detect::sigma {

enum class Code : uint8_t {
  kYamlSyntax,
  kNotUtf8,
  kTooLarge,
  kDuplicateKey,
  kNotARule,
  kMissingField,
  kWrongType,
  kTitleTooLong,
  kBadId,
  kBadLevel,
  kBadStatus,
  kBadDate,
  kBadTag,
  kBadRelated,
  kLikelyTypo,
  kStanchField,
  kDuplicateId,
  kUnknownModifier,
  kModifierCombination,
  kModifierValue,
  kBadNetwork,
  kBadRegex,
  kRemovedSyntax,
  kBadCondition,
  kUnknownDetection,
  kPatternNamesNothing,
  kUnusedDetection,
  kNullInList,
  kAllOfOne,
  kAmbiguousScalar,
  kEmptyDetection,
  kMatchesEverything,
  kUnknownPlaceholder,
  kEmptyPlaceholder,
  kPercentWithoutExpand,
  kFilterPolarity,
  kBadAction,
  kUnknownLogField,
  kBadLogSchema,
  kOtherCaseField,
  kEmptyFile,
  kUnknownCorrelationType,
  kBadTimespan,
  kUnknownRule,
  kCorrelationCycle,
  kCorrelationCondition,
  kBadAlias,
  kForgeableFilter,
  kFilterTerms,
  kFilterFitsNothing,
  kBadFieldMap,
  kUnsupportedMapping,
  kContradiction,
  kFilterHidesNothing,
};
inline constexpr size_t kCodes = 54;

const DiagnosticCode& row(Code code);
std::span<const DiagnosticCode> diagnostic_codes();  // in the order of their ids

}  // namespace stanch::detect::sigma
