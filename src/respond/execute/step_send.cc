// What leaves, and when: an intention before each call, and a look after each that had no answer.

#include "respond/execute/step_run.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <ranges>

#include "codec/hash.h"
#include "codec/json_member.h"
#include "codec/timestamp.h"
#include "respond/limits.h"

namespace stanch::respond {

namespace {

using codec::JsonValue;
using codec::JsonWriter;

std::string_view word_of(ErrorCode code) {
  switch (code) {
    case ErrorCode::kThrottled: return "throttled";
    case ErrorCode::kUnavailable: return "unavailable";
    case ErrorCode::kDenied: return "denied";
    case ErrorCode::kInvalid:
    case ErrorCode::kNotFound: return "invalid";
    case ErrorCode::kConflict: return "conflict";
    case ErrorCode::kUnknownOutcome:
    case ErrorCode::kCorrupt: return "unknown";
  }
  return "unknown";
}

std::string_view idempotency_of(Repeat repeat) {
  switch (repeat) {
    case Repeat::kDesiredState: return "desired_state";
    case Repeat::kClientToken: return "client_token";
    case Repeat::kOwnName: return "own_name";
    case Repeat::kLock: return "etag";
    case Repeat::kMark: return "mark";
    case Repeat::kOnce: return "none";
  }
  return "none";
}

// What later calls of the step use of this call's answer, by path.
JsonValue used_of(const Step& step, const PlannedCall& call, const JsonValue& answer) {
  JsonValue::Object used;
  for (const PlannedCall& later : step.calls) {
    for (const CallValue::Hole& hole : later.with.holes()) {
      if (hole.kind != CallValue::Hole::Kind::kResult || hole.call != call.id) continue;
      if (const JsonValue& value = codec::member_of(answer, hole.path); !value.is_null()) {
        used.emplace(hole.path, value);
      }
    }
  }
  return JsonValue(std::move(used));
}

std::string time_in_seconds(Time time) {
  return codec::format_timestamp(std::chrono::floor<std::chrono::seconds>(time));
}

// Whether it says another time whenever it is sent.
bool has_time(const CallValue& with) {
  return std::ranges::any_of(with.holes(), [](const CallValue::Hole& hole) {
    return hole.kind == CallValue::Hole::Kind::kNow;
  });
}

bool has(const std::vector<std::string>& list, const std::string& text) {
  return !text.empty() && std::ranges::find(list, text) != list.end();
}

}  // namespace

// A call without an answer may still arrive. What it was to do may show already. If not, it is
// waited for until it cannot arrive any more: where nobody said what came of it, since whoever sent
// it may be about to; where a second one would not be the same as the first; and where something is
// taken back, which is over when it has ended. A call that contains by setting a state, and was
// given up by who sent it, may go out again at once: so one lost answer does not leave an attacker
// a quarter of an hour. `seen` is the look that this rests on.
Result<StepRun::Ended> StepRun::settle(std::optional<Look>& seen) {
  const auto planned_of = [this](const SentCall& call) -> const PlannedCall* {
    const auto found = std::ranges::find(step().calls, call.call, &PlannedCall::id);
    return found == step().calls.end() ? nullptr : &*found;
  };
  bool is_waited_for = false, is_made = false;
  for (const SentCall& call : state().sent) {
    if (call.is_settled()) continue;
    const PlannedCall* planned = planned_of(call);
    if (planned != nullptr && planned->repeat == Repeat::kOnce) {
      if (call.failures == state().failures) {
        return fail(
            "stopped",
            fmt::format("Nobody knows whether {}.{} was done, and it must not be done "
                        "twice. It may still arrive until {}. See whether it was done; "
                        "--retry does it again after that.",
                        planned->service, planned->operation, time_in_seconds(call.valid_until)));
      }
      is_waited_for = true;  // people looked, and want it again
      continue;
    }
    const bool is_mark = planned == nullptr || planned->repeat == Repeat::kMark;
    is_made |= is_mark;
    is_waited_for |=
        is_undo() || call.outcome == CallOutcome::kOpen || is_mark || has_time(planned->with);
  }
  // What was made by a lost call is seen late; what sets a state may be set again.
  const Time until = state().valid_until() + (is_made ? consistent() : Duration{});
  TRY(Ended ended, look(seen.emplace()));
  if (ended) return ended;
  TRY(const bool effect, took_effect(seen->state));
  if (effect || !is_waited_for || journal_.now() > until) return Ended();
  return waits(
      std::min(until + std::chrono::seconds(1), journal_.now() + kLookAgain),
      fmt::format("a call had no answer, and may still arrive until {}", time_in_seconds(until)));
}

Result<StepRun::Ended> StepRun::send_all(std::optional<Look> seen) {
  std::vector<Ready> queue;
  std::string uncovered;
  bool is_ready = false;                   // the queue is of a look after all that was sent
  bool may_show = !state().did_nothing();  // what was sent before
  while (true) {
    if (std::ranges::any_of(state().sent, std::not_fn(&SentCall::is_settled))) {
      TRY(Ended ended, settle(seen));
      if (ended) return ended;
      is_ready = false;
      may_show = true;
    }
    if (!is_ready) {
      if (!seen) {
        TRY(Ended ended, look(seen.emplace()));
        if (ended) return ended;
      }
      if (seen->computed.done) return Ended();
      if (may_show) {
        TRY(const bool effect, took_effect(seen->state));
        if (effect) return Ended();
      }
      may_show = false;
      queue.clear();
      TRY(Ended ended, make_ready(*seen, queue, uncovered));
      if (ended) return ended;
      is_ready = true;
    }
    seen.reset();
    if (queue.empty()) return uncovered.empty() ? Ended() : fail("stale", uncovered);
    const Ready next = queue.front();
    const size_t before = state().sent.size();
    TRY(Ended ended, send(next));
    if (ended) return ended;
    const bool went = state().sent.size() > before;
    const SentCall* last = went ? &state().sent.back() : nullptr;
    if (last != nullptr && last->outcome == CallOutcome::kDone) {
      queue.erase(queue.begin());
      continue;
    }
    is_ready = false;  // look again
    if (went &&
        (last->outcome == CallOutcome::kNotDone || last->outcome == CallOutcome::kUnknown)) {
      const Duration pause =
          std::max(pause_after(last->attempt), std::min(retry_after_, kPauseMax));
      if (!world_.options.waits && pause > kVerifyPauseAtOnce) {
        return waits(journal_.now() + pause, "a call did not go through yet");
      }
      TRY(const bool ours, wait(journal_.now() + pause));
      if (!ours) return busy();
    }
  }
}

// The calls that follow from a look, as far as the plan covers them and they were not done. Of a
// list of items those that nobody approved are left out, and nothing that follows the list goes
// out: one more item must not keep all others open. `uncovered` says it.
Result<StepRun::Ended> StepRun::make_ready(const Look& look, std::vector<Ready>& ready,
                                           std::string& uncovered) {
  const Computed& computed = look.computed;
  if (!computed.lacks.empty()) {
    return fail("stopped", fmt::format("{}", fmt::join(computed.lacks, " ")));
  }
  // Who tries once more trusts a look rather than an answer, once looks show what was done.
  TRY(const std::string lost, is_lost(look.state));
  const bool is_seen_by_now =
      !lost.empty() ||
      (state().moved_at && span_of(*state().moved_at, journal_.now()) > consistent());
  std::vector<const PlannedCall*> taken;
  std::string_view list;
  uncovered.clear();
  for (const PlannedCall& call : computed.calls) {
    const auto planned = std::ranges::find_if(step().calls, [&](const PlannedCall& each) {
      return base_of(each.id) == base_of(call.id) && covers(each, call) &&
             std::ranges::find(taken, &each) == taken.end();
    });
    if (!uncovered.empty() && base_of(call.id) != list) break;
    if (planned == step().calls.end()) {
      uncovered = fmt::format(
          "The target has changed: {}.{} would be called in a way that nobody approved. Plan it "
          "anew.",
          call.service, call.operation);
      list = base_of(call.id);
      if (is_undo() || list == call.id) return fail("stale", uncovered);
      continue;
    }
    taken.push_back(&*planned);
    const bool is_done = std::ranges::any_of(state().sent, [&](const SentCall& sent) {
      return sent.call == planned->id && sent.outcome == CallOutcome::kDone &&
             (sent.failures == state().failures || !is_seen_by_now ||
              planned->repeat == Repeat::kOnce);
    });
    if (!is_done) ready.push_back({&*planned, call.with});
  }
  return Ended();
}

// How long after a change reads may still show what was before.
Duration StepRun::consistent() const {
  return action_.verify ? action_.verify->within : kVerifyWithin;
}

Result<JsonValue> StepRun::fill(const CallValue::Hole& hole, const PlannedCall& call) const {
  using enum CallValue::Hole::Kind;
  switch (hole.kind) {
    case kNow: return JsonValue(time_in_seconds(journal_.now()));
    case kToken: {
      const codec::Sha256 hash =
          codec::Sha256Fields().add(plan_hash_).add(step_id_).add(call.id).finish();
      return JsonValue(codec::to_base32(std::span(hash).first(20)));
    }
    case kResult:
      for (const SentCall& sent : std::views::reverse(state().sent)) {
        if (sent.call != hole.call || sent.outcome != CallOutcome::kDone) continue;
        if (const JsonValue& value = sent.answer[hole.path]; !value.is_null()) return value;
      }
      return Error(ErrorCode::kNotFound, fmt::format("{} did not answer {}", hole.call, hole.path));
    case kSecret: return Error(ErrorCode::kInvalid, "no action may ask for a secret yet");
  }
  return JsonValue();
}

// Some operations answer, and say in it that what they were for was refused. Some of it may have
// been done.
std::optional<cloud::Refusal> StepRun::refusal_in(const PlannedCall& call,
                                                  const cloud::Answer& answer) const {
  const auto& writes = is_undo() ? action_.undo->change : action_.change;
  const auto write = std::ranges::find(writes, base_of(call.id), &WriteCall::id);
  if (write == writes.end() || !write->refused) return std::nullopt;
  const codec::Jmespath::Root root[] = {{"answer", &answer.value}};
  const auto said = write->refused->evaluate_with(root);
  if (said && !said->is_true_like()) return std::nullopt;
  cloud::Refusal refusal{.code = ErrorCode::kUnknownOutcome,
                         .provider_code = said ? (*said)["code"].text_or_empty() : "",
                         .message = fmt::format("{}.{}: ", call.service, call.operation),
                         .request_id = answer.request_id};
  const std::string message = said ? (*said)["message"].text_or_empty() : said.error().message();
  const bool has_both = !refusal.provider_code.empty() && !message.empty();
  refusal.message += refusal.provider_code + (has_both ? ": " : "") + message;
  return refusal;
}

Result<StepRun::Ended> StepRun::send(const Ready& ready) {
  const PlannedCall& call = *ready.planned;
  TRY(Ended stopped, check_guard(true));
  if (stopped) return stopped;
  uint64_t attempt = 1, tries = 0;
  for (const SentCall& sent : state().sent) {
    if (sent.call != call.id) continue;
    attempt = sent.attempt + 1;
    tries += sent.failures == state().failures;  // whoever tries once more has as many again
  }
  const uint64_t most = world_.options.waits ? kAttemptsMax : kAttemptsAloneMax;
  if (tries >= most) {
    return fail("stopped", fmt::format("{}.{} was tried {} times and never went through.",
                                       call.service, call.operation, most));
  }
  const auto parameters =
      ready.with.filled([&](const CallValue::Hole& hole) { return fill(hole, call); });
  if (!parameters) {
    // The provider said that what the earlier call makes is there already: a look shows it, if not
    // at once.
    const Time shows_by = state().moved_at.value_or(journal_.now()) + consistent();
    if (parameters.error().code() == ErrorCode::kNotFound && journal_.now() < shows_by) {
      return waits(journal_.now() + kLookAgain, "what is there already does not show yet");
    }
    return fail("stopped", parameters.error().message());
  }
  TRY(const bool ours, claim());
  if (!ours) return busy();
  // Whoever comes after this claim finds that no call leaves any more.
  const Time leaves_by = std::min(journal_.now() + kLeaveWithin, lease_.until);
  if (is_undo()) {
    // Somebody may have taken a hold while nobody had the target.
    TRY(Ended left, leave_to_others());
    if (left) return left;
  }
  cloud::Call out{.service = call.service,
                  .operation = call.operation,
                  .account = call.account,
                  .region = call.region,
                  .parameters = *parameters,
                  .token = fill({.kind = CallValue::Hole::Kind::kToken}, call)->string(),
                  .duty = is_evidence(action_) ? cloud::Duty::kEvidence : cloud::Duty::kRespond,
                  .writes = true,
                  .not_after = leaves_by};
  const std::string number =
      fmt::format("{} {} {} {}", call.id, state().breaches, attempt, world_.options.holder);
  const size_t sent_before = state().sent.size();
  std::vector<Journal::Said> said;
  if (unsaved_) said.push_back(*unsaved_);
  said.push_back(
      {"intended", key(number), codec::json_object([&](JsonWriter& json) {
         json.field("plan", plan_hash_).field("step", step_id_);
         json.field("call", static_cast<int64_t>(ready.planned - step().calls.data()));
         json.field("attempt", attempt);
         json.field("operation", call.service + ":" + call.operation);
         json.field("target", step().target.entity).field("credential", world_.options.signer(out));
         json.key("request").begin_object().field("id", call.id);
         append_json(*parameters, json.key("parameters"));
         json.end_object();
         json.field("idempotency", idempotency_of(call.repeat));
         json.field("valid_until",
                    codec::format_timestamp(*out.not_after + world_.caller.signature_holds(out)));
       })});
  const auto intended = journal_.append(said, [&](const PlanBook&) -> Result<> {
    const bool may_go = halted().empty() && !plan().refused.contains(step_id_);
    const bool is_ours = unsaved_ ? !state().has_begun() : state().has_begun();
    if (state().sent.size() == sent_before && is_ours && !state().verified && may_go) return {};
    return Error(ErrorCode::kConflict, "the step went on elsewhere");
  });
  if (intended || state().has_begun()) unsaved_.reset();
  if (!intended) {
    if (intended.error().code() != ErrorCode::kConflict) return intended.error();
    TRY(Ended stopped_now, check_guard(false));
    if (stopped_now) return stopped_now;
    if (!state().has_begun()) return busy();  // another gave it up: from the beginning
    return Ended();                           // nothing was sent: look again
  }
  cloud::Called called = world_.caller.call(out);
  retry_after_ = called.refusal.retry_after;
  auto refused = called.answer ? refusal_in(call, *called.answer) : std::nullopt;
  if (refused) {
    called.refusal = *std::move(refused);
    called.answer.reset();
  }
  const std::string& code = called.refusal.provider_code;
  const bool says_failed = refused.has_value();
  const bool is_so = !called.answer && (has(call.already, code) || has(call.gone, code));
  const std::string_view outcome = called.answer || is_so ? "done" : word_of(called.refusal.code);
  TRY(journal_.append(
      "answered", key(number), codec::json_object([&](JsonWriter& json) {
        model::append_citation("intended", *intended, json);
        json.field("outcome", outcome);
        const std::string& request_id =
            called.answer ? called.answer->request_id : called.refusal.request_id;
        if (!request_id.empty()) json.field("request_id", request_id);
        if (called.answer) {
          append_json(used_of(step(), call, called.answer->value), json.key("answer"));
        } else {
          json.key("answer").begin_object();
          json.field("code", code).field("error", called.refusal.message).end_object();
        }
      })));
  if (world_.options.progress) world_.options.progress(plan(), step());
  if (says_failed && !is_so) return fail("stopped", called.refusal.message);
  if (outcome == "denied" || outcome == "invalid" || outcome == "conflict") {
    return fail(outcome == "conflict" ? "stale" : "stopped", called.refusal.message);
  }
  return Ended();
}

}  // namespace stanch::respond
