#include "host/ledger.h"

#include <fmt/format.h>

#include <array>
#include <utility>
#include <vector>

#include "codec/hash.h"
#include "codec/json_writer.h"
#include "host/limits.h"
#include "ledger/keys.h"
#include "ledger/sqlite_store.h"
#include "model/streams.h"

namespace stanch::host {
namespace {

constexpr size_t kKeyFileBytesMax = 4096;

std::string new_id(env::Random& random) {
  std::array<uint8_t, 16> bytes;
  random.fill(bytes);
  return "led-" + codec::to_base32(bytes);
}

model::EntryDraft created_draft(const InitOptions& options, const std::string& id,
                                const std::string& origin, Time now) {
  std::string payload;
  codec::JsonWriter json(payload);
  json.begin_object()
      .field("ledger", id)
      .field("origin", origin)
      .field("program", options.program)
      .end_object();
  return {.kind = "ledger_created",
          .key = "ledger",
          .time = now,
          .actor = options.actor,
          .content_version = "",
          .payload = std::move(payload)};
}

model::EntryDraft announced_draft(const codec::NoteKey& key, const std::string& actor, Time now,
                                  const codec::NoteKey* replaces = nullptr,
                                  const std::string& reason = "") {
  std::string payload;
  codec::JsonWriter json(payload);
  json.begin_object().field("key", key.to_text());
  if (replaces != nullptr) json.field("replaces", replaces->to_text());
  if (!reason.empty()) json.field("reason", reason);
  json.end_object();
  return {.kind = "checkpoint_key_announced",
          .key = key.to_text(),
          .time = now,
          .actor = actor,
          .content_version = "",
          .payload = std::move(payload)};
}

Result<codec::SigningKey> load_or_make_key(env::Env& env, const std::string& path) {
  auto key = ledger::load_key(env.files, path);
  if (key || key.error().code() != ErrorCode::kNotFound) return key;
  return ledger::make_key(env, path);
}

}  // namespace

Result<LedgerPlace> ledger_place(const std::string& url, const std::string& state) {
  constexpr std::string_view kSqlite = "sqlite:";
  if (url.empty()) {
    const std::string path = state + "/ledger/ledger.db";
    return LedgerPlace{path, path + ".key"};
  }
  if (!url.starts_with(kSqlite) || url.size() == kSqlite.size()) {
    return Error(ErrorCode::kInvalid,
                 fmt::format("'{}' names no ledger: it is written sqlite:PATH", url));
  }
  const std::string path = url.substr(kSqlite.size());
  return LedgerPlace{path, path + ".key"};
}

std::string state_folder(env::Variables& variables, const std::string& given) {
  if (!given.empty()) return given;
  if (const auto state = variables.find("XDG_STATE_HOME"); state && !state->empty()) {
    return *state + "/stanch";
  }
  return variables.find("HOME").value_or("") + "/.local/state/stanch";
}

std::string spool_folder(env::Variables& variables, const std::string& given) {
  return state_folder(variables, given) + "/spool";
}

Result<InitResult> init_ledger(env::Env env, const InitOptions& options) {
  TRY(env.files.make_folders(ledger::folder_of(options.place.path)));
  InitResult result;
  auto store = ledger::open_sqlite(env, options.place.path);
  if (!store) {
    if (store.error().code() != ErrorCode::kNotFound) return store.error();
    result.created = true;
    const std::string id = new_id(env.random);
    const std::string origin = options.origin.empty() ? "stanch.local/" + id : options.origin;
    if (const std::string why = codec::note_name_complaint(origin); !why.empty()) {
      return Error(ErrorCode::kInvalid,
                   fmt::format("'{}' may not be the name of a ledger: {}", origin, why));
    }
    TRY(ledger::create_sqlite(env, options.place.path, id, origin));
    store = ledger::open_sqlite(env, options.place.path);
    if (!store) return store.error();
  }
  ledger::Store& opened = **store;
  if (!options.origin.empty() && opened.origin() != options.origin) {
    return Error(ErrorCode::kInvalid,
                 fmt::format("there is a ledger already, and its name is {}", opened.origin()));
  }
  TRY(const codec::SigningKey key, load_or_make_key(env, options.place.key_path));
  result.id = opened.id();
  result.origin = opened.origin();
  result.key = {opened.origin(), key.public_key()};
  TRY(const ledger::StreamHead head, opened.head(model::kControlStream));
  if (head.next == 0) {
    result.created = true;
    const Time now = env.clock.now();
    const std::vector<model::EntryDraft> drafts = {
        created_draft(options, result.id, result.origin, now),
        announced_draft(result.key, options.actor, now)};
    TRY(opened.append(model::kControlStream, 0, drafts));
  }
  return result;
}

Result<std::unique_ptr<ledger::Store>> open_ledger(env::Env env, const LedgerPlace& place) {
  auto store = ledger::open_sqlite(env, place.path);
  if (store || store.error().code() != ErrorCode::kNotFound) return store;
  const auto found = env.files.status(place.path);
  if (found || found.error().code() == ErrorCode::kDenied) {
    return Error(ErrorCode::kDenied,
                 fmt::format("the ledger {} may not be opened by this user", place.path));
  }
  return Error(ErrorCode::kNotFound, fmt::format("there is no ledger at {}", place.path));
}

Result<codec::NoteKey> rotate_key(env::Env env, ledger::Store& store,
                                  const RotateOptions& options) {
  const std::string& path = options.place.key_path;
  TRY(const codec::SigningKey old_key, ledger::load_key(env.files, path));
  TRY(const codec::SigningKey key, load_or_make_key(env, path + ".next"));
  const codec::NoteKey announced{store.origin(), key.public_key()};
  const codec::NoteKey replaced{store.origin(), old_key.public_key()};
  const model::EntryDraft draft =
      announced_draft(announced, options.actor, env.clock.now(), &replaced, options.reason);
  const auto said = store.find(model::kControlStream,
                               model::entry_id(model::kControlStream, draft.kind, draft.key));
  if (!said) {
    if (said.error().code() != ErrorCode::kNotFound) return said.error();
    TRY(const ledger::StreamHead head, store.head(model::kControlStream));
    TRY(store.append(model::kControlStream, head.next, std::span(&draft, 1)));
  }
  TRY(env.files.rename(path + ".next", path));
  TRY(env.files.sync_folder(ledger::folder_of(path)));
  return announced;
}

Result<> record_export(env::Env env, ledger::Store& store, const ExportRecord& record) {
  std::string payload;
  codec::JsonWriter json(payload);
  json.begin_object().field("package", codec::to_hex(record.package)).key("streams").begin_array();
  for (const model::StreamId& stream : record.streams) json.string(stream.text());
  json.end_array();
  if (!record.reason.empty()) json.field("reason", record.reason);
  json.end_object();
  const Time now = env.clock.now();
  const model::EntryDraft draft{.kind = "exported",
                                .key = codec::to_hex(record.package),
                                .time = now,
                                .actor = record.actor,
                                .content_version = "",
                                .payload = std::move(payload)};
  for (unsigned attempt = 1;; ++attempt) {
    TRY(const ledger::StreamHead head, store.head(model::kControlStream));
    const auto appended = store.append(model::kControlStream, head.next, std::span(&draft, 1));
    if (appended) return {};
    if (appended.error().code() != ErrorCode::kConflict || attempt == kAppendTriesMax)
      return appended.error();
  }
}

Result<codec::NoteKey> load_verifier(env::Files& files, const std::string& path,
                                     const std::string& origin) {
  TRY(std::string text, ledger::read_file(files, path, kKeyFileBytesMax));
  if (text.starts_with("-----BEGIN")) {
    auto key = codec::parse_public_pem(text);
    if (!key) return std::move(key).error().within(path);
    return codec::NoteKey{origin, *key};
  }
  if (text.ends_with('\n')) text.pop_back();
  auto key = codec::parse_note_key(text);
  if (!key) return std::move(key).error().within(path);
  return key;
}

}  // namespace stanch::host
