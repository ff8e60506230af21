// stanch autonomy: what may run without asking, what would have run, and who lets it.

#include <fmt/format.h>

#include <algorithm>

#include "cli/commands.h"
#include "cli/incident.h"
#include "cli/incident_act.h"
#include "cli/ledger.h"
#include "cli/response.h"
#include "cli/screen.h"
#include "codec/timestamp.h"
#include "host/autonomy.h"
#include "model/aws_entity.h"
#include "pipeline/output/text.h"

namespace stanch::cli {

namespace {

using codec::JsonWriter;

constexpr std::string_view kAny = "*";
constexpr Duration kReportOf = std::chrono::hours(24 * 30);

std::string or_any(const std::string& text) { return text.empty() ? std::string(kAny) : text; }

std::string standing_now(const respond::Control& control, const host::ShadowRow& row, Time now) {
  const auto* set = control.find_autonomy(row.action, row.account, row.environment, now);
  return set == nullptr ? "shadow" : set->autonomy;
}

void show_setting(const respond::AutonomySetting& set, Screen& screen) {
  screen.lines(set.autonomy,
               {set.action, fmt::format("account {}, environment {}", set.account, set.environment),
                fmt::format("by {} at {}{}: {}", set.by, second_text(set.at),
                            set.until ? ", until " + second_text(*set.until) : "", set.reason)});
}

// Says it, of an action that there is.
int set_autonomy(Context& context, const std::string& autonomy) {
  const std::string action = context.argument("ACTION");
  const auto reason = needed(context, "reason");
  if (!reason) return fail_usage(context, reason.error());
  const std::string account = context.settings().text("autonomy-account");
  if (!account.empty() && account != kAny && !model::is_aws_account(account)) {
    return fail_usage(context,
                      invalid(fmt::format("--account {}: an account has twelve digits", account)));
  }
  const bool is_promotion = autonomy == "run";
  if (is_promotion && account.empty()) {
    return fail_usage(context, invalid("--account says where it may run alone ('*' is anywhere)"));
  }
  const auto tables = sound_response_tables(context);
  if (!tables) return fail_response(context, tables.error());
  const auto found = tables->actions.find(action);
  if (found == tables->actions.end()) {
    return fail_response(context,
                         Error(ErrorCode::kNotFound, fmt::format("there is no action {}", action)));
  }
  const respond::RiskClass risk = found->second.risk;
  if (is_promotion && risk != respond::RiskClass::kReversible) {
    const bool asks =
        risk == respond::RiskClass::kDisruptive || risk == respond::RiskClass::kIrreversible;
    return fail_response(context,
                         invalid(fmt::format("{} is {}: it {}", action, name_of(risk),
                                             asks ? "always asks people" : "never asks anybody")));
  }
  host::AutonomyRequest request{.action = action,
                                .account = or_any(account),
                                .environment = or_any(context.settings().text("environment")),
                                .autonomy = autonomy,
                                .until = {},
                                .reason = *reason,
                                .actor = ledger_actor(context)};
  if (const std::string until = context.settings().text("until"); !until.empty()) {
    const auto time = time_of(until, context.env().clock.now());
    if (!time) return fail_usage(context, time.error());
    request.until = *time;
  }
  const auto store = open_ledger(context);
  if (!store) return fail_ledger(context, store.error());
  if (const auto said = host::set_autonomy(context.env(), **store, request); !said) {
    return fail_ledger(context, said.error());
  }
  const std::string where =
      fmt::format("{} in account {}, environment {}", action, request.account, request.environment);
  return context.print(
      is_promotion ? fmt::format("{} may run alone, where autonomy.yaml lets it{}\n", where,
                                 request.until ? ", until " + second_text(*request.until) : "")
                   : fmt::format("{} is in shadow: it says what it would have done\n", where));
}

}  // namespace

int run_autonomy_report(Context& context) {
  const Time now = context.env().clock.now();
  const auto period = period_of(context);
  if (!period) return fail_usage(context, period.error());
  const Time since = period->since.value_or(now - kReportOf);
  const auto tables = sound_response_tables(context);
  if (!tables) return fail_response(context, tables.error());
  const auto store = open_ledger(context);
  if (!store) return fail_ledger(context, store.error());
  const auto rows = host::shadow_report(**store, tables->assets, since);
  if (!rows) return fail_ledger(context, rows.error());
  const auto control = respond::Control::load(**store);
  if (!control) return fail_ledger(context, control.error());
  if (context.settings().flag("json")) {
    return print_json(context, "stanch.autonomy-report/1", kExitOk, [&](JsonWriter& json) {
      json.field("since", codec::format_timestamp(since));
      json.key("rows").begin_array();
      for (const host::ShadowRow& row : *rows) {
        json.begin_object().field("action", row.action).field("account", row.account);
        json.field("environment", row.environment);
        json.field("autonomy", standing_now(*control, row, now));
        json.field("steps", row.steps);
        append_texts("incidents", {row.incidents.begin(), row.incidents.end()}, json);
        append_texts("false_alarms", {row.false_alarms.begin(), row.false_alarms.end()}, json);
        append_texts("targets", {row.targets.begin(), row.targets.end()}, json);
        append_texts("also_hit", {row.also_hit.begin(), row.also_hit.end()}, json);
        json.end_object();
      }
      json.end_array();
    });
  }
  if (rows->empty()) {
    return context.print(
        fmt::format("Nothing would have run alone since {}. 'stanch respond --auto' records it.\n",
                    second_text(since)));
  }
  Screen screen(context.style());
  screen.title(fmt::format("What would have run alone since {}", second_text(since)));
  for (const host::ShadowRow& row : *rows) {
    screen.gap();
    screen.title(row.action);
    screen.line("Where", fmt::format("account {}, {}", row.account,
                                     row.environment.empty() ? "no environment in the inventory"
                                                             : "environment " + row.environment));
    screen.line("Now", standing_now(*control, row, now));
    screen.line("Steps",
                fmt::format("{}, in {}; {} of these were false alarms or expected", row.steps,
                            pipeline::output::counted(row.incidents.size(), "incident"),
                            row.false_alarms.size()));
    screen.lines("Targets", {row.targets.begin(), row.targets.end()});
    screen.lines("Also hit", {row.also_hit.begin(), row.also_hit.end()});
  }
  return context.print(screen.take());
}

int run_autonomy_show(Context& context) {
  const auto store = open_ledger(context);
  if (!store) return fail_ledger(context, store.error());
  const auto control = respond::Control::load(**store);
  if (!control) return fail_ledger(context, control.error());
  if (context.settings().flag("json")) {
    return print_json(context, "stanch.autonomy/1", kExitOk, [&](JsonWriter& json) {
      json.key("settings").begin_array();
      for (const respond::AutonomySetting& set : control->autonomy) {
        json.begin_object().field("action", set.action).field("account", set.account);
        json.field("environment", set.environment).field("autonomy", set.autonomy);
        if (set.until) json.field("until", codec::format_timestamp(*set.until));
        json.field("at", codec::format_timestamp(set.at)).field("by", set.by);
        json.field("reason", set.reason).end_object();
      }
      json.end_array();
    });
  }
  if (control->autonomy.empty()) {
    return context.print("Everything is in shadow: nothing that changes something runs alone.\n");
  }
  Screen screen(context.style());
  screen.title("What people said may run alone; the last that fits a step counts");
  for (const respond::AutonomySetting& set : control->autonomy) show_setting(set, screen);
  return context.print(screen.take());
}

int run_autonomy_promote(Context& context) { return set_autonomy(context, "run"); }
int run_autonomy_demote(Context& context) { return set_autonomy(context, "shadow"); }

}  // namespace stanch::cli
