// stanch apply, watch: what writes to a cloud.

#include <fmt/format.h>

#include "cli/commands.h"
#include "cli/incident.h"
#include "cli/incident_act.h"
#include "cli/ledger.h"
#include "cli/response.h"
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
    case StepEnd::kBusy: return "busy";
  }
  return "";
}

}  // namespace

int run_apply(Context& context) {
  const auto opened = open_response(context, Cloud::kNeeded);
  if (!opened) return fail_incident(context, opened.error());
  auto plan = plan_argument(context, **opened);
  // Of those that have ended it says again how they did.
  if (!plan && plan.error().code() == ErrorCode::kNotFound) {
    plan = plan_argument(context, **opened, host::WhichPlan::kAny);
  }
  if (!plan) return fail_incident(context, plan.error());
  const auto report = host::apply_plan(
      (*opened)->with(context.env()), (*opened)->id, plan->hash, context.settings().flag("retry"),
      [&](const respond::PlanState& state, const respond::Step& step) {
        const auto& sent = state.step(step.id).sent;
        if (state.step(step.id).verified) {
          context.note(fmt::format("step {}: verified\n", step.id));
        } else if (!sent.empty()) {
          context.note(fmt::format("step {}: {}\n", step.id, sent.back().call));
        }
      });
  if (!report) return fail_incident(context, report.error());
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
    text += fmt::format("{:>3}. {:<8} {} on {}\n", step.step, word_of(step.end), planned->action,
                        codec::for_terminal(planned->target.entity));
    if (!step.reason.empty()) text += fmt::format("     {}\n", codec::for_terminal(step.reason));
  }
  text += report->is_done()
              ? fmt::format("All done and verified. 'stanch watch {}' sees that it stays so.\n",
                            (*opened)->id.text())
              : fmt::format("Not all is done. 'stanch status {}' says what waits for whom.\n",
                            (*opened)->id.text());
  return context.print(text, exit_code);
}

int run_watch(Context& context) {
  const auto opened = open_response(context, Cloud::kNeeded);
  if (!opened) return fail_incident(context, opened.error());
  size_t looked = 0, breaches = 0;
  while (true) {
    const auto watched = host::watch_incident((*opened)->with(context.env()), (*opened)->id);
    if (!watched) return fail_incident(context, watched.error());
    looked += watched->looked;
    breaches += watched->breaches;
    if (watched->looked > 0) {
      context.note(fmt::format("looked at {} steps, {} not contained any more\n", watched->looked,
                               watched->breaches));
    }
    if (!watched->next || context.settings().flag("once")) break;
    const Time now = context.env().clock.now();
    if (now < *watched->next) context.env().clock.sleep(span_of(now, *watched->next));
  }
  const int exit_code = breaches == 0 ? kExitOk : kExitFindings;
  if (context.settings().flag("json")) {
    return print_json(context, "stanch.watched/1", exit_code, [&](JsonWriter& json) {
      json.field("incident", (*opened)->id.text());
      json.field("looked", uint64_t{looked}).field("breaches", uint64_t{breaches});
    });
  }
  return context.print(
      breaches == 0 ? fmt::format("{}: still contained ({} looks)\n", (*opened)->id.text(), looked)
                    : fmt::format("{}: {} times something was NOT CONTAINED any more\n",
                                  (*opened)->id.text(), breaches),
      exit_code);
}

}  // namespace stanch::cli
