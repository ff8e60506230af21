// stanch actions …, run in-process over the content and small files.

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "cli/fake_world_for_test.h"
#include "cli/options.h"
#include "codec/hash.h"
#include "codec/json.h"
#include "pipeline/content.h"
#include "pipeline/output/text.h"

namespace stanch::cli {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

// Those of the content.
size_t built_in() {
  return static_cast<size_t>(
      std::ranges::count_if(pipeline::embedded_content().files,
                            [](const auto& file) { return file.first.starts_with("actions/"); }));
}

class ActionsTest : public testing::Test {
 protected:
  ActionsTest() {
    const auto* test = testing::UnitTest::GetInstance()->current_test_info();
    folder_ = fs::temp_directory_path() /
              (std::string("stanch_actions_") + test->name() + std::to_string(::getpid()));
    fs::create_directories(folder_);
    world_.terminal.out_terminal = true;  // of 80 columns
    world_.variables.values["NO_COLOR"] = "1";
  }
  ~ActionsTest() override { fs::remove_all(folder_); }

  std::string path(const std::string& name) { return (folder_ / name).string(); }
  std::string write(const std::string& name, std::string_view text) {
    fs::create_directories((folder_ / name).parent_path());
    std::ofstream(folder_ / name, std::ios::binary) << text;
    return path(name);
  }
  std::string read(const std::string& name) {
    std::ifstream file(folder_ / name, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  int run(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "actions");
    return world_.run(arguments);
  }
  const std::string& out() { return world_.terminal.out; }
  const std::string& error() { return world_.terminal.error; }
  codec::JsonView json() { return parser_.parse(out()); }

  FakeWorld world_;
  fs::path folder_;
  codec::JsonParser parser_;
};

std::string deactivate() {
  return pipeline::embedded_content().files.at("actions/aws/deactivate-access-key.yaml");
}
std::string replaced(std::string text, std::string_view what, std::string_view by) {
  const size_t at = text.find(what);
  EXPECT_NE(at, std::string::npos) << what;
  return text.replace(at, what.size(), by);
}

TEST_F(ActionsTest, ListGoesThroughThePhases) {
  EXPECT_EQ(run({"list"}), kExitOk);
  EXPECT_THAT(error(), IsEmpty());
  EXPECT_THAT(out(),
              AllOf(HasSubstr("aws.iam.deactivate-access-key           contain   reversible   "
                              "aws:access-key\n  Deactivate an access key\n"),
                    HasSubstr("contain   reversible\n  aws:rolesanywhere-trust-anchor\n  Trust"),
                    HasSubstr(fmt::format("\n\n{} actions\n", built_in()))));
  EXPECT_LT(out().find("snapshot-volumes"), out().find("deny-user"));
  EXPECT_LT(out().find("deny-user"), out().find("restore-logging"));
  world_.terminal.out_terminal = false;  // 160 columns
  EXPECT_EQ(run({"list"}), kExitOk);
  EXPECT_THAT(out(),
              HasSubstr("aws:access-key" + std::string(20, ' ') + "Deactivate an access key\n"));
}

TEST_F(ActionsTest, ListTakesWhatIsAskedFor) {
  const struct {
    std::vector<std::string> options;
    const char* target;  // of all that are listed; "": any
    const char* phase;
  } cases[] = {{{"--target", "aws:instance"}, "aws:instance", ""},
               {{"--target", "aws:instance", "--phase", "contain"}, "aws:instance", "contain"},
               {{"--phase", "recover"}, "", "recover"}};
  for (const auto& each : cases) {
    std::vector<std::string> arguments = {"list", "--json"};
    EXPECT_EQ(run(arguments), kExitOk);
    const auto fits = [&](const codec::JsonView action) {
      const std::string_view target = each.target, phase = each.phase;
      const std::string its = action["target"].string_or_empty();
      return (target.empty() || its == target || its == "any") &&
             (phase.empty() || action["phase"].string_or_empty() == phase);
    };
    size_t wanted = 0;
    for (const codec::JsonView action : json()["actions"].elements()) wanted += fits(action);
    EXPECT_GE(wanted, 4u) << "of all of them";
    arguments.insert(arguments.end(), each.options.begin(), each.options.end());
    EXPECT_EQ(run(arguments), kExitOk);
    EXPECT_EQ(json()["schema"].string_or_empty(), "stanch.actions/1");
    EXPECT_EQ(json()["content_version"].string_or_empty().size(), 64u);
    EXPECT_EQ(json()["actions"].size(), wanted) << out();
    for (const codec::JsonView action : json()["actions"].elements()) EXPECT_TRUE(fits(action));
  }
  EXPECT_EQ(run({"list", "--target", "aws:nothing", "--phase", "contain"}), kExitOk);
  EXPECT_EQ(out(), "0 actions\n");
  EXPECT_EQ(run({"list", "--phase", "destroy"}), kExitUsage);
}

TEST_F(ActionsTest, AnOverlayReplacesAndABadOneStopsNoOther) {
  write("content/actions/aws/deactivate-access-key.yaml",
        replaced(deactivate(), "title: Deactivate an access key", "title: Ours"));
  write("content/actions/aws/bad.yaml", "name: [\n");
  EXPECT_EQ(run({"list", "--content", path("content")}), kExitOk);
  EXPECT_THAT(out(),
              AllOf(HasSubstr("  Ours\n"), HasSubstr(fmt::format("{} actions", built_in()))));
  EXPECT_EQ(error(), fmt::format("note: 1 of {} actions refused; 'stanch actions lint' says why\n",
                                 built_in() + 1));
  EXPECT_EQ(run({"list", "-v", "--content", path("content")}), kExitOk);
  EXPECT_THAT(error(), HasSubstr("bad.yaml:2:1: error ACT001"));
  EXPECT_EQ(run({"list", "--content", path("none")}), kExitUsage);
}

TEST_F(ActionsTest, ShowSaysWhatIsApproved) {
  EXPECT_EQ(run({"show", "aws.iam.deactivate-access-key"}), kExitOk);
  EXPECT_THAT(
      out(),
      AllOf(testing::StartsWith("Deactivate an access key\n"),
            HasSubstr("Class       reversible: it can be undone\n"),
            HasSubstr("ATT&CK      T1078.004 T1098.001\n"),
            HasSubstr("Reads       - iam.GetAccessKeyLastUsed {AccessKeyId: ${target.name}}\n"),
            HasSubstr("Writes      iam.UpdateAccessKey {UserName: ${state.user}, AccessKeyId:\n"
                      "            ${target.name}, Status: Inactive}"),
            HasSubstr("Verify      state.status == 'Inactive', within 60s\n"),
            HasSubstr("  not if    somebody else changed status since\n"),
            HasSubstr("  returns   access, which takes a false-positive decision"),
            HasSubstr("May write   iam:UpdateAccessKey\n"),
            HasSubstr(codec::to_hex(codec::sha256(deactivate())))));
  EXPECT_EQ(run({"show", "aws.ec2.snapshot-volumes"}), kExitOk);
  EXPECT_THAT(out(), AllOf(HasSubstr("Undo        none: Snapshots are evidence."),
                           HasSubstr("            ec2:CreateTags\n")));
  EXPECT_EQ(run({"show", "aws.ec2.isolate-instance"}), kExitOk);
  EXPECT_THAT(out(),
              HasSubstr("First       aws.ec2.snapshot-volumes, so that evidence is taken\n"));
}

TEST_F(ActionsTest, EveryOneIsShown) {
  ASSERT_EQ(run({"list", "--json"}), kExitOk);
  std::vector<std::string> names;
  for (const codec::JsonView action : json()["actions"].elements()) {
    names.emplace_back(action["name"].string_or_empty());
  }
  ASSERT_EQ(names.size(), built_in());
  for (const std::string& name : names) {
    EXPECT_EQ(run({"show", name}), kExitOk) << name;
    const bool is_of_aws = name.starts_with("aws.");  // to send to webhooks takes no permission
    EXPECT_EQ(out().contains("May read"), is_of_aws) << name;
    EXPECT_EQ(run({"show", name, "--json"}), kExitOk) << name;
    EXPECT_EQ(json()["schema"].string_or_empty(), "stanch.action/1");
    EXPECT_EQ(json()["name"].string_or_empty(), name);
    const bool writes = json()["class"].string_or_empty() != "read";
    EXPECT_EQ(json()["writes"].size() > 0, writes) << name;
    EXPECT_EQ(json()["permissions"]["write"].size() > 0, writes && is_of_aws) << name;
    EXPECT_EQ(json()["permissions"]["unknown"].size(), 0u) << name;
    EXPECT_TRUE(!writes || json()["undo"] || json()["irreversible"]) << name;
  }
}

TEST_F(ActionsTest, ShowSaysWhatAnActionIsTold) {
  world_.terminal.out_terminal = false;  // 160 columns
  EXPECT_EQ(run({"show", "aws.ec2.deny-address"}), kExitOk);
  EXPECT_THAT(out(), AllOf(HasSubstr("- cidr: The address or range to cut off"),
                           HasSubstr("in each direction. Otherwise 20.\n")));
  EXPECT_EQ(run({"show", "aws.s3.restore-versions"}), kExitOk);
  EXPECT_THAT(out(), HasSubstr("- prefix: With what the keys begin. Need not be said.\n"));
}

TEST_F(ActionsTest, ShowSaysWhatIsThereInstead) {
  EXPECT_EQ(run({"show", "aws.iam.deny-usr"}), kExitUsage);
  EXPECT_THAT(error(), AllOf(HasSubstr("there is no action 'aws.iam.deny-usr'"),
                             HasSubstr("Did you mean aws.iam.deny-user?")));
  EXPECT_EQ(run({"show", "zzzzzzzz"}), kExitUsage);
  EXPECT_THAT(error(), HasSubstr("'stanch actions list' shows them."));
  EXPECT_EQ(run({"show"}), kExitUsage);
  const std::string mine =
      write("mine.yaml", replaced(deactivate(), "aws.iam.deactivate-access-key", "aws.iam.mine"));
  EXPECT_EQ(run({"show", mine}), kExitOk);
  EXPECT_THAT(out(), HasSubstr("Action      aws.iam.mine\n"));
  EXPECT_EQ(run({"show", write("bad.yaml", "name: x\n")}), kExitUsage);
  EXPECT_THAT(error(), AllOf(HasSubstr("ACT003"), HasSubstr("has mistakes")));
}

TEST_F(ActionsTest, LintShowsAllProblemsOfAllFiles) {
  write("actions/good.yaml", deactivate());
  EXPECT_EQ(run({"lint", path("actions")}), kExitOk);
  EXPECT_EQ(out(), "1 action: 1 loaded; 0 errors, 0 warnings, 0 notes\n");
  write("actions/twice.yaml", deactivate());
  write("actions/worse.yaml",
        replaced(replaced(deactivate(), "Status: Inactive}", "State: Inactive}"), "phase: contain",
                 "phase: destroy"));
  EXPECT_EQ(run({"lint", path("actions")}), kExitFindings);
  EXPECT_THAT(out(), AllOf(HasSubstr("twice.yaml:1:7: error ACT011"), HasSubstr("error ACT004"),
                           HasSubstr("there is no parameter 'State'"),
                           HasSubstr("3 actions: 1 loaded, 2 refused; 4 errors")));
  EXPECT_EQ(run({"lint", "--json", path("actions")}), kExitFindings);
  EXPECT_EQ(json()["schema"].string_or_empty(), "stanch.actions-lint/1");
  EXPECT_EQ(json()["errors"].as_int64(), 4);
  EXPECT_EQ(json()["diagnostics"].size(), 4u);
  EXPECT_EQ(json()["actions"].size(), 3u);
  EXPECT_EQ(run({"lint", path("none")}), kExitUsage);
  fs::create_directories(folder_ / "empty");
  EXPECT_EQ(run({"lint", path("empty")}), kExitUsage);
  EXPECT_THAT(error(), HasSubstr("there is no action"));
}

TEST_F(ActionsTest, OfTheContentAreWithoutAMistake) {
  EXPECT_EQ(run({"lint"}), kExitOk);
  EXPECT_EQ(out(),
            fmt::format("{0} actions: {0} loaded; 0 errors, 0 warnings, 0 notes\n", built_in()));
}

TEST_F(ActionsTest, NewWritesWhatLintCanFinish) {
  const std::vector<std::string> arguments = {"new",      "aws.iam.mine",
                                              "--target", "aws:access-key",
                                              "--reads",  "iam.GetAccessKeyLastUsed",
                                              "--writes", "iam.UpdateAccessKey"};
  EXPECT_EQ(run(arguments), kExitOk);
  const std::string text = out();
  EXPECT_THAT(text, HasSubstr("name: aws.iam.mine\n"));
  std::vector<std::string> to_file = arguments;
  to_file.insert(to_file.end(), {"-o", path("mine.yaml")});
  EXPECT_EQ(run(to_file), kExitOk);
  EXPECT_EQ(read("mine.yaml"), text);
  EXPECT_THAT(error(), HasSubstr("says what to fill in"));
  EXPECT_EQ(run({"lint", path("mine.yaml")}), kExitFindings);
  EXPECT_THAT(out(), AllOf(HasSubstr("'title' is empty"), Not(HasSubstr("ACT001")),
                           Not(HasSubstr("ACT002"))));
  write("mine.yaml", "hours of work");
  EXPECT_EQ(run(to_file), kExitUsage);
  EXPECT_THAT(error(), HasSubstr("is there already"));
  EXPECT_EQ(read("mine.yaml"), "hours of work");
  to_file.back() = path("no/such/mine.yaml");
  EXPECT_NE(run(to_file), kExitOk);
}

TEST_F(ActionsTest, NewTakesOnlyNames) {
  const struct {
    std::vector<std::string> arguments;
    const char* error;
  } cases[] = {
      {{"Mine", "--target", "aws:user"}, "'Mine' names no action"},
      {{"aws.iam.a\nb: c", "--target", "aws:user"}, "names no action"},
      {{"aws.iam.mine"}, "needs --target TYPE"},
      {{"aws.iam.mine", "--target", "user: x"}, "is no type"},
      {{"aws.iam.mine", "--target", "aws:user", "--reads", "GetUser"}, "names no operation"},
      {{"aws.iam.mine", "--target", "aws:user", "--writes", "iam.X\nb: c"}, "names no operation"},
  };
  for (const auto& each : cases) {
    std::vector<std::string> arguments = {"new"};
    arguments.insert(arguments.end(), each.arguments.begin(), each.arguments.end());
    EXPECT_EQ(run(arguments), kExitUsage);
    EXPECT_THAT(error(), HasSubstr(each.error));
    EXPECT_THAT(out(), IsEmpty());
  }
}

TEST_F(ActionsTest, OfTheContentPassTheirCases) {
  const std::string content = STANCH_SOURCE_DIR "/content";
  EXPECT_EQ(run({"test", "--json", "--content", content}), kExitOk) << out();
  EXPECT_EQ(json()["schema"].string_or_empty(), "stanch.actions-test/1");
  EXPECT_EQ(json()["actions"].as_int64(), static_cast<int64_t>(built_in()));
  EXPECT_EQ(json()["failed"].as_int64(), 0);
  EXPECT_EQ(json()["errors"].as_int64(), 0);
  EXPECT_GE(json()["tests"].size(), 17u);
  EXPECT_EQ(json()["tests"].size() + json()["without_cases"].size(),
            static_cast<size_t>(built_in()));
  for (const codec::JsonView test : json()["tests"].elements()) {
    EXPECT_GE(test["cases"].size(), 3u) << test["action"].string_or_empty();
  }
  EXPECT_EQ(run({"test", content + "/actions/"}), kExitOk) << out();
  EXPECT_EQ(run({"test", "aws.iam.deny-user", "--content", content + "/"}), kExitOk);
  EXPECT_THAT(out(), HasSubstr("1 action, 7 cases: 7 passed, 0 failed\n"));
  EXPECT_EQ(run({"test", content + "/actions/aws/deny-user.cases.yaml"}), kExitOk);
  EXPECT_THAT(out(), HasSubstr("1 action, 7 cases"));
}

TEST_F(ActionsTest, TestSaysAllThatIsOtherwise) {
  write("key.yaml", deactivate());
  const std::string cases =
      write("key.cases.yaml", R"(target: {id: aws:access-key/AKIA1, account: "111122223333"}
answers:
  used: {UserName: eve}
  keys: {AccessKeyMetadata: [{AccessKeyId: AKIA1, Status: Active}]}
cases:
  - name: it is done
    done: true
    state: {user: "bob\e[2J"}
  - name: it is deleted
    calls: [{call: iam.DeleteAccessKey, with: {UserName: eve}}]
  - name: it is right
    done: false
)");
  write("other.yaml", replaced(deactivate(), "aws.iam.deactivate-access-key", "aws.iam.other"));
  EXPECT_EQ(run({"test", path(""), "-v"}), kExitFindings);
  EXPECT_THAT(out(), AllOf(HasSubstr("key.cases.yaml:8: it is done\n  state.user\n"
                                     "    expected  \"bob\\u001b[2J\"\n    came      \"eve\"\n"),
                           HasSubstr("key.cases.yaml:7: it is done\n  done\n"
                                     "    expected  true\n    came      false\n"),
                           HasSubstr("key.cases.yaml:10: it is"), HasSubstr("  calls[0]\n"),
                           HasSubstr("no case: aws.iam.other\n"),
                           HasSubstr("2 actions, 3 cases: 1 passed, 2 failed; 1 action without a "
                                     "case\n")));
  EXPECT_EQ(run({"test", path("key.yaml"), "--json"}), kExitFindings);
  EXPECT_EQ(json()["failed"].as_int64(), 2);
  EXPECT_THAT(out(), HasSubstr(R"("failures":[{"line":8,"what":"state.user","expected":)"));

  write("key.cases.yaml", "cases:\n  - name: it\n    target: {id: x}\n");
  write("lost.cases.yaml", "cases: []\n");
  EXPECT_EQ(run({"test", path("")}), kExitFindings);
  EXPECT_THAT(out(), AllOf(HasSubstr("key.cases.yaml:2:11: error RSP003"),
                           HasSubstr("expects nothing, so it cannot fail"),
                           HasSubstr("lost.cases.yaml: error RSP002"), HasSubstr("3 errors")));
}

TEST_F(ActionsTest, TestSaysWhereCasesAre) {
  EXPECT_EQ(run({"test"}), kExitUsage);
  EXPECT_THAT(error(), HasSubstr("--content DIR"));
  EXPECT_EQ(run({"test", "aws.iam.deny-user"}), kExitUsage);
  EXPECT_EQ(run({"test", path("none.yaml")}), kExitUsage);
  write("content/context.yaml", "");
  EXPECT_EQ(run({"test", "aws.iam.none", "--content", path("content")}), kExitUsage);
  EXPECT_THAT(error(), HasSubstr("there is no action 'aws.iam.none'"));
  EXPECT_EQ(run({"test", "--content", path("content")}), kExitOk);
  EXPECT_EQ(out(), fmt::format("{0} actions, 0 cases: 0 passed, 0 failed; {0} actions without a "
                               "case\n",
                               built_in()));
}

// Whoever writes an action must not write on the terminal of whoever reads it.
TEST_F(ActionsTest, TextOfActionsIsInert) {
  std::string text = deactivate();
  text = replaced(text, "title: Deactivate an access key", "title: \"Deactivate\\e[2J\\u202e\"");
  text = replaced(text, "pitfalls:\n", "pitfalls:\n  - \"\\e]0;owned\\a\\u009b31m\"\n");
  text = replaced(text, "    else: No user", "    else: \"\\e[8m\\u200b no user\" #");
  text = replaced(text, "AccessKeyId: \"${target.name}\", Status: Inactive",
                  "AccessKeyId: \"\\e[1A${target.name}\", Status: Inactive");
  text = replaced(text, "done: state.status == 'Inactive'", "done: \"state.status == '\\e[2K'\"");
  write("content/actions/aws/deactivate-access-key.yaml", text);
  write("content/actions/aws/wrong\x1b[2J.yaml", "name: \"\\e[2J\"\n\x1b[2J\xc2\x9b: 1\n");
  const std::string mine = write("mine.yaml", text);
  for (const std::vector<std::string>& arguments :
       std::vector<std::vector<std::string>>{{"list"},
                                             {"list", "--json"},
                                             {"show", "aws.iam.deactivate-access-key"},
                                             {"show", "aws.iam.deactivate-access-key", "--json"},
                                             {"show", "aws.iam.\x1b[2J"},
                                             {"lint"},
                                             {"lint", "--json"}}) {
    std::vector<std::string> all = arguments;
    all.insert(all.end(), {"--content", path("content"), "-v"});
    run(all);
    const std::string printed = out() + error();
    EXPECT_FALSE(printed.empty());
    for (const char* alive : {"\x1b", "\x07", "\xc2\x9b", "\xe2\x80\xae"}) {
      EXPECT_THAT(printed, Not(HasSubstr(alive))) << arguments[0];
    }
  }
  EXPECT_EQ(run({"show", mine}), kExitOk) << error();
  EXPECT_THAT(out(), AllOf(HasSubstr("Deactivate\\x1b[2J\\u{202e}\n"), HasSubstr("\\x1b]0;owned"),
                           HasSubstr("\\x1b[8m"), HasSubstr("== '\\x1b[2K'")));
}

TEST_F(ActionsTest, FitEightyColumns) {
  for (const std::vector<std::string>& arguments :
       std::vector<std::vector<std::string>>{{"list"}, {"show", "aws.iam.deactivate-access-key"}}) {
    run(arguments);
    std::istringstream lines(out());
    for (std::string line; std::getline(lines, line);) {
      EXPECT_LE(pipeline::output::columns_of(line), 80u) << line;
      EXPECT_FALSE(line.ends_with(' ')) << line;
    }
  }
}

}  // namespace
}  // namespace stanch::cli
