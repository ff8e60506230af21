#pragma once

#include <cstddef>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "codec/json.h"
#include "model/entry.h"
#include "triage/finding.h"
#include "triage/recent_map.h"

// Which events tell of calls that Stanch made itself. The entries of these calls say so, and
// nothing else does: names, tags and user agents are whatever their maker likes.
//
//   An event is ours if the provider's request id stands in the answer to one of our calls, and who
//   signed is who we were; or if we never heard an answer, and the event fits that call by who
//   signed it, operation, target and time. Each such call has one event at most: a second one like
//   it is somebody else with our credentials.

namespace stanch::triage {

struct OwnCall {
  model::EntryCitation intended;
  std::string operation;     // "iam:PutUserPolicy"
  std::string event = {};    // that tells of it
  bool is_answered = false;  // it was known by its request id
};

class OwnHands {
 public:
  static constexpr size_t kAnsweredMax = 100'000;  // the latest
  static constexpr size_t kUnansweredMax = 1000;   // the latest
  // By how much the provider's clock may be off ours.
  static constexpr Duration kClockOff = std::chrono::minutes(5);

  OwnHands();
  // Every entry of the ledger, in the order in which they came; `payload` is the entry's. That one
  // was found says the ledger too, so that whoever comes later knows it (own_call_seen).
  void learn(const model::Entry& entry, codec::JsonView payload);
  // The call of ours that the finding's event tells of; nothing: it is not ours. An unanswered call
  // is taken by the first event that fits.
  std::optional<OwnCall> find(const Finding& finding);

 private:
  struct Call {
    OwnCall own;
    std::string credential, target;
    std::set<std::string> parameters;  // the texts among them
    Time from{}, until{};
  };
  static bool fits(const Call& call, const Finding& finding);

  RecentMap<std::string, Call, std::string_view> answered_;    // by request id
  RecentMap<std::string, Call, std::string_view> unanswered_;  // by its entry
};

}  // namespace stanch::triage
