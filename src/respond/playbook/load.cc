#include <fmt/format.h>

#include <algorithm>

#include "codec/yaml.h"
#include "respond/action/template.h"
#include "respond/codes.h"
#include "respond/playbook/playbook.h"

namespace stanch::respond {

namespace {

using codec::YamlMark;
using codec::YamlMember;
using codec::YamlNode;

constexpr std::string_view kPlaybookMembers[] = {"name",   "title",   "description",   "parameters",
                                                 "target", "targets", "contain_first", "steps"};
constexpr std::string_view kParameterLetters = "abcdefghijklmnopqrstuvwxyz0123456789_";
constexpr std::string_view kStepMembers[] = {"do", "to", "with", "when", "task", "owner"};
constexpr std::string_view kFirstMembers[] = {"that", "because"};

class PlaybookReader {
 public:
  PlaybookReader(const PlaybookText& file, const Actions& actions, Diagnostics& diagnostics)
      : file_(file), actions_(actions), diagnostics_(diagnostics), before_(diagnostics.size()) {}

  std::optional<Playbook> read() {
    const auto documents = codec::parse_yaml(file_.text);
    if (documents.size() != 1) {
      report(ResponseCode::kSyntax, {}, "a file has one playbook");
      return std::nullopt;
    }
    if (documents[0].problem) {
      report(ResponseCode::kSyntax, documents[0].problem->mark, documents[0].problem->message,
             documents[0].problem->hint);
    }
    for (const codec::YamlDuplicateKey& twice : documents[0].duplicate_keys) {
      report(ResponseCode::kTwice, twice.again, fmt::format("'{}' is given twice", twice.key));
    }
    const YamlNode& root = documents[0].root;
    if (!is_map(root, "a playbook")) return std::nullopt;
    check_members(root, kPlaybookMembers);
    Playbook playbook;
    playbook.name = text(root, "name", true);
    playbook.title = text(root, "title", true);
    playbook.description = text(root, "description", true);
    playbook.target = text(root, "target", true);
    read_parameters(root);
    playbook.targets = expression(root, "targets", {"findings", "own"});
    if (const YamlNode* first = root.find("contain_first"); first && is_map(*first, "this")) {
      check_members(*first, kFirstMembers);
      playbook.contain_first = expression(*first, "that", {"target", "findings", "own", "given"});
      playbook.contain_first_because = text(*first, "because", true);
    }
    const YamlNode* steps = root.find("steps");
    if (steps == nullptr || !steps->is_list() || steps->items.empty()) {
      report(ResponseCode::kMissing, root.mark, "a list of 'steps' is missing");
      return std::nullopt;
    }
    for (const YamlNode& node : steps->items) read_step(node, playbook);
    playbook.parameters = std::move(parameters_);
    if (diagnostics_.size() != before_) return std::nullopt;
    return playbook;
  }

 private:
  void report(ResponseCode code, YamlMark mark, std::string message, std::string hint = "") {
    diagnostics_.push_back({&code_of(code),
                            {file_.path, mark.line, mark.column},
                            std::move(message),
                            mark.line == 0 ? "" : line_of(file_.text, mark.line),
                            std::move(hint)});
  }
  bool is_map(const YamlNode& node, std::string_view what) {
    if (node.is_map()) return true;
    report(ResponseCode::kValue, node.mark, fmt::format("{} is a map", what));
    return false;
  }
  void check_members(const YamlNode& map, std::span<const std::string_view> known) {
    for (const YamlMember& member : map.members) {
      if (std::ranges::find(known, member.key.text) != known.end()) continue;
      report(ResponseCode::kUnknown, member.key.mark,
             fmt::format("there is no member '{}'", member.key.text),
             fmt::format("{}.", fmt::join(known, ", ")));
    }
  }
  std::string text(const YamlNode& map, std::string_view name, bool is_needed) {
    const YamlNode* node = map.find(name);
    if (node == nullptr) {
      if (is_needed) report(ResponseCode::kMissing, map.mark, fmt::format("'{}' is missing", name));
      return {};
    }
    if (!node->is_scalar() || node->text.empty()) {
      report(ResponseCode::kValue, node->mark, fmt::format("'{}' is a text", name));
      return {};
    }
    std::string text = node->text;
    while (text.ends_with('\n')) text.pop_back();
    return text;
  }
  std::optional<codec::Jmespath> expression(const YamlNode& map, std::string_view name,
                                            std::vector<std::string> roots) {
    const YamlNode* node = map.find(name);
    if (node == nullptr) return std::nullopt;
    return expression(*node, std::move(roots));
  }
  std::optional<codec::Jmespath> expression(const YamlNode& node, std::vector<std::string> roots) {
    check_given(node);
    std::vector<TemplateProblem> problems;
    auto compiled = compile_expression(node, {.roots = std::move(roots), .holes = false}, problems);
    for (TemplateProblem& problem : problems) {
      report(ResponseCode::kExpression, problem.mark, std::move(problem.message),
             std::move(problem.hint));
    }
    return compiled;
  }
  void read_parameters(const YamlNode& root) {
    const YamlNode* parameters = root.find("parameters");
    if (parameters == nullptr || !is_map(*parameters, "'parameters'")) return;
    for (const YamlMember& member : parameters->members) {
      if (!is_parameter_name(member.key.text) || !member.value.is_scalar()) {
        report(ResponseCode::kValue, member.key.mark,
               "a name in small letters, digits and '_', and a text that says what it is");
        continue;
      }
      parameters_.emplace(member.key.text, member.value.text);
    }
  }

