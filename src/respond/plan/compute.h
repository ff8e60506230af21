#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "respond/action/call_value.h"
#include "respond/plan/observe.h"

// From the state of a target to what has to be written: pure, so that plans, executors and tests of
// actions agree.

namespace stanch::respond {

// One write, with its holes.
struct PlannedCall {
  std::string id;  // "isolate", or "isolate.1" for the second of several items
  std::string service, operation;
  std::string account, region;
  CallValue with;
  Repeat repeat = Repeat::kDesiredState;
  std::vector<std::string> already, gone;

  bool operator==(const PlannedCall&) const = default;
};

struct Computed {
  std::vector<std::string> hits;   // who else: entity ids
  std::vector<std::string> lacks;  // why it cannot be done, for people; empty: it can
  bool done = false;               // nothing needs to be written
  std::vector<PlannedCall> calls;  // unless it is done, or cannot be
};
// kInvalid if an expression of the action fails on this state.
Result<Computed> compute(const Subject& subject, const codec::JsonValue& state);

// Whether what a check asks for is so. `saved`: the state before the change.
Result<bool> holds(const Subject& subject, const codec::Jmespath& that,
                   const codec::JsonValue& state, const codec::JsonValue& saved);

// Why what a check asks for can never become so: the text that `never` gives, or that it is so. "":
// it still may.
Result<std::string> why_never(const Subject& subject, const Check& check,
                              const codec::JsonValue& state, const codec::JsonValue& saved);

// What takes the change back, computed from the state now and before. Requires an action with undo.
Result<Computed> compute_undo(const Subject& subject, const codec::JsonValue& state,
                              const codec::JsonValue& saved);

// What of the state is neither as the change left it nor as it was before, of all that its undo
// asks to be the same: somebody else changed it since. Null: nothing. Requires an action with undo.
const std::string* find_changed(const Undo& undo, const codec::JsonValue& state,
                                const codec::JsonValue& left, const codec::JsonValue& saved);

// Whether `planned` may go out as `now`: they are the same, but that what `planned` leaves to an
// earlier call's result may be known by now.
bool covers(const PlannedCall& planned, const PlannedCall& now);

// "isolate" of "isolate.1".
std::string_view base_of(std::string_view call);

// Whether `now` is what was planned for the action's change: the same calls, but that items of a
// list that shrinks may be missing.
bool still_follows(const Action& action, std::span<const PlannedCall> planned,
                   std::span<const PlannedCall> now);

// Whether both set the same thing to something else, so that the second would take back what the
// first wrote: their texts, but for documents, say which thing it is, the rest what it is to be.
bool write_the_same(const PlannedCall& one, const PlannedCall& other);

}  // namespace stanch::respond
