#pragma once

#include <memory>
#include <string>

#include "cli/context.h"
#include "codec/json_writer.h"
#include "codec/signature.h"
#include "host/ledger.h"
#include "ledger/package.h"
#include "ledger/store.h"
#include "pipeline/output/text.h"

// What the commands of `stanch ledger` share.

namespace stanch::cli {

// --ledger and --state as settings have them.
Result<host::LedgerPlace> ledger_place(Context& context);
Result<std::unique_ptr<ledger::Store>> open_ledger(Context& context);

struct LedgerWithKey {
  std::unique_ptr<ledger::Store> store;
  codec::SigningKey key;
};
Result<LedgerWithKey> open_ledger_with_key(Context& context);

// Writes a package, and says in the ledger that it left.
Result<ledger::Exported> give_out(Context& context, const LedgerWithKey& opened,
                                  const ledger::ExportOptions& options);

// A holder of leases of this run alone: a lease that a killed one left must not be mistaken for
// ours.
std::string lease_holder(Context& context);

// Who gives the command: a name of the system's user, which nobody has checked.
std::string ledger_actor(Context& context);

// Says what went wrong, and what to do about it; the exit code that fits.
int fail_ledger(Context& context, const Error& error);

// "STREAM/SEQUENCE" of the argument ENTRY. A stream's name may hold '/'.
struct EntryPlace {
  model::StreamId stream;
  uint64_t sequence = 0;
};
Result<EntryPlace> entry_place(const std::string& text);

// One JSON document: `body` writes its members after "schema".
template <typename Body>
int print_json(Context& context, std::string_view schema, int exit_code, Body body) {
  std::string text;
  codec::JsonWriter json(text);
  json.begin_object().field("schema", schema);
  body(json);
  json.end_object();
  pipeline::output::escape_hidden(text, 0);
  return context.print(text + "\n", exit_code);
}

}  // namespace stanch::cli
