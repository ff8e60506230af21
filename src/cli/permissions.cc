// stanch permissions: what Stanch's roles in an account must be allowed, derived from the actions.

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

#include "cli/commands.h"
#include "cli/diagnostics.h"
#include "cli/incident_act.h"
#include "codec/pretty_json.h"
#include "host/coverage.h"
#include "host/response.h"
#include "host/who_else.h"
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

JsonValue text(std::string_view value) { return JsonValue(std::string(value)); }

// Who may take the role: one principal, of our organization, who knows the external id; alone none
// of these would do. The incident goes along as source identity.
JsonValue trust(const JsonValue& hub, const JsonValue& organization, const JsonValue& external_id) {
  const Object equals = {{"aws:PrincipalOrgID", organization}, {"sts:ExternalId", external_id}};
  const Object statement = {{"Effect", text("Allow")},
                            {"Principal", JsonValue(Object{{"AWS", hub}})},
                            {"Action", JsonValue(JsonValue::Array{text("sts:AssumeRole"),
                                                                  text("sts:SetSourceIdentity")})},
                            {"Condition", JsonValue(Object{{"StringEquals", JsonValue(equals)}})}};
  return JsonValue(Object{{"Version", text("2012-10-17")},
                          {"Statement", JsonValue(JsonValue::Array{JsonValue(statement)})}});
}

// What the templates ask for.
struct Parameter {
  std::string_view name, variable, description;
};
constexpr Parameter kHub = {"Hub", "hub", "ARN of the one role or user that Stanch works as."};
constexpr Parameter kOrganization = {"Organization", "organization",
                                     "Id of your organization, of which that is: o-…"};
constexpr Parameter kExternalId = {"ExternalId", "external_id",
                                   "What stanch is told as --external-id."};

JsonValue cloudformation(const std::vector<RolePolicy>& policies) {
  Object parameters, resources;
  for (const Parameter& each : {kHub, kOrganization, kExternalId}) {
    parameters.emplace(each.name, JsonValue(Object{{"Type", text("String")},
                                                   {"Description", text(each.description)}}));
  }
  const auto ref = [](std::string_view name) { return JsonValue(Object{{"Ref", text(name)}}); };
  const JsonValue trusts = trust(ref(kHub.name), ref(kOrganization.name), ref(kExternalId.name));
  for (const RolePolicy& each : policies) {
    if (each.policy.is_null()) continue;
    const std::string policy = camel(each.role) + "Policy";
    resources.emplace(
        policy,
        JsonValue(Object{{"Type", text("AWS::IAM::ManagedPolicy")},
                         {"Properties", JsonValue(Object{{"ManagedPolicyName", text(each.role)},
                                                         {"Description", text(each.description)},
                                                         {"PolicyDocument", each.policy}})}}));
    resources.emplace(
        camel(each.role),
        JsonValue(Object{
            {"Type", text("AWS::IAM::Role")},
            {"Properties",
             JsonValue(Object{{"RoleName", text(each.role)},
                              {"Description", text(each.description)},
                              {"AssumeRolePolicyDocument", trusts},
                              {"ManagedPolicyArns", JsonValue(JsonValue::Array{ref(policy)})}})}}));
  }
  return JsonValue(Object{{"AWSTemplateFormatVersion", text("2010-09-09")},
                          {"Description", text("The roles of Stanch in this account.")},
                          {"Parameters", JsonValue(std::move(parameters))},
                          {"Resources", JsonValue(std::move(resources))}});
}

JsonValue terraform(const std::vector<RolePolicy>& policies) {
  Object variables, of_policies, roles, attachments;
  for (const Parameter& each : {kHub, kOrganization, kExternalId}) {
    variables.emplace(each.variable, JsonValue(Object{{"type", text("string")},
                                                      {"description", text(each.description)}}));
  }
  const auto var = [](const Parameter& of) {
    return text(fmt::format("${{var.{}}}", of.variable));
  };
  const std::string trusts = to_json(trust(var(kHub), var(kOrganization), var(kExternalId)));
  for (const RolePolicy& each : policies) {
    if (each.policy.is_null()) continue;
    std::string name = each.role;
    std::ranges::replace(name, '-', '_');
    of_policies.emplace(name, JsonValue(Object{{"name", text(each.role)},
                                               {"description", text(each.description)},
                                               {"policy", text(to_json(each.policy))}}));
    roles.emplace(name, JsonValue(Object{{"name", text(each.role)},
                                         {"description", text(each.description)},
                                         {"assume_role_policy", text(trusts)}}));
    attachments.emplace(
        name,
        JsonValue(Object{{"role", text(fmt::format("${{aws_iam_role.{}.name}}", name))},
                         {"policy_arn", text(fmt::format("${{aws_iam_policy.{}.arn}}", name))}}));
  }
  return JsonValue(Object{
      {"variable", JsonValue(std::move(variables))},
      {"resource",
       JsonValue(Object{{"aws_iam_policy", JsonValue(std::move(of_policies))},
                        {"aws_iam_role", JsonValue(std::move(roles))},
                        {"aws_iam_role_policy_attachment", JsonValue(std::move(attachments))}})}});
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
  std::vector<respond::OperationName> reads = host::coverage_reads();
  reads.insert(reads.end(), host::who_else_reads().begin(), host::who_else_reads().end());
  const std::vector<RolePolicy> policies =
      respond::policies_for(*actions, reads, tables->parameters, unknown);
  if (!unknown.empty()) {
    context.note(fmt::format("note: it is not known what allows {}; add it by hand\n",
                             fmt::join(unknown, ", ")));
  }
  const std::string format = context.settings().text("permissions-format");
  return context.print(codec::pretty_json(format == "cloudformation" ? cloudformation(policies)
                                          : format == "terraform"    ? terraform(policies)
                                                                     : plain(policies)));
}

}  // namespace stanch::cli
