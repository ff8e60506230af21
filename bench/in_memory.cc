// What one thread does with NDJSON in memory, against the floor: simdjson's DOM
// parse of the same lines.

#include <fmt/format.h>

#include "base/check.h"
#include "cases.h"
#include "corpus.h"
#include "env/os/os.h"
#include "line_scan.h"
#include "measure.h"
#include "normalize/normalize.h"
#include "speed_rules.h"
#include "triage/scope/graph.h"

namespace stanch::bench {

namespace {

void extract_all(const Corpus& corpus) {
  static codec::JsonParser parser;
  static TextArena arena;
  static model::Facts facts;
  static normalize::Normalizer normalizer;
  size_t known = 0;
  for_each_line(corpus, [&](std::string_view line) {
    const codec::JsonView event = parser.parse(line);
    arena.clear();
    const auto family = normalizer.recognise(event);
    normalizer.extract(family, event, arena, facts);
    known += !facts.account.empty();
  });
  CHECK(known > 0);
}

// Facts and the entity graph of them, beside the facts alone.
void fill_graph(const Corpus& corpus) {
  static codec::JsonParser parser;
  static TextArena arena;
  static model::Facts facts;
  static normalize::Normalizer normalizer;
  triage::scope::Graph graph;
  for_each_line(corpus, [&](std::string_view line) {
    const codec::JsonView event = parser.parse(line);
    arena.clear();
    const auto family = normalizer.recognise(event);
    normalizer.extract(family, event, arena, facts);
    graph.add(facts, model::EventIdRef(facts.event_id));
  });
  CHECK(graph.events() == corpus.lines);
}

std::string rate(const Corpus& corpus, double seconds) {
  return fmt::format("{:.0f}k events/s, {:.0f} MB/s",
                     static_cast<double>(corpus.lines) / seconds / 1e3,
                     static_cast<double>(corpus.size) / seconds / 1e6);
}

}  // namespace

std::vector<Row> in_memory(const Settings& settings) {
  std::vector<Row> rows;
  env::OsEnv os;
  env::Env env = os.env();
  const RuleSetPtr rules = speed_rules(env, settings);

  const auto against_floor = [&](const std::string& name, const Corpus& corpus, bool dedup,
                                 double wanted) {
    if (!settings.wants(name)) return;
    LineScan scan(rules, dedup);
    const auto timings = measure({[&] { parse_floor(corpus); }, [&] { scan.run(corpus); }},
                                 settings.rounds, ClockKind::kThread);
    rows.push_back(
        {name, paired_ratio(timings[0], timings[1]), "x floor", wanted, true,
         fmt::format(
             "{}; floor {}; {:.1f} findings per 100 events", rate(corpus, timings[1].median()),
             rate(corpus, timings[0].median()),
             100.0 * static_cast<double>(scan.findings) / static_cast<double>(corpus.lines))});
  };
  const Corpus one = generated(settings.events, 0.01);
  against_floor("scan, 1 % of events with findings", one, false, 1.0);
  against_floor("the same with deduplication", one, true, 0.8);
  if (const std::string name = "30 % of events with findings"; settings.wants(name)) {
    against_floor(name, generated(settings.events, 0.30), false, 0.5);
  }
  if (settings.wants("facts of every event")) {
    const auto timings = measure({[&] { parse_floor(one); }, [&] { extract_all(one); }},
                                 settings.rounds, ClockKind::kThread);
    rows.push_back({"facts of every event", paired_ratio(timings[0], timings[1]), "x floor", 0.5,
                    true, rate(one, timings[1].median())});
  }
  if (settings.wants("entity graph of every event")) {
    const auto timings = measure({[&] { extract_all(one); }, [&] { fill_graph(one); }},
                                 settings.rounds, ClockKind::kThread);
    rows.push_back({"entity graph of every event", paired_ratio(timings[0], timings[1]),
                    "x facts alone", 0.15, true, rate(one, timings[1].median())});
  }
  if (const std::string name = "5,000 generated rules, time against 120"; settings.wants(name)) {
    const Corpus calm = generated(settings.events, 0);
    const RuleSetPtr few = detect::load_rules(generated_rules(120), {}).rules;
    const RuleSetPtr lots = detect::load_rules(generated_rules(5000), {}).rules;
    LineScan with_few(few, false), with_lots(lots, false);
    const auto timings = measure({[&] { with_few.run(calm); }, [&] { with_lots.run(calm); }},
                                 settings.rounds, ClockKind::kThread);
    rows.push_back({name, paired_ratio(timings[1], timings[0]), "x", 1.3, false,
                    rate(calm, timings[1].median())});
  }
  if (const std::string name = "scan of recordings (for information)"; settings.wants(name)) {
    const Corpus real = recorded(data_folder() + "/invictus-aws-dataset", settings.events);
    if (real.lines != 0) against_floor(name, real, false, 0.0);
  }
  for (const size_t count : {300, 3000}) {
    const std::string name = fmt::format("load and compile {} rules", count);
    if (!settings.wants(name)) continue;
    const auto given = generated_rules(count);
    const auto timings = measure({[&] { (void)detect::load_rules(given, {}); }}, settings.rounds,
                                 ClockKind::kThread);
    rows.push_back({name, timings[0].median() * 1e3, "ms", count == 300 ? 60.0 : 500.0, false, ""});
  }
  return rows;
}

}  // namespace stanch::bench
