#include "triage/grouper.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "triage/finding_for_test.h"
#include "triage/limits.h"

namespace stanch::triage {
namespace {

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
      {"the same program of everybody",
       [](Finding& a, Finding& b) {
         a.issued_to = b.issued_to = "azure:client/04b07795-8ddb-461a-bbee-02f9e1bf7b46";
       },
       false},
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
      {"the provider's policy",
       [](Finding& a, Finding& b) {
         a.targets = b.targets = {"aws:policy/aws/AdministratorAccess"};
       },
       false},
      {"a policy of ours called aws",
       [](Finding& a, Finding& b) { a.targets = b.targets = {"aws:policy/1/aws"}; }, true},
      {"a bucket called aws",
       [](Finding& a, Finding& b) { a.targets = b.targets = {"aws:bucket/aws"}; }, true},
      {"the same network",
       [](Finding& a, Finding& b) { a.targets = b.targets = {"aws:vpc/vpc-1", "aws:subnet/s-1"}; },
       false},
      {"the same rule", [](Finding& a, Finding& b) { a.rule = b.rule; }, false},
      {"no text at all",
       [](Finding& a, Finding& b) {
         a.actor = b.actor = a.credential = b.credential = a.source = b.source = "";
       },
       false},
      {"one gave the other a password",
       [](Finding& a, Finding& b) {
         a.minted = {{.entity = "", .session = "", .principal = b.actor}};
       },
       true},
      {"an account of Kubernetes, and what a cloud calls it",
       [](Finding& a, Finding& b) {
         a.actor = "kubernetes:service-account/shop/web";
         b.actor = "aws:web-identity/oidc.eks.example%2Fid%2F1/system:serviceaccount:shop:web";
       },
       true},
      {"two names of an account of Kubernetes",
       [](Finding& a, Finding& b) {
         a.person = "gcp:workload/acme-prod.svc.id.goog/shop/web";
         b.actor = "aws:web-identity/oidc.eks.example%2Fid%2F1/system:serviceaccount:shop:web";
       },
       true},
      {"another account of Kubernetes",
       [](Finding& a, Finding& b) {
         a.actor = "kubernetes:service-account/shop/web";
         b.actor = "aws:web-identity/oidc.eks.example%2Fid%2F1/system:serviceaccount:pay:web";
       },
       false},
      {"people with one e-mail address",
       [](Finding& a, Finding& b) {
         a.actor = "okta:user/00u1", b.actor = "gcp:user/erin@example.com";
         a.actor_name = "Erin@Example.com", b.actor_name = "erin@example.com";
       },
       true},
      {"whoever lent an account, and the person of that name",
       [](Finding& a, Finding& b) {
         a.person = "gcp:user/erin@example.com", a.on_behalf_of = "erin@example.com";
         b.actor_name = "erin@example.com";
       },
       true},
      {"people with one name that is no address",
       [](Finding& a, Finding& b) { a.actor_name = b.actor_name = "admin"; }, false},
      {"a workload that calls itself as a person does",
       [](Finding& a, Finding& b) {
         a.actor_name = b.actor_name = "erin@example.com";
         a.actor_type = model::ActorType::kWebIdentity;
       },
       false},
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

// A low finding alone is no reason to make two things one.
TEST(Grouper, ALowFindingJoinsByLineageOnly) {
  const Joining cases[] = {
      {"the same user", [](Finding& a, Finding& b) { b.actor = a.actor; }, true},
      {"the same key", [](Finding& a, Finding& b) { b.credential = a.credential; }, true},
      {"one made the key that the other uses",
       [](Finding& a, Finding& b) {
         a.minted = {{.entity = b.credential, .session = "", .principal = ""}};
       },
       true},
      {"one gave the other a password",
       [](Finding& a, Finding& b) {
         a.minted = {{.entity = "", .session = "", .principal = b.actor}};
       },
       true},
      {"the same bucket", [](Finding& a, Finding& b) { a.targets = b.targets = {"aws:bucket/x"}; },
       false},
      {"one looked at the other", [](Finding& a, Finding& b) { a.targets = {b.actor}; }, false},
      {"the same address", [](Finding& a, Finding& b) { b.source = a.source; }, false},
  };
  for (const Joining& given : cases) {
    for (const model::Level level : {model::Level::kInformational, model::Level::kLow}) {
      for (const bool second_first : {false, true}) {
        Finding low = finding(1, "alice"), other = finding(2, "bob", minutes(5));
        given.change(low, other);
        low.level = level;
        other.level = model::Level::kHigh;
        Grouper grouper({});
        const Assignment first = grouper.decide(second_first ? other : low, at({}));
        const Assignment second = grouper.decide(second_first ? low : other, at({}));
        EXPECT_EQ(second.incident == first.incident, given.joins) << given.what;
      }
    }
  }
}

// Two incidents' times on one key may lie around a third one.
TEST(Grouper, AnIncidentIsNotThereWhileItMetNothing) {
  // One incident has the bucket at 0 and at 200 hours, and goes on by its user in between.
  std::vector<Finding> findings;
  for (int i = 0; i <= 5; ++i) findings.push_back(finding(i, "alice", hours(40 * i)));
  findings.front().targets = findings.back().targets = {"aws:bucket/x"};
  findings.push_back(finding(9, "bob", hours(100)));
  findings.back().targets = {"aws:bucket/x"};
  std::vector<size_t> order = {0, 1, 2, 3, 4, 5, 6};
  do {
    Grouper grouper({});
    std::map<model::IncidentId, model::IncidentId> merged;
    std::vector<model::IncidentId> incident(order.size());
    for (const size_t i : order) {
      const Assignment assigned = grouper.decide(findings[i], at({}));
      incident[i] = assigned.incident;
      for (const Merge& merge : assigned.merges) merged[merge.absorbed] = merge.into;
    }
    for (auto& id : incident) {
      while (merged.contains(id)) id = merged[id];
    }
    ASSERT_NE(incident[6], incident[0]);
    ASSERT_EQ(std::set(incident.begin(), incident.end()).size(), 2u);
  } while (std::ranges::next_permutation(order).found);
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

// Findings of user0, user1 … that share `change`, one minute after the other: which incidents.
std::vector<model::IncidentId> shared_by(size_t people,
                                         const std::function<void(Finding&)>& change) {
  Grouper grouper({});
  std::vector<model::IncidentId> incidents;
  for (size_t i = 0; i < people; ++i) {
    Finding one = finding(static_cast<int>(i), "user" + std::to_string(i), minutes(i));
    change(one);
    incidents.push_back(grouper.decide(one, at({})).incident);
  }
  return incidents;
}

// Four people may share it; with the fifth it is common and joins nothing any more.
TEST(Grouper, WhatFiveShareJoinsNothing) {
  const std::pair<const char*, std::function<void(Finding&)>> cases[] = {
      {"address", [](Finding& one) { one.source = "ip/198.51.100.1"; }},
      {"target", [](Finding& one) { one.targets = {"aws:bucket/everybodys"}; }},
      {"role that is touched", [](Finding& one) { one.targets = {"aws:role/1/r"}; }},
      {"role of many sessions",
       [](Finding& one) {
         one.session_name = one.actor;
         one.actor = one.issuer = "aws:role/1/shared";
       }},
      {"role of many people",
       [](Finding& one) {
         one.on_behalf_of = one.actor;
         one.session_name = "same";
         one.actor = one.issuer = "aws:role/1/shared";
       }},
  };
  for (const auto& [what, change] : cases) {
    const auto incidents = shared_by(12, change);
    for (size_t i = 1; i < incidents.size(); ++i) {
      EXPECT_EQ(incidents[i] == incidents[0], i + 1 < kCommonFrom) << what << " " << i;
    }
  }
}

// What is nobody's but an attacker's never becomes common.
TEST(Grouper, LineageIsNeverCommon) {
  const std::pair<const char*, std::function<void(Finding&)>> cases[] = {
      {"credential", [](Finding& one) { one.credential = "aws:access-key/AKIA"; }},
      {"session", [](Finding& one) { one.session = "aws:session/1/r/s@1"; }},
      {"host", [](Finding& one) { one.issued_to = "aws:instance/1/i-1"; }},
      {"person", [](Finding& one) { one.on_behalf_of = "9067"; }},
      {"minted",
       [](Finding& one) {
         one.minted = {{.entity = "aws:access-key/A", .session = "", .principal = ""}};
       }},
      {"user with one session", [](Finding& one) { one.actor = "aws:user/1/mallory"; }},
  };
  for (const auto& [what, change] : cases) {
    const auto incidents = shared_by(12, change);
    EXPECT_EQ(std::set(incidents.begin(), incidents.end()).size(), 1u) << what;
  }
}

// Names prove nothing, and accounts of one name are in many clusters.
TEST(Grouper, NamesThatManyHaveJoinNothing) {
  const std::pair<const char*, std::function<void(Finding&)>> cases[] = {
      {"a name", [](Finding& one) { one.actor_name = "team@example.com"; }},
      {"an account of many clusters",
       [](Finding& one) {
         one.actor = "aws:web-identity/cluster-" +
                     one.credential.substr(one.credential.size() - 2) +
                     "/system:serviceaccount:kube-system:autoscaler";
       }},
  };
  for (const auto& [what, change] : cases) {
    const auto incidents = shared_by(12, change);
    EXPECT_GT(std::set(incidents.begin(), incidents.end()).size(), 6u) << what;
  }
}

TEST(Grouper, AUserWhomManyTouchStillJoinsByWhatTheyDo) {
  Grouper grouper({});
  for (int i = 0; i < 8; ++i) {
    Finding one = finding(i, "admin" + std::to_string(i), minutes(i));
    one.targets = {"aws:user/1/bob"};
    grouper.decide(one, at({}));
  }
  Finding first = finding(20, "bob", minutes(20)), second = finding(21, "bob", minutes(21));
  second.credential = "aws:access-key/other";
  const Assignment opened = grouper.decide(first, at({}));
  EXPECT_EQ(grouper.decide(second, at({})).incident, opened.incident);
}

TEST(Grouper, WhatWasCommonIsRareAgainAfterThirtyDays) {
  for (const bool later : {false, true}) {
    Grouper grouper({});
    for (int i = 0; i < 8; ++i) {
      Finding one = finding(i, "user" + std::to_string(i), {});
      one.source = "ip/198.51.100.1";
      grouper.decide(one, at({}));
    }
    const Duration time = kRarityWithin + std::chrono::nanoseconds(later);
    Finding first = finding(20, "x", time), second = finding(21, "y", time);
    first.source = second.source = "ip/198.51.100.1";
    const Assignment opened = grouper.decide(first, at({}));
    EXPECT_EQ(grouper.decide(second, at({})).incident == opened.incident, later);
  }
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
  EXPECT_EQ(joined.because[1],
            "does not join " + bob.text() +
                ", which people keep apart, though the same principal is involved: aws:user/1/bob");
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

TEST(Grouper, AsksWhenAnIncidentGrowsTooWide) {
  Grouper grouper({});
  bool asked = false;
  for (int i = 0; i < 60; ++i) {
    Finding one = finding(i, "user" + std::to_string(i), minutes(i));
    one.session = "aws:session/1/shared/s@1";
    const Assignment assigned = grouper.decide(one, at({}));
    const bool asks = grouper.is_too_wide(assigned.incident);
    EXPECT_EQ(asks, static_cast<size_t>(i) >= kPrincipalsUnasked) << i;
    asked = asked || asks;
  }
  EXPECT_TRUE(asked);
}

}  // namespace
}  // namespace stanch::triage
