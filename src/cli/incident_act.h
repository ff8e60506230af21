#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/context.h"
#include "codec/json_writer.h"
#include "host/incident.h"
#include "triage/state.h"

// What the commands by which people act on incidents share: each is one act, and one line that says
// what was done and where the ledger has it.

namespace stanch::cli {

using SaidOrNot = Result<std::vector<host::Said>>;

// What was done, for people; of the state afterwards. More than one line: a text for the reader.
using What = std::function<std::string(const triage::IncidentState&)>;

// Does it to the incident that the argument INCIDENT names, and says so. Of a restricted incident
// no more is shown than that it was done.
int run_act(Context& context, const host::Act& act, const What& what);

// Whether every argument says something.
Result<> check_arguments(Context& context);

// An act of one entry, on an incident that is open.
host::Act one(std::string kind, std::function<void(codec::JsonWriter&)> body);

// The option's text; an error says that it is needed.
Result<std::string> needed(Context& context, std::string_view option);
// What the argument says, if it was given once; nothing if not.
Result<std::string> single(Context& context, std::string_view argument);
// The argument TEXT; "-" is standard input.
Result<std::string> text_argument(Context& context);
// --person, or whoever gives the command.
std::string person_of(Context& context);
// --when, or now; never in the future.
Result<Time> when_of(Context& context);

Error invalid(std::string text);
int fail_usage(Context& context, const Error& error);

void text_if(std::string_view name, const std::string& text, codec::JsonWriter& json);

}  // namespace stanch::cli
