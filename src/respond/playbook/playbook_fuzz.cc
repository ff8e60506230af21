#include <cstdint>
#include <string>
#include <string_view>

#include "codec/json.h"
#include "respond/action/webhooks.h"
#include "respond/guard/tables.h"
#include "respond/playbook/playbook.h"

// Playbooks, guards and approvers that anybody may write; what is read of a playbook comes to
// something for a few findings, whatever its expressions ask for.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace stanch;
  const std::string text(reinterpret_cast<const char*>(data), size);
  Diagnostics diagnostics;
  respond::GuardTables tables;
  respond::read_guards("guards.yaml", text, tables, diagnostics);
  respond::read_approvers("approvers", text, tables, diagnostics);
  (void)respond::read_webhooks("webhooks.yaml", text, diagnostics);
  const respond::PlaybookText file{"playbook.yaml", text};
  static const respond::Actions kActions = [] {
    respond::Actions actions;
    for (const char* name : {"aws.iam.deny-user", "aws.iam.deactivate-access-key"}) {
      respond::Action& action = actions[name];
      action.name = name;
      action.target = "aws:access-key";
      action.parameters.push_back({.name = "why", .what = "Why.", .otherwise = {}});
    }
    return actions;
  }();
  const auto playbooks = respond::read_playbooks({&file, 1}, kActions, diagnostics);
  codec::JsonParser parser;
  const respond::PlaybookFacts facts{
      .findings = codec::JsonValue::of(parser.parse(
          R"([{"actor": "aws:user/1/eve", "credential": "aws:access-key/A", "targets": ["x"]}])"))};
  for (const auto& [name, playbook] : playbooks) {
    (void)respond::targets_of(playbook, facts);
    (void)respond::expand(playbook, "aws:access-key/A", facts, kActions);
  }
  return 0;
}
