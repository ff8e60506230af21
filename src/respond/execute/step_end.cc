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

}  // namespace

Result<StepRun::Ended> StepRun::verify() {
  const Duration within = check() && check()->within > Duration{} ? check()->within : kVerifyWithin;
  const Time since = state().moved_at.value_or(journal_.now());
  const Time deadline = since + within;
  for (int64_t reads = 1;; ++reads) {
    Look now;
    TRY(Ended ended, look(now));
    if (ended) return ended;
    TRY(const bool effect, took_effect(now.state));
    if (effect) {
      if (is_undo()) {
        TRY(const Claims held, claims());
        TRY(return_own(held, "undone"));
      }
      std::optional<Kept> kept;
      if (!now.secrets.empty()) {
        // Whoever dies before it says so leaves a file that nobody knows, and takes another.
        auto sealed = world_.options.keep(
            to_json(JsonValue(JsonValue::Object(now.secrets.begin(), now.secrets.end()))));
        if (!sealed) {
          return fail("stopped", "What was taken could not be kept: " + sealed.error().message());
        }
        kept = std::move(*sealed);
      }
      TRY(note_evidence(kept));
      TRY(note_verified(now.state, reads));
      if (!state().verified) return busy();  // another gave it up: from the beginning
      if (world_.options.progress) world_.options.progress(plan(), step());
      return ends(StepEnd::kDone);
    }
    TRY(const std::string lost, is_lost(now.state));
    if (!lost.empty()) return fail("not_verified", "It can never come true: " + lost);
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
  TRY(note("verified", key(fmt::format("{}", state().breaches)),
           codec::json_object([&](JsonWriter& json) {
             json.field("plan", plan_hash_).field("step", step_id_);
             json.field("target", step().target.entity);
             append_json(now, json.key("state"));
             json.field("reads", reads);
           }),
           [this](const PlanBook&) -> Result<> {
             const bool goes_on = state().has_begun() && !state().verified;
             return goes_on ? Result<>()
                            : Error(ErrorCode::kConflict, "the step went on elsewhere");
           }));
  return {};
}

Result<> StepRun::note_evidence(const std::optional<Kept>& kept) {
  if (!step().is_evidence || is_undo() || action_.phase != Phase::kPreserve) return {};
  TRY(note("evidence_taken", key(""), codec::json_object([&](JsonWriter& json) {
             json.field("evidence", evidence_id(plan_hash_, step_id_));
             json.field("what", action_.title).field("source", step().target.entity);
             if (kept) json.field("place", kept->place).field("sha256", kept->sha256);
             json.field("taken_at", codec::format_timestamp(journal_.now()));
             json.field("authority", "plan " + plan_hash_);
             json.field("means", action_.name);
           })));
  return {};
}

// Containment goes on without that evidence of this plan, or without waiting for it. Said once.
Result<> StepRun::note_missing(const Step& evidence, std::string_view reason) {
  const auto is_said = [&] { return plan().step(evidence.id).is_missed; };
  if (is_said()) return {};
  const auto action = world_.actions.find(evidence.action);
  const std::string& what = action == world_.actions.end() ? evidence.action : action->second.title;
  TRY(note("evidence_missing", fmt::format("{} {}", plan_hash_, evidence.id),
           codec::json_object([&](JsonWriter& json) {
             json.field("evidence", evidence_id(plan_hash_, evidence.id)).field("what", what);
             json.field("source", evidence.target.entity).field("reason", reason);
             json.field("went_on", true);
           }),
           [&](const PlanBook&) -> Result<> {
             if (!is_said()) return {};
             return Error(ErrorCode::kConflict, "somebody else said so");
           }));
  return {};
}

Result<StepRun::Ended> StepRun::fail(std::string_view outcome, std::string reason) {
  TRY(save_now());
  // Another executor may have gone on meanwhile: what is verified has not failed.
  TRY(journal_.refresh());
  // A step that certainly did nothing holds nothing; what another step holds is not its to return.
  const bool gives_back = state().has_begun() && holds_in_vain();
  Claims held;
  if (gives_back) {
    TRY(held, claims());
  }
  const auto still = [&](const PlanBook&) -> Result<> {
    const bool went_on = state().verified || (gives_back && !state().did_nothing());
    return went_on ? Error(ErrorCode::kConflict, "the step went on elsewhere") : Result<>();
  };
  // Said before the step has failed: then what waits for it goes on.
  if (step().is_evidence && !is_undo()) TRY(note_missing(step(), reason));
  TRY(const bool failed,
      note("step_failed", key(fmt::format("{} {}", state().failures, world_.options.holder)),
           codec::json_object([&](JsonWriter& json) {
             json.field("plan", plan_hash_).field("step", step_id_);
             json.field("target", step().target.entity);
             json.field("outcome", outcome).field("reason", reason);
           }),
           still));
  if (state().verified) return ends(StepEnd::kDone);
  if (!failed) return busy();
  TRY(return_own(held, "nothing was written: " + reason));
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
  TRY(const bool noted,
      note("watched", key(fmt::format("{} {}", state().breaches, watched)),
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
             const bool same =
                 state().verified && state().watched == watched && !state().is_undoing;
             return same ? Result<>() : Error(ErrorCode::kConflict, "watched elsewhere");
           }));
  return noted ? std::optional<bool>(holds_still) : std::optional<bool>();
}

Result<> StepRun::give_up(std::string reason) {
  TRY(fail("not_verified", std::move(reason)));
  return {};
}

}  // namespace stanch::respond
