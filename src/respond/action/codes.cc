#include "respond/action/codes.h"

namespace stanch::respond {

namespace {

constexpr DiagnosticCode kActionCodes[] = {
    {"ACT001", "action-syntax", Severity::kError, "An action is not YAML as Stanch reads it."},
    {"ACT002", "action-unknown", Severity::kError, "A member that an action does not have."},
    {"ACT003", "action-missing", Severity::kError, "A member that an action needs is missing."},
    {"ACT004", "action-value", Severity::kError, "A value that its member cannot take."},
    {"ACT005", "action-expression", Severity::kError,
     "An expression is no JMESPath, or asks for a name that is not at hand there."},
    {"ACT006", "action-operation", Severity::kError,
     "A call of an operation that the table of operations does not have."},
    {"ACT007", "action-parameter", Severity::kError,
     "A parameter that the operation does not have, or one that it requires is missing."},
    {"ACT008", "action-unguarded", Severity::kError,
     "A write that nothing observed says whether it is needed: it would be done again and again."},
    {"ACT009", "action-no-way-back", Severity::kError,
     "An action that changes something says neither how to undo it nor why that is impossible."},
    {"ACT010", "action-unwatched", Severity::kError,
     "A reversible action without a verification, or without a watch."},
    {"ACT011", "action-twice", Severity::kError,
     "Two actions have one name; only the first is loaded."},
    {"ACT012", "action-named", Severity::kError,
     "An action names another that is not there, or that a mistake keeps from being loaded."},
};

}  // namespace

const DiagnosticCode& code_of(ActionCode code) { return kActionCodes[static_cast<size_t>(code)]; }
std::span<const DiagnosticCode> action_codes() { return kActionCodes; }

}  // namespace stanch::respond
