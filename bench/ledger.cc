// The ledger against what it would be without proofs: the same table, index, batch and sync, but
// no canonical form, salt, commitment, hash or chain.

#include <fmt/format.h>

#include <memory>

#include "base/check.h"
#include "cases.h"
#include "codec/signature.h"
#include "codec/timestamp.h"
#include "env/os/os.h"
#include "folder.h"
#include "ledger/checkpointer.h"
#include "ledger/sqlite/connection.h"
#include "ledger/sqlite/create.h"
#include "ledger/sqlite/writer.h"
#include "ledger/sqlite_store.h"
#include "ledger/verify.h"
#include "measure.h"

namespace stanch::bench {

namespace {

using ledger::sqlite::Connection;
using ledger::sqlite::Statement;
using ledger::sqlite::Using;
using ledger::sqlite::Writer;

// What most entries of an incident are: a finding, with the record behind it. About 1.5 kB.
std::string finding_joined(size_t number) {
  const std::string record(800, 'Q');
  return fmt::format(
      R"({{"finding":"fnd-{:026}","rule":"aws-console-login-without-mfa","title":"Console login )"
      R"(without a second factor","level":"high","event_time":"2026-03-01T02:03:04Z","events":)"
      R"(["cloudtrail:7c1f5e0a-93aa-4bd4-8d2e-{:012}"],"entities":["aws:user/123456789012/alice",)"
      R"("aws:access-key/AKIAIOSFODNN7EXAMPLE","ip/203.0.113.7"],"techniques":["T1078.004"],)"
      R"("because":["shares aws:user/123456789012/alice","within 72 h of the last event"],)"
      R"("origin":{{"file":"2026/03/01/123456789012_CloudTrail_eu-west-1.json.gz","offset":{}}},)"
      R"("record_base64":"{}"}})",
      number, number, number, record);
}

model::EntryDraft draft_of(const std::string& stream, size_t number) {
  return {.kind = "finding_joined",
          .key = fmt::format("{} {}", stream, number),
          .time = codec::parse_timestamp("2026-03-01T02:03:04Z").value(),
          .actor = "engine",
          .content_version = "1f2e3d4c5b6a79880716253443526170",
          .payload = finding_joined(number)};
}

// The same tables and the same batches, filled with texts that were there before.
class WithoutProofs {
 public:
  WithoutProofs(env::Env& env, const std::string& path) {
    auto connection = Connection::open(path, {.create = false, .vfs = ""});
    CHECK(connection.has_value() && ledger::sqlite::set_up(**connection).has_value());
    auto mover = Connection::open(path, {.create = false, .vfs = ""});
    CHECK(mover.has_value() && ledger::sqlite::set_up(**mover).has_value());
    auto writer = Writer::start(env.threads, std::move(*connection), std::move(*mover),
                                ledger::SqliteOptions().log_frames);
    CHECK(writer.has_value());
    writer_ = std::move(*writer);
  }

  void append(const std::string& stream, uint64_t sequence, const std::string& payload) {
    const std::string id = fmt::format("ent-{:026}", sequence);
    CHECK(writer_
              ->run([&](Connection& database) {
                return insert(database, stream, sequence, id, payload);
              })
              .has_value());
  }

 private:
  static Result<> insert(Connection& database, const std::string& name, uint64_t sequence,
                         const std::string& id, const std::string& payload) {
    static const std::string header(500, 'h'), salt(32, 's'), hash(32, 'h');
    int64_t stream = 0;
    {
      TRY(Statement * select,
          database.cached("SELECT stream, next, hash FROM streams WHERE name = ?"));
      Using use(*select);
      select->text(1, name);
      TRY(const bool found, select->step());
      if (found) stream = select->integer(0);
    }
    if (stream == 0) {
      TRY(Statement * begin,
          database.cached("INSERT INTO streams (name, next, hash) VALUES (?, 0, ?) "
                          "RETURNING stream"));
      Using use(*begin);
      begin->text(1, name).blob(2, hash);
      TRY(begin->step());
      stream = begin->integer(0);
      TRY(begin->step());
    }
    TRY(const int64_t number, database.integer("SELECT coalesce(max(number) + 1, 0) FROM entries"));
    TRY(Statement * put,
        database.cached("INSERT INTO entries (number, stream, sequence, id, header, salt, payload) "
                        "VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (stream, id) DO NOTHING"));
    put->bind(1, number).bind(2, stream).bind(3, sequence);
    put->text(4, id).text(5, header).text(6, salt).text(7, payload);
    TRY(put->run());
    TRY(Statement * update,
        database.cached("UPDATE streams SET next = ?, hash = ? WHERE stream = ?"));
    update->bind(1, sequence + 1).blob(2, hash).bind(3, stream);
    return update->run();
  }

  std::unique_ptr<Writer> writer_;
};

