#include "respond/execute/step_run.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "respond/limits.h"

namespace stanch::respond {

namespace {

using codec::JsonValue;

}  // namespace

StepRun::StepRun(const World& world, Journal& journal, const Action& action, std::string plan,
                 std::string step)
    : world_(world),
      journal_(journal),
      action_(action),
      plan_hash_(std::move(plan)),
      step_id_(std::move(step)) {}

const PlanState& StepRun::plan() const { return *journal_.book().find(plan_hash_); }
const Step& StepRun::step() const { return *plan().plan.find(step_id_); }
const StepState& StepRun::state() const { return plan().step(step_id_); }
bool StepRun::is_undo() const { return plan().plan.mode == PlanMode::kUndo; }

bool StepRun::holds_in_vain() const {
  return !is_undo() && !state().done_already && state().did_nothing() && state().breaches == 0;
}

std::string StepRun::key(std::string_view number) const {
  return fmt::format("{} {} {}", plan_hash_, step_id_, number);
}

HoldRequest StepRun::hold_request(Time now) const {
  return {.entity = step().target.entity,
          .aspect = aspect_of(step()),
          .incident = journal_.incident(),
          .plan = plan_hash_,
          .step = step_id_,
          .time = state().failures,
          .now = now,
          .actor = world_.options.actor};
}

StepRun::Ended StepRun::ends(StepEnd end, std::string reason) const {
  return StepReport{
      .step = step_id_, .end = end, .stop = std::nullopt, .reason = std::move(reason)};
}

StepRun::Ended StepRun::waits(Time until, std::string reason) const {
  Ended ended = ends(StepEnd::kWaits, std::move(reason));
  ended->until = until;
  return ended;
}

// ---------------------------------------------------------------- claim

Result<bool> StepRun::claim() {
  const std::string name = "target/" + step().target.entity;
  auto lease = world_.ledger.take_lease(name, world_.options.holder, journal_.now(), kLease);
  if (lease) {
    lease_ = std::move(*lease);
    return true;
  }
  if (lease.error().code() == ErrorCode::kConflict) return false;
  return std::move(lease).error();
}

Result<bool> StepRun::wait(Time until) {
  while (true) {
    TRY(const bool ours, claim());
    if (!ours) return false;
    const Time now = journal_.now();
    if (now >= until) return true;
    world_.env.clock.sleep(std::min(span_of(now, until), kWaitAtOnce));
  }
}

Result<StepReport> StepRun::run() {
  TRY(Ended ended, prepare());
  if (ended) return *std::move(ended);
  TRY(const bool ours, claim());
  if (!ours) return *busy();
  // Whoever had the target until now may have gone on with the step.
  TRY(journal_.refresh());
  auto went = go_on();
  // Somebody else began, or stopped, the step at the same moment.
  if (!went && went.error().code() == ErrorCode::kConflict) return *busy();
  TRY(ended, std::move(went));
  CHECK(ended.has_value());
  if (ended->end != StepEnd::kBusy) TRY(world_.ledger.give_lease(lease_));
  return *std::move(ended);
}

Result<StepRun::Ended> StepRun::go_on() {
  if (state().verified) return ends(StepEnd::kDone);
  std::optional<Look> first;
  Ended ended;
  // Until something was done, somebody who comes after a crash compares anew what is taken back.
  if (!state().has_begun() || (is_undo() && state().did_nothing())) {
    first.emplace();
    TRY(ended, look(*first));
    if (ended) return ended;
    TRY(ended, is_undo() ? begin_undo(*first) : begin(*first));
    if (ended) return ended;
  }
  TRY(ended, send_all(std::move(first)));
  TRY(save_now());
  return ended ? Result<Ended>(std::move(ended)) : verify();
}

// Whether it may be begun at all.
Result<StepRun::Ended> StepRun::prepare() {
  if (state().verified) return ends(StepEnd::kDone);
  if (state().failed && !world_.options.retries_failed) {
    // Whoever said so may have died before it gave the hold back.
    if (holds_in_vain()) {
      TRY(const Claims held, claims());
      TRY(return_own(held, "nothing was written: " + state().failed->reason));
    }
    return ends(StepEnd::kFailed, state().failed->reason);
  }
  TRY(Ended stopped, wait_for_earlier());
  if (stopped) return stopped;
  TRY(stopped, check_guard(false));
  if (stopped) return stopped;
  if (!step().is_observed) {
    return fail("stale", "It was planned without looking at the cloud. Plan it anew.");
  }
  if (action_.version != step().action_version) {
    return fail("stale",
                fmt::format("The action {} was changed since it was planned.", step().action));
  }
  if (Ended worse = mistrust()) return fail("stopped", worse->reason);
  if (!action_.secret.empty() && !world_.options.keep) return fail("stopped", std::string(kNoKey));
  auto subject = Subject::of(action_, journal_.incident(), step().target);
  if (!subject) return fail("stopped", subject.error().message());
  subject_ = std::move(*subject);
  return Ended();
}

// Evidence that takes long, or cannot be had, holds containment up no longer than it may; what is
// missing was said. What cannot be taken back waits for it until it is complete.
Result<StepRun::Ended> StepRun::wait_for_earlier() {
  const bool is_final = action_.risk == RiskClass::kIrreversible && !is_undo();
  for (const std::string& before : step().after) {
    const Step* planned = plan().plan.find(before);
    if (planned == nullptr) {
      return ends(StepEnd::kBlocked, fmt::format("there is no step {}", before));
    }
    const StepState& other = plan().step(before);
    const bool may_be_missed = planned->is_evidence && !step().is_evidence && !is_final;
    if (other.verified) {
      if (!planned->is_evidence || !is_final) continue;
      TRY(Ended unsealed, wait_for_seal(*planned));
      if (unsealed) return unsealed;
      continue;
    }
    if (may_be_missed && other.failed) continue;
    const bool must_end_well =
        std::ranges::find(step().only_after, before) != step().only_after.end();
    if (!must_end_well && (other.failed || plan().refused.contains(before))) continue;
    // What could not be done from the start, as people saw, keeps nothing else from being done.
    if (!planned->lacks.empty() && other.failed && !planned->is_evidence) continue;
    const auto action = world_.actions.find(planned->action);
    const Duration box = action == world_.actions.end() ? kEvidenceWithin : action->second.time_box;
    const bool is_late = other.begun_at && span_of(*other.begun_at, journal_.now()) > box;
    if (may_be_missed && is_late) {
      TRY(note_missing(*planned, "It is still being taken; containment does not wait longer."));
      continue;
    }
    return ends(StepEnd::kBlocked,
                other.failed ? fmt::format("step {} failed, and this cannot go without it", before)
                             : fmt::format("step {} has not ended well", before));
  }
  return Ended();
}

// Whether the evidence is complete, which is seen by a look at it.
Result<StepRun::Ended> StepRun::wait_for_seal(const Step& evidence) {
  const auto action = world_.actions.find(evidence.action);
  if (action == world_.actions.end() || !action->second.sealed) return Ended();
  const auto blocked = [&](std::string_view why) {
    return ends(
        StepEnd::kBlocked,
        fmt::format("the evidence of step {} {}; what this step destroys does not come back. "
                    "Apply again later.",
                    evidence.id, why));
  };
  TRY(const Subject subject, Subject::of(action->second, journal_.incident(), evidence.target));
  const auto seen = observe(subject, world_.caller);
  if (!seen) return blocked("cannot be looked at (" + seen.error().message() + ")");
  const Check& sealed = *action->second.sealed;
  const JsonValue& saved = *plan().step(evidence.id).saved;
  TRY(const bool is_sealed, holds(subject, sealed.that, *seen, saved));
  if (is_sealed) return Ended();
  TRY(const std::string why, why_never(subject, sealed, *seen, saved));
  if (why.empty()) return blocked("is not complete yet");
  return fail("stopped",
              fmt::format("The evidence of step {} will never be complete: {} What this step "
                          "destroys does not come back. Plan the evidence anew.",
                          evidence.id, why));
}

// The plan says how bad a step is; that it is not worse the action says.
StepRun::Ended StepRun::mistrust() const {
  const bool is_milder = step().risk < action_.risk;
  const bool is_no_evidence = step().is_evidence && !is_evidence(action_);
  const bool restores = is_undo() && action_.undo && action_.undo->restores_access;
  if (!is_milder && !is_no_evidence && (!restores || step().restores_access)) return Ended();
  return ends(
      StepEnd::kFailed,
      fmt::format("The plan takes this step for milder than {} is. Plan it anew.", action_.name));
}

Result<StepRun::Ended> StepRun::check_guard(bool writes) {
  TRY(journal_.refresh());
  if (const auto why = halted(); !why.empty()) return ends(StepEnd::kStopped, std::string(why));
  if (!world_.options.guard) return Ended();
  TRY(auto stop, world_.options.guard(plan(), step(), writes));
  if (!stop) return Ended();
  Ended stopped = ends(StepEnd::kStopped, fmt::format("{}", fmt::join(stop->because, " ")));
  stopped->stop = std::move(stop);
  return stopped;
}

std::string_view StepRun::halted() const {
  if (plan().ended) return "the plan has ended";
  if (plan().is_paused) return "the plan is paused";
  if (journal_.book().is_closed() && changes_something(plan(), step())) {
    return "the incident is closed";
  }
  if (!is_undo() && state().is_undone) return "it was taken back";
  if (!is_undo() && state().is_undoing) return "it is being taken back";
  return "";
}

Result<bool> StepRun::note(const std::string& kind, const std::string& key,
                           const std::string& payload,
                           const std::function<Result<>(const PlanBook&)>& still) {
  const auto noted = journal_.append(kind, key, payload, still);
  if (!noted && noted.error().code() != ErrorCode::kConflict) return noted.error();
  return noted.has_value();
}

// ---------------------------------------------------------------- look

Result<StepRun::Ended> StepRun::look(Look& look) {
  for (uint64_t attempt = 1;; ++attempt) {
    look.secrets.clear();
    auto state = observe(*subject_, world_.caller, &look.secrets);
    if (state) {
      look.state = std::move(*state);
      break;
    }
    const ErrorCode code = state.error().code();
    const std::string why =
        fmt::format("The target cannot be looked at: {}", state.error().message());
    if (!may_pass(code)) return fail("stopped", why);
    if (attempt == kLooksMax) {
      // Who goes on by itself and has begun does so for as long as it takes. What has not begun
      // fails: then nothing waits for it, and it is planned anew.
      if (world_.options.waits || !this->state().has_begun()) return fail("stopped", why);
      return waits(journal_.now() + kLookAgain, why);
    }
    TRY(const bool ours, wait(journal_.now() + pause_after(attempt)));
    if (!ours) return busy();
  }
  auto computed = is_undo() ? compute_undo(*subject_, look.state, step().saved)
                            : compute(*subject_, look.state);
  if (!computed) {
    return fail("stopped", computed.error().message());
  }
  look.computed = std::move(*computed);
  return Ended();
}

const std::optional<Check>& StepRun::check() const {
  return is_undo() ? action_.undo->verify : action_.verify;
}

const JsonValue& StepRun::before() const { return is_undo() ? step().saved : *state().saved; }

Result<std::string> StepRun::is_lost(const JsonValue& now) const {
  return check() ? why_never(*subject_, *check(), now, before()) : std::string();
}

Result<bool> StepRun::took_effect(const JsonValue& now) const {
  if (!check()) {
    // Nothing shows it but that all of it was answered.
    return std::ranges::all_of(step().calls, [this](const PlannedCall& call) {
      return std::ranges::any_of(state().sent, [&](const SentCall& sent) {
        return sent.call == call.id && sent.outcome == CallOutcome::kDone;
      });
    });
  }
  return holds(*subject_, check()->that, now, before());
}

}  // namespace stanch::respond
