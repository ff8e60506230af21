#include "host/evidence.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <utility>

#include "codec/canonical_json.h"
#include "codec/hash.h"
#include "codec/timestamp.h"
#include "host/incident.h"
#include "host/metrics.h"
#include "respond/plan/observe.h"

namespace stanch::host {

namespace {

using codec::JsonValue;
using model::IncidentId;
using respond::EvidenceItem;
using End = Looked::End;

constexpr std::string_view kFile = "file:";  // what the place of a file begins with
constexpr size_t kReadBytes = size_t{1} << 20;

struct Hashed {
  std::string sha256;
  uint64_t size = 0;
};

Result<Hashed> hash_file(env::Files& files, const std::string& path) {
  TRY(const auto file, files.open(path));
  codec::Sha256Stream hash;
  Hashed hashed;
  std::vector<char> buffer(kReadBytes);
  for (;;) {
    TRY(const size_t count, file->read(buffer));
    if (count == 0) break;
    hash.add({buffer.data(), count});
    hashed.size += count;
  }
  hashed.sha256 = codec::to_hex(hash.finish());
  return hashed;
}

Hashed hash_value(const JsonValue& value) {
  const std::string text = to_json(value);
  return {codec::to_hex(codec::sha256(text)), text.size()};
}

// What an item is now, or that it is not complete yet.
struct Found {
  std::string place;
  Hashed hashed;       // without a hash where the provider gives none
  JsonValue identity;  // then
};

// The step that took it.
struct Origin {
  const respond::PlanState* plan = nullptr;
  const respond::Step* step = nullptr;
};
Origin origin_of(const respond::PlanBook& book, const std::string& id) {
  for (const auto& [hash, plan] : book.plans()) {
    for (const respond::Step& step : plan.plan.steps) {
      if (respond::evidence_id(hash, step.id) == id) return {&plan, &step};
    }
  }
  return {};
}

// By the code what it means: nobody could look; it is not complete; it is not what it was.
Error unseen(std::string why) { return {ErrorCode::kUnavailable, std::move(why)}; }
Error not_yet(std::string why) { return {ErrorCode::kConflict, std::move(why)}; }
Error gone(std::string why) { return {ErrorCode::kCorrupt, std::move(why)}; }

Result<Found> find_file(const Responding& with, const EvidenceItem& item) {
  const std::string path = item.place.substr(kFile.size());
  auto hashed = hash_file(with.env.files, path);
  // It may lie on another machine.
  if (!hashed && hashed.error().code() != ErrorCode::kNotFound)
    return unseen(hashed.error().message());
  if (!hashed) return gone(hashed.error().message());
  if (hashed->sha256 != item.sha256) return gone(fmt::format("{} is not what was taken", path));
  return Found{item.place, *std::move(hashed), {}};
}

// What an action shows of it in the cloud.
Result<Found> find_in_cloud(const Responding& with, const IncidentId& incident,
                            const respond::Action& action, const Origin& origin) {
  TRY(const respond::Subject subject, respond::Subject::of(action, incident, origin.step->target));
  const auto seen = respond::observe(subject, with.caller);
  if (!seen) return unseen("it cannot be looked at: " + seen.error().message());
  const JsonValue saved = origin.plan->step(origin.step->id).saved.value_or(JsonValue());
  TRY(const bool is_complete, holds(subject, action.sealed->that, *seen, saved));
  if (!is_complete) {
    TRY(const std::string why, why_never(subject, *action.sealed, *seen, saved));
    if (!why.empty()) return gone("it will never be complete: " + why);
    return not_yet("it is not there, or not all of it");
  }
  JsonValue identity = (*seen)["identity"].is_null()
                           ? *seen
                           : JsonValue(JsonValue::Object{{"identity", (*seen)["identity"]}});
  return Found{fmt::format("aws {} {}", origin.step->target.account, origin.step->target.region),
               {},  // the provider gives neither hash nor size
               std::move(identity)};
}

Result<Found> find_now(const Responding& with, const respond::PlanBook& book,
                       const EvidenceItem& item) {
  if (item.place.starts_with(kFile)) return find_file(with, item);
  const Origin origin = origin_of(book, item.id);
  if (origin.step == nullptr) return unseen("nobody knows which step took it");
  const auto action = with.tables.actions.find(origin.step->action);
  if (action == with.tables.actions.end()) {
    return unseen(fmt::format("there is no action {} any more", origin.step->action));
  }
  if (action->second.sealed)
    return find_in_cloud(with, *model::find_incident_of(item.stream), action->second, origin);
  // It is what was read, and the ledger has it.
  const auto& verified = origin.plan->step(origin.step->id).verified;
  if (!verified) return not_yet("the step that takes it has not ended well");
  return Found{fmt::format("ledger {}, step {} of plan {}", item.stream.text(), origin.step->id,
                           origin.plan->hash.substr(0, 12)),
               hash_value(verified->state),
               {}};
}

Result<> say(const Responding& with, const IncidentId& incident, const Said& said) {
  TRY(act(with.env, with.ledger, incident, with.actor,
          [&](const triage::IncidentState&) -> Result<std::vector<Said>> {
            return std::vector<Said>{said};
          }));
  return {};
}

Said sealed(const EvidenceItem& item, const Found& found) {
  return {"evidence_sealed", json_object([&](codec::JsonWriter& json) {
            json.field("evidence", item.id).field("place", found.place);
            json.field("size", found.hashed.size);
            if (!found.hashed.sha256.empty()) json.field("sha256", found.hashed.sha256);
            if (found.identity.is_object()) append_json(found.identity, json.key("identity"));
          })};
}

Said checked(const EvidenceItem& item, const Looked& looked, const Found* found) {
  return {"evidence_moved", json_object([&](codec::JsonWriter& json) {
            json.field("evidence", item.id);
            json.field("from", item.seal->place).field("to", item.seal->place);
            json.field("purpose", fmt::format("checked: {}", looked.words));
            if (found != nullptr && !found->hashed.sha256.empty()) {
              json.field("sha256", found->hashed.sha256);
            }
          })};
}

// All of an incident, or one; and what the plans came to that took them.
struct Items {
  std::vector<EvidenceItem> items;
  std::map<model::StreamId, respond::Journal> journals;

