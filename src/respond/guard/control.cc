#include "respond/guard/control.h"

#include "codec/json_value.h"
#include "model/streams.h"

namespace stanch::respond {

Result<Control> Control::load(ledger::Ledger& ledger) {
  Control control;
  codec::JsonParser parser;
  TRY(each_entry(ledger, model::kControlStream, [&](const model::Entry& entry) -> Result<> {
    const bool pulled = entry.kind == "kill_switch_pulled";
    if ((!pulled && entry.kind != "kill_switch_released") || !entry.payload) return {};
    const auto payload = codec::JsonValue::of(parser.parse(entry.payload->json));
    const std::string& scope = payload["scope"].text_or_empty();
    if (pulled) {
      control.switches.push_back(
          {scope, entry.actor, payload["reason"].text_or_empty(), model::citation_of(entry)});
    } else {
      std::erase_if(control.switches,
                    [&](const PulledSwitch& each) { return each.scope == scope; });
    }
    return {};
  }));
  return control;
}

}  // namespace stanch::respond
