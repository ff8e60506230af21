#include "respond/execute/step_run.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "codec/hash.h"
#include "codec/timestamp.h"

namespace stanch::respond {

namespace {

using codec::JsonValue;
using codec::JsonWriter;

constexpr Duration kFirstPause = std::chrono::milliseconds(500);
constexpr Duration kVerifyWithin = std::chrono::minutes(1);  // unless the action says else
constexpr Duration kWaitAtOnce = std::chrono::seconds(20);   // then the claim is renewed

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
  }
  return "none";
}

// "isolate" of "isolate.1".
std::string_view base_of(std::string_view call) { return call.substr(0, call.find('.')); }

const JsonValue& member_of(const JsonValue& value, std::string_view path) {
  const JsonValue* at = &value;
  while (true) {
    const size_t dot = path.find('.');
    at = &(*at)[path.substr(0, dot)];
    if (dot == path.npos) return *at;
    path.remove_prefix(dot + 1);
  }
}

// What later calls of the step use of this call's answer, by path.
JsonValue used_of(const Step& step, const PlannedCall& call, const JsonValue& answer) {
  JsonValue::Object used;
  for (const PlannedCall& later : step.calls) {
    for (const CallValue::Hole& hole : later.with.holes()) {
      if (hole.kind != CallValue::Hole::Kind::kResult || hole.call != call.id) continue;
      if (const JsonValue& value = member_of(answer, hole.path); !value.is_null()) {
        used.emplace(hole.path, value);
      }
    }
  }
  return JsonValue(std::move(used));
}

std::string time_in_seconds(Time time) {
  return codec::format_timestamp(std::chrono::floor<std::chrono::seconds>(time));
}

Result<> always(const PlanBook&) { return {}; }

bool has(const std::vector<std::string>& list, const std::string& text) {
  return !text.empty() && std::ranges::find(list, text) != list.end();
}

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

std::string StepRun::key(std::string_view number) const {
  return fmt::format("{} {} {}", plan_hash_, step_id_, number);
}

