// stanch approve, reject, pause, resume, abort: what people say of a plan.

#include <fmt/format.h>

#include <algorithm>

#include "cli/commands.h"
#include "cli/incident.h"
#include "cli/incident_act.h"
#include "cli/ledger.h"
#include "cli/response.h"
#include "codec/ssh_signature.h"
#include "pipeline/content.h"
#include "respond/guard/approval_text.h"

namespace stanch::cli {

namespace {

using codec::JsonWriter;
using respond::PlanState;

constexpr size_t kSignatureBytesMax = 64 * 1024;

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

struct Who {
  std::string person, means, signature;
};
// Whose signature that is; without one the system's user, whom nobody has checked.
Result<Who> who_approves(Context& context, const OpenedResponse& opened, const std::string& text) {
  const std::string path = context.settings().text("signature");
  if (path.empty()) return Who{own_name(context), "unverified", ""};
  TRY(const std::string armored,
      pipeline::read_file(context.env().files, path, kSignatureBytesMax));
  TRY(const auto made, codec::verify_ssh_signature(armored, respond::kApprovalNamespace, text));
  const auto known =
      std::ranges::find(opened.tables.guards.approvers, made.key, &respond::Approver::key);
  if (known == opened.tables.guards.approvers.end()) {
    return Error(ErrorCode::kDenied,
                 "the key of this signature is not in the content's file "
                 "'approvers'");
  }
  return Who{known->person, "ssh_signature", armored};
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
  if (!acted) return fail_incident(context, acted.error());
  return context.print(fmt::format("{}: {}\n", opened.id.text(), words));
}

int say_of_plan(Context& context, std::string_view kind, std::string_view outcome,
                std::string_view words) {
  const auto reason = needed(context, "reason");
  if (!reason) return fail_usage(context, reason.error());
  const auto opened = open_response(context, Cloud::kUnused);
  if (!opened) return fail_incident(context, opened.error());
  const auto plan = plan_argument(context, **opened);
  if (!plan) return fail_incident(context, plan.error());
  if (plan->ended) {
    return fail_incident(context,
                         invalid(fmt::format("plan {} has ended", short_hash(plan->hash))));
  }
  return say(context, **opened, {std::string(kind), host::json_object([&](JsonWriter& json) {
                                   json.field("plan", plan->hash);
                                   if (!outcome.empty()) json.field("outcome", outcome);
                                   json.field("reason", *reason);
                                 })},
             fmt::format("plan {} {}", short_hash(plan->hash), words));
}

}  // namespace

int run_approve(Context& context) {
  const auto opened = open_response(context, Cloud::kUnused);
  if (!opened) return fail_incident(context, opened.error());
  const auto plan = plan_argument(context, **opened);
  if (!plan) return fail_incident(context, plan.error());
  if (!plan->is_intact || plan->ended) {
    return fail_incident(context, invalid(fmt::format("plan {} {}", short_hash(plan->hash),
                                                      plan->ended ? "has ended" : "is damaged")));
  }
  const auto steps = steps_argument(context, *plan);
  if (!steps) return fail_incident(context, steps.error());
  const std::string text = respond::approval_text(plan->hash, *steps);
  if (context.settings().flag("text")) return context.print(text);
  const auto who = who_approves(context, **opened, text);
  if (!who) return fail_incident(context, who.error());
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
  if (!opened) return fail_incident(context, opened.error());
  const auto plan = plan_argument(context, **opened);
  if (!plan) return fail_incident(context, plan.error());
  const auto steps = steps_argument(context, *plan);
  if (!steps) return fail_incident(context, steps.error());
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
  return say_of_plan(context, "plan_paused", "", "is paused: nothing of it goes on");
}
int run_resume(Context& context) {
  return say_of_plan(context, "plan_resumed", "", "may go on: stanch apply");
}
int run_abort(Context& context) {
  return say_of_plan(context, "plan_ended", "withdrawn",
                     "is withdrawn; what it did stays until it is undone");
}

}  // namespace stanch::cli
