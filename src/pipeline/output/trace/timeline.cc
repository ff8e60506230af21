#include <fmt/format.h>

#include "codec/timestamp.h"
#include "pipeline/output/labels.h"
#include "pipeline/output/text.h"
#include "pipeline/output/trace/trace_writer.h"

namespace stanch::pipeline::output {

std::string_view timeline_header() {
  return "time,relation,holder,principal,access_key,session_name,cloud,account,region,source,"
         "user_agent,action,access,outcome,error_code,targets,minted,event_id,file,member,record,"
         "offset\r\n";
}

std::string timeline_row(const model::FoundEvent& event, std::string_view holder,
                         std::string_view relation) {
  const model::Facts& facts = event.facts;
  std::string targets, minted;
  for (const model::Target& target : facts.targets) {
    if (!targets.empty()) targets += ' ';
    targets += target.entity.text;
  }
  for (const model::Minted& made : facts.minted) {
    for (const std::string_view id : {made.entity.text, made.session.text}) {
      if (!minted.empty() && !id.empty()) minted += ' ';
      minted += id;
    }
  }
  const std::string time = facts.time ? codec::format_timestamp(*facts.time) : "";
  std::string row;
  for (const std::string& text :
       {time, std::string(relation), std::string(holder), std::string(facts.actor.entity.text),
        std::string(facts.credential.access_key_id), std::string(facts.credential.session_name),
        std::string(facts.cloud), std::string(facts.account), std::string(facts.region),
        source_label(facts), std::string(facts.source.user_agent), action_label(facts),
        std::string(name_of(facts.action.access)), std::string(name_of(facts.outcome)),
        std::string(facts.error_code), targets, minted, std::string(event.id.text()),
        std::string(event.origin.file)}) {
    row += csv_cell(text);
    row += ',';
  }
  return row +
         fmt::format("{},{},{}\r\n", event.origin.member, event.origin.record, event.origin.offset);
}

}  // namespace stanch::pipeline::output
