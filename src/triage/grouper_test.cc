#include "triage/grouper.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "triage/limits.h"

namespace stanch::triage {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

std::string id_of(int number) { return fmt::format("fnd-{:026}", number); }
Time at(Duration since) { return Time(hours(24 * 365 * 50)) + since; }

// A finding of some rule by user `actor` with a key of theirs, from an address of theirs.
Finding finding(int number, const std::string& actor, Duration time = {}) {
  Finding made;
  made.id = id_of(number);
  made.rule = "rule";
  made.level = model::Level::kMedium;
  made.event_time = at(time);
  made.actor = "aws:user/1/" + actor;
  made.actor_type = model::ActorType::kUser;
  made.credential = "aws:access-key/" + actor;
  made.source = "ip/10.0.0." + std::to_string(number % 200);
  return made;
}

struct Joining {
  const char* what;
  std::function<void(Finding& first, Finding& second)> change;
  bool joins;
};

// Two findings of different people, and what makes them one attack, or not.
TEST(Grouper, JoinsByLineageAndRareEntitiesOnly) {
  const Joining cases[] = {
      {"nothing shared", [](Finding&, Finding&) {}, false},
      {"the same user", [](Finding& a, Finding& b) { b.actor = a.actor; }, true},
      {"the same key", [](Finding& a, Finding& b) { b.credential = a.credential; }, true},
      {"the same session",
       [](Finding& a, Finding& b) { a.session = b.session = "aws:session/1/r/s@1"; }, true},
      {"the same role behind two sessions",
       [](Finding& a, Finding& b) { a.issuer = b.issuer = "aws:role/1/r"; }, true},
      {"the same instance",
       [](Finding& a, Finding& b) { a.issued_to = b.issued_to = "aws:instance/1/i-1"; }, true},
      {"the same person of Identity Center",
       [](Finding& a, Finding& b) { a.on_behalf_of = b.on_behalf_of = "9067-person"; }, true},
      {"one made the key that the other uses",
       [](Finding& a, Finding& b) {
         a.minted = {{.entity = b.credential, .session = "", .principal = ""}};
       },
       true},
      {"one made a session that the other uses",
       [](Finding& a, Finding& b) {
         b.session = "aws:session/1/r/s@1";
         a.minted = {{.entity = "", .session = b.session, .principal = ""}};
       },
       true},
      {"one changed the other", [](Finding& a, Finding& b) { a.targets = {b.actor}; }, true},
      {"the same bucket", [](Finding& a, Finding& b) { a.targets = b.targets = {"aws:bucket/x"}; },
       true},
      {"the same address", [](Finding& a, Finding& b) { b.source = a.source; }, true},
      {"the same account",
       [](Finding& a, Finding& b) { a.targets = b.targets = {"aws:account/1"}; }, false},
      {"the same account of the event", [](Finding& a, Finding& b) { a.account = b.account = "1"; },
       false},
      {"the same region", [](Finding& a, Finding& b) { a.region = b.region = "eu-west-1"; }, false},
      {"the same user agent", [](Finding& a, Finding& b) { a.user_agent = b.user_agent = "evil"; },
       false},
      {"the same service's address",
       [](Finding& a, Finding& b) {
         a.source = b.source = "";
         a.source_service = b.source_service = "cloudformation.amazonaws.com";
       },
       false},
      {"the same service as actor",
       [](Finding& a, Finding& b) { a.actor = b.actor = "aws:service/ec2.amazonaws.com"; }, false},
      {"the same organization",
       [](Finding& a, Finding& b) { a.targets = b.targets = {"aws:organization/o-1"}; }, false},
      {"our own egress", [](Finding& a, Finding& b) { a.source = b.source = "ip/192.0.2.1"; },
       false},
  };
  for (const Joining& given : cases) {
    for (const bool second_first : {false, true}) {
      Finding a = finding(1, "alice"), b = finding(2, "bob", minutes(5));
      given.change(a, b);
      Grouper grouper({.is_own_egress = [](std::string_view id) { return id == "ip/192.0.2.1"; }});
      const Assignment first = grouper.decide(second_first ? b : a, at({}));
      const Assignment second = grouper.decide(second_first ? a : b, at({}));
      EXPECT_TRUE(first.opens) << given.what;
      EXPECT_EQ(!second.opens, given.joins) << given.what;
      if (given.joins) {
        EXPECT_EQ(second.incident, first.incident) << given.what;
        EXPECT_TRUE(second.because[0].starts_with("joined because ")) << second.because[0];
      }
      EXPECT_TRUE(second.merges.empty());
    }
  }
}

TEST(Grouper, JoinsWithinThreeDays) {
  for (const bool reversed : {false, true}) {
    for (const auto& [gap, joins] : {std::pair<Duration, bool>{kJoinWithin, true},
                                     {kJoinWithin + std::chrono::nanoseconds(1), false}}) {
      Grouper grouper({});
      std::vector<Finding> pair = {finding(1, "alice"), finding(2, "alice", gap)};
      if (reversed) std::ranges::reverse(pair);
      grouper.decide(pair[0], at({}));
      EXPECT_EQ(!grouper.decide(pair[1], at({})).opens, joins);
    }
  }
}

TEST(Grouper, WhatManyShareJoinsNothing) {
  for (const bool address : {true, false}) {
    Grouper grouper({});
    size_t opened = 0;
    for (int i = 0; i < 20; ++i) {
      Finding one = finding(i, "user" + std::to_string(i), minutes(i));
      if (address) {
        one.source = "ip/198.51.100.1";
      } else {
        one.targets = {"aws:bucket/everybodys"};
      }
      opened += grouper.decide(one, at({})).opens;
    }
    // The first kCommonFrom came together, for nobody knew better.
    EXPECT_EQ(opened, 1 + 20 - kCommonFrom);
  }
}

TEST(Grouper, ARoleOfManyPeopleJoinsByItsSessions) {
  Grouper grouper({});
  std::set<model::IncidentId> incidents;
  for (int i = 0; i < 12; ++i) {
    Finding one = finding(i, "x", minutes(i));
    one.actor = one.issuer = "aws:role/1/shared";
    one.credential = "aws:access-key/ASIA" + std::to_string(i);
    one.session_name = "person" + std::to_string(i);
    incidents.insert(grouper.decide(one, at({})).incident);
  }
  EXPECT_EQ(incidents.size(), 1 + 12 - kCommonFrom);
}

TEST(Grouper, ALateBridgeMakesTwoIncidentsOne) {
  Grouper grouper({});
  const Assignment alice = grouper.decide(finding(1, "alice"), at({}));
  const Assignment bob = grouper.decide(finding(2, "bob", minutes(-5)), at({}));
  Finding bridge = finding(3, "alice", minutes(9));
  bridge.targets = {"aws:user/1/bob"};
  const Assignment joined = grouper.decide(bridge, at({}));
  ASSERT_EQ(joined.merges.size(), 1u);
  EXPECT_EQ(joined.merges[0].absorbed, alice.incident);
  EXPECT_EQ(joined.merges[0].into, bob.incident);  // its event is the older one
  EXPECT_EQ(joined.incident, bob.incident);
  EXPECT_FALSE(joined.merges[0].because.empty());
  EXPECT_EQ(grouper.decide(finding(4, "alice", minutes(10)), at({})).incident, bob.incident);
}

TEST(Grouper, WhatAPersonSplitStaysApart) {
  Grouper grouper({});
  const auto alice = grouper.decide(finding(1, "alice"), at({})).incident;
  const auto bob = grouper.decide(finding(2, "bob"), at({})).incident;
  grouper.learn_split(alice, bob, {});
  Finding bridge = finding(3, "alice", minutes(9));
  bridge.targets = {"aws:user/1/bob"};
  const Assignment joined = grouper.decide(bridge, at({}));
  EXPECT_TRUE(joined.merges.empty());
  EXPECT_EQ(joined.incident, alice);
  ASSERT_EQ(joined.because.size(), 2u);
  EXPECT_NE(joined.because[1].find("split off"), std::string::npos);
}

// What left takes what it alone had met along; what both met stays of both.
TEST(Grouper, WhatLeftInASplitIsFollowedByWhatBelongsToIt) {
  Grouper grouper({});
  Finding bridge = finding(2, "alice", minutes(1));
  bridge.targets = {"aws:user/1/bob", "aws:bucket/x"};
  Finding stays = finding(3, "alice", minutes(2));
  stays.targets = {"aws:bucket/x"};
  const auto from = grouper.decide(finding(1, "alice"), at({})).incident;
  ASSERT_EQ(grouper.decide(bridge, at({})).incident, from);
  ASSERT_EQ(grouper.decide(stays, at({})).incident, from);
  ASSERT_EQ(grouper.decide(finding(4, "bob", minutes(3)), at({})).incident, from);

  const auto into = model::incident_id_of_act("split");
  const std::string leaving[] = {id_of(2), id_of(4)};
  grouper.learn_split(from, into, leaving);
  grouper.learn(bridge, into, at({}));
  grouper.learn(finding(4, "bob", minutes(3)), into, at({}));
  EXPECT_EQ(grouper.decide(finding(5, "bob", minutes(4)), at({})).incident, into);
  EXPECT_EQ(grouper.decide(finding(6, "alice", minutes(5)), at({})).incident, from);
  Finding both = finding(7, "carol", minutes(6));
  both.targets = {"aws:bucket/x"};
  const Assignment assigned = grouper.decide(both, at({}));
  EXPECT_EQ(assigned.incident, from);
  EXPECT_TRUE(assigned.merges.empty());
  EXPECT_EQ(assigned.because.size(), 2u);
}

// Else a flood of new names would make it forget who is at work.
TEST(Grouper, ForgetsWhatIsQuietBeforeWhatIsActive) {
  Grouper grouper({});
  Finding quiet = finding(1, "quiet"), active = finding(2, "active");
  quiet.source = active.source = "";
  const auto first = grouper.decide(quiet, at({})).incident;
  const auto second = grouper.decide(active, at({})).incident;
  for (size_t i = 0; i < kEntitiesRemembered; ++i) {
    Finding other = finding(static_cast<int>(i) + 10, "u");
    other.actor = "aws:user/1/u" + std::to_string(i);
    other.credential = other.source = "";
    grouper.decide(other, at({}));
    if (i % 1000 == 0) {
      active.id = id_of(static_cast<int>(i) + 10'000'000);
      active.level = model::Level::kHigh;  // always told
      ASSERT_EQ(grouper.decide(active, at({})).incident, second) << i;
    }
  }
  EXPECT_GT(grouper.forgotten(), 0u);
  quiet.id = id_of(3);
  EXPECT_NE(grouper.decide(quiet, at({})).incident, first);
}

// A finding without a time has that of its entry: the same before and after a restart.
TEST(Grouper, LearnsFindingsWithoutATimeAtTheirEntrys) {
  Finding timeless = finding(1, "alice");
  timeless.event_time.reset();
  Grouper live({}), taught({});
  const auto incident = live.decide(timeless, at(hours(1))).incident;
  taught.learn(timeless, incident, at(hours(1)));
  for (Grouper* grouper : {&live, &taught}) {
    EXPECT_EQ(grouper->decide(finding(2, "alice", hours(2)), at(hours(2))).incident, incident);
  }
}

TEST(Grouper, AClosedIncidentIsJoinedByNothingUntilReopened) {
  Grouper grouper({});
  const auto first = grouper.decide(finding(1, "alice"), at({})).incident;
  grouper.learn_closed(first);
  const Assignment second = grouper.decide(finding(2, "alice", minutes(1)), at({}));
  EXPECT_TRUE(second.opens);
  grouper.learn_closed(second.incident);
  grouper.learn_reopened(first);
  EXPECT_EQ(grouper.decide(finding(3, "alice", minutes(2)), at({})).incident, first);
}

TEST(Grouper, AFloodOfALowFindingOpensFewIncidentsAndHidesNoHighOne) {
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

TEST(Grouper, ManyFindingsOfOneRuleAreCountedButNeverHighOnes) {
  for (const model::Level level : {model::Level::kMedium, model::Level::kHigh}) {
    Grouper grouper({});
    size_t folded = 0;
    for (int i = 0; i < 100; ++i) {
      Finding one = finding(1, "alice", minutes(i));
      one.id = id_of(i);
      one.level = level;
      folded += grouper.decide(one, at({})).folded;
    }
    EXPECT_EQ(folded, level == model::Level::kHigh ? 0 : 100 - kToldOfOneRule);
    // One that touches something new is told, and so is one after a while.
    Finding other = finding(1, "alice", minutes(101));
    other.id = id_of(101);
    other.targets = {"aws:bucket/new"};
    EXPECT_FALSE(grouper.decide(other, at({})).folded);
    Finding later = finding(1, "alice", minutes(102) + kToldAgainAfter);
    later.id = id_of(102);
    EXPECT_FALSE(grouper.decide(later, at({})).folded);
  }
}

TEST(Grouper, AsksWhenAnIncidentGrowsTooWide) {
  Grouper grouper({});
  bool asked = false;
  for (int i = 0; i < 60; ++i) {
    Finding one = finding(i, "user" + std::to_string(i), minutes(i));
    one.session = "aws:session/1/shared/s@1";
    const Assignment assigned = grouper.decide(one, at({}));
    EXPECT_EQ(assigned.asks, static_cast<size_t>(i) >= kPrincipalsUnasked) << i;
    asked = asked || assigned.asks;
  }
  EXPECT_TRUE(asked);
}

// What a ledger has taught gives the same answers as what was decided.
TEST(Grouper, LearnsFromTheLedgerWhatItDecided) {
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

// ---------------------------------------------------------------- a second opinion

// Which findings are one attack, by the rule's words and every pair of them: sharing a key that is
// not everybody's, within three days. (Few people, so nothing is common.)
std::vector<int> naive_groups(const std::vector<Finding>& findings) {
  const auto share = [](const Finding& a, const Finding& b) {
    const Duration gap = *a.event_time - *b.event_time;
    if (gap > kJoinWithin || -gap > kJoinWithin) return false;
    const auto things = [](const Finding& one) {
      std::set<std::string> all = {one.actor, one.credential, one.source};
      all.insert(one.targets.begin(), one.targets.end());
      return all;
    };
    const std::set<std::string> of_b = things(b);
    return std::ranges::any_of(things(a), [&](const auto& thing) { return of_b.contains(thing); });
  };
  std::vector<int> group(findings.size());
  for (size_t i = 0; i < group.size(); ++i) group[i] = static_cast<int>(i);
  for (bool again = true; again;) {
    again = false;
    for (size_t i = 0; i < group.size(); ++i) {
      for (size_t j = 0; j < group.size(); ++j) {
        if (group[i] < group[j] && share(findings[i], findings[j])) {
          group[j] = group[i];
          again = true;
        }
      }
    }
  }
  return group;
}

TEST(Grouper, EndsWithTheGroupsOfTheNaiveOpinionInAnyOrder) {
  std::mt19937_64 random(7);
  for (int round = 0; round < 3000; ++round) {
    std::vector<Finding> findings;
    const size_t count = 2 + random() % 9;
    for (size_t i = 0; i < count; ++i) {
      Finding one = finding(static_cast<int>(i), "user" + std::to_string(random() % 4),
                            hours(random() % 300));
      one.source = "ip/10.0.0." + std::to_string(random() % 6);
      if (random() % 3 == 0) one.targets = {"aws:bucket/" + std::to_string(random() % 3)};
      findings.push_back(one);
    }
    const std::vector<int> expected = naive_groups(findings);
    std::vector<size_t> order(count);
    for (size_t i = 0; i < count; ++i) order[i] = i;
    for (int shuffle = 0; shuffle < 3; ++shuffle) {
      Grouper grouper({});
      std::map<model::IncidentId, model::IncidentId> merged;
      std::vector<model::IncidentId> incident(count);
      for (const size_t i : order) {
        const Assignment assigned = grouper.decide(findings[i], at({}));
        incident[i] = assigned.incident;
        for (const Merge& merge : assigned.merges) merged[merge.absorbed] = merge.into;
      }
      for (auto& id : incident) {
        while (merged.contains(id)) id = merged[id];
      }
      for (size_t i = 0; i < count; ++i) {
        for (size_t j = 0; j < count; ++j) {
          ASSERT_EQ(incident[i] == incident[j], expected[i] == expected[j])
              << "round " << round << ", findings " << i << " and " << j;
        }
      }
      std::ranges::shuffle(order, random);
    }
  }
}

TEST(Grouper, ForgetsTheOldestWhenItIsFull) {
  Grouper grouper({});
  for (size_t i = 0; i < kIncidentsRemembered + 10; ++i) {
    Finding one;
    one.id = id_of(static_cast<int>(i));
    one.rule = "rule";
    one.level = model::Level::kHigh;
    one.event_time = at({});
    one.credential = "aws:access-key/" + std::to_string(i);
    ASSERT_TRUE(grouper.decide(one, at({})).opens);
  }
  EXPECT_EQ(grouper.forgotten(), 10u);
}

}  // namespace
}  // namespace stanch::triage
