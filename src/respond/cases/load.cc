// x.cases.yaml -> cases. Members that stand beside `cases` count for each case that does not say
// them itself, and answers read by read.

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>
#include <span>
#include <tuple>

#include "respond/cases/cases.h"
#include "respond/guard/table_file.h"

namespace stanch::respond {

namespace {

using codec::YamlMark;
using codec::YamlMember;
using codec::YamlNode;

constexpr std::string_view kOfAll[] = {"target", "given", "answers", "cases"};
constexpr std::string_view kOfOne[] = {"name",  "target", "given", "answers", "saved",    "left",
                                       "reads", "fails",  "state", "hits",    "lacks",    "done",
                                       "calls", "sealed", "never", "holds",   "verified", "undo"};
constexpr std::string_view kOfTarget[] = {"id", "account", "region"};
constexpr std::string_view kOfCall[] = {"call", "with", "account", "region"};
constexpr std::string_view kOfUndo[] = {"changed", "done", "verified", "calls"};

class CaseReader {
 public:
  CaseReader(const Action& action, const std::string& path, const std::string& text,
             Diagnostics& diagnostics)
      : action_(action), file_(path, text, diagnostics) {}

  std::vector<Case> read() {
    file_.each_member("cases are",
                      [&](const YamlMember& member) { all_.members.push_back(member); });
    check_members(all_, kOfAll);
    std::vector<Case> cases;
    const YamlNode* list = all_.find("cases");
    if (list == nullptr || list->items.empty()) {
      const YamlMark mark = list == nullptr ? YamlMark() : list->mark;
      file_.report(ResponseCode::kMissing, mark, "'cases' is a list of at least one");
      return cases;
    }
    for (const YamlNode& node : list->items) {
      if (!is_map(node)) continue;
      cases.push_back(read_case(node));
    }
    return cases;
  }

 private:
  bool is_map(const YamlNode& node) {
    if (node.is_map()) return true;
    file_.report(ResponseCode::kValue, node.mark, "a map belongs here");
    return false;
  }
  void check_members(const YamlNode& map, std::span<const std::string_view> known) {
    for (const YamlMember& member : map.members) {
      if (std::ranges::find(known, member.key.text) != known.end()) continue;
      file_.unknown(member.key, fmt::format("{}.", fmt::join(known, ", ")));
    }
  }
  // Of the case, or else of all.
  const YamlNode* find(const YamlNode& node, std::string_view name) const {
    const YamlNode* own = node.find(name);
    return own != nullptr ? own : all_.find(name);
  }
  std::string text(const YamlNode& node) {
    if (!node.is_scalar() || node.text.empty()) {
      file_.report(ResponseCode::kValue, node.mark, "a text belongs here");
    }
    return node.text;
  }
  std::optional<Expected<std::string>> text(const YamlNode& map, std::string_view name) {
    const YamlNode* node = map.find(name);
    if (node == nullptr) return std::nullopt;
    return Expected<std::string>{text(*node), node->mark};
  }
  std::optional<Expected<bool>> truth(const YamlNode& map, std::string_view name) {
    const YamlNode* node = map.find(name);
    if (node == nullptr) return std::nullopt;
    if (!node->is_scalar() || node->type != codec::YamlType::kBool) {
      file_.report(ResponseCode::kValue, node->mark, "true or false belongs here");
    }
    return Expected<bool>{node->text.starts_with('t') || node->text.starts_with('T'), node->mark};
  }
  Template value(const YamlNode& node, bool holes = false) {
    std::vector<TemplateProblem> problems;
    Template made = Template::compile(
        node, {.roots = {"target", "incident", "own", "given"}, .holes = holes}, problems);
    for (TemplateProblem& problem : problems) {
      file_.report(ResponseCode::kExpression, problem.mark, std::move(problem.message),
                   std::move(problem.hint));
    }
    return made;
  }

  // ---- what is known by name

  const ReadCall* find_read(const YamlNode& key) {
    const auto found = std::ranges::find(action_.observe, key.text, &ReadCall::id);
    if (found != action_.observe.end()) return &*found;
    file_.report(ResponseCode::kUnknown, key.mark,
                 fmt::format("{} reads no '{}'", action_.name, key.text));
    return nullptr;
  }
  ExpectedByName by_name(const YamlNode& of, std::string_view name, bool are_reads = false) {
    ExpectedByName values;
    const YamlNode* node = of.find(name);
    if (node == nullptr || !is_map(*node)) return values;
    if (node->members.empty()) {
      file_.report(ResponseCode::kValue, node->mark, fmt::format("'{}' names nothing", name));
    }
    for (const YamlMember& member : node->members) {
      if (are_reads) {
        find_read(member.key);
      } else if (std::ranges::find(action_.state, member.key.text, &Named::name) ==
                 action_.state.end()) {
        file_.report(ResponseCode::kUnknown, member.key.mark,
                     fmt::format("{} keeps no '{}' in its state", action_.name, member.key.text));
      }
      values.insert_or_assign(member.key.text,
                              Expected<Template>{value(member.value), member.key.mark});
    }
    return values;
  }

