#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/diagnostic.h"
#include "base/result.h"
#include "codec/jmespath/jmespath.h"
#include "codec/json_value.h"
#include "respond/action/action.h"

// Recipes: for findings like these, these actions on these targets, in this order
// (docs/formats/playbooks.md). Data: content/playbooks/*.yaml.

namespace stanch::respond {

struct PlaybookStep {
  std::string action;                   // or
  std::string task;                     // what a person does, where a machine must not decide
  std::string owner;                    // of a task: a role
  std::optional<codec::Jmespath> to;    // entity ids; else the target itself
  std::optional<codec::Jmespath> when;  // else it is left out
  std::vector<Named> with;              // what the action is told, where there is such a text
};

struct Playbook {
  std::string name, title, description;
  std::string target;                      // type of entity that it begins with
  std::optional<codec::Jmespath> targets;  // of an incident: those to which it applies
  std::optional<codec::Jmespath>
      contain_first;  // true: under destruction evidence does not come first
  std::string contain_first_because;
  // What it asks the organisation beside what its actions do: in words, by name.
  std::map<std::string, std::string, std::less<>> parameters;
  std::vector<PlaybookStep> steps;
};

using Playbooks = std::map<std::string, Playbook, std::less<>>;  // by name

struct PlaybookText {
  std::string path, text;
};
// Those without a mistake; all mistakes at once.
Playbooks read_playbooks(std::span<const PlaybookText> texts, const Actions& actions,
                         Diagnostics& diagnostics);

// What expressions have at hand beside the target.
struct PlaybookFacts {
  codec::JsonValue findings;    // what the incident knows
  codec::JsonValue own = {};    // `accounts`: ids of ours
  codec::JsonValue given = {};  // what the organisation says of parameters
};

// What a playbook comes to for one target of an incident.
struct Expanded {
  struct Do {
    std::string action, entity;
    std::map<std::string, std::string> given = {};  // values of the action's parameters
  };
  struct Task {
    std::string title, owner;
  };
  std::vector<Do> wanted;  // in the order of the steps, as often as they say it
  std::vector<Task> tasks;
  std::string contain_first;          // why containment does not wait; "" if it does
  std::vector<std::string> left_out;  // actions for which the findings name nothing, each once
};
// `target`: an entity id. Only entities of the type that an action is for are taken; what an
// expression gives beside is left out.
Result<Expanded> expand(const Playbook& playbook, std::string_view target,
                        const PlaybookFacts& facts, const Actions& actions);

// The entities of an incident to which a playbook applies, each once, in the order of the findings.
Result<std::vector<std::string>> targets_of(const Playbook& playbook, const PlaybookFacts& facts);

}  // namespace stanch::respond
