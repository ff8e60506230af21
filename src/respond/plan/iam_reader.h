#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "cloud/call.h"
#include "codec/json_value.h"

namespace stanch::respond {

// What a plan asks IAM beside what its actions observe. Reads alone; waits a little for what the
// provider refuses for the moment, and no more than so often for a whole plan.
class IamReader {
 public:
  using Pause = std::function<void(Duration)>;

  // `pause` may be empty: then it never waits. `caller` must outlive it.
  IamReader(cloud::Caller& caller, Pause pause) : caller_(caller), pause_(std::move(pause)) {}

  // The answer; null where IAM says that there is none. The error is the caller's.
  Result<codec::JsonValue> ask(const std::string& account, std::string_view operation,
                               codec::JsonValue::Object with);
  // Whether there was still time to wait.
  bool wait(Duration time);

 private:
  cloud::Caller& caller_;
  Pause pause_;
  uint64_t pauses_ = 0;  // so far
};

}  // namespace stanch::respond
