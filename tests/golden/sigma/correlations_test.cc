// The vectors of correlations.yaml through the engine and through the naive recomputation.

#include <gtest/gtest.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "detect/correlate/correlator.h"
#include "detect/sigma/load.h"
#include "naive/correlate.h"

namespace stanch::vectors {
namespace {

namespace correlate = detect::correlate;

const std::vector<std::string> kRules = {"a", "b", "c"};

detect::sigma::LoadedRules load(const YAML::Node& correlations, const YAML::Node& maps) {
  std::string text;
  for (const std::string& name : kRules) {
    text += "title: T\nname: " + name +
            "\nlogsource: {product: test}\ndetection: {s: {f: x}, condition: s}\n---\n";
  }
  for (size_t i = 0; i < correlations.size(); ++i) {
    YAML::Emitter map;
    map << YAML::Flow << correlations[i];
    text += "title: C\nname: c" + std::to_string(i) + "\ncorrelation: " + map.c_str() + "\n---\n";
  }
  const detect::RuleText file{"r.yml", text};
  detect::FieldContent fields;
  Diagnostics about_maps;
  if (maps) detect::read_fields({"maps", maps.as<std::string>()}, fields, about_maps);
  EXPECT_TRUE(about_maps.empty());
  return detect::sigma::load({&file, 1}, {}, {}, fields.maps);
}

// "5 a+b e1 u=x": second, rules, id, fields.
naive::Event read_event(const std::string& line) {
  std::istringstream words(line);
  naive::Event event;
  std::string rules, field;
  words >> event.time >> rules >> event.id;
  event.time *= 1'000'000'000;
  for (uint32_t i = 0; i < kRules.size(); ++i) {
    if (("+" + rules + "+").find("+" + kRules[i] + "+") != std::string::npos) {
      event.rules.push_back(i);
    }
  }
  if (event.rules.empty()) throw std::runtime_error("no rule in " + line);
  while (words >> field) {
    const size_t equals = field.find('=');
    event.fields.emplace_back(field.substr(0, equals), field.substr(equals + 1));
  }
  return event;
}

std::string show(uint32_t correlation, int64_t time, const std::vector<std::string>& group,
                 const std::vector<std::string>& events) {
  std::string text = "c" + std::to_string(correlation) + " " + std::to_string(time / 1'000'000'000);
  for (const std::string& value : group) text += " " + value;
  text += ":";
  for (const std::string& event : events) text += " " + event;
  return text;
}

std::vector<std::string> of_naive(const detect::sigma::LoadedRules& loaded,
                                  const std::vector<naive::Event>& events) {
  std::vector<std::string> out;
  for (const naive::Fired& fired : naive::correlate(loaded.correlations, events)) {
    out.push_back(show(fired.correlation, fired.time, fired.group, fired.events));
  }
  return out;
}

// The events come the last first.
std::vector<std::string> of_engine(const detect::sigma::LoadedRules& loaded,
                                   const std::vector<naive::Event>& events) {
  const correlate::Plan plan = correlate::make_plan(loaded.correlations, loaded.rules.size());
  correlate::Correlator correlator(plan, {.lateness = std::chrono::hours(1)}, {});
  for (auto event = events.rbegin(); event != events.rend(); ++event) {
    const std::map<std::string, std::string> fields(event->fields.begin(), event->fields.end());
    for (const uint32_t rule : event->rules) {
      correlate::Seen seen{Time(Duration(event->time)), event->id, rule, {}};
      for (const std::string& field : plan.rule_fields[rule]) {
        const auto found = fields.find(field);
        seen.values.push_back(found == fields.end() ? std::nullopt : std::optional(found->second));
      }
      correlator.add(std::move(seen));
    }
  }
  correlator.finish();
  std::vector<std::string> out;
  for (const correlate::Firing& firing : correlator.take_firings()) {
    std::vector<std::string> names;
    for (const correlate::Named& named : firing.events) names.push_back(named.event);
    out.push_back(
        show(firing.correlation, firing.time.time_since_epoch().count(), firing.group, names));
  }
  return out;
}

std::set<std::string> decisions_over_time() {
  std::ifstream file(std::string(STANCH_SOURCE_DIR) + "/docs/formats/sigma.md");
  std::stringstream text;
  text << file.rdbuf();
  const std::string page = text.str();
  std::set<std::string> ids = {"X6"};  // of fields.md
  for (size_t at = page.find("**W"); at != std::string::npos; at = page.find("**W", at + 1)) {
    ids.insert(page.substr(at + 2, page.find_first_of(" *", at + 2) - at - 2));
  }
  return ids;
}

TEST(SigmaCorrelationVectors, HaveTheSameFiringsFromEngineAndNaiveRecomputation) {
  const YAML::Node root =
      YAML::LoadFile(std::string(STANCH_SOURCE_DIR) + "/tests/golden/sigma/correlations.yaml");
  std::set<std::string> fires, does_not, case_ids;
  for (const YAML::Node& group : root["groups"]) {
    const detect::sigma::LoadedRules loaded = load(group["correlations"], group["maps"]);
    std::string wrong;
    for (const Diagnostic& diagnostic : loaded.diagnostics) wrong += to_text(diagnostic);
    ASSERT_EQ(loaded.correlations.size(), group["correlations"].size()) << wrong;
    for (const YAML::Node& one : group["cases"]) {
      const auto id = one["id"].as<std::string>();
      SCOPED_TRACE(id + ": " + one["reason"].as<std::string>());
      EXPECT_TRUE(case_ids.insert(id).second) << "it stands twice";
      std::vector<naive::Event> events;
      for (const YAML::Node& line : one["events"]) {
        events.push_back(read_event(line.as<std::string>()));
      }
      const auto expected = one["firings"].as<std::vector<std::string>>();
      EXPECT_EQ(of_engine(loaded, events), expected) << "the engine differs";
      EXPECT_EQ(of_naive(loaded, events), expected) << "the naive recomputation differs";
      for (const YAML::Node& spec : group["spec"]) {
        (expected.empty() ? does_not : fires).insert(spec.as<std::string>());
      }
    }
  }
  const std::set<std::string> decided = decisions_over_time();
  EXPECT_EQ(decided.size(), 11u) << "docs/formats/sigma.md was not understood";
  EXPECT_EQ(fires, decided);
  EXPECT_EQ(does_not, decided);
}

}  // namespace
}  // namespace stanch::vectors
