#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>

#include "cli/context.h"
#include "host/response.h"
#include "ledger/store.h"

// What the commands on plans share.

namespace stanch::cli {

// The incident that the argument INCIDENT names, its ledger, and what response works with.
struct OpenedResponse {
  std::unique_ptr<ledger::Store> store;
  model::IncidentId id;
  triage::IncidentState state;
  host::ResponseTables tables;
  host::AwsIdentity identity;             // of commands that call the cloud
  std::unique_ptr<cloud::Caller> caller;  // of others it refuses
  std::string actor, stop_flag, evidence_folder;
  size_t at_once = respond::kStepsAtOnce;

  host::Responding with(env::Env& env) const;
};
enum class Cloud : uint8_t { kNeeded, kIfThere, kUnused };
Result<std::unique_ptr<OpenedResponse>> open_response(Context& context, Cloud cloud);

// The same of no incident, for what goes over many; acts as the engine.
Result<std::unique_ptr<OpenedResponse>> open_responder(Context& context);

// AWS, with the credentials and roles that the settings say.
Result<host::AwsCaller> open_cloud(Context& context, const std::string& source_identity);

// Says what went wrong before and after that; returns the exit code.
int fail_opening(Context& context, const Error& error);
int fail_response(Context& context, const Error& error);

// What the content says about response; its diagnostics are shown, and with errors it is kInvalid.
Result<host::ResponseTables> sound_response_tables(Context& context);

// The flag whose being there stops response on this machine, ledger or no ledger.
std::string stop_flag_of(Context& context);

// Where this machine keeps sealed evidence.
std::string evidence_folder_of(Context& context);

// The plan of --plan, or the one that there is to mean (host::find_plan).
Result<respond::PlanState> plan_argument(Context& context, const OpenedResponse& opened,
                                         host::WhichPlan which = host::WhichPlan::kOpen);

// "3f9a1c2b7d40": enough of a hash for people.
std::string short_hash(const std::string& hash);

// A plan as people read it: each step with its target, risk, calls, and how it stands. With
// `stops` what each step waits for, by id.
using Stops = std::map<std::string, respond::GuardStop>;
std::string plan_text(const Context& context, const respond::PlanState& plan,
                      const respond::Actions& actions, const Stops& stops, bool with_calls);
// "stanch.plan-state/1" without its schema.
void append_plan_json(const respond::PlanState& plan, const Stops& stops, codec::JsonWriter& json);
Result<Stops> stops_of(Context& context, const OpenedResponse& opened,
                       const respond::PlanState& plan);

}  // namespace stanch::cli
