#include <fmt/format.h>

#include "cli/commands.h"
#include "cli/incident.h"
#include "cli/ledger.h"
#include "cli/version.h"
#include "codec/utf8.h"
#include "ledger/keys.h"
#include "ledger/package.h"
#include "pipeline/output/text.h"

namespace stanch::cli {

using pipeline::output::counted;

int run_ledger_export(Context& context) {
  const auto opened = open_ledger_with_key(context);
  if (!opened) return fail_ledger(context, opened.error());
  ledger::Store& store = *opened->store;
  ledger::ExportOptions options{.folder = context.argument("FOLDER"),
                                .streams = {},
                                .privileged = context.settings().flag("privileged"),
                                .program = std::string(program_version()),
                                .now = context.env().clock.now()};
  for (const std::string& stream : context.settings().list("stream")) {
    options.streams.emplace_back(stream);
  }
  for (const model::StreamId& stream : options.streams) {
    if (const auto seen = check_seen(context, store, stream); !seen) {
      return fail_incident(context, seen.error());
    }
  }
  const auto made = give_out(context, *opened, options);
  if (!made) {
    if (made.error().code() == ErrorCode::kNotFound) return context.fail(made.error(), kExitUsage);
    return fail_ledger(context, made.error());
  }
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
                  codec::for_terminal(options.folder), counted(made->entries, "entry", "entries"),
                  counted(made->streams, "stream"), made->erased, made->withheld,
                  codec::to_hex(made->package)));
}

}  // namespace stanch::cli