  // ---- parts

  void read_target(const YamlNode& node, Case& made) {
    YamlMark mark = made.mark;
    if (const YamlNode* target = find(node, "target"); target == nullptr) {
      file_.report(ResponseCode::kMissing, node.mark, "'target' is missing",
                   "{id: aws:user/111122223333/eve}, with an account and a region where needed.");
    } else if (is_map(*target)) {
      mark = target->mark;
      check_members(*target, kOfTarget);
      const auto part = [&](std::string_view name) {
        const YamlNode* found = target->find(name);
        return found == nullptr ? std::string() : text(*found);
      };
      made.target.entity = part("id");
      made.target.account = part("account");
      made.target.region = part("region");
    }
    for (const Parameter& parameter : action_.parameters) {
      if (parameter.otherwise) made.target.given[parameter.name] = *parameter.otherwise;
    }
    if (const YamlNode* given = find(node, "given"); given && is_map(*given)) {
      for (const YamlMember& member : given->members) {
        if (find_parameter(action_, member.key.text) == nullptr) {
          file_.report(ResponseCode::kUnknown, member.key.mark,
                       fmt::format("{} takes no '{}'", action_.name, member.key.text));
        }
        made.target.given[member.key.text] = text(member.value);
      }
    }
    const auto subject = case_subject(action_, made);
    if (!subject) file_.report(ResponseCode::kValue, mark, subject.error().message());
  }

  CaseAnswer read_answer(const YamlNode& node, bool is_each) {
    CaseAnswer answer;
    answer.mark = node.mark;
    if (is_each) {
      if (!node.is_list()) {
        file_.report(ResponseCode::kValue, node.mark,
                     "a list belongs here: an answer for each item");
      }
      for (const YamlNode& item : node.items) answer.each.push_back(read_answer(item, false));
      return answer;
    }
    if (!is_map(node)) return answer;
    if (const YamlNode* error = node.find("error"); error && node.members.size() == 1) {
      answer.error = text(*error);
    } else {
      answer.value = value(node);
    }
    return answer;
  }
  void read_answers(const YamlNode* node, bool of_case, Case& made) {
    if (node == nullptr || !is_map(*node)) return;
    for (const YamlMember& member : node->members) {
      const ReadCall* read = find_read(member.key);
      if (read == nullptr) continue;
      CaseAnswer answer = read_answer(member.value, read->for_each.has_value());
      answer.is_needed = of_case;
      answer.mark = member.key.mark;
      made.answers.insert_or_assign(member.key.text, std::move(answer));
    }
  }

  std::optional<ExpectedCalls> read_calls(const YamlNode& map) {
    const YamlNode* node = map.find("calls");
    if (node == nullptr) return std::nullopt;
    ExpectedCalls calls{{}, node->mark};
    if (!node->is_list()) {
      file_.report(ResponseCode::kValue, node->mark, "a list of calls belongs here; [] is none");
    }
    for (const YamlNode& item : node->items) {
      if (!is_map(item)) continue;
      check_members(item, kOfCall);
      ExpectedCall call;
      const YamlNode* name = item.find("call");
      const size_t dot = name == nullptr ? std::string::npos : name->text.find('.');
      if (dot == std::string::npos) {
        file_.report(ResponseCode::kMissing, item.mark, "'call' is missing",
                     "SERVICE.Operation, as in iam.GetUser.");
        continue;
      }
      call.name = {name->text.substr(0, dot), name->text.substr(dot + 1)};
      if (const YamlNode* with = item.find("with"); with && is_map(*with)) {
        call.with = value(*with, true);
      }
      if (const YamlNode* account = item.find("account")) call.account = text(*account);
      if (const YamlNode* region = item.find("region")) call.region = text(*region);
      calls.value.push_back({std::move(call), item.mark});
    }
    return calls;
  }

