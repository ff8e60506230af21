// stanch approve, reject, pause, resume, abort: what people say of a plan.

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <variant>

#include "cli/commands.h"
#include "cli/incident.h"
#include "cli/incident_act.h"
#include "cli/ledger.h"
#include "cli/response.h"
#include "cli/signer.h"
#include "respond/guard/approval_text.h"

namespace stanch::cli {

namespace {

using codec::JsonWriter;
using respond::PlanState;

// The steps of --step, or all.
Result<std::vector<std::string>> steps_argument(Context& context, const PlanState& plan) {
  std::vector<std::string> steps = context.settings().list("step");
  for (const std::string& step : steps) {
    if (plan.plan.find(step) == nullptr) {
      return Error(ErrorCode::kNotFound,
                   fmt::format("plan {} has no step {}", short_hash(plan.hash), step));
    }
  }
  if (steps.empty()) {
    for (const respond::Step& step : plan.plan.steps) steps.push_back(step.id);
  }
  return steps;
}

// Appends what was said of the plan, and says that it was.
int say(Context& context, const OpenedResponse& opened, const host::Said& said,
        const std::string& words) {
  const auto acted =
      host::act(context.env(), *opened.store, opened.id, opened.actor,
                [&](const triage::IncidentState& state) -> Result<std::vector<host::Said>> {
                  TRY(host::check_here(state));
                  return std::vector<host::Said>{said};
                });
  if (!acted) return fail_response(context, acted.error());
  return context.print(fmt::format("{}: {}\n", opened.id.text(), words));
}

// The plan of a command on one that goes on, with the reason that such a command needs.
struct Spoken {
  std::unique_ptr<OpenedResponse> opened;
  PlanState plan;
  std::string reason;
};
// Otherwise the exit code, and what was wrong is said.
std::variant<Spoken, int> spoken_of(Context& context) {
  const auto reason = needed(context, "reason");
  if (!reason) return fail_usage(context, reason.error());
  auto opened = open_response(context, Cloud::kUnused);
  if (!opened) return fail_opening(context, opened.error());
  const auto plan = plan_argument(context, **opened);
  if (!plan) return fail_response(context, plan.error());
  if (plan->ended) {
    return fail_response(context,
                         invalid(fmt::format("plan {} has ended", short_hash(plan->hash))));
  }
  return Spoken{std::move(*opened), *plan, *reason};
}

int say_of_plan(Context& context, std::string_view kind, std::string_view words) {
  auto spoken = spoken_of(context);
  if (const int* failed = std::get_if<int>(&spoken)) return *failed;
  const Spoken& of = std::get<Spoken>(spoken);
  return say(context, *of.opened, {std::string(kind), host::json_object([&](JsonWriter& json) {
                                     json.field("plan", of.plan.hash).field("reason", of.reason);
                                   })},
             fmt::format("plan {} {}", short_hash(of.plan.hash), words));
}

}  // namespace

int run_approve(Context& context) {
  const auto opened = open_response(context, Cloud::kUnused);
  if (!opened) return fail_opening(context, opened.error());
  const auto plan = plan_argument(context, **opened);
  if (!plan) return fail_response(context, plan.error());
  if (!plan->is_intact || plan->ended) {
    return fail_response(context, invalid(fmt::format("plan {} {}", short_hash(plan->hash),
                                                      plan->ended ? "has ended" : "is damaged")));
  }
  const auto steps = steps_argument(context, *plan);
  if (!steps) return fail_response(context, steps.error());
  const std::string text = respond::approval_text(plan->hash, plan->last_refusal, *steps);
  if (context.settings().flag("text")) return context.print(text);
  const auto who = signer_of(context, (*opened)->tables.guards, text);
  if (!who) return fail_response(context, who.error());
  return say(context, **opened,
             {"approved", host::json_object([&](JsonWriter& json) {
                json.field("plan", plan->hash);
                append_texts("steps", *steps, json);
                json.field("person", who->person).field("means", who->means);
                if (!who->signature.empty()) {
                  json.key("proof").begin_object().field("signature", who->signature).end_object();
                }
                if (const std::string comment = context.settings().text("comment");
                    !comment.empty()) {
                  json.field("comment", comment);
                }
              })},
             fmt::format("{} approves step {} of plan {}{}", who->person, fmt::join(*steps, ", "),
                         short_hash(plan->hash),
                         who->signature.empty()
                             ? " (nobody checked who that is: it never counts towards two)"
                             : ", signed"));
}

int run_reject(Context& context) {
  const auto reason = needed(context, "reason");
  if (!reason) return fail_usage(context, reason.error());
  const auto opened = open_response(context, Cloud::kUnused);
  if (!opened) return fail_opening(context, opened.error());
  const auto plan = plan_argument(context, **opened);
  if (!plan) return fail_response(context, plan.error());
  const auto steps = steps_argument(context, *plan);
  if (!steps) return fail_response(context, steps.error());
  const std::string person = own_name(context);
  return say(context, **opened, {"approval_refused", host::json_object([&](JsonWriter& json) {
                                   json.field("plan", plan->hash);
                                   append_texts("steps", *steps, json);
                                   json.field("person", person).field("reason", *reason);
                                 })},
             fmt::format("{} refuses step {} of plan {}", person, fmt::join(*steps, ", "),
                         short_hash(plan->hash)));
}

int run_pause(Context& context) {
  return say_of_plan(context, "plan_paused", "is paused: nothing of it goes on");
}
int run_resume(Context& context) {
  return say_of_plan(context, "plan_resumed", "may go on: stanch apply");
}

int run_abort(Context& context) {
  auto spoken = spoken_of(context);
  if (const int* failed = std::get_if<int>(&spoken)) return *failed;
  const Spoken& of = std::get<Spoken>(spoken);
  const auto withdrawn =
      host::withdraw_plan(of.opened->with(context.env()), of.opened->id, of.plan.hash, of.reason);
  if (!withdrawn) return fail_response(context, withdrawn.error());
  return context.print(
      fmt::format("{}: plan {} is withdrawn; what it did stays until it is undone\n",
                  of.opened->id.text(), short_hash(of.plan.hash)));
}

}  // namespace stanch::cli
