// What incidents cost: folding one, listing many.

#include <fmt/format.h>

#include <memory>

#include "base/check.h"
#include "cases.h"
#include "codec/timestamp.h"
#include "env/os/os.h"
#include "folder.h"
#include "host/rule_set.h"
#include "ledger/sqlite/connection.h"
#include "ledger/sqlite_store.h"
#include "line_scan.h"
#include "measure.h"
#include "pipeline/output/finding_payload.h"
#include "triage/state.h"

namespace stanch::bench {

namespace {

using ledger::sqlite::Connection;
using ledger::sqlite::Statement;

std::unique_ptr<ledger::Store> new_ledger(env::Env& env, const std::string& path) {
  CHECK(ledger::create_sqlite(env, path, "led-bench", "bench.example/ledger").has_value());
  auto store = ledger::open_sqlite(env, path);
  CHECK(store.has_value());
  return std::move(*store);
}

// The findings of a scan, as the ledger keeps them.
struct PayloadSink : IgnoringSink {
  std::vector<model::EntryDraft> drafts;

  Result<> finding(const model::Finding& finding) override {
    const model::EntryCitation triage{
        .stream = model::StreamId("triage"), .sequence = 1, .hash = {}};
    const std::string because[] = {"joined because it was done with the same credential"};
    drafts.push_back({.kind = "finding_joined",
                      .key = std::string(finding.id.text()),
                      .time = finding.event.facts.time.value_or(Time{}),
                      .actor = "engine",
                      .content_version = std::string(finding.content_version),
                      .payload = pipeline::output::joined_payload(
                          pipeline::output::finding_payload(finding), because, triage)});
    return {};
  }
};

Row fold_row(env::Env& env, const RuleSetPtr& rules, const Settings& settings) {
  constexpr size_t kEntries = 10'000;
  PayloadSink sink;
  LineScan scan(rules, false);
  for (size_t events = 2 * kEntries; sink.drafts.size() < kEntries; events *= 2) {
    sink.drafts.clear();
    scan.run(generated(events, 0.5), sink);
  }
  sink.drafts.resize(kEntries);
  const Folder folder;
  const std::string path = folder.path.string() + "/fold.db";
  const auto store = new_ledger(env, path);
  const model::StreamId stream("incident/inc-bench");
  for (size_t i = 0; i < kEntries; i += ledger::kAppendEntriesMax) {
    const std::span<const model::EntryDraft> drafts(sink.drafts.data() + i,
                                                    ledger::kAppendEntriesMax);
    const auto appended = ledger::append_missing(*store, stream, drafts);
    CHECK(appended.has_value());
  }
  const auto raw = Connection::open(path, {.create = false, .vfs = ""});
  CHECK(raw.has_value());
  uint64_t bytes = 0, findings = 0;
  const auto read_rows = [&] {
    auto select = (*raw)->prepare("SELECT header, payload FROM entries ORDER BY stream, sequence");
    CHECK(select.has_value());
    bytes = 0;
    while (select->step().value()) bytes += select->text(0).size() + select->text(1).size();
  };
  const auto read_and_fold = [&] {
    triage::IncidentFold fold(model::IncidentId("inc-bench"));
    uint64_t next = 0;
    for (;;) {
      const auto page = store->read(stream, next);
      CHECK(page.has_value());
      if (page->empty()) break;
      for (const model::Entry& entry : *page) fold.apply(entry);
      next += page->size();
    }
    CHECK(next == kEntries);
    findings = fold.state().finding_count();
  };
  const auto timings = measure({read_rows, read_and_fold}, settings.rounds, ClockKind::kThread);
  return {"incident: read and fold 10,000 entries",
          paired_ratio(timings[1], timings[0]),
          "x reading its rows",
          20.0,
          false,
          fmt::format("{:.0f} ms for {:.1f} MB, {} findings; rows alone {:.1f} ms",
                      timings[1].median() * 1e3, static_cast<double>(bytes) / 1e6, findings,
                      timings[0].median() * 1e3)};
}

Row list_row(env::Env& env, const Settings& settings) {
  constexpr size_t kIncidents = 100'000, kPage = 100;
  const Folder folder;
  const std::string path = folder.path.string() + "/list.db";
  const auto store = new_ledger(env, path);
  std::vector<ledger::IncidentRow> rows;
  for (size_t i = 0; i < kIncidents; ++i) {
    rows.push_back({.id = fmt::format("inc-{:026}", i * 2654435761 % kIncidents),
                    .closed = i % 10 != 0,
                    .severity = static_cast<uint8_t>(i % 4 + 1),
                    .opened = Time(std::chrono::minutes(i * 7919 % 1'000'000)),
                    .updated = Time(std::chrono::minutes(i)),
                    .text = R"({"title":"Administrator rights given to a user","status":"triaged",)"
                            R"("findings":17,"assignee":"alice","roles":{"commander":"bob"}})"});
  }
  CHECK(store->incidents().put_rows(rows, {}, {"1"}).has_value());
  const auto raw = Connection::open(path, {.create = false, .vfs = ""});
  CHECK(raw.has_value());
  constexpr int kPages = 100;
  size_t seen = 0;
  const auto bare = [&] {
    for (int i = 0; i < kPages; ++i) {
      auto select = (*raw)->cached(
          "SELECT id, closed, severity, age, updated, text FROM incidents "
          "WHERE closed = 0 ORDER BY closed, severity, age, id LIMIT 100");
      CHECK(select.has_value());
      ledger::sqlite::Using use(**select);
      while ((*select)->step().value()) seen += (*select)->text(5).size();
    }
  };
  const auto listed = [&] {
    for (int i = 0; i < kPages; ++i) {
      const auto page = store->incidents().list(
          {.closed = false, .severity_max = UINT8_MAX, .after = {}, .limit = kPage});
      CHECK(page.has_value() && page->size() == kPage);
    }
  };
  const auto timings = measure({bare, listed}, settings.rounds, ClockKind::kThread);
  CHECK(seen > 0);
  return {"incident: a page of 100 out of 100,000",
          paired_ratio(timings[1], timings[0]),
          "x a bare indexed query",
          3.0,
          false,
          fmt::format("{:.0f} us; bare {:.0f} us", timings[1].median() * 1e6 / kPages,
                      timings[0].median() * 1e6 / kPages)};
}

}  // namespace

std::vector<Row> incident_rows(const Settings& settings) {
  std::vector<Row> rows;
  env::OsEnv os;
  env::Env env = os.env();
  if (settings.wants("incident: read and fold 10,000 entries")) {
    const auto own = host::load_rule_set(env, {});
    CHECK(own.has_value());
    rows.push_back(fold_row(env, own->loaded.rules, settings));
  }
  if (settings.wants("incident: a page of 100 out of 100,000")) {
    rows.push_back(list_row(env, settings));
  }
  return rows;
}

}  // namespace stanch::bench
