#include "triage/codes.h"

namespace stanch::triage {

namespace {

constexpr DiagnosticCode kCodes[] = {
    {"TRI001", "table-syntax", stanch::Severity::kError,
     "severity.yaml or a file of assets is not YAML or CSV as Stanch reads it."},
    {"TRI002", "table-type", stanch::Severity::kError,
     "A member of such a table holds a list, map or scalar where another is needed."},
    {"TRI003", "table-unknown", stanch::Severity::kError,
     "A member that such a table does not have."},
    {"TRI004", "table-value", stanch::Severity::kError, "A value that its member cannot take."},
    {"TRI005", "table-missing", stanch::Severity::kError, "A member that a row needs is missing."},
    {"TRI006", "table-twice", stanch::Severity::kError, "Something is given twice."},
};

}  // namespace

const DiagnosticCode& code_of(TableCode code) { return kCodes[static_cast<size_t>(code)]; }
std::span<const DiagnosticCode> table_codes() { return kCodes; }

}  // namespace stanch::triage
