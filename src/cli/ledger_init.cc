#include <fmt/format.h>

#include "cli/commands.h"
#include "cli/ledger.h"
#include "cli/version.h"
#include "codec/utf8.h"
#include "ledger/keys.h"

namespace stanch::cli {

int run_ledger_init(Context& context) {
  const auto place = ledger_place(context);
  if (!place) return fail_ledger(context, place.error());
  const auto made = host::init_ledger(context.env(), {.place = *place,
                                                      .origin = context.settings().text("name"),
                                                      .actor = ledger_actor(context),
                                                      .program = std::string(program_version())});
  if (!made) return fail_ledger(context, made.error());
  if (context.settings().flag("json")) {
    return print_json(context, "stanch.ledger/1", kExitOk, [&](codec::JsonWriter& json) {
      json.field("id", made->id)
          .field("origin", made->origin)
          .field("key", made->key.to_text())
          .field("path", place->path)
          .field("key_path", place->key_path)
          .field("created", made->created);
    });
  }
  return context.print(fmt::format(
      "{} {} at {}\nname {}\nkey  {}\n"
      "Keep the key line elsewhere, and send checkpoints there:\n"
      "  stanch ledger checkpoint --checkpoint-to FILE\n",
      made->created ? "made ledger" : "there is ledger", made->id, codec::for_terminal(place->path),
      codec::for_terminal(made->origin), made->key.to_text()));
}

int run_ledger_key(Context& context) {
  const auto place = ledger_place(context);
  if (!place) return fail_ledger(context, place.error());
  const auto store = host::open_ledger(context.env(), *place);
  if (!store) return fail_ledger(context, store.error());
  if (context.settings().flag("rotate")) {
    const auto rotated = host::rotate_key(context.env(), **store,
                                          {.place = *place,
                                           .actor = ledger_actor(context),
                                           .reason = context.settings().text("reason")});
    if (!rotated) return fail_ledger(context, rotated.error());
  }
  const auto keys = ledger::announced_keys(**store);
  if (!keys) return fail_ledger(context, keys.error());
  if (keys->empty()) {
    return context.fail("the ledger has announced no key",
                        "'stanch ledger init' completes what was interrupted.", kExitInput);
  }
  if (context.settings().flag("json")) {
    return print_json(context, "stanch.ledger-keys/1", kExitOk, [&](codec::JsonWriter& json) {
      json.field("origin", (*store)->origin()).key("keys").begin_array();
      for (const codec::NoteKey& key : *keys) json.string(key.to_text());
      json.end_array().field("public_key_pem", codec::to_pem(keys->back().key));
    });
  }
  if (context.settings().flag("pem")) return context.print(codec::to_pem(keys->back().key));
  std::string text;
  for (const codec::NoteKey& key : *keys) text += key.to_text() + "\n";
  return context.print(text);
}

}  // namespace stanch::cli