HoldRequest StepRun::hold_request(Time now) const {
  return {.entity = step().target.entity,
          .aspect = action_.name,
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
  TRY(ended, go_on());
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
  return ended ? Result<Ended>(std::move(ended)) : verify();
}

// Whether it may be begun at all.
Result<StepRun::Ended> StepRun::prepare() {
  if (state().verified) return ends(StepEnd::kDone);
  if (state().failed && !world_.options.retries_failed) {
    return ends(StepEnd::kFailed, state().failed->reason);
  }
  for (const std::string& before : step().after) {
    const StepState& other = plan().step(before);
    if (other.verified) continue;
    const Step* planned = plan().plan.find(before);
    // Evidence that cannot be had holds nothing up; what is missing was said when it failed.
    if (planned != nullptr && planned->is_evidence && !step().is_evidence && other.failed) continue;
    return ends(StepEnd::kBlocked, fmt::format("step {} has not ended well", before));
  }
  TRY(Ended stopped, check_guard());
  if (stopped) return stopped;
  if (!step().is_observed) {
    return fail("stale", "It was planned without looking at the cloud. Plan it anew.");
  }
  if (action_.version != step().action_version) {
    return fail("stale",
                fmt::format("The action {} was changed since it was planned.", step().action));
  }
  auto subject = Subject::of(action_, journal_.incident(), step().target);
  if (!subject) return fail("stopped", subject.error().message());
  subject_ = std::move(*subject);
  return Ended();
}

Result<StepRun::Ended> StepRun::check_guard() {
  if (plan().ended) return ends(StepEnd::kStopped, "the plan has ended");
  if (plan().is_paused) return ends(StepEnd::kStopped, "the plan is paused");
  if (!world_.options.guard) return Ended();
  TRY(auto stop, world_.options.guard(plan(), step()));
  if (!stop) return Ended();
  Ended stopped = ends(StepEnd::kStopped, fmt::format("{}", fmt::join(stop->because, " ")));
  stopped->stop = std::move(stop);
  return stopped;
}

// ---------------------------------------------------------------- look

Result<StepRun::Ended> StepRun::look(Look& look) {
  constexpr int kTries = 4;
  for (int attempt = 1;; ++attempt) {
    auto state = observe(*subject_, world_.caller);
    if (state) {
      look.state = std::move(*state);
      break;
    }
    const ErrorCode code = state.error().code();
    const bool passes = code == ErrorCode::kThrottled || code == ErrorCode::kUnavailable ||
                        code == ErrorCode::kUnknownOutcome;
    if (!passes || attempt == kTries) {
      return fail("stopped",
                  fmt::format("The target cannot be looked at: {}", state.error().message()));
    }
    TRY(const bool ours, wait(journal_.now() + kFirstPause * (1 << attempt)));
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

Result<bool> StepRun::took_effect(const JsonValue& now) const {
  const std::optional<Check>& check = is_undo() ? action_.undo->verify : action_.verify;
  if (!check) return true;
  const JsonValue& saved = is_undo() ? step().saved : *state().saved;
  return holds(*subject_, check->that, now, saved);
}

// ---------------------------------------------------------------- begin

Result<> StepRun::save(const JsonValue& observed, bool done_already) {
  TRY(journal_.append("state_saved", key(fmt::format("{}", state().failures)),
                      codec::json_object([&](JsonWriter& json) {
                        json.field("plan", plan_hash_).field("step", step_id_);
                        json.field("target", step().target.entity);
                        append_json(observed, json.key("state"));
                        json.field("done_already", done_already);
                      }),
                      [this](const PlanBook&) -> Result<> {
                        if (!state().has_begun()) return {};
                        return Error(ErrorCode::kConflict, "somebody else has begun the step");
                      }));
  return {};
}

Result<StepRun::Ended> StepRun::begin(const Look& look) {
  if (!look.computed.lacks.empty()) {
    return fail("stopped", fmt::format("{}", fmt::join(look.computed.lacks, " ")));
  }
  if (!look.computed.done && !step().done && look.computed.calls != step().calls) {
    return fail("stale",
                "The target has changed since it was planned, so that other calls would be "
                "made. Plan it anew.");
  }
  if (!look.computed.done && step().done) {
    return fail("stale",
                "It was contained when it was planned, and is not any "
                "more. Plan it anew.");
  }
  if (action_.undo) TRY(take_hold(world_.ledger, hold_request(journal_.now())));
  TRY(save(look.state, look.computed.done));
  return Ended();
}

// What another incident holds stays as it is.
Result<StepRun::Ended> StepRun::leave_to_others() {
  const auto is_held = [this]() -> Result<bool> {
    if (action_.makes_only_own()) return false;
    TRY(const Holds held, Holds::load(world_.ledger, step().target.entity));
    return held.is_held_by_others(action_.name, journal_.incident());
  };
  TRY(bool held, is_held());
  if (!held) return Ended();
  Look now;
  TRY(Ended ended, look(now));
  if (ended) return ended;
  if (!state().has_begun()) TRY(save(now.state, true));
  TRY(return_this_hold("another incident still holds it; nothing was written"));
  // The other may have gone the same way at the same moment: then this was the last.
  TRY(held, is_held());
  if (!held) return Ended();
  TRY(note_verified(now.state, 1));
  return ends(StepEnd::kDone);
}

Result<StepRun::Ended> StepRun::begin_undo(const Look& look) {
  const PlanState* taken_back = journal_.book().find(plan().plan.undoes);
  if (taken_back == nullptr || !action_.undo) {
    return fail("stopped", "There is nothing that could be taken back.");
  }
  // What may still arrive of the change would come after its undoing.
  if (const Time until = taken_back->step(step().undoes).valid_until(); journal_.now() < until) {
    TRY(const bool ours, wait(until));
    if (!ours) return busy();
    Look again;
    TRY(Ended ended, this->look(again));
    return ended ? Result<Ended>(std::move(ended)) : begin_undo(again);
  }
  TRY(Ended left, leave_to_others());
  if (left) return left;
  const auto is_same = [&](const std::string& name) {
    return look.state[name] == step().left[name] || look.state[name] == step().saved[name];
  };
  const auto changed = std::ranges::find_if_not(action_.undo->same, is_same);
  if (changed != action_.undo->same.end()) {
    const std::string reason = fmt::format(
        "{} is not what the change left: somebody else changed it since. Nothing was written.",
        *changed);
    TRY(journal_.append("undo_stopped", key(fmt::format("{}", state().failures)),
                        codec::json_object([&](JsonWriter& json) {
                          json.field("plan", plan_hash_).field("step", step_id_);
                          json.field("target", step().target.entity);
                          append_json(step().saved, json.key("saved"));
                          append_json(step().left, json.key("left"));
                          append_json(look.state, json.key("live"));
                          json.field("reason", reason);
                        }),
                        always));
    return Ended(ends(StepEnd::kFailed, reason));
  }
  if (!look.computed.done && look.computed.calls != step().calls) {
    return fail("stale",
                "The target has changed since undoing was planned. Plan "
                "it anew.");
  }
  if (!state().has_begun()) TRY(save(look.state, look.computed.done));
  return Ended();
}

// ---------------------------------------------------------------- send

// A call without an answer may still arrive. Waits until it cannot, unless what it was to do can be
// seen already.
Result<StepRun::Ended> StepRun::settle(bool& effect) {
  const Duration consistent = action_.verify ? action_.verify->within : kVerifyWithin;
  while (true) {
    const bool is_open =
        std::ranges::any_of(state().sent, [](const SentCall& call) { return !call.is_settled(); });
    if (!is_open) return Ended();
    // What was made by a lost call is seen late; what sets a state may be set again.
    const bool is_made = std::ranges::any_of(state().sent, [this](const SentCall& call) {
      const auto planned = std::ranges::find(step().calls, call.call, &PlannedCall::id);
      return !call.is_settled() && planned != step().calls.end() &&
             planned->repeat == Repeat::kMark;
    });
    const Time until = state().valid_until() + (is_made ? consistent : Duration{});
    Look now;
    TRY(Ended ended, look(now));
    if (ended) return ended;
    TRY(effect, took_effect(now.state));
    if (effect || journal_.now() > until) return Ended();
    TRY(const bool ours,
        wait(std::min(until + std::chrono::seconds(1), journal_.now() + kWaitAtOnce)));
    if (!ours) return busy();
  }
}

Result<StepRun::Ended> StepRun::send_all(std::optional<Look> first) {
  std::vector<Ready> queue;
  std::string uncovered;
  bool is_ready = false;
  while (true) {
    bool effect = false;
    const bool is_open =
        std::ranges::any_of(state().sent, [](const SentCall& call) { return !call.is_settled(); });
    if (is_open) {
      TRY(Ended ended, settle(effect));
      if (ended) return ended;
      if (effect) return Ended();
      is_ready = false;
      first.reset();
    }
    if (!is_ready) {
      if (!first) {
        first.emplace();
        TRY(Ended ended, look(*first));
        if (ended) return ended;
      }
      if (first->computed.done) return Ended();
      queue.clear();
      TRY(Ended ended, make_ready(first->computed, queue, uncovered));
      if (ended) return ended;
      first.reset();
      is_ready = true;
    }
    if (queue.empty()) return uncovered.empty() ? Ended() : fail("stale", uncovered);
    const Ready next = queue.front();
    const size_t before = state().sent.size();
    TRY(Ended ended, send(next));
    if (ended) return ended;
    const bool went = state().sent.size() > before;
    const SentCall* last = went ? &state().sent.back() : nullptr;
    if (last != nullptr && last->outcome == CallOutcome::kDone) {
      queue.erase(queue.begin());
    } else {
      is_ready = false;  // look again
      first.reset();
      if (went && last->outcome == CallOutcome::kNotDone) {
        TRY(const bool ours, wait(journal_.now() + kFirstPause * (1 << last->attempt)));
        if (!ours) return busy();
      }
    }
  }
}

// The calls that follow from a look, as far as the plan covers them and they were not done. Of a
// list of items those that nobody approved are left out, and nothing that follows the list goes
// out: one more item must not keep all others open. `uncovered` says it.
Result<StepRun::Ended> StepRun::make_ready(const Computed& computed, std::vector<Ready>& ready,
                                           std::string& uncovered) {
  if (!computed.lacks.empty()) {
    return fail("stopped", fmt::format("{}", fmt::join(computed.lacks, " ")));
  }
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
      return sent.call == planned->id && sent.outcome == CallOutcome::kDone;
    });
    if (!is_done) ready.push_back({&*planned, call.with});
  }
  return Ended();
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
      for (const SentCall& sent : state().sent) {
        if (sent.call != hole.call || sent.outcome != CallOutcome::kDone) continue;
        if (const JsonValue& value = sent.answer[hole.path]; !value.is_null()) return value;
      }
      return Error(ErrorCode::kNotFound, fmt::format("{} did not answer {}", hole.call, hole.path));
    case kSecret: return Error(ErrorCode::kInvalid, "no action may ask for a secret yet");
  }
  return JsonValue();
}

