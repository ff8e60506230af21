#include "respond/guard/control.h"

#include <algorithm>
#include <ranges>
#include <utility>

#include "codec/json_value.h"
#include "codec/timestamp.h"
#include "model/streams.h"

namespace stanch::respond {

namespace {

using codec::JsonValue;

constexpr std::pair<std::string_view, Autonomy> kAutonomies[] = {{"run", Autonomy::kRun},
                                                                 {"one", Autonomy::kOne},
                                                                 {"two", Autonomy::kTwo},
                                                                 {"never", Autonomy::kNever}};

bool is_meant(std::string_view setting, std::string_view value) {
  return setting == "*" || setting == value;
}

void learn_switch(const model::Entry& entry, const JsonValue& payload, Control& control) {
  const std::string& scope = payload["scope"].text_or_empty();
  if (entry.kind == "kill_switch_pulled") {
    control.switches.push_back(
        {scope, entry.actor, payload["reason"].text_or_empty(), model::citation_of(entry)});
  } else {
    std::erase_if(control.switches, [&](const PulledSwitch& each) { return each.scope == scope; });
  }
}

AutonomySetting setting_of(const model::Entry& entry, const JsonValue& payload) {
  const auto text = [&](std::string_view name) { return payload[name].text_or_empty(); };
  return {.action = text("action"),
          .account = text("account"),
          .environment = text("environment"),
          .autonomy = text("autonomy"),
          .until = codec::parse_timestamp(text("until")),
          .by = entry.actor,
          .reason = text("reason"),
          .at = entry.time};
}

}  // namespace

std::string_view name_of(Autonomy autonomy) {
  return std::ranges::find(kAutonomies, autonomy, &std::pair<std::string_view, Autonomy>::second)
      ->first;
}

std::optional<Autonomy> find_autonomy(std::string_view name) {
  const auto found =
      std::ranges::find(kAutonomies, name, &std::pair<std::string_view, Autonomy>::first);
  return found == std::end(kAutonomies) ? std::nullopt : std::optional(found->second);
}

const AutonomySetting* Control::find_autonomy(std::string_view action, std::string_view account,
                                              std::string_view environment, Time now) const {
  for (const AutonomySetting& each : std::views::reverse(autonomy)) {
    if (each.until && now >= *each.until) continue;
    if (is_meant(each.action, action) && is_meant(each.account, account) &&
        is_meant(each.environment, environment)) {
      return &each;
    }
  }
  return nullptr;
}

Result<Control> Control::load(ledger::Ledger& ledger) {
  Control control;
  codec::JsonParser parser;
  TRY(each_entry(ledger, model::kControlStream, [&](const model::Entry& entry) -> Result<> {
    if (!entry.payload) return {};
    const auto payload = JsonValue::of(parser.parse(entry.payload->json));
    if (entry.kind == "kill_switch_pulled" || entry.kind == "kill_switch_released") {
      learn_switch(entry, payload, control);
    } else if (entry.kind == "autonomy_set") {
      control.autonomy.push_back(setting_of(entry, payload));
    }
    return {};
  }));
  return control;
}

}  // namespace stanch::respond
