#include <fmt/format.h>

#include <vector>

#include "cli/commands.h"
#include "cli/ledger.h"
#include "codec/utf8.h"
#include "ledger/erase.h"
#include "pipeline/output/text.h"

namespace stanch::cli {

using pipeline::output::counted;

namespace {

constexpr size_t kExpiredMax = 100'000;  // in one run

struct Erased {
  model::StreamId stream;
  uint64_t sequence;
  model::EntryCitation entry;
};

int print_result(Context& context, const std::vector<Erased>& erased) {
  if (context.settings().flag("json")) {
    return print_json(context, "stanch.ledger-erasure/1", kExitOk, [&](codec::JsonWriter& json) {
      json.key("erased").begin_array();
      for (const Erased& one : erased) {
        json.begin_object()
            .field("stream", one.stream.text())
            .field("sequence", one.sequence)
            .field("entry", one.entry.sequence)
            .field("entry_hash", codec::to_hex(one.entry.hash))
            .end_object();
      }
      json.end_array();
    });
  }
  std::string text;
  for (const Erased& one : erased) {
    text += fmt::format("erased the payload of {}/{}; entry {} says so\n",
                        codec::for_terminal(one.stream.text()), one.sequence, one.entry.sequence);
  }
  if (erased.empty()) text = "nothing is older than its retention\n";
  return context.print(text);
}

int erase_expired(Context& context, ledger::Store& store) {
  const Time now = context.env().clock.now();
  const auto found = ledger::expired(store, now, kExpiredMax);
  if (!found) return fail_ledger(context, found.error());
  std::vector<Erased> erased;
  for (const ledger::Expired& one : *found) {
    const auto said = ledger::erase(store, {.stream = one.stream,
                                            .sequence = one.sequence,
                                            .authority = one.authority,
                                            .reason = "retention: " + one.reason,
                                            .actor = ledger_actor(context),
                                            .time = now});
    if (!said) return fail_ledger(context, said.error());
    erased.push_back({one.stream, one.sequence, *said});
  }
  return print_result(context, erased);
}

}  // namespace

int run_ledger_erase(Context& context) {
  const Settings& settings = context.settings();
  const auto store = open_ledger(context);
  if (!store) return fail_ledger(context, store.error());
  if (settings.flag("expired") && !context.arguments("ENTRY").empty()) {
    return context.fail("ENTRY or --expired, not both", "Erase them one after the other.",
                        kExitUsage);
  }
  if (settings.flag("expired")) return erase_expired(context, **store);
  if (context.arguments("ENTRY").empty()) {
    return context.fail("'stanch ledger erase' needs ENTRY, or --expired",
                        "An entry is written STREAM/SEQUENCE.", kExitUsage);
  }
  if (settings.text("authority").empty() || settings.text("reason").empty()) {
    return context.fail("erasing needs --authority and --reason",
                        "Whose decision or which law it is, and why: the ledger keeps both.",
                        kExitUsage);
  }
  const auto place = entry_place(context.argument("ENTRY"));
  if (!place) return fail_ledger(context, place.error());
  const auto said = ledger::erase(**store, {.stream = place->stream,
                                            .sequence = place->sequence,
                                            .authority = settings.text("authority"),
                                            .reason = settings.text("reason"),
                                            .actor = ledger_actor(context),
                                            .time = context.env().clock.now()});
  if (!said) {
    if (said.error().code() == ErrorCode::kNotFound) return context.fail(said.error(), kExitInput);
    return fail_ledger(context, said.error());
  }
  return print_result(context, {{place->stream, place->sequence, *said}});
}

int run_ledger_rebuild(Context& context) {
  const auto store = open_ledger(context);
  if (!store) return fail_ledger(context, store.error());
  if (const Result<> done = (*store)->rebuild(); !done) return fail_ledger(context, done.error());
  const auto count = (*store)->count();
  if (!count) return fail_ledger(context, count.error());
  if (context.settings().flag("json")) {
    return print_json(context, "stanch.ledger-rebuild/1", kExitOk,
                      [&](codec::JsonWriter& json) { json.field("entries", *count); });
  }
  return context.print(fmt::format("made everything anew that follows from {}\n",
                                   counted(*count, "entry", "entries")));
}

}  // namespace stanch::cli
