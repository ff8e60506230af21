#include "respond/plan/plan_book.h"

#include <algorithm>

#include "codec/timestamp.h"
#include "model/streams.h"

namespace stanch::respond {

namespace {

using codec::JsonValue;

std::string text(const JsonValue& payload, std::string_view name) {
  return payload[name].text_or_empty();
}

Time time(const JsonValue& payload, std::string_view name) {
  return codec::parse_timestamp(payload[name].text_or_empty()).value_or(Time{});
}

std::set<std::string> texts(const JsonValue& list) {
  std::set<std::string> texts;
  if (!list.is_array()) return texts;
  for (const JsonValue& each : list.array()) texts.insert(each.text_or_empty());
  return texts;
}

CallOutcome outcome_of(std::string_view word) {
  if (word == "done") return CallOutcome::kDone;
  if (word == "throttled" || word == "unavailable") return CallOutcome::kNotDone;
  if (word == "unknown") return CallOutcome::kUnknown;
  return CallOutcome::kRefused;
}

PlanState read_made(const model::Entry& entry, const JsonValue& payload) {
  PlanState state;
  state.hash = text(payload, "plan");
  state.at = entry.time;
  state.sequence = entry.sequence;
  state.actor = entry.actor;
  if (auto plan = read_plan(payload["document"])) {
    state.is_intact =
        plan_hash(*plan) == state.hash && entry.stream == model::incident_stream(plan->incident);
    state.plan = std::move(*plan);
  }
  return state;
}

}  // namespace

Time StepState::valid_until() const {
  Time until{};
  for (const SentCall& call : sent) {
    if (!call.is_settled()) until = std::max(until, call.valid_until);
  }
  return until;
}

bool StepState::did_nothing() const {
  return std::ranges::none_of(sent, [](const SentCall& call) {
    return call.outcome == CallOutcome::kDone || !call.is_settled();
  });
}

const StepState& PlanState::step(std::string_view id) const {
  static const StepState kNothing;
  const auto found = steps.find(id);
  return found == steps.end() ? kNothing : found->second;
}

bool PlanState::is_done() const {
  return std::ranges::all_of(
      plan.steps, [this](const Step& each) { return step(each.id).verified.has_value(); });
}

std::string evidence_id(std::string_view plan_hash, std::string_view step) {
  constexpr size_t kOfHash = 12;
  return std::string(plan_hash.substr(0, kOfHash)) + "-" + std::string(step);
}

const PlanState* PlanBook::find(std::string_view hash) const {
  const auto found = plans_.find(hash);
  return found == plans_.end() ? nullptr : &found->second;
}

void PlanBook::apply(const model::Entry& entry) {
  if (!entry.payload) return;
  using Handler = void (PlanBook::*)(const model::Entry&, const JsonValue&);
  static const std::map<std::string_view, Handler> kHandlers = {
      {"plan_made", &PlanBook::made},
      {"plan_paused", &PlanBook::paused},
      {"plan_resumed", &PlanBook::paused},
      {"plan_ended", &PlanBook::ended},
      {"approved", &PlanBook::approved},
      {"approval_refused", &PlanBook::refused},
      {"approval_withdrawn", &PlanBook::refused},
      {"approval_asked", &PlanBook::asked},
      {"approval_timed_out", &PlanBook::asked},
      {"state_saved", &PlanBook::saved},
      {"intended", &PlanBook::intended},
      {"answered", &PlanBook::answered},
      {"verified", &PlanBook::verified},
      {"step_failed", &PlanBook::failed},
      {"undo_stopped", &PlanBook::failed},
      {"watched", &PlanBook::watched},
      {"evidence_missing", &PlanBook::missed},
      {"closed", &PlanBook::closed},
      {"reopened", &PlanBook::closed},
  };
  const auto handler = kHandlers.find(entry.kind);
  if (handler == kHandlers.end()) return;
  const JsonValue payload = JsonValue::of(parser_.parse(entry.payload->json));
  (this->*handler->second)(entry, payload);
}

PlanState* PlanBook::plan_of(const JsonValue& payload) {
  const auto plan = plans_.find(text(payload, "plan"));
  return plan == plans_.end() ? nullptr : &plan->second;
}

StepState* PlanBook::step_of(const JsonValue& payload) {
  PlanState* plan = plan_of(payload);
  const std::string step = text(payload, "step");
  return plan == nullptr || plan->plan.find(step) == nullptr ? nullptr : &plan->steps[step];
}

StepState* PlanBook::taken_back_by(const JsonValue& payload) {
  const PlanState* plan = plan_of(payload);
  const auto back = plan == nullptr ? plans_.end() : plans_.find(plan->plan.undoes);
  const Step* step = plan == nullptr ? nullptr : plan->plan.find(text(payload, "step"));
  if (back == plans_.end() || step == nullptr) return nullptr;
  return back->second.plan.find(step->undoes) == nullptr ? nullptr
                                                         : &back->second.steps[step->undoes];
}

void PlanBook::made(const model::Entry& entry, const JsonValue& payload) {
  PlanState made = read_made(entry, payload);
  const std::string hash = made.hash;
  if (plans_.emplace(hash, std::move(made)).second) order_.push_back(hash);
}

void PlanBook::paused(const model::Entry& entry, const JsonValue& payload) {
  if (PlanState* plan = plan_of(payload)) plan->is_paused = entry.kind == "plan_paused";
}

void PlanBook::ended(const model::Entry& entry, const JsonValue& payload) {
  PlanState* plan = plan_of(payload);
  if (plan == nullptr) return;
  plan->ended = {entry.time, text(payload, "outcome"), text(payload, "reason")};
  take_back_no_more(*plan);
}

// What an undo that has ended did not take back stands again.
void PlanBook::take_back_no_more(PlanState& undo) {
  const auto back = plans_.find(undo.plan.undoes);
  if (back == plans_.end()) return;
  for (const Step& step : undo.plan.steps) {
    const auto state = back->second.steps.find(step.undoes);
    if (state != back->second.steps.end() && !undo.step(step.id).verified) {
      state->second.is_undoing = false;
    }
  }
}

void PlanBook::approved(const model::Entry& entry, const JsonValue& payload) {
  PlanState* plan = plan_of(payload);
  if (plan == nullptr) return;
  plan->approvals.push_back({.person = text(payload, "person"),
                             .means = text(payload, "means"),
                             .steps = texts(payload["steps"]),
                             .steps_signed = texts(payload["steps"]),
                             .last_refusal = plan->last_refusal,
                             .proof = payload["proof"],
                             .at = entry.time});
  for (const std::string& step : plan->approvals.back().steps) plan->refused.erase(step);
}

void PlanBook::refused(const model::Entry& entry, const JsonValue& payload) {
  PlanState* plan = plan_of(payload);
  if (plan == nullptr) return;
  const std::string person = text(payload, "person");
  const bool is_refusal = entry.kind == "approval_refused";
  if (is_refusal) plan->last_refusal = entry.id.text();
  for (const std::string& step : texts(payload["steps"])) {
    for (Approval& approval : plan->approvals) {
      // Who approved before somebody refused did not know why.
      if (is_refusal || approval.person == person) approval.steps.erase(step);
    }
    if (is_refusal) plan->refused.insert(step);
  }
}

void PlanBook::asked(const model::Entry& entry, const JsonValue& payload) {
  PlanState* plan = plan_of(payload);
  if (plan == nullptr) return;
  if (entry.kind == "approval_timed_out") {
    if (!plan->asked.empty()) plan->asked.back().is_timed_out = true;
    return;
  }
  const auto deadline = codec::parse_timestamp(text(payload, "deadline"));
  plan->asked.push_back({deadline.value_or(entry.time), model::citation_of(entry), false});
}

void PlanBook::saved(const model::Entry& entry, const JsonValue& payload) {
  StepState* step = step_of(payload);
  if (step == nullptr) return;
  if (!step->begun_at) step->begun_at = entry.time;
  step->moved_at = entry.time;
  if (!step->has_begun()) step->saved = payload["state"];
  step->begins_anew = false;
  step->done_already = payload["done_already"].is_bool() && payload["done_already"].boolean();
  step->failed.reset();
  if (StepState* back = taken_back_by(payload)) back->is_undoing = true;
}

void PlanBook::intended(const model::Entry& entry, const JsonValue& payload) {
  StepState* step = step_of(payload);
  if (step == nullptr) return;
  intended_[entry.sequence] = {text(payload, "plan"), text(payload, "step"), step->sent.size()};
  const int64_t* attempt = payload["attempt"].integer();
  step->sent.push_back({.call = text(payload["request"], "id"),
                        .attempt = attempt == nullptr ? 1 : static_cast<uint64_t>(*attempt),
                        .failures = step->failures,
                        .valid_until = time(payload, "valid_until"),
                        .outcome = CallOutcome::kOpen,
                        .answer = {},
                        .intended = model::citation_of(entry)});
  step->moved_at = entry.time;
  step->failed.reset();
  if (StepState* back = taken_back_by(payload)) back->is_undoing = true;
}

void PlanBook::answered(const model::Entry& entry, const JsonValue& payload) {
  const int64_t* sequence = payload["intended"]["sequence"].integer();
  const auto place =
      sequence == nullptr ? intended_.end() : intended_.find(static_cast<uint64_t>(*sequence));
  if (place == intended_.end()) return;
  StepState& step = plans_.at(place->second.plan).steps[place->second.step];
  if (place->second.sent >= step.sent.size()) return;  // of before a breach
  SentCall& call = step.sent[place->second.sent];
  if (call.intended.sequence != place->first) return;
  call.outcome = outcome_of(text(payload, "outcome"));
  call.answer = payload["answer"];
  step.moved_at = entry.time;
}

void PlanBook::verified(const model::Entry& entry, const JsonValue& payload) {
  StepState* step = step_of(payload);
  if (step == nullptr) return;
  step->verified = {entry.time, payload["state"]};
  step->failed.reset();
  step->watched = 0;
  if (StepState* back = taken_back_by(payload)) back->is_undone = true;
}

void PlanBook::failed(const model::Entry& entry, const JsonValue& payload) {
  StepState* step = step_of(payload);
  if (step == nullptr) return;
  step->failed = {entry.time, entry.kind == "undo_stopped" ? "conflict" : text(payload, "outcome"),
                  text(payload, "reason")};
  ++step->failures;
  // It returned its hold, and what stands there may change: whoever tries again begins anew.
  step->begins_anew = step->did_nothing() && !step->done_already && step->breaches == 0;
  if (StepState* back = taken_back_by(payload)) back->is_undoing = false;
}

void PlanBook::missed(const model::Entry&, const JsonValue& payload) {
  const std::string id = text(payload, "evidence");
  for (auto& [hash, plan] : plans_) {
    for (const Step& step : plan.plan.steps) {
      if (!id.empty() && evidence_id(hash, step.id) == id) plan.steps[step.id].is_missed = true;
    }
  }
}

void PlanBook::closed(const model::Entry& entry, const JsonValue&) {
  is_closed_ = entry.kind == "closed";
}

void PlanBook::watched(const model::Entry& entry, const JsonValue& payload) {
  StepState* step = step_of(payload);
  if (step == nullptr) return;
  if (payload["holds"].is_bool() && payload["holds"].boolean()) {
    ++step->watched;
    return;
  }
  // It begins again: what was sent before says nothing about what is now.
  ++step->breaches;
  step->moved_at = entry.time;
  step->verified.reset();
  std::erase_if(step->sent, [](const SentCall& call) { return call.is_settled(); });
  for (size_t i = 0; i < step->sent.size(); ++i) {
    intended_[step->sent[i].intended.sequence].sent = i;
  }
}

}  // namespace stanch::respond
