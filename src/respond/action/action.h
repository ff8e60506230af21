#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/diagnostic.h"
#include "base/time.h"
#include "codec/jmespath/jmespath.h"
#include "respond/action/template.h"
#include "respond/limits.h"

// What can be done to a target, as data: content/actions/*/*.yaml (docs/formats/actions.md).

namespace stanch::respond {

enum class Phase : uint8_t { kPreserve, kContain, kEradicate, kRecover, kInform };
// How bad it may be, the mildest first. For a given target it may be worse.
enum class RiskClass : uint8_t { kRead, kAdditive, kReversible, kDisruptive, kIrreversible };
// Why a call may be repeated when nobody knows whether it was done.
enum class Repeat : uint8_t {
  kDesiredState,  // it sets what is to be; again it changes nothing
  kClientToken,   // the provider knows the token
  kOwnName,       // what it makes has a name of this incident alone
  kLock,          // it holds only for a version that was seen
  kMark,          // what it makes bears a mark, which is looked for first
  kOnce,          // it may not; whether it was done then only people can find out
};

// What an action leaves of an identity that is its target.
enum class CutsOff : uint8_t {
  kNothing,  // all of it, or it is for no identity
  kSome,     // what it does is interrupted, or goes on from some places alone
  kAll,      // nothing, or not what it had the rights to
};

inline constexpr RiskClass kRiskClasses[] = {RiskClass::kRead, RiskClass::kAdditive,
                                             RiskClass::kReversible, RiskClass::kDisruptive,
                                             RiskClass::kIrreversible};

std::string_view name_of(Phase phase);
std::string_view name_of(RiskClass risk);
std::string_view name_of(Repeat repeat);

struct OperationName {
  std::string service, operation;  // "iam", "UpdateAccessKey"
};

// What an action has to be told beside its target, as a text.
struct Parameter {
  std::string name;                      // `given.NAME`
  std::string what;                      // for people
  std::optional<std::string> otherwise;  // where nobody says it
};

// A call that only reads.
struct ReadCall {
  std::string id;  // its answer is at hand by this name
  OperationName name;
  bool all_pages = false;
  std::string account;  // the parameter that says where it is called; "": as Action::account says
  Template with;
  std::optional<codec::Jmespath> when;  // else it is not made, and its answer is null
  // Once for each of these, which is `item`; the answer is the list of {item, answer}.
  std::optional<codec::Jmespath> for_each;
  std::vector<std::string> absent;  // error codes that say: there is none; its answer is null
};

struct WriteCall {
  std::string id;
  OperationName name;
  std::string account;  // as of a read
  Template with;
  std::optional<codec::Jmespath> when;      // else it is not made
  std::optional<codec::Jmespath> for_each;  // once for each of these, which is `item`
  bool shrinks = false;  // items that are no more since it was planned make nothing stale
  Repeat repeat = Repeat::kDesiredState;
  std::vector<std::string> already;  // error codes that say: that is so already
  std::vector<std::string> gone;     // … that say: what it would take away is gone
  // What its `answer` says where it was refused all the same: {code, message}; else none does.
  std::optional<codec::Jmespath> refused;
};

struct Named {
  std::string name;
  codec::Jmespath expression;
};

struct Need {
  codec::Jmespath that;
  std::string otherwise;  // why it cannot be done, for people
};

struct Check {
  codec::Jmespath that;
  Duration within{};                     // providers are consistent in the end
  std::optional<codec::Jmespath> never;  // why it can never come true; nothing true: it still may
};

struct Undo {
  std::optional<codec::Jmespath> that;  // else there is nothing to undo
  std::vector<std::string> same;        // names of the state that nobody may have changed since
  std::vector<WriteCall> change;
  std::optional<Check> verify;
  bool restores_access = false;  // gives an identity back what it could do
};

struct Action {
  std::string name;     // "aws.iam.deactivate-access-key"
  std::string version;  // SHA-256 of the bytes of its file, as hex
  Place place;          // of its name
  std::string title, description;
  Phase phase = Phase::kContain;
  RiskClass risk = RiskClass::kReversible;
  std::string target;  // type of entity: "aws:access-key"
  CutsOff cuts_off = CutsOff::kNothing;
  std::vector<std::string> techniques, pitfalls;
  std::vector<std::string> evidence;  // actions that come first
  // Actions that, where they are planned for the same target, must have ended well before.
  std::vector<std::string> prepared_by;
  std::vector<Parameter> parameters;
  bool is_global = false;  // called in the home region of the service, not the target's
  // Parameters that say in which account and region it is called instead; "": the target's.
  std::string account, region;

  std::vector<ReadCall> observe;
  std::vector<Named> state;                           // of what was observed
  std::vector<std::string> secret;                    // names of it that may hold secrets
  std::vector<std::pair<std::string, Template>> let;  // constants
  std::vector<codec::Jmespath> hits;                  // entities that a step hits beside its target
  std::vector<Need> needs;
  std::optional<codec::Jmespath> done;  // nothing needs to be written; always there
  std::vector<WriteCall> change;
  std::optional<Check> verify;
  std::optional<codec::Jmespath> watch;
  std::optional<Check> sealed;
  // Of evidence: how long containment of its target waits for it, and which actions do; empty: all.
  Duration time_box = kEvidenceWithin;
  std::vector<std::string> holds_up;
  std::optional<Undo> undo;
  std::string irreversible;  // why there is no undo

  // Whether all that it changes has names of one incident alone. Then each incident takes back its
  // own, and what others hold stays shut by theirs.
  bool makes_only_own() const {
    return std::ranges::all_of(
        change, [](const WriteCall& call) { return call.repeat == Repeat::kOwnName; });
  }
};

// It takes evidence, and changes nothing else.
bool is_evidence(const Action& action);

const Parameter* find_parameter(const Action& action, std::string_view name);  // null: none

// Whether it is for entities of that type.
bool is_for(const Action& action, std::string_view type);

// Whether of targets of that type a plan says who else uses them.
bool is_identity(std::string_view type);

bool is_action_name(std::string_view name);     // "aws.iam.deactivate-access-key"
bool is_parameter_name(std::string_view name);  // "evidence_account"
bool is_target_type(std::string_view type);     // "aws:access-key", "any"

using Actions = std::map<std::string, Action, std::less<>>;  // by name

// Reads one file of one action. Nothing if there is an error; all of them are in `diagnostics`.
std::optional<Action> read_action(const std::string& path, const std::string& text,
                                  Diagnostics& diagnostics);

struct ActionText {
  std::string path, text;
};
// Reads many: those without a mistake. Of two with one name the second is a mistake.
Actions read_actions(std::span<const ActionText> texts, Diagnostics& diagnostics);

}  // namespace stanch::respond
