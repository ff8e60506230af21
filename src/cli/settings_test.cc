#include "cli/settings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "cli/fake_world_for_test.h"

namespace stanch::cli {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class SettingsTest : public testing::Test {
 protected:
  SettingsTest() {
    folder_ = fs::temp_directory_path() / ("stanch_settings_" + std::to_string(::getpid()));
    fs::create_directories(folder_ / "stanch");
    world_.variables.values["XDG_CONFIG_HOME"] = folder_.string();
  }
  ~SettingsTest() override { fs::remove_all(folder_); }

  void write_config(std::string_view text) {
    std::ofstream(folder_ / "stanch/stanch.yaml") << text;
  }
  Settings load(const std::vector<std::string>& arguments) {
    const auto parsed = parse(arguments);
    env::Env env = world_.env();
    return load_settings(env, std::get<Invocation>(parsed), diagnostics_);
  }

  FakeWorld world_;
  fs::path folder_;
  Diagnostics diagnostics_;
};

TEST_F(SettingsTest, FlagsOverVariablesOverFileOverDefaults) {
  EXPECT_EQ(load({"scan", "x"}).text("fail-level"), "high");
  write_config("scan:\n  fail_level: low\n");
  EXPECT_EQ(load({"scan", "x"}).text("fail-level"), "low");
  world_.variables.values["STANCH_SCAN_FAIL_LEVEL"] = "medium";
  EXPECT_EQ(load({"scan", "x"}).text("fail-level"), "medium");
  EXPECT_EQ(load({"scan", "x", "--fail-level", "critical"}).text("fail-level"), "critical");
  world_.variables.values["STANCH_SCAN_FAIL_LEVEL"] = "";
  EXPECT_EQ(load({"scan", "x"}).text("fail-level"), "low");
  EXPECT_THAT(diagnostics_, IsEmpty());
}

TEST_F(SettingsTest, FlagsThatNegateAreKeysThatSayYes) {
  EXPECT_FALSE(load({"scan", "x"}).flag("no-dedup"));
  write_config("scan: {dedup: false}\nbuiltin_rules: true\n");
  EXPECT_TRUE(load({"scan", "x"}).flag("no-dedup"));
  EXPECT_FALSE(load({"scan", "x"}).flag("no-builtin-rules"));
  world_.variables.values["STANCH_SCAN_DEDUP"] = "true";
  EXPECT_FALSE(load({"scan", "x"}).flag("no-dedup"));
  EXPECT_TRUE(load({"scan", "x", "--no-dedup"}).flag("no-dedup"));
}

TEST_F(SettingsTest, OneAndZeroAreYesAndNo) {
  world_.variables.values["STANCH_QUIET"] = "1";
  world_.variables.values["STANCH_SCAN_DEDUP"] = "0";
  const Settings settings = load({"scan", "x"});
  EXPECT_TRUE(settings.flag("quiet"));
  EXPECT_TRUE(settings.flag("no-dedup"));
  EXPECT_THAT(diagnostics_, IsEmpty());
}

TEST_F(SettingsTest, ListsAreYamlListsOrColonSeparated) {
  write_config("rules: [/a, /b]\n");
  EXPECT_THAT(load({"scan", "x"}).list("rules"), ElementsAre("/a", "/b"));
  write_config("rules: /a\n");
  EXPECT_THAT(load({"scan", "x"}).list("rules"), ElementsAre("/a"));
  world_.variables.values["STANCH_RULES"] = "/c::/d:";
  EXPECT_THAT(load({"scan", "x"}).list("rules"), ElementsAre("/c", "/d"));
}

TEST_F(SettingsTest, MistakesOfTheFileHavePlaces) {
  const struct {
    const char* name;
    std::string text;
    std::string_view code;
    uint32_t line, column;
    const char* hint;
  } cases[] = {
      {"syntax", "scan: [\n", "CFG002", 2, 0, ""},
      {"two documents", "quiet: true\n---\nquiet: true\n", "CFG002", 0, 0, ""},
      {"unknown", "scan:\n  fail_levl: low\n", "CFG003", 2, 3, "Did you mean 'scan.fail_level'?"},
      {"unknown far", "zzzzzzzzzz: 1\n", "CFG003", 1, 1, "stanch help config"},
      {"no map", "- a\n", "CFG004", 1, 0, "stanch help config"},
      {"group as value", "scan: 7\n", "CFG004", 1, 0, "below 'scan:'"},
      {"list for one", "scan:\n  jobs: [1]\n", "CFG004", 2, 0, "Write 'jobs: value'"},
      {"null", "scan:\n  jobs:\n", "CFG004", 0, 0, "remove the line"},
      {"bad number", "scan:\n  jobs: many\n", "CFG005", 2, 9, "a whole number"},
      {"bad choice", "color: blue\n", "CFG005", 1, 8, "auto, always, never"},
      {"bad flag", "quiet: 2\n", "CFG005", 1, 8, "true or false"},
      {"twice", "quiet: true\nquiet: false\n", "CFG006", 2, 1, ""},
  };
  for (const auto& each : cases) {
    SCOPED_TRACE(each.name);
    Diagnostics diagnostics;
    parse_config("stanch.yaml", each.text, diagnostics);
    ASSERT_FALSE(diagnostics.empty());
    EXPECT_EQ(diagnostics[0].code->id, each.code);
    if (each.line != 0) {
      EXPECT_EQ(diagnostics[0].place.line, each.line);
    }
    if (each.column != 0) {
      EXPECT_EQ(diagnostics[0].place.column, each.column);
    }
    EXPECT_THAT(diagnostics[0].hint, HasSubstr(each.hint));
    EXPECT_EQ(diagnostics[0].place.file, "stanch.yaml");
  }
}

TEST_F(SettingsTest, EmptyFileSetsNothing) {
  for (const char* text : {"", "# only a comment\n", "---\n"}) {
    Diagnostics diagnostics;
    EXPECT_TRUE(parse_config("stanch.yaml", text, diagnostics).empty());
    EXPECT_THAT(diagnostics, IsEmpty());
  }
}

TEST_F(SettingsTest, AVariableWithABadValueIsNamed) {
  world_.variables.values["STANCH_SCAN_JOBS"] = "many";
  load({"scan", "x"});
  ASSERT_EQ(diagnostics_.size(), 1u);
  EXPECT_EQ(diagnostics_[0].place.file, "STANCH_SCAN_JOBS");
  EXPECT_EQ(diagnostics_[0].code->id, "CFG005");
}

// STANCH_FORMAT=csv and STANCH_NO_DEDUP=1 changed nothing, and nobody said so.
TEST_F(SettingsTest, AVariableNamedAfterAFlagIsNoSetting) {
  const struct {
    const char* name;
    const char* hint;
  } cases[] = {{"STANCH_FORMAT", "Did you mean STANCH_SCAN_FORMAT?"},
               {"STANCH_NO_DEDUP", "Did you mean STANCH_SCAN_DEDUP?"},
               {"STANCH_NO_BUILTIN_RULES", "Did you mean STANCH_BUILTIN_RULES?"},
               {"STANCH_OUTPUT", "--output can only be given as a flag."}};
  for (const auto& each : cases) {
    world_.variables.values[each.name] = "x";
    load({"scan", "x"});
    ASSERT_EQ(diagnostics_.size(), 1u) << each.name;
    EXPECT_EQ(diagnostics_[0].code->id, "CFG007");
    EXPECT_EQ(diagnostics_[0].code->severity, Severity::kWarning);
    EXPECT_EQ(diagnostics_[0].place.file, each.name);
    EXPECT_EQ(diagnostics_[0].hint, each.hint);
    diagnostics_.clear();
    world_.variables.values.clear();
  }
  world_.variables.values["STANCH_RULES"] = "/x";
  world_.variables.values["STANCH_COLOR"] = "never";
  load({"scan", "x"});
  EXPECT_THAT(diagnostics_, IsEmpty());
}

TEST_F(SettingsTest, AFileThatWasNamedMustBeThere) {
  load({"scan", "x", "--config", (folder_ / "none.yaml").string()});
  ASSERT_EQ(diagnostics_.size(), 1u);
  EXPECT_EQ(diagnostics_[0].code->id, "CFG001");
  diagnostics_.clear();
  world_.variables.values["STANCH_CONFIG"] = (folder_ / "none.yaml").string();
  load({"scan", "x"});
  EXPECT_EQ(diagnostics_.size(), 1u);
}

TEST_F(SettingsTest, TheCurrentFolderIsNoPlaceForSettings) {
  const fs::path before = fs::current_path();
  fs::create_directories(folder_ / "evidence");
  std::ofstream(folder_ / "evidence/stanch.yaml") << "builtin_rules: false\n";
  fs::current_path(folder_ / "evidence");
  EXPECT_FALSE(load({"scan", "x"}).flag("no-builtin-rules"));
  fs::current_path(before);
}

}  // namespace
}  // namespace stanch::cli