  void read_undo(const YamlNode& node, Case& made) {
    const YamlNode* undo = node.find("undo");
    if (undo == nullptr || !is_map(*undo)) return;
    check_members(*undo, kOfUndo);
    ExpectedUndo wanted{.changed = text(*undo, "changed"),
                        .done = truth(*undo, "done"),
                        .verified = truth(*undo, "verified"),
                        .calls = read_calls(*undo)};
    if (!wanted.changed && !wanted.done && !wanted.verified && !wanted.calls) {
      file_.report(ResponseCode::kMissing, undo->mark, "'undo' expects nothing, so it cannot fail");
    }
    if (wanted.changed && (wanted.done || wanted.verified || wanted.calls)) {
      file_.report(ResponseCode::kValue, undo->mark, "what stops at a change does nothing else");
    }
    if (!action_.undo) lacks(*undo, "undo");
    if (wanted.verified && !(action_.undo && action_.undo->verify)) lacks(*undo, "undo.verify");
    if (made.saved.empty()) {
      file_.report(ResponseCode::kMissing, undo->mark,
                   "'saved' is missing: what stood before the change");
    }
    made.undo = std::move(wanted);
  }
  void lacks(const YamlNode& node, std::string_view member) {
    file_.report(ResponseCode::kUnknown, node.mark,
                 fmt::format("{} has no '{}'", action_.name, member));
  }

  Case read_case(const YamlNode& node) {
    Case made;
    made.mark = node.mark;
    check_members(node, kOfOne);
    if (const YamlNode* name = node.find("name")) {
      made.name = text(*name);
      made.mark = name->mark;
    } else {
      file_.report(ResponseCode::kMissing, node.mark, "'name' is missing: what the case shows");
    }
    if (!names_.insert(made.name).second) {
      file_.report(ResponseCode::kTwice, made.mark,
                   fmt::format("there are two cases '{}'", made.name));
    }
    read_target(node, made);
    read_answers(all_.find("answers"), false, made);
    read_answers(node.find("answers"), true, made);
    made.saved = by_name(node, "saved");
    made.left = by_name(node, "left");
    made.reads = by_name(node, "reads", true);
    made.state = by_name(node, "state");
    made.fails = text(node, "fails");
    made.lacks = text(node, "lacks");
    made.never = text(node, "never");
    made.done = truth(node, "done");
    made.verified = truth(node, "verified");
    made.holds = truth(node, "holds");
    made.sealed = truth(node, "sealed");
    if (const YamlNode* hits = node.find("hits")) {
      if (!hits->is_list()) {
        file_.report(ResponseCode::kValue, hits->mark, "a list of entities belongs here");
      }
      made.hits = {value(*hits), hits->mark};
    }
    made.calls = read_calls(node);
    read_undo(node, made);
    if (made.verified && !action_.verify) lacks(node, "verify");
    if (made.holds && !action_.watch) lacks(node, "watch");
    if (made.sealed && !action_.sealed) lacks(node, "sealed");
    if (made.never && !(action_.verify && action_.verify->never) &&
        !(action_.sealed && action_.sealed->never)) {
      lacks(node, "never");
    }
    if (!made.left.empty() && !made.undo) {
      file_.report(ResponseCode::kValue, node.mark, "'left' counts for 'undo' alone");
    }
    if (made.lacks && (made.done || made.calls)) {
      file_.report(ResponseCode::kValue, node.mark,
                   "what cannot be done is neither done nor has it calls");
    }
    if (!made.expects_something()) {
      file_.report(ResponseCode::kMissing, made.mark, "the case expects nothing, so it cannot fail",
                   "Say what is wanted: state, lacks, done, calls, verified, holds, undo.");
    }
    return made;
  }

  const Action& action_;
  TableFile file_;
  YamlNode all_{.kind = codec::YamlKind::kMap, .mark = {}, .text = {}, .items = {}, .members = {}};
  std::set<std::string> names_;
};

}  // namespace

bool Case::expects_something() const {
  return !reads.empty() || !state.empty() || fails || lacks || never || done || verified || holds ||
         sealed || hits || calls || undo;
}

std::vector<Case> read_cases(const Action& action, const std::string& path, const std::string& text,
                             Diagnostics& diagnostics) {
  Diagnostics found;
  std::vector<Case> cases = CaseReader(action, path, text, found).read();
  // What counts for all cases is read for each of them; in the order in which people fix them.
  const auto key = [](const Diagnostic& each) {
    return std::tie(each.place.line, each.place.column, each.message);
  };
  std::ranges::stable_sort(found, {}, key);
  const auto again = std::ranges::unique(found, {}, key);
  found.erase(again.begin(), again.end());
  diagnostics.insert(diagnostics.end(), std::make_move_iterator(found.begin()),
                     std::make_move_iterator(found.end()));
  return cases;
}

}  // namespace stanch::respond
