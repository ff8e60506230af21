#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <span>

#include "codec/hash.h"
#include "codec/timestamp.h"
#include "respond/action/action.h"
#include "respond/action/codes.h"
#include "respond/action/lint.h"

namespace stanch::respond {

namespace {

using codec::Jmespath;
using codec::YamlMark;
using codec::YamlMember;
using codec::YamlNode;

template <typename T>
struct Word {
  std::string_view word;
  T value;
};

constexpr Word<Phase> kPhases[] = {{"preserve", Phase::kPreserve},
                                   {"contain", Phase::kContain},
                                   {"eradicate", Phase::kEradicate},
                                   {"recover", Phase::kRecover},
                                   {"inform", Phase::kInform}};
constexpr Word<RiskClass> kRisks[] = {{"read", RiskClass::kRead},
                                      {"additive", RiskClass::kAdditive},
                                      {"reversible", RiskClass::kReversible},
                                      {"disruptive", RiskClass::kDisruptive},
                                      {"irreversible", RiskClass::kIrreversible}};
constexpr Word<Repeat> kRepeats[] = {{"desired-state", Repeat::kDesiredState},
                                     {"client-token", Repeat::kClientToken},
                                     {"own-name", Repeat::kOwnName},
                                     {"lock", Repeat::kLock},
                                     {"mark", Repeat::kMark},
                                     {"once", Repeat::kOnce}};
constexpr Word<CutsOff> kCutsOff[] = {{"some", CutsOff::kSome}, {"all", CutsOff::kAll}};
constexpr std::string_view kGlobalRegion = "global", kTargetRegion = "target";

constexpr std::string_view kMembers[] = {
    "name",       "title",    "description", "phase",        "class",       "target",
    "techniques", "pitfalls", "evidence",    "region",       "observe",     "state",
    "let",        "hits",     "needs",       "done",         "change",      "verify",
    "watch",      "sealed",   "undo",        "irreversible", "prepared_by", "parameters",
    "account",    "secret",   "holds_up",    "time_box",     "cuts_off"};
constexpr std::string_view kVerifyMembers[] = {"that", "within", "never"};
constexpr std::string_view kWatchMembers[] = {"that"};
constexpr std::string_view kSealedMembers[] = {"that", "never"};
// What is at hand everywhere: the target, the incident, names of ours for this incident, and what
// the action was told.
constexpr std::string_view kRoots[] = {"target", "incident", "own", "given"};

// Words of small letters, digits and '-', from `least` to `most` of them with `between` between.
bool are_parts(std::string_view text, char between, size_t least, size_t most) {
  size_t parts = 1;
  char before = between;
  for (const char c : text) {
    if (c == between) {
      if (before == between) return false;
      ++parts;
    } else if ((c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-') {
      return false;
    }
    before = c;
  }
  return before != between && parts >= least && parts <= most;
}

template <typename T, size_t kCount>
std::string_view word_of(T value, const Word<T> (&words)[kCount]) {
  return std::ranges::find(words, value, &Word<T>::value)->word;
}

class Reader {
 public:
  Reader(const std::string& path, const std::string& text, Diagnostics& diagnostics)
      : path_(path), text_(text), diagnostics_(diagnostics), before_(diagnostics.size()) {
    roots_.assign(std::begin(kRoots), std::end(kRoots));
  }

  std::optional<Action> read() {
    const auto documents = codec::parse_yaml(text_);
    if (documents.empty()) {
      report(ActionCode::kSyntax, {}, "there is nothing in this file");
      return std::nullopt;
    }
    for (const codec::YamlDocument& document : documents) {
      if (document.problem) {
        report(ActionCode::kSyntax, document.problem->mark, document.problem->message,
               document.problem->hint);
      }
      for (const codec::YamlDuplicateKey& twice : document.duplicate_keys) {
        report(ActionCode::kValue, twice.again, fmt::format("'{}' is given twice", twice.key));
      }
    }
    if (documents.size() > 1) report(ActionCode::kSyntax, {}, "a file has one action");
    if (documents[0].problem) return std::nullopt;
    const YamlNode& root = documents[0].root;
    if (!is_map(root, "an action")) return std::nullopt;
    check_members(root, kMembers);
    std::optional<Action> action(std::in_place);
    action->version = codec::to_hex(codec::sha256(text_));
    read_meta(root, *action);
    read_plan(root, *action);
    lint(root, [&](auto&&... args) { report(args...); });
    // In the order in which people fix them.
    std::ranges::stable_sort(diagnostics_.begin() + static_cast<std::ptrdiff_t>(before_),
                             diagnostics_.end(), {},
                             [](const Diagnostic& each) { return each.place.line; });
    return diagnostics_.size() == before_ ? std::move(action) : std::nullopt;
  }

 private:
  void report(ActionCode code, YamlMark mark, std::string message, std::string hint = "") {
    diagnostics_.push_back({&code_of(code),
                            {path_, mark.line, mark.column},
                            std::move(message),
                            mark.line == 0 ? "" : line_of(text_, mark.line),
                            std::move(hint)});
  }

  bool is_map(const YamlNode& node, std::string_view what) {
    if (node.is_map()) return true;
    report(ActionCode::kValue, node.mark, fmt::format("{} is a map", what));
    return false;
  }
  void check_members(const YamlNode& map, std::span<const std::string_view> known) {
    for (const YamlMember& member : map.members) {
      if (std::ranges::find(known, member.key.text) != known.end()) continue;
      report(ActionCode::kUnknown, member.key.mark,
             fmt::format("there is no member '{}'", member.key.text),
             fmt::format("{}.", fmt::join(known, ", ")));
    }
  }
  const YamlNode* needed(const YamlNode& map, std::string_view name) {
    const YamlNode* found = map.find(name);
    if (found == nullptr) {
      report(ActionCode::kMissing, map.mark, fmt::format("'{}' is missing", name));
    }
    return found;
  }
  std::string text(const YamlNode& map, std::string_view name, bool is_needed = true) {
    const YamlNode* node = is_needed ? needed(map, name) : map.find(name);
    if (node == nullptr) return {};
    if (!node->is_scalar() || node->text.empty()) {
      report(ActionCode::kValue, node->mark,
             fmt::format("'{}' is {}", name, node->is_scalar() ? "empty" : "a text"));
      return {};
    }
    std::string text = node->text;
    while (text.ends_with('\n')) text.pop_back();
    return text;
  }
  std::vector<std::string> texts(const YamlNode& map, std::string_view name) {
    const YamlNode* node = map.find(name);
    std::vector<std::string> texts;
    if (node == nullptr) return texts;
    if (!node->is_list())
      report(ActionCode::kValue, node->mark, fmt::format("'{}' is a list", name));
    for (const YamlNode& item : node->items) texts.push_back(item.text);
    return texts;
  }
  template <typename T, size_t kCount>
  T word(const YamlNode& map, std::string_view name, const Word<T> (&words)[kCount]) {
    const YamlNode* node = needed(map, name);
    if (node == nullptr) return words[0].value;
    const auto found = std::ranges::find(words, node->text, &Word<T>::word);
    if (found != std::end(words)) return found->value;
    std::string all;
    for (const Word<T>& each : words) all += (all.empty() ? "" : ", ") + std::string(each.word);
    report(ActionCode::kValue, node->mark, fmt::format("'{}' is no {}", node->text, name),
           all + ".");
    return words[0].value;
  }

  // ---- what is at hand where

  Names names(std::initializer_list<std::string_view> more, bool holes = false) const {
    Names names{.roots = roots_, .holes = holes};
    names.roots.insert(names.roots.end(), more.begin(), more.end());
    return names;
  }
  void take(std::vector<TemplateProblem>& problems) {
    for (TemplateProblem& problem : problems) {
      report(ActionCode::kExpression, problem.mark, std::move(problem.message),
             std::move(problem.hint));
    }
    problems.clear();
  }
  std::optional<Jmespath> expression(const YamlNode& node, const Names& names) {
    std::vector<TemplateProblem> problems;
    auto compiled = compile_expression(node, names, problems);
    take(problems);
    return compiled;
  }
  std::optional<Jmespath> expression(const YamlNode& map, std::string_view name,
                                     const Names& names) {
    const YamlNode* node = map.find(name);
    return node == nullptr ? std::nullopt : expression(*node, names);
  }
  Template parameters(const YamlNode& call, const Names& names) {
    const YamlNode* with = call.find("with");
    if (with == nullptr || !is_map(*with, "'with'")) return {};
    std::vector<TemplateProblem> problems;
    Template made = Template::compile(*with, names, problems);
    take(problems);
    return made;
  }

  OperationName operation(const YamlNode& node) {
    const size_t dot = node.text.find('.');
    if (dot == std::string::npos) {
      report(ActionCode::kOperation, node.mark, fmt::format("'{}' names no operation", node.text),
             "SERVICE.Operation, as in iam.GetUser.");
      return {};
    }
    return {node.text.substr(0, dot), node.text.substr(dot + 1)};
  }

  Duration duration(const YamlNode& node) {
    if (const auto duration = codec::parse_duration(node.text, "sm")) return *duration;
    report(ActionCode::kValue, node.mark, fmt::format("'{}' is no time", node.text),
           "A number and s or m: 60s, 5m.");
    return {};
  }

  // ---- parts

  void read_meta(const YamlNode& root, Action& action) {
    action.name = text(root, "name");
    if (const YamlNode* name = root.find("name")) {
      action.place = {path_, name->mark.line, name->mark.column};
      if (!action.name.empty() && !is_action_name(action.name)) {
        report(ActionCode::kValue, name->mark, fmt::format("'{}' names no action", action.name),
               "Cloud, service, then a verb: aws.iam.deactivate-access-key.");
      }
    }
    action.title = text(root, "title");
    action.description = text(root, "description");
    action.phase = word(root, "phase", kPhases);
    action.risk = word(root, "class", kRisks);
    action.target = text(root, "target");
    if (!action.target.empty() && !is_target_type(action.target)) {
      report(ActionCode::kValue, root.find("target")->mark,
             fmt::format("'{}' is no type of an entity", action.target),
             "As docs/formats/entity-ids.md has them: aws:access-key.");
    }
    if (const YamlNode* cuts_off = root.find("cuts_off")) {
      action.cuts_off = word(root, "cuts_off", kCutsOff);
      if (!action.target.empty() && !is_identity(action.target)) {
        report(ActionCode::kValue, cuts_off->mark,
               fmt::format("nobody is asked who else uses {}", action.target),
               "It is for aws:user, aws:role, aws:access-key and aws:login-profile.");
      }
    }
    action.techniques = texts(root, "techniques");
    action.pitfalls = texts(root, "pitfalls");
    action.evidence = texts(root, "evidence");
    action.prepared_by = texts(root, "prepared_by");
    action.irreversible = text(root, "irreversible", false);
    if (const YamlNode* parameters = root.find("parameters");
        parameters && is_map(*parameters, "'parameters'")) {
      for (const YamlMember& member : parameters->members) read_parameter(member, action);
    }
    action.region = text(root, "region");
    action.is_global = action.region == kGlobalRegion;
    if (action.is_global || action.region == kTargetRegion) action.region.clear();
    check_parameter(root, "region", action.region, action, "global, target, or a parameter.");
    action.account = text(root, "account", false);
    check_parameter(root, "account", action.account, action);
  }

  void read_parameter(const YamlMember& member, Action& action) {
    static constexpr std::string_view kKnown[] = {"what", "default"};
    if (!is_parameter_name(member.key.text)) {
      report(ActionCode::kValue, member.key.mark,
             fmt::format("'{}' names no parameter", member.key.text),
             "Small letters, digits and '_'.");
    }
    if (!is_map(member.value, "a parameter")) return;
    check_members(member.value, kKnown);
    Parameter parameter{
        .name = member.key.text, .what = text(member.value, "what"), .otherwise = {}};
    if (const YamlNode* otherwise = member.value.find("default")) {
      parameter.otherwise = otherwise->text;
    }
    action.parameters.push_back(std::move(parameter));
  }
  // That `name`, which the member of `map` has, is "" or one of the action's parameters.
  void check_parameter(const YamlNode& map, std::string_view member, const std::string& name,
                       const Action& action, std::string hint = "") {
    if (name.empty() || find_parameter(action, name) != nullptr) return;
    report(ActionCode::kValue, map.find(member)->mark,
           fmt::format("'{}' is none of the action's parameters", name), std::move(hint));
  }

  void read_plan(const YamlNode& root, Action& action) {
    if (const YamlNode* observe = needed(root, "observe");
        observe && is_map(*observe, "'observe'")) {
      for (const YamlMember& member : observe->members) read_call(member, action);
    }
    if (const YamlNode* state = needed(root, "state"); state && is_map(*state, "'state'")) {
      for (const YamlMember& member : state->members) {
        auto found = expression(member.value, names({}));
        if (found) action.state.push_back({member.key.text, std::move(*found)});
      }
    }
    if (const YamlNode* box = root.find("time_box")) {
      action.time_box = duration(*box);
      if (action.phase != Phase::kPreserve) {
        report(ActionCode::kValue, box->mark, "only evidence has a time box");
      }
    }
    action.holds_up = texts(root, "holds_up");
    action.secret = texts(root, "secret");
    for (const std::string& name : action.secret) {
      const bool is_kept =
          std::ranges::find(action.state, name, &Named::name) != action.state.end();
      if (is_kept && action.phase == Phase::kPreserve) continue;
      report(ActionCode::kValue, root.find("secret")->mark,
             is_kept ? "only evidence is kept sealed: the phase is not 'preserve'"
                     : fmt::format("'{}' is not kept under 'state'", name));
    }
    // From here on only what was kept of the answers, not these.
    roots_.assign(std::begin(kRoots), std::end(kRoots));
    roots_.emplace_back("state");
    if (const YamlNode* let = root.find("let"); let && is_map(*let, "'let'")) {
      for (const YamlMember& member : let->members) {
        std::vector<TemplateProblem> problems;
        action.let.emplace_back(member.key.text,
                                Template::compile(member.value, names({}), problems));
        take(problems);
      }
    }
    roots_.emplace_back("let");
    if (const YamlNode* hits = root.find("hits")) {
      if (!hits->is_list()) report(ActionCode::kValue, hits->mark, "a list belongs here");
      for (const YamlNode& each : hits->items) {
        auto found = expression(each, names({}));
        if (found) action.hits.push_back(std::move(*found));
      }
    }
    if (const YamlNode* needs = root.find("needs")) {
      for (const YamlNode& need : needs->items) read_need(need, action);
    }
    if (const YamlNode* done = needed(root, "done")) {
      action.done = expression(*done, names({}));
    }
    if (const YamlNode* change = needed(root, "change"); change && is_map(*change, "'change'")) {
      for (const YamlMember& member : change->members) write_call(member, action, action.change);
    }
    // What was saved before is at hand wherever something is looked at afterwards.
    roots_.emplace_back("saved");
    action.verify = check(root, "verify", kVerifyMembers);
    if (const auto watch = check(root, "watch", kWatchMembers)) action.watch = watch->that;
    action.sealed = check(root, "sealed", kSealedMembers);
    if (const YamlNode* undo = root.find("undo"); undo && is_map(*undo, "'undo'")) {
      read_undo(*undo, action);
    }
  }

  void read_call(const YamlMember& member, Action& action) {
    static constexpr std::string_view kKnown[] = {"call", "page",     "account", "with",
                                                  "when", "for_each", "absent"};
    if (!is_map(member.value, fmt::format("'{}'", member.key.text))) return;
    check_members(member.value, kKnown);
    ReadCall call;
    call.id = member.key.text;
    const YamlNode* one = member.value.find("call");
    const YamlNode* all = member.value.find("page");
    if ((one == nullptr) == (all == nullptr)) {
      report(ActionCode::kMissing, member.key.mark, "'call' or 'page' is needed, one of them");
      return;
    }
    call.all_pages = all != nullptr;
    call.name = operation(one != nullptr ? *one : *all);
    call.account = text(member.value, "account", false);
    check_parameter(member.value, "account", call.account, action);
    call.when = expression(member.value, "when", names({}));
    call.for_each = expression(member.value, "for_each", names({}));
    call.with = parameters(member.value, call.for_each ? names({"item"}) : names({}));
    call.absent = texts(member.value, "absent");
    roots_.push_back(call.id);  // for those after it
    action.observe.push_back(std::move(call));
  }

  void read_need(const YamlNode& node, Action& action) {
    static constexpr std::string_view kKnown[] = {"that", "else"};
    if (!is_map(node, "a need")) return;
    check_members(node, kKnown);
    const YamlNode* that = needed(node, "that");
    const std::string otherwise = text(node, "else");
    if (that == nullptr) return;
    if (auto found = expression(*that, names({}))) {
      action.needs.push_back({std::move(*found), otherwise});
    }
  }

  void write_call(const YamlMember& member, const Action& action, std::vector<WriteCall>& calls) {
    static constexpr std::string_view kKnown[] = {"call", "account", "with", "when",    "for_each",
                                                  "safe", "already", "gone", "refused", "shrinks"};
    if (!is_map(member.value, fmt::format("'{}'", member.key.text))) return;
    check_members(member.value, kKnown);
    WriteCall call;
    call.id = member.key.text;
    if (const YamlNode* node = needed(member.value, "call")) call.name = operation(*node);
    call.account = text(member.value, "account", false);
    check_parameter(member.value, "account", call.account, action);
    call.when = expression(member.value, "when", names({}));
    call.for_each = expression(member.value, "for_each", names({}));
    call.with = parameters(member.value, call.for_each ? names({"item"}, true) : names({}, true));
    if (const YamlNode* shrinks = member.value.find("shrinks")) {
      call.shrinks = shrinks->text == "true";
      if (!call.shrinks || !call.for_each) {
        report(ActionCode::kValue, shrinks->mark, "'shrinks: true', of what has 'for_each'");
      }
    }
    if (const YamlNode* refused = member.value.find("refused")) {
      std::vector<TemplateProblem> problems;
      call.refused = compile_expression(*refused, {.roots = {"answer"}, .holes = false}, problems);
      take(problems);
    }
    call.repeat = word(member.value, "safe", kRepeats);
    call.already = texts(member.value, "already");
    call.gone = texts(member.value, "gone");
    calls.push_back(std::move(call));
  }

  std::optional<Check> check(const YamlNode& map, std::string_view name,
                             std::span<const std::string_view> known) {
    const YamlNode* node = map.find(name);
    if (node == nullptr || !is_map(*node, fmt::format("'{}'", name))) return std::nullopt;
    check_members(*node, known);
    const YamlNode* that = needed(*node, "that");
    if (that == nullptr) return std::nullopt;
    auto found = expression(*that, names({}));
    if (!found) return std::nullopt;
    Check check{.that = std::move(*found), .within = {}, .never = {}};
    if (const YamlNode* within = node->find("within")) check.within = duration(*within);
    check.never = expression(*node, "never", names({}));
    return check;
  }

  void read_undo(const YamlNode& node, Action& action) {
    static constexpr std::string_view kKnown[] = {"that", "same", "change", "verify",
                                                  "restores_access"};
    check_members(node, kKnown);
    Undo undo;
    undo.that = expression(node, "that", names({}));
    undo.same = texts(node, "same");
    for (const std::string& name : undo.same) {
      if (std::ranges::find(action.state, name, &Named::name) == action.state.end()) {
        report(ActionCode::kValue, node.mark, fmt::format("'{}' is not kept under 'state'", name));
      }
    }
    if (const YamlNode* change = needed(node, "change"); change && is_map(*change, "'change'")) {
      for (const YamlMember& member : change->members) write_call(member, action, undo.change);
    }
    undo.verify = check(node, "verify", kVerifyMembers);
    if (const YamlNode* restores = node.find("restores_access")) {
      undo.restores_access = restores->text == "true";
    }
    action.undo = std::move(undo);
  }

  const std::string& path_;
  const std::string& text_;
  Diagnostics& diagnostics_;
  size_t before_;
  std::vector<std::string> roots_;
};

}  // namespace

bool is_evidence(const Action& action) {
  return action.phase == Phase::kPreserve && action.risk <= RiskClass::kAdditive;
}

std::string_view name_of(Phase phase) { return word_of(phase, kPhases); }
std::string_view name_of(RiskClass risk) { return word_of(risk, kRisks); }
std::string_view name_of(Repeat repeat) { return word_of(repeat, kRepeats); }

bool is_for(const Action& action, std::string_view type) {
  constexpr std::string_view kAny = "any";
  return action.target == type || action.target == kAny;
}

bool is_identity(std::string_view type) {
  constexpr std::string_view kIdentities[] = {"aws:user", "aws:role", "aws:access-key",
                                              "aws:login-profile"};
  return std::ranges::find(kIdentities, type) != std::end(kIdentities);
}

bool is_action_name(std::string_view name) {
  constexpr size_t kBytesMax = 100;
  return name.size() <= kBytesMax && are_parts(name, '.', 2, 4);
}
bool is_parameter_name(std::string_view name) {
  constexpr size_t kBytesMax = 60;
  return !name.empty() && name.size() <= kBytesMax && std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
  });
}
bool is_target_type(std::string_view type) {
  constexpr size_t kBytesMax = 100;
  return type.size() <= kBytesMax && (are_parts(type, ':', 1, 2));
}

const Parameter* find_parameter(const Action& action, std::string_view name) {
  const auto found = std::ranges::find(action.parameters, name, &Parameter::name);
  return found == action.parameters.end() ? nullptr : &*found;
}

std::optional<Action> read_action(const std::string& path, const std::string& text,
                                  Diagnostics& diagnostics) {
  return Reader(path, text, diagnostics).read();
}

Actions read_actions(std::span<const ActionText> texts, Diagnostics& diagnostics) {
  Actions actions;
  for (const auto& [path, text] : texts) {
    auto action = read_action(path, text, diagnostics);
    if (!action) continue;
    const auto first = actions.find(action->name);
    if (first == actions.end()) {
      std::string name = action->name;
      actions.emplace(std::move(name), std::move(*action));
      continue;
    }
    const Place& place = first->second.place;
    diagnostics.push_back(
        {&code_of(ActionCode::kTwice), action->place,
         fmt::format("{}:{} is called '{}' too", place.file, place.line, action->name),
         line_of(text, action->place.line), "Rename one, or replace the file of the other."});
  }
  return actions;
}

}  // namespace stanch::respond
