// stanch evidence: what there is, sealed and looked at again, and given out.

#include <fmt/format.h>

#include <algorithm>

#include "cli/commands.h"
#include "cli/incident.h"
#include "cli/incident_act.h"
#include "cli/ledger.h"
#include "cli/response.h"
#include "cli/screen.h"
#include "cli/version.h"
#include "codec/timestamp.h"
#include "codec/utf8.h"
#include "host/evidence.h"
#include "ledger/checkpointer.h"
#include "pipeline/output/text.h"

namespace stanch::cli {

namespace {

using codec::JsonWriter;
using host::Looked;
using pipeline::output::counted;

void append_item(const respond::EvidenceItem& item, JsonWriter& json) {
  json.begin_object().field("evidence", item.id).field("what", item.what);
  json.field("source", item.source).field("taken_at", codec::format_timestamp(item.taken_at));
  json.field("by", item.by).field("authority", item.authority).field("means", item.means);
  if (!item.place.empty()) json.field("place", item.place);
  if (!item.sha256.empty()) json.field("sha256", item.sha256);
  if (item.seal) append_seal(*item.seal, json);
  json.field("looked_at", uint64_t{item.moves.size()}).end_object();
}

std::string list_text(const Context& context, const model::IncidentId& incident,
                      const respond::EvidenceBook& book) {
  Screen screen(context.style());
  screen.title(fmt::format("Evidence of {}", incident.text()));
  for (const respond::EvidenceItem& item : book.items()) {
    screen.gap();
    screen.title(item.what);
    screen.line("Id", item.id);
    screen.line("Of", item.source);
    screen.line("Shows", second_text(item.taken_at));
    screen.line("By", fmt::format("{}, {}", item.by, item.authority));
    screen.line("How", item.means);
    if (!item.place.empty()) screen.line("Place", item.place);
    if (!item.sha256.empty()) screen.line("SHA-256", item.sha256);
    screen.line("Sealed",
                item.seal ? fmt::format("{} at {}", second_text(item.seal->at), item.seal->place)
                          : "no: stanch evidence seal");
    if (!item.moves.empty()) {
      screen.line("Last", fmt::format("{} by {}, {}", second_text(item.moves.back().at),
                                      item.moves.back().by, item.moves.back().purpose));
    }
  }
  for (const respond::MissingEvidence& each : book.missing()) {
    screen.gap();
    screen.title(fmt::format("MISSING: {}", each.what));
    screen.line("Of", each.source);
    screen.line("Because", each.reason);
    if (each.went_on) screen.line("Then", "containment went on without it");
  }
  return screen.take();
}

using Look = Result<std::vector<Looked>> (*)(const host::Responding&, const model::IncidentId&,
                                             const std::string&);

// Seals or verifies, and says how each item stands.
int look(Context& context, Look how, std::string_view schema) {
  const auto opened = open_response(context, Cloud::kIfThere);
  if (!opened) return fail_opening(context, opened.error());
  const auto looked =
      how((*opened)->with(context.env()), (*opened)->id, context.settings().text("evidence"));
  if (!looked) return fail_response(context, looked.error());
  const bool is_well = std::ranges::all_of(*looked, [](const Looked& each) {
    return each.end == Looked::End::kGood || each.end == Looked::End::kWas;
  });
  const int exit_code = is_well ? kExitOk : kExitFindings;
  if (context.settings().flag("json")) {
    return print_json(context, schema, exit_code, [&](JsonWriter& json) {
      json.field("incident", (*opened)->id.text());
      json.key("items").begin_array();
      for (const Looked& each : *looked) {
        json.begin_object().field("evidence", each.id).field("end", name_of(each.end));
        json.field("words", each.words).end_object();
      }
      json.end_array();
    });
  }
  if (looked->empty()) return context.print("There is no evidence in this incident.\n");
  std::string text;
  for (const Looked& each : *looked) {
    text += fmt::format("{:<8} {}\n         {}\n",
                        each.end == Looked::End::kChanged ? "CHANGED" : name_of(each.end), each.id,
                        codec::for_terminal(each.words));
  }
  return context.print(text, exit_code);
}

}  // namespace

int run_evidence_list(Context& context) {
  const auto opened = open_response(context, Cloud::kUnused);
  if (!opened) return fail_opening(context, opened.error());
  const auto evidence = host::load_evidence(*(*opened)->store, (*opened)->id);
  if (!evidence) return fail_ledger(context, evidence.error());
  const respond::EvidenceBook& book = evidence->book;
  if (context.settings().flag("json")) {
    return print_json(context, "stanch.evidence-list/1", kExitOk, [&](JsonWriter& json) {
      json.field("incident", (*opened)->id.text());
      json.key("items").begin_array();
      for (const respond::EvidenceItem& item : book.items()) append_item(item, json);
      json.end_array().key("missing").begin_array();
      for (const respond::MissingEvidence& each : book.missing()) {
        json.begin_object().field("evidence", each.id).field("what", each.what);
        json.field("source", each.source).field("reason", each.reason);
        json.field("at", codec::format_timestamp(each.at)).field("went_on", each.went_on);
        json.end_object();
      }
      json.end_array();
    });
  }
  if (book.items().empty() && book.missing().empty()) {
    return context.print("There is no evidence in this incident.\n");
  }
  return context.print(list_text(context, (*opened)->id, book));
}

int run_evidence_add(Context& context) {
  host::TakenFile file{.path = context.argument("FILE"),
                       .what = context.settings().text("evidence-what"),
                       .source = context.settings().text("evidence-of"),
                       .authority = context.settings().text("authority"),
                       .means = context.settings().text("means"),
                       .taken_at = {}};
  for (const auto& [given, name] :
       {std::pair(file.what, "--what"), std::pair(file.source, "--of"),
        std::pair(file.authority, "--authority"), std::pair(file.means, "--means")}) {
    if (given.empty()) {
      return fail_usage(context,
                        invalid(fmt::format("{} is missing: who asks later has to know", name)));
    }
  }
  if (const std::string when = context.settings().text("when"); !when.empty()) {
    const auto time = past_time_of(when, context.env().clock.now());
    if (!time) return fail_usage(context, time.error());
    file.taken_at = *time;
  }
  // Whoever looks for it later is somewhere else.
  auto whole = context.env().files.whole_path(file.path);
  if (!whole) return fail_response(context, whole.error());
  file.path = *std::move(whole);
  const auto opened = open_response(context, Cloud::kUnused);
  if (!opened) return fail_opening(context, opened.error());
  const auto id = host::add_evidence((*opened)->with(context.env()), (*opened)->id, file);
  if (!id) return fail_response(context, id.error());
  return context.print(fmt::format("evidence {} is taken; next: stanch evidence seal {}\n", *id,
                                   (*opened)->id.text()));
}

int run_evidence_seal(Context& context) {
  return look(context, host::seal_evidence, "stanch.evidence-sealed/1");
}
int run_evidence_verify(Context& context) {
  return look(context, host::verify_evidence, "stanch.evidence-verified/1");
}

int run_evidence_export(Context& context) {
  const auto opened = open_response(context, Cloud::kUnused);
  if (!opened) return fail_opening(context, opened.error());
  const auto keyed = open_ledger_with_key(context);
  if (!keyed) return fail_ledger(context, keyed.error());
  ledger::Store& store = *keyed->store;
  const auto evidence = host::load_evidence(store, (*opened)->id);
  if (!evidence) return fail_ledger(context, evidence.error());
  const size_t items = evidence->book.items().size();
  auto attachments = host::evidence_attachments(context.env(), evidence->book);
  if (!attachments) return fail_response(context, attachments.error());
  const auto signed_so_far = ledger::make_checkpoint(
      store, context.env(), keyed->key, {.holder = lease_holder(context), .elsewhere = ""});
  if (!signed_so_far) return fail_ledger(context, signed_so_far.error());
  const ledger::ExportOptions options{.folder = context.argument("FOLDER"),
                                      .streams = evidence->streams,
                                      .privileged = false,
                                      .attachments = std::move(*attachments),
                                      .program = std::string(program_version()),
                                      .now = context.env().clock.now()};
  const auto made = give_out(context, *keyed, options);
  if (!made) return fail_ledger(context, made.error());
  if (context.settings().flag("json")) {
    return print_json(context, "stanch.evidence-export/1", kExitOk, [&](JsonWriter& json) {
      json.field("folder", options.folder).field("package", codec::to_hex(made->package));
      json.field("entries", made->entries).field("items", uint64_t{items});
      json.field("files", uint64_t{options.attachments.size() - 2});
    });
  }
  return context.print(
      fmt::format("{}: {} of evidence, {}, {}\npackage {}\n"
                  "The receiver checks it with: sh verify.sh KEY.pem\n",
                  codec::for_terminal(options.folder), counted(items, "item"),
                  counted(options.attachments.size() - 2, "file"),
                  counted(made->entries, "entry", "entries"), codec::to_hex(made->package)));
}

}  // namespace stanch::cli