  // Of a name that nobody can say, an expression would make nothing, in silence.
  void check_given(const YamlNode& node) {
    constexpr std::string_view kGiven = "given.";
    for (size_t at = node.text.find(kGiven); at != node.text.npos;
         at = node.text.find(kGiven, at + 1)) {
      const size_t begin = at + kGiven.size();
      const size_t end = node.text.find_first_not_of(kParameterLetters, begin);
      const std::string name = node.text.substr(begin, end == node.text.npos ? end : end - begin);
      const bool is_taken = std::ranges::any_of(
          actions_, [&](const auto& each) { return find_parameter(each.second, name) != nullptr; });
      if (is_taken || parameters_.contains(name)) continue;
      report(ResponseCode::kUnknown, node.mark, fmt::format("nobody is asked for '{}'", name),
             "Actions have 'parameters', and so may a playbook.");
    }
  }

  void read_step(const YamlNode& node, Playbook& playbook) {
    if (!is_map(node, "a step")) return;
    check_members(node, kStepMembers);
    PlaybookStep step;
    step.action = text(node, "do", false);
    step.task = text(node, "task", false);
    step.owner = text(node, "owner", false);
    step.to = expression(node, "to", {"target", "findings", "own", "given"});
    step.when = expression(node, "when", {"target", "findings", "own", "given"});
    if (step.action.empty() == step.task.empty()) {
      report(ResponseCode::kMissing, node.mark, "'do' or 'task' is needed, one of them");
    } else if (!step.action.empty() && !actions_.contains(step.action)) {
      report(ResponseCode::kUnknown, node.find("do")->mark,
             fmt::format("there is no action {}", step.action),
             "'stanch actions list' names them.");
    } else {
      read_with(node, step);
    }
    playbook.steps.push_back(std::move(step));
  }

  void read_with(const YamlNode& node, PlaybookStep& step) {
    const YamlNode* with = node.find("with");
    if (with == nullptr || !is_map(*with, "'with'")) return;
    for (const YamlMember& member : with->members) {
      const auto action = actions_.find(step.action);
      if (action == actions_.end() || find_parameter(action->second, member.key.text) == nullptr) {
        report(ResponseCode::kUnknown, member.key.mark,
               fmt::format("{} is not told '{}'", step.action.empty() ? "a person" : step.action,
                           member.key.text));
        continue;
      }
      auto value = expression(member.value, {"target", "findings", "own", "given"});
      if (value) step.with.push_back({member.key.text, std::move(*value)});
    }
  }

  const PlaybookText& file_;
  const Actions& actions_;
  Diagnostics& diagnostics_;
  size_t before_;
  std::map<std::string, std::string, std::less<>> parameters_;  // of the playbook
};

}  // namespace

Playbooks read_playbooks(std::span<const PlaybookText> texts, const Actions& actions,
                         Diagnostics& diagnostics) {
  Playbooks playbooks;
  for (const PlaybookText& file : texts) {
    auto playbook = PlaybookReader(file, actions, diagnostics).read();
    if (!playbook) continue;
    std::string name = playbook->name;
    if (playbooks.emplace(name, std::move(*playbook)).second) continue;
    diagnostics.push_back({&code_of(ResponseCode::kTwice),
                           {file.path, 0, 0},
                           fmt::format("there is a playbook {} already", name),
                           "",
                           ""});
  }
  return playbooks;
}

}  // namespace stanch::respond
