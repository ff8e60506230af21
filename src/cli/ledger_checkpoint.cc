#include <fmt/format.h>

#include "cli/commands.h"
#include "cli/ledger.h"
#include "ledger/checkpointer.h"
#include "ledger/keys.h"

namespace stanch::cli {

int run_ledger_checkpoint(Context& context) {
  const auto opened = open_ledger_with_key(context);
  if (!opened) return fail_ledger(context, opened.error());
  ledger::Store& store = *opened->store;
  const auto made = ledger::make_checkpoint(
      store, context.env(), opened->key,
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
