#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/id.h"
#include "base/result.h"
#include "base/time.h"
#include "codec/hash.h"
#include "codec/json_writer.h"

// One fact in the ledger (docs/formats/ledger.md). An entry is a header, which
// is chained and never changes, and a payload with its salt beside it, which
// may be erased: the header only commits to them.
//
//   header line   canonical JSON (RFC 8785) and a newline; its SHA-256 is the
//                 entry's hash, which the next entry of the stream names as `prev`
//   commitment    SHA-256 of: salt, payload as canonical JSON, newline

namespace stanch::model {

struct StreamIdTag;
using StreamId = Id<StreamIdTag>;  // "incident/inc-…", "triage", "control", "intake/<source>"
struct EntryIdTag;
using EntryId = Id<EntryIdTag>;  // "ent-…", computed: see entry_id()

// Points at an entry for good: what spans streams is cited so.
struct EntryCitation {
  StreamId stream;
  uint64_t sequence = 0;
  codec::Sha256 hash{};

  bool operator==(const EntryCitation&) const = default;
};

// What can be erased.
struct EntryPayload {
  std::string json;  // canonical
  std::string salt;  // kEntrySaltBytes lower-case hex digits

  bool operator==(const EntryPayload&) const = default;
};

struct Entry {
  StreamId stream;
  uint64_t sequence = 0;  // from 0, without gaps
  EntryId id;
  Time time{};
  std::string actor;  // who says so: "engine", "person/alice", "unverified/alice"
  std::string kind;   // of the closed list (model/entry_kind.h), or of a newer program's
  uint32_t kind_version = 1;
  std::string content_version;  // of the content in force; "" where none was loaded
  codec::Sha256 prev{};         // hash of the entry before it, or stream_root()
  codec::Sha256 commitment{};
  std::optional<EntryPayload> payload;  // nothing: erased

  bool operator==(const Entry&) const = default;
};

// An entry that is to be: the ledger gives it its place, salt and links.
struct EntryDraft {
  std::string kind;
  // What makes this entry this one and no other in its stream: the finding's id, the request's
  // id. An entry that is there already under its key is not appended again.
  std::string key;
  Time time{};
  std::string actor;
  std::string content_version;
  std::string payload = "{}";  // a JSON object, in any form; fits the schema of its kind
};

// Marked for counsel: it leaves the ledger only if that is asked for.
bool is_privileged(std::string_view payload_json);

inline constexpr size_t kEntrySaltBytes = 32;              // as hex digits: 128 bits
inline constexpr size_t kEntryPayloadBytesMax = 1 << 20;   // as canonical JSON
inline constexpr size_t kEntryHeaderBytesMax = 16 * 1024;  // its line
inline constexpr size_t kEntryStreamBytesMax = 4096;
inline constexpr size_t kEntryActorBytesMax = 1024;
inline constexpr uint64_t kEntrySequenceMax = (uint64_t{1} << 53) - 1;  // exact in any JSON reader

// ent-<26 base32 characters>: 128 bits of the hash of stream, kind and key.
EntryId entry_id(const StreamId& stream, std::string_view kind, std::string_view key);

// `prev` of a stream's first entry: SHA-256 of "stanch.stream/1 <ledger> <stream>\n". A stream
// moved to another ledger or name does not verify.
codec::Sha256 stream_root(std::string_view ledger_id, const StreamId& stream);

// The header as its line; what an entry's hash is over.
std::string header_line(const Entry& entry);
codec::Sha256 entry_hash(std::string_view header_line);

// The entry (without payload) of such a line. kInvalid unless it is, byte for byte, what
// header_line() writes for some entry.
Result<Entry> parse_header_line(std::string_view line);

// Of payload.salt and payload.json.
codec::Sha256 payload_commitment(const EntryPayload& payload);

EntryCitation citation_of(const Entry& entry);
// A member that points at the entry.
void append_citation(std::string_view name, const EntryCitation& citation, codec::JsonWriter& json);

// Why this may not be the name of a stream or an actor; "" if it may.
std::string stream_complaint(std::string_view stream);
std::string actor_complaint(std::string_view actor);

}  // namespace stanch::model
