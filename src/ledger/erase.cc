#include "ledger/erase.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "codec/json.h"
#include "codec/json_writer.h"
#include "ledger/keys.h"
#include "ledger/prepare.h"
#include "model/entry_kind.h"
#include "model/streams.h"

namespace stanch::ledger {
namespace {

constexpr int kTriesMax = 20;  // against others who append to the same stream

std::string erased_payload(const Erasure& erasure, const codec::Sha256& hash) {
  std::string text;
  codec::JsonWriter json(text);
  json.begin_object()
      .field("sequence", erasure.sequence)
      .field("hash", codec::to_hex(hash))
      .field("authority", erasure.authority)
      .field("reason", erasure.reason)
      .end_object();
  return text;
}

Result<> check_holds(Ledger& ledger, const model::StreamId& stream) {
  for (const model::StreamId& holder : {stream, model::kControlStream}) {
    TRY(const std::vector<std::string> holds, legal_holds(ledger, holder));
    if (!holds.empty()) {
      return Error(ErrorCode::kDenied, fmt::format("a legal hold is in force on {}: {}",
                                                   holder.text(), fmt::join(holds, ", ")));
    }
  }
  return {};
}

Result<> check_kind(const model::Entry& entry) {
  const model::EntryKind* kind = model::find_entry_kind(entry.kind, entry.kind_version);
  if (kind == nullptr) {
    return Error(ErrorCode::kInvalid,
                 fmt::format("{}/{} is a kind of a newer program, which alone knows whether it may "
                             "be erased",
                             entry.kind, entry.kind_version));
  }
  if (!kind->erasable) {
    return Error(ErrorCode::kDenied, fmt::format("payloads of {} are never erased", entry.kind));
  }
  return {};
}

// The rule of the latest retention_set for each class.
struct Rule {
  int64_t days = 0;
  std::string authority, reason;
};
using Rules = std::map<std::string, Rule>;

Result<Rules> retention_rules(Ledger& ledger) {
  Rules rules;
  TRY(const std::vector<model::Entry> entries, read_all(ledger, model::kControlStream));
  codec::JsonParser parser;
  for (const model::Entry& entry : entries) {
    if (entry.kind != "retention_set" || !entry.payload) continue;
    const codec::JsonView payload = parser.parse(entry.payload->json);
    const codec::JsonView days = payload ? payload["days"] : payload;
    if (!days || !days.is_number() || !days.as_int64()) continue;
    rules[payload["class"].string_or_empty()] = {*days.as_int64(),
                                                 payload["authority"].string_or_empty(),
                                                 payload["reason"].string_or_empty()};
  }
  return rules;
}

}  // namespace

Result<std::vector<std::string>> legal_holds(Ledger& ledger, const model::StreamId& stream) {
  std::set<std::string> holds;
  TRY(const std::vector<model::Entry> entries, read_all(ledger, stream));
  codec::JsonParser parser;
  for (const model::Entry& entry : entries) {
    const bool set = entry.kind == "legal_hold_set";
    if ((!set && entry.kind != "legal_hold_released") || !entry.payload) continue;
    const codec::JsonView payload = parser.parse(entry.payload->json);
    const std::string hold = payload ? payload["hold"].string_or_empty() : "";
    if (set) {
      holds.insert(hold);
    } else {
      holds.erase(hold);
    }
  }
  return std::vector<std::string>(holds.begin(), holds.end());
}

Result<model::EntryCitation> erase(Store& store, const Erasure& erasure) {
  TRY(const auto found, store.read(erasure.stream, erasure.sequence, 1));
  if (found.empty() || found[0].sequence != erasure.sequence) {
    return Error(ErrorCode::kNotFound,
                 fmt::format("stream {} has no entry {}", erasure.stream.text(), erasure.sequence));
  }
  TRY(check_kind(found[0]));
  const model::EntryDraft draft{
      .kind = "erased",
      .key = fmt::format("erased {}", erasure.sequence),
      .time = erasure.time,
      .actor = erasure.actor,
      .content_version = "",
      .payload = erased_payload(erasure, model::citation_of(found[0]).hash)};
  const model::EntryId id = model::entry_id(erasure.stream, draft.kind, draft.key);
  for (int i = 0; i < kTriesMax; ++i) {
    // The place is looked up before the holds: one that is set meanwhile makes this a conflict.
    TRY(const StreamHead head, store.head(erasure.stream));
    TRY(check_holds(store, erasure.stream));
    const auto said = store.find(erasure.stream, id);
    if (said) {
      TRY(store.erase_payload(erasure.stream, erasure.sequence));
      return model::citation_of(*said);
    }
    if (said.error().code() != ErrorCode::kNotFound) return said.error();
    const auto appended = store.append(erasure.stream, head.next, std::span(&draft, 1));
    if (appended) {
      TRY(store.erase_payload(erasure.stream, erasure.sequence));
      return appended->citations.front();
    }
    if (appended.error().code() != ErrorCode::kConflict) return appended.error();
  }
  return Error(ErrorCode::kUnavailable, "others appended to the stream all the time: try again");
}

Result<std::vector<Expired>> expired(Store& store, Time now, size_t limit) {
  std::vector<Expired> result;
  TRY(const Rules rules, retention_rules(store));
  if (rules.empty()) return result;
  std::map<std::string, bool> held;  // by stream
  TRY(const auto held_all, legal_holds(store, model::kControlStream));
  if (!held_all.empty()) return result;
  TRY(store.scan(0, [&](const StoredEntry& row) -> Result<> {
    if (!row.payload || result.size() >= limit) return {};
    TRY(const model::Entry entry, entry_of(row));
    const model::EntryKind* kind = model::find_entry_kind(entry.kind, entry.kind_version);
    if (kind == nullptr || !kind->erasable) return {};
    const auto rule = rules.find(std::string(name_of(kind->retention)));
    if (rule == rules.end()) return {};
    const auto age = std::chrono::duration_cast<std::chrono::hours>(now - entry.time);
    if (age < std::chrono::hours(24) * rule->second.days) return {};
    auto known = held.find(entry.stream.text());
    if (known == held.end()) {
      TRY(const auto holds, legal_holds(store, entry.stream));
      known = held.emplace(entry.stream.text(), !holds.empty()).first;
    }
    if (!known->second) {
      result.push_back(
          {entry.stream, entry.sequence, entry.kind, rule->second.authority, rule->second.reason});
    }
    return {};
  }));
  return result;
}

}  // namespace stanch::ledger
