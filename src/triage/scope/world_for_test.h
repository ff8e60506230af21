#pragma once

#include <deque>
#include <string>
#include <vector>

#include "base/text_arena.h"
#include "model/event.h"
#include "triage/scope/graph.h"

// Small worlds for tests: events in words of no cloud.

namespace stanch::triage::scope {

// xorshift64*: the same everywhere.
class Dice {
 public:
  explicit Dice(uint64_t seed) : state_(seed * 0x9E3779B97F4A7C15 + 1) {}
  uint64_t below(uint64_t end) {
    state_ ^= state_ >> 12;
    state_ ^= state_ << 25;
    state_ ^= state_ >> 27;
    return ((state_ * 0x2545F4914F6CDD1D) >> 33) % end;
  }

 private:
  uint64_t state_;
};

template <typename T>
void shuffle(std::vector<T>& list, Dice& dice) {
  for (size_t i = list.size(); i > 1; --i) std::swap(list[i - 1], list[dice.below(i)]);
}

struct TestEvent {
  model::Facts facts;
  std::string id;
};

class TestWorld {
 public:
  // Seconds after 2026-03-01T00:00:00Z.
  static Time at(int64_t seconds) {
    return Time(std::chrono::sys_days(std::chrono::year(2026) / 3 / 1)) +
           std::chrono::seconds(seconds);
  }

  std::string_view keep(std::string text) { return texts_.emplace_back(std::move(text)); }
  model::EntityRef entity(std::string text) { return {keep(std::move(text))}; }

  // An event of `action` ("svc:Verb") at that second; the caller fills in who and what.
  TestEvent& add(int64_t seconds, std::string_view action, model::Access access) {
    TestEvent& event = events_.emplace_back();
    event.id = "e" + std::to_string(events_.size());
    model::Facts& facts = event.facts;
    facts.cloud = "test";
    facts.time = at(seconds);
    facts.account = "111";
    facts.region = "north";
    facts.actor.type = model::ActorType::kRole;
    const size_t colon = action.find(':');
    facts.action.service = keep(std::string(action.substr(0, colon)));
    facts.action.name = keep(std::string(action.substr(colon + 1)));
    facts.action.access = access;
    facts.action.plane = model::Plane::kManagement;
    return event;
  }

  void targets(TestEvent& event, std::vector<model::Target> list) {
    event.facts.targets = arena_.store(std::span<const model::Target>(list));
  }
  void mints(TestEvent& event, const model::Minted& minted) {
    event.facts.minted = arena_.store(std::span<const model::Minted>(&minted, 1));
  }

  std::vector<const TestEvent*> events() const {
    std::vector<const TestEvent*> list;
    for (const TestEvent& event : events_) list.push_back(&event);
    return list;
  }

 private:
  std::deque<std::string> texts_;
  std::deque<TestEvent> events_;
  TextArena arena_;
};

inline Graph graph_of(const std::vector<const TestEvent*>& events,
                      const GraphOptions& options = {}) {
  Graph graph(options);
  for (const TestEvent* event : events) {
    graph.add(event->facts, model::EventIdRef(event->id));
  }
  return graph;
}

// Roles, sessions, keys, hosts and what they do, at random; some sessions show no key, some keys
// no session, some calls nothing at all.
inline void add_random_events(TestWorld& world, Dice& dice, size_t count) {
  const auto number = [&dice](uint64_t end) { return std::to_string(dice.below(end)); };
  const auto session = [&] {
    return world.entity("test:session/111/r/s@2026-03-01T00:0" + number(8) + ":00Z");
  };
  const auto key = [&] { return world.entity("test:access-key/K" + number(12)); };
  constexpr model::ActorType kTypes[] = {model::ActorType::kRole,    model::ActorType::kUser,
                                         model::ActorType::kService, model::ActorType::kAccount,
                                         model::ActorType::kSaml,    model::ActorType::kAnonymous};
  constexpr std::string_view kActions[] = {"iam:CreateUser",      "s3:GetObject",
                                           "iam:CreateAccessKey", "sts:AssumeRole",
                                           "s3:DeleteBucket",     "iam:PutRolePolicy"};
  for (size_t i = 0; i < count; ++i) {
    TestEvent& event = world.add(static_cast<int64_t>(dice.below(500)), kActions[dice.below(6)],
                                 static_cast<model::Access>(dice.below(3)));
    model::Facts& facts = event.facts;
    facts.account = world.keep("11" + number(3));
    facts.outcome = static_cast<model::Outcome>(dice.below(3));
    facts.actor.type = kTypes[dice.below(6)];
    if (dice.below(4) > 0) facts.actor.entity = world.entity("test:role/111/r" + number(4));
    facts.actor.account = world.keep("11" + number(3));
    facts.actor.principal_id = world.keep("P" + number(5));
    facts.actor.user_name = world.keep("n" + number(4));
    if (dice.below(3) > 0) facts.credential.session = session();
    if (dice.below(3) > 0) facts.credential.entity = key();
    if (dice.below(4) == 0)
      facts.credential.issued_to = world.entity("test:host/111/h" + number(3));
    if (dice.below(8) == 0) facts.actor.person = world.entity("test:person/d/p" + number(2));
    facts.credential.issued = TestWorld::at(static_cast<int64_t>(dice.below(8)) * 60);
    facts.source.entity = world.entity("ip/203.0.113." + number(5));
    facts.source.user_agent = world.keep("agent" + number(3));
    if (dice.below(2) == 0) {
      world.targets(event, {{world.entity("test:bucket/b" + number(6)), {}, dice.below(3) == 0},
                            {world.entity("test:user/111/u" + number(4)), {}, false}});
    }
    if (dice.below(3) == 0) {
      world.mints(event, {static_cast<model::MintedKind>(dice.below(3)),
                          dice.below(3) > 0 ? key() : model::EntityRef{},
                          dice.below(2) > 0 ? session() : model::EntityRef{},
                          world.entity("test:role/111/r" + number(4)),
                          {}});
    }
  }
}

}  // namespace stanch::triage::scope
