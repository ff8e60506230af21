#include <fmt/format.h>

#include <algorithm>
#include <ranges>

#include "model/entity_parts.h"
#include "respond/action/template.h"
#include "respond/playbook/playbook.h"

namespace stanch::respond {

namespace {

using codec::Jmespath;
using codec::JsonValue;

// Texts of a value that is one, or a list of them at any depth; each once, in their order.
void add_texts(const JsonValue& value, std::vector<std::string>& texts) {
  if (value.is_string()) {
    if (!value.string().empty() && std::ranges::find(texts, value.string()) == texts.end()) {
      texts.push_back(value.string());
    }
  } else if (value.is_array()) {
    for (const JsonValue& each : value.array()) add_texts(each, texts);
  }
}

JsonValue target_object(std::string_view entity) {
  JsonValue::Object object;
  object.emplace("id", JsonValue(entity));
  if (const auto parts = model::split_entity(entity)) {
    object.emplace("type", JsonValue(parts->type));
    object.emplace("name", JsonValue(parts->name));
  }
  return JsonValue(std::move(object));
}

}  // namespace

Result<Expanded> expand(const Playbook& playbook, std::string_view target,
                        const PlaybookFacts& facts, const Actions& actions) {
  const JsonValue of_target = target_object(target);
  const Jmespath::Root roots[] = {{"target", &of_target},
                                  {"findings", &facts.findings},
                                  {"own", &facts.own},
                                  {"given", &facts.given}};
  const auto is = [&](const std::optional<Jmespath>& expression, bool otherwise) -> Result<bool> {
    if (!expression) return otherwise;
    TRY(const JsonValue value, expression->evaluate_with(roots));
    return value.is_true_like();
  };
  Expanded expanded;
  TRY(const bool first, is(playbook.contain_first, false));
  if (first) expanded.contain_first = playbook.contain_first_because;
  for (const PlaybookStep& step : playbook.steps) {
    TRY(const bool wanted, is(step.when, true));
    if (!wanted) continue;
    if (!step.task.empty()) {
      expanded.tasks.push_back({step.task, step.owner});
      continue;
    }
    std::vector<std::string> entities;
    if (step.to) {
      TRY(const JsonValue value, step.to->evaluate_with(roots));
      add_texts(value, entities);
    } else {
      entities.emplace_back(target);
    }
    const auto action = actions.find(step.action);
    const auto is_target = [&](const std::string& entity) {
      const auto parts = model::split_entity(entity);
      return parts && action != actions.end() && is_for(action->second, parts->type);
    };
    std::map<std::string, std::string> given;
    for (const Named& told : step.with) {
      TRY(const JsonValue value, told.expression.evaluate_with(roots));
      if (value.is_string()) given.emplace(told.name, value.string());
    }
    const bool is_known_out =
        std::ranges::find(expanded.left_out, step.action) != expanded.left_out.end();
    if (std::ranges::none_of(entities, is_target) && !is_known_out) {
      expanded.left_out.push_back(step.action);
    }
    for (std::string& entity : entities) {
      if (is_target(entity)) expanded.wanted.push_back({step.action, std::move(entity), given});
    }
  }
  const auto is_wanted = [&](const std::string& action) {
    return std::ranges::find(expanded.wanted, action, &Expanded::Do::action) !=
           expanded.wanted.end();
  };
  std::erase_if(expanded.left_out, is_wanted);
  return expanded;
}

Result<std::vector<std::string>> targets_of(const Playbook& playbook, const PlaybookFacts& facts) {
  std::vector<std::string> targets;
  if (!playbook.targets) return targets;
  const Jmespath::Root roots[] = {{"findings", &facts.findings}, {"own", &facts.own}};
  TRY(const JsonValue value, playbook.targets->evaluate_with(roots));
  add_texts(value, targets);
  std::erase_if(targets, [&](const std::string& entity) {
    const auto parts = model::split_entity(entity);
    return !parts || parts->type != playbook.target;
  });
  return targets;
}

}  // namespace stanch::respond
