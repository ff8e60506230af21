// stanch permissions: what Stanch's roles in an account must be allowed, derived from the actions.

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

#include "cli/commands.h"
#include "cli/diagnostics.h"
#include "cli/incident_act.h"
#include "codec/pretty_json.h"
#include "host/response.h"
#include "respond/action/policies.h"

namespace stanch::cli {

namespace {

using codec::JsonValue;
using Object = JsonValue::Object;
using respond::RolePolicy;

// "StanchRead" of "stanch-read".
std::string camel(std::string_view role) {
  std::string name;
  bool upper = true;
  for (const char c : role) {
    if (c == '-') {
      upper = true;
    } else {
      name += std::exchange(upper, false) ? static_cast<char>(c - 'a' + 'A') : c;
    }
  }
  return name;
}

JsonValue cloudformation(const std::vector<RolePolicy>& policies) {
  Object resources;
  for (const RolePolicy& each : policies) {
    if (each.policy.is_null()) continue;
    resources.emplace(
        camel(each.role),
        JsonValue(
            Object{{"Type", JsonValue("AWS::IAM::ManagedPolicy")},
                   {"Properties", JsonValue(Object{{"ManagedPolicyName", JsonValue(each.role)},
                                                   {"Description", JsonValue(each.description)},
                                                   {"PolicyDocument", each.policy}})}}));
  }
  return JsonValue(Object{{"AWSTemplateFormatVersion", JsonValue("2010-09-09")},
                          {"Description", JsonValue("What Stanch may do in this account.")},
                          {"Resources", JsonValue(std::move(resources))}});
}

JsonValue terraform(const std::vector<RolePolicy>& policies) {
  Object resources;
  for (const RolePolicy& each : policies) {
    if (each.policy.is_null()) continue;
    std::string name = each.role;
    std::ranges::replace(name, '-', '_');
    resources.emplace(std::move(name),
                      JsonValue(Object{{"name", JsonValue(each.role)},
                                       {"description", JsonValue(each.description)},
                                       {"policy", JsonValue(to_json(each.policy))}}));
  }
  return JsonValue(
      Object{{"resource", JsonValue(Object{{"aws_iam_policy", JsonValue(std::move(resources))}})}});
}

JsonValue plain(const std::vector<RolePolicy>& policies) {
  Object all;
  for (const RolePolicy& each : policies) {
    if (!each.policy.is_null()) all.emplace(each.role, each.policy);
  }
  return JsonValue(std::move(all));
}

// The actions of the playbooks that are named, with the evidence that they ask for; or all.
Result<std::vector<const respond::Action*>> chosen(Context& context,
                                                   const host::ResponseTables& tables) {
  std::set<std::string> names;
  for (const std::string& name : context.settings().list("playbooks")) {
    const auto playbook = tables.playbooks.find(name);
    if (playbook == tables.playbooks.end()) {
      return invalid(fmt::format("there is no playbook {}", name));
    }
    for (const respond::PlaybookStep& step : playbook->second.steps) {
      const auto action = tables.actions.find(step.action);
      if (action == tables.actions.end()) continue;
      names.insert(step.action);
      names.insert(action->second.evidence.begin(), action->second.evidence.end());
    }
  }
  std::vector<const respond::Action*> actions;
  for (const auto& [name, action] : tables.actions) {
    if (names.empty() || names.contains(name)) actions.push_back(&action);
  }
  return actions;
}

}  // namespace

int run_permissions(Context& context) {
  const auto tables = host::load_response_tables(context.env(), context.settings().text("content"));
  if (!tables) return context.fail(tables.error(), kExitInput);
  if (!tables->diagnostics.empty()) context.note(diagnostics_text(tables->diagnostics, false));
  const auto actions = chosen(context, *tables);
  if (!actions) return fail_usage(context, actions.error());
  std::vector<std::string> unknown;
  const std::vector<RolePolicy> policies = respond::policies_for(*actions, unknown);
  if (!unknown.empty()) {
    context.note(fmt::format("note: nobody has looked up what allows {}; add it by hand\n",
                             fmt::join(unknown, ", ")));
  }
  const std::string format = context.settings().text("permissions-format");
  return context.print(codec::pretty_json(format == "cloudformation" ? cloudformation(policies)
                                          : format == "terraform"    ? terraform(policies)
                                                                     : plain(policies)));
}

}  // namespace stanch::cli
