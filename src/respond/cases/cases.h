#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/diagnostic.h"
#include "codec/yaml.h"
#include "respond/action/action.h"
#include "respond/plan/observe.h"

// What an action has to do, said by whoever writes it and tried without a cloud: x.cases.yaml
// beside x.yaml (docs/formats/actions.md). A case goes the way of the executor: answers are
// scripted, what follows from them is computed by the same functions.

namespace stanch::respond {

// What a read is answered.
struct CaseAnswer {
  std::string error;             // the provider's code; "": it answers
  Template value;                // then
  std::vector<CaseAnswer> each;  // of a read with for_each: one an item, in their order
  bool is_needed = false;        // the case itself says it, so it has to be asked for
  codec::YamlMark mark;
};

// What is wanted, and where that stands.
template <typename T>
struct Expected {
  T value;
  codec::YamlMark mark;
};
using ExpectedByName = std::map<std::string, Expected<Template>, std::less<>>;

struct ExpectedCall {
  OperationName name;
  Template with;
  std::optional<std::string> account, region;
};
using ExpectedCalls = Expected<std::vector<Expected<ExpectedCall>>>;

struct ExpectedUndo {
  std::optional<Expected<std::string>> changed;  // it stops: somebody changed that
  std::optional<Expected<bool>> done, verified;
  std::optional<ExpectedCalls> calls;
};

struct Case {
  std::string name;
  codec::YamlMark mark;  // of its name
  Target target;
  std::map<std::string, CaseAnswer, std::less<>> answers;  // by the read's id
  // The state before the change, and after it, by name. What is not left otherwise is as it is.
  ExpectedByName saved, left;

  // At least one of these.
  ExpectedByName reads, state;                               // reads: their parameters by id
  std::optional<Expected<std::string>> fails, lacks, never;  // a part of what is said
  std::optional<Expected<bool>> done, verified, holds, sealed;
  std::optional<Expected<Template>> hits;
  std::optional<ExpectedCalls> calls;
  std::optional<ExpectedUndo> undo;

  bool expects_something() const;
};

// What its expressions have at hand.
Result<Subject> case_subject(const Action& action, const Case& of);

// All cases of a file of `action`, with all its mistakes. Where there is one, none may be run.
std::vector<Case> read_cases(const Action& action, const std::string& path, const std::string& text,
                             Diagnostics& diagnostics);

struct CaseFailure {
  uint32_t line = 0;
  std::string what;            // "undo.calls[0] iam.PutUserPolicy, PolicyDocument"
  std::string expected, came;  // JSON, or words
};

// All that is not as the case wants it; nothing: it passed.
std::vector<CaseFailure> run_case(const Action& action, const Case& wanted);

}  // namespace stanch::respond
