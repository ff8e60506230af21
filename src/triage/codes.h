#pragma once

#include <cstdint>
#include <span>

#include "base/diagnostic.h"

// What can be wrong with the tables of triage that people write.

namespace stanch::triage {

enum class TableCode : uint8_t { kSyntax, kType, kUnknown, kValue, kMissing, kTwice };

const DiagnosticCode& code_of(TableCode code);
std::span<const DiagnosticCode> table_codes();

}  // namespace stanch::triage
