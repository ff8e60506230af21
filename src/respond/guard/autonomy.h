#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostic.h"
#include "base/time.h"
#include "model/incident.h"
#include "respond/guard/control.h"
#include "respond/plan/plan.h"

// What response may do though nobody asked for it: content/autonomy.yaml, and what people promoted
// (docs/formats/autonomy.md). A fresh installation is in shadow.

namespace stanch::respond {

struct AutonomyRow {
  // Any of these; empty: whatever it is.
  std::vector<model::Severity> severities;
  std::vector<RiskClass> classes;
  std::vector<std::string> criticalities;
  std::optional<bool> is_confirmed;
  Autonomy then = Autonomy::kOne;
};

struct Asking {
  std::string role;
  Duration within{};
};

struct AutonomyTable {
  std::vector<AutonomyRow> rows;     // the first that fits counts; without any: Autonomy::kOne
  std::vector<Asking> ask;           // one after the other
  std::optional<Envelope> envelope;  // of the plans that the engine makes
};

// What autonomy.yaml says; mistakes, all at once, to `diagnostics`. A row that would let anything
// run alone but what is reversible and confirmed is a mistake.
void read_autonomy(const std::string& path, const std::string& text, AutonomyTable& table,
                   Diagnostics& diagnostics);

// What an incident and the inventory say of a step.
struct Circumstances {
  model::Severity severity = model::Severity::kS4;
  bool is_confirmed = false;  // two independent rules say so of the target
  bool is_recent = true;      // and what they saw was within kAloneWithin
  std::string criticality;    // of the target; "" if it is not in the inventory
  std::string environment;    // of the target; "" if nobody said
};

struct AutonomyDecision {
  Autonomy what = Autonomy::kOne;
  bool is_shadow = false;  // it would run, if somebody had promoted it
  std::string because;     // a sentence
};

// For a step that changes something. Whatever the table says, only what is reversible and confirmed
// runs.
AutonomyDecision decide_autonomy(const AutonomyTable& table, const Control& control,
                                 const Step& step, const Circumstances& of, Time now);

}  // namespace stanch::respond
