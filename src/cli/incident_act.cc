#include "cli/incident_act.h"

#include <fmt/format.h>

#include <sstream>
#include <utility>

#include "cli/commands.h"
#include "cli/incident.h"
#include "cli/ledger.h"
#include "codec/utf8.h"

namespace stanch::cli {

using codec::JsonWriter;
using triage::IncidentState;

Result<> check_arguments(Context& context) {
  for (const ArgumentSpec& argument : context.command().arguments) {
    for (const std::string& text : context.arguments(argument.name)) {
      if (text.find_first_not_of(" \t\r\n") == text.npos) {
        return invalid(fmt::format("{} is empty", argument.name));
      }
    }
  }
  return {};
}

int run_act(Context& context, const host::Act& act, const What& what) {
  if (const auto checked = check_arguments(context); !checked) {
    return fail_usage(context, checked.error());
  }
  const auto opened = open_incident_argument(context);
  if (!opened) return fail_incident(context, opened.error());
  bool withheld = false;
  const auto acted = host::act(context.env(), *opened->store, opened->id, ledger_actor(context),
                               [&](const IncidentState& state) -> SaidOrNot {
                                 withheld =
                                     state.restricted && !context.settings().flag("restricted");
                                 return act(state);
                               });
  if (!acted && withheld && acted.error().code() == ErrorCode::kInvalid) {
    // Why not would tell how it stands.
    return fail_incident(context, invalid(fmt::format("that cannot be done to incident {} as it "
                                                      "stands; it is restricted to named people",
                                                      opened->id.text())));
  }
  if (!acted) return fail_incident(context, acted.error());
  const IncidentState& state = acted->state;
  const bool restricted = state.restricted;
  if (context.settings().flag("json")) {
    return print_json(context, "stanch.incident/1", kExitOk, [&](JsonWriter& json) {
      if (!restricted) return triage::append_json(state, false, json);
      json.field("incident", state.id.text()).field("entries", state.entries);
    });
  }
  // A brief has lines; what stands in them is foreign.
  std::istringstream lines(what(state));
  std::string text, line;
  std::getline(lines, line);
  text = fmt::format("{}: {} (entry {})\n", state.id.text(), codec::for_terminal(line),
                     acted->next - 1);
  while (!restricted && std::getline(lines, line)) text += codec::for_terminal(line) + "\n";
  return context.print(text);
}

host::Act one(std::string kind, std::function<void(JsonWriter&)> body) {
  return [kind = std::move(kind), body = std::move(body)](const IncidentState& state) -> SaidOrNot {
    TRY(host::check_open(state));
    return std::vector<host::Said>{{kind, host::json_object(body)}};
  };
}

Result<std::string> needed(Context& context, std::string_view option) {
  const std::string text = context.settings().text(option);
  if (text.find_first_not_of(" \t\r\n") != text.npos) return text;
  return invalid(fmt::format("--{} is needed: it is kept in the ledger", option));
}

Result<std::string> single(Context& context, std::string_view argument) {
  const auto texts = context.arguments(argument);
  if (texts.empty()) return std::string();
  constexpr size_t kTitleMax = 500;
  if (texts.size() == 1 && texts[0].size() > kTitleMax) {
    return invalid(
        fmt::format("{} is longer than {} bytes: put the rest into a note", argument, kTitleMax));
  }
  if (texts.size() == 1) return texts[0];
  return invalid(fmt::format("{} is given {} times: put it in quotes if it has spaces", argument,
                             texts.size()));
}

Result<std::string> text_argument(Context& context) {
  std::string text = context.argument("TEXT");
  if (text == "-") {
    TRY(const auto file, context.env().files.open("-"));
    text.clear();
    char piece[65536];
    constexpr size_t kTextMax = size_t{512} << 10;
    for (;;) {
      TRY(const size_t count, file->read(piece));
      if (count == 0) break;
      text.append(piece, count);
      if (text.size() > kTextMax) return invalid("the text is longer than 512 kB");
    }
    while (text.ends_with('\n')) text.pop_back();
  }
  if (text.find_first_not_of(" \t\r\n") == text.npos) return invalid("the text is empty");
  return text;
}

std::string person_of(Context& context) {
  const std::string person = context.settings().text("person");
  return person.empty() ? own_name(context) : person;
}

Result<Time> when_of(Context& context) {
  const Time now = context.env().clock.now();
  const std::string text = context.settings().text("when");
  if (text.empty()) return now;
  TRY(const Time when, time_of(text, now));
  if (when > now) return invalid("--when lies in the future");
  return when;
}

Error invalid(std::string text) { return {ErrorCode::kInvalid, std::move(text)}; }

int fail_usage(Context& context, const Error& error) {
  return context.fail(error.message(), fmt::format("See 'stanch help {}'.", context.command().name),
                      kExitUsage);
}

void text_if(std::string_view name, const std::string& text, JsonWriter& json) {
  if (!text.empty()) json.field(name, text);
}

}  // namespace stanch::cli
