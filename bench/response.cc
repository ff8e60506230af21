// Response: from a finding that is durable to the first call that contains; what a plan costs
// beyond the cloud's answers; many incidents at once. The cloud is a table of access keys in
// memory.

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <mutex>
#include <utility>

#include "base/check.h"
#include "cases.h"
#include "cloud/call.h"
#include "codec/json.h"
#include "codec/timestamp.h"
#include "env/os/os.h"
#include "folder.h"
#include "host/alone.h"
#include "host/autonomy.h"
#include "host/incident.h"
#include "host/triage_tables.h"
#include "measure.h"
#include "new_ledger.h"
#include "pipeline/incident_recorder.h"
#include "pipeline/parallel.h"
#include "sync_probe.h"

namespace stanch::bench {

namespace {

using codec::JsonValue;

constexpr const char* kAccount = "111122223333";
constexpr std::string_view kAction = "aws.iam.deactivate-access-key";

std::string key_of(size_t i) { return fmt::format("AKIABENCH{:07}", i); }

// Users, each with one key. Answers after `latency`.
class KeyCloud : public cloud::Caller {
 public:
  KeyCloud(env::Clock& clock, Duration latency) : clock_(clock), latency_(latency) {}

  cloud::Called call(const cloud::Call& call) override {
    const Time begun = clock_.now();
    if (latency_ > Duration{}) clock_.sleep(latency_);
    const std::lock_guard lock(mutex_);
    ++calls_;
    cloud::Called called;
    called.valid_until = begun + std::chrono::minutes(15);
    const std::string key = call.parameters["AccessKeyId"].text_or_empty();
    const std::string name = call.parameters["UserName"].text_or_empty();
    const auto answer = [&](std::string_view json) {
      codec::JsonParser parser;
      called.answer = cloud::Answer{JsonValue::of(parser.parse(json)), "request"};
    };
    if (call.operation == "GetAccessKeyLastUsed") {
      answer(fmt::format(R"({{"UserName":"user-{}","AccessKeyLastUsed":{{}}}})", key));
    } else if (call.operation == "ListAccessKeys") {
      const std::string of = name.substr(5);
      answer(fmt::format(
          R"({{"AccessKeyMetadata":[{{"AccessKeyId":"{}","Status":"{}","UserName":"{}"}}]}})", of,
          inactive_.contains(of) ? "Inactive" : "Active", name));
    } else if (call.operation == "UpdateAccessKey") {
      inactive_.emplace(key, now_seconds(ClockKind::kWall));
      answer("{}");
    } else {
      called.refusal = {.code = ErrorCode::kNotFound,
                        .provider_code = "NoSuchEntity",
                        .message = "there is none",
                        .request_id = "request"};
    }
    return called;
  }
  Duration signature_holds(const cloud::Call&) const override { return std::chrono::minutes(5); }

  size_t calls() {
    const std::lock_guard lock(mutex_);
    return calls_;
  }
  // When the key was deactivated.
  std::map<std::string, double> inactive() {
    const std::lock_guard lock(mutex_);
    return inactive_;
  }

