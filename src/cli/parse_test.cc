#include "cli/parse.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace stanch::cli {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using Arguments = std::vector<std::string>;

TEST(Parse, FindsCommandOptionsAndArguments) {
  const auto parsed =
      parse(Arguments{"scan", "-j", "2", "a", "--rules", "x", "--rules=y", "-", "b", "--raw"});
  const auto& found = std::get<Invocation>(parsed);
  EXPECT_EQ(found.command->name, "scan");
  EXPECT_THAT(found.options.at("jobs"), ElementsAre("2"));
  EXPECT_THAT(found.options.at("rules"), ElementsAre("x", "y"));
  EXPECT_THAT(found.options.at("raw"), ElementsAre("true"));
  EXPECT_THAT(found.arguments.at("PATH"), ElementsAre("a", "-", "b"));
}

TEST(Parse, AnArgumentNamedLikeACommandIsAnArgument) {
  const auto parsed = parse(Arguments{"scan", "rules", "scan", "help"});
  const auto& found = std::get<Invocation>(parsed);
  EXPECT_EQ(found.command->name, "scan");
  EXPECT_THAT(found.arguments.at("PATH"), ElementsAre("rules", "scan", "help"));
}

TEST(Parse, TwoWordCommandsAndTheirArguments) {
  const auto parsed = parse(Arguments{"rules", "explain", "r.yml", "e.json", "--record", "3"});
  const auto& found = std::get<Invocation>(parsed);
  EXPECT_EQ(found.command->name, "rules explain");
  EXPECT_THAT(found.arguments.at("RULE"), ElementsAre("r.yml"));
  EXPECT_THAT(found.arguments.at("EVENT"), ElementsAre("e.json"));
}

TEST(Parse, AfterTwoDashesEverythingIsAnArgument) {
  const auto parsed = parse(Arguments{"scan", "--", "--raw", "-x"});
  ASSERT_TRUE(std::holds_alternative<Invocation>(parsed));
  EXPECT_THAT(std::get<Invocation>(parsed).arguments.at("PATH"), ElementsAre("--raw", "-x"));
}

TEST(Parse, GlobalOptionsStandBeforeOrAfterTheCommand) {
  for (const Arguments& arguments : {Arguments{"-q", "scan", "x"}, Arguments{"scan", "x", "-q"}}) {
    EXPECT_TRUE(std::get<Invocation>(parse(arguments)).options.contains("quiet"));
  }
  EXPECT_EQ(std::get<Invocation>(parse(Arguments{"scan", "-vv", "x"})).options.at("verbose").size(),
            2u);
}

TEST(Parse, WrongUseSaysWhatToDo) {
  const struct {
    const char* name;
    Arguments arguments;
    const char *what, *hint;
  } cases[] = {
      {"command", {"scna"}, "'scna' is not a command", "Did you mean 'stanch scan'?"},
      {"far command", {"zzzzzzzz"}, "'zzzzzzzz' is not a command", "'stanch help'"},
      {"subcommand",
       {"rules", "lnit"},
       "'lnit' is not a command of 'stanch rules'",
       "'stanch rules lint'"},
      {"option",
       {"scan", "--fromat=x", "p"},
       "unknown option '--fromat' for 'stanch scan'",
       "Did you mean '--format'?"},
      {"option of another command",
       {"scan", "--strict", "p"},
       "unknown option '--strict'",
       "'stanch help scan'"},
      {"short option", {"scan", "-z", "p"}, "unknown option '-z'", "'stanch help scan'"},
      {"global option", {"--queit"}, "unknown option '--queit'", "Did you mean '--quiet'?"},
      {"number", {"scan", "--jobs", "two", "p"}, "--jobs is 'two'", "a whole number"},
      {"negative", {"scan", "--jobs=-1", "p"}, "--jobs is '-1'", "a whole number"},
      {"huge", {"scan", "--jobs=99999999999", "p"}, "--jobs is", "a whole number"},
      {"more threads than can be",
       {"scan", "--jobs=99999", "p"},
       "--jobs is '99999'",
       "a whole number up to 256"},
      {"choice", {"scan", "--format", "xml", "p"}, "--format is 'xml'", "table, ndjson, ocsf"},
      {"empty", {"scan", "--output=", "p"}, "--output", ""},
      {"no value", {"scan", "p", "--format"}, "--format needs a value", ""},
      {"too many", {"completion", "bash", "zsh"}, "does not take 'zsh'", ""},
      {"flag with value", {"scan", "--raw=maybe", "p"}, "--raw takes no value", ""},
      {"count with value", {"scan", "--verbose=2", "p"}, "--verbose takes no value", ""},
  };
  for (const auto& each : cases) {
    SCOPED_TRACE(each.name);
    const auto parsed = parse(each.arguments);
    ASSERT_TRUE(std::holds_alternative<UsageError>(parsed));
    EXPECT_THAT(std::get<UsageError>(parsed).what, HasSubstr(each.what));
    EXPECT_THAT(std::get<UsageError>(parsed).hint, HasSubstr(each.hint));
  }
}

// The table itself: every id is used and has a row.
TEST(Options, AreAllTakenBySomeCommand) {
  for (const OptionSpec& option : all_options()) {
    bool used = false;
    for (const CommandSpec& command : all_commands()) {
      used = used || std::ranges::find(command.options, option.id) != command.options.end();
    }
    EXPECT_TRUE(used) << option.id;
    EXPECT_FALSE(option.help.empty()) << option.id;
    EXPECT_TRUE(option.help.ends_with('.')) << option.id;
  }
  for (const CommandSpec& command : all_commands()) {
    EXPECT_FALSE(command.summary.empty()) << command.name;
    for (const std::string_view id : command.options) EXPECT_NE(find_option(id), nullptr) << id;
  }
}

TEST(Options, KeysNameOneVariableEach) {
  EXPECT_EQ(environment_name("scan.fail_level"), "STANCH_SCAN_FAIL_LEVEL");
  EXPECT_EQ(environment_name("quiet"), "STANCH_QUIET");
}

}  // namespace
}  // namespace stanch::cli
