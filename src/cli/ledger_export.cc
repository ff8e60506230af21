#include <fmt/format.h>

#include "cli/commands.h"
#include "cli/ledger.h"
#include "cli/version.h"
#include "codec/utf8.h"
#include "ledger/keys.h"
#include "ledger/package.h"

namespace stanch::cli {

int run_ledger_export(Context& context) {
  const auto place = ledger_place(context);
  if (!place) return fail_ledger(context, place.error());
  const auto store = host::open_ledger(context.env(), *place);
  if (!store) return fail_ledger(context, store.error());
  const auto key = ledger::load_key(context.env().files, place->key_path);
  if (!key) return fail_ledger(context, key.error());
  ledger::ExportOptions options{.folder = context.argument("FOLDER"),
                                .streams = {},
                                .privileged = context.settings().flag("privileged"),
                                .program = std::string(program_version()),
                                .now = context.env().clock.now()};
  for (const std::string& stream : context.settings().list("stream")) {
    options.streams.emplace_back(stream);
  }
  const auto made = ledger::export_package(**store, context.env(), *key, options);
  if (!made) {
    if (made.error().code() == ErrorCode::kNotFound) return context.fail(made.error(), kExitUsage);
    return fail_ledger(context, made.error());
  }
  const auto recorded = host::record_export(context.env(), **store,
                                            {.package = made->package,
                                             .streams = options.streams,
                                             .actor = ledger_actor(context),
                                             .reason = context.settings().text("reason")});
  if (!recorded) return fail_ledger(context, recorded.error());
  if (context.settings().flag("json")) {
    return print_json(context, "stanch.ledger-export/1", kExitOk, [&](codec::JsonWriter& json) {
      json.field("folder", options.folder)
          .field("package", codec::to_hex(made->package))
          .field("streams", made->streams)
          .field("entries", made->entries)
          .field("erased", made->erased)
          .field("withheld", made->withheld);
    });
  }
  return context.print(
      fmt::format("{}: {} of {}, {} erased, {} withheld\npackage {}\n"
                  "The receiver checks it with: sh verify.sh KEY.pem\n",
                  codec::for_terminal(options.folder), count_of(made->entries, "entry", "entries"),
                  count_of(made->streams, "stream", "streams"), made->erased, made->withheld,
                  codec::to_hex(made->package)));
}

}  // namespace stanch::cli
