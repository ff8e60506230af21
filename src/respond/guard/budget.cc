// One mistake does not become a thousand: steps that write are counted, for each incident and for
// all of them, over an hour.

#include <fmt/format.h>

#include "respond/guard/guard.h"

namespace stanch::respond {

std::optional<GuardStop> budget(const GuardInput& input) {
  if (!changes_something(input.plan, input.step)) return std::nullopt;
  std::string why;
  if (input.spent_on_incident >= input.tables.budget_of_incident) {
    why = fmt::format("This incident's steps of the last hour are {}, and its budget is {}.",
                      input.spent_on_incident, input.tables.budget_of_incident);
  } else if (input.spent_in_hour >= input.tables.budget_of_hour) {
    why = fmt::format("All incidents' steps of the last hour are {}, and the budget is {}.",
                      input.spent_in_hour, input.tables.budget_of_hour);
  } else {
    return std::nullopt;
  }
  const auto asks = input.is_automatic ? GuardAsks::kNothing : GuardAsks::kTwo;
  return GuardStop{"budget", asks, {why}};
}

}  // namespace stanch::respond
