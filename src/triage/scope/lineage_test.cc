#include "triage/scope/lineage.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

#include "triage/scope/limits.h"
#include "triage/scope/trace.h"
#include "triage/scope/world_for_test.h"

namespace stanch::triage::scope {
namespace {

using testing::Contains;
using testing::Field;
using testing::HasSubstr;

using Pairs = std::set<std::pair<std::string, std::string>>;

// The second opinion, from events alone: which id comes from which, by going over all events again
// and again until nothing is new. Knows no graph.
class NaiveLineage {
 public:
  explicit NaiveLineage(const std::vector<const TestEvent*>& events) : events_(events) {
    for (bool changed = true; changed;) {
      changed = false;
      for (const TestEvent* event : events_) {
        const model::Facts& facts = event->facts;
        const auto& credential = facts.credential;
        changed |= same(credential.entity, credential.session);
        for (const model::Minted& made : facts.minted) {
          changed |= same(made.entity, made.session);
          for (const model::EntityRef of : {made.entity, made.session}) {
            // A session that its own record begins is made by whoever signs in.
            const std::string holder = holder_of(facts), made_one(of.text);
            const std::string maker =
                made_one == holder ? std::string(facts.actor.entity.text) : holder;
            if (!of.empty()) changed |= came(maker, made_one);
          }
        }
      }
      for (const auto& [a, b] : Pairs(same_)) {
        for (const auto& [c, d] : Pairs(same_)) {
          if (b == c) changed |= same_.emplace(a, d).second;
        }
        for (const auto& [parent, child] : Pairs(came_)) {
          if (parent == a) changed |= came_.emplace(b, child).second;
          if (child == a) changed |= came_.emplace(parent, b).second;
        }
      }
      for (const auto& [a, b] : Pairs(came_)) {
        for (const auto& [c, d] : Pairs(came_)) {
          if (b == c) changed |= came_.emplace(a, d).second;
        }
      }
    }
  }

  // Pairs (older, younger). What comes from itself is left out.
  Pairs pairs() const {
    Pairs found;
    for (const auto& [parent, child] : came_) {
      if (parent != child && !same_.contains({parent, child})) found.emplace(parent, child);
    }
    return found;
  }

 private:
  bool same(model::EntityRef a, model::EntityRef b) {
    if (a.empty() || b.empty()) return false;
    const std::string x(a.text), y(b.text);
    bool changed = same_.emplace(x, y).second;
    changed |= same_.emplace(y, x).second;
    changed |= same_.emplace(x, x).second;
    return same_.emplace(y, y).second || changed;
  }
  bool came(const std::string& parent, const std::string& child) {
    return came_.emplace(parent, child).second;
  }

