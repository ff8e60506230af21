#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/result.h"
#include "base/time.h"
#include "codec/json_value.h"

// One call of a provider's interface, whichever provider it is.

namespace stanch::cloud {

// As which of our roles an account is called. Looking, taking evidence and changing things are
// apart, so that each can be trusted to somebody else.
enum class Duty : uint8_t { kRead, kEvidence, kRespond };
// What the name of that role ends in.
constexpr std::string_view name_of(Duty duty) {
  switch (duty) {
    case Duty::kRead: return "read";
    case Duty::kEvidence: return "evidence";
    case Duty::kRespond: return "respond";
  }
  return "";
}

struct Call {
  std::string service = {}, operation = {};  // "iam", "UpdateAccessKey"
  std::string account = {}, region = {};  // where; the region of a global service does not matter
  codec::JsonValue parameters = {};
  std::string token = {};  // of idempotency, where the operation takes one and none is given
  Duty duty = Duty::kRead;
  bool writes = false;  // it may change something, so it is never sent twice unless that is safe
  // Once it is later than that, nothing leaves any more: whoever slept past it must look again.
  std::optional<Time> not_after = {};
  bool all_pages = false;  // of an operation whose answer has several: all of them, as one
  // Of a step that takes evidence: where the provider lets little through, nothing else that is
  // called holds it up.
  bool is_evidence = false;
};

struct Answer {
  codec::JsonValue value;  // members by the provider's names
  std::string request_id;  // as the provider's own logs have it
};

// Why there is no answer. `code` says what may be done: kUnknownOutcome that the call may have
// been.
struct Refusal {
  ErrorCode code = ErrorCode::kInvalid;
  std::string provider_code;  // "NoSuchEntity"; "" if the provider said nothing
  std::string message;        // for people
  std::string request_id;
  // For how long the provider asks not to be called again; none if it does not say. Foreign:
  // whoever waits for it bounds it.
  Duration retry_after{};
};

struct Called {
  std::optional<Answer> answer;
  Refusal refusal;  // without an answer
  // Until then the provider may take the request up, even if it did not answer: the end of the time
  // for which its signature holds. Of one that never left, the time before it.
  Time valid_until{};
};

inline Called refused(ErrorCode code, std::string message) {
  Called called;
  called.refusal.code = code;
  called.refusal.message = std::move(message);
  return called;
}

class Caller {
 public:
  virtual ~Caller() = default;
  // Waits. Any thread; several may at once.
  virtual Called call(const Call& call) = 0;
  // For how long the provider takes up such a call once it was signed.
  virtual Duration signature_holds(const Call& call) const = 0;
};

}  // namespace stanch::cloud
