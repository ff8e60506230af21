#include "respond/plan/make.h"

#include <fmt/format.h>

#include <algorithm>

#include "model/aws_entity.h"
#include "respond/limits.h"

namespace stanch::respond {

namespace {

constexpr unsigned kPausesMax = 12;

// Whether a step of `action` goes only after one of `before` on the same target has ended well:
// what cannot be taken back waits for all of it.
bool goes_only_after(const Action& action, const std::string& before) {
  return action.risk == RiskClass::kIrreversible ||
         std::ranges::find(action.prepared_by, before) != action.prepared_by.end();
}

// Whether calls of the action go to the account that this parameter says.
bool says_account(const Action& action, std::string_view parameter) {
  const auto goes_there = [&](const auto& call) { return call.account == parameter; };
  return action.account == parameter || std::ranges::any_of(action.observe, goes_there) ||
         std::ranges::any_of(action.change, goes_there);
}

class Making {
 public:
  Making(const PlanRequest& request, const Actions& actions,
         const std::function<bool(const Target&)>& is_known, cloud::Caller& caller)
      : request_(request), actions_(actions), is_known_(is_known), caller_(caller) {
    plan_.incident = request.incident;
    plan_.playbook = request.playbook;
    plan_.because = request.because;
    plan_.contain_first = request.contain_first;
    plan_.guards = request.guards;
    plan_.envelope = request.envelope;
    plan_.made = request.now;
  }

  Result<Plan> run() {
    for (const Wanted& wanted : request_.wanted) {
      TRY(const Action* action, find(wanted.action));
      std::vector<std::string> evidence_steps;
      for (const std::string& name : action->evidence) {
        TRY(const Action* evidence, find(name));
        TRY(std::string id, add(*evidence, wanted.target, {}, is_evidence(*evidence)));
        const bool waits = plan_.contain_first.empty() || action->risk == RiskClass::kIrreversible;
        if (waits) evidence_steps.push_back(std::move(id));
      }
      TRY(add(*action, wanted.target, std::move(evidence_steps), is_evidence(*action)));
    }
    if (plan_.steps.empty()) return Error(ErrorCode::kInvalid, "nothing is to be done");
    return std::move(plan_);
  }

 private:
  Result<const Action*> find(const std::string& name) const {
    const auto found = actions_.find(name);
    if (found != actions_.end()) return &found->second;
    return Error(ErrorCode::kInvalid, fmt::format("there is no action {}", name));
  }

  // The id of its step, which may have been there.
  Result<std::string> add(const Action& action, const Target& target,
                          std::vector<std::string> evidence_steps, bool is_evidence) {
    Target told = target;
    const std::vector<std::string> untold = tell(action, told.given);
    TRY(const Subject subject, Subject::of(action, request_.incident, told));
    for (Step& step : plan_.steps) {
      if (step.action == action.name && step.target == subject.place) return step.id;
    }
    if (plan_.steps.size() == kPlanStepsMax) {
      return Error(ErrorCode::kInvalid, fmt::format("a plan has {} steps at most", kPlanStepsMax));
    }
    Step step;
    step.id = fmt::format("{}", plan_.steps.size() + 1);
    step.action = action.name;
    step.action_version = action.version;
    step.target = subject.place;
    step.is_evidence = is_evidence;
    step.after = evidence_steps;
    step.only_after = std::move(evidence_steps);
    // On one target one thing after the other; evidence that does not hold up containment is
    // beside.
    for (const Step& before : plan_.steps) {
      const bool beside = is_evidence != before.is_evidence && !plan_.contain_first.empty();
      const bool named = std::ranges::find(step.after, before.id) != step.after.end();
      const bool waits = is_held_up(before, action);
      if (before.target.entity != step.target.entity || beside || named || !waits) continue;
      step.after.push_back(before.id);
      if (goes_only_after(action, before.action)) step.only_after.push_back(before.id);
    }
    Risk risk = risk_for(action, is_known_(step.target));
    step.risk = risk.risk;
    step.because = std::move(risk.because);
    if (untold.empty()) {
      TRY(look(subject, step));
    } else {
      step.lacks = untold;
    }
    refuse_second_writing(step);
    plan_.steps.push_back(std::move(step));
    return plan_.steps.back().id;
  }

