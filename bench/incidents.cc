// What incidents cost: folding one, listing many.

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <span>

#include "base/check.h"
#include "cases.h"
#include "codec/timestamp.h"
#include "env/os/os.h"
#include "folder.h"
#include "host/rule_set.h"
#include "host/triage_tables.h"
#include "ledger/sqlite/connection.h"
#include "ledger/sqlite_store.h"
#include "line_scan.h"
#include "measure.h"
#include "new_ledger.h"
#include "pipeline/incident_recorder.h"
#include "pipeline/output/finding_payload.h"
#include "speed_rules.h"
#include "sync_probe.h"
#include "triage/state.h"

namespace stanch::bench {

namespace {

using ledger::sqlite::Connection;

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

pipeline::RecorderOptions recorder_options(env::Env& env) {
  auto tables = host::load_triage_tables(env, "");
  CHECK(tables.has_value());
  return {.grouping = std::move(tables->grouping),
          .matrix = std::move(tables->matrix),
          .assets = std::move(tables->assets),
          .content_version = tables->content_version};
}

// Scanned findings into the recorder at once, in the order of the corpus, which is that of time.
struct RecordingSink : IgnoringSink {
  explicit RecordingSink(pipeline::IncidentRecorder& given) : recorder(given) {}

  Result<> finding(const model::Finding& finding) override {
    now = std::max(now, finding.event.facts.time.value_or(now));
    return recorder.add(pipeline::output::finding_payload(finding), now);
  }

  pipeline::IncidentRecorder& recorder;
  Time now{};
};

// Events in memory to durable entries of incidents, all of it, against the floor's parse.
Row whole_row(env::Env& env, const RuleSetPtr& rules, const Settings& settings,
              const std::string& name) {
  const Corpus corpus = generated(settings.events, 0.001);
  LineScan scan(rules, false);
  uint64_t incidents = 0;
  const auto run = [&] {
    const Folder folder;
    const auto store = new_ledger(env, folder.path.string() + "/whole.db");
    const auto recorder = pipeline::IncidentRecorder::open(*store, recorder_options(env));
    CHECK(recorder.has_value());
    RecordingSink sink(**recorder);
    scan.run(corpus, sink);
    CHECK((*recorder)->finish().has_value());
    incidents = (*recorder)->counts().opened;
  };
  const auto timings =
      measure({[&] { parse_floor(corpus); }, run}, settings.rounds, ClockKind::kWall);
  return {
      name,
      paired_ratio(timings[0], timings[1]),
      "x floor",
      0.4,
      true,
      fmt::format("{:.0f}k events/s, {:.2f} findings per 100 events, {} incidents",
                  static_cast<double>(corpus.lines) / timings[1].median() / 1e3,
                  100.0 * static_cast<double>(scan.findings) / static_cast<double>(corpus.lines),
                  incidents)};
}

// Events arrive at a steady rate; how long until what one led to is a durable entry of an incident.
Row latency_row(env::Env& env, const RuleSetPtr& rules, const Settings& settings,
                const std::string& name) {
  constexpr double kRate = 10'000;  // events a second
  constexpr size_t kTick = 20;      // events that arrive together
  const size_t events = std::min(settings.events, size_t{60'000});
  const Corpus corpus = generated(events, 0.01);
  const Folder folder;
  SyncProbe syncs(folder);
  syncs.probe(300);
  const auto store = new_ledger(env, folder.path.string() + "/latency.db");
  const auto recorder = pipeline::IncidentRecorder::open(*store, recorder_options(env));
  CHECK(recorder.has_value());

  std::vector<double> latencies;
  LineScan scan(rules, false);
  RecordingSink sink(**recorder);
  std::vector<std::string_view> lines;
  for_each_line(corpus, [&](std::string_view line) { lines.push_back(line); });
  const double start = now_seconds(ClockKind::kWall);
  for (size_t at = 0; at < lines.size(); at += kTick) {
    const double due = start + static_cast<double>(at) / kRate;
    // What can wait is done while there is nothing else to do.
    for (bool more = true; more && now_seconds(ClockKind::kWall) < due;) {
      const auto left = (*recorder)->catch_up();
      CHECK(left.has_value());
      more = *left;
      // The disk as it is meanwhile, now and then.
      if (!more && at % (20 * kTick) == 0) syncs.probe(1);
    }
    const double early = due - now_seconds(ClockKind::kWall);
    if (early > 0) env.clock.sleep(std::chrono::nanoseconds(static_cast<int64_t>(early * 1e9)));
    const std::span<const std::string_view> tick(lines.data() + at,
                                                 std::min(kTick, lines.size() - at));
    scan.run(tick, sink);
    if (scan.findings == 0) continue;
    CHECK((*recorder)->flush().has_value());
    const double late = now_seconds(ClockKind::kWall) - due;
    latencies.insert(latencies.end(), scan.findings, late);
  }
  CHECK((*recorder)->finish().has_value());
  syncs.probe(300);
  const double p99 = percentile(latencies, 0.99), sync = percentile(syncs.seconds, 0.99);
  return {name,
          p99 / (4 * sync + 0.005),
          "x (4 x fdatasync + 5 ms)",
          1.0,
          false,
          fmt::format("p99 {:.1f} ms, median {:.1f} ms, {} findings, {} incidents merged; "
                      "fdatasync p99 {:.1f} ms",
                      p99 * 1e3, percentile(latencies, 0.5) * 1e3, latencies.size(),
                      (*recorder)->counts().merged, sync * 1e3)};
}

}  // namespace

std::vector<Row> incident_rows(const Settings& settings) {
  std::vector<Row> rows;
  env::OsEnv os;
  env::Env env = os.env();
  constexpr std::string_view kFold = "incident: read and fold 10,000 entries";
  const std::string whole = "incident: events to entries, 0.1 % findings";
  const std::string latency = "incident: p99 until durable, 10,000 events/s";
  if (settings.wants(kFold)) {
    const auto own = host::load_rule_set(env, {});
    CHECK(own.has_value());
    rows.push_back(fold_row(env, own->loaded.rules, settings));
  }
  if (settings.wants(whole) || settings.wants(latency)) {
    // So few that one in a thousand events has a finding.
    const RuleSetPtr rules = speed_rules(env, settings, 0.00005);
    if (settings.wants(whole)) rows.push_back(whole_row(env, rules, settings, whole));
    if (settings.wants(latency)) rows.push_back(latency_row(env, rules, settings, latency));
  }
  if (settings.wants("incident: a page of 100 out of 100,000")) {
    rows.push_back(list_row(env, settings));
  }
  return rows;
}

}  // namespace stanch::bench
