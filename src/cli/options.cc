#include "cli/options.h"

#include <algorithm>
#include <string>

#include "pipeline/scan.h"

namespace stanch::cli {

namespace {

using enum ValueKind;

constexpr OptionSpec kGlobal[] = {
    {.id = "help", .short_flag = "-h", .help = "Show this help."},
    {.id = "quiet",
     .short_flag = "-q",
     .key = "quiet",
     .fallback = "false",
     .help = "Say nothing on standard error but errors: no summary, no notes, no progress."},
    {.id = "verbose",
     .short_flag = "-v",
     .kind = kCount,
     .help = "Say more on standard error; twice for every detail."},
    {.id = "color",
     .value = "WHEN",
     .kind = kChoice,
     .key = "color",
     .fallback = "auto",
     .choices = "auto|always|never",
     .help = "Colour the output. auto: on a terminal, unless NO_COLOR is set. Colour never "
             "carries meaning alone."},
    {.id = "config",
     .value = "FILE",
     .kind = kFile,
     .help = "Read settings from this file instead of the usual place (see 'stanch help "
             "config'); also STANCH_CONFIG."},
};

constexpr OptionSpec kOptions[] = {
    {.id = "format",
     .short_flag = "-f",
     .value = "FORMAT",
     .kind = kChoice,
     .key = "scan.format",
     .choices = "table|ndjson|ocsf|sarif|csv",
     .help = "How findings are written. Without it: table on a terminal, ndjson otherwise."},
    {.id = "output",
     .short_flag = "-o",
     .value = "FILE",
     .kind = kFile,
     .help = "Write the findings to FILE instead of standard output. FILE is replaced."},
    {.id = "jobs",
     .short_flag = "-j",
     .value = "N",
     .kind = kNumber,
     .key = "scan.jobs",
     .fallback = "0",
     .max = pipeline::kJobsMax,
     .help = "Threads to work with, at most 256; 0: one a processor. The findings and their order "
             "are the same for any number."},
    {.id = "rules",
     .short_flag = "-r",
     .value = "PATH",
     .kind = kPath,
     .repeatable = true,
     .key = "rules",
     .help = "Load the Sigma rules in this file or folder too. May be given more than once."},
    {.id = "no-builtin-rules",
     .negates = true,
     .key = "builtin_rules",
     .fallback = "true",
     .help = "Leave out the rules that are part of the content.",
     .key_help = "Use the rules that are part of the content."},
    {.id = "content",
     .value = "DIR",
     .kind = kFolder,
     .key = "content",
     .help = "Lay the files of this folder over the built-in content, path by path: rules, "
             "context.yaml, placeholders.yaml."},
    {.id = "min-level",
     .value = "LEVEL",
     .kind = kChoice,
     .key = "scan.min_level",
     .fallback = "informational",
     .choices = "informational|low|medium|high|critical",
     .help = "Write only findings of this level or above. Those below are still counted."},
    {.id = "fail-level",
     .value = "LEVEL",
     .kind = kChoice,
     .key = "scan.fail_level",
     .fallback = "high",
     .choices = "informational|low|medium|high|critical|never",
     .help = "Exit with 1 if there is a finding of this level or above, written or not."},
    {.id = "raw",
     .key = "scan.raw",
     .fallback = "false",
     .help = "Put the event itself into each finding (ndjson, ocsf, sarif)."},
    {.id = "dead-letter",
     .value = "FILE",
     .kind = kFile,
     .key = "scan.dead_letter",
     .help = "Write each record that could not be read to FILE, with origin and reason, as "
             "NDJSON."},
    {.id = "journal",
     .value = "FILE",
     .kind = kFile,
     .key = "scan.journal",
     .help = "Note in FILE how far the scan is. The same command, given again after a crash, goes "
             "on from there; when the scan is complete, FILE is removed. Needs --output, and "
             "the format ndjson, ocsf or csv."},
    {.id = "no-dedup",
     .negates = true,
     .key = "scan.dedup",
     .fallback = "true",
     .help = "Keep events whose id and content were seen before.",
     .key_help = "Drop events whose id and content were seen before."},
    {.id = "summary-json",
     .value = "FILE",
     .kind = kFile,
     .key = "scan.summary_json",
     .help =
         "Write the summary to FILE as JSON; '-': to standard output, if --output names a file."},
    {.id = "no-progress",
     .negates = true,
     .key = "scan.progress",
     .fallback = "true",
     .help = "Do not show the progress line.",
     .key_help = "Show the progress line."},
    {.id = "json", .help = "Write JSON instead of text."},
    {.id = "against",
     .value = "PATH",
     .kind = kPath,
     .repeatable = true,
     .help = "Read these logs, and name the rules that are blind on them: they need data events "
             "and there are none."},
    {.id = "strict",
     .help = "Ask of every rule at least two events that match and two near misses."},
    {.id = "record",
     .value = "N",
     .kind = kNumber,
     .fallback = "1",
     .help = "Which event of the file to explain, from 1."},
    {.id = "on",
     .value = "PATH",
     .kind = kPath,
     .repeatable = true,
     .help = "The logs to run over: files, folders, globs or '-'. May be given more than once."},
    {.id = "examples",
     .value = "N",
     .kind = kNumber,
     .fallback = "3",
     .help = "Events to show for each rule."},
    {.id = "state",
     .value = "DIR",
     .kind = kFolder,
     .key = "state",
     .help = "Where things are kept on this machine. Without it $XDG_STATE_HOME/stanch, or "
             "~/.local/state/stanch."},
    {.id = "ledger",
     .value = "URL",
     .kind = kText,
     .key = "ledger",
     .help = "The ledger: sqlite:PATH. Without it ledger/ledger.db in the state folder. Its key "
             "lies beside it, as PATH.key."},
    {.id = "checkpoint-to",
     .value = "FILE",
     .kind = kFile,
     .key = "checkpoint_to",
     .help = "Write each checkpoint to FILE too, which is best on a disk of another machine. "
             "FILE is replaced."},
    {.id = "name",
     .value = "NAME",
     .kind = kText,
     .help = "Name of the ledger in its checkpoints, for instance example.com/stanch."},
    {.id = "rotate", .help = "Make a new key, announce it in the ledger, and use it from now on."},
    {.id = "pem", .help = "Write the newest public key as PEM, for openssl."},
    {.id = "reason", .value = "TEXT", .kind = kText, .help = "Why; kept in the ledger."},
    {.id = "authority",
     .value = "TEXT",
     .kind = kText,
     .help = "Whose decision it is, or which law; kept in the ledger."},
    {.id = "checkpoint",
     .value = "FILE",
     .kind = kFile,
     .repeatable = true,
     .help = "A checkpoint that was kept elsewhere. May be given more than once."},
    {.id = "key",
     .value = "FILE",
     .kind = kFile,
     .help = "The ledger's public key as you know it: PEM, or a line name+id+base64. Without it "
             "the keys count that the ledger announces itself."},
    {.id = "package",
     .value = "DIR",
     .kind = kFolder,
     .help = "Check this exported package instead of a ledger."},
    {.id = "stream",
     .value = "STREAM",
     .kind = kText,
     .repeatable = true,
     .help = "Only this stream, for instance incident/inc-abc. May be given more than once."},
    {.id = "privileged", .help = "With the notes for counsel, which stay out otherwise."},
    {.id = "from",
     .value = "FILE",
     .kind = kFile,
     .help = "Prove that the newest checkpoint goes on from this older one."},
    {.id = "expired",
     .help = "Erase all payloads that 'retention_set' entries no longer keep, and no legal hold "
             "keeps."},
    {.id = "logs",
     .value = "PATH",
     .kind = kPath,
     .repeatable = true,
     .help = "The logs to look in: files, folders, globs. May be given more than once."},
    {.id = "since",
     .value = "TIME",
     .kind = kText,
     .help = "Only what was done from then on, 2026-03-01T02:03:04Z."},
    {.id = "trace-format",
     .value = "FORMAT",
     .kind = kChoice,
     .fallback = "text",
     .choices = "text|json|dot|mermaid|csv",
     .help = "text for people; dot and mermaid draw the chain; csv is a timeline, a row an event."},
    {.id = "all", .help = "Closed incidents and those that went on elsewhere too."},
    {.id = "mine", .help = "Only those that you own."},
    {.id = "status",
     .value = "STATUS",
     .kind = kText,
     .help = "Only those that stand there, for instance containing."},
    {.id = "after",
     .value = "INCIDENT",
     .kind = kText,
     .help = "Go on behind this incident: the last one of the page before."},
    {.id = "closed", .help = "Closed incidents instead of open ones."},
    {.id = "severity",
     .value = "S1|S2|S3|S4",
     .kind = kChoice,
     .choices = "S1|S2|S3|S4",
     .help = "This severity; in a list, this one and those above it."},
    {.id = "limit", .value = "N", .kind = kNumber, .fallback = "50", .help = "Rows to show."},
    {.id = "restricted", .help = "Show an incident that is restricted to named people."},
    {.id = "source", .value = "TEXT", .kind = kText, .help = "Who told us: a call, a ticket."},
    {.id = "description", .value = "TEXT", .kind = kText, .help = "What was reported."},
    {.id = "drill", .help = "It is an exercise; metrics keep it apart."},
    {.id = "comment", .value = "TEXT", .kind = kText, .help = "What there is to say about it."},
    {.id = "owner", .value = "PERSON", .kind = kText, .help = "Who does it."},
    {.id = "due",
     .value = "TIME",
     .kind = kText,
     .help = "By when: 2026-03-01T02:03:04Z, or 90m, 4h, 2d from now."},
    {.id = "done", .value = "TASK", .kind = kText, .help = "This task is done."},
    {.id = "give", .value = "TASK", .kind = kText, .help = "Let --owner do this task."},
    {.id = "drop", .value = "TASK", .kind = kText, .help = "This task will not be done."},
    {.id = "withdraw", .help = "Take the role from PERSON."},
    {.id = "accept", .help = "Take the role that was offered to you."},
    {.id = "decline", .help = "Do not take it."},
    {.id = "audience", .value = "TEXT", .kind = kText, .help = "Who was told."},
    {.id = "next",
     .value = "TIME",
     .kind = kText,
     .help = "When the next update is due: a time, or 90m, 4h, 2d from now."},
    {.id = "until",
     .value = "TIME",
     .kind = kText,
     .help = "Up to then: a time; for a clock also 90m, 4h, 2d from now."},
    {.id = "resume", .help = "Let the clock run again."},
    {.id = "hypothesis",
     .value = "ID",
     .kind = kText,
     .help = "The hypothesis that this is about; without it, a new one."},
    {.id = "standing",
     .value = "STANDING",
     .kind = kChoice,
     .fallback = "open",
     .choices = "open|supported|ruled_out",
     .help = "What is thought of it."},
    {.id = "title", .value = "TEXT", .kind = kText, .help = "A title for people."},
    {.id = "remove", .help = "Take it out again."},
    {.id = "person",
     .value = "PERSON",
     .kind = kText,
     .help = "Who it was. Without it, whoever gives the command."},
    {.id = "when",
     .value = "TIME",
     .kind = kText,
     .help = "When it was, 2026-03-01T02:03:04Z. Without it, now."},
    {.id = "regime",
     .value = "LAW",
     .kind = kText,
     .help = "For this duty alone, for instance GDPR or NIS2."},
    {.id = "disposition",
     .value = "WHAT",
     .kind = kChoice,
     .choices = "true_positive|benign_expected|false_positive|undetermined",
     .help = "What it was."},
    {.id = "period-since",
     .value = "TIME",
     .kind = kText,
     .help = "From then on: 2026-03-01, 2026-03-01T02:03:04Z, or 90m, 4h, 30d ago.",
     .word = "since"},
    {.id = "period-until",
     .value = "TIME",
     .kind = kText,
     .help = "Before then: 2026-03-01, 2026-03-01T02:03:04Z, or 90m, 4h, 30d ago.",
     .word = "until"},
    {.id = "metrics-severity",
     .value = "S1|S2|S3|S4",
     .kind = kChoice,
     .choices = "S1|S2|S3|S4",
     .help = "Only incidents whose worst severity this was.",
     .word = "severity"},
    {.id = "timeline-format",
     .value = "FORMAT",
     .kind = kChoice,
     .fallback = "text",
     .choices = "text|csv",
     .help = "csv is for spreadsheets: no cell of it is taken for a formula.",
     .word = "format"},
};

constexpr ExitCode kExitCodes[] = {
    {kExitOk, "ok", "Done; no finding at or above --fail-level."},
    {kExitFindings, "findings",
     "A finding at or above --fail-level; or what was checked did not pass (lint, test, "
     "verify)."},
    {kExitUsage, "usage", "Wrong use: the command line, the settings, or no usable rule."},
    {kExitInput, "input", "Some input could not be read; the rest was worked through."},
    {kExitInternal, "internal",
     "Could not finish: an internal error, or output that cannot be "
     "written (disk full)."},
    {kExitReaderGone, "reader-gone",
     "Standard output was closed by its reader ('stanch scan logs | head'). Nothing is said."},
};

}  // namespace

std::span<const OptionSpec> global_options() { return kGlobal; }
std::span<const OptionSpec> all_options() { return kOptions; }
std::span<const ExitCode> exit_codes() { return kExitCodes; }

const OptionSpec* find_option(std::string_view id) {
  for (const auto& table : {global_options(), all_options()}) {
    const auto found = std::ranges::find(table, id, &OptionSpec::id);
    if (found != table.end()) return &*found;
  }
  return nullptr;
}

std::string_view word_of(const OptionSpec& option) {
  return option.word.empty() ? option.id : option.word;
}

const CommandSpec* find_command(std::string_view name) {
  const auto commands = all_commands();
  const auto found = std::ranges::find(commands, name, &CommandSpec::name);
  return found == commands.end() ? nullptr : &*found;
}

bool takes(const CommandSpec& command, const OptionSpec& option) {
  return std::ranges::find(global_options(), option.id, &OptionSpec::id) !=
             global_options().end() ||
         std::ranges::find(command.options, option.id) != command.options.end();
}

std::string environment_name(std::string_view key) {
  std::string name = "STANCH_";
  for (const char c : key) {
    name += c == '.' ? '_' : static_cast<char>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
  }
  return name;
}

}  // namespace stanch::cli
