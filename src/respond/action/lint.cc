#include "respond/action/lint.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "base/check.h"
#include "base/suggest.h"
#include "cloud/operations.h"

namespace stanch::respond {

namespace {

using cloud::Operation;
using cloud::Shape;
using codec::YamlMark;
using codec::YamlMember;
using codec::YamlNode;

class Linting {
 public:
  explicit Linting(const ReportAction& report) : report_(report) {}

  void calls(const YamlNode* map) {
    if (map == nullptr) return;
    for (const YamlMember& member : map->members) {
      const YamlNode* name = member.value.find("call");
      const bool pages = name == nullptr;
      if (pages) name = member.value.find("page");
      if (name != nullptr) call(member, *name, pages);
    }
  }

  // Asked of the text: what has a mistake of its own is there, and is not missed again.
  void ways(const YamlNode& root) {
    const YamlNode* observe = root.find("observe");
    const YamlNode* change = root.find("change");
    const YamlNode* undo = root.find("undo");
    const YamlNode* irreversible = root.find("irreversible");
    const YamlNode* risk = root.find("class");
    const bool changes = change != nullptr && !change->members.empty() &&
                         (risk == nullptr || risk->text != name_of(RiskClass::kRead));
    if (observe != nullptr && observe->members.empty()) {
      report_(ActionCode::kUnguarded, observe->mark,
              "nothing is observed before something is written",
              "Read the state that the change depends on.");
    }
    if (changes && undo == nullptr && irreversible == nullptr) {
      report_(ActionCode::kNoWayBack, root.mark, "there is neither 'undo' nor 'irreversible'",
              "Say how to undo it, or why that cannot be done.");
    }
    if (undo != nullptr && irreversible != nullptr) {
      report_(ActionCode::kNoWayBack, root.mark, "there are both 'undo' and 'irreversible'", "");
    }
    if (changes && root.find("verify") == nullptr && !is_all_once(change)) {
      report_(ActionCode::kUnwatched, root.mark, "nothing verifies that it took effect",
              "verify: {that: …, within: 60s}");
    }
    const YamlNode* watch = root.find("watch");
    if (watch != nullptr && change != nullptr && has_once(change)) {
      report_(ActionCode::kValue, watch->mark, "what may be done once is not done again by a watch",
              "Leave 'watch' out.");
    }
    if (undo != nullptr && undo->is_map()) way_back(root, *undo);
  }

 private:
  void way_back(const YamlNode& root, const YamlNode& undo) {
    if (root.find("watch") == nullptr) {
      report_(ActionCode::kUnwatched, root.mark, "nothing is watched afterwards",
              "watch: {that: …}");
    }
    if (undo.find("verify") == nullptr) {
      report_(ActionCode::kUnwatched, undo.mark, "nothing verifies that it was undone",
              "undo: {verify: {that: …}}");
    }
    const YamlNode* change = undo.find("change");
    if (change != nullptr && change->members.empty()) {
      report_(ActionCode::kNoWayBack, change->mark, "'undo' changes nothing",
              "Without a way back say 'irreversible', and why.");
    }
    const YamlNode* same = undo.find("same");
    if (same == nullptr || same->items.empty()) {
      report_(ActionCode::kUnguarded, undo.mark, "undo would overwrite what others changed since",
              "undo: {same: [names of the state]}");
    }
  }

  void call(const YamlMember& member, const YamlNode& name, bool pages) {
    const size_t dot = name.text.find('.');
    if (dot == std::string::npos) return;  // said when it was read
    const Operation* operation =
        cloud::Operations::built_in().find(name.text.substr(0, dot), name.text.substr(dot + 1));
    if (operation == nullptr) {
      report_(ActionCode::kOperation, name.mark,
              fmt::format("the table of operations has no {}", name.text),
              "tools/gen_aws_operations.py writes it from what the actions call.");
      return;
    }
    if (pages && operation->paging == nullptr) {
      report_(ActionCode::kOperation, name.mark,
              fmt::format("{} answers one page: 'call' it", name.text), "");
    }
    static const Shape kNothing;
    const Shape& shape = operation->input == nullptr ? kNothing : *operation->input;
    static const YamlNode kEmpty = [] {
      YamlNode node;
      node.kind = codec::YamlKind::kMap;
      return node;
    }();
    const YamlNode* with = member.value.find("with");
    structure(shape, with == nullptr ? kEmpty : *with, member.key.mark);
  }

