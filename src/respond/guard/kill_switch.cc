// People can stop response at once, here or everywhere; two let it go on. What takes containment
// back, and evidence, are never stopped.

#include <fmt/format.h>

#include "model/entity_parts.h"
#include "respond/guard/guard.h"

namespace stanch::respond {

std::optional<GuardStop> kill_switch(const GuardInput& input) {
  if (!changes_something(input.plan, input.step)) return std::nullopt;
  if (input.control.is_stopped_here) {
    return GuardStop{"kill-switch",
                     GuardAsks::kNothing,
                     {"Response is stopped on this machine by its local flag."}};
  }
  const std::string type = input.step.action.substr(0, input.step.action.find('.'));
  for (const PulledSwitch& pulled : input.control.switches) {
    const bool hits = pulled.scope == "all" || pulled.scope == type ||
                      pulled.scope == input.step.target.account ||
                      pulled.scope == input.step.action;
    if (!hits) continue;
    return GuardStop{"kill-switch",
                     GuardAsks::kNothing,
                     {fmt::format("Response is stopped for {} by {}: {}", pulled.scope, pulled.by,
                                  pulled.reason)}};
  }
  return std::nullopt;
}

}  // namespace stanch::respond
