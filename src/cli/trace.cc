#include "host/trace.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "cli/commands.h"
#include "cli/context.h"
#include "cli/incident.h"
#include "cli/ledger.h"
#include "cli/progress.h"
#include "codec/json.h"
#include "codec/timestamp.h"
#include "codec/utf8.h"
#include "host/ledger.h"
#include "pipeline/output/text.h"
#include "triage/scope/tell.h"

namespace stanch::cli {

namespace {

namespace output = pipeline::output;
using namespace triage::scope;

std::string second_text(Time time) {
  return codec::format_timestamp(std::chrono::floor<std::chrono::seconds>(time));
}

// The whole answer, for people.
class Screen {
 public:
  Screen(const Trace& trace, const output::Style& style) : trace_(trace), style_(style) {
    for (const Hop& hop : trace.hops) {
      if (hop.primary) children_[hop.parent].push_back(&hop);
      if (hop.primary) has_parent_[hop.child] = true;
    }
  }

  std::string take() {
    head(trace_.entity);
    if (trace_.logs_from) {
      line(0, fmt::format("{} events from {} to {}", output::grouped(trace_.events),
                          second_text(*trace_.logs_from), second_text(*trace_.logs_to)));
    }
    section("Where it came from, and what came from it");
    for (size_t i = 0; i < trace_.holders.size(); ++i) {
      if (!has_parent_.contains(i)) tree(i, nullptr, 0);
    }
    for (const Origin& origin : trace_.origins) line(2, "begins with " + origin.words);
    section("What was done");
    for (const Holder& holder : trace_.holders) activity(holder);
    if (!trace_.remains.empty()) section("What is left behind");
    for (const Remains& remains : trace_.remains) {
      line(2, fmt::format("{} {} by {} at {}{}", name_of(remains.how), remains.id, remains.action,
                          second_text(remains.when.time),
                          remains.gone ? ", gone since " + second_text(remains.gone->time) : ""));
    }
    section("What to cut, the highest lever first");
    size_t number = 0;
    for (const Cut& cut : trace_.cuts) {
      line(2, fmt::format("{}. {}{}", ++number, cut.words,
                          cut.others > 0 ? fmt::format("; hits {} others", cut.others) : ""));
    }
    section("What cannot be known");
    for (const Unknown& unknown : trace_.unknowns) line(2, unknown.words);
    return std::move(text_);
  }

 private:
  void head(const std::string& text) {
    text_ += output::colored(codec::for_terminal(text), output::Color::kBold, style_) + "\n";
  }
  void section(const std::string& title) {
    text_ += "\n";
    head(title);
  }
  void line(size_t indent, const std::string& text) {
    text_ += output::wrapped(std::string(indent, ' ') + codec::for_terminal(text), indent + 2,
                             style_.columns) +
             "\n";
  }

  void tree(size_t index, const Hop* by, size_t depth) {
    constexpr size_t kDepthShown = 12;
    const Holder& holder = trace_.holders[index];
    std::string text = label_of(holder);
    if (holder.id != holder.principal) text += fmt::format(" ({})", holder.ids.front());
    if (by != nullptr) {
      text = fmt::format("{}: {}", by->action.empty() ? std::string(name_of(by->kind)) : by->action,
                         text);
      if (by->confidence != Confidence::kProven) {
        text += fmt::format(" — inferred, {}: {}", name_of(by->confidence), by->why);
      }
    }
    if (holder.relation == Relation::kStart) text += " ◀";
    line(2 + 2 * depth, (depth == 0 ? "" : "└ ") + text);
    if (depth >= kDepthShown) return;
    for (const Hop* hop : children_[index]) tree(hop->child, hop, depth + 1);
  }

  void activity(const Holder& holder) {
    if (holder.activity.empty()) return;
    constexpr size_t kActions = 8, kTargets = 3, kSources = 4;
    line(2, fmt::format("{} ({})", label_of(holder), holder.ids.front()));
    for (const ActivityGroup& group : holder.activity) {
      std::string text =
          fmt::format("{} {}:", name_of(group.kind), output::grouped(group.tally.count));
      for (size_t i = 0; i < std::min(group.actions.size(), kActions); ++i) {
        const ActionUse& use = group.actions[i];
        text += fmt::format("{} {}", i == 0 ? "" : ",", use.action);
        if (use.tally.count > 1) text += fmt::format(" ×{}", use.tally.count);
        if (group.kind == EdgeKind::kRead) continue;
        for (size_t t = 0; t < std::min(use.targets.size(), kTargets); ++t) {
          text += " " + use.targets[t].id;
        }
        const size_t more = use.targets.size() + use.targets_more;
        if (more > kTargets) text += fmt::format(" and {} more", more - kTargets);
      }
      const size_t more = group.actions.size() + group.actions_more;
      if (more > kActions) text += fmt::format(" and {} more", more - kActions);
      line(4, text);
    }
    for (size_t i = 0; i < std::min(holder.sources.size(), kSources); ++i) {
      const SourceUse& use = holder.sources[i];
      std::string text = fmt::format("from {}", use.source);
      if (!use.country.empty()) text += ", " + use.country;
      if (!use.network.empty()) text += ", " + use.network;
      if (!use.user_agents.empty()) {
        text += fmt::format(" with {}{}", use.user_agents.front().substr(0, 60),
                            use.user_agents.size() > 1
                                ? fmt::format(" and {} more", use.user_agents.size() - 1)
                                : "");
      }
      line(4, text);
    }
  }

