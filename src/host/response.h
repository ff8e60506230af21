#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/diagnostic.h"
#include "base/result.h"
#include "cloud/webhook/client.h"
#include "codec/sealing.h"
#include "env/env.h"
#include "host/aws_caller.h"
#include "ledger/ledger.h"
#include "respond/action/action.h"
#include "respond/execute/executor.h"
#include "respond/execute/make_undo.h"
#include "respond/guard/guard.h"
#include "respond/limits.h"
#include "respond/playbook/playbook.h"
#include "triage/assets.h"
#include "triage/state.h"

// Plans of an incident: made, approved, applied, watched, undone.

namespace stanch::host {

// Who says what nobody asked for.
inline constexpr std::string_view kEngineActor = "engine";

// What the content says about response.
struct ResponseTables {
  respond::Actions actions;
  respond::Playbooks playbooks;
  respond::GuardTables guards;
  respond::AutonomyTable autonomy;
  triage::Assets assets;
  std::map<std::string, std::string> parameters;  // PlanRequest::parameters
  cloud::webhook::Webhooks webhooks;
  std::vector<std::string> own_accounts, break_glass;  // of context.yaml
  std::optional<codec::SealingKey> evidence_key;       // for whom evidence with secrets is sealed
  Diagnostics diagnostics;                             // with errors they must not be used
};
Result<ResponseTables> load_response_tables(env::Env& env, const std::string& content);

// Where things are; all must outlive whoever holds it.
struct Responding {
  env::Env& env;
  ledger::Ledger& ledger;
  const ResponseTables& tables;
  cloud::Caller& caller;
  AwsIdentity identity;
  std::string actor;
  std::string stop_flag;                   // path of this machine's kill switch
  std::string evidence_folder = {};        // where this machine keeps sealed evidence
  size_t at_once = respond::kStepsAtOnce;  // steps of a plan
  // Nobody asked for what is done, and this says how far each step goes. Empty: a person asked.
  std::function<respond::AutonomyDecision(const respond::Control&, const respond::Step&)> alone =
      {};

  Result<respond::Journal> open_journal(const model::IncidentId& incident) const {
    return respond::Journal::open(env.clock, ledger, incident, actor);
  }
};

// "ACTION@ENTITY" of people, with the account and region that the incident's findings or the
// options say where the entity's id does not. kInvalid says what is missing.
struct Wish {
  std::string action, entity, account, region;
  std::map<std::string, std::string> given = {};  // Target::given

  bool operator==(const Wish&) const = default;
};
// Whether the event of the finding names the entity, whoever did it.
bool names(const triage::Finding& finding, const std::string& entity);
// Where it is: as its name says, else as wished, else as findings say, else `region`.
Result<respond::Target> place(const Wish& wish, const triage::IncidentState& state,
                              const std::string& region);

// What is to be done, and why.
struct Wishes {
  std::vector<Wish> wishes;
  std::vector<respond::Expanded::Task> tasks;  // for people
  std::vector<std::string> because;
  std::string playbook;       // the names, with ", " between them
  std::string contain_first;  // why containment does not wait for evidence; "": it does
  std::string region;         // where nothing else says it
  bool is_offline = false;    // the cloud is not read
  std::optional<respond::Envelope> envelope = {};
  // What a person says to all actions that take it; counts more than what playbooks say.
  std::map<std::string, std::string> given = {};
};
// What playbooks say of this incident: the one that is named, or all that apply; of one target, or
// of all to which they apply. kInvalid says why nothing comes of it.
struct PlaybookChoice {
  std::string playbook, target, account, region;  // each may be ""
};
Result<Wishes> ask_playbooks(const ResponseTables& tables, const triage::IncidentState& state,
                             const PlaybookChoice& choice);

// Looks at the targets, and makes the plan known in their incident. Returns the plan's hash.
Result<std::string> make_plan(const Responding& with, respond::Journal& journal,
                              const triage::IncidentState& state, const Wishes& wishes);
// The tasks that go with it: those that the incident has not, by their titles.
Result<> add_tasks(const Responding& with, const model::IncidentId& incident,
                   const std::vector<respond::Expanded::Task>& tasks);
Result<std::string> make_undo_plan(const Responding& with, const triage::IncidentState& state,
                                   const std::string& plan, const std::vector<std::string>& steps);

// The plan of that incident whose hash begins so; without a beginning the only one, or for kAny the
// latest, of these.
enum class WhichPlan : uint8_t {
  kOpen,     // that has not ended: of these, one that has something left to do
  kToApply,  // the same; and the latest, if none has anything left
  kAny,      // ended or not
  kToUndo,   // that did something which was not taken back, ended or not
};
// kNotFound; kInvalid if there are several, which it names.
Result<respond::PlanState> find_plan(const Responding& with, const model::IncidentId& incident,
                                     const std::string& beginning, WhichPlan which);

// What a step still waits for; nothing: it may go on.
Result<std::optional<respond::GuardStop>> ask_guards(const Responding& with,
                                                     const respond::PlanState& plan,
                                                     const respond::Step& step);

// Told while a plan is applied; both may be empty.
struct Progress {
  std::function<void(const respond::PlanState&, const respond::Step&)> changed;
  std::function<void(const respond::StepReport&)> waiting;
};
Result<respond::PlanReport> apply_plan(const Responding& with, const model::IncidentId& incident,
                                       const std::string& plan, bool retry, Progress progress);
Result<respond::Executor::Watched> watch_incident(const Responding& with,
                                                  const model::IncidentId& incident);
// Nothing of the plan goes on; what it did stays until it is undone.
Result<> withdraw_plan(const Responding& with, const model::IncidentId& incident,
                       const std::string& plan, const std::string& reason);

// Ends plans of which nothing is left to do, and moves the incident to where its plans are:
// containing; contained, watching; contained. Moves that its life does not have are left out.
Result<> follow_plans(const Responding& with, const model::IncidentId& incident);

}  // namespace stanch::host