Result<StepRun::Ended> StepRun::send(const Ready& ready) {
  const PlannedCall& call = *ready.planned;
  TRY(Ended stopped, check_guard());
  if (stopped) return stopped;
  uint64_t attempt = 1, tries = 0;
  for (const SentCall& sent : state().sent) {
    if (sent.call != call.id) continue;
    attempt = sent.attempt + 1;
    tries += sent.failures == state().failures;  // whoever tries once more has as many again
  }
  if (tries >= kAttemptsMax) {
    return fail("stopped", fmt::format("{}.{} was tried {} times and never went through.",
                                       call.service, call.operation, kAttemptsMax));
  }
  const auto parameters =
      ready.with.filled([&](const CallValue::Hole& hole) { return fill(hole, call); });
  if (!parameters) {
    // The provider said that what the earlier call makes is there already: a look shows it.
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
                  .writes = true,
                  .not_after = leaves_by};
  const std::string number =
      fmt::format("{} {} {} {}", call.id, state().breaches, attempt, world_.options.holder);
  const size_t sent_before = state().sent.size();
  const auto intended = journal_.append(
      "intended", key(number), codec::json_object([&](JsonWriter& json) {
        json.field("plan", plan_hash_).field("step", step_id_);
        json.field("call", static_cast<int64_t>(ready.planned - step().calls.data()));
        json.field("attempt", attempt);
        json.field("operation", call.service + ":" + call.operation);
        json.field("target", step().target.entity).field("credential", world_.options.credential);
        json.key("request").begin_object().field("id", call.id);
        append_json(*parameters, json.key("parameters"));
        json.end_object();
        json.field("idempotency", idempotency_of(call.repeat));
        json.field("valid_until",
                   codec::format_timestamp(*out.not_after + world_.caller.signature_holds(out)));
      }),
      [&](const PlanBook&) -> Result<> {
        if (state().sent.size() == sent_before && state().has_begun() && !state().verified &&
            !plan().ended && !plan().is_paused) {
          return {};
        }
        return Error(ErrorCode::kConflict, "the step went on elsewhere");
      });
  if (!intended) {
    if (intended.error().code() != ErrorCode::kConflict) return intended.error();
    if (!state().has_begun()) return busy();  // another gave it up: from the beginning
    return Ended();                           // nothing was sent: look again
  }
  const cloud::Called called = world_.caller.call(out);
  const std::string& code = called.refusal.provider_code;
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
      }),
      always));
  if (world_.options.progress) world_.options.progress(plan(), step());
  if (outcome == "denied" || outcome == "invalid" || outcome == "conflict") {
    return fail(outcome == "conflict" ? "stale" : "stopped", called.refusal.message);
  }
  return Ended();
}

