// Every vector through the loader and the engine, through explain(), and through the naive
// evaluator: all three must say what a person wrote down. Nothing here writes verdicts.

#include "vectors.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <fstream>
#include <iostream>
#include <set>
#include <sstream>

#include "codec/json.h"
#include "detect/detect.h"
#include "naive/naive.h"

namespace stanch::vectors {
namespace {

const std::string kFolder = std::string(STANCH_SOURCE_DIR) + "/tests/golden/sigma";

std::string all_text(const Diagnostics& diagnostics) {
  std::string out;
  for (const Diagnostic& diagnostic : diagnostics) out += to_text(diagnostic);
  return out;
}

// The index of the rule that a case means.
std::optional<uint32_t> rule_of(const detect::Loaded& loaded, const Case& one) {
  auto infos = detect::rule_infos(*loaded.rules);
  if (one.which.empty() && infos.size() == 1) return 0;
  for (uint32_t i = 0; i < infos.size(); ++i) {
    if (!one.which.empty() && infos[i]->title == one.which) return i;
  }
  return std::nullopt;
}

void check_verdict(const detect::Loaded& loaded, const Case& one) {
  auto rule = rule_of(loaded, one);
  ASSERT_TRUE(rule) << "the rule did not load:\n" << all_text(loaded.diagnostics);
  bool expected = one.verdict == Verdict::kMatches;
  codec::JsonParser parser;
  codec::JsonView event = parser.parse(*one.event);
  ASSERT_TRUE(event) << name_of(parser.problem());
  detect::EventSource source{one.product, one.service, one.category};
  detect::Matcher matcher(loaded.rules, codec::HashSecret{1});
  auto matches = matcher.match(event, source).matches;
  bool matched = std::ranges::find(matches, *rule, &detect::Match::rule) != matches.end();
  EXPECT_EQ(matched, expected) << "the engine differs";
  EXPECT_EQ(detect::explain(*loaded.rules, *rule, event, source).holds, expected)
      << "explain() differs";
  EXPECT_EQ(naive::matches(detect::rule_trees(*loaded.rules)[*rule], *one.event,
                           {one.product, one.service, one.category}),
            expected)
      << "the naive evaluator differs";
}

void check_state(const detect::Loaded& loaded, const Case& one) {
  detect::RuleState expected = one.verdict == Verdict::kRefused ? detect::RuleState::kRefused
                               : one.verdict == Verdict::kRefusedPlaceholder
                                   ? detect::RuleState::kRefusedPlaceholder
                                   : detect::RuleState::kNotEvaluatedYet;
  EXPECT_TRUE(detect::rule_infos(*loaded.rules).empty()) << "it loaded";
  ASSERT_EQ(loaded.reports.size(), 1u);
  EXPECT_EQ(static_cast<int>(loaded.reports[0].state), static_cast<int>(expected));
  if (one.verdict != Verdict::kNotEvaluated) {
    EXPECT_TRUE(has_errors(loaded.diagnostics)) << "refused without a word";
  }
}

class SigmaVectors : public testing::TestWithParam<std::string> {};

TEST_P(SigmaVectors, HaveOneVerdictFromEngineExplanationAndNaiveEvaluator) {
  for (const Group& group : read_groups(kFolder, GetParam())) {
    detect::RuleText text{group.file, group.rule};
    detect::Loaded loaded = detect::load_rules({&text, 1}, group.placeholders);
    for (const Case& one : group.cases) {
      SCOPED_TRACE(one.id + ": " + one.reason + "\n" + group.rule + one.event.value_or(""));
      if (one.event) {
        check_verdict(loaded, one);
      } else {
        check_state(loaded, one);
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Files, SigmaVectors, testing::ValuesIn(file_names(kFolder)),
                         [](const auto& file) {
                           std::string name = file.param.substr(0, file.param.find('.'));
                           std::ranges::replace(name, '-', '_');
                           return name;
                         });

// "**F1 step**" in the page: F1.
std::set<std::string> decisions() {
  std::ifstream file(std::string(STANCH_SOURCE_DIR) + "/docs/formats/sigma.md");
  std::stringstream text;
  text << file.rdbuf();
  std::string page = text.str();
  std::set<std::string> ids;
  for (size_t at = page.find("**"); at != std::string::npos; at = page.find("**", at + 2)) {
    size_t end = page.find_first_of(" *", at + 2);
    if (end == std::string::npos) break;
    std::string id = page.substr(at + 2, end - at - 2);
    bool is_id = id.size() >= 2 && isupper(static_cast<unsigned char>(id[0])) != 0 &&
                 id.find_first_not_of("0123456789", 1) == std::string::npos;
    if (is_id) ids.insert(id);
  }
  return ids;
}

struct Coverage {
  std::map<std::string, std::set<Verdict>> verdicts;  // of each id in `spec`
  std::set<std::string> case_ids;
};

Coverage coverage() {
  Coverage out;
  for (const std::string& file : file_names(kFolder)) {
    for (const Group& group : read_groups(kFolder, file)) {
      for (const Case& one : group.cases) {
        EXPECT_TRUE(out.case_ids.insert(one.id).second) << one.id << " stands twice";
        for (const std::string& id : group.spec) out.verdicts[id].insert(one.verdict);
      }
    }
  }
  return out;
}

TEST(SigmaVectorCoverage, EveryDecisionAndStatementIsPinnedBothWays) {
  Checklist list = read_checklist(kFolder);
  std::set<std::string> both = decisions();
  EXPECT_GE(both.size(), 32u) << "docs/formats/sigma.md was not understood";
  both.insert(list.both.begin(), list.both.end());
  Coverage covered = coverage();
  for (const std::string& id : both) {
    EXPECT_TRUE(covered.verdicts[id].contains(Verdict::kMatches)) << id;
    EXPECT_TRUE(covered.verdicts[id].contains(Verdict::kDoesNotMatch)) << id;
  }
  for (const std::string& id : list.refused) {
    EXPECT_TRUE(covered.verdicts[id].contains(Verdict::kRefused)) << id;
  }
  std::set<std::string> known = both;
  known.insert(list.refused.begin(), list.refused.end());
  known.insert(list.any.begin(), list.any.end());
  for (const auto& [id, verdicts] : covered.verdicts) {
    EXPECT_TRUE(known.contains(id)) << id << " is no decision and not in checklist.yaml";
    EXPECT_FALSE(verdicts.empty()) << id;
  }
  EXPECT_GE(covered.case_ids.size(), 700u);
}

}  // namespace
}  // namespace stanch::vectors

int main(int argc, char** argv) {
  for (int i = 1; i < argc; ++i) {
    if (std::string_view(argv[i]) == "--update") {
      std::cerr << "These vectors are written by hand: a verdict that changes is a decision.\n";
      return 2;
    }
  }
  testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}
