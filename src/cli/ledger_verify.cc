#include <fmt/format.h>

#include <optional>

#include "cli/commands.h"
#include "cli/ledger.h"
#include "codec/utf8.h"
#include "ledger/keys.h"
#include "ledger/package.h"
#include "ledger/verify.h"
#include "pipeline/output/text.h"

namespace stanch::cli {

using pipeline::output::counted;

namespace {

void append(const ledger::Verification& result, codec::JsonWriter& json) {
  json.field("passed", result.passed())
      .field("entries", result.entries)
      .field("streams", uint64_t{result.streams})
      .field("erased", result.erased)
      .field("bytes", result.bytes)
      .field("covered", result.covered)
      .field("checkpoints", result.checkpoints)
      .field("problems_total", result.problems_total);
  json.key("problems").begin_array();
  for (const ledger::VerifyProblem& problem : result.problems) {
    json.begin_object();
    if (!problem.stream.empty()) {
      json.field("stream", problem.stream).field("sequence", problem.sequence);
    }
    json.field("number", problem.number).field("what", problem.what).end_object();
  }
  json.end_array();
}

std::string text_of(const ledger::Verification& result, std::string_view what) {
  std::string text;
  for (const ledger::VerifyProblem& problem : result.problems) {
    if (problem.stream.empty()) {
      text += fmt::format("BAD  {}\n", codec::for_terminal(problem.what));
    } else {
      text += fmt::format("BAD  {}/{} (number {}): {}\n", codec::for_terminal(problem.stream),
                          problem.sequence, problem.number, codec::for_terminal(problem.what));
    }
  }
  if (result.problems_total > result.problems.size()) {
    text += fmt::format("     and {} more\n", result.problems_total - result.problems.size());
  }
  text += fmt::format("{} {}: {} of {}, {} erased; {} below a checkpoint that holds\n", what,
                      result.passed() ? "holds" : "DOES NOT HOLD",
                      counted(result.entries, "entry", "entries"),
                      counted(result.streams, "stream"), result.erased, result.covered);
  if (result.passed() && result.covered < result.entries) {
    text += fmt::format(
        "{} behind it: protected against damage, not yet against somebody who\n"
        "owns the machine\n",
        counted(result.entries - result.covered, "entry", "entries"));
  }
  return text;
}

int verify_package(Context& context, const std::string& folder) {
  std::optional<codec::PublicKey> key;
  if (context.settings().is_set("key")) {
    const auto given = host::load_verifier(context.env().files, context.settings().text("key"), "");
    if (!given) return fail_ledger(context, given.error());
    key = given->key;
  }
  const auto result = ledger::verify_package(context.env(), folder, key);
  if (!result) return context.fail(result.error(), kExitInput);
  if (result->key_from_package) {
    context.note(
        "note: the key was taken from the package itself: that shows damage, not who\n"
        "wrote it. Give --key\n");
  }
  const int code = result->entries.passed() ? kExitOk : kExitFindings;
  if (context.settings().flag("json")) {
    return print_json(context, "stanch.ledger-verification/1", code, [&](codec::JsonWriter& json) {
      json.field("package", folder)
          .field("origin", result->origin)
          .field("size", result->size)
          .field("key_from_package", result->key_from_package);
      append(result->entries, json);
    });
  }
  return context.print(text_of(result->entries, "package"), code);
}

}  // namespace

int run_ledger_verify(Context& context) {
  const Settings& settings = context.settings();
  if (settings.is_set("package")) return verify_package(context, settings.text("package"));
  const auto store = open_ledger(context);
  if (!store) return fail_ledger(context, store.error());
  ledger::VerifyOptions options;
  for (const std::string& path : settings.list("checkpoint")) {
    auto note = ledger::read_file(context.env().files, path, codec::kNoteBytesMax);
    if (!note) return context.fail(note.error(), kExitInput);
    options.checkpoints.push_back({path, std::move(*note)});
  }
  if (settings.is_set("key")) {
    auto key = host::load_verifier(context.env().files, settings.text("key"), (*store)->origin());
    if (!key) return fail_ledger(context, key.error());
    options.key = std::move(*key);
  }
  const auto result = ledger::verify(**store, options);
  if (!result) return fail_ledger(context, result.error());
  const int code = result->passed() ? kExitOk : kExitFindings;
  if (settings.flag("json")) {
    return print_json(context, "stanch.ledger-verification/1", code, [&](codec::JsonWriter& json) {
      json.field("ledger", (*store)->id()).field("origin", (*store)->origin());
      append(*result, json);
    });
  }
  return context.print(text_of(*result, "ledger"), code);
}

}  // namespace stanch::cli
