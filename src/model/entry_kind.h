#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "codec/json.h"

// The closed list of what an entry can say: one table (entry_kinds*.cc), from
// which payloads are checked, their JSON Schemas written, and
// docs/formats/entry-kinds.md made. A kind is never changed: one that must say
// more gets a new version beside the old. Entries of kinds that a newer program
// wrote are carried, chained and exported like all others.

namespace stanch::model {

enum class FieldType : uint8_t {
  kText,
  kTime,     // RFC 3339 with Z
  kInteger,  // -2^53 < n < 2^53
  kBoolean,
  kHash,       // SHA-256, 64 hex digits
  kTexts,      // list of texts
  kCitation,   // {"stream", "sequence", "hash"} of an entry
  kCitations,  // list of them
  kObject,     // any JSON object
  kObjects,    // list of objects
};

struct PayloadField {
  std::string_view name;
  FieldType type = FieldType::kText;
  bool required = true;
  std::string_view choices = {};  // "a|b|c" of a text; empty: any
  std::string_view summary;
};

enum class Retention : uint8_t {
  kPermanent,    // as long as the ledger
  kIncident,     // as long as the organisation keeps incidents
  kOperational,  // as long as it helps to run: positions, counts
};

struct EntryKind {
  std::string_view name;
  uint32_t version = 1;
  uint32_t since = 1;  // the version of this list that brought it
  Retention retention = Retention::kIncident;
  bool erasable = true;  // its payload may be erased
  std::string_view summary;
  std::span<const PayloadField> fields;
};

inline constexpr uint32_t kEntryKindListVersion = 5;

std::span<const EntryKind> entry_kinds();  // in the order of the document

// Nothing: the kind of a newer program.
const EntryKind* find_entry_kind(std::string_view name, uint32_t version);
// The version that is appended today.
const EntryKind* current_entry_kind(std::string_view name);

// kInvalid, with the member's name, unless `payload` fits the kind's schema.
Result<> check_payload(const EntryKind& kind, codec::JsonView payload);

// The JSON Schema (2020-12) of all kinds: one document, "$defs" by "<name>/<version>".
std::string entry_kinds_schema();
// docs/formats/entry-kinds.md.
std::string entry_kinds_page();

std::string_view name_of(FieldType type);
std::string_view name_of(Retention retention);

}  // namespace stanch::model
