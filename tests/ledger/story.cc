#include "ledger/story.h"

#include <fmt/format.h>

#include <optional>

#include "codec/timestamp.h"
#include "ledger/checkpointer.h"
#include "ledger/erase.h"
#include "ledger/keys.h"
#include "ledger/sqlite_store.h"
#include "ledger/verify.h"

namespace stanch::story {
namespace {

using model::EntryDraft;
using model::StreamId;

const Time kTime = codec::parse_timestamp("2026-03-01T02:03:04Z").value();

std::string path_of(const Story& story) { return story.folder + "/ledger.db"; }

ledger::SqliteOptions options_of(const Story& story) {
  return {.vfs = story.vfs, .salt_key = "story", .log_frames = story.log_frames};
}

codec::SigningKey key_of_story() {
  codec::SigningKey::Seed seed;
  seed.fill(5);
  return codec::SigningKey(seed);
}

EntryDraft note(const std::string& key) {
  return {.kind = "note",
          .key = key,
          .time = kTime,
          .actor = "person/alice",
          .content_version = "",
          .payload = R"({"text":")" + key + std::string(900, 'x') + "\"}"};
}

Result<> append(ledger::Store& store, const std::string& stream, uint64_t at,
                const std::vector<EntryDraft>& drafts, const Acknowledge& acknowledge) {
  TRY(const auto done, store.append(StreamId(stream), at, drafts));
  acknowledge(stream, done.next);
  return {};
}

Result<> checkpoint(ledger::Store& store, env::Env env, const Story& story) {
  const std::string elsewhere = story.vfs.empty() ? story.folder + "/elsewhere" : "";
  const ledger::CheckpointOptions options{.holder = story.holder, .elsewhere = elsewhere};
  TRY(ledger::make_checkpoint(store, env, key_of_story(), options));
  return {};
}

}  // namespace

Result<> live(env::Env env, const Story& story, const Acknowledge& acknowledge) {
  TRY(ledger::create_sqlite(env, path_of(story), "led-story", "story.example/ledger",
                            options_of(story)));
  TRY(auto store, ledger::open_sqlite(env, path_of(story), options_of(story)));
  for (uint64_t round = 0; round < story.rounds; ++round) {
    const std::string r = std::to_string(round);
    TRY(append(*store, "intake/a", round, {note("intake" + r)}, acknowledge));
    TRY(append(*store, "incident/a", round * 3, {note(r + "a"), note(r + "b"), note(r + "c")},
               acknowledge));
    if (round % 2 == 1) TRY(checkpoint(*store, env, story));
  }
  const ledger::Erasure erasure{.stream = StreamId("incident/a"),
                                .sequence = 1,
                                .authority = "law",
                                .reason = "r",
                                .actor = "person/dpo",
                                .time = kTime};
  TRY(ledger::erase(*store, erasure));
  acknowledge("incident/a", story.rounds * 3 + 1);
  TRY(checkpoint(*store, env, story));
  acknowledge("end/", 1);
  return {};
}

int append_in_vain(env::Env env, const Story& story, const std::function<void()>& begin) {
  constexpr int kNotOpened = 1, kNeverRefused = 2, kNotStopped = 3;
  auto store = ledger::open_sqlite(env, path_of(story), options_of(story));
  if (!store) return kNotOpened;
  begin();
  const StreamId stream("triage");
  uint64_t next = 0;
  const auto refused = [&]() -> std::optional<ErrorCode> {
    const EntryDraft draft = note(fmt::format("vain{}", next));
    const auto done = (*store)->append(stream, next, std::span(&draft, 1));
    if (!done) return done.error().code();
    next = done->next;
    return std::nullopt;
  };
  while (!refused()) {
    if (next > 100) return kNeverRefused;
  }
  for (int i = 0; i < 5; ++i) {
    if (refused() != ErrorCode::kCorrupt) return kNotStopped;
  }
  return 0;
}

Result<std::string> tell(env::Env env, const Story& story) {
  TRY(auto store, ledger::open_sqlite(env, path_of(story), options_of(story)));
  ledger::VerifyOptions options{
      .checkpoints = {}, .key = codec::NoteKey{store->origin(), key_of_story().public_key()}};
  if (story.vfs.empty()) {
    if (auto note = ledger::read_file(env.files, story.folder + "/elsewhere", 10'000)) {
      options.checkpoints.push_back({"elsewhere", std::move(*note)});
    }
  }
  TRY(const ledger::Verification result, ledger::verify(*store, options));
  std::string text;
  for (const ledger::VerifyProblem& problem : result.problems) {
    // The one thing that a crash may leave, and that the next run completes.
    if (problem.what.find("repeat 'stanch ledger erase'") != std::string::npos) {
      text += "erasing was not completed\n";
      continue;
    }
    return Error(ErrorCode::kCorrupt, fmt::format("{}/{} number {}: {}", problem.stream,
                                                  problem.sequence, problem.number, problem.what));
  }
  TRY(store->scan(0, [&](const ledger::StoredEntry& row) -> Result<> {
    text += fmt::format("{} {}{} {}\n", row.number, row.header, row.salt.value_or("-"),
                        row.payload.value_or("-"));
    return {};
  }));
  TRY(const auto checkpoints, store->checkpoints());
  for (const auto& kept : checkpoints) text += kept.note;
  return text;
}

Result<std::vector<std::pair<std::string, uint64_t>>> heads(env::Env env, const Story& story) {
  std::vector<std::pair<std::string, uint64_t>> found;
  const auto store = ledger::open_sqlite(env, path_of(story), options_of(story));
  if (!store) {
    if (store.error().code() == ErrorCode::kNotFound) return found;
    return store.error();
  }
  TRY(const auto streams, (*store)->streams("", ""));
  for (const auto& head : streams) found.emplace_back(head.stream.text(), head.next);
  return found;
}

}  // namespace stanch::story
