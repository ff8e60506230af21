// stanch plan, status, undo: plans made and shown. Nothing here writes to a cloud.

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "cli/commands.h"
#include "cli/incident.h"
#include "cli/incident_act.h"
#include "cli/ledger.h"
#include "cli/response.h"
#include "codec/timestamp.h"
#include "model/aws_entity.h"
#include "respond/limits.h"

namespace stanch::cli {

namespace {

using codec::JsonWriter;

std::string next_command(const respond::PlanState& plan) {
  const std::string which =
      fmt::format("{} --plan {}", plan.plan.incident.text(), short_hash(plan.hash));
  const bool any = std::ranges::any_of(plan.plan.steps, [](const respond::Step& step) {
    return step.is_observed && step.lacks.empty();
  });
  if (!any) return "Nothing of it can be done as it stands.";
  return fmt::format("Nothing was done yet. Next:\n  stanch approve {0}\n  stanch apply {0}",
                     which);
}

// Shows a plan, and what each of its steps waits for.
int show(Context& context, const OpenedResponse& opened, const respond::PlanState& plan,
         std::string_view last_line, int exit_code = kExitOk) {
  const auto stops = stops_of(context, opened, plan);
  if (!stops) return fail_response(context, stops.error());
  if (context.settings().flag("json")) {
    return print_json(context, "stanch.plan-state/1", exit_code,
                      [&](JsonWriter& json) { append_plan_json(plan, *stops, json); });
  }
  std::string text =
      plan_text(context, plan, opened.tables.actions, *stops, context.settings().flag("calls"));
  if (!last_line.empty()) text += fmt::format("\n{}\n", last_line);
  return context.print(text, exit_code);
}

int show_made(Context& context, OpenedResponse& opened, const Result<std::string>& hash) {
  if (!hash) return fail_response(context, hash.error());
  const auto plan =
      host::find_plan(opened.with(context.env()), opened.id, *hash, host::WhichPlan::kAny);
  if (!plan) return fail_response(context, plan.error());
  const bool is_possible = std::ranges::any_of(
      plan->plan.steps, [](const respond::Step& step) { return step.lacks.empty(); });
  if (!is_possible) return show(context, opened, *plan, "Nothing of it can be done.", kExitInput);
  const bool is_observed = plan->plan.steps.empty() || plan->plan.steps[0].is_observed ||
                           !plan->plan.steps[0].lacks.empty();
  if (!is_observed) return show(context, opened, *plan, "Planned offline: it cannot be applied.");
  return show(context, opened, *plan, next_command(*plan));
}

Result<std::string> made(Context& context, const OpenedResponse& opened,
                         const host::Wishes& wishes) {
  const host::Responding with = opened.with(context.env());
  TRY(respond::Journal journal, with.open_journal(opened.id));
  TRY(std::string hash, host::make_plan(with, journal, opened.state, wishes));
  TRY(host::add_tasks(with, opened.id, wishes.tasks));
  return hash;
}

// "3:1h"
std::optional<respond::Envelope> envelope_named(const std::string& text) {
  const size_t colon = text.find(':');
  uint64_t targets = 0;
  const auto [end, error] =
      std::from_chars(text.data(), text.data() + std::min(colon, text.size()), targets);
  const auto lasts =
      colon == text.npos ? std::nullopt : codec::parse_duration(text.substr(colon + 1));
  if (error != std::errc() || end != text.data() + colon || !lasts) return std::nullopt;
  const respond::Envelope envelope{targets, *lasts};
  return is_sound(envelope) ? std::optional(envelope) : std::nullopt;
}

// Where playbooks leave all to people, there is no plan.
int show_tasks(Context& context, OpenedResponse& opened,
               const std::vector<respond::Expanded::Task>& tasks) {
  const auto added = host::add_tasks(opened.with(context.env()), opened.id, tasks);
  if (!added) return fail_response(context, added.error());
  if (context.settings().flag("json")) {
    return print_json(context, "stanch.plan-tasks/1", kExitOk, [&](JsonWriter& json) {
      json.key("tasks").begin_array();
      for (const respond::Expanded::Task& task : tasks) json.string(task.title);
      json.end_array();
    });
  }
  std::string text = "No machine decides here. Tasks of the incident:\n";
  for (const respond::Expanded::Task& task : tasks) {
    text += fmt::format("  {}: {}\n", task.owner, task.title);
  }
  return context.print(text, kExitOk);
}

// The plans of the incident that go on beside this one, for people.
Result<std::string> other_plans(const host::Responding& with, const respond::PlanState& shown) {
  TRY(const respond::Journal journal, with.open_journal(shown.plan.incident));
  std::string text;
  for (const std::string& hash : journal.book().order()) {
    const respond::PlanState& plan = *journal.book().find(hash);
    if (plan.ended || hash == shown.hash) continue;
    const auto done = std::ranges::count_if(plan.plan.steps, [&](const respond::Step& step) {
      return plan.step(step.id).verified.has_value();
    });
    text += fmt::format("{}  stanch status {} --plan {}   {} of {} steps done\n",
                        text.empty() ? "Other plans of the incident that go on:\n" : "",
                        shown.plan.incident.text(), short_hash(hash), done, plan.plan.steps.size());
  }
  if (!text.empty()) text.pop_back();
  return text;
}

// As AWS's own tools take it.
std::string region_of_environment(env::Env env) {
  for (const char* name : {"AWS_REGION", "AWS_DEFAULT_REGION"}) {
    if (auto region = env.variables.find(name); region && !region->empty()) return *region;
  }
  return "";
}

// What --do, --with, --envelope and --offline say, and --contain-first. kInvalid.
Result<host::Wishes> wishes_argument(Context& context) {
  const Settings& settings = context.settings();
  host::Wishes wishes;
  const std::string account = settings.text("account");
  if (!account.empty() && !model::is_aws_account(account)) {
    return invalid(fmt::format("--account {}: an account has twelve digits", account));
  }
  for (const std::string& text : settings.list("do")) {
    const size_t at = text.find('@');
    if (at == text.npos) {
      return invalid(
          fmt::format("'{}' is no ACTION@ENTITY, such as "
                      "aws.iam.deny-user@aws:user/ACCOUNT/NAME",
                      text));
    }
    wishes.wishes.push_back(
        {text.substr(0, at), text.substr(at + 1), account, settings.text("region")});
  }
  for (const std::string& text : settings.list("with")) {
    const size_t at = text.find('=');
    if (at == text.npos || at == 0) {
      return invalid(fmt::format("--with {}: NAME=VALUE belongs here", text));
    }
    wishes.given.insert_or_assign(text.substr(0, at), text.substr(at + 1));
  }
  if (const std::string text = settings.text("envelope"); !text.empty()) {
    wishes.envelope = envelope_named(text);
    if (!wishes.envelope) {
      return invalid(fmt::format("--envelope {}: TARGETS:TIME, such as 3:1h; at most {} and {} h",
                                 text, respond::kEnvelopeTargetsMax,
                                 respond::kEnvelopeLastsMax / std::chrono::hours(1)));
    }
  }
  const bool asks_playbooks =
      !settings.text("playbook").empty() || !settings.text("target-entity").empty();
  if (!wishes.wishes.empty() && asks_playbooks) {
    return invalid("--do says what is done and to what; --playbook and --target do not go with it");
  }
  wishes.is_offline = settings.flag("offline");
  wishes.contain_first = settings.text("contain-first");
  wishes.region = region_of_environment(context.env());
  return wishes;
}

// Adds what the playbooks say.
Result<> ask_playbooks(const Context& context, const OpenedResponse& opened, host::Wishes& wishes) {
  const Settings& settings = context.settings();
  TRY(host::Wishes asked, host::ask_playbooks(opened.tables, opened.state,
                                              {.playbook = settings.text("playbook"),
                                               .target = settings.text("target-entity"),
                                               .account = settings.text("account"),
                                               .region = settings.text("region")}));
  wishes.wishes = std::move(asked.wishes);
  wishes.tasks = std::move(asked.tasks);
  wishes.because = std::move(asked.because);
  wishes.playbook = std::move(asked.playbook);
  if (wishes.contain_first.empty()) wishes.contain_first = std::move(asked.contain_first);
  return {};
}

}  // namespace

int run_plan(Context& context) {
  if (const auto checked = check_arguments(context); !checked) {
    return fail_usage(context, checked.error());
  }
  auto wishes = wishes_argument(context);
  if (!wishes) return fail_usage(context, wishes.error());
  const auto opened = open_response(context, wishes->is_offline ? Cloud::kUnused : Cloud::kNeeded);
  if (!opened) return fail_opening(context, opened.error());
  if (const auto open = host::check_open((*opened)->state); !open) {
    return fail_response(context, open.error());
  }
  if (wishes->wishes.empty()) {
    const auto asked = ask_playbooks(context, **opened, *wishes);
    if (!asked) return fail_response(context, asked.error());
  }
  if (wishes->wishes.empty()) return show_tasks(context, **opened, wishes->tasks);
  return show_made(context, **opened, made(context, **opened, *wishes));
}

int run_undo(Context& context) {
  const auto opened = open_response(context, Cloud::kNeeded);
  if (!opened) return fail_opening(context, opened.error());
  const auto plan = plan_argument(context, **opened, host::WhichPlan::kToUndo);
  if (!plan) return fail_response(context, plan.error());
  return show_made(context, **opened,
                   host::make_undo_plan((*opened)->with(context.env()), (*opened)->state,
                                        plan->hash, context.settings().list("step")));
}

int run_status(Context& context) {
  const auto opened = open_response(context, Cloud::kUnused);
  if (!opened) return fail_opening(context, opened.error());
  const auto plan = plan_argument(context, **opened, host::WhichPlan::kAny);
  if (!plan) return fail_response(context, plan.error());
  const auto others = other_plans((*opened)->with(context.env()), *plan);
  if (!others) return fail_response(context, others.error());
  return show(context, **opened, *plan, *others);
}

}  // namespace stanch::cli
