// stanch respond --auto: what may be done without asking is done, and the rest is said.

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "cli/commands.h"
#include "cli/incident.h"
#include "cli/incident_act.h"
#include "cli/ledger.h"
#include "cli/response.h"
#include "cli/screen.h"
#include "host/alone.h"
#include "host/incident.h"
#include "host/incident_list.h"
#include "model/streams.h"
#include "pipeline/parallel.h"

namespace stanch::cli {

namespace {

using codec::JsonWriter;
using respond::StepEnd;

constexpr Duration kTurn = std::chrono::seconds(2);     // for what is new in the ledger
constexpr Duration kRetry = std::chrono::minutes(1);    // of an incident that could not be read
constexpr Duration kReload = std::chrono::seconds(30);  // at most so old is the content
constexpr size_t kPage = 500;
constexpr size_t kThreads = 16;  // they wait for the cloud nearly all the time

// An incident, and what has become of it since it had its turn.
struct Turn {
  model::IncidentId incident;
  Time updated{};  // when something was last said of it
  Time opened{};
  uint8_t severity = 0;
  std::optional<Time> due = {};
  std::string said = {};  // the same is not said again
  std::optional<Result<host::Alone>> alone = {};
};
struct Turns {
  std::map<model::IncidentId, Turn> all;
  uint64_t control = 0;  // what was read of that stream: promotions, the kill switch
};

// The incidents that are named, or all that are open; those that have nothing to do are left out.
Result<std::vector<Turn*>> wanted(Context& context, ledger::Ledger& ledger, Turns& turns) {
  std::vector<Turn*> wanted;
  const Time now = context.env().clock.now();
  TRY(const ledger::StreamHead control, ledger.head(model::kControlStream));
  const bool is_other_world = std::exchange(turns.control, control.next) != control.next;
  const auto want = [&](const model::IncidentId& id, std::optional<Time> updated) {
    const auto [at, is_new] = turns.all.try_emplace(id, Turn{.incident = id});
    Turn& turn = at->second;
    const bool is_due = turn.due && now >= *turn.due;
    const bool is_news = is_new || is_other_world || !updated || *updated != turn.updated;
    if (is_news || is_due) wanted.push_back(&turn);
    turn.updated = updated.value_or(now);
  };
  for (const std::string& text : context.arguments("INCIDENT")) {
    TRY(const model::IncidentId id, host::find_incident(ledger, text));
    want(id, {});
  }
  if (!wanted.empty()) return wanted;
  TRY(host::update_incident_list(ledger));
  ledger::IncidentQuery query{
      .closed = false, .severity_max = UINT8_MAX, .after = {}, .limit = kPage};
  for (;;) {
    TRY(const auto rows, ledger.incidents().list(query));
    for (const ledger::IncidentRow& row : rows) {
      TRY(const host::ListedIncident listed, host::read_row(row));
      if (!listed.merged_into.empty()) continue;
      const model::IncidentId id(row.id);
      want(id, row.updated);
      turns.all[id].opened = row.opened;
      turns.all[id].severity = row.severity;
    }
    if (rows.size() < kPage) break;
    query.after = rows.back();
  }
  // The worst begin, and of these what was there before somebody made many more.
  std::ranges::sort(wanted, {},
                    [](const Turn* turn) { return std::pair(turn->severity, turn->opened); });
  return wanted;
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

std::string turn_text(const Context& context, const Turn& turn) {
  Screen screen(context.style());
  screen.title(turn.incident.text());
  if (!*turn.alone) {
    screen.line("FAILED", turn.alone->error().message());
    return screen.take();
  }
  const host::Alone& alone = **turn.alone;
  if (alone.is_restricted) {
    screen.line("Restricted", fmt::format("{} steps; stanch status --restricted shows them to "
                                          "those whom it names",
                                          alone.steps.size()));
    return screen.take();
  }
  if (!alone.made.empty()) screen.line("Plan", short_hash(alone.made) + ", made now");
  if (alone.made.empty() && alone.steps.empty() && !alone.nothing.empty()) {
    screen.line("Nothing", alone.nothing);
  }
  if (!alone.unplaced.empty()) screen.lines("LEFT OUT", alone.unplaced);
  bool any_waits = false;
  for (const host::AloneStep& step : alone.steps) {
    const std::string_view word = word_of(step);
    std::vector<std::string> lines = {
        fmt::format("{} on {}", step.step.action, step.step.target.entity)};
    if (!step.report.reason.empty() && word != "done") lines.push_back(step.report.reason);
    screen.lines(fmt::format("{}. {}", step.step.id, word), lines);
    any_waits |= word == "shadow" || word == "waits";
  }
  for (const auto& open : alone.watched.open) {
    screen.line("OPEN AGAIN", fmt::format("{}: {}", open.entity, open.reason));
  }
  if (any_waits) {
    screen.line("Next", fmt::format("stanch approve {} --plan {}", turn.incident.text(),
                                    short_hash(alone.steps.back().plan)));
  }
  return screen.take();
}

void append_turn(const Turn& turn, JsonWriter& json) {
  json.begin_object().field("incident", turn.incident.text());
  if (!*turn.alone) {
    json.field("error", turn.alone->error().message()).end_object();
    return;
  }
  const host::Alone& alone = **turn.alone;
  if (alone.is_restricted) {
    json.field("restricted", true).field("steps", uint64_t{alone.steps.size()}).end_object();
    return;
  }
  if (!alone.made.empty()) json.field("made", alone.made);
  if (!alone.nothing.empty()) json.field("nothing", alone.nothing);
  append_texts("left_out", alone.unplaced, json);
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

bool is_well(const Result<host::Alone>& alone) {
  return alone && !alone->is_stuck && alone->unplaced.empty() && alone->watched.open.empty() &&
         std::ranges::none_of(alone->steps, [](const host::AloneStep& step) {
           return step.report.end == StepEnd::kFailed;
         });
}

// One that cannot be helped does not keep the others from help.
void take_turn(Context& context, const host::Responding& with, Turn& turn) {
  turn.alone = host::respond_alone(with, turn.incident);
  turn.due = *turn.alone ? (*turn.alone)->due : context.env().clock.now() + kRetry;
}

}  // namespace

int run_respond(Context& context) {
  if (!context.settings().flag("auto")) {
    return fail_usage(
        context, invalid("'stanch respond' acts by itself, as far as autonomy.yaml and your "
                         "promotions let it: say --auto. By hand: stanch plan, approve, apply"));
  }
  const bool is_json = context.settings().flag("json");
  const bool is_once = context.settings().flag("once") || is_json;
  const auto opened = open_responder(context);
  if (!opened) return fail_opening(context, opened.error());
  const host::Responding with = (*opened)->with(context.env());
  Turns turns;
  Time reload_at = context.env().clock.now() + kReload;
  for (;;) {
    const auto now = wanted(context, with.ledger, turns);
    if (!now) {
      // A busy disk is no reason to stop watching.
      const bool may_pass = now.error().code() == ErrorCode::kUnavailable && !is_once;
      if (!may_pass) return fail_ledger(context, now.error());
      context.note(fmt::format("{}\n", now.error().message()));
      context.env().clock.sleep(kTurn);
      continue;
    }
    // Nobody works with them now; with mistakes in it the content of before holds.
    if (!now->empty() && context.env().clock.now() >= reload_at) {
      reload_at = context.env().clock.now() + kReload;
      if (auto tables = sound_response_tables(context)) (*opened)->tables = *std::move(tables);
    }
    pipeline::for_each_parallel(context.env().threads, now->size(), kThreads,
                                [&](size_t i) { take_turn(context, with, *(*now)[i]); });
    for (Turn* turn : *now) {
      if (is_json) continue;
      const std::string text = turn_text(context, *turn);
      if (std::exchange(turn->said, text) == text) continue;
      const int printed = context.print(text + "\n");
      if (printed != kExitOk) return printed;
    }
    if (is_once) break;
    context.env().clock.sleep(kTurn);
  }
  const bool all_well =
      std::ranges::all_of(turns.all, [](const auto& each) { return is_well(*each.second.alone); });
  const int exit_code = all_well ? kExitOk : kExitFindings;
  if (!is_json) return exit_code;
  return print_json(context, "stanch.alone/1", exit_code, [&](JsonWriter& json) {
    json.key("incidents").begin_array();
    for (const auto& [id, turn] : turns.all) append_turn(turn, json);
    json.end_array();
  });
}

}  // namespace stanch::cli
