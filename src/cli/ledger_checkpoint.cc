#include <fmt/format.h>

#include <array>

#include "cli/commands.h"
#include "cli/ledger.h"
#include "ledger/checkpointer.h"
#include "ledger/keys.h"

namespace stanch::cli {

namespace {

// Of this run alone: a lease that a killed one left must not be mistaken for ours.
std::string lease_holder(Context& context) {
  std::array<uint8_t, 8> bytes;
  context.env().random.fill(bytes);
  return "cli-" + codec::to_hex(bytes);
}

}  // namespace

int run_ledger_checkpoint(Context& context) {
  const auto place = ledger_place(context);
  if (!place) return fail_ledger(context, place.error());
  const auto store = host::open_ledger(context.env(), *place);
  if (!store) return fail_ledger(context, store.error());
  const auto key = ledger::load_key(context.env().files, place->key_path);
  if (!key) return fail_ledger(context, key.error());
  const auto made = ledger::make_checkpoint(
      **store, context.env(), *key,
      {.holder = lease_holder(context), .elsewhere = context.settings().text("checkpoint-to")});
  if (!made) return fail_ledger(context, made.error());
  if (context.settings().flag("json")) {
    return print_json(context, "stanch.ledger-checkpoint/1", kExitOk, [&](codec::JsonWriter& json) {
      json.field("origin", made->checkpoint.origin)
          .field("size", made->checkpoint.tree.size)
          .field("root", codec::to_hex(made->checkpoint.tree.root))
          .field("added", made->added)
          .field("note", made->note);
    });
  }
  return context.print(made->note);
}

}  // namespace stanch::cli
