#pragma once

#include <span>
#include <string_view>

#include "model/entry_kind.h"

// The parts of the table of kinds; entry_kinds() is all of them, in this order.

namespace stanch::model {

inline constexpr bool kOptional = false;  // of a field: it need not be there

// Permanent payloads are those that are never erased.
constexpr EntryKind kind_of(std::string_view name, Retention retention, std::string_view summary,
                            std::span<const PayloadField> fields) {
  return {.name = name,
          .retention = retention,
          .erasable = retention != Retention::kPermanent,
          .summary = summary,
          .fields = fields};
}

// That a later version of the list brought.
constexpr EntryKind since(uint32_t version, EntryKind kind) {
  kind.since = version;
  return kind;
}

std::span<const EntryKind> ledger_kinds();    // control, every stream, intake, triage, incidents
std::span<const EntryKind> response_kinds();  // plans to proof, holds, budgets, evidence, learning

}  // namespace stanch::model