  // Leaves in `given` what the action takes: as it was said for this target, else as the
  // organisation says, else as the action does. Gives what nobody said, for people.
  std::vector<std::string> tell(const Action& action,
                                std::map<std::string, std::string>& given) const {
    std::map<std::string, std::string> told;
    std::vector<std::string> untold;
    for (const Parameter& parameter : action.parameters) {
      std::string& value = told[parameter.name];
      const auto said = given.find(parameter.name);
      const auto usual = request_.parameters.find(parameter.name);
      if (said != given.end()) {
        value = said->second;
      } else if (usual != request_.parameters.end()) {
        value = usual->second;
      } else if (parameter.otherwise) {
        value = *parameter.otherwise;
      } else {
        untold.push_back(fmt::format("Nobody said {}: {} --with {}=…, or parameters.yaml.",
                                     parameter.name, parameter.what, parameter.name));
      }
    }
    for (const auto& [name, value] : told) {
      if (value.size() > kGivenBytesMax) {
        untold.push_back(fmt::format("{} has more than {} bytes.", name, kGivenBytesMax));
      } else if (says_account(action, name) && !value.empty() && !model::is_aws_account(value)) {
        untold.push_back(fmt::format("{} is '{}', and an account has twelve digits.", name, value));
      }
    }
    given = std::move(told);
    return untold;
  }

  // Whether an action on the same target waits for that step, which may be evidence that takes
  // long.
  bool is_held_up(const Step& before, const Action& action) const {
    const std::vector<std::string>& holds_up = actions_.at(before.action).holds_up;
    return holds_up.empty() || std::ranges::find(holds_up, action.name) != holds_up.end();
  }

  Result<> look(const Subject& subject, Step& step) {
    if (request_.is_offline) return {};
    auto state = observe(subject, caller_);
    for (uint64_t looks = 1; !state && may_pass(state.error().code()) && looks < kLooksMax;
         ++looks) {
      if (!request_.pause || pauses_ == kPausesMax) break;
      ++pauses_;
      request_.pause(pause_after(looks));
      state = observe(subject, caller_);
    }
    if (!state) {
      step.lacks.push_back(fmt::format("It could not be looked at: {}", state.error().message()));
      return {};
    }
    step.is_observed = true;
    step.state = std::move(*state);
    auto computed = compute(subject, step.state);
    if (!computed) {
      // One target that is not as any action expects must not keep all others from being contained.
      step.lacks.push_back(fmt::format("What was seen of it makes no sense to this action: {}",
                                       computed.error().message()));
      return {};
    }
    step.also_hits = std::move(computed->hits);
    step.done = computed->done;
    step.lacks = std::move(computed->lacks);
    step.calls = std::move(computed->calls);
    return {};
  }

  // Each would write the whole as it was seen, so the second would take back what the first wrote.
  void refuse_second_writing(Step& step) const {
    for (const Step& before : plan_.steps) {
      for (const PlannedCall& call : step.calls) {
        const bool is_written = std::ranges::any_of(
            before.calls, [&](const PlannedCall& other) { return write_the_same(call, other); });
        if (!is_written) continue;
        step.lacks.push_back(fmt::format(
            "It would write what step {} writes ({}.{}). Plan it anew when that is done.",
            before.id, call.service, call.operation));
        step.calls.clear();
        return;
      }
    }
  }

  const PlanRequest& request_;
  const Actions& actions_;
  const std::function<bool(const Target&)>& is_known_;
  cloud::Caller& caller_;
  unsigned pauses_ = 0;  // so far, for all targets together
  Plan plan_;
};

}  // namespace

Risk risk_for(const Action& action, bool is_known) {
  if (action.risk != RiskClass::kReversible || is_known) return {action.risk, {}};
  return {RiskClass::kDisruptive, {"it is not in the inventory"}};
}

Result<Plan> make_plan(const PlanRequest& request, const Actions& actions,
                       const std::function<bool(const Target&)>& is_known, cloud::Caller& caller) {
  return Making(request, actions, is_known, caller).run();
}

}  // namespace stanch::respond
