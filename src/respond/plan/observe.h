#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "base/result.h"
#include "cloud/call.h"
#include "codec/json_value.h"
#include "model/incident.h"
#include "respond/action/action.h"
#include "respond/target.h"

namespace stanch::respond {

// One action on one target, for one incident: what its expressions have at hand. `action` must
// outlive it.
struct Subject {
  const Action* action = nullptr;
  Target place;                                   // placed
  codec::JsonValue target, incident, own, given;  // respond/target.h

  // kInvalid if the action is for another type of target, or must know its region, or was not told
  // what it must be.
  static Result<Subject> of(const Action& action, const model::IncidentId& incident,
                            const Target& target);

  // Where a call goes that says `parameter`, or "", of its account.
  std::string account_for(const std::string& parameter) const;
  std::string region() const;  // "" of a global action
};

// Values of the state that may hold secrets, by name.
using Secrets = std::map<std::string, codec::JsonValue, std::less<>>;
// Why nothing of the kind is taken.
inline constexpr std::string_view kNoKey =
    "It may hold secrets, and nobody said for whom it is sealed: put the certificate of the "
    "evidence key into the content as evidence.pem (docs/formats/evidence.md).";

// Calls the action's reads in their order, and keeps what its `state` says. Writes nothing. Of what
// may hold secrets the state has `bytes` alone, since a hash of little can be guessed; `secrets`,
// where it is asked for, has the rest. The error is that of the read that failed: kDenied if we may
// not look.
Result<codec::JsonValue> observe(const Subject& subject, cloud::Caller& caller,
                                 Secrets* secrets = nullptr);

// The same, of whoever answers: the call is that of the read.
using Ask = std::function<cloud::Called(const ReadCall& read, const cloud::Call& call)>;
Result<codec::JsonValue> observe(const Subject& subject, const Ask& ask,
                                 Secrets* secrets = nullptr);

// Whether what could not be looked at may be in a moment: the provider said so, or nothing.
constexpr bool may_pass(ErrorCode code) {
  return code == ErrorCode::kThrottled || code == ErrorCode::kUnavailable ||
         code == ErrorCode::kUnknownOutcome;
}

}  // namespace stanch::respond
