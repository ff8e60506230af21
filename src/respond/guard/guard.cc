#include "respond/guard/guard.h"

#include <fmt/format.h>

#include <algorithm>

#include "codec/ssh_signature.h"
#include "model/aws_entity.h"
#include "model/entity_parts.h"
#include "respond/guard/approval_text.h"

namespace stanch::respond {

namespace {

using Guard = std::optional<GuardStop> (*)(const GuardInput&);
constexpr Guard kGuards[] = {kill_switch, same_guards,   own_identity, protected_list,
                             budget,      change_freeze, autonomy,     risk_class};

}  // namespace

std::string_view name_of(GuardAsks asks) {
  switch (asks) {
    case GuardAsks::kOne: return "one";
    case GuardAsks::kTwo: return "two";
    case GuardAsks::kNothing: return "nothing";
  }
  return "";
}

std::vector<std::string> hit_by(const Step& step) {
  std::vector<std::string> all = {step.target.entity};
  all.insert(all.end(), step.also_hits.begin(), step.also_hits.end());
  return all;
}

std::set<std::string> accounts_of(const Step& step) {
  std::set<std::string> all = {step.target.account};
  for (const PlannedCall& call : step.calls) all.insert(call.account);
  for (const std::string& entity : hit_by(step)) {
    const auto parts = model::split_entity(entity);
    if (!parts) continue;
    const std::string& owner = parts->scope.empty() ? parts->name : parts->scope[0];
    if (model::is_aws_account(owner)) all.insert(owner);
  }
  return all;
}

bool changes_something(const PlanState& plan, const Step& step) {
  if (plan.plan.mode == PlanMode::kUndo || step.is_evidence) return false;
  return step.risk != RiskClass::kRead && step.risk != RiskClass::kAdditive;
}

namespace {

bool suffices(const Approvers& approvers, GuardAsks asks) {
  if (asks == GuardAsks::kNothing) return false;
  return asks == GuardAsks::kTwo ? approvers.proven.size() >= 2 : approvers.any();
}

// Adds who approved this step of `plan`, since then.
void add_approvers(const PlanState& plan, const Step& step, const GuardTables& tables, Time since,
                   Approvers& approvers) {
  for (const Approval& approval : plan.approvals) {
    if (!approval.steps.contains(step.id) || approval.at < since) continue;
    if (approval.means == "unverified") approvers.unverified.emplace(approval.person, approval.at);
    if (approval.means != "ssh_signature") continue;
    // Checked again: what counts is the key that is registered now.
    const auto made = codec::verify_ssh_signature(
        approval.proof["signature"].text_or_empty(), kApprovalNamespace,
        approval_text(plan.hash, approval.last_refusal,
                      {approval.steps_signed.begin(), approval.steps_signed.end()}));
    if (!made) continue;
    const auto known = std::ranges::find_if(tables.approvers, [&](const Approver& each) {
      return each.key == made->key && each.person == approval.person;
    });
    if (known != tables.approvers.end()) approvers.proven.emplace(approval.person, approval.at);
  }
}

}  // namespace

Approvers approvers_of(const GuardInput& input) {
  Approvers approvers;
  add_approvers(input.plan, input.step, input.tables, Time::min(), approvers);
  return approvers;
}

bool is_enveloped(const GuardInput& input, GuardAsks asks) {
  if (!input.envelope || !input.envelope->is_minted) return false;
  const PlanState& plan = *input.envelope->plan;
  const bool has_room =
      is_in_envelope(plan, input.step) && input.envelope->before < plan.plan.envelope->targets_max;
  if (!has_room) return false;
  Approvers approvers;
  for (const Step& step : plan.plan.steps) {
    if (!lets_go(plan, step, input.step)) continue;
    add_approvers(plan, step, input.tables, input.now - plan.plan.envelope->lasts, approvers);
  }
  return suffices(approvers, asks);
}

std::optional<GuardStop> check_guards(const GuardInput& input) {
  std::optional<GuardStop> all;
  for (const Guard guard : kGuards) {
    auto stop = guard(input);
    if (!stop) continue;
    if (!all) {
      all = std::move(stop);
      continue;
    }
    if (stop->asks > all->asks) {
      all->guard = stop->guard;
      all->asks = stop->asks;
    }
    all->because.insert(all->because.end(), stop->because.begin(), stop->because.end());
  }
  if (input.plan.refused.contains(input.step.id)) {
    return GuardStop{"refusal", GuardAsks::kOne, {"Somebody refused this step."}};
  }
  if (all && all->asks == GuardAsks::kNothing) return all;
  const bool is_met = !all || suffices(approvers_of(input), all->asks);
  return is_met ? soak(input) : all;
}

}  // namespace stanch::respond