  const respond::PlanBook& plans_of(const EvidenceItem& item) const {
    return journals.at(item.stream).book();
  }
};
Result<Items> open_items(const Responding& with, const IncidentId& incident,
                         const std::string& id) {
  TRY(const Evidence evidence, load_evidence(with.ledger, incident));
  Items all;
  for (const model::StreamId& stream : evidence.streams) {
    TRY(respond::Journal journal, with.open_journal(*model::find_incident_of(stream)));
    all.journals.emplace(stream, std::move(journal));
  }
  for (const EvidenceItem& item : evidence.book.items()) {
    if (id.empty() || item.id == id) all.items.push_back(item);
  }
  if (id.empty() || !all.items.empty()) return all;
  return Error(ErrorCode::kNotFound, fmt::format("there is no evidence {}", id));
}

Looked compare(const EvidenceItem& item, const Result<Found>& found) {
  if (!found) {
    const bool is_unseen = found.error().code() == ErrorCode::kUnavailable;
    return {item.id, !is_unseen ? End::kChanged : End::kUnseen, found.error().message()};
  }
  const bool same_hash = found->hashed.sha256 == item.seal->sha256;
  const bool same_identity =
      !item.seal->identity.is_object() || to_json(found->identity) == to_json(item.seal->identity);
  if (same_hash && same_identity) return {item.id, End::kGood, "it is what was sealed"};
  return {item.id, End::kChanged, "it is NOT what was sealed"};
}

}  // namespace

std::string_view name_of(Looked::End end) {
  switch (end) {
    case End::kGood: return "good";
    case End::kWas: return "was";
    case End::kNotYet: return "not-yet";
    case End::kChanged: return "changed";
    case End::kUnseen: return "unseen";
  }
  return "";
}

Result<Evidence> load_evidence(ledger::Ledger& ledger, const IncidentId& incident) {
  TRY(const learn::Case own, load_case(ledger, incident));
  TRY(const auto absorbed, load_absorbed(ledger, own));
  Evidence evidence;
  for (const learn::Case& each : absorbed) evidence.streams.push_back(incident_stream(each.id));
  std::ranges::reverse(evidence.streams);
  evidence.streams.push_back(incident_stream(incident));
  for (const model::StreamId& stream : evidence.streams) {
    TRY(each_entry(ledger, stream, [&](const model::Entry& entry) -> Result<> {
      evidence.book.apply(entry);
      return {};
    }));
  }
  return evidence;
}

Result<std::string> add_evidence(const Responding& with, const IncidentId& incident,
                                 const TakenFile& file) {
  TRY(const Hashed hashed, hash_file(with.env.files, file.path));
  const std::string id = "file-" + hashed.sha256.substr(0, 12);
  TRY(const Evidence evidence, load_evidence(with.ledger, incident));
  if (evidence.book.find(id) != nullptr) {
    return Error(ErrorCode::kConflict, fmt::format("it is evidence {} already", id));
  }
  const Time now = with.env.clock.now();
  TRY(say(with, incident, {"evidence_taken", json_object([&](codec::JsonWriter& json) {
                             json.field("evidence", id).field("what", file.what);
                             json.field("source", file.source);
                             json.field("place", std::string(kFile) + file.path);
                             json.field("sha256", hashed.sha256);
                             json.field("taken_at",
                                        codec::format_timestamp(file.taken_at.value_or(now)));
                             json.field("authority", file.authority);
                             json.field("means", file.means);
                           })}));
  return id;
}

Result<std::vector<Looked>> seal_evidence(const Responding& with, const IncidentId& incident,
                                          const std::string& item) {
  TRY(const Items of, open_items(with, incident, item));
  std::vector<Looked> all;
  for (const EvidenceItem& each : of.items) {
    if (each.seal) {
      all.push_back({each.id, End::kWas, fmt::format("sealed by {}", each.seal->by)});
      continue;
    }
    const auto found = find_now(with, of.plans_of(each), each);
    if (!found) {
      const ErrorCode code = found.error().code();
      const End end = code == ErrorCode::kCorrupt    ? End::kChanged
                      : code == ErrorCode::kConflict ? End::kNotYet
                                                     : End::kUnseen;
      all.push_back({each.id, end, found.error().message()});
      continue;
    }
    TRY(say(with, incident, sealed(each, *found)));
    all.push_back({each.id, End::kGood, "sealed: " + found->place});
  }
  return all;
}

Result<std::vector<Looked>> verify_evidence(const Responding& with, const IncidentId& incident,
                                            const std::string& item) {
  TRY(const Items of, open_items(with, incident, item));
  std::vector<Looked> all;
  for (const EvidenceItem& each : of.items) {
    if (!each.seal) {
      all.push_back({each.id, End::kNotYet, "it is not sealed"});
      continue;
    }
    const auto found = find_now(with, of.plans_of(each), each);
    const Looked looked = compare(each, found);
    if (looked.end != End::kUnseen) {
      TRY(say(with, incident, checked(each, looked, found ? &*found : nullptr)));
    }
    all.push_back(looked);
  }
  return all;
}

Result<std::vector<ledger::Attachment>> evidence_attachments(env::Env& env,
                                                             const respond::EvidenceBook& book) {
  std::vector<ledger::Attachment> all;
  std::string custody;
  for (const EvidenceItem& item : book.items()) {
    std::string file;
    if (item.place.starts_with(kFile)) {
      const std::string path = item.place.substr(kFile.size());
      TRY(const Hashed hashed, hash_file(env.files, path));
      if (hashed.sha256 != item.sha256) {
        return Error(ErrorCode::kCorrupt,
                     fmt::format("{} is not what was taken as evidence {}", path, item.id));
      }
      file = "data/evidence/" + item.id;
      all.push_back({.name = file, .path = path, .text = {}});
    }
    custody += json_object([&](codec::JsonWriter& json) {
      json.field("evidence", item.id).field("what", item.what).field("source", item.source);
      json.field("taken_at", codec::format_timestamp(item.taken_at)).field("taken_by", item.by);
      json.field("authority", item.authority).field("means", item.means);
      if (!file.empty()) json.field("file", file);
      if (!item.sha256.empty()) json.field("sha256", item.sha256);
      if (item.seal) append_seal(*item.seal, json);
      json.key("custody").begin_array();
      for (const respond::EvidenceMove& move : item.moves) {
        json.begin_object().field("at", codec::format_timestamp(move.at)).field("by", move.by);
        json.field("from", move.from).field("to", move.to).field("purpose", move.purpose);
        json.end_object();
      }
      json.end_array();
    });
    custody += "\n";
  }
  std::string missing;
  for (const respond::MissingEvidence& each : book.missing()) {
    missing += json_object([&](codec::JsonWriter& json) {
      json.field("evidence", each.id).field("what", each.what).field("source", each.source);
      json.field("at", codec::format_timestamp(each.at)).field("reason", each.reason);
      json.field("went_on", each.went_on);
    });
    missing += "\n";
  }
  all.push_back({.name = "data/evidence/custody.ndjson", .path = {}, .text = custody});
  all.push_back({.name = "data/evidence/missing.ndjson", .path = {}, .text = missing});
  return all;
}

}  // namespace stanch::host