// Each of `writers` threads appends `appends` entries to a stream of its own, one after the other.
class Appends {
 public:
  Appends(env::Env& env, const Folder& folder, size_t writers, size_t appends)
      : env_(env), writers_(writers), appends_(appends) {
    for (const char* name : {"/with.db", "/without.db"}) {
      const std::string path = folder.path.string() + name;
      CHECK(ledger::create_sqlite(env, path, "led-bench", "bench.example/ledger").has_value());
    }
    auto store = ledger::open_sqlite(env, folder.path.string() + "/with.db");
    CHECK(store.has_value());
    store_ = std::move(*store);
    without_ = std::make_unique<WithoutProofs>(env, folder.path.string() + "/without.db");
  }

  void with_proofs() {
    const size_t round = rounds_with_++;
    each_writer([&](const std::string& stream) {
      for (size_t i = 0; i < appends_; ++i) {
        const uint64_t at = round * appends_ + i;
        const model::EntryDraft draft = draft_of(stream, at);
        CHECK(store_->append(model::StreamId(stream), at, std::span(&draft, 1)).has_value());
      }
    });
  }
  void without_proofs() {
    const size_t round = rounds_without_++;
    each_writer([&](const std::string& stream) {
      for (size_t i = 0; i < appends_; ++i) {
        const uint64_t at = round * appends_ + i;
        without_->append(stream, at, draft_of(stream, at).payload);
      }
    });
  }

 private:
  template <typename Body>
  void each_writer(Body body) {
    std::vector<std::unique_ptr<env::Thread>> threads;
    for (size_t i = 0; i < writers_; ++i) {
      threads.push_back(
          env_.threads.start("append", [&body, i] { body(fmt::format("incident/inc-{}", i)); }));
      CHECK(threads.back() != nullptr);
    }
    for (const auto& thread : threads) thread->join();
  }

  env::Env& env_;
  size_t writers_, appends_;
  std::unique_ptr<ledger::Store> store_;
  std::unique_ptr<WithoutProofs> without_;
  size_t rounds_with_ = 0, rounds_without_ = 0;
};

Row appends_row(env::Env& env, const Settings& settings, size_t writers, double wanted) {
  const Folder folder;
  const size_t each = settings.events / (writers == 1 ? 120 : 12) / writers;
  Appends appends(env, folder, writers, each);
  const auto timings = measure({[&] { appends.without_proofs(); }, [&] { appends.with_proofs(); }},
                               settings.rounds, ClockKind::kWall);
  const auto count = static_cast<double>(each * writers);
  return {fmt::format("ledger: append, {} writer{}", writers, writers == 1 ? "" : "s"),
          paired_ratio(timings[0], timings[1]),
          "x without proofs",
          wanted,
          true,
          fmt::format("{:.0f} entries/s, each durable when answered; without proofs {:.0f}",
                      count / timings[1].median(), count / timings[0].median())};
}

Row verify_row(env::Env& env, const Settings& settings) {
  const Folder folder;
  const std::string path = folder.path.string() + "/verify.db";
  CHECK(ledger::create_sqlite(env, path, "led-bench", "bench.example/ledger").has_value());
  auto store = ledger::open_sqlite(env, path);
  CHECK(store.has_value());
  const size_t entries = settings.events / 4;
  std::vector<model::EntryDraft> drafts;
  for (size_t i = 0; i < entries; ++i) {
    drafts.push_back(draft_of("s", i));
    if (drafts.size() < ledger::kAppendEntriesMax && i + 1 < entries) continue;
    const model::StreamId stream(fmt::format("incident/inc-{}", i / 4000));
    const auto head = (*store)->head(stream);
    CHECK(head.has_value() && (*store)->append(stream, head->next, drafts).has_value());
    drafts.clear();
  }
  codec::SigningKey::Seed seed{};
  const codec::SigningKey key(seed);
  CHECK(
      ledger::make_checkpoint(**store, env, key, {.holder = "bench", .elsewhere = ""}).has_value());
  const ledger::VerifyOptions options{
      .checkpoints = {}, .key = codec::NoteKey{"bench.example/ledger", key.public_key()}};
  uint64_t bytes = 0;
  const auto timings = measure({[&] {
                                 const auto result = ledger::verify(**store, options);
                                 CHECK(result.has_value() && result->passed());
                                 bytes = result->bytes;
                               }},
                               settings.rounds, ClockKind::kThread);
  const double seconds = timings[0].median();
  return {
      "ledger: verify, one core",
      static_cast<double>(bytes) / seconds / 1e6,
      "MB/s",
      200.0,
      true,
      fmt::format("{:.0f}k entries/s of {:.0f} bytes", static_cast<double>(entries) / seconds / 1e3,
                  static_cast<double>(bytes) / static_cast<double>(entries))};
}

}  // namespace

std::vector<Row> ledger_rows(const Settings& settings) {
  std::vector<Row> rows;
  env::OsEnv os;
  env::Env env = os.env();
  if (settings.wants("ledger: append, 1 writer"))
    rows.push_back(appends_row(env, settings, 1, 0.8));
  if (settings.wants("ledger: append, 64 writers")) {
    rows.push_back(appends_row(env, settings, 64, 0.4));
  }
  if (settings.wants("ledger: verify, one core")) rows.push_back(verify_row(env, settings));
  return rows;
}

}  // namespace stanch::bench
