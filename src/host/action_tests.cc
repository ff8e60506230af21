#include "host/action_tests.h"

#include <fmt/format.h>

#include <algorithm>
#include <ranges>
#include <set>

#include "host/action_set.h"
#include "pipeline/content.h"
#include "respond/codes.h"

namespace stanch::host {

namespace {

constexpr size_t kCasesBytesMax = size_t{1} << 20;
constexpr std::string_view kCases = ".cases.yaml";

std::string without_ending(const std::string& path) { return path.substr(0, path.rfind('.')); }

// The action of a file of cases; any other path as it is.
std::string action_path_of(env::Files& files, const std::string& path) {
  if (!path.ends_with(kCases)) return path;
  const std::string stem = path.substr(0, path.size() - kCases.size());
  return files.status(stem + ".yml") ? stem + ".yml" : stem + ".yaml";
}

class Tester {
 public:
  Tester(env::Env& env, ActionTests& tests) : env_(env), tests_(tests) {}

  // Those of `loaded` that are wanted. Their cases lie below `folder`; "" if their paths say where
  // they are. `paths`: where else cases lie, which have to be of one of them.
  Result<> run(const LoadedActions& loaded, const std::string& folder,
               std::span<const std::string> names, std::span<const std::string> paths) {
    tests_.refused += loaded.texts.size() - loaded.actions.size();
    tests_.diagnostics.insert(tests_.diagnostics.end(), loaded.diagnostics.begin(),
                              loaded.diagnostics.end());
    std::set<std::string> known;
    for (const respond::ActionText& text : loaded.texts) known.insert(cases_of(text.path, folder));
    for (const auto& [name, action] : loaded.actions) {
      if (names.empty() || std::ranges::find(names, name) != names.end()) {
        TRY(test(action, cases_of(action.place.file, folder)));
      }
    }
    TRY(const auto found, pipeline::case_paths(env_.files, paths));
    for (const std::string& path : found) {
      if (!path.ends_with(kCases) || known.contains(path)) continue;
      tests_.diagnostics.push_back({&code_of(respond::ResponseCode::kUnknown),
                                    {path, 0, 0},
                                    "there is no action beside it",
                                    "",
                                    "x.cases.yaml are the cases of x.yaml."});
    }
    return {};
  }

 private:
  static std::string cases_of(const std::string& path, const std::string& folder) {
    return folder + without_ending(path) + std::string(kCases);
  }

  Result<> test(const respond::Action& action, const std::string& cases_path) {
    ActionTest& test = tests_.tests.emplace_back();
    test.action = action.name;
    test.path = action.place.file;
    if (!env_.files.status(cases_path)) return {};
    test.cases_path = cases_path;
    TRY(const std::string text, pipeline::read_file(env_.files, cases_path, kCasesBytesMax));
    const size_t before = tests_.diagnostics.size();
    const auto cases = respond::read_cases(action, cases_path, text, tests_.diagnostics);
    if (tests_.diagnostics.size() > before) return {};
    for (const respond::Case& each : cases) {
      test.cases.push_back({each.name, each.mark.line, respond::run_case(action, each)});
    }
    return {};
  }

  env::Env& env_;
  ActionTests& tests_;
};

}  // namespace

Result<ActionTests> run_action_tests(env::Env& env, const ActionTestSources& sources) {
  std::vector<std::string> paths, names;
  for (const std::string& wanted : sources.wanted) {
    const bool is_path = env.files.status(wanted).has_value() || wanted.contains('/') ||
                         !respond::is_action_name(wanted);
    (is_path ? paths : names).push_back(is_path ? action_path_of(env.files, wanted) : wanted);
  }
  ActionTests tests;
  Tester tester(env, tests);
  if (!paths.empty()) {
    TRY(const auto loaded, load_actions(env, {.builtin = false, .paths = paths}));
    TRY(tester.run(loaded, "", {}, paths));
  }
  if (names.empty() && !paths.empty()) return tests;
  std::string folder = sources.content;
  if (folder.empty()) {
    return Error(ErrorCode::kInvalid,
                 "the cases of actions lie beside their files, not in the program; name files or "
                 "folders of actions, or give --content DIR");
  }
  while (folder.size() > 1 && folder.ends_with('/')) folder.pop_back();
  TRY(const auto loaded, load_actions(env, {.content = folder}));
  for (const std::string& name : names) {
    if (loaded.actions.contains(name)) continue;
    return Error(ErrorCode::kNotFound, fmt::format("there is no action '{}'", name));
  }
  folder += "/";
  std::vector<std::string> beside;
  if (names.empty() && env.files.status(folder + "actions")) beside = {folder + "actions"};
  TRY(tester.run(loaded, folder, names, beside));
  return tests;
}

}  // namespace stanch::host