  const std::vector<const TestEvent*>& events_;
  Pairs same_, came_;
};

Pairs pairs_of(const Lineage& lineage) {
  const Links& links = lineage.links();
  Pairs found;
  for (Links::Number from = 1; from < links.size(); ++from) {
    const Links::Number unit = lineage.units().of(from);
    std::set<Links::Number> seen;
    std::vector<Links::Number> open = {unit};
    while (!open.empty()) {
      const Links::Number at = open.back();
      open.pop_back();
      for (const Lineage::Link& link : lineage.children(at)) {
        if (link.kind != LinkKind::kMinted) continue;
        if (seen.insert(link.child).second) open.push_back(link.child);
      }
    }
    seen.erase(unit);
    for (const Links::Number child : seen) {
      for (const Links::Number member : lineage.units().members(child)) {
        found.emplace(links.text(from), links.text(member));
      }
    }
  }
  return found;
}

TEST(CredentialLineage, AgreesWithGoingOverAllEventsAgainAndAgain) {
  for (uint64_t seed = 0; seed < 150; ++seed) {
    Dice dice(seed);
    TestWorld world;
    const auto key = [&] {
      return world.entity("test:access-key/K" + std::to_string(dice.below(14)));
    };
    const auto session = [&] {
      return world.entity("test:session/" + std::to_string(dice.below(14)) + "@x");
    };
    for (int i = 0; i < 22; ++i) {
      TestEvent& event = world.add(i, "sts:AssumeRole", model::Access::kRead);
      model::Facts& facts = event.facts;
      facts.actor.entity = world.entity("test:role/111/r");
      const uint64_t shown = dice.below(3);
      if (shown != 0) facts.credential.entity = key();
      if (shown != 1) facts.credential.session = session();
      if (shown == 2 && dice.below(3) > 0) facts.credential.session = {};
      if (dice.below(3) == 0) continue;
      const uint64_t made = dice.below(3);
      world.mints(event, {model::MintedKind::kSession,
                          made != 0 ? key() : model::EntityRef{},
                          made != 1 ? session() : model::EntityRef{},
                          {},
                          {}});
    }
    const Graph graph = graph_of(world.events());
    const Links links(graph);
    ASSERT_EQ(pairs_of(Lineage(links)), NaiveLineage(world.events()).pairs()) << "seed " << seed;
  }
}

TEST(CredentialLineage, ATraceIsTheSameForAnyOrderOfEvents) {
  for (uint64_t seed = 0; seed < 40; ++seed) {
    Dice dice(seed);
    TestWorld world;
    add_random_events(world, dice, 80);
    auto events = world.events();
    const auto told = [](const Graph& graph, std::string_view entity) {
      std::string text;
      const auto found = trace(graph, entity);
      if (!found) return text;
      for (const Holder& holder : found->holders) {
        text += holder.id + " " + std::string(name_of(holder.relation)) + " " +
                std::to_string(holder.hops) + "\n";
      }
      for (const Hop& hop : found->hops) {
        text += found->holders[hop.parent].id + ">" + found->holders[hop.child].id +
                std::string(name_of(hop.kind)) + hop.why + (hop.proof ? hop.proof->event : "") +
                "\n";
      }
      for (const Cut& cut : found->cuts) text += std::string(name_of(cut.kind)) + cut.id + "\n";
      for (const Remains& r : found->remains) text += r.id + r.action + r.when.event + "\n";
      for (const Unknown& unknown : found->unknowns) text += unknown.words + "\n";
      return text;
    };
    for (const std::string_view entity :
         {"test:bucket/b1", "test:access-key/K3", "test:role/111/r1", "ip/203.0.113.2",
          "test:host/111/h1"}) {
      const std::string once = told(graph_of(events), entity);
      for (int i = 0; i < 3; ++i) {
        shuffle(events, dice);
        ASSERT_EQ(told(graph_of(events), entity), once) << "seed " << seed << " " << entity;
      }
    }
  }
}

// ---------------------------------------------------------------- what is inferred

class Inferred : public testing::Test {
 protected:
  TestEvent& use(int64_t seconds, const std::string& credential, bool session = true) {
    TestEvent& event = world_.add(seconds, "s3:GetObject", model::Access::kRead);
    event.facts.actor.entity = world_.entity("test:role/111/r");
    (session ? event.facts.credential.session : event.facts.credential.entity) =
        world_.entity(credential);
    return event;
  }
  TestEvent& mint(int64_t seconds, const std::string& by, const std::string& made) {
    TestEvent& event = use(seconds, by, false);
    world_.mints(event, {model::MintedKind::kSession, {}, world_.entity(made), {}, {}});
    return event;
  }
  void elsewhere(TestEvent& event, const char* entity, const char* id, const char* account) {
    event.facts.actor.type = model::ActorType::kAccount;
    event.facts.actor.entity = world_.entity(entity);
    event.facts.actor.principal_id = id;
    event.facts.actor.account = account;
  }
  void person(TestEvent& event, model::ActorType type, const char* entity, const char* name) {
    event.facts.actor.type = type;
    event.facts.actor.entity = world_.entity(entity);
    event.facts.actor.user_name = name;
  }
  // "parent confidence" of the likeliest origin, or "".
  std::string origin_of(const std::string& id) {
    const Graph graph = graph_of(world_.events());
    const Links links(graph);
    const Lineage lineage(links);
    const auto number = links.find(id);
    if (!number) return "not there";
    const auto parents = lineage.parents(lineage.units().of(*number));
    if (parents.empty()) return "";
    return std::string(links.text(parents.front().parent)) + " " +
           std::string(name_of(parents.front().confidence));
  }

