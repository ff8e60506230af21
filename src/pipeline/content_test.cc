#include "pipeline/content.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <map>

#include "env/os/os.h"

namespace stanch::pipeline {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;

class ContentTest : public testing::Test {
 protected:
  ContentTest() {
    const auto* test = testing::UnitTest::GetInstance()->current_test_info();
    folder_ = fs::temp_directory_path() /
              (std::string("stanch_content_") + test->name() + std::to_string(::getpid()));
    fs::create_directories(folder_);
  }
  ~ContentTest() override { fs::remove_all(folder_); }

  std::string write(const std::string& name, std::string_view text) {
    const fs::path path = folder_ / name;
    fs::create_directories(path.parent_path());
    std::ofstream(path, std::ios::binary) << text;
    return path.string();
  }

  env::OsEnv os_;
  env::Env env_ = os_.env();
  fs::path folder_;
};

TEST_F(ContentTest, EmbeddedFilesAreTheContentFolder) {
  const model::Content& content = embedded_content();
  size_t found = 0;
  for (const auto& entry :
       fs::recursive_directory_iterator(std::string(STANCH_SOURCE_DIR) + "/content")) {
    if (!entry.is_regular_file()) continue;
    const std::string name =
        fs::relative(entry.path(), std::string(STANCH_SOURCE_DIR) + "/content").string();
    const bool is_case = name.starts_with("actions/") && name.ends_with(".cases.yaml");
    if (is_case || name.ends_with(".events.ndjson") || name.ends_with("README.md")) {
      EXPECT_FALSE(content.files.contains(name)) << name;
      continue;
    }
    ++found;
    std::ifstream file(entry.path(), std::ios::binary);
    const std::string bytes((std::istreambuf_iterator<char>(file)), {});
    ASSERT_TRUE(content.files.contains(name)) << name;
    EXPECT_TRUE(content.files.at(name) == bytes) << name << " changed since the program was built";
  }
  EXPECT_EQ(content.files.size(), found);
  EXPECT_GT(found, 1u);
}

TEST_F(ContentTest, OverlayReplacesAndAddsByPath) {
  write("context.yaml", "own_accounts: ['1']\n");
  write("rules/mine.yml", "title: mine\n");
  write("rules/mine.events.ndjson", "{}\n");
  write("actions/mine.cases.yaml", "cases: []\n");
  write("rules/mine.cases.yaml", "title: a rule\n");
  write(".hidden", "x");
  const auto content = load_content(env_.files, folder_.string());
  ASSERT_TRUE(content);
  EXPECT_EQ(content->files.at("context.yaml"), "own_accounts: ['1']\n");
  EXPECT_TRUE(content->files.contains("rules/mine.yml"));
  EXPECT_FALSE(content->files.contains("rules/mine.events.ndjson"));
  EXPECT_FALSE(content->files.contains("actions/mine.cases.yaml"));
  EXPECT_TRUE(content->files.contains("rules/mine.cases.yaml"));
  EXPECT_FALSE(content->files.contains(".hidden"));
  EXPECT_TRUE(content->files.contains("placeholders.yaml"));
  EXPECT_NE(content->version(), embedded_content().version());
}

TEST_F(ContentTest, OverlayThatIsMissingOrTooMuchIsAnError) {
  EXPECT_FALSE(load_content(env_.files, (folder_ / "none").string()));
  write("a.yaml", "0123456789");
  write("b.yaml", "");
  write("deep/er/c.yaml", "");
  EXPECT_THAT(load_content(env_.files, folder_.string(), {.file_bytes_max = 9}).error().message(),
              HasSubstr("larger than 9 bytes"));
  EXPECT_THAT(load_content(env_.files, folder_.string(), {.files_max = 2}).error().message(),
              HasSubstr("more than 2 files"));
  EXPECT_THAT(load_content(env_.files, folder_.string(), {.depth_max = 1}).error().message(),
              HasSubstr("folders inside each other"));
}

TEST_F(ContentTest, ALoopOfLinksEnds) {
  fs::create_directory_symlink(folder_, folder_ / "loop");
  EXPECT_FALSE(load_content(env_.files, folder_.string()));
}

TEST_F(ContentTest, RulesAreThoseOfTheContentThenThoseNamed) {
  model::Content content;
  content.files["rules/b.yml"] = "b";
  content.files["rules/a.yaml"] = "a";
  content.files["rules/notes.txt"] = "n";
  content.files["fields/x.yaml"] = "x";
  write("sub/z.yml", "z");
  write("sub/y.yaml", "y");
  write("sub/readme.md", "r");
  const std::string single = write("one.rule", "one");
  const std::vector<std::string> named = {single, (folder_ / "sub/").string()};
  const auto texts = rule_texts(env_.files, content, named);
  ASSERT_TRUE(texts);
  std::vector<std::string> found;
  for (const detect::RuleText& text : *texts) found.push_back(text.text);
  EXPECT_THAT(found, ElementsAre("a", "b", "one", "y", "z"));
  const std::vector<std::string> missing = {(folder_ / "none").string()};
  EXPECT_EQ(rule_texts(env_.files, content, missing).error().code(), ErrorCode::kNotFound);
}

TEST_F(ContentTest, CasesOfActionsAreNoActions) {
  model::Content content;
  content.files["actions/b.yaml"] = "b";
  write("sub/a.yaml", "a");
  const std::string cases = write("sub/a.cases.yaml", "cases");
  const std::vector<std::string> named = {(folder_ / "sub").string()};
  const auto texts = action_texts(env_.files, content, named);
  ASSERT_TRUE(texts);
  ASSERT_EQ(texts->size(), 2u);
  EXPECT_EQ((*texts)[1].text, "a");
  EXPECT_THAT(*case_paths(env_.files, named), ElementsAre(cases));
}

TEST_F(ContentTest, FileLargerThanTheLimitIsRefused) {
  const std::string path = write("f", "12345");
  EXPECT_EQ(*read_file(env_.files, path, 5), "12345");
  EXPECT_EQ(read_file(env_.files, path, 4).error().code(), ErrorCode::kInvalid);
}

struct Given {
  detect::Placeholders values;
  Diagnostics diagnostics;
};

Given placeholders(std::string_view context, std::string_view world = "") {
  model::Content content;
  content.files["context.yaml"] = context;
  content.files["placeholders.yaml"] = world;
  Given given;
  given.values = placeholders_of(content, given.diagnostics);
  return given;
}

TEST(Placeholders, AreListsOfText) {
  const Given given = placeholders("own_accounts: ['012345678901', 210987654321]\n", "x: [a]\n");
  EXPECT_TRUE(std::ranges::all_of(given.diagnostics, [](const Diagnostic& each) {
    return each.place.file.ends_with("(built in)");
  })) << "nothing is wrong with these files";
  EXPECT_THAT(given.values.at("own_accounts"), ElementsAre("012345678901", "210987654321"));
  EXPECT_THAT(given.values.at("x"), ElementsAre("a"));
}

TEST(Placeholders, EmptyListsAreKnownAndSaidWithTheirEffect) {
  const Given given = placeholders("own_accounts: []\nours: []\n");
  ASSERT_GT(given.diagnostics.size(), 2u);
  EXPECT_FALSE(has_errors(given.diagnostics));
  EXPECT_THAT(given.diagnostics[0].message, HasSubstr("own_accounts is empty: sharing with"));
  EXPECT_THAT(given.diagnostics[1].message, HasSubstr("%ours%"));
  EXPECT_TRUE(given.values.at("ours").empty());
}

// A file of an organisation that was written before a list came.
TEST(Placeholders, ListsThatAreMissingAreAsBuiltIn) {
  const Given given = placeholders("responder_roles: [rescue]\n");
  EXPECT_THAT(given.values.at("responder_roles"), ElementsAre("rescue"));
  EXPECT_TRUE(given.values.at("own_accounts").empty());
  Diagnostics diagnostics;
  const detect::Placeholders built_in = placeholders_of(embedded_content(), diagnostics);
  EXPECT_EQ(given.values.size(), built_in.size());
  EXPECT_FALSE(placeholders("own_accounts: []\n").values.at("responder_roles").empty());
}

TEST(Placeholders, MistakesAreDiagnostics) {
  const struct {
    const char* name;
    const char *context, *world;
    std::string_view code;
    uint32_t line;
  } cases[] = {
      {"syntax", "a: [1\n", "", "CTX001", 2},
      {"no map", "- a\n", "", "CTX002", 1},
      {"no list", "a: [b]\nb: text\n", "", "CTX002", 2},
      {"null in list", "a: [null]\n", "", "CTX002", 1},
      {"map in list", "a: [{b: c}]\n", "", "CTX002", 1},
      {"twice in one", "a: [x]\na: [y]\n", "", "CTX003", 2},
      {"in both", "a: [x]\n", "a: [y]\n", "CTX003", 1},
  };
  for (const auto& each : cases) {
    SCOPED_TRACE(each.name);
    const Given given = placeholders(each.context, each.world);
    ASSERT_FALSE(given.diagnostics.empty());
    EXPECT_EQ(given.diagnostics[0].code->id, each.code);
    EXPECT_EQ(given.diagnostics[0].place.line, each.line);
    EXPECT_TRUE(has_errors(given.diagnostics));
  }
}

// A misspelt list said nothing to any rule, in silence.
TEST(Placeholders, ListsThatNothingAsksForAreNamed) {
  model::Content content;
  content.files["context.yaml"] = "own_acounts: ['1']\nown_accounts: []\nours: [a]\nwild: [b]\n";
  content.files["placeholders.yaml"] = "theirs: [c]\n";
  const detect::RuleText rules[] = {{"a.yml", "detection: {s: {f|expand: ['x%ours%']}}"}};
  Diagnostics diagnostics;
  check_lists(content, rules, diagnostics);
  ASSERT_EQ(diagnostics.size(), 3u);
  EXPECT_EQ(diagnostics[0].place.file, "placeholders.yaml");
  EXPECT_EQ(to_text(diagnostics[1]),
            "context.yaml:1:1: warning CTX005 context-unused: no rule asks for %own_acounts%\n"
            "     1 | own_acounts: ['1']\n"
            "       | ^\n"
            "       = did you mean 'own_accounts'?\n");
  EXPECT_EQ(diagnostics[2].message, "no rule asks for %wild%");
  EXPECT_EQ(diagnostics[2].hint, "Leave it out, or correct its name.");
}

TEST(Placeholders, OfTheContentAreSound) {
  Diagnostics diagnostics;
  check_lists(embedded_content(), {}, diagnostics);
  EXPECT_TRUE(diagnostics.empty());
  const auto values = placeholders_of(embedded_content(), diagnostics);
  EXPECT_FALSE(has_errors(diagnostics));
  EXPECT_TRUE(values.contains("own_accounts"));
  for (const Diagnostic& diagnostic : diagnostics) {
    EXPECT_THAT(diagnostic.message, testing::Not(HasSubstr("match nothing by")))
        << "say in placeholders.cc what this list's emptiness means";
  }
}

TEST_F(ContentTest, ActionsAreThoseOfTheContentAndTheOnesNamed) {
  write("over/actions/aws/deny-user.yaml", "ours");
  write("over/actions/aws/deny-user.md", "no action");
  const std::string more = write("more/a.yml", "a");
  const auto content = load_content(env_.files, (folder_ / "over").string());
  ASSERT_TRUE(content);
  EXPECT_NE(content->version(), embedded_content().version());
  const std::string named[] = {(folder_ / "more").string()};
  const auto texts = action_texts(env_.files, *content, named);
  ASSERT_TRUE(texts);
  std::map<std::string, std::string> by_path;
  for (const auto& each : *texts) by_path[each.path] = each.text;
  EXPECT_EQ(by_path["actions/aws/deny-user.yaml"], "ours");
  EXPECT_FALSE(by_path.contains("actions/aws/deny-user.md"));
  EXPECT_TRUE(by_path.contains("actions/aws/isolate-instance.yaml"));
  EXPECT_EQ(by_path[more], "a");
}

}  // namespace
}  // namespace stanch::pipeline
