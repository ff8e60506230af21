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
#include "detect/sigma/filter.h"
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

bool is_hidden_naively(const detect::Loaded& loaded, uint32_t rule, const Case& one) {
  return std::ranges::any_of(
      detect::filters(*loaded.rules), [&](const detect::sigma::Filter& filter) {
        if (std::ranges::find(filter.rules, rule) == filter.rules.end()) return false;
        const bool holds =
            naive::matches(filter.rule, *one.event, {one.product, one.service, one.category});
        return holds == filter.hides;
      });
}

void check_verdict(const detect::Loaded& loaded, const Case& one) {
  auto rule = rule_of(loaded, one);
  ASSERT_TRUE(rule) << "the rule did not load:\n" << all_text(loaded.diagnostics);
  bool expected = one.verdict != Verdict::kDoesNotMatch;
  codec::JsonParser parser;
  codec::JsonView event = parser.parse(*one.event);
  ASSERT_TRUE(event) << name_of(parser.problem());
  detect::EventSource source{one.product, one.service, one.category};
  detect::Matcher matcher(loaded.rules, codec::HashSecret{1});
  auto matches = matcher.match(event, source).matches;
  const auto match = std::ranges::find(matches, *rule, &detect::Match::rule);
  EXPECT_EQ(match != matches.end(), expected) << "the engine differs";
  const bool hidden = match != matches.end() && !match->filters.empty();
  EXPECT_EQ(hidden, one.verdict == Verdict::kHidden) << "the engine hides otherwise";
  if (expected) {
    EXPECT_EQ(is_hidden_naively(loaded, *rule, one), hidden) << "the naive evaluator differs";
  }
  EXPECT_EQ(detect::explain(*loaded.rules, *rule, event, source).holds, expected)
      << "explain() differs";
  EXPECT_EQ(naive::matches(detect::rule_trees(*loaded.rules)[*rule], *one.event,
                           {one.product, one.service, one.category}),
            expected)
      << "the naive evaluator differs";
}

std::optional<detect::RuleState> state_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::kRefused: return detect::RuleState::kRefused;
    case Verdict::kRefusedPlaceholder: return detect::RuleState::kRefusedPlaceholder;
    default: return std::nullopt;
  }
}

void check_not_loaded(const detect::Loaded& loaded, const Case& one, detect::RuleState expected) {
  if (!one.document) {
    EXPECT_TRUE(detect::rule_infos(*loaded.rules).empty()) << "it loaded";
    ASSERT_EQ(loaded.reports.size(), 1u);
  }
  const auto report =
      std::ranges::find(loaded.reports, one.document.value_or(0), &detect::RuleReport::document);
  ASSERT_NE(report, loaded.reports.end());
  EXPECT_EQ(static_cast<int>(report->state), static_cast<int>(expected));
  EXPECT_TRUE(has_errors(loaded.diagnostics)) << "refused without a word";
}

void check_loaded(const detect::Loaded& loaded, const Case& one) {
  auto rule = rule_of(loaded, one);
  ASSERT_TRUE(rule) << "the rule did not load:\n" << all_text(loaded.diagnostics);
  const model::RuleInfo& info = *detect::rule_infos(*loaded.rules)[*rule];
  const auto report = std::ranges::find(loaded.reports, info.title, &detect::RuleReport::title);
  ASSERT_NE(report, loaded.reports.end());
  EXPECT_EQ(report->unbindable, one.verdict == Verdict::kUnbindable) << report->unbindable_why;
  for (const auto& [key, expected] : one.loaded) {
    EXPECT_EQ(key == "id"        ? info.id.text()
              : key == "version" ? info.version
                                 : std::string(name_of(info.level)),
              expected)
        << key;
  }
}

// All that is said about the text, each code once.
void check_codes(const detect::Loaded& loaded, const std::vector<std::string>& expected) {
  std::set<std::string> said;
  for (const Diagnostic& diagnostic : loaded.diagnostics) said.emplace(diagnostic.code->id);
  EXPECT_EQ(std::vector<std::string>(said.begin(), said.end()), expected)
      << all_text(loaded.diagnostics);
}

class SigmaVectors : public testing::TestWithParam<std::string> {};

