#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "cloud/call.h"
#include "env/env.h"
#include "env/sim/dice.h"

// A cloud that behaves as AWS does, and knows nothing of incidents, plans or steps: what it is
// asked, it does, and writes down. It outlives every crash of those who call it.
//
// - Reads may show what was so a while ago (eventual consistency).
// - An answer may be lost, a request may arrive late, for as long as its signature holds, or never.
// - It throttles, fails, and refuses; health checks and autoscaling go on by themselves.
// - Others change things too: change() is what an attacker, or a colleague, does.

namespace stanch::scenario {

struct AccessKey {
  std::string user, status = "Active";
};
struct User {
  std::map<std::string, std::string> policies;  // name -> document
};
struct Role {
  std::string path = "/";
  std::map<std::string, std::string> policies;
};
struct Interface {
  std::string instance;
  std::vector<std::string> groups;
};
struct Group {
  std::string name, vpc;
  bool has_egress = true, has_egress_v6 = true;  // a new group lets everything out

  bool is_open() const { return has_egress || has_egress_v6; }
};
struct Instance {
  std::string vpc = "vpc-1", standing = "running", scaling_group;
  std::vector<std::string> volumes;
};
struct Snapshot {
  std::string volume;
  std::map<std::string, std::string> tags;
  std::string state = "pending";
};

// All that is there; compared as a whole.
struct Things {
  std::map<std::string, AccessKey> keys;
  std::map<std::string, User> users;
  std::map<std::string, Role> roles;
  std::map<std::string, Instance> instances;
  std::map<std::string, Interface> interfaces;
  std::map<std::string, Group> groups;
  std::map<std::string, Snapshot> snapshots;
  std::map<std::string, std::string>
      buckets;                         // -> its four settings, as JSON; "" if there are none
  std::map<std::string, bool> trails;  // ARN -> it records
  int made = 0;                        // what the next id ends in
};

// What arrived.
struct Arrival {
  Time at{}, signed_at{};
  std::string operation;   // "iam.UpdateAccessKey"
  std::string parameters;  // as JSON
  uint64_t witness = 0;    // what `witness` said when it left
  bool is_write = false, changed = false;
  std::string refused;  // error code; "" if it was done
};

struct Odds {  // one in …; 0: never
  uint64_t lost_answer = 0, late = 0, never_arrives = 0, throttled = 0, unavailable = 0, frozen = 0,
           denied = 0;
  Duration lag_max{};  // of reads
};

// What becomes of one call where a test says so, not the odds.
struct Fate {
  enum class Kind : uint8_t {
    kByOdds,
    kDone,
    kAnswerLost,
    kLate,  // it arrives after `late`; the caller hears nothing
    kNeverArrives,
    kThrottled,
    kUnavailable,
    kDenied,
  };
  Kind kind = Kind::kByOdds;
  Duration late{};
  Duration retry_after{};  // that it asks for, if it is throttled
};

class ScriptedCloud {
 public:
  ScriptedCloud(uint64_t seed, Things things, const Odds& odds);

  const Things& things() const { return things_; }
  const std::vector<Arrival>& arrivals() const { return arrivals_; }
  // Whatever still travels arrives, or its signature ends.
  void settle(Time now);
  void change(Time now, const std::function<void(Things&)>& by);
  Duration behind{};  // all reads see what was so long ago, whatever the odds
  // Asked whenever a call leaves; what it says is kept with the arrival.
  std::function<uint64_t()> witness;
  // Asked before the odds, of each call, reads too. It may change() things: somebody acts right
  // now.
  std::function<Fate(const cloud::Call&, Time now)> fate;

  // A caller within one simulated process.
  class Port : public cloud::Caller {
   public:
    Port(ScriptedCloud& cloud, env::Env env) : cloud_(cloud), env_(env) {}
    cloud::Called call(const cloud::Call& call) override;
    Duration signature_holds(const cloud::Call&) const override { return kSignatureHolds; }

   private:
    ScriptedCloud& cloud_;
    env::Env env_;
  };
  static constexpr Duration kSignatureHolds = std::chrono::minutes(5);

 private:
  struct Travelling {
    Time arrives{}, signed_at{};
    cloud::Call call;
    uint64_t witness = 0;
  };
  cloud::Called arrive(const cloud::Call& call, Time now, Time signed_at, uint64_t witness,
                       bool is_denied = false);
  const Things& seen(Time now);
  void keep(Time now);

  env::sim::Dice dice_;
  Things things_;
  Odds odds_;
  std::vector<std::pair<Time, Things>> history_;
  std::vector<Arrival> arrivals_;
  std::vector<Travelling> travelling_;
};

// What an operation does and answers; an error code in `refused` if it does not.
codec::JsonValue perform(const std::string& operation, const codec::JsonValue& with, Things& things,
                         std::string& refused);
bool is_write(const std::string& operation);

}  // namespace stanch::scenario
