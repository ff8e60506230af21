// stanch killswitch: stops response at once. One pulls; letting it go on takes a second person.

#include <fmt/format.h>

#include <algorithm>

#include "cli/commands.h"
#include "cli/incident.h"
#include "cli/incident_act.h"
#include "cli/ledger.h"
#include "cli/response.h"
#include "model/streams.h"
#include "respond/guard/control.h"

namespace stanch::cli {

namespace {

using codec::JsonWriter;

Result<> append_control(Context& context, ledger::Ledger& ledger, const std::string& kind,
                        const std::string& payload) {
  uint8_t bytes[16];
  context.env().random.fill(bytes);
  const model::EntryDraft draft{.kind = kind,
                                .key = codec::to_hex(bytes),
                                .time = context.env().clock.now(),
                                .actor = ledger_actor(context),
                                .content_version = "",
                                .payload = payload};
  TRY(ledger::append_missing(ledger, model::kControlStream, {&draft, 1}));
  return {};
}

Result<> raise_flag(Context& context, const std::string& reason) {
  const std::string path = stop_flag_of(context);
  TRY(context.env().files.make_folders(path.substr(0, path.rfind('/'))));
  TRY(const auto file, context.env().files.create(path));
  TRY(file->append(reason + "\n"));
  return file->sync();
}

}  // namespace

int run_kill_switch_pull(Context& context) {
  const auto reason = needed(context, "reason");
  if (!reason) return fail_usage(context, reason.error());
  // This machine first: that works without a ledger.
  if (const auto raised = raise_flag(context, *reason); !raised) {
    return context.fail(raised.error(), kExitInput);
  }
  const auto store = open_ledger(context);
  const std::string scope = context.settings().text("scope");
  const Result<> said = !store
                            ? Result<>(store.error())
                            : append_control(context, **store, "kill_switch_pulled",
                                             host::json_object([&](JsonWriter& json) {
                                               json.field("scope", scope).field("reason", *reason);
                                             }));
  if (!said) {
    return context.fail(fmt::format("response is stopped on this machine, and nowhere else: {}",
                                    said.error().message()),
                        "Give the command on the other machines too.", kExitInput);
  }
  return context.print(fmt::format("response is stopped for {}\n", scope));
}

int run_kill_switch_release(Context& context) {
  const auto reason = needed(context, "reason");
  if (!reason) return fail_usage(context, reason.error());
  const auto second = needed(context, "second");
  if (!second) return fail_usage(context, second.error());
  if (*second == own_name(context)) {
    return fail_usage(context, invalid("--second is somebody else"));
  }
  const auto store = open_ledger(context);
  if (!store) return fail_ledger(context, store.error());
  const auto control = respond::Control::load(**store);
  if (!control) return fail_ledger(context, control.error());
  const std::string scope = context.settings().text("scope");
  const auto pulled = std::ranges::find(control->switches, scope, &respond::PulledSwitch::scope);
  if (pulled != control->switches.end()) {
    const auto said = append_control(context, **store, "kill_switch_released",
                                     host::json_object([&](JsonWriter& json) {
                                       json.field("scope", scope);
                                       append_citation("pulled", pulled->entry, json);
                                       json.field("second_person", *second);
                                       json.field("reason", *reason);
                                     }));
    if (!said) return fail_ledger(context, said.error());
  }
  const auto removed = context.env().files.remove(stop_flag_of(context));
  const bool was_here = removed.has_value();
  if (!was_here && removed.error().code() != ErrorCode::kNotFound) {
    return context.fail(removed.error(), kExitInput);
  }
  if (pulled == control->switches.end() && !was_here) {
    return context.fail(fmt::format("nothing stops response for {}", scope),
                        "'stanch killswitch show' shows what is stopped.", kExitUsage);
  }
  return context.print(fmt::format("response may go on for {}\n", scope));
}

int run_kill_switch_show(Context& context) {
  const auto store = open_ledger(context);
  if (!store) return fail_ledger(context, store.error());
  const auto control = respond::Control::load(**store);
  if (!control) return fail_ledger(context, control.error());
  const bool here = context.env().files.status(stop_flag_of(context)).has_value();
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