  TestWorld world_;
};

TEST_F(Inferred, OneIssueWrittenDownASecondApart) {
  mint(10, "test:key/k", "test:session/111/r/s@2026-03-01T00:00:10Z");
  use(20, "test:session/111/r/s@2026-03-01T00:00:11Z").facts.credential.issued = TestWorld::at(11);
  use(20, "test:session/111/r/s@2026-03-01T00:00:14Z").facts.credential.issued = TestWorld::at(14);
  use(20, "test:session/111/r/t@2026-03-01T00:00:10Z").facts.credential.issued = TestWorld::at(10);
  EXPECT_EQ(origin_of("test:session/111/r/s@2026-03-01T00:00:10Z"), "test:key/k proven");
  EXPECT_EQ(origin_of("test:session/111/r/s@2026-03-01T00:00:11Z"), "test:key/k high");
  EXPECT_EQ(origin_of("test:session/111/r/s@2026-03-01T00:00:14Z"), "");
  EXPECT_EQ(origin_of("test:session/111/r/t@2026-03-01T00:00:10Z"), "");
}

TEST_F(Inferred, TheCallerOfAnotherAccountByItsPrincipalId) {
  use(0, "test:session/111/r/a@1").facts.actor.principal_id = "AROAX:a";
  TestEvent& far = world_.add(50, "sts:AssumeRole", model::Access::kRead);
  elsewhere(far, "test:account/111", "AROAX:a", "111");
  world_.mints(far,
               {model::MintedKind::kSession, {}, world_.entity("test:session/222/q/b@2"), {}, {}});
  EXPECT_EQ(origin_of("test:session/222/q/b@2"), "test:session/111/r/a@1 high");
  // A second session with that id makes it less sure; the last that was issued before counts.
  TestEvent& later = use(5, "test:session/111/r/a@5");
  later.facts.actor.principal_id = "AROAX:a";
  later.facts.credential.issued = TestWorld::at(5);
  TestEvent& too_late = use(90, "test:session/111/r/a@90");
  too_late.facts.actor.principal_id = "AROAX:a";
  too_late.facts.credential.issued = TestWorld::at(90);
  EXPECT_EQ(origin_of("test:session/222/q/b@2"), "test:session/111/r/a@5 medium");
  // The record of the caller's own account proves it.
  mint(50, "test:key/proof", "test:session/222/q/b@2");
  EXPECT_EQ(origin_of("test:session/222/q/b@2"), "test:key/proof proven");
}

TEST_F(Inferred, WithoutTheCallersLogsItStaysACallerElsewhere) {
  TestEvent& far = world_.add(50, "sts:AssumeRole", model::Access::kRead);
  elsewhere(far, "test:account/999", "AROAX:a", "999");
  world_.mints(far,
               {model::MintedKind::kSession, {}, world_.entity("test:session/222/q/b@2"), {}, {}});
  EXPECT_EQ(origin_of("test:session/222/q/b@2"), "test:foreign/999/AROAX:a proven");
  const auto found = trace(graph_of(world_.events()), "test:session/222/q/b@2");
  ASSERT_EQ(found->origins.size(), 1u);
  EXPECT_EQ(found->origins[0].kind, OriginKind::kElsewhere);
  EXPECT_THAT(found->unknowns,
              testing::Contains(testing::Field(&Unknown::code, "accounts-silent")));
}

TEST_F(Inferred, APasswordSetBeforeTheSignIn) {
  const auto sign_in = [&](int64_t seconds, const std::string& session) {
    TestEvent& event = world_.add(seconds, "signin:ConsoleLogin", model::Access::kUnknown);
    event.facts.actor.type = model::ActorType::kUser;
    event.facts.actor.entity = world_.entity("test:user/111/bob");
    world_.mints(event, {model::MintedKind::kSession,
                         {},
                         world_.entity(session),
                         world_.entity("test:user/111/bob"),
                         {}});
  };
  const auto set = [&](int64_t seconds, const std::string& by) {
    TestEvent& event = use(seconds, by, false);
    world_.mints(event, {model::MintedKind::kPassword,
                         world_.entity("test:login-profile/111/bob"),
                         {},
                         world_.entity("test:user/111/bob"),
                         {}});
  };
  sign_in(5, "test:session/111/user:bob/-@5");
  set(10, "test:key/attacker");
  sign_in(15, "test:session/111/user:bob/-@15");
  EXPECT_EQ(origin_of("test:session/111/user:bob/-@5"), "test:user/111/bob proven");
  EXPECT_EQ(origin_of("test:session/111/user:bob/-@15"), "test:login-profile/111/bob high");
  EXPECT_EQ(origin_of("test:login-profile/111/bob"), "test:key/attacker proven");
}

TEST_F(Inferred, TheOnlyNeighbourAndNeverOneOfTwo) {
  const auto from = [&](TestEvent& event, const char* address, const char* agent) {
    event.facts.source.entity = world_.entity(address);
    event.facts.source.user_agent = agent;
  };
  from(use(0, "test:key/k", false), "ip/203.0.113.7", "cli");
  from(use(60, "test:session/111/r/s@60"), "ip/203.0.113.7", "cli");
  from(use(60, "test:session/111/r/other-agent@60"), "ip/203.0.113.7", "sdk");
  from(use(60 + 3700, "test:session/111/r/late@60"), "ip/203.0.113.9", "cli");
  EXPECT_EQ(origin_of("test:session/111/r/s@60"), "test:key/k low");
  EXPECT_EQ(origin_of("test:session/111/r/other-agent@60"), "");
  EXPECT_EQ(origin_of("test:session/111/r/late@60"), "");
  from(use(30, "test:key/k2", false), "ip/203.0.113.7", "cli");
  EXPECT_EQ(origin_of("test:session/111/r/s@60"), "");
}

TEST_F(Inferred, TwoRecordsOfOnePerson) {
  TestEvent& portal = world_.add(0, "sso:GetRoleCredentials", model::Access::kRead);
  person(portal, model::ActorType::kIdentityCenter, "test:workforce/d/1", "erin");
  TestEvent& saml = world_.add(1, "sts:AssumeRoleWithSAML", model::Access::kRead);
  person(saml, model::ActorType::kSaml, "test:saml/p/erin", "erin");
  EXPECT_EQ(origin_of("test:saml/p/erin"), "test:workforce/d/1 medium");
}

// At an identity provider, in an account that trusts it, and in a cloud of its own.
TEST_F(Inferred, PeopleWithOneAddress) {
  const auto sign_in = [&](int second, model::ActorType type, const char* entity,
                           const char* name) -> TestEvent& {
    TestEvent& event = world_.add(second, "svc:SignIn", model::Access::kUnknown);
    person(event, type, entity, name);
    return event;
  };
  using enum model::ActorType;
  sign_in(3, kUser, "other:user/erin@example.com", "erin@example.com");
  sign_in(2, kSaml, "test:saml/p/erin", "Erin@Example.com");
  TestEvent& began = sign_in(1, kUser, "idp:user/17", "erin@example.com");
  began.facts.credential.session = world_.entity("idp:session/1");
  world_.mints(began, {model::MintedKind::kSession, {}, world_.entity("idp:session/1"), {}, {}});
  sign_in(4, kUser, "other:user/admin", "admin");
  sign_in(4, kUser, "third:user/admin", "admin");
  sign_in(5, kServiceAccount, "other:service-account/p/erin@example.com", "erin@example.com");
  EXPECT_EQ(origin_of("idp:session/1"), "idp:user/17 proven");
  EXPECT_EQ(origin_of("test:saml/p/erin"), "idp:user/17 medium");
  EXPECT_EQ(origin_of("other:user/erin@example.com"), "idp:user/17 medium");
  EXPECT_EQ(origin_of("idp:user/17"), "");
  EXPECT_EQ(origin_of("third:user/admin"), "") << "a name that is no address";
  EXPECT_EQ(origin_of("other:service-account/p/erin@example.com"), "") << "no person";
  // By any of the names a trace holds all of them, and says what joins them.
  for (const char* entity : {"idp:user/17", "other:user/erin@example.com", "test:saml/p/erin"}) {
    const auto found = trace(graph_of(world_.events()), entity);
    ASSERT_TRUE(found);
    EXPECT_EQ(found->holders.size(), 4u) << entity;
    EXPECT_THAT(found->unknowns, Contains(Field(&Unknown::code, "sign-ins"))) << entity;
    const auto inferred = std::ranges::count(found->hops, Confidence::kMedium, &Hop::confidence);
    EXPECT_EQ(inferred, 2) << entity;
  }
}

TEST_F(Inferred, ANameThatManyHaveTellsNothing) {
  for (size_t i = 0; i <= kSameNameMax; ++i) {
    TestEvent& event = world_.add(1, "svc:SignIn", model::Access::kUnknown);
    const std::string entity = "test:user/" + std::to_string(i);
    person(event, model::ActorType::kUser, "", "all@example.com");
    event.facts.actor.entity = world_.entity(entity);
  }
  EXPECT_EQ(origin_of("test:user/7"), "");
}

TEST_F(Inferred, AnAccountOfKubernetesInACloud) {
  const std::string account = "kubernetes:service-account/shop/web";
  const std::string one = "aws:web-identity/issuer-1/system:serviceaccount:shop:web";
  const std::string two = "aws:web-identity/issuer-2/system:serviceaccount:shop:web";
  TestEvent& inside = world_.add(0, "kubernetes:list secrets", model::Access::kRead);
  person(inside, model::ActorType::kServiceAccount, account.c_str(), "web");
  inside.facts.credential.issued_to = world_.entity("kubernetes:pod/shop/web-1");
  TestEvent& token = world_.add(1, "sts:AssumeRoleWithWebIdentity", model::Access::kRead);
  person(token, model::ActorType::kWebIdentity, one.c_str(), "system:serviceaccount:shop:web");
  EXPECT_EQ(origin_of(one), account + " high");
  EXPECT_EQ(origin_of(account), "kubernetes:pod/shop/web-1 proven");
  const auto found = trace(graph_of(world_.events()), account);
  ASSERT_TRUE(found);
  EXPECT_THAT(found->holders, Contains(Field(&Holder::id, one)));
  // The same name in a second cluster: nothing says which of them the events of Kubernetes are of.
  TestEvent& other = world_.add(2, "sts:AssumeRoleWithWebIdentity", model::Access::kRead);
  person(other, model::ActorType::kWebIdentity, two.c_str(), "system:serviceaccount:shop:web");
  EXPECT_EQ(origin_of(one), account + " medium");
  EXPECT_EQ(origin_of(two), account + " medium");
}

TEST_F(Inferred, NobodyIsBehindAnAccountThatWasLentByACall) {
  const std::string session = "gcp:session/p/deploy@p/ci@p";
  TestEvent& lent = use(5, session);
  lent.facts.actor.person = world_.entity("gcp:service-account/p/ci@p");
  EXPECT_EQ(origin_of(session), "gcp:service-account/p/ci@p proven");
  mint(1, "test:key/k", session);
  EXPECT_EQ(origin_of(session), "test:key/k proven");
  const auto found = trace(graph_of(world_.events()), session);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->holders.size(), 2u);
}

TEST_F(Inferred, NothingFromOfferedRings) {
  // Two credentials that each made the other: told, and never followed for ever.
  mint(1, "test:key/a", "test:session/b@x");
  TestEvent& back = use(2, "test:session/b@x");
  world_.mints(back, {model::MintedKind::kAccessKey, world_.entity("test:key/a"), {}, {}, {}});
  const auto found = trace(graph_of(world_.events()), "test:key/a");
  ASSERT_TRUE(found);
  EXPECT_EQ(found->holders.size(), 2u);
  ASSERT_EQ(found->origins.size(), 1u);
  EXPECT_THAT(found->origins[0].words, HasSubstr("from itself"));
}

// Foreign facts may call a host a part of some credential: then it is followed as that credential.
TEST_F(Inferred, AHostThatIsPartOfACredential) {
  TestEvent& strange = use(0, "test:session/111/r/s@1");
  strange.facts.credential.entity = world_.entity("test:host/h");
  TestEvent& event = use(1, "test:session/222/r/t@2");
  event.facts.credential.issued_to = world_.entity("test:session/111/r/s@1");
  const auto found = trace(graph_of(world_.events()), "test:session/222/r/t@2");
  ASSERT_TRUE(found);
  ASSERT_EQ(found->holders.size(), 2u);
  for (const Holder& holder : found->holders) EXPECT_FALSE(holder.ids.empty());
}

// Made, deleted, and made again: it is there. Taking one out of a group deletes no group.
TEST_F(Inferred, WhatWasMadeTwiceIsStillThere) {
  const auto call = [&](int64_t seconds, const char* action, const char* target, bool created) {
    TestEvent& event = use(seconds, "test:key/a", false);
    event.facts.action.service = "iam";
    event.facts.action.name = action;
    event.facts.action.access = model::Access::kWrite;
    world_.targets(event, {{world_.entity(target), {}, created}});
  };
  call(1, "CreateUser", "test:user/111/backdoor", true);
  call(2, "DeleteUser", "test:user/111/backdoor", false);
  call(3, "CreateUser", "test:user/111/backdoor", true);
  call(1, "CreateUser", "test:user/111/gone", true);
  call(4, "DeleteUser", "test:user/111/gone", false);
  call(5, "CreateGroup", "test:group/111/evil", true);
  call(6, "RemoveUserFromGroup", "test:group/111/evil", false);
  const auto found = trace(graph_of(world_.events()), "test:key/a");
  ASSERT_TRUE(found);
  std::map<std::string, bool> gone;
  for (const Remains& each : found->remains) {
    if (each.how == Remains::How::kCreated) gone[each.id] = each.gone.has_value();
  }
  EXPECT_EQ(gone, (std::map<std::string, bool>{{"test:group/111/evil", false},
                                               {"test:user/111/backdoor", false},
                                               {"test:user/111/gone", true}}));
}

}  // namespace
}  // namespace stanch::triage::scope
