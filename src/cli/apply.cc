// stanch apply, watch: what writes to a cloud.

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "cli/commands.h"
#include "cli/incident.h"
#include "cli/incident_act.h"
#include "cli/ledger.h"
#include "cli/response.h"
#include "cli/screen.h"
#include "codec/timestamp.h"
#include "codec/utf8.h"

namespace stanch::cli {

namespace {

using codec::JsonWriter;
using respond::StepEnd;

std::string_view word_of(StepEnd end) {
  switch (end) {
    case StepEnd::kDone: return "done";
    case StepEnd::kFailed: return "failed";
    case StepEnd::kStopped: return "stopped";
    case StepEnd::kBlocked: return "blocked";
    case StepEnd::kWaits: return "waits";
    case StepEnd::kBusy: return "busy";
  }
  return "";
}

host::Progress progress_of(Context& context) {
  const auto changed = [&](const respond::PlanState& state, const respond::Step& step) {
    const auto& sent = state.step(step.id).sent;
    if (state.step(step.id).verified) {
      context.note(fmt::format("step {}: verified\n", step.id));
    } else if (!sent.empty()) {
      context.note(fmt::format("step {}: {}\n", step.id, sent.back().call));
    }
  };
  // One line for each thing that is waited for, however often it is looked at.
  const auto waiting = [&context, said = std::map<std::string, std::string>()](
                           const respond::StepReport& step) mutable {
    if (said[step.step] == step.reason) return;
    said[step.step] = step.reason;
    context.note(fmt::format("step {}: waits, {}\n", step.step, codec::for_terminal(step.reason)));
  };
  return {.changed = changed, .waiting = waiting};
}

// What there is to know of a step beside its end.
std::string told(const respond::StepReport& step, const respond::PlanState& after) {
  if (!step.reason.empty()) return step.reason;
  const auto& verified = after.step(step.step).verified;
  if (step.end != StepEnd::kDone || !verified) return "";
  return "verified " + second_text(verified->at);
}

// What to do now, for people.
std::string next_step(const respond::PlanReport& report, const respond::PlanState& plan) {
  const std::string where = plan.plan.incident.text() + " --plan " + short_hash(plan.hash);
  const auto any = [&](auto that) { return std::ranges::any_of(report.steps, that); };
  if (report.is_done() && plan.plan.mode == respond::PlanMode::kUndo) {
    return any([](const auto& step) { return !step.reason.empty(); })
               ? "All holds are returned; what others hold stays contained.\n"
               : "All is undone, and verified.\n";
  }
  if (report.is_done()) {
    return fmt::format("All is done and verified. Next: stanch watch {}\n",
                       plan.plan.incident.text());
  }
  std::string text = "NOT ALL IS DONE.\n";
  if (any([](const auto& step) {
        return step.stop && step.stop->asks != respond::GuardAsks::kNothing;
      })) {
    text += fmt::format("For what waits for approval: stanch approve {}\n", where);
  }
  if (any([](const auto& step) { return step.end == StepEnd::kFailed; })) {
    text +=
        fmt::format("For what failed, once its cause is gone: stanch apply {} --retry\n", where);
  }
  return text + fmt::format("All of it: stanch status {}\n", where);
}

}  // namespace

int run_apply(Context& context) {
  const auto opened = open_response(context, Cloud::kNeeded);
  if (!opened) return fail_opening(context, opened.error());
  auto plan = plan_argument(context, **opened, host::WhichPlan::kToApply);
  // Of those that have ended it says again how they did.
  if (!plan && plan.error().code() == ErrorCode::kNotFound) {
    plan = plan_argument(context, **opened, host::WhichPlan::kAny);
  }
  if (!plan) return fail_response(context, plan.error());
  const host::Responding with = (*opened)->with(context.env());
  context.note(fmt::format("plan {} ({}, made {} by {})\n", short_hash(plan->hash),
                           name_of(plan->plan.mode), second_text(plan->at),
                           codec::for_terminal(plan->actor)));
  const auto report = host::apply_plan(with, (*opened)->id, plan->hash,
                                       context.settings().flag("retry"), progress_of(context));
  if (!report) return fail_response(context, report.error());
  const auto after = host::find_plan(with, (*opened)->id, plan->hash, host::WhichPlan::kAny);
  if (!after) return fail_response(context, after.error());
  const int exit_code = report->is_done() ? kExitOk : kExitFindings;
  if (context.settings().flag("json")) {
    return print_json(context, "stanch.applied/1", exit_code, [&](JsonWriter& json) {
      json.field("incident", (*opened)->id.text()).field("plan", plan->hash);
      json.field("done", report->is_done());
      json.key("steps").begin_array();
      for (const respond::StepReport& step : report->steps) {
        json.begin_object().field("step", step.step).field("end", word_of(step.end));
        json.field("reason", step.reason).end_object();
      }
      json.end_array();
    });
  }
  std::string text;
  for (const respond::StepReport& step : report->steps) {
    const respond::Step* planned = plan->plan.find(step.step);
    const std::string word(
        step.stop && step.stop->asks != respond::GuardAsks::kNothing ? "waits" : word_of(step.end));
    text += fmt::format("{:>3}. {:<8} {} on {}\n", step.step, word, planned->action,
                        codec::for_terminal(planned->target.entity));
    if (step.stop && step.stop->asks != respond::GuardAsks::kNothing) {
      text += fmt::format("     waits for approval by {}\n", name_of(step.stop->asks));
    }
    if (const std::string more = told(step, *after); !more.empty()) {
      text += fmt::format("     {}\n", codec::for_terminal(more));
    }
  }
  return context.print(text + next_step(*report, *plan), exit_code);
}

namespace {

// All turns of one watch.
struct Seen {
  size_t looked = 0, breaches = 0;
  respond::Executor::Watched last;