// ---------------------------------------------------------------- verify

Result<StepRun::Ended> StepRun::verify() {
  const std::optional<Check>& check = is_undo() ? action_.undo->verify : action_.verify;
  const Duration within = check && check->within > Duration{} ? check->within : kVerifyWithin;
  const Time deadline = journal_.now() + within;
  Duration pause = kFirstPause;
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
    TRY(const bool ours, wait(std::min(journal_.now() + pause, deadline)));
    if (!ours) return busy();
    pause = std::min(pause * 2, kVerifyPauseMax);
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
  const auto noted = journal_.append(
      "evidence_taken", key(""), codec::json_object([&](JsonWriter& json) {
        json.field("evidence", fmt::format("{}-{}", plan_hash_.substr(0, 12), step_id_));
        json.field("what", action_.title).field("source", step().target.entity);
        json.field("taken_at", codec::format_timestamp(journal_.now()));
        json.field("authority", "plan " + plan_hash_);
        json.field("means", action_.name);
      }),
      always);
  if (!noted && noted.error().code() != ErrorCode::kConflict) return noted.error();
  return {};
}

Result<std::optional<Hold>> StepRun::this_hold() const {
  TRY(const Holds held, Holds::load(world_.ledger, step().target.entity));
  for (const Hold& hold : held.of(action_.name)) {
    if (hold.incident == journal_.incident().text()) return std::optional<Hold>(hold);
  }
  return std::optional<Hold>();
}

Result<> StepRun::return_hold_of_this(const Hold& hold, std::string_view reason) {
  TRY(const Holds held, Holds::load(world_.ledger, step().target.entity));
  const bool is_last = !held.is_held_by_others(action_.name, journal_.incident());
  return return_hold(world_.ledger, hold_request(journal_.now()), hold, is_last, reason);
}

Result<> StepRun::return_this_hold(std::string_view reason) {
  TRY(const auto hold, this_hold());
  return hold ? return_hold_of_this(*hold, reason) : Result<>();
}

Result<StepRun::Ended> StepRun::fail(std::string_view outcome, std::string reason) {
  // Another executor may have gone on meanwhile: what is verified has not failed.
  TRY(journal_.refresh());
  // A step that certainly did nothing holds nothing.
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
  if (step().is_evidence && !is_undo()) {
    // Said before the step has failed: then what waits for it goes on.
    TRY(append("evidence_missing", fmt::format("{}", state().failures),
               codec::json_object([&](JsonWriter& json) {
                 json.field("what", action_.title).field("source", step().target.entity);
                 json.field("reason", reason).field("went_on", true);
               })));
  }
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
