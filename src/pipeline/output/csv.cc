#include <fmt/format.h>

#include "codec/timestamp.h"
#include "codec/utf8.h"
#include "pipeline/output/attack.h"
#include "pipeline/output/labels.h"
#include "pipeline/output/writers.h"

// RFC 4180 for spreadsheets: a header, CRLF, cells quoted where they must be. Two
// things are done to text that somebody else wrote. Control and hidden characters are
// shown as \n, \x1b, \u{202e} (codec::for_terminal). And a cell that a spreadsheet would
// take for a formula, because it begins with = + - @ tab or CR, gets an apostrophe in front.
// Who needs the exact bytes takes ndjson.

namespace stanch::pipeline::output {

namespace {

constexpr std::string_view kHeader =
    "time,level,rule_id,rule_title,finding_id,event_id,cloud,account,region,actor,actor_entity,"
    "access_key,source,user_agent,action,outcome,error_code,targets,tactics,techniques,matched,"
    "file,member,record,offset\r\n";

std::string cell(std::string_view text) {
  std::string safe = codec::for_terminal(text);
  // A tab or CR at the start reads \t or \r by now, but what was written was meant for a
  // spreadsheet that skips them.
  const bool formula =
      !text.empty() && std::string_view("=+-@\t\r").find(text.front()) != std::string_view::npos;
  if (formula) safe.insert(0, 1, '\'');
  if (safe.find_first_of(",\"") == std::string::npos) return safe;
  std::string quoted = "\"";
  for (const char c : safe) {
    if (c == '"') quoted += '"';
    quoted += c;
  }
  return quoted + '"';
}

std::string joined(std::span<const std::string> texts) {
  std::string out;
  for (const std::string& text : texts) {
    if (!out.empty()) out += ' ';
    out += text;
  }
  return out;
}

std::string targets_of(const model::Facts& facts) {
  std::string out;
  for (const model::Target& target : facts.targets) {
    if (!out.empty()) out += ' ';
    out += target.entity.text;
  }
  return out;
}

std::string matched_of(const model::Finding& finding) {
  std::string out;
  for (const model::MatchedField& match : finding.matched) {
    if (!out.empty()) out += "; ";
    if (!match.field.empty()) out += fmt::format("{}=", match.field);
    out += match.value.value_or("(absent)");
  }
  return out;
}

class CsvWriter : public FindingWriter {
 public:
  void begin(std::string& out) override { out += kHeader; }

  void write(const model::Finding& finding, std::string& out) override {
    const model::Facts& facts = finding.event.facts;
    const Attack attack = attack_of(finding.rule.tags);
    const std::string time = facts.time ? codec::format_timestamp(*facts.time) : "";
    for (const std::string& text : {time,
                                    std::string(name_of(finding.rule.level)),
                                    finding.rule.id.text(),
                                    finding.rule.title,
                                    std::string(finding.id.text()),
                                    std::string(finding.event.id.text()),
                                    std::string(facts.cloud),
                                    std::string(facts.account),
                                    std::string(facts.region),
                                    actor_label(facts),
                                    std::string(facts.actor.entity.text),
                                    std::string(facts.credential.access_key_id),
                                    source_label(facts),
                                    std::string(facts.source.user_agent),
                                    action_label(facts),
                                    std::string(name_of(facts.outcome)),
                                    std::string(facts.error_code),
                                    targets_of(facts),
                                    joined(attack.tactics),
                                    joined(attack.techniques),
                                    matched_of(finding),
                                    std::string(finding.event.origin.file)}) {
      out += cell(text);
      out += ',';
    }
    out += fmt::format("{},{},{}\r\n", finding.event.origin.member, finding.event.origin.record,
                       finding.event.origin.offset);
  }

  void end(const ScanSummary&, std::string&) override {}
};

}  // namespace

std::unique_ptr<FindingWriter> make_csv_writer(const WriterOptions&) {
  return std::make_unique<CsvWriter>();
}

}  // namespace stanch::pipeline::output