 private:
  env::Clock& clock_;
  Duration latency_;
  std::mutex mutex_;  // the calls of several threads
  std::map<std::string, double> inactive_;
  size_t calls_ = 0;
};

std::string finding(size_t incident, int which, Time now) {
  const std::string key = key_of(incident);
  return fmt::format(
      R"({{"finding":"fnd-{0:020}{1:06}","rule":"rule-{1}","title":"Key misused","level":"high",)"
      R"("event_time":"{5}","events":["e-{0}-{1}"],)"
      R"("entities":["aws:access-key/{2}","aws:user/{3}/user-{4}"],)"
      R"("document":{{"attack":{{"tactics":[]}},"facts":{{"account":"{3}","region":"eu-west-1",)"
      R"("cloud":"aws","actor":{{"type":"user","entity":"aws:user/{3}/user-{4}"}},)"
      R"("credential":{{"entity":"aws:access-key/{2}"}},)"
      R"("action":{{"name":"AttachUserPolicy","access":"write"}},"outcome":"ok","targets":[]}}}}}})",
      incident, which, key, kAccount, key_of(incident), codec::format_timestamp(now));
}

// A ledger in which findings become incidents, and an engine that acts on them.
class World {
 public:
  explicit World(env::Env env, Duration latency) : env_(env), cloud(env.clock, latency) {
    store_ = new_ledger(env_, folder_.path.string() + "/response.db");
    auto tables = host::load_response_tables(env_, "");
    CHECK(tables.has_value() && tables->diagnostics.empty());
    tables_ = std::move(*tables);
    Diagnostics diagnostics;
    tables_.assets.add_yaml("assets/bench.yaml",
                            fmt::format("assets:\n  - account: '{}'\n    environment: test\n"
                                        "    criticality: low\n",
                                        kAccount),
                            diagnostics);
    CHECK(diagnostics.empty());
    tables_.guards.budget_of_incident = tables_.guards.budget_of_hour = 1'000'000;
    CHECK(host::set_autonomy(env_, *store_,
                             {.action = std::string(kAction),
                              .account = "*",
                              .environment = "*",
                              .autonomy = "run",
                              .until = {},
                              .reason = "bench",
                              .actor = "unverified/bench"})
              .has_value());
    auto triage = host::load_triage_tables(env_, "");
    CHECK(triage.has_value());
    auto recorder =
        pipeline::IncidentRecorder::open(*store_, {.grouping = std::move(triage->grouping),
                                                   .matrix = std::move(triage->matrix),
                                                   .assets = std::move(triage->assets),
                                                   .content_version = ""});
    CHECK(recorder.has_value());
    recorder_ = std::move(*recorder);
  }

  // The incident of two findings about a key of its own, durable when it returns.
  model::IncidentId attack(size_t i) {
    for (const int which : {1, 2})
      CHECK(recorder_->add(finding(i, which, env_.clock.now()), env_.clock.now()));
    CHECK(recorder_->flush().has_value());
    return model::incident_id(fmt::format("fnd-{:020}{:06}", i, 1));
  }

  host::Responding with() {
    return {.env = env_,
            .ledger = *store_,
            .tables = tables_,
            .caller = cloud,
            .identity = {},
            .actor = std::string(host::kEngineActor),
            .stop_flag = folder_.path.string() + "/no-flag"};
  }
  const Folder& folder() const { return folder_; }

 private:
  env::Env env_;
  Folder folder_;
  std::unique_ptr<ledger::Store> store_;
  host::ResponseTables tables_;
  std::unique_ptr<pipeline::IncidentRecorder> recorder_;

