#include <cstddef>
#include <cstdint>
#include <string>

#include "base/check.h"
#include "respond/action/action.h"
#include "respond/cases/cases.h"

// Any bytes as an action: it is read, or what is wrong is said, each time the same. And as its own
// cases, which are then run.

namespace stanch {
namespace {

constexpr const char* kAction = R"(name: aws.iam.fuzz
title: A title
description: A description.
phase: contain
class: reversible
target: aws:user
region: global
observe:
  user: {call: iam.GetUser, with: {UserName: "${target.name}"}, absent: [NoSuchEntity]}
  keys: {page: iam.ListAccessKeys, with: {UserName: "${target.name}"}, when: user}
  used: {call: iam.GetAccessKeyLastUsed, for_each: keys.AccessKeyMetadata, with: {AccessKeyId: "${item.AccessKeyId}"}}
state: {user: user, keys: keys.AccessKeyMetadata, used: used}
done: "!state.keys"
change:
  delete:
    call: iam.DeleteAccessKey
    for_each: state.keys
    with: {UserName: "${target.name}", AccessKeyId: "${item.AccessKeyId}"}
    safe: desired-state
verify: {that: "!state.keys", within: 60s}
watch: {that: "!state.keys"}
undo:
  same: [keys]
  change: {create: {call: iam.DeleteUserPolicy, with: {UserName: "${target.name}", PolicyName: x}, safe: desired-state}}
  verify: {that: state.keys == saved.keys, within: 60s}
)";

const respond::Action& tested() {
  static const respond::Action action = [] {
    Diagnostics diagnostics;
    auto read = respond::read_action("tested.yaml", kAction, diagnostics);
    CHECK(read.has_value());
    return std::move(*read);
  }();
  return action;
}

void run_cases(const std::string& text) {
  Diagnostics diagnostics;
  const auto cases = respond::read_cases(tested(), "a.cases.yaml", text, diagnostics);
  if (!diagnostics.empty()) return;
  for (const respond::Case& each : cases) {
    CHECK(each.expects_something());
    const auto failures = respond::run_case(tested(), each);
    CHECK(failures.size() == respond::run_case(tested(), each).size());
  }
}

}  // namespace
}  // namespace stanch

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace stanch;
  const std::string text(reinterpret_cast<const char*>(data), size);
  Diagnostics first, second;
  const bool read = respond::read_action("a.yaml", text, first).has_value();
  CHECK(read == respond::read_action("a.yaml", text, second).has_value());
  CHECK(read == first.empty());
  CHECK(first.size() == second.size());
  for (size_t i = 0; i < first.size(); ++i) CHECK(to_text(first[i]) == to_text(second[i]));
  run_cases(text);
  return 0;
}
