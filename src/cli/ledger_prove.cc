#include <fmt/format.h>

#include "cli/commands.h"
#include "cli/incident.h"
#include "cli/ledger.h"
#include "ledger/checkpointer.h"
#include "ledger/keys.h"

namespace stanch::cli {

namespace {

void append_hashes(const std::vector<codec::Sha256>& hashes, codec::JsonWriter& json) {
  json.key("proof").begin_array();
  for (const codec::Sha256& hash : hashes) json.string(codec::to_hex(hash));
  json.end_array();
}

int prove_consistency(Context& context, ledger::Store& store, const std::string& path) {
  const auto note = ledger::read_file(context.env().files, path, codec::kNoteBytesMax);
  if (!note) return context.fail(note.error(), kExitInput);
  const auto proof = ledger::prove_consistency(store, *note);
  if (!proof) return fail_ledger(context, proof.error());
  return print_json(context, "stanch.consistency-proof/1", kExitOk, [&](codec::JsonWriter& json) {
    json.field("old_size", proof->old_tree.size).field("size", proof->tree.size);
    append_hashes(proof->hashes, json);
    json.field("old_checkpoint", proof->old_checkpoint).field("checkpoint", proof->checkpoint);
  });
}

}  // namespace

int run_ledger_prove(Context& context) {
  const auto store = open_ledger(context);
  if (!store) return fail_ledger(context, store.error());
  if (context.settings().is_set("from")) {
    if (!context.arguments("ENTRY").empty()) {
      return context.fail("ENTRY or --from CHECKPOINT, not both",
                          "Each is a proof of its own: ask for one after the other.", kExitUsage);
    }
    return prove_consistency(context, **store, context.settings().text("from"));
  }
  if (context.arguments("ENTRY").empty()) {
    return context.fail("'stanch ledger prove' needs ENTRY, or --from CHECKPOINT",
                        "An entry is written STREAM/SEQUENCE.", kExitUsage);
  }
  const auto place = entry_place(context.argument("ENTRY"));
  if (!place) return fail_ledger(context, place.error());
  if (const auto seen = check_seen(context, **store, place->stream); !seen) {
    return fail_incident(context, seen.error());
  }
  const auto proof = ledger::prove_inclusion(**store, place->stream, place->sequence);
  if (!proof) {
    if (proof.error().code() == ErrorCode::kNotFound)
      return context.fail(proof.error(), kExitInput);
    return fail_ledger(context, proof.error());
  }
  return print_json(context, "stanch.inclusion-proof/1", kExitOk, [&](codec::JsonWriter& json) {
    json.field("header", model::header_line(proof->entry));
    const auto& payload = proof->entry.payload;
    const bool withheld =
        payload && model::is_privileged(payload->json) && !context.settings().flag("privileged");
    if (withheld) json.field("withheld", true);
    if (payload && !withheld) {
      json.field("salt", proof->entry.payload->salt).field("payload", proof->entry.payload->json);
    }
    json.field("leaf", proof->leaf).field("size", proof->tree.size);
    append_hashes(proof->hashes, json);
    json.field("checkpoint", proof->checkpoint);
  });
}

}  // namespace stanch::cli
