// stanch evidence validate-trail: whether downloaded files of CloudTrail are what AWS delivered.

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "cli/commands.h"
#include "cli/ledger.h"
#include "cli/screen.h"
#include "codec/timestamp.h"
#include "codec/utf8.h"
#include "host/aws_caller.h"
#include "host/trail_files.h"
#include "pipeline/output/text.h"
#include "respond/evidence/trail_names.h"

namespace stanch::cli {

namespace {

using codec::JsonWriter;
using pipeline::output::counted;
using respond::TrailChain;
using respond::TrailGap;
using respond::TrailItem;
using respond::TrailReason;
using respond::TrailReport;
using respond::TrailVerdict;

constexpr size_t kShownOfReason = 10;  // files; JSON has them all
constexpr size_t kShownChains = 20;

struct Validation {
  std::string folder;
  host::TrailFolder trail;
  respond::TrailKeys keys;
  std::string keys_from;  // "AWS", or the files; "" if nobody gave any
  TrailReport report;

  bool has_problem() const { return !trail.unread.empty() || !report.could_read_all(); }
  // What cannot be vouched for is no success; what could not be read is told apart only where
  // nothing else is wrong.
  int exit_code() const {
    if (report.verdict() == TrailVerdict::kInvalid) return kExitFindings;
    if (has_problem()) return kExitInput;
    return report.verdict() == TrailVerdict::kValid ? kExitOk : kExitFindings;
  }
};

// Of the files that are given, else of AWS, if there are credentials.
Result<> find_keys(Context& context, Validation& validation) {
  const auto files = context.settings().list("public-keys");
  for (const std::string& path : files) {
    TRY(host::load_trail_keys(context.env().files, path, validation.keys));
  }
  validation.keys_from = fmt::format("{}", fmt::join(files, ", "));
  if (!files.empty() || validation.trail.files.digests.empty()) return {};
  const auto aws = host::open_aws(context.env(), {.profile = context.settings().text("profile"),
                                                  .roles = {},
                                                  .external_id = {},
                                                  .source_identity = {}});
  if (!aws) {
    context.note(fmt::format("AWS is not asked for its public keys: {}\nGive --public-keys.\n",
                             codec::for_terminal(aws.error().message())));
    return {};
  }
  validation.keys_from = "AWS";
  for (const std::string& why : host::ask_trail_keys(*aws->caller, validation.trail.files,
                                                     context.env().clock.now(), validation.keys)) {
    context.note(fmt::format("no public keys of {}\n", codec::for_terminal(why)));
  }
  return {};
}

// ---------------------------------------------------------------- text

std::string shown_name(const TrailItem& item) {
  const std::string& path = item.path.empty() ? item.object.key : item.path;
  return codec::for_terminal(path.substr(path.rfind('/') + 1));
}

// Paths without their folders; words as they are.
std::string shown_because(const std::string& because) {
  const bool is_path = !because.contains(' ');
  return codec::for_terminal(is_path ? because.substr(because.rfind('/') + 1) : because);
}

// "INVALID  2 log files: not what a valid digest has the hash of", and which.
void append_group(TrailReason reason, const std::vector<const TrailItem*>& items,
                  const Context& context, std::string& text) {
  const bool is_invalid = verdict_of(reason) == TrailVerdict::kInvalid;
  text += "\n";
  text += pipeline::output::wrapped(
      fmt::format("{}  {}: {}", is_invalid ? "INVALID" : "not provable",
                  counted(items.size(), items.front()->is_digest ? "digest" : "log file"),
                  words_of(reason)),
      2, context.style().columns);
  text += "\n";
  for (size_t i = 0; i < std::min(items.size(), kShownOfReason); ++i) {
    text += fmt::format("  {}\n", shown_name(*items[i]));
    const std::string& because = items[i]->because;
    const bool is_error = reason == TrailReason::kDamaged || reason == TrailReason::kUnreadable;
    if (because.empty() || (!items[i]->is_digest && !is_error)) continue;
    text += pipeline::output::wrapped("    " + shown_because(because), 4, context.style().columns) +
            "\n";
  }
  if (items.size() > kShownOfReason) {
    text += fmt::format("  and {} more: --json names them\n", items.size() - kShownOfReason);
  }
}

void append_groups(const std::vector<TrailItem>& items, TrailVerdict verdict,
                   const Context& context, std::string& text) {
  std::map<TrailReason, std::vector<const TrailItem*>> groups;
  for (const TrailItem& item : items) {
    if (verdict_of(item.reason) == verdict) groups[item.reason].push_back(&item);
  }
  for (const auto& [reason, members] : groups) append_group(reason, members, context, text);
}

std::string counts_text(const TrailReport& report) {
  const auto row = [](std::string_view label, const TrailReport::Counts& counts) {
    return fmt::format("{:<12}{:>9}{:>10}{:>15}\n", label, counts[TrailVerdict::kValid],
                       counts[TrailVerdict::kInvalid], counts[TrailVerdict::kNotProvable]);
  };
  return fmt::format("\n{:<12}{:>9}{:>10}{:>15}\n", "", "valid", "invalid", "not provable") +
         row("Digests", report.count_digests()) + row("Log files", report.count_logs());
}

void show_chains(const TrailReport& report, Screen& screen) {
  for (size_t i = 0; i < std::min(report.chains.size(), kShownChains); ++i) {
    const TrailChain& chain = report.chains[i];
    screen.gap();
    screen.line("Chain", chain.name);
    screen.line("", fmt::format("{}, {} to {}", counted(chain.digests, "digest"),
                                second_text(chain.from), second_text(chain.to)));
    if (chain.begins) {
      screen.line("", "It begins there: no digest was before it.");
    } else if (!chain.before.empty()) {
      screen.line("", "What was before that is not here, and nothing is said of it.");
    }
  }
  if (report.chains.size() > kShownChains) {
    screen.line("",
                fmt::format("and {} more: --json names them", report.chains.size() - kShownChains));
  }
  const auto words = [](TrailGap::Why why) {
    switch (why) {
      case TrailGap::Why::kBegunAnew: return "logging or validation was stopped, and begun again";
      case TrailGap::Why::kJump: return "the digest after it begins later";
      case TrailGap::Why::kLost: return "what was in between is missing or invalid";
    }
    return "";
  };
  screen.gap();
  for (size_t i = 0; i < std::min(report.gaps.size(), kShownChains); ++i) {
    const TrailGap& gap = report.gaps[i];
    screen.line("Gap", fmt::format("{} to {}: {}. {}", second_text(gap.from), second_text(gap.to),
                                   words(gap.why), gap.chain));
  }
  if (report.gaps.size() > kShownChains) {
    screen.line("",
                fmt::format("and {} more: --json names them", report.gaps.size() - kShownChains));
  }
}

void show_roots(const Validation& validation, Screen& screen) {
  const size_t keys = validation.keys.all().size();
  screen.gap();
  screen.line("Keys", keys == 0 ? "none: no signature can be verified"
                                : fmt::format("{}, from {}; what is valid is as true as they are",
                                              keys, validation.keys_from));
  if (validation.trail.ignored > 0) {
    screen.line("Ignored",
                counted(validation.trail.ignored, "file") + " that CloudTrail would not write");
  }
}

// What to do about what is not provable.
std::string advice(const TrailReport& report) {
  if (std::ranges::none_of(report.digests, [](const TrailItem& item) {
        return item.reason == TrailReason::kUnsigned;
      })) {
    return "";
  }
  return "\nThe signature is also in the metadata of the digest's S3 object:\n"
         "aws s3api head-object --bucket BUCKET --key KEY > FILE.signature\n";
}

std::string validation_text(const Context& context, const Validation& validation) {
  const TrailReport& report = validation.report;
  const TrailVerdict verdict = report.verdict();
  Screen screen(context.style());
  screen.title(fmt::format("{}: {}", validation.folder,
                           verdict == TrailVerdict::kValid     ? "valid"
                           : verdict == TrailVerdict::kInvalid ? "NOT VALID"
                                                               : "NOT ALL OF IT CAN BE PROVED"));
  std::string text = screen.take() + counts_text(report);
  show_chains(report, screen);
  show_roots(validation, screen);
  text += screen.take();
  for (const TrailVerdict each : {TrailVerdict::kInvalid, TrailVerdict::kNotProvable}) {
    append_groups(report.digests, each, context, text);
    append_groups(report.logs, each, context, text);
  }
  for (const std::string& unread : validation.trail.unread) {
    text += fmt::format("\nNOT READ  {}\n", codec::for_terminal(unread));
  }
  return text + advice(report);
}

// ---------------------------------------------------------------- JSON

void append_counts(std::string_view name, const TrailReport::Counts& counts, JsonWriter& json) {
  json.key(name).begin_object();
  json.field("valid", uint64_t{counts[TrailVerdict::kValid]});
  json.field("invalid", uint64_t{counts[TrailVerdict::kInvalid]});
  json.field("not_provable", uint64_t{counts[TrailVerdict::kNotProvable]}).end_object();
}

void append_items(const std::vector<TrailItem>& items, JsonWriter& json) {
  for (const TrailItem& item : items) {
    json.begin_object().field("kind", item.is_digest ? "digest" : "log");
    if (!item.path.empty()) json.field("path", item.path);
    if (!item.object.key.empty()) json.field("object", path_of(item.object));
    json.field("verdict", name_of(verdict_of(item.reason))).field("reason", name_of(item.reason));
    if (!item.because.empty()) json.field("because", item.because);
    if (item.sha256) json.field("sha256", codec::to_hex(*item.sha256));
    json.end_object();
  }
}

void append_chains(const TrailReport& report, JsonWriter& json) {
  json.key("chains").begin_array();
  for (const TrailChain& chain : report.chains) {
    json.begin_object().field("chain", chain.name).field("digests", uint64_t{chain.digests});
    json.field("from", codec::format_timestamp(chain.from));
    json.field("to", codec::format_timestamp(chain.to));
    json.field("backfill", chain.is_backfill).field("begins", chain.begins);
    if (!chain.before.empty()) json.field("before", chain.before);
    json.end_object();
  }
  json.end_array().key("gaps").begin_array();
  for (const TrailGap& gap : report.gaps) {
    json.begin_object().field("chain", gap.chain).field("why", name_of(gap.why));
    json.field("from", codec::format_timestamp(gap.from));
    json.field("to", codec::format_timestamp(gap.to)).end_object();
  }
  json.end_array();
}

int print_validation_json(Context& context, const Validation& validation) {
  const TrailReport& report = validation.report;
  return print_json(context, "stanch.trail-validation/1", validation.exit_code(),
                    [&](JsonWriter& json) {
                      json.field("folder", validation.folder);
                      json.field("verdict", name_of(report.verdict()));
                      append_counts("digests", report.count_digests(), json);
                      append_counts("logs", report.count_logs(), json);
                      append_chains(report, json);
                      json.key("items").begin_array();
                      append_items(report.digests, json);
                      append_items(report.logs, json);
                      json.end_array();
                      json.field("ignored", validation.trail.ignored);
                      append_texts("unread", validation.trail.unread, json);
                      if (!validation.keys_from.empty()) {
                        json.field("keys_from", validation.keys_from);
                      }
                      json.key("public_keys").begin_array();
                      for (const auto& [fingerprint, key] : validation.keys.all()) {
                        json.begin_object().field("fingerprint", fingerprint);
                        json.field("value", key.value).end_object();
                      }
                      json.end_array();
                    });
}

}  // namespace

int run_evidence_validate_trail(Context& context) {
  Validation validation;
  validation.folder = context.argument("FOLDER");
  env::Files& files = context.env().files;
  auto trail = host::read_trail_folder(files, validation.folder);
  if (!trail) return context.fail(trail.error(), kExitInput);
  validation.trail = *std::move(trail);
  if (const auto found = find_keys(context, validation); !found) {
    return context.fail(found.error(), kExitUsage);
  }
  validation.report =
      host::validate_trail(files, validation.folder, validation.trail.files, validation.keys);
  if (validation.report.digests.empty() && validation.report.logs.empty()) {
    return context.fail(
        fmt::format("{} has no digests and no log files of CloudTrail", validation.folder),
        "Digests lie below AWSLogs/ACCOUNT/CloudTrail-Digest/ in the trail's bucket.", kExitInput);
  }
  if (context.settings().flag("json")) return print_validation_json(context, validation);
  return context.print(validation_text(context, validation), validation.exit_code());
}

}  // namespace stanch::cli
