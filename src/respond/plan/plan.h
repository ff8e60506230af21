#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "codec/hash.h"
#include "codec/json_value.h"
#include "model/incident.h"
#include "respond/plan/compute.h"

// Exact calls, in their order, for one incident (docs/formats/plan.md). What people approve is the
// hash of the whole: any other call, target, order or risk is another plan.

namespace stanch::respond {

enum class PlanMode : uint8_t {
  kLive,  // to be done, by people or alone
  kUndo,  // takes back steps of another plan
};

struct Step {
  std::string id;  // "1", "2" …
  std::string action, action_version;
  Target target;
  RiskClass risk = RiskClass::kReversible;  // for this target
  std::vector<std::string> because;         // why that class
  std::vector<std::string> also_hits;       // who else: entities, or words
  std::vector<std::string> used;            // of an identity it cuts off: who works with it
  std::vector<std::string> after;           // ids of steps that end before this one begins
  std::vector<std::string> only_after;      // those of them that must have ended well
  bool restores_access = false;             // of an undo: gives an identity back what it could do
  bool is_evidence = false;                 // containment waits for it, unless the plan says not
  std::string undoes;                       // id of the step in the plan that is taken back
  std::string within;                       // hash of the plan whose envelope lets it go

  bool is_observed = false;        // else it was planned offline, and calls are not known
  codec::JsonValue state;          // as observed
  codec::JsonValue saved;          // of an undo: as it was before the change
  codec::JsonValue left;           // of an undo: as the change left it
  bool done = false;               // so already: nothing is written, but it is held
  std::vector<std::string> lacks;  // why it cannot be done
  std::vector<PlannedCall> calls;
};

// What an approval of the plan lets go beside: the same actions on what its targets make, for as
// long as that from the approval. So who mints a second key meanwhile wakes nobody again.
struct Envelope {
  uint64_t targets_max = 0;
  Duration lasts{};

  bool operator==(const Envelope&) const = default;
};
bool is_sound(const Envelope& envelope);  // neither empty nor larger than any may be

struct Plan {
  model::IncidentId incident;
  PlanMode mode = PlanMode::kLive;
  std::string playbook;
  std::vector<std::string> because;  // why these steps
  std::string contain_first;         // why containment does not wait for evidence; "" if it does
  std::string undoes;                // hash of the plan that it takes back
  std::string guards;                // guards_hash() of those under which it was made
  std::optional<Envelope> envelope;
  Time made{};
  std::vector<Step> steps;

  const Step* find(std::string_view id) const;
};

// What a step holds of its target: its action, with what that was told.
std::string aspect_of(const Step& step);

std::string_view name_of(PlanMode mode);

// "stanch.plan/1", canonical JSON. Its SHA-256, in hex, is what is approved.
std::string plan_document(const Plan& plan);
std::string plan_hash(const Plan& plan);
// Gives back what plan_document() wrote; kInvalid.
Result<Plan> read_plan(const codec::JsonValue& document);

}  // namespace stanch::respond