  // Members as far as they are written out; what expressions give is checked when it is called.
  void structure(const Shape& shape, const YamlNode& node, YamlMark mark) {
    if (!node.is_map() || is_made(node)) return;
    for (const YamlMember& member : node.members) {
      const auto* known = shape.find(member.key.text);
      if (known == nullptr) {
        report_(ActionCode::kParameter, member.key.mark,
                fmt::format("there is no parameter '{}'", member.key.text), names_of(shape));
        continue;
      }
      if (known->kind() == cloud::Kind::kStructure) {
        structure(*known->shape, member.value, member.key.mark);
      } else if (known->kind() == cloud::Kind::kList &&
                 known->shape->element.kind() == cloud::Kind::kStructure) {
        for (const YamlNode& item : member.value.items) {
          structure(*known->shape->element.shape, item, item.mark);
        }
      }
    }
    for (const std::string& required : shape.required) {
      if (node.find(required) != nullptr || shape.find(required)->is_token) continue;
      report_(ActionCode::kParameter, mark, fmt::format("the parameter '{}' is missing", required),
              "");
    }
  }

  static bool is_once(const YamlMember& call) {
    const YamlNode* safe = call.value.find("safe");
    return safe != nullptr && safe->text == name_of(Repeat::kOnce);
  }
  static bool has_once(const YamlNode* change) {
    return std::ranges::any_of(change->members, is_once);
  }
  // Of what may be done once only its answer says whether it was.
  static bool is_all_once(const YamlNode* change) {
    return std::ranges::all_of(change->members, is_once);
  }
  static bool is_made(const YamlNode& node) {
    return node.members.size() == 1 &&
           (node.members[0].key.text == "json" || node.members[0].key.text == "first");
  }
  static std::string names_of(const Shape& shape) {
    std::string names;
    for (const auto& member : shape.members) names += (names.empty() ? "" : ", ") + member.name;
    return names.empty() ? "It takes none." : names + ".";
  }

  const ReportAction& report_;
};

}  // namespace

void lint(const YamlNode& root, const ReportAction& report) {
  Linting linting(report);
  linting.calls(root.find("observe"));
  linting.calls(root.find("change"));
  if (const YamlNode* undo = root.find("undo")) linting.calls(undo->find("change"));
  linting.ways(root);
}

void check_names(const Actions& actions, std::span<const ActionText> texts, const Actions& beside,
                 Diagnostics& diagnostics) {
  std::vector<std::string_view> known;
  for (const Actions* each : {&actions, &beside}) {
    for (const auto& [name, action] : *each) known.push_back(name);
  }
  // Where it stands is asked of the text only if there is something to say.
  const auto report = [&](const Action& action, std::string_view member, const std::string& name) {
    const auto file = std::ranges::find(texts, action.place.file, &ActionText::path);
    CHECK(file != texts.end());
    const auto documents = codec::parse_yaml(file->text);
    const std::vector<YamlNode>& items = documents[0].root.find(member)->items;
    const YamlMark mark = std::ranges::find(items, name, &YamlNode::text)->mark;
    diagnostics.push_back({&code_of(ActionCode::kNamed),
                           {file->path, mark.line, mark.column},
                           fmt::format("'{}': there is no action {}", member, name),
                           line_of(file->text, mark.line),
                           did_you_mean(name, known, "'stanch actions list' names them.")});
  };
  for (const auto& [own_name, action] : actions) {
    for (const auto& [member, names] :
         {std::pair("evidence", &action.evidence), std::pair("prepared_by", &action.prepared_by),
          std::pair("holds_up", &action.holds_up)}) {
      for (const std::string& name : *names) {
        if (std::ranges::find(known, name) == known.end()) report(action, member, name);
      }
    }
  }
}

}  // namespace stanch::respond
