#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "base/suggest.h"
#include "cli/actions.h"
#include "cli/commands.h"
#include "cli/diagnostics.h"
#include "cli/screen.h"
#include "codec/json_writer.h"
#include "pipeline/output/text.h"
#include "respond/action/permissions.h"

namespace stanch::cli {

namespace {

namespace output = pipeline::output;
using respond::Action;
using respond::Permissions;
using respond::ReadCall;
using respond::WriteCall;

std::string_view words_of(respond::RiskClass risk) {
  switch (risk) {
    case respond::RiskClass::kRead: return "it changes nothing";
    case respond::RiskClass::kAdditive: return "it only adds visibility or evidence";
    case respond::RiskClass::kReversible: return "it can be undone";
    case respond::RiskClass::kDisruptive: return "others will notice";
    case respond::RiskClass::kIrreversible: return "it cannot be undone";
  }
  return "";
}

std::string_view words_of(respond::Repeat repeat) {
  switch (repeat) {
    case respond::Repeat::kDesiredState: return "repeating it is safe: it sets what is to be";
    case respond::Repeat::kClientToken: return "repeating it is safe: the provider knows its token";
    case respond::Repeat::kOwnName:
      return "repeating it is safe: what it makes has a name of the incident";
    case respond::Repeat::kLock:
      return "repeating it is safe: it holds only for the version that was seen";
    case respond::Repeat::kMark:
      return "repeating it is safe: what it makes bears a mark and is looked for first";
    case respond::Repeat::kOnce: return "not repeated: people find out what came of it";
  }
  return "";
}

std::string operation_of(const respond::OperationName& name) {
  return fmt::format("{}.{}", name.service, name.operation);
}

std::vector<std::string> lines_of(const std::vector<ReadCall>& calls) {
  std::vector<std::string> lines;
  for (const ReadCall& call : calls) {
    std::string line = fmt::format("{} {}", operation_of(call.name), call.with.text());
    if (call.all_pages) line += ", all pages";
    if (!call.account.empty()) line += fmt::format(", in {}", call.account);
    if (call.for_each) line += fmt::format(", for each of {}", call.for_each->text());
    if (call.when) line += fmt::format(", when {}", call.when->text());
    lines.push_back(std::move(line));
  }
  return lines;
}

std::vector<std::string> lines_of(const std::vector<WriteCall>& calls) {
  std::vector<std::string> lines;
  for (const WriteCall& call : calls) {
    std::string line = fmt::format("{} {}", operation_of(call.name), call.with.text());
    if (!call.account.empty()) line += fmt::format(", in {}", call.account);
    if (call.for_each) line += fmt::format(", for each of {}", call.for_each->text());
    if (call.when) line += fmt::format(", when {}", call.when->text());
    lines.push_back(fmt::format("{} ({})", line, words_of(call.repeat)));
  }
  return lines;
}

std::string text_of(const respond::Check& check) {
  std::string text = check.that.text();
  if (check.within > Duration{}) text += fmt::format(", within {}", within_text(check.within));
  if (check.never) text += fmt::format("; never, once {}", check.never->text());
  return text;
}

// Paragraphs of which each may take several lines.
std::vector<std::string> listed(std::vector<std::string> lines) {
  if (lines.size() > 1) {
    for (std::string& line : lines) line.insert(0, "- ");
  }
  return lines;
}

void show_meta(const Action& action, Screen& screen) {
  screen.title(action.title);
  screen.gap();
  screen.line("Action", action.name);
  screen.line("Target", action.target);
  screen.line("Phase", std::string(name_of(action.phase)));
  screen.line("Class", fmt::format("{}: {}", name_of(action.risk), words_of(action.risk)));
  screen.gap();
  screen.line("What", action.description);
  screen.lines("Pitfalls", listed(action.pitfalls));
  if (!action.techniques.empty()) {
    screen.line("ATT&CK", fmt::format("{}", fmt::join(action.techniques, " ")));
  }
  if (!action.evidence.empty()) {
    screen.line("First",
                fmt::format("{}, so that evidence is taken", fmt::join(action.evidence, ", ")));
  }
}

std::string text_of(const respond::Parameter& parameter) {
  std::string text = fmt::format("{}: {}", parameter.name, parameter.what);
  if (!parameter.otherwise) return text;
  const bool is_empty = parameter.otherwise->empty();
  return text +
         (is_empty ? " Need not be said." : fmt::format(" Otherwise {}.", *parameter.otherwise));
}

void show_calls(const Action& action, Screen& screen) {
  screen.gap();
  std::vector<std::string> told;
  for (const respond::Parameter& parameter : action.parameters) told.push_back(text_of(parameter));
  screen.lines("Is told", listed(std::move(told)));
  if (!action.account.empty()) screen.line("Account", action.account);
  screen.lines("Reads", listed(lines_of(action.observe)));
  std::vector<std::string> lines;
  for (const respond::Named& kept : action.state) {
    lines.push_back(fmt::format("{}: {}", kept.name, kept.expression.text()));
  }
  screen.lines("Keeps", listed(std::move(lines)));
  lines.clear();
  for (const auto& [name, value] : action.let) {
    lines.push_back(fmt::format("{}: {}", name, value.text()));
  }
  screen.lines("With", listed(std::move(lines)));
  lines.clear();
  for (const respond::Need& need : action.needs) {
    lines.push_back(fmt::format("{}; else: {}", need.that.text(), need.otherwise));
  }
  screen.lines("Needs", listed(std::move(lines)));
  if (action.done) screen.line("Done when", action.done->text());
  screen.gap();
  screen.lines("Writes", listed(lines_of(action.change)));
  if (action.verify) screen.line("Verify", text_of(*action.verify));
  if (action.watch) screen.line("Watch", action.watch->text());
  if (action.sealed) screen.line("Sealed when", text_of(*action.sealed));
}

void show_undo(const Action& action, Screen& screen) {
  screen.gap();
  if (!action.undo) {
    screen.line("Undo", action.irreversible.empty() ? "there is nothing to undo"
                                                    : "none: " + action.irreversible);
    return;
  }
  screen.lines("Undo", listed(lines_of(action.undo->change)));
  if (action.undo->that) screen.line("  only if", action.undo->that->text());
  if (!action.undo->same.empty()) {
    screen.line("  not if",
                fmt::format("somebody else changed {} since", fmt::join(action.undo->same, ", ")));
  }
  if (action.undo->restores_access) {
    screen.line("  returns", "access, which takes a false-positive decision and two people");
  }
  if (action.undo->verify) screen.line("  verify", text_of(*action.undo->verify));
}

std::string text_of(const Action& action, const output::Style& style) {
  // Who approves sees all of it.
  Screen screen(style, size_t{1} << 20);
  show_meta(action, screen);
  show_calls(action, screen);
  show_undo(action, screen);
  const Permissions permissions = permissions_of(action);
  screen.gap();
  screen.lines("May read", permissions.read);
  screen.lines("May write", permissions.write);
  if (!permissions.unknown.empty()) {
    screen.line("", fmt::format("and what allows {}", fmt::join(permissions.unknown, ", ")));
  }
  screen.gap();
  screen.line("File", action.place.file);
  screen.line("Version", action.version);
  return screen.take();
}

void append_reads(const std::vector<ReadCall>& calls, codec::JsonWriter& json) {
  json.key("reads").begin_array();
  for (const ReadCall& call : calls) {
    json.begin_object()
        .field("id", call.id)
        .field("operation", operation_of(call.name))
        .field("with", call.with.text())
        .field("all_pages", call.all_pages);
    if (call.when) json.field("when", call.when->text());
    if (call.for_each) json.field("for_each", call.for_each->text());
    if (!call.account.empty()) json.field("account", call.account);
    append_texts("absent", call.absent, json);
    json.end_object();
  }
  json.end_array();
}

void append_writes(std::string_view name, const std::vector<WriteCall>& calls,
                   codec::JsonWriter& json) {
  json.key(name).begin_array();
  for (const WriteCall& call : calls) {
    json.begin_object()
        .field("id", call.id)
        .field("operation", operation_of(call.name))
        .field("with", call.with.text())
        .field("safe", name_of(call.repeat));
    if (call.when) json.field("when", call.when->text());
    if (call.for_each) json.field("for_each", call.for_each->text());
    if (call.shrinks) json.field("shrinks", true);
    if (!call.account.empty()) json.field("account", call.account);
    if (call.refused) json.field("refused", call.refused->text());
    append_texts("already", call.already, json);
    append_texts("gone", call.gone, json);
    json.end_object();
  }
  json.end_array();
}

void append_check(std::string_view name, const std::optional<respond::Check>& check,
                  codec::JsonWriter& json) {
  if (!check) return;
  json.key(name).begin_object().field("that", check->that.text());
  if (check->within > Duration{}) {
    json.field("within_seconds",
               int64_t{std::chrono::duration_cast<std::chrono::seconds>(check->within).count()});
  }
  if (check->never) json.field("never", check->never->text());
  json.end_object();
}

void append_meta(const Action& action, codec::JsonWriter& json) {
  json.field("name", action.name)
      .field("version", action.version)
      .field("path", action.place.file)
      .field("title", action.title)
      .field("description", action.description)
      .field("phase", name_of(action.phase))
      .field("class", name_of(action.risk))
      .field("target", action.target)
      .field("region", action.is_global        ? "global"
                       : action.region.empty() ? "target"
                                               : action.region);
  if (!action.account.empty()) json.field("account", action.account);
  json.key("parameters").begin_array();
  for (const respond::Parameter& parameter : action.parameters) {
    json.begin_object().field("name", parameter.name).field("what", parameter.what);
    if (parameter.otherwise) json.field("default", *parameter.otherwise);
    json.end_object();
  }
  json.end_array();
  append_texts("techniques", action.techniques, json);
  append_texts("pitfalls", action.pitfalls, json);
  append_texts("evidence", action.evidence, json);
}

void append_state(const Action& action, codec::JsonWriter& json) {
  json.key("state").begin_object();
  for (const respond::Named& kept : action.state) json.field(kept.name, kept.expression.text());
  json.end_object().key("let").begin_object();
  for (const auto& [name, value] : action.let) json.field(name, value.text());
  json.end_object().key("needs").begin_array();
  for (const respond::Need& need : action.needs) {
    json.begin_object().field("that", need.that.text()).field("else", need.otherwise).end_object();
  }
  json.end_array();
  if (action.done) json.field("done", action.done->text());
}

std::string json_of(const Action& action) {
  std::string out;
  codec::JsonWriter json(out);
  json.begin_object().field("schema", "stanch.action/1");
  append_meta(action, json);
  append_reads(action.observe, json);
  append_state(action, json);
  append_writes("writes", action.change, json);
  append_check("verify", action.verify, json);
  if (action.watch) json.field("watch", action.watch->text());
  append_check("sealed", action.sealed, json);
  if (action.undo) {
    json.key("undo").begin_object();
    if (action.undo->that) json.field("that", action.undo->that->text());
    append_texts("same", action.undo->same, json);
    append_writes("writes", action.undo->change, json);
    append_check("verify", action.undo->verify, json);
    json.field("restores_access", action.undo->restores_access).end_object();
  }
  if (!action.irreversible.empty()) json.field("irreversible", action.irreversible);
  const Permissions permissions = permissions_of(action);
  json.key("permissions").begin_object();
  append_texts("read", permissions.read, json);
  append_texts("write", permissions.write, json);
  append_texts("unknown", permissions.unknown, json);
  json.end_object().end_object();
  output::escape_hidden(out, 0);
  return out + "\n";
}

std::string suggestion(std::string_view name, const host::LoadedActions& loaded) {
  std::vector<std::string_view> names;
  for (const auto& [known, action] : loaded.actions) names.push_back(known);
  const std::string_view near = find_similar(name, names);
  if (near.empty()) return "'stanch actions list' shows them.";
  return fmt::format("Did you mean {}?", near);
}

// One that is being written, before it is part of the content.
int show_file(Context& context, const std::string& path) {
  const auto loaded = host::load_actions(context.env(), {.builtin = false, .paths = {path}});
  if (!loaded) return context.fail(loaded.error(), kExitUsage);
  if (loaded->actions.size() != 1) {
    context.env().terminal.write_error(diagnostics_text(loaded->diagnostics, true));
    return context.fail(fmt::format("the action in '{}' has mistakes", path), "", kExitUsage);
  }
  const Action& action = loaded->actions.begin()->second;
  return context.print(context.settings().flag("json") ? json_of(action)
                                                       : text_of(action, context.style()));
}

}  // namespace

int run_actions_show(Context& context) {
  const std::string& name = context.argument("ACTION");
  const auto status = context.env().files.status(name);
  if (status && status->kind != env::FileKind::kFolder) return show_file(context, name);
  const auto loaded = load_actions_loudly(context);
  if (!loaded) return context.fail(loaded.error(), kExitUsage);
  const auto found = loaded->actions.find(name);
  if (found == loaded->actions.end()) {
    return context.fail(fmt::format("there is no action '{}'", name), suggestion(name, *loaded),
                        kExitUsage);
  }
  return context.print(context.settings().flag("json") ? json_of(found->second)
                                                       : text_of(found->second, context.style()));
}

}  // namespace stanch::cli
