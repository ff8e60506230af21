// How a step ends: it is seen to have taken effect, or it has failed; and whether it stays so.

#include "respond/execute/step_run.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "codec/timestamp.h"
#include "respond/limits.h"

namespace stanch::respond {

namespace {

using codec::JsonValue;
using codec::JsonWriter;

Result<> always(const PlanBook&) { return {}; }

}  // namespace

Result<StepRun::Ended> StepRun::verify() {
  const std::optional<Check>& check = is_undo() ? action_.undo->verify : action_.verify;
  const Duration within = check && check->within > Duration{} ? check->within : kVerifyWithin;
  const Time since = state().moved_at.value_or(journal_.now());
  const Time deadline = since + within;
  for (int64_t reads = 1;; ++reads) {
    Look now;
    TRY(Ended ended, look(now));
    if (ended) return ended;
    TRY(const bool effect, took_effect(now.state));
    if (effect) {
      if (is_undo()) TRY(return_this_hold("undone"));
      TRY(note_evidence());
      TRY(note_verified(now.state, reads));
      if (!state().verified) return busy();  // another gave it up: from the beginning
      if (world_.options.progress) world_.options.progress(plan(), step());
      return ends(StepEnd::kDone);
    }
    if (journal_.now() >= deadline) {
      return fail("not_verified",
                  fmt::format("It does not show after {} s, though all calls were taken.",
                              std::chrono::duration_cast<std::chrono::seconds>(within).count()));
    }
    // As long again as it has taken already.
    const Duration pause =
        std::clamp<Duration>(span_of(since, journal_.now()), kFirstPause, kVerifyPauseMax);
    const Time again = std::min(journal_.now() + pause, deadline);
    if (pause > kVerifyPauseAtOnce) return waits(again, "it does not show yet");
    TRY(const bool ours, wait(again));
    if (!ours) return busy();
  }
}

Result<> StepRun::note_verified(const JsonValue& now, int64_t reads) {
  const auto noted = journal_.append(
      "verified", key(fmt::format("{}", state().breaches)),
      codec::json_object([&](JsonWriter& json) {
        json.field("plan", plan_hash_).field("step", step_id_);
        json.field("target", step().target.entity);
        append_json(now, json.key("state"));
        json.field("reads", reads);
      }),
      [this](const PlanBook&) -> Result<> {
        const bool goes_on = state().has_begun() && !state().verified;
        return goes_on ? Result<>() : Error(ErrorCode::kConflict, "the step went on elsewhere");
      });
  if (!noted && noted.error().code() != ErrorCode::kConflict) return noted.error();
  return {};
}

Result<> StepRun::note_evidence() {
  if (!step().is_evidence || is_undo() || action_.phase != Phase::kPreserve) return {};
  const auto noted =
      journal_.append("evidence_taken", key(""), codec::json_object([&](JsonWriter& json) {
                        json.field("evidence", evidence_id(plan_hash_, step_id_));
                        json.field("what", action_.title).field("source", step().target.entity);
                        json.field("taken_at", codec::format_timestamp(journal_.now()));
                        json.field("authority", "plan " + plan_hash_);
                        json.field("means", action_.name);
                      }),
                      always);
  if (!noted && noted.error().code() != ErrorCode::kConflict) return noted.error();
  return {};
}

// Containment goes on without that evidence of this plan, or without waiting for it. Said once.
Result<> StepRun::note_missing(const Step& evidence, std::string_view reason) {
  const auto is_said = [&] { return plan().step(evidence.id).is_missed; };
  if (is_said()) return {};
  const auto action = world_.actions.find(evidence.action);
  const auto noted = journal_.append(
      "evidence_missing", fmt::format("{} {}", plan_hash_, evidence.id),
      codec::json_object([&](JsonWriter& json) {
        json.field("evidence", evidence_id(plan_hash_, evidence.id));
        json.field("what", action == world_.actions.end() ? evidence.action : action->second.title);
        json.field("source", evidence.target.entity).field("reason", reason);
        json.field("went_on", true);
      }),
      [&](const PlanBook&) -> Result<> {
        if (!is_said()) return {};
        return Error(ErrorCode::kConflict, "somebody else said so");
      });
  if (!noted && noted.error().code() != ErrorCode::kConflict) return noted.error();
  return {};
}

Result<StepRun::Ended> StepRun::fail(std::string_view outcome, std::string reason) {
  // Another executor may have gone on meanwhile: what is verified has not failed.
  TRY(journal_.refresh());
  // A step that certainly did nothing holds nothing; what another step holds is not its to return.
  const bool gives_back = !is_undo() && state().has_begun() && !state().done_already &&
                          state().did_nothing() && state().breaches == 0;
  std::optional<Hold> hold;
  if (gives_back) {
    TRY(hold, this_hold());
  }
  const auto still = [&](const PlanBook&) -> Result<> {
    const bool went_on = state().verified || (gives_back && !state().did_nothing());
    return went_on ? Error(ErrorCode::kConflict, "the step went on elsewhere") : Result<>();
  };
  const auto append = [&](const std::string& kind, const std::string& number,
                          const std::string& payload) -> Result<bool> {
    const auto appended = journal_.append(kind, key(number), payload, still);
    if (!appended && appended.error().code() != ErrorCode::kConflict) return appended.error();
    return appended.has_value();
  };
  // Said before the step has failed: then what waits for it goes on.
  if (step().is_evidence && !is_undo()) TRY(note_missing(step(), reason));
  TRY(const bool failed,
      append("step_failed", fmt::format("{} {}", state().failures, world_.options.holder),
             codec::json_object([&](JsonWriter& json) {
               json.field("plan", plan_hash_).field("step", step_id_);
               json.field("target", step().target.entity);
               json.field("outcome", outcome).field("reason", reason);
             })));
  if (state().verified) return ends(StepEnd::kDone);
  if (!failed) return busy();
  if (hold) TRY(return_hold_of_this(*hold, "nothing was written: " + reason));
  return ends(StepEnd::kFailed, std::move(reason));
}

// ---------------------------------------------------------------- watch

Result<std::optional<bool>> StepRun::watch() {
  auto subject = Subject::of(action_, journal_.incident(), step().target);
  if (!subject) return std::optional<bool>();
  subject_ = std::move(*subject);
  const auto seen = observe(*subject_, world_.caller);
  if (!seen) return std::optional<bool>();
  TRY(journal_.refresh());
  if (!state().verified || state().is_undoing || state().is_undone) return std::optional<bool>();
  TRY(const bool holds_still, holds(*subject_, *action_.watch, *seen, *state().saved));
  const size_t watched = state().watched;
  const Time verified_at = state().verified->at;
  const auto noted = journal_.append(
      "watched", key(fmt::format("{} {}", state().breaches, watched)),
      codec::json_object([&](JsonWriter& json) {
        json.field("plan", plan_hash_).field("step", step_id_);
        json.field("target", step().target.entity).field("holds", holds_still);
        if (holds_still && watched + 1 < std::size(kWatchAfter)) {
          json.field("next", codec::format_timestamp(verified_at + kWatchAfter[watched + 1]));
        }
        if (!holds_still) {
          append_texts("because", {"What was contained is not as it was left."}, json);
        }
      }),
      [&](const PlanBook&) -> Result<> {
        const bool same = state().verified && state().watched == watched && !state().is_undoing;
        return same ? Result<>() : Error(ErrorCode::kConflict, "watched elsewhere");
      });
  if (!noted) {
    if (noted.error().code() == ErrorCode::kConflict) return std::optional<bool>();
    return noted.error();
  }
  return std::optional<bool>(holds_still);
}

Result<> StepRun::give_up(std::string reason) {
  TRY(fail("not_verified", std::move(reason)));
  return {};
}

}  // namespace stanch::respond
