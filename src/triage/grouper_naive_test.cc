// A second opinion on grouping, from the words of docs/formats/grouping.md and every pair of
// findings. It shares nothing with the grouper but triage::Finding.

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "triage/grouper.h"

namespace stanch::triage {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

// ---------------------------------------------------------------- the opinion

constexpr Duration kThreeDays = hours(72), kThirtyDays = hours(720);
constexpr size_t kFive = 5;

Duration between(const Finding& a, const Finding& b) {
  const Duration gap = *a.event_time - *b.event_time;
  return gap < Duration{} ? -gap : gap;
}

std::string person_of(const Finding& one) {
  return one.on_behalf_of.empty() ? one.session_name : one.on_behalf_of;
}

std::set<std::string> never_common(const Finding& one) {
  std::set<std::string> all = {one.credential, one.session, one.issued_to};
  if (!one.on_behalf_of.empty()) all.insert("person/" + one.on_behalf_of);
  for (const Minted& minted : one.minted) all.insert({minted.entity, minted.session});
  all.erase("");
  return all;
}

std::set<std::string> acting(const Finding& one) {
  std::set<std::string> all = {one.actor, one.issuer};
  all.erase("");
  for (const std::string& strong : never_common(one)) all.erase(strong);
  return all;
}

std::set<std::string> touched(const Finding& one) {
  std::set<std::string> all(one.targets.begin(), one.targets.end());
  for (const Minted& minted : one.minted) all.insert(minted.principal);
  all.erase("");
  all.erase("aws:account/1");  // accounts never join
  for (const std::string& strong : never_common(one)) all.erase(strong);
  for (const std::string& actor : acting(one)) all.erase(actor);
  return all;
}

// How many people act as `entity` within thirty days before findings[at], that one included if it
// does itself.
size_t people_acting(const std::vector<Finding>& findings, size_t at, const std::string& entity) {
  std::set<std::string> people;
  for (size_t i = 0; i <= at; ++i) {
    if (between(findings[i], findings[at]) > kThirtyDays) continue;
    if (acting(findings[i]).contains(entity)) people.insert(person_of(findings[i]));
  }
  people.erase("");
  return people.size();
}

size_t actors_touching(const std::vector<Finding>& findings, size_t at, const std::string& entity) {
  std::set<std::string> actors;
  for (size_t i = 0; i <= at; ++i) {
    if (between(findings[i], findings[at]) > kThirtyDays) continue;
    if (touched(findings[i]).contains(entity)) actors.insert(findings[i].actor);
  }
  return actors.size();
}

size_t actors_from(const std::vector<Finding>& findings, size_t at, const std::string& address) {
  std::set<std::string> actors;
  for (size_t i = 0; i <= at; ++i) {
    if (between(findings[i], findings[at]) > kThirtyDays) continue;
    if (findings[i].source == address) actors.insert(findings[i].actor);
  }
  return actors.size();
}

// What findings[at] may be joined by, given those before it in time.
std::set<std::string> links(const std::vector<Finding>& findings, size_t at) {
  const Finding& one = findings[at];
  std::set<std::string> all = never_common(one);
  for (const std::string& actor : acting(one)) {
    if (people_acting(findings, at, actor) < kFive) all.insert(actor);
  }
  if (one.level < model::Level::kMedium) return all;
  for (const std::string& target : touched(one)) {
    if (people_acting(findings, at, target) < kFive &&
        actors_touching(findings, at, target) < kFive) {
      all.insert(target);
    }
  }
  const bool own = one.source == "ip/192.0.2.1";
  if (!one.source.empty() && !own && actors_from(findings, at, one.source) < kFive) {
    all.insert(one.source);
  }
  return all;
}

// For each finding the first one that it is connected with. Findings are in the order of time.
std::vector<size_t> naive_groups(const std::vector<Finding>& findings) {
  std::vector<std::set<std::string>> links_of;
  for (size_t i = 0; i < findings.size(); ++i) links_of.push_back(links(findings, i));
  std::vector<size_t> group(findings.size());
  for (size_t i = 0; i < group.size(); ++i) group[i] = i;
  for (bool again = true; again;) {
    again = false;
    for (size_t i = 0; i < group.size(); ++i) {
      for (size_t j = 0; j < group.size(); ++j) {
        if (group[i] >= group[j] || between(findings[i], findings[j]) > kThreeDays) continue;
        if (std::ranges::any_of(
                links_of[i], [&](const std::string& link) { return links_of[j].contains(link); })) {
          group[j] = group[i];
          again = true;
        }
      }
    }
  }
  return group;
}

// ---------------------------------------------------------------- random findings

struct World {
  size_t findings_max, actors, hours;
};

class Maker {
 public:
  Maker(uint64_t seed, World world) : random_(seed), world_(world) {}

  // In the order of time, no two at the same.
  std::vector<Finding> findings() {
    std::set<int64_t> times;
    const size_t count = 2 + below(world_.findings_max - 1);
    while (times.size() < count) times.insert(static_cast<int64_t>(below(world_.hours * 60)));
    std::vector<Finding> all;
    for (const int64_t time : times) all.push_back(finding(all.size(), minutes(time)));
    return all;
  }

  size_t below(size_t bound) { return random_() % bound; }
  std::mt19937_64& random() { return random_; }

 private:
  bool one_in(size_t n) { return below(n) == 0; }
  std::string user() { return "aws:user/1/u" + std::to_string(below(world_.actors)); }
  std::string role() { return "aws:role/1/r" + std::to_string(below(2)); }
  std::string key() { return "aws:access-key/k" + std::to_string(below(3 * world_.actors)); }