 public:
  KeyCloud cloud;
};

// As many in an hour as a budget lets through, several times.
Row first_call_row(env::Env env, const std::string& name) {
  constexpr size_t kWorlds = 4, kIncidents = 75;
  std::vector<double> latencies, syncs;
  for (size_t round = 0; round < kWorlds; ++round) {
    World world(env, {});
    SyncProbe probe(world.folder());
    probe.probe(75);
    for (size_t i = 0; i < kIncidents; ++i) {
      const model::IncidentId incident = world.attack(i);
      const double durable = now_seconds(ClockKind::kWall);
      CHECK(host::respond_alone(world.with(), incident).has_value());
      const auto inactive = world.cloud.inactive();
      const auto written = inactive.find(key_of(i));
      CHECK(written != inactive.end());
      latencies.push_back(written->second - durable);
      probe.probe(1);
    }
    syncs.insert(syncs.end(), probe.seconds.begin(), probe.seconds.end());
  }
  const double p99 = percentile(latencies, 0.99), sync = percentile(syncs, 0.99);
  return {name,
          p99 / (4 * sync + 0.010),
          "x (4 x fdatasync + 10 ms)",
          1.0,
          false,
          fmt::format("p99 {:.1f} ms, median {:.1f} ms; fdatasync p99 {:.1f} ms, median {:.1f} ms",
                      p99 * 1e3, percentile(latencies, 0.5) * 1e3, sync * 1e3,
                      percentile(syncs, 0.5) * 1e3)};
}

Row plan_row(env::Env env, const std::string& name, size_t at_once) {
  constexpr size_t kSteps = 20;
  constexpr Duration kAnswer = std::chrono::milliseconds(20);
  World world(env, kAnswer);
  host::OpenRequest opened;
  opened.title = "bench";
  opened.actor = "unverified/bench";
  const auto incident = host::open_incident(env, world.with().ledger, opened);
  CHECK(incident.has_value());
  host::Wishes wishes;
  for (size_t i = 0; i < kSteps; ++i) {
    wishes.wishes.push_back(
        {std::string(kAction), "aws:access-key/" + key_of(i), kAccount, "eu-west-1"});
  }
  const auto state = host::load_incident(world.with().ledger, *incident);
  CHECK(state.has_value());
  const host::Responding with = world.with();
  auto journal = with.open_journal(*incident);
  CHECK(journal.has_value());
  const auto plan = host::make_plan(with, *journal, *state, wishes);
  CHECK(plan.has_value());
  const auto approved =
      host::act(env, world.with().ledger, *incident, "unverified/bench",
                [&](const triage::IncidentState&) -> Result<std::vector<host::Said>> {
                  return std::vector<host::Said>{
                      {"approved", host::json_object([&](codec::JsonWriter& json) {
                         std::vector<std::string> steps;
                         for (size_t i = 1; i <= kSteps; ++i) steps.push_back(std::to_string(i));
                         json.field("plan", *plan);
                         append_texts("steps", steps, json);
                         json.field("person", "bench").field("means", "unverified");
                       })}};
                });
  CHECK(approved.has_value());
  const size_t before = world.cloud.calls();
  const double begun = now_seconds(ClockKind::kWall);
  host::Responding applying = world.with();
  applying.at_once = at_once;
  const auto report = host::apply_plan(applying, *incident, *plan, false, {});
  const double took = now_seconds(ClockKind::kWall) - begun;
  CHECK(report.has_value() && report->is_done());
  const size_t calls = world.cloud.calls() - before;
  const double answers =
      static_cast<double>(calls) * std::chrono::duration<double>(kAnswer).count();
  return {name,
          (took - answers) / answers,
          "of the cloud's answers",
          0.10,
          false,
          fmt::format("{:.2f} s for {} calls of 20 ms", took, calls)};
}

Row many_row(env::Env env, const std::string& name) {
  constexpr size_t kIncidents = 100;
  constexpr Duration kAnswer = std::chrono::milliseconds(20);
  const auto run = [&](size_t count) {
    World world(env, kAnswer);
    std::vector<model::IncidentId> incidents;
    for (size_t i = 0; i < count; ++i) incidents.push_back(world.attack(i));
    const double begun = now_seconds(ClockKind::kWall);
    const host::Responding with = world.with();
    pipeline::for_each_parallel(env.threads, count, 16, [&](size_t i) {
      CHECK(host::respond_alone(with, incidents[i]).has_value());
    });
    double last = begun;
    for (const auto& [key, when] : world.cloud.inactive()) last = std::max(last, when);
    CHECK(world.cloud.inactive().size() == count);
    return last - begun;
  };
  const double one = run(1), all = run(kIncidents);
  return {name,
          all / (one * static_cast<double>(kIncidents)),
          "x one after the other",
          0.25,
          false,
          fmt::format("all contained after {:.2f} s, one alone after {:.0f} ms; 16 threads", all,
                      one * 1e3)};
}

}  // namespace

std::vector<Row> response_rows(const Settings& settings) {
  std::vector<Row> rows;
  env::OsEnv os;
  const std::string first = "response: finding durable to first containing call, p99";
  const std::string plan = "response: a plan of 20 steps, own time";
  const std::string many = "response: 100 incidents at once";
  if (settings.wants(first)) rows.push_back(first_call_row(os.env(), first));
  const std::string one_by_one = "response: a plan of 20 steps, one after the other";
  if (settings.wants(plan)) rows.push_back(plan_row(os.env(), plan, respond::kStepsAtOnce));
  if (settings.wants(one_by_one)) rows.push_back(plan_row(os.env(), one_by_one, 1));
  if (settings.wants(many)) rows.push_back(many_row(os.env(), many));
  return rows;
}

}  // namespace stanch::bench
