#include "respond/plan/iam_reader.h"

#include "respond/limits.h"
#include "respond/plan/observe.h"

namespace stanch::respond {

namespace {

constexpr std::string_view kAbsent = "NoSuchEntity";
constexpr const char* kSomeRegion = "us-east-1";  // IAM is everywhere

}  // namespace

Result<codec::JsonValue> IamReader::ask(const std::string& account, std::string_view operation,
                                        codec::JsonValue::Object with) {
  const cloud::Call call{.service = "iam",
                         .operation = std::string(operation),
                         .account = account,
                         .region = kSomeRegion,
                         .parameters = codec::JsonValue(std::move(with))};
  for (uint64_t looks = 1;; ++looks) {
    cloud::Called called = caller_.call(call);
    if (called.answer) return std::move(called.answer->value);
    if (called.refusal.provider_code == kAbsent) return codec::JsonValue();
    const bool again = may_pass(called.refusal.code) && looks < kLooksMax;
    if (again && wait(pause_after(looks))) continue;
    return Error(called.refusal.code, called.refusal.message);
  }
}

bool IamReader::wait(Duration time) {
  if (!pause_ || pauses_ == kIamPausesMax) return false;
  ++pauses_;
  pause_(time);
  return true;
}

}  // namespace stanch::respond
