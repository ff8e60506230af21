// While changes are frozen nothing runs alone, and people change things only if two agree.

#include <fmt/format.h>

#include "codec/timestamp.h"
#include "respond/guard/guard.h"

namespace stanch::respond {

std::optional<GuardStop> change_freeze(const GuardInput& input) {
  if (!changes_something(input.plan, input.step)) return std::nullopt;
  for (const Freeze& freeze : input.tables.freezes) {
    if (input.now < freeze.from || input.now >= freeze.until) continue;
    const auto asks = input.is_automatic ? GuardAsks::kNothing : GuardAsks::kTwo;
    return GuardStop{"change-freeze",
                     asks,
                     {fmt::format("Changes are frozen until {}: {}",
                                  codec::format_timestamp(freeze.until), freeze.reason)}};
  }
  return std::nullopt;
}

}  // namespace stanch::respond
