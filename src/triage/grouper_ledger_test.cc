// Floods, what the ledger teaches, and what is forgotten.

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <set>

#include "triage/finding_for_test.h"
#include "triage/grouper.h"
#include "triage/limits.h"

namespace stanch::triage {
namespace {

// ---------------------------------------------------------------- floods

// One of many low findings that share nothing.
Finding alone(int number, Duration time) {
  Finding low = finding(number, "user" + std::to_string(number), time);
  low.source = fmt::format("ip/10.{}.1.{}", number / 250, number % 250);
  low.level = model::Level::kLow;
  return low;
}

TEST(GrouperFlood, AFloodOfALowFindingOpensFewIncidentsAndHidesNoHighOne) {
  Grouper grouper({});
  size_t opened = 0, folded = 0;
  for (int i = 0; i < 5000; ++i) {
    Finding low = finding(i, "user" + std::to_string(i), std::chrono::seconds(i));
    low.source = "ip/10." + std::to_string(i / 250) + ".1." + std::to_string(i % 250);
    low.level = model::Level::kLow;
    const Assignment assigned = grouper.decide(low, at({}));
    opened += assigned.opens;
    folded += assigned.folded;
  }
  EXPECT_EQ(opened, kOpenedByLowRule);
  EXPECT_EQ(folded, 5000 - kOpenedByLowRule);
  Finding high = finding(9999, "user4999", std::chrono::seconds(5001));
  high.level = model::Level::kHigh;
  const Assignment assigned = grouper.decide(high, at({}));
  EXPECT_TRUE(assigned.opens);
  EXPECT_FALSE(assigned.folded);
}

// Whatever the order, and whoever closes them.
TEST(GrouperFlood, OpensFewIncidentsADayInAnyOrder) {
  std::mt19937_64 random(3);
  std::vector<Finding> findings;
  for (int i = 0; i < 3000; ++i) findings.push_back(alone(i, minutes(i)));
  for (const char* order : {"forwards", "backwards", "anyhow"}) {
    if (order[0] == 'b') std::ranges::reverse(findings);
    if (order[0] == 'a') std::ranges::shuffle(findings, random);
    Grouper grouper({});
    std::map<int64_t, size_t> opened;
    for (const Finding& one : findings) {
      const auto day = std::chrono::floor<std::chrono::days>(*one.event_time);
      opened[day.time_since_epoch().count()] += grouper.decide(one, at({})).opens;
    }
    for (const auto& [day, count] : opened) EXPECT_EQ(count, kOpenedByLowRule) << order;
    EXPECT_EQ(opened.size(), 3u);
  }
}

TEST(GrouperFlood, IsCountedInTheLatestIncidentBeforeIt) {
  Grouper grouper({});
  std::vector<model::IncidentId> opened;
  for (int i = 0; i < static_cast<int>(kOpenedByLowRule); ++i) {
    opened.push_back(grouper.decide(alone(i, minutes(10 * i + 10)), at({})).incident);
  }
  const std::pair<int, size_t> cases[] = {{1000, 9}, {100, 9}, {99, 8}, {25, 1}, {10, 0}, {5, 0}};
  int number = 100;
  for (const auto& [minute, expected] : cases) {
    const Assignment assigned = grouper.decide(alone(++number, minutes(minute)), at({}));
    EXPECT_TRUE(assigned.folded);
    EXPECT_EQ(assigned.incident, opened[expected]) << minute;
  }
  // A closed one counts nothing any more; once all are, one more opens.
  for (size_t i = 1; i < opened.size(); ++i) grouper.learn_closed(opened[i]);
  EXPECT_EQ(grouper.decide(alone(++number, minutes(1000)), at({})).incident, opened[0]);
  grouper.learn_closed(opened[0]);
  const Assignment next = grouper.decide(alone(++number, minutes(1000)), at({}));
  EXPECT_TRUE(next.opens);
  EXPECT_EQ(grouper.decide(alone(++number, minutes(1001)), at({})).incident, next.incident);
}

TEST(GrouperFlood, OfAnotherRuleOrLevelIsNoneOfIt) {
  Grouper grouper({});
  for (int i = 0; i < 100; ++i) grouper.decide(alone(i, minutes(i)), at({}));
  Finding other = alone(200, minutes(100));
  other.rule = "another";
  EXPECT_TRUE(grouper.decide(other, at({})).opens);
  for (const model::Level level : {model::Level::kMedium, model::Level::kCritical}) {
    Finding worse = alone(201 + static_cast<int>(level), minutes(100));
    worse.level = level;
    EXPECT_TRUE(grouper.decide(worse, at({})).opens);
  }
}

struct Told {
  model::Level level;
  bool with_news;
  size_t told;
};

TEST(GrouperFlood, FoldsOneRuleInOneIncident) {
  using enum model::Level;
  const Told cases[] = {{kInformational, false, kToldOfOneRule},
                        {kInformational, true, kToldOfOneRule},  // targets of low ones do not link
                        {kMedium, false, kToldOfOneRule},
                        {kMedium, true, kToldWithNews},
                        {kHigh, false, kToldOfOneHighRule},
                        {kHigh, true, kToldHighWithNews},
                        {kCritical, false, kToldOfOneHighRule},
                        {kCritical, true, kToldHighWithNews}};
  for (const auto& [level, with_news, expected] : cases) {
    Grouper grouper({});
    size_t told = 0;
    int number = 0;
    const auto next = [&](Duration time) {
      Finding one = finding(1, "alice", time);
      one.id = id_of(++number);
      one.level = level;
      if (with_news) one.targets = {"aws:bucket/" + std::to_string(number)};
      return one;
    };
    for (int i = 0; i < 3000; ++i) {
      told += !grouper.decide(next(std::chrono::seconds(i)), at({})).folded;
    }
    EXPECT_EQ(told, expected) << name_of(level) << with_news;
    // After a while one is told again; and one that is worse always is.
    EXPECT_TRUE(grouper.decide(next(kToldAgainAfter), at({})).folded);
    EXPECT_FALSE(grouper.decide(next(kToldAgainAfter + hours(1)), at({})).folded);
    EXPECT_TRUE(grouper.decide(next(kToldAgainAfter + hours(2)), at({})).folded);
    if (level == kCritical) continue;
    Finding worse = next(hours(1));
    worse.level = static_cast<model::Level>(static_cast<int>(level) + 1);
    EXPECT_FALSE(grouper.decide(worse, at({})).folded);
  }
}

// ---------------------------------------------------------------- the ledger

// What a ledger has taught gives the same answers as what was decided.
TEST(GrouperLedger, LearnsFromTheLedgerWhatItDecided) {
  std::mt19937_64 random(5);
  std::vector<Finding> findings;
  for (int i = 0; i < 300; ++i) {
    Finding one = finding(i, "user" + std::to_string(random() % 40), minutes(i * 37));
    one.source = "ip/10.0.0." + std::to_string(random() % 60);
    if (random() % 4 == 0) one.targets = {"aws:user/1/user" + std::to_string(random() % 40)};
    if (random() % 3 == 0) one.level = model::Level::kLow;
    one.rule = "rule" + std::to_string(random() % 4);
    findings.push_back(one);
  }
  Grouper whole({});
  std::vector<Assignment> decided;
  for (const Finding& one : findings) decided.push_back(whole.decide(one, at({})));
  Grouper taught({});
  for (size_t i = 0; i < 150; ++i) {
    for (const Merge& merge : decided[i].merges) taught.learn_merged(merge.absorbed, merge.into);
    if (!decided[i].folded) taught.learn(findings[i], decided[i].incident, at({}));
  }
  for (size_t i = 150; i < findings.size(); ++i) {
    const Assignment assigned = taught.decide(findings[i], at({}));
    EXPECT_EQ(assigned.incident, decided[i].incident) << i;
    EXPECT_EQ(assigned.opens, decided[i].opens) << i;
    EXPECT_EQ(assigned.because, decided[i].because) << i;
  }
}

// A merge repeats findings in the incident that goes on.
TEST(GrouperLedger, CountsARepeatedFindingOnce) {
  const auto make = [](int i) {
    Finding one = finding(1, i % 2 ? "alice" : "bob", minutes(i));
    one.id = id_of(i);
    one.source = "";
    return one;
  };
  std::vector<Finding> findings;
  for (int i = 0; i < 18; ++i) findings.push_back(make(i));
  Grouper whole({}), taught({});
  std::vector<model::IncidentId> incidents;
  for (const Finding& one : findings) {
    incidents.push_back(whole.decide(one, at({})).incident);
    taught.learn(one, incidents.back(), at({}));
  }
  whole.learn_merged(incidents[1], incidents[0]);
  taught.learn_merged(incidents[1], incidents[0]);
  for (size_t i = 1; i < findings.size(); i += 2) taught.learn(findings[i], incidents[0], at({}));
  for (int i = 18; i < 30; ++i) {
    const bool folded = whole.decide(make(i), at({})).folded;
    EXPECT_EQ(folded, taught.decide(make(i), at({})).folded) << i;
    EXPECT_EQ(folded, i >= static_cast<int>(kToldOfOneRule));
  }
}

TEST(GrouperLedger, DecidesAFindingOnce) {
  Grouper grouper({});
  const Assignment first = grouper.decide(finding(1, "alice"), at({}));
  const Assignment again = grouper.decide(finding(1, "alice"), at({}));
  EXPECT_EQ(again.incident, first.incident);
  EXPECT_FALSE(again.opens);
  EXPECT_EQ(again.because, std::vector<std::string>{"was in the incident already"});
}

// Alice and Bob were one incident by an address; a person splits Bob off.
TEST(GrouperLedger, KeysOfWhatWasSplitOffGoWithIt) {
  std::vector<Finding> findings;
  for (int i = 0; i < 6; ++i) {
    findings.push_back(finding(i, i < 3 ? "alice" : "bob", minutes(i)));
    findings.back().source = "ip/198.51.100.1";
  }
  Grouper grouper({});
  model::IncidentId alice;
  for (const Finding& one : findings) alice = grouper.decide(one, at({})).incident;
  ASSERT_EQ(alice, model::incident_id(findings[0].id));
  const model::IncidentId bob("inc-bob");
  grouper.learn_split(alice, bob, {});
  for (int i = 3; i < 6; ++i) grouper.learn(findings[static_cast<size_t>(i)], bob, at({}));

  const auto lone = [](int number, const char* who) {
    Finding one = finding(number, who, minutes(number));
    one.source = fmt::format("ip/203.0.113.{}", number);
    return one;
  };
  EXPECT_EQ(grouper.decide(lone(10, "alice"), at({})).incident, alice);
  EXPECT_EQ(grouper.decide(lone(11, "bob"), at({})).incident, bob);
  // Both met the address; who shares more is joined, and that there is another is said.
  for (const auto& [who, expected, other] :
       {std::tuple("alice", alice, bob), std::tuple("bob", bob, alice)}) {
    Finding both = finding(expected == bob ? 13 : 12, who, minutes(20));
    both.source = "ip/198.51.100.1";
    const Assignment assigned = grouper.decide(both, at({}));
    EXPECT_EQ(assigned.incident, expected);
    EXPECT_TRUE(assigned.merges.empty());
    ASSERT_EQ(assigned.because.size(), 2u);
    EXPECT_TRUE(assigned.because[1].starts_with("does not join " + other.text()));
  }
  // A third incident merges with one of them; it stays apart from the other.
  const model::IncidentId carol = grouper.decide(lone(14, "carol"), at({})).incident;
  Finding bridge = lone(15, "carol");
  bridge.targets = {"aws:user/1/bob"};
  const Assignment joined = grouper.decide(bridge, at({}));
  ASSERT_EQ(joined.merges.size(), 1u);
  EXPECT_EQ(joined.merges[0].absorbed, carol);
  EXPECT_EQ(joined.incident, bob);
  Finding again = lone(16, "carol");
  again.targets = {"aws:user/1/alice"};
  EXPECT_EQ(grouper.decide(again, at({})).incident, bob);
  // A person may think better of it.
  grouper.learn_merged(bob, alice);
  EXPECT_EQ(grouper.decide(lone(17, "bob"), at({})).incident, alice);
  EXPECT_EQ(grouper.decide(lone(18, "carol"), at({})).incident, alice);
}

TEST(GrouperLedger, AnIncidentThatIsSplitWidelyAsksNoMore) {
  Grouper grouper({});
  std::vector<Finding> findings;
  Assignment last;
  for (int i = 0; i < 60; ++i) {
    findings.push_back(finding(i, "user" + std::to_string(i), minutes(i)));
    findings.back().session = "aws:session/1/shared/s@1";
    last = grouper.decide(findings.back(), at({}));
  }
  ASSERT_TRUE(grouper.is_too_wide(last.incident));
  const model::IncidentId rest("inc-rest");
  grouper.learn_split(last.incident, rest, {});
  for (size_t i = 30; i < 60; ++i) grouper.learn(findings[i], rest, at({}));
  EXPECT_FALSE(grouper.is_too_wide(last.incident));
  EXPECT_FALSE(grouper.is_too_wide(rest));
}

TEST(GrouperLedger, NamesTheClosedIncidentThatItWouldHaveJoined) {
  Grouper grouper({});
  const auto first = grouper.decide(finding(1, "alice"), at({})).incident;
  grouper.learn_closed(first);
  const Assignment second = grouper.decide(finding(2, "alice", minutes(1)), at({}));
  EXPECT_TRUE(second.opens);
  ASSERT_EQ(second.because.size(), 2u);
  EXPECT_EQ(second.because[1],
            first.text() +
                " would have been joined, but is closed: the same credential was used: "
                "aws:access-key/alice");
  // What was merged before it was closed is closed, too; closing what was absorbed closes nothing.
  const auto other = grouper.decide(finding(3, "bob", minutes(1)), at({})).incident;
  grouper.learn_merged(other, second.incident);
  grouper.learn_closed(other);
  EXPECT_EQ(grouper.decide(finding(4, "bob", minutes(2)), at({})).incident, second.incident);
  grouper.learn_closed(second.incident);
  EXPECT_TRUE(grouper.decide(finding(5, "bob", minutes(3)), at({})).opens);
}

// ---------------------------------------------------------------- limits

TEST(GrouperLimits, ForgetsWhatWasNotMetForLongest) {
  Grouper grouper({.limits = {.entities = 1000, .incidents = 10, .findings = 1000}});
  std::vector<model::IncidentId> opened;
  int number = 0;
  const auto next = [&](int who) {
    Finding one = finding(++number, "user" + std::to_string(who), minutes(number));
    one.source = "";
    return one;
  };
  for (int i = 0; i < 10; ++i) opened.push_back(grouper.decide(next(i), at({})).incident);
  EXPECT_EQ(grouper.forgotten(), 0u);
  EXPECT_EQ(grouper.decide(next(0), at({})).incident, opened[0]);  // so 1 is the oldest now
  EXPECT_TRUE(grouper.decide(next(10), at({})).opens);
  EXPECT_EQ(grouper.forgotten(), 1u);
  EXPECT_EQ(grouper.decide(next(0), at({})).incident, opened[0]);
  EXPECT_EQ(grouper.decide(next(2), at({})).incident, opened[2]);
  const Assignment anew = grouper.decide(next(1), at({}));
  EXPECT_TRUE(anew.opens);
  EXPECT_NE(anew.incident, opened[1]);
  // What is said about one that is forgotten does no harm.
  grouper.learn_reopened(opened[1]);
  grouper.learn_merged(opened[1], opened[0]);
  grouper.learn_split(opened[3], opened[0], {});
  EXPECT_EQ(grouper.decide(next(0), at({})).incident, opened[0]);
}

TEST(GrouperLimits, ForgetsEntitiesAndFindings) {
  Grouper grouper({.limits = {.entities = 20, .incidents = 1000, .findings = 5}});
  for (int i = 0; i < 100; ++i) {
    EXPECT_TRUE(grouper.decide(finding(i, "user" + std::to_string(i), minutes(i)), at({})).opens);
  }
  EXPECT_EQ(grouper.forgotten(), (300 - 20) + (100 - 5));
  EXPECT_FALSE(grouper.decide(finding(200, "user99", minutes(101)), at({})).opens);
  EXPECT_TRUE(grouper.decide(finding(201, "user1", minutes(101)), at({})).opens);
}

TEST(GrouperLimits, AnEntityRemembersItsLatestSpans) {
  Grouper grouper({});
  const int spans = static_cast<int>(kSpansPerEntity) + 1;
  std::vector<model::IncidentId> opened;
  for (int i = 0; i < spans; ++i) {
    const Assignment assigned = grouper.decide(finding(i, "alice", hours(100 * i)), at({}));
    EXPECT_TRUE(assigned.opens);
    opened.push_back(assigned.incident);
  }
  EXPECT_GT(grouper.forgotten(), 0u);
  for (int i = 0; i < spans; ++i) {
    Finding late = finding(100 + i, "alice", hours(100 * i));
    const Assignment assigned = grouper.decide(late, at({}));
    EXPECT_EQ(assigned.opens, i == 0);
    EXPECT_EQ(assigned.incident == opened[static_cast<size_t>(i)], i > 0);
  }
}

// Names of any length and content: inert, and never the same for being long.
TEST(GrouperLimits, ForeignTextIsInert) {
  const std::string hostile[] = {"\x1b[2J\x1b]0;x\a",
                                 "<script>alert(1)</script>",
                                 "=cmd|' /C calc'!A0",
                                 "'; DROP TABLE x; --",
                                 "../../etc/passwd",
                                 std::string("\0\n\r\x9b", 4),
                                 "|`$(id)`",
                                 "\xff\xfe",
                                 std::string(100'000, 'A')};
  for (const std::string& text : hostile) {
    Finding a = finding(1, "alice"), b = finding(2, "bob", minutes(1));
    a.on_behalf_of = b.on_behalf_of = a.session_name = a.title = a.rule = text;
    Grouper grouper({});
    grouper.decide(a, at({}));
    const Assignment by_person = grouper.decide(b, at({}));
    Finding c = finding(3, "carol", minutes(1)), d = finding(4, "dave", minutes(1));
    c.actor = d.actor = c.user_agent = text;
    grouper.decide(c, at({}));
    const Assignment by_actor = grouper.decide(d, at({}));
    Finding bridge = finding(5, "alice", minutes(2));
    bridge.targets = {text};
    const Assignment bridged = grouper.decide(bridge, at({}));
    for (const Assignment& assigned : {by_person, by_actor, bridged}) {
      EXPECT_FALSE(assigned.opens);
      std::vector<std::string> words = assigned.because;
      for (const Merge& merge : assigned.merges) {
        words.insert(words.end(), merge.because.begin(), merge.because.end());
      }
      for (const std::string& line : words) {
        EXPECT_LE(line.size(), 1000u);
        for (const char c_ : line) {
          EXPECT_TRUE(c_ >= ' ' && c_ <= '~' && !std::string_view("<>'\"`|;!&").contains(c_))
              << line;
        }
      }
    }
  }
  Finding a = finding(1, "alice"), b = finding(2, "bob");
  a.targets = {"aws:bucket/" + std::string(5000, 'A') + "1"};
  b.targets = {"aws:bucket/" + std::string(5000, 'A') + "2"};
  Grouper grouper({});
  grouper.decide(a, at({}));
  EXPECT_TRUE(grouper.decide(b, at({})).opens);
  b.id = id_of(3);
  b.targets = a.targets;
  EXPECT_EQ(grouper.decide(b, at({})).merges.size(), 1u);
}

TEST(GrouperLimits, AnyTimeAndAnyIdWillDo) {
  Grouper grouper({});
  Finding first = finding(1, "alice"), last = finding(2, "alice"), none = finding(3, "alice");
  first.event_time = Time::min();
  last.event_time = Time::max();
  none.event_time.reset();
  EXPECT_TRUE(grouper.decide(first, at({})).opens);
  EXPECT_TRUE(grouper.decide(last, at({})).opens);
  EXPECT_TRUE(grouper.decide(none, at({})).opens);
  Finding near_none = finding(4, "alice", minutes(5));
  near_none.id = "not an id";
  EXPECT_EQ(grouper.decide(near_none, at({})).incident, model::incident_id(none.id));
  Finding odd = finding(5, "bob");
  odd.id = "";
  const Assignment opened = grouper.decide(odd, at({}));
  EXPECT_TRUE(opened.opens);
  EXPECT_TRUE(opened.incident.text().starts_with("inc-"));
}

TEST(GrouperLimits, ManyTargetsLoseNoActorAndNoAddress) {
  Grouper grouper({});
  Finding wide = finding(1, "alice");
  for (int i = 0; i < 1000; ++i) wide.targets.push_back("aws:bucket/" + std::to_string(i));
  const auto incident = grouper.decide(wide, at({})).incident;
  Finding next = finding(2, "bob", minutes(1));
  next.source = wide.source;
  EXPECT_EQ(grouper.decide(next, at({})).incident, incident);
}

}  // namespace
}  // namespace stanch::triage
