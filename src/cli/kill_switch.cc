// stanch killswitch: stops response at once. One pulls; letting it go on takes a second person.

#include <fmt/format.h>

#include <algorithm>

#include "cli/commands.h"
#include "cli/incident.h"
#include "cli/incident_act.h"
#include "cli/ledger.h"
#include "cli/response.h"
#include "cli/signer.h"
#include "host/action_set.h"
#include "host/autonomy.h"
#include "model/aws_entity.h"
#include "model/streams.h"
#include "respond/guard/control.h"

namespace stanch::cli {

namespace {

using codec::JsonWriter;

Result<> append_control(Context& context, ledger::Ledger& ledger, const std::string& kind,
                        const std::string& payload) {
  return host::append_control(context.env(), ledger, ledger_actor(context), kind, payload);
}

Result<> raise_flag(Context& context, const std::string& reason) {
  const std::string path = stop_flag_of(context);
  TRY(context.env().files.make_folders(path.substr(0, path.rfind('/'))));
  TRY(const auto file, context.env().files.create(path));
  TRY(file->append(reason + "\n"));
  return file->sync();
}

// Whether the flag is there; that it cannot be told stops too.
bool is_stopped_here(Context& context) {
  const auto flag = context.env().files.status(stop_flag_of(context));
  return flag.has_value() || flag.error().code() != ErrorCode::kNotFound;
}

constexpr std::string_view kEverything = "all";

// A scope that hits nothing would stop nothing, and nobody would know.
// Content is read only to know an action by its name: all else is stopped whatever content says.
Result<std::string> scope_argument(Context& context) {
  const std::string scope = context.settings().text("scope");
  if (scope == kEverything || scope == "aws" || model::is_aws_account(scope)) return scope;
  TRY(const auto set,
      host::load_actions(context.env(),
                         {.content = context.settings().text("content"), .paths = {}}));
  if (set.actions.contains(scope)) return scope;
  return Error(ErrorCode::kInvalid,
               fmt::format("'{}' is no scope: all, a cloud (aws), an account of 12 digits, or the "
                           "name of an action",
                           scope));
}

std::string release_text(const std::string& scope, const respond::PulledSwitch* pulled) {
  return fmt::format("stanch.kill-switch-release/1\nscope {}\npulled {}\n", scope,
                     pulled == nullptr ? "here" : codec::to_hex(pulled->entry.hash));
}

// The second person: by a signature where the organisation has registered keys, else by name.
Result<Signer> second_person(Context& context, const respond::GuardTables& guards,
                             const std::string& text) {
  const bool is_signed = !context.settings().text("signature").empty();
  if (!is_signed && !guards.approvers.empty()) {
    return Error(ErrorCode::kDenied,
                 "a second person signs: --text prints what, --signature names the file");
  }
  TRY(Signer second, signer_of(context, guards, text));
  if (!is_signed) {
    TRY(second.person, needed(context, "second"));
  }
  if (second.person == own_name(context)) {
    return Error(ErrorCode::kDenied, "the second person is somebody else");
  }
  return second;
}

}  // namespace

int run_kill_switch_pull(Context& context) {
  const auto reason = needed(context, "reason");
  if (!reason) return fail_usage(context, reason.error());
  const bool is_all = context.settings().text("scope") == kEverything;
  // This machine first: that works without a ledger, and without content.
  if (is_all) {
    if (const auto raised = raise_flag(context, *reason); !raised) {
      return context.fail(raised.error(), kExitInput);
    }
  }
  const auto say = [&]() -> Result<std::string> {
    TRY(const std::string scope, scope_argument(context));
    TRY(const auto store, open_ledger(context));
    TRY(append_control(context, *store, "kill_switch_pulled",
                       host::json_object([&](JsonWriter& json) {
                         json.field("scope", scope).field("reason", *reason);
                       })));
    return scope;
  };
  const auto said = say();
  if (said) return context.print(fmt::format("response is stopped for {}\n", *said));
  if (!is_all) {
    return context.fail(fmt::format("NOTHING IS STOPPED: {}", said.error().message()),
                        "Without a scope the command stops this machine even so.", kExitInput);
  }
  return context.fail(fmt::format("response is stopped on this machine, and nowhere else: {}",
                                  said.error().message()),
                      "Give the command on the other machines too.", kExitInput);
}

int run_kill_switch_release(Context& context) {
  const auto scope = scope_argument(context);
  if (!scope) return fail_usage(context, scope.error());
  // Who may release is said by content without a mistake.
  const auto tables = sound_response_tables(context);
  if (!tables) return fail_response(context, tables.error());
  const auto store = open_ledger(context);
  if (!store) return fail_ledger(context, store.error());
  const auto control = respond::Control::load(**store);
  if (!control) return fail_ledger(context, control.error());
  const auto found = std::ranges::find(control->switches, *scope, &respond::PulledSwitch::scope);
  const respond::PulledSwitch* pulled = found == control->switches.end() ? nullptr : &*found;
  const bool is_here = *scope == kEverything && is_stopped_here(context);
  if (pulled == nullptr && !is_here) {
    return context.fail(fmt::format("nothing stops response for {}", *scope),
                        "'stanch killswitch show' shows what is stopped.", kExitUsage);
  }
  const std::string text = release_text(*scope, pulled);
  if (context.settings().flag("text")) return context.print(text);
  const auto reason = needed(context, "reason");
  if (!reason) return fail_usage(context, reason.error());
  const auto second = second_person(context, tables->guards, text);
  if (!second) return fail_response(context, second.error());
  if (pulled != nullptr) {
    const auto said = append_control(
        context, **store, "kill_switch_released", host::json_object([&](JsonWriter& json) {
          json.field("scope", *scope);
          append_citation("pulled", pulled->entry, json);
          json.field("second_person", second->person).field("reason", *reason);
          if (!second->signature.empty()) {
            json.key("proof").begin_object().field("signature", second->signature).end_object();
          }
        }));
    if (!said) return fail_ledger(context, said.error());
  }
  if (is_here) {
    const auto removed = context.env().files.remove(stop_flag_of(context));
    if (!removed && removed.error().code() != ErrorCode::kNotFound) {
      return context.fail(removed.error(), kExitInput);
    }
  }
  return context.print(
      fmt::format("response may go on for {}{}\n", *scope,
                  second->signature.empty() ? " (nobody checked who the second person is)" : ""));
}

int run_kill_switch_show(Context& context) {
  const bool here = is_stopped_here(context);
  const auto load = [&]() -> Result<respond::Control> {
    TRY(const auto store, open_ledger(context));
    return respond::Control::load(*store);
  };
  const auto control = load();
  if (!control) {
    // What this machine's flag says is known even so.
    context.note(here ? "stopped on this machine\n" : "not stopped by this machine's flag\n");
    return fail_ledger(context, control.error());
  }
  if (context.settings().flag("json")) {
    return print_json(context, "stanch.kill-switch/1", kExitOk, [&](JsonWriter& json) {
      json.field("stopped_here", here);
      json.key("pulled").begin_array();
      for (const respond::PulledSwitch& each : control->switches) {
        json.begin_object().field("scope", each.scope).field("by", each.by);
        json.field("reason", each.reason).end_object();
      }
      json.end_array();
    });
  }
  std::string text;
  for (const respond::PulledSwitch& each : control->switches) {
    text += fmt::format("stopped for {} by {}: {}\n", each.scope, each.by, each.reason);
  }
  if (here) text += "stopped on this machine\n";
  return context.print(text.empty() ? "response may run\n" : text);
}

}  // namespace stanch::cli