TEST_P(SigmaVectors, HaveOneVerdictFromEngineExplanationAndNaiveEvaluator) {
  for (const Group& group : read_groups(kFolder, GetParam())) {
    detect::RuleText text{group.file, group.rule};
    std::vector<detect::LogSchema> logs;
    for (const Log& log : group.logs) {
      logs.push_back({log.product, log.service, log.category, log.members});
    }
    detect::FieldContent fields;
    Diagnostics about_maps;
    if (!group.maps.empty()) detect::read_fields({"maps", group.maps}, fields, about_maps);
    detect::Loaded loaded = detect::load_rules({&text, 1}, group.placeholders, logs, fields.maps);
    loaded.diagnostics.insert(loaded.diagnostics.end(), about_maps.begin(), about_maps.end());
    for (const Case& one : group.cases) {
      SCOPED_TRACE(one.id + ": " + one.reason + "\n" + group.rule + one.event.value_or(""));
      if (one.codes) check_codes(loaded, *one.codes);
      if (const auto state = state_of(one.verdict)) {
        check_not_loaded(loaded, one, *state);
        continue;
      }
      check_loaded(loaded, one);
      if (one.event) check_verdict(loaded, one);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Files, SigmaVectors, testing::ValuesIn(file_names(kFolder)),
                         [](const auto& file) {
                           std::string name = file.param.substr(0, file.param.find('.'));
                           std::ranges::replace(name, '-', '_');
                           return name;
                         });

// The ids that stand behind `mark` in a page: F1 of "**F1 step**", Y1 of "- *Y1 YAML*".
std::set<std::string> decisions(std::string_view mark, std::string_view letters,
                                const std::string& name = "sigma.md") {
  std::ifstream file(std::string(STANCH_SOURCE_DIR) + "/docs/formats/" + name);
  std::stringstream text;
  text << file.rdbuf();
  std::string page = text.str();
  std::set<std::string> ids;
  for (size_t at = page.find(mark); at != std::string::npos; at = page.find(mark, at + 2)) {
    size_t begin = at + mark.size();
    size_t end = page.find_first_of(" *", begin);
    if (end == std::string::npos) break;
    std::string id = page.substr(begin, end - begin);
    bool is_id = id.size() >= 2 && letters.contains(id[0]) &&
                 id.find_first_not_of("0123456789", 1) == std::string::npos;
    if (is_id) ids.insert(id);
  }
  return ids;
}

constexpr std::string_view kCapitals = "ABCDEFGHIJKLMNOPQRSTUVXYZ";  // W: correlations_test.cc

struct Coverage {
  std::map<std::string, std::set<Verdict>> verdicts;  // of each id in `spec`
  std::set<std::string> objected, accepted;           // ids with a case of that kind
  std::set<std::string> case_ids;
};

Coverage coverage() {
  Coverage out;
  for (const std::string& file : file_names(kFolder)) {
    for (const Group& group : read_groups(kFolder, file)) {
      for (const Case& one : group.cases) {
        EXPECT_TRUE(out.case_ids.insert(one.id).second) << one.id << " stands twice";
        const bool loads = !state_of(one.verdict) && one.verdict != Verdict::kUnbindable;
        const bool quiet = one.codes && one.codes->empty();
        for (const std::string& id : group.spec) {
          out.verdicts[id].insert(one.verdict);
          if (!loads || (one.codes && !quiet)) out.objected.insert(id);
          if (loads && quiet) out.accepted.insert(id);
        }
      }
    }
  }
  return out;
}

TEST(SigmaVectorCoverage, EveryDecisionAndStatementIsPinnedBothWays) {
  Checklist list = read_checklist(kFolder);
  std::set<std::string> both = decisions("**", kCapitals);
  EXPECT_GE(both.size(), 32u) << "docs/formats/sigma.md was not understood";
  std::set<std::string> of_maps = decisions("**", kCapitals, "fields.md");
  EXPECT_EQ(of_maps.size(), 6u) << "docs/formats/fields.md was not understood";
  of_maps.erase("X6");  // of correlations: correlations.yaml has it
  both.insert(of_maps.begin(), of_maps.end());
  both.insert(list.both.begin(), list.both.end());
  Coverage covered = coverage();
  for (const std::string& id : both) {
    EXPECT_TRUE(covered.verdicts[id].contains(Verdict::kMatches)) << id;
    const Verdict other = id.starts_with('E') ? Verdict::kHidden : Verdict::kDoesNotMatch;
    EXPECT_TRUE(covered.verdicts[id].contains(other)) << id;
  }
  for (const std::string& id : list.refused) {
    EXPECT_TRUE(covered.verdicts[id].contains(Verdict::kRefused)) << id;
  }
  // How text becomes rules: of each decision one text that is refused or remarked on, and one
  // that is loaded without a word.
  const std::set<std::string> loading = decisions("- *", "YDPU");
  EXPECT_EQ(loading.size(), 16u) << "docs/formats/sigma.md was not understood";
  for (const std::string& id : loading) {
    // A version is never wrong.
    EXPECT_TRUE(id == "Y5" || covered.objected.contains(id)) << id;
    EXPECT_TRUE(covered.accepted.contains(id)) << id;
  }
  std::set<std::string> known = both;
  known.insert(loading.begin(), loading.end());
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
