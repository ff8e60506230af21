#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace stanch::codec {

// The name of a google.rpc.Code (googleapis, google/rpc/code.proto); nothing of other numbers.
inline std::optional<std::string_view> rpc_code_name(int64_t code) {
  constexpr auto kNames = std::to_array<std::string_view>(
      {"OK", "CANCELLED", "UNKNOWN", "INVALID_ARGUMENT", "DEADLINE_EXCEEDED", "NOT_FOUND",
       "ALREADY_EXISTS", "PERMISSION_DENIED", "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION",
       "ABORTED", "OUT_OF_RANGE", "UNIMPLEMENTED", "INTERNAL", "UNAVAILABLE", "DATA_LOSS",
       "UNAUTHENTICATED"});
  if (code < 0 || code >= static_cast<int64_t>(kNames.size())) return std::nullopt;
  return kNames[static_cast<size_t>(code)];
}

}  // namespace stanch::codec
