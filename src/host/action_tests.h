#pragma once

#include <string>
#include <vector>

#include "base/diagnostic.h"
#include "base/result.h"
#include "env/env.h"
#include "respond/cases/cases.h"

// Actions against the cases that lie beside them: x.cases.yaml beside x.yaml.

namespace stanch::host {

struct CaseTest {
  std::string name;
  uint32_t line = 0;
  std::vector<respond::CaseFailure> failures;
};

struct ActionTest {
  std::string action, path;
  std::string cases_path;  // "" if there is no such file
  std::vector<CaseTest> cases;
};

struct ActionTests {
  size_t refused = 0;             // actions with a mistake, which are not tested
  std::vector<ActionTest> tests;  // by name
  Diagnostics diagnostics;        // mistakes of actions, and of files of cases, which are not run
};

struct ActionTestSources {
  std::string content = {};  // the content's folder: what lies in the program has no cases
  std::vector<std::string> wanted = {};  // files and folders, names; none: all of the content
};

// Fails if something cannot be read, or there is no action where one was named.
Result<ActionTests> run_action_tests(env::Env& env, const ActionTestSources& sources);

}  // namespace stanch::host
