#include "ledger/prepare.h"

#include <fmt/format.h>

#include <array>
#include <set>
#include <utility>

#include "codec/canonical_json.h"
#include "codec/hash.h"
#include "codec/json.h"
#include "codec/utf8.h"
#include "model/entry_kind.h"

namespace stanch::ledger {
namespace {

Error refused(std::string what) { return Error(ErrorCode::kInvalid, std::move(what)); }

Result<model::Entry> prepare_one(const model::StreamId& stream, const model::EntryDraft& draft,
                                 const SaltSource& salt) {
  const model::EntryKind* kind = model::current_entry_kind(draft.kind);
  if (kind == nullptr) return refused("there is no kind of entry called " + draft.kind);
  if (draft.key.empty()) return refused(draft.kind + ": its key is empty");
  if (std::string why = model::actor_complaint(draft.actor); !why.empty()) return refused(why);

  static thread_local codec::JsonParser parser;
  const codec::JsonView view = parser.parse(draft.payload);
  if (!view || parser.was_tolerant()) return refused(draft.kind + ": its payload is no JSON");
  TRY(model::check_payload(*kind, view));
  model::EntryPayload payload;
  payload.json.reserve(draft.payload.size());
  TRY(codec::append_canonical(view, payload.json));
  if (payload.json.size() > model::kEntryPayloadBytesMax) {
    return refused(fmt::format("{}: its payload has more than {} bytes", draft.kind,
                               model::kEntryPayloadBytesMax));
  }
  model::Entry entry;
  entry.stream = stream;
  entry.id = model::entry_id(stream, draft.kind, draft.key);
  entry.time = draft.time;
  entry.actor = draft.actor;
  entry.kind = draft.kind;
  entry.kind_version = kind->version;
  entry.content_version = draft.content_version;
  if (!codec::is_utf8(entry.content_version)) return refused("the content version is no UTF-8");
  payload.salt = salt(entry.id);
  entry.commitment = model::payload_commitment(payload);
  entry.payload = std::move(payload);
  // With the largest of places: what fits now will fit then.
  entry.sequence = model::kEntrySequenceMax;
  if (model::header_line(entry).size() > model::kEntryHeaderBytesMax) {
    return refused(draft.kind + ": its header is too long");
  }
  return entry;
}

}  // namespace

Result<std::vector<model::Entry>> prepare(const model::StreamId& stream,
                                          std::span<const model::EntryDraft> drafts,
                                          const SaltSource& salt) {
  if (std::string why = model::stream_complaint(stream.text()); !why.empty()) return refused(why);
  if (drafts.empty()) return refused("an append of nothing");
  if (drafts.size() > kAppendEntriesMax) {
    return refused(fmt::format("an append of more than {} entries", kAppendEntriesMax));
  }
  std::vector<model::Entry> entries;
  entries.reserve(drafts.size());
  std::set<model::EntryId> ids;
  for (const model::EntryDraft& draft : drafts) {
    TRY(model::Entry entry, prepare_one(stream, draft, salt));
    if (!ids.insert(entry.id).second) {
      return refused(draft.kind + ": the same key stands twice in one append");
    }
    entries.push_back(std::move(entry));
  }
  return entries;
}

SaltSource random_salts(env::Random& random) {
  return [&random](const model::EntryId&) {
    std::array<uint8_t, model::kEntrySaltBytes / 2> bytes;
    random.fill(bytes);
    return codec::to_hex(bytes);
  };
}

SaltSource keyed_salts(std::string key) {
  return [key = std::move(key)](const model::EntryId& id) {
    codec::Sha256Fields fields;
    fields.add("stanch.salt/1").add(key).add(id.text());
    return codec::to_hex(fields.finish()).substr(0, model::kEntrySaltBytes);
  };
}

std::string place(model::Entry& entry, uint64_t sequence, const codec::Sha256& prev) {
  entry.sequence = sequence;
  entry.prev = prev;
  return model::header_line(entry);
}

Result<model::Entry> entry_of(const StoredEntry& row) {
  TRY(model::Entry entry, model::parse_header_line(row.header));
  if (row.salt && row.payload) {
    entry.payload = model::EntryPayload{std::string(*row.payload), std::string(*row.salt)};
  }
  return entry;
}

Result<model::Entry> checked_entry_of(const StoredEntry& row) {
  TRY(model::Entry entry, entry_of(row));
  if (entry.payload && model::payload_commitment(*entry.payload) != entry.commitment) {
    return Error(ErrorCode::kCorrupt, "its payload is not what it commits to: it was changed");
  }
  return entry;
}

}  // namespace stanch::ledger
