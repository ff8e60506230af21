// What is to be done: as people say it, or as playbooks say of what an incident's findings name.

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "host/response.h"
#include "model/entity_parts.h"

namespace stanch::host {

namespace {

using codec::JsonValue;

JsonValue texts(const std::vector<std::string>& list) {
  JsonValue::Array array;
  for (const std::string& each : list) array.emplace_back(each);
  return JsonValue(std::move(array));
}

// What expressions of playbooks have at hand: a list, in the order of the findings' ids.
JsonValue findings_value(const triage::IncidentState& state) {
  // How many different things an actor reached with one call, where it worked.
  std::map<std::pair<std::string, std::string>, std::set<std::string>> reached;
  for (const auto& [id, joined] : state.findings) {
    const triage::Finding& finding = joined.finding;
    if (joined.gone || finding.outcome != model::Outcome::kOk) continue;
    reached[{finding.actor, finding.action}].insert(finding.targets.begin(), finding.targets.end());
  }
  JsonValue::Array all;
  for (const auto& [id, joined] : state.findings) {
    if (joined.gone) continue;
    const triage::Finding& finding = joined.finding;
    JsonValue::Object object;
    const auto add = [&](const char* name, std::string_view text) {
      if (!text.empty()) object.emplace(name, JsonValue(text));
    };
    add("rule", finding.rule);
    add("level", name_of(finding.level));
    add("account", finding.account);
    add("region", finding.region);
    add("actor", finding.actor);
    add("actor_type", name_of(finding.actor_type));
    add("person", finding.person);
    add("credential", finding.credential);
    add("session", finding.session);
    add("issuer", finding.issuer);
    add("issued_to", finding.issued_to);
    add("source", finding.source);
    add("service", finding.service);
    add("action", finding.action);
    add("access", name_of(finding.access));
    add("outcome", name_of(finding.outcome));
    object.emplace("destructive", JsonValue(is_destructive(finding)));
    if (const auto found = reached.find({finding.actor, finding.action}); found != reached.end()) {
      object.emplace("reached", JsonValue(static_cast<int64_t>(found->second.size())));
    }
    object.emplace("targets", texts(finding.targets));
    object.emplace("techniques", texts(finding.techniques));
    JsonValue::Array minted;
    for (const triage::Minted& each : finding.minted) {
      JsonValue::Object made;
      if (!each.entity.empty()) made.emplace("entity", JsonValue(each.entity));
      if (!each.session.empty()) made.emplace("session", JsonValue(each.session));
      if (!each.principal.empty()) made.emplace("principal", JsonValue(each.principal));
      minted.emplace_back(std::move(made));
    }
    object.emplace("minted", JsonValue(std::move(minted)));
    all.emplace_back(std::move(object));
  }
  return JsonValue(std::move(all));
}

bool is_named(const std::string& entity, const triage::IncidentState& state) {
  return std::ranges::any_of(state.findings, [&](const auto& each) {
    return !each.second.gone && names(each.second.finding, entity);
  });
}

// Each once. What is wanted again after something else on the same entity goes after it: sessions
// that are revoked before a trust is closed begin anew. Evidence stays where it was.
void add(Wish wish, const respond::Actions& actions, std::vector<Wish>& all) {
  const auto known = std::ranges::find(all, wish);
  if (known == all.end()) {
    all.push_back(std::move(wish));
    return;
  }
  const auto action = actions.find(wish.action);
  const bool stays = action != actions.end() && is_evidence(action->second);
  const bool other_since = std::any_of(
      known + 1, all.end(), [&](const Wish& each) { return each.entity == wish.entity; });
  if (other_since && !stays) std::rotate(known, known + 1, all.end());
}

void add(const respond::Expanded& expanded, const PlaybookChoice& choice,
         const respond::Actions& actions, Wishes& all) {
  for (const respond::Expanded::Do& each : expanded.wanted) {
    add({each.action, each.entity, choice.account, choice.region, each.given}, actions, all.wishes);
  }
  for (const respond::Expanded::Task& task : expanded.tasks) {
    const bool known = std::ranges::any_of(
        all.tasks, [&](const respond::Expanded::Task& each) { return each.title == task.title; });
    if (!known) all.tasks.push_back(task);
  }
  if (all.contain_first.empty()) all.contain_first = expanded.contain_first;
}

// Whether the event is of the account that is the target, and of the service that the action is
// for: mail is stopped in the region in which it was sent.
bool is_of_account(const triage::Finding& finding, const std::string& entity,
                   std::string_view action) {
  const std::string_view service = std::string_view(action).substr(action.find('.') + 1);
  return entity == fmt::format("aws:account/{}", finding.account) &&
         finding.service == fmt::format("{}.amazonaws.com", service.substr(0, service.find('.')));
}

}  // namespace

bool names(const triage::Finding& finding, const std::string& entity) {
  return finding.person == entity ||
         std::ranges::find(finding.entities, entity) != finding.entities.end() ||
         std::ranges::find(finding.targets, entity) != finding.targets.end();
}

Result<respond::Target> place(const Wish& wish, const triage::IncidentState& state,
                              const std::string& region) {
  TRY(const std::string entity, respond::entity_named(wish.entity));
  respond::Target target{wish.entity, wish.account, wish.region, wish.given};
  // What names the entity says where it is; the latest counts.
  std::optional<Time> latest;
  for (const auto& [id, joined] : state.findings) {
    const triage::Finding& finding = joined.finding;
    const bool says = names(finding, entity) || is_of_account(finding, entity, wish.action);
    if (joined.gone || !says || (latest && finding.event_time <= latest)) continue;
    latest = finding.event_time;
    if (wish.account.empty()) target.account = finding.account;
    if (wish.region.empty()) target.region = finding.region;
  }
  if (target.region.empty()) target.region = region;
  return respond::placed(std::move(target));
}

Result<Wishes> ask_playbooks(const ResponseTables& tables, const triage::IncidentState& state,
                             const PlaybookChoice& choice) {
  if (!choice.playbook.empty() && !tables.playbooks.contains(choice.playbook)) {
    return Error(ErrorCode::kNotFound, fmt::format("there is no playbook {}", choice.playbook));
  }
  JsonValue::Object own;
  own.emplace("accounts", texts(tables.own_accounts));
  JsonValue::Object given;
  for (const auto& [name, value] : tables.parameters) given.emplace(name, JsonValue(value));
  const respond::PlaybookFacts facts{.findings = findings_value(state),
                                     .own = JsonValue(std::move(own)),
                                     .given = JsonValue(std::move(given))};
  Wishes all;
  for (const auto& [name, playbook] : tables.playbooks) {
    if (!choice.playbook.empty() && name != choice.playbook) continue;
    std::vector<std::string> targets;
    if (choice.target.empty()) {
      TRY(targets, respond::targets_of(playbook, facts));
    } else {
      TRY(std::string target, respond::entity_named(choice.target));
      const auto parts = model::split_entity(target);
      if (parts && parts->type == playbook.target) targets.push_back(std::move(target));
    }
    for (const std::string& target : targets) {
      TRY(const respond::Expanded expanded,
          respond::expand(playbook, target, facts, tables.actions));
      add(expanded, choice, tables.actions, all);
      all.because.push_back(fmt::format("{} ({}): {}", playbook.title, name, target));
      if (!choice.target.empty() && !expanded.left_out.empty() && !is_named(target, state)) {
        all.because.push_back(
            fmt::format("no finding of this incident names {}, so that nothing says what {} would "
                        "be for: name it by --do",
                        target, fmt::join(expanded.left_out, ", ")));
      }
    }
    if (targets.empty()) continue;
    if (!all.playbook.empty()) all.playbook += ", ";
    all.playbook += name;
  }
  if (all.wishes.empty() && all.tasks.empty()) {
    return Error(ErrorCode::kInvalid,
                 choice.target.empty()
                     ? "no playbook applies to what this incident's findings name; --do, or "
                       "--playbook with --target, says what is to be done"
                     : fmt::format("no playbook is for {}", choice.target));
  }
  return all;
}

}  // namespace stanch::host
