#include "respond/codes.h"

namespace stanch::respond {

namespace {

constexpr DiagnosticCode kResponseCodes[] = {
    {"RSP001", "response-syntax", Severity::kError,
     "guards.yaml or a playbook is not YAML as Stanch reads it."},
    {"RSP002", "response-unknown", Severity::kError, "A member or a name that there is not."},
    {"RSP003", "response-missing", Severity::kError, "A member that is needed is missing."},
    {"RSP004", "response-value", Severity::kError, "A value that its member cannot take."},
    {"RSP005", "response-expression", Severity::kError,
     "An expression is no JMESPath, or asks for a name that is not at hand there."},
    {"RSP006", "response-twice", Severity::kError, "Something is given twice."},
};

}  // namespace

const DiagnosticCode& code_of(ResponseCode code) {
  return kResponseCodes[static_cast<size_t>(code)];
}
std::span<const DiagnosticCode> response_codes() { return kResponseCodes; }

}  // namespace stanch::respond
