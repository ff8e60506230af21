#include <fmt/format.h>

#include "codec/timestamp.h"
#include "pipeline/output/attack.h"
#include "pipeline/output/labels.h"
#include "pipeline/output/text.h"
#include "pipeline/output/writers.h"

// RFC 4180 for spreadsheets: a header, CRLF, cells as csv_cell() writes them.

namespace stanch::pipeline::output {

namespace {

constexpr std::string_view kHeader =
    "time,level,rule_id,rule_title,finding_id,event_id,cloud,account,region,actor,actor_entity,"
    "access_key,source,user_agent,action,outcome,error_code,targets,tactics,techniques,matched,"
    "file,member,record,offset\r\n";

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
      out += csv_cell(text);
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