  Finding finding(size_t number, Duration time) {
    Finding one;
    one.id = fmt::format("fnd-{:026}", number);
    one.rule = "rule" + std::to_string(number);  // so none is one of many
    one.level = static_cast<model::Level>(below(5));
    one.event_time = Time(hours(400'000)) + time;
    if (one_in(3)) {
      one.actor = one.issuer = role();
      one.session = fmt::format("aws:session/1/s{}", below(3 * world_.actors));
      if (one_in(2)) one.session_name = "person" + std::to_string(below(world_.actors));
      if (one_in(4)) one.on_behalf_of = "center" + std::to_string(below(world_.actors));
    } else {
      one.actor = user();
    }
    if (one_in(2)) one.credential = key();
    if (one_in(3)) one.source = "ip/198.51.100." + std::to_string(below(3));
    if (one_in(9)) one.source = "ip/192.0.2.1";
    if (one_in(3)) one.targets.push_back("aws:bucket/b" + std::to_string(below(3)));
    if (one_in(5)) one.targets.push_back(one_in(2) ? user() : role());
    if (one_in(9)) one.targets.push_back(one.actor);
    if (one_in(6)) one.minted.push_back({.entity = key(), .session = "", .principal = user()});
    one.account = "1";
    one.region = "eu-west-1";
    one.user_agent = "agent";
    if (one_in(5)) one.targets.emplace_back("aws:account/1");
    return one;
  }

  std::mt19937_64 random_;
  World world_;
};

// The incident that each finding ends in, when they come in this order.
std::vector<model::IncidentId> ends(const std::vector<Finding>& findings,
                                    const std::vector<size_t>& order) {
  Grouper grouper({.is_own_egress = [](std::string_view id) { return id == "ip/192.0.2.1"; }});
  std::map<model::IncidentId, model::IncidentId> merged;
  std::vector<model::IncidentId> incident(findings.size());
  for (const size_t i : order) {
    const Assignment assigned = grouper.decide(findings[i], {});
    incident[i] = assigned.incident;
    EXPECT_FALSE(assigned.folded);
    for (const Merge& merge : assigned.merges) merged[merge.absorbed] = merge.into;
  }
  for (auto& id : incident) {
    while (merged.contains(id)) id = merged[id];
  }
  return incident;
}

std::string shown(const std::vector<Finding>& findings) {
  std::string text;
  for (const Finding& one : findings) {
    text +=
        fmt::format("{}h level {} actor {} session {} as '{}{}' key {} from {} targets {}\n",
                    std::chrono::floor<hours>(one.event_time->time_since_epoch()).count() - 400'000,
                    static_cast<int>(one.level), one.actor, one.session, one.session_name,
                    one.on_behalf_of, one.credential, one.source, fmt::join(one.targets, " "));
  }
  return text;
}

void expect_groups(const std::vector<Finding>& findings, const std::vector<size_t>& order,
                   const std::vector<size_t>& expected, uint64_t seed) {
  const std::vector<model::IncidentId> incident = ends(findings, order);
  for (size_t i = 0; i < findings.size(); ++i) {
    for (size_t j = 0; j < i; ++j) {
      ASSERT_EQ(incident[i] == incident[j], expected[i] == expected[j])
          << "seed " << seed << ", findings " << j << " and " << i << "\n"
          << shown(findings);
    }
  }
}

std::vector<size_t> sorted_order(size_t count) {
  std::vector<size_t> order(count);
  for (size_t i = 0; i < count; ++i) order[i] = i;
  return order;
}

// In the order of time, with things that many share and 30 days that pass.
TEST(GrouperNaive, AgreesInTheOrderOfTime) {
  size_t joined = 0, apart = 0, common = 0;
  for (uint64_t seed = 0; seed < 4000; ++seed) {
    Maker maker(seed, {.findings_max = 40, .actors = 8, .hours = seed % 2 ? 2000u : 400u});
    const std::vector<Finding> findings = maker.findings();
    const std::vector<size_t> expected = naive_groups(findings);
    expect_groups(findings, sorted_order(findings.size()), expected, seed);
    if (HasFatalFailure()) return;
    for (size_t i = 0; i < expected.size(); ++i) (expected[i] == i ? apart : joined) += 1;
    const size_t last = findings.size() - 1;
    common += actors_from(findings, last, findings[last].source) >= kFive;
  }
  // So that it is about something.
  EXPECT_GT(joined, 10'000u);
  EXPECT_GT(apart, 10'000u);
  EXPECT_GT(common, 100u);
}

// In any order, where nothing is common: there are four actors, and as many people.
TEST(GrouperNaive, AgreesInAnyOrder) {
  for (uint64_t seed = 0; seed < 4000; ++seed) {
    Maker maker(seed, {.findings_max = 12, .actors = 2, .hours = seed % 2 ? 900u : 300u});
    const std::vector<Finding> findings = maker.findings();
    const std::vector<size_t> expected = naive_groups(findings);
    std::vector<size_t> order = sorted_order(findings.size());
    for (int round = 0; round < 4; ++round) {
      expect_groups(findings, order, expected, seed);
      if (HasFatalFailure()) return;
      std::ranges::shuffle(order, maker.random());
    }
  }
}

// Every order of a few.
TEST(GrouperNaive, AgreesInEveryOrderOfSix) {
  for (uint64_t seed = 0; seed < 40; ++seed) {
    Maker maker(seed, {.findings_max = 20, .actors = 2, .hours = 300});
    std::vector<Finding> findings = maker.findings();
    if (findings.size() < 6) continue;
    findings.resize(6);
    const std::vector<size_t> expected = naive_groups(findings);
    std::vector<size_t> order = sorted_order(6);
    do {
      expect_groups(findings, order, expected, seed);
      if (HasFatalFailure()) return;
    } while (std::ranges::next_permutation(order).found);
  }
}

}  // namespace
}  // namespace stanch::triage
