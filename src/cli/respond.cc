// stanch respond --auto: what may be done without asking is done, and the rest is said.

#include <fmt/format.h>

#include <algorithm>

#include "cli/commands.h"
#include "cli/incident.h"
#include "cli/incident_act.h"
#include "cli/ledger.h"
#include "cli/response.h"
#include "cli/screen.h"
#include "codec/utf8.h"
#include "host/alone.h"
#include "host/incident.h"
#include "host/incident_list.h"

namespace stanch::cli {

namespace {

using codec::JsonWriter;
using respond::StepEnd;

constexpr Duration kTurn = std::chrono::seconds(5);  // for what is new in the ledger
constexpr size_t kPage = 500;

// The incidents that are named, or all that are open; the worst first.
Result<std::vector<model::IncidentId>> wanted(Context& context, ledger::Ledger& ledger) {
  std::vector<model::IncidentId> all;
  for (const std::string& text : context.arguments("INCIDENT")) {
    TRY(model::IncidentId id, host::find_incident(ledger, text));
    all.push_back(std::move(id));
  }
  if (!all.empty()) return all;
  TRY(host::update_incident_list(ledger));
  ledger::IncidentQuery query{
      .closed = false, .severity_max = UINT8_MAX, .after = {}, .limit = kPage};
  for (;;) {
    TRY(const auto rows, ledger.incidents().list(query));
    for (const ledger::IncidentRow& row : rows) {
      TRY(const host::ListedIncident listed, host::read_row(row));
      if (listed.merged_into.empty()) all.emplace_back(row.id);
    }
    if (rows.size() < kPage) return all;
    query.after = rows.back();
  }
}

std::string_view word_of(const host::AloneStep& step) {
  if (step.is_shadow) return "shadow";
  switch (step.report.end) {
    case StepEnd::kDone: return "done";
    case StepEnd::kFailed: return "FAILED";
    case StepEnd::kStopped:
      return step.report.stop && step.report.stop->asks != respond::GuardAsks::kNothing ? "waits"
                                                                                        : "stopped";
    case StepEnd::kBlocked: return "blocked";
    case StepEnd::kWaits:
    case StepEnd::kBusy: return "waits";
  }
  return "";
}

// What is to be said of a turn; the same as the last time is not said again.
std::string turn_text(const model::IncidentId& incident, const host::Alone& alone) {
  std::string text;
  if (!alone.made.empty()) text += fmt::format("  plan {} was made\n", short_hash(alone.made));
  if (alone.made.empty() && alone.steps.empty() && !alone.nothing.empty()) {
    text += fmt::format("  nothing to do: {}\n", codec::for_terminal(alone.nothing));
  }
  bool any_waits = false;
  for (const host::AloneStep& step : alone.steps) {
    const std::string_view word = word_of(step);
    text += fmt::format("  {:>3}. {:<8} {} on {}\n", step.step.id, word, step.step.action,
                        codec::for_terminal(step.step.target.entity));
    if (!step.report.reason.empty() && word != "done") {
      text += fmt::format("                {}\n", codec::for_terminal(step.report.reason));
    }
    any_waits |= word == "shadow" || word == "waits";
  }
  for (const auto& open : alone.watched.open) {
    text += fmt::format("  NOT CONTAINED any more: {}: {}\n", codec::for_terminal(open.entity),
                        codec::for_terminal(open.reason));
  }
  if (any_waits) {
    const std::string which =
        fmt::format("{} --plan {}", incident.text(), short_hash(alone.steps.back().plan));
    text += fmt::format("  To let it run: stanch approve {}\n", which);
  }
  return text;
}

void append_turn(const model::IncidentId& incident, const host::Alone& alone, JsonWriter& json) {
  json.begin_object().field("incident", incident.text());
  if (!alone.made.empty()) json.field("made", alone.made);
  if (!alone.nothing.empty()) json.field("nothing", alone.nothing);
  json.key("steps").begin_array();
  for (const host::AloneStep& step : alone.steps) {
    json.begin_object().field("plan", step.plan).field("step", step.step.id);
    json.field("action", step.step.action).field("target", step.step.target.entity);
    json.field("end", word_of(step) == "FAILED" ? "failed" : word_of(step));
    append_texts("also_hits", step.step.also_hits, json);
    json.field("reason", step.report.reason).end_object();
  }
  json.end_array();
  json.field("contained", uint64_t{alone.watched.contained});
  json.field("open", uint64_t{alone.watched.open.size()}).end_object();
}

// Until something is due, or something new may be there.
void wait_for_more(Context& context, std::optional<Time> due) {
  env::Clock& clock = context.env().clock;
  const Time now = clock.now();
  clock.sleep(due && *due > now ? std::min<Duration>(span_of(now, *due), kTurn) : kTurn);
}

}  // namespace

int run_respond(Context& context) {
  if (!context.settings().flag("auto")) {
    return fail_usage(
        context, invalid("'stanch respond' acts by itself, as far as autonomy.yaml and your "
                         "promotions let it: say --auto. By hand: stanch plan, approve, apply"));
  }
  const bool is_once = context.settings().flag("once") || context.settings().flag("json");
  auto opened = open_responder(context);
  if (!opened) return fail_opening(context, opened.error());
  const host::Responding with = (*opened)->with(context.env());
  std::map<std::string, std::string> said;  // by incident
  bool is_well = true;
  std::string turns;
  JsonWriter json(turns);
  json.begin_array();
  for (;;) {
    const auto incidents = wanted(context, with.ledger);
    if (!incidents) return fail_ledger(context, incidents.error());
    std::optional<Time> due;
    is_well = true;
    for (const model::IncidentId& incident : *incidents) {
      const auto alone = host::respond_alone(with, incident);
      if (!alone) {
        // One that cannot be helped does not keep the others from help.
        is_well = false;
        const std::string text =
            fmt::format("  {}\n", codec::for_terminal(alone.error().message()));
        if (std::exchange(said[incident.text()], text) != text) {
          context.note(fmt::format("{}\n{}", incident.text(), text));
        }
        continue;
      }
      const bool any_failed = std::ranges::any_of(alone->steps, [](const host::AloneStep& step) {
        return step.report.end == StepEnd::kFailed;
      });
      is_well &= !any_failed && alone->watched.open.empty();
      if (alone->watched.next)
        due = std::min(due.value_or(*alone->watched.next), *alone->watched.next);
      append_turn(incident, *alone, json);
      const std::string text = turn_text(incident, *alone);
      if (std::exchange(said[incident.text()], text) == text || text.empty()) continue;
      if (context.settings().flag("json")) continue;
      const int printed = context.print(fmt::format("{}\n{}", incident.text(), text));
      if (printed != kExitOk) return printed;
    }
    if (is_once) break;
    wait_for_more(context, due);
  }
  const int exit_code = is_well ? kExitOk : kExitFindings;
  if (!context.settings().flag("json")) return exit_code;
  json.end_array();
  return print_json(context, "stanch.alone/1", exit_code,
                    [&](JsonWriter& document) { document.key("incidents").raw(turns); });
}

}  // namespace stanch::cli
