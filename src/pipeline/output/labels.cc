#include "pipeline/output/labels.h"

#include <fmt/format.h>

namespace stanch::pipeline::output {

std::string_view tail_of(model::EntityRef entity) {
  const size_t slash = entity.text.rfind('/');
  return slash == std::string_view::npos ? entity.text : entity.text.substr(slash + 1);
}

std::string name_of(model::EntityRef entity) {
  const std::string_view tail = tail_of(entity);
  const auto digit = [](char c) {
    return c >= '0' && c <= '9' ? c - '0' : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
  };
  std::string name;
  for (size_t i = 0; i < tail.size(); ++i) {
    if (tail[i] == '%' && i + 2 < tail.size() && digit(tail[i + 1]) >= 0 &&
        digit(tail[i + 2]) >= 0) {
      name += static_cast<char>(digit(tail[i + 1]) * 16 + digit(tail[i + 2]));
      i += 2;
    } else {
      name += tail[i];
    }
  }
  return name;
}

std::string actor_label(const model::Facts& facts) {
  const model::Actor& actor = facts.actor;
  if (actor.type == model::ActorType::kRoot) return "root";
  if (actor.type == model::ActorType::kService && !facts.source.service.empty()) {
    return std::string(facts.source.service);
  }
  std::string_view name = actor.user_name;
  const std::string entity_name = name_of(actor.entity);
  if (name.empty()) name = entity_name;
  if (name.empty()) name = actor.arn;
  if (name.empty()) name = actor.principal_id;
  if (name.empty()) name = actor.account;
  if (name.empty()) return "";
  const std::string_view session = facts.credential.session_name;
  if (session.empty() || session == name) return std::string(name);
  return fmt::format("{}/{}", name, session);
}

std::string source_label(const model::Facts& facts) {
  if (!facts.source.address.empty()) return std::string(facts.source.address);
  return std::string(facts.source.service);
}

std::string target_label(const model::Facts& facts) {
  if (facts.targets.empty()) return "";
  std::string label = name_of(facts.targets.front().entity);
  if (facts.targets.size() > 1) label += fmt::format(" +{}", facts.targets.size() - 1);
  return label;
}

std::string action_label(const model::Facts& facts) {
  if (facts.action.name.empty()) return "";
  std::string_view service = facts.action.service;
  service = service.substr(0, service.find('.'));
  return fmt::format("{}:{}", service, facts.action.name);
}

}  // namespace stanch::pipeline::output
