#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "base/time.h"

// How long response waits, and how often it tries.

namespace stanch::respond {

inline constexpr size_t kPlanStepsMax = 500;
inline constexpr size_t kStepsAtOnce = 4;       // of one plan
inline constexpr size_t kReadItemsMax = 100;    // for each of which one read is made
inline constexpr size_t kGivenBytesMax = 2048;  // of what an action is told

// What was seen longer ago is no reason to act without people: logs of last year are replayed, too.
inline constexpr Duration kAloneWithin = std::chrono::hours(24);

// Who used an identity longer ago does not count as one who is hit when it is cut off.
inline constexpr Duration kUsedWithin = std::chrono::hours(24 * 30);
inline constexpr size_t kUsesShownMax = 5;
// What a plan asks IAM of identities beside what its actions observe.
inline constexpr uint64_t kIamPausesMax = 30;
inline constexpr Duration kReportPause = std::chrono::seconds(1);  // until a report is looked for
inline constexpr int64_t kServicesMax = 1000;                      // of one report; AWS has 400
inline constexpr int64_t kDetailsMax = 1000;  // of one page of an account's identities
inline constexpr uint64_t kDetailPagesMax = 20;
inline constexpr uint64_t kAdministratorsMax = 20;  // users whose ways in are asked for

// How long an executor has a target to itself.
inline constexpr Duration kLease = std::chrono::seconds(90);
// From the intention to the last moment at which the call may be signed.
inline constexpr Duration kLeaveWithin = std::chrono::seconds(20);
inline constexpr Duration kWaitAtOnce = std::chrono::seconds(20);  // then the claim is renewed
inline constexpr unsigned kBusyTries = 20;  // at a target that another executor has
inline constexpr Duration kBusyPause = std::chrono::seconds(5);

inline constexpr uint64_t kAttemptsMax = 8;        // of one call
inline constexpr uint64_t kAttemptsAloneMax = 60;  // by the engine, which nobody has to wait for
inline constexpr uint64_t kLooksMax = 4;           // at a target that cannot be read for the moment
inline constexpr Duration kFirstPause = std::chrono::milliseconds(500);  // then twice that, …
inline constexpr Duration kPauseMax = std::chrono::seconds(30);
// The pause before the next attempt.
constexpr Duration pause_after(uint64_t attempt) {
  return std::min(kFirstPause * (1 << std::min<uint64_t>(attempt, 6)), kPauseMax);
}
inline constexpr Duration kLookAgain = std::chrono::seconds(15);  // for a call without an answer
inline constexpr Duration kEvidenceWithin = std::chrono::seconds(20);  // containment goes on then

inline constexpr Duration kVerifyWithin = std::chrono::minutes(1);  // unless the action says else
inline constexpr Duration kVerifyPauseMax = std::chrono::seconds(15);
inline constexpr Duration kVerifyPauseAtOnce = std::chrono::seconds(2);  // then others go on

inline constexpr Duration kWatchAfter[] = {std::chrono::seconds(15), std::chrono::minutes(1),
                                           std::chrono::minutes(5), std::chrono::minutes(30)};
inline constexpr Duration kWatchAgain = std::chrono::seconds(15);  // what could not be looked at
inline constexpr uint64_t kBreachesMax = 5;  // that are answered by containing again

inline constexpr uint64_t kEnvelopeTargetsMax = 20;  // that an approval lets go beside
inline constexpr Duration kEnvelopeLastsMax = std::chrono::hours(24);

inline constexpr Duration kHoldLasts = std::chrono::days(30);  // then somebody is asked about it
inline constexpr Duration kBudgetWindow = std::chrono::hours(1);

}  // namespace stanch::respond