  int exit_code() const {
    if (!last.open.empty() || breaches > 0) return kExitFindings;
    return last.contained == 0 || last.unseen > 0 ? kExitInput : kExitOk;
  }
};

std::string watched_text(const Seen& seen, const std::string& incident) {
  const respond::Executor::Watched& last = seen.last;
  std::string text;
  for (const respond::Executor::Open& open : last.open) {
    text += fmt::format("NOT CONTAINED: {}\n  by step {} of plan {} ({}): {}\n",
                        codec::for_terminal(open.entity), open.step, short_hash(open.plan),
                        open.action, codec::for_terminal(open.reason));
  }
  if (last.contained == 0 && last.open.empty()) {
    return text +
           fmt::format("{}: nothing of it is contained, so there is nothing to watch\n", incident);
  }
  if (last.unseen > 0) {
    text += fmt::format(
        "{}: {} steps could not be looked at; whether they are contained nobody knows\n", incident,
        last.unseen);
  }
  text += fmt::format("{}: {} steps contained, {} not; {} looks", incident, last.contained,
                      last.open.size(), seen.looked);
  if (seen.breaches > 0)
    text += fmt::format(", {} times it was open and contained again",
                        seen.breaches - std::min(seen.breaches, last.open.size()));
  if (last.next) text += fmt::format("; next look {}", second_text(*last.next));
  return text + "\n";
}

}  // namespace

int run_watch(Context& context) {
  const auto opened = open_response(context, Cloud::kNeeded);
  if (!opened) return fail_opening(context, opened.error());
  Seen seen;
  while (true) {
    auto watched = host::watch_incident((*opened)->with(context.env()), (*opened)->id);
    if (!watched) return fail_response(context, watched.error());
    seen.looked += watched->looked;
    seen.breaches += watched->breaches;
    seen.last = std::move(*watched);
    const auto& last = seen.last;
    if (last.looked + last.unseen > 0) {
      context.note(fmt::format("looked at {} steps, {} open, {} could not be looked at\n",
                               last.looked, last.open.size(), last.unseen));
    }
    if (!last.next || context.settings().flag("once")) break;
    const Time now = context.env().clock.now();
    if (now < *last.next) context.env().clock.sleep(span_of(now, *last.next));
  }
  if (context.settings().flag("json")) {
    return print_json(context, "stanch.watched/1", seen.exit_code(), [&](JsonWriter& json) {
      json.field("incident", (*opened)->id.text());
      json.field("looked", uint64_t{seen.looked}).field("breaches", uint64_t{seen.breaches});
      json.field("contained", uint64_t{seen.last.contained});
      json.field("unseen", uint64_t{seen.last.unseen});
      json.key("open").begin_array();
      for (const respond::Executor::Open& open : seen.last.open) {
        json.begin_object().field("plan", open.plan).field("step", open.step);
        json.field("action", open.action).field("target", open.entity);
        json.field("reason", open.reason).end_object();
      }
      json.end_array();
      if (seen.last.next) json.field("next", codec::format_timestamp(*seen.last.next));
    });
  }
  return context.print(watched_text(seen, (*opened)->id.text()), seen.exit_code());
}

}  // namespace stanch::cli