  const Trace& trace_;
  output::Style style_;
  std::map<size_t, std::vector<const Hop*>> children_;
  std::map<size_t, bool> has_parent_;
  std::string text_;
};

int print_csv(Context& context, const host::TraceRequest& request, const Trace& trace) {
  std::string text =
      "time,holder,action,outcome,targets,source,user_agent,account,region,event_id\r\n";
  codec::JsonParser parser;
  const auto row = [&](std::string_view document) -> Result<> {
    const codec::JsonView view = parser.parse(document);
    const codec::JsonView facts = view["facts"];
    std::string targets;
    for (const codec::JsonView target : facts["targets"].elements()) {
      targets += (targets.empty() ? "" : " ") + target["entity"].string_or_empty();
    }
    const codec::JsonView source = facts["source"];
    const std::string from = source["address"] ? source["address"].string_or_empty()
                                               : source["service"].string_or_empty();
    bool first = true;
    for (const std::string& cell :
         {facts["time"].string_or_empty(), view["holder"].string_or_empty(),
          facts["action"]["service"].string_or_empty() + ":" +
              facts["action"]["name"].string_or_empty(),
          facts["outcome"].string_or_empty(), targets, from, source["user_agent"].string_or_empty(),
          facts["account"].string_or_empty(), facts["region"].string_or_empty(),
          view["event_id"].string_or_empty()}) {
      if (!std::exchange(first, false)) text += ',';
      text += output::csv_cell(cell);
    }
    text += "\r\n";
    return {};
  };
  const std::string spool =
      host::state_folder(context.env().variables, context.settings().text("state")) + "/spool";
  const auto told = host::each_traced_event(context.env(), request, trace, spool, row);
  if (!told) return context.fail(told.error(), kExitInternal);
  return context.print(text);
}

}  // namespace

int run_trace(Context& context) {
  const Settings& settings = context.settings();
  host::TraceRequest request;
  request.entity = context.argument("ENTITY");
  request.options.paths = settings.list("logs");
  request.options.jobs = settings.number("jobs");
  if (request.options.paths.empty()) {
    return context.fail("there are no logs to trace in", "Name them: --logs PATH.", kExitUsage);
  }
  const Time now = context.env().clock.now();
  for (const auto& [option, out] :
       {std::pair{"since", &request.window.since}, std::pair{"until", &request.window.until}}) {
    const std::string text = settings.text(option);
    if (text.empty()) continue;
    const auto time = time_of(text, now);
    if (!time) return context.fail(time.error(), kExitUsage);
    *out = *time;
  }
  ProgressLine progress(context.env(), context.error_style(),
                        context.env().terminal.error_is_terminal() && !context.quiet() &&
                            !settings.flag("no-progress"));
  const auto result = host::trace(context.env(), request,
                                  [&](const pipeline::Progress& at) { progress.update(at); });
  progress.clear();
  if (!result) {
    return context.fail(result.error().message(),
                        result.error().code() == ErrorCode::kInvalid
                            ? "Give the whole id of the one that you mean."
                            : "An id, an access key, an ARN, an address, or a name.",
                        kExitUsage);
  }
  const int exit_code = pipeline::has_lost_input(result->summary) ? kExitInput : kExitOk;
  if (exit_code == kExitInput) {
    context.note("note: some input could not be read; 'stanch scan' says which\n");
  }
  const std::string format = settings.text("trace-format");
  if (settings.flag("json") || format == "json") {
    return print_json(context, "stanch.trace/1", exit_code,
                      [&](codec::JsonWriter& json) { append_json(result->trace, json); });
  }
  if (format == "dot") return context.print(to_dot(result->trace), exit_code);
  if (format == "mermaid") return context.print(to_mermaid(result->trace), exit_code);
  if (format == "csv") return print_csv(context, request, result->trace);
  return context.print(Screen(result->trace, context.style()).take(), exit_code);
}

}  // namespace stanch::cli
