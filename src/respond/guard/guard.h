#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "respond/guard/autonomy.h"
#include "respond/guard/control.h"
#include "respond/guard/tables.h"
#include "respond/plan/plan_book.h"

// What forbids a step, or asks for people: one file a guard, each a pure function of what is known.
// All are asked before every write; what the strictest of them asks for counts.

namespace stanch::respond {

enum class GuardAsks : uint8_t {
  kOne,      // approval by one person
  kTwo,      // by two
  kNothing,  // forbidden: no approval helps
};

struct GuardStop {
  std::string guard;
  GuardAsks asks = GuardAsks::kNothing;
  std::vector<std::string> because;  // in sentences
};

std::string_view name_of(GuardAsks asks);  // "one", "two", "nothing"

// The earlier plan in whose envelope a step wants to be.
struct Enveloped {
  const PlanState* plan = nullptr;
  size_t before = 0;       // targets that came into it earlier
  bool is_minted = false;  // the target was made by what that plan contains
};
// How many other targets came into the envelope of plan `within` before this step did: the same
// whoever asks, and when.
size_t enveloped_before(const PlanBook& book, const std::string& within, const std::string& plan,
                        const Step& step);
// Whether that plan's envelope may let such a step go, but for who approved it and when.
bool is_in_envelope(const PlanState& plan, const Step& step);
// Whether it is this step of it that does.
bool lets_go(const PlanState& plan, const Step& approved, const Step& step);

// What guards know.
struct GuardInput {
  const PlanState& plan;
  const Step& step;
  const GuardTables& tables;
  const Control& control;
  std::function<bool(const std::string&)> protects =
      {};                          // whether the inventory does; may be empty
  std::set<std::string> own = {};  // who we are: entity ids of our role, user, key, host, account …
  uint64_t spent_on_incident = 0, spent_in_hour = 0;  // steps that wrote in the last hour
  bool is_automatic = false;                          // no person said that it is to be done now
  const AutonomyDecision* alone = nullptr;            // of what the engine does: how far it goes
  std::optional<Enveloped> envelope = {};             // of Step::within
  Time now{};
};

// The target of the step, and what else it hits: of all of these the guards ask.
std::vector<std::string> hit_by(const Step& step);

// The account of its target, those in which it writes, and those of what else it hits.
std::set<std::string> accounts_of(const Step& step);

std::optional<GuardStop> kill_switch(const GuardInput& input);
std::optional<GuardStop> same_guards(const GuardInput& input);
std::optional<GuardStop> own_identity(const GuardInput& input);
std::optional<GuardStop> protected_list(const GuardInput& input);
std::optional<GuardStop> budget(const GuardInput& input);
std::optional<GuardStop> change_freeze(const GuardInput& input);
std::optional<GuardStop> autonomy(const GuardInput& input);
std::optional<GuardStop> risk_class(
    const GuardInput& input);  // what the class of the step asks for

// Who approved the step first when, as far as it counts: by a signature of a registered key, one
// each; and whoever nobody checked.
struct Approvers {
  std::map<std::string, Time> proven, unverified;

  bool any() const { return !proven.empty() || !unverified.empty(); }
};
Approvers approvers_of(const GuardInput& input);
// Whether as many approved an earlier plan whose envelope lets the step go. It counts for what the
// class of the step and autonomy ask for, and for no other guard.
bool is_enveloped(const GuardInput& input, GuardAsks asks);

// Of what as many approved as it takes.
std::optional<GuardStop> soak(const GuardInput& input);

// Asks all guards, and counts approvals. Nothing: the step may go on.
std::optional<GuardStop> check_guards(const GuardInput& input);

// Whether a step writes something that is not only evidence or visibility: undoing and evidence go
// on where containment is stopped.
bool changes_something(const PlanState& plan, const Step& step);

}  // namespace stanch::respond
