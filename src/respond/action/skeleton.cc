#include "respond/action/skeleton.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "cloud/operations.h"

namespace stanch::respond {

namespace {

using cloud::Operation;

const Operation* find(const OperationName& name) {
  return cloud::Operations::built_in().find(name.service, name.operation);
}

// "UpdateAccessKey" is update_access_key: expressions take it without quotes.
std::string id_of(std::string_view operation, std::set<std::string>& taken) {
  std::string id;
  for (size_t i = 0; i < operation.size(); ++i) {
    const char c = operation[i];
    const bool is_upper = c >= 'A' && c <= 'Z';
    const bool begins = is_upper && i > 0 && (operation[i - 1] < 'A' || operation[i - 1] > 'Z');
    if (begins) id += '_';
    id += static_cast<char>(is_upper ? c - 'A' + 'a' : c);
  }
  std::string unique = id;
  for (int i = 2; !taken.insert(unique).second; ++i) unique = fmt::format("{}_{}", id, i);
  return unique;
}

std::string parameters_of(const Operation* operation) {
  if (operation == nullptr || operation->input == nullptr) return "";
  std::string needed, optional;
  const auto& required = operation->input->required;
  for (const auto& member : operation->input->members) {
    if (operation->paging != nullptr && member.name == operation->paging->in) continue;
    const bool is_needed = std::ranges::find(required, member.name) != required.end();
    std::string& to = is_needed ? needed : optional;
    to += (to.empty() ? "" : ", ") + member.name;
  }
  std::string text;
  if (!needed.empty()) text += fmt::format("    # It needs {}.\n", needed);
  if (!optional.empty()) text += fmt::format("    # It takes {}.\n", optional);
  return text;
}

std::string read_of(const OperationName& name, std::set<std::string>& taken) {
  const Operation* operation = find(name);
  const bool has_pages = operation != nullptr && operation->paging != nullptr;
  return fmt::format("  {}:\n    {}: {}.{}\n{}    with: {{}}\n", id_of(name.operation, taken),
                     has_pages ? "page" : "call", name.service, name.operation,
                     parameters_of(operation));
}

std::string write_of(const OperationName& name, std::set<std::string>& taken) {
  return fmt::format(
      "  {}:\n    call: {}.{}\n{}    with: {{}}\n"
      "    # Why it may be repeated when nobody knows whether it was done: desired-state,\n"
      "    # client-token, own-name, lock, mark; or once.\n    safe: \"\"\n",
      id_of(name.operation, taken), name.service, name.operation, parameters_of(find(name)));
}

bool is_global(const OperationName& name) {
  const Operation* operation = find(name);
  return operation != nullptr && !operation->service->global.empty();
}

template <typename Write>
std::string all_of(const std::vector<OperationName>& names, Write write) {
  if (names.empty()) return " {}\n";
  std::set<std::string> taken;
  std::string text = "\n";
  for (const OperationName& name : names) text += write(name, taken);
  return text;
}

constexpr std::string_view kSkeleton =
    R"(# docs/WRITING-ACTIONS.md says how to go on; 'stanch actions lint FILE' what is still missing.
name: {name}
title: ""        # what it does, in a few words, the verb first
# For the person who approves it: what will be different, what stays, what it does not reach.
description: ""
phase: ""        # preserve, contain, eradicate, recover or inform
# read, additive (adds visibility or evidence), reversible, disruptive (others will notice), or
# irreversible: for a target that nobody else depends on.
class: ""
target: {target}
techniques: []   # of ATT&CK: [T1078.004]
pitfalls: []     # what may surprise whoever runs it, a sentence each
evidence: []     # names of actions that come first

# global: the home region of the service. target: the region of the target.
region: {region}
# Reads, in this order. An answer is at hand by the name of its call in those that follow and in
# 'state'. With 'absent: [ErrorCode]' an error says that there is none, and the answer is null.
observe:{reads}# What is kept of the answers, by name; JMESPath.
state:
  status: ""
# Without this it cannot be done, and why:
# needs:
#   - that: state.status
#     else: There is no such thing.
done: ""         # when nothing needs to be written: state.status == 'Inactive'

# Writes, in this order; ${{…}} holds an expression: "${{target.name}}". With 'when' and 'for_each'
# a call depends on the state; 'already' and 'gone' are error codes that say: that is so.
change:{writes}verify: {{that: "", within: 60s}}   # it took effect
watch: {{that: ""}}                 # what stays true afterwards

# The way back; or instead of it a line 'irreversible: why there is none'.
undo:
  same: []       # names of the state that nobody else may have changed since
  change: {{}}     # writes as above; the state before is 'saved'
  verify: {{that: "", within: 60s}}
  # restores_access: true           if it gives an identity back what it could do
)";

}  // namespace

std::string skeleton(const SkeletonRequest& request) {
  const OperationName* first = !request.writes.empty()  ? &request.writes.front()
                               : !request.reads.empty() ? &request.reads.front()
                                                        : nullptr;
  return fmt::format(
      kSkeleton, fmt::arg("name", request.name), fmt::arg("target", request.target),
      fmt::arg("region", first != nullptr && is_global(*first) ? "global" : "target"),
      fmt::arg("reads", all_of(request.reads, read_of)),
      fmt::arg("writes", all_of(request.writes, write_of)));
}

std::optional<OperationName> find_operation_name(std::string_view text) {
  const auto is_word = [](std::string_view word) {
    return !word.empty() && std::ranges::all_of(word, [](char c) {
      return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-';
    });
  };
  const size_t dot = text.find('.');
  if (dot == text.npos) return std::nullopt;
  const std::string_view service = text.substr(0, dot), operation = text.substr(dot + 1);
  if (!is_word(service) || !is_word(operation)) return std::nullopt;
  return OperationName{std::string(service), std::string(operation)};
}

}  // namespace stanch::respond
