// The commands, run in-process over small files.

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "cli/fake_world_for_test.h"
#include "cli/help.h"
#include "cli/settings.h"
#include "codec/json.h"
#include "host/lint.h"
#include "normalize/normalize.h"
#include "pipeline/content.h"
#include "pipeline/correlated_rules_for_test.h"
#include "pipeline/output/text.h"
#include "respond/action/codes.h"
#include "respond/codes.h"
#include "triage/codes.h"

namespace stanch::cli {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

constexpr std::string_view kRule = R"(title: User created
id: 11111111-1111-4111-8111-111111111111
level: high
status: test
tags: [attack.persistence, attack.t1136.003]
logsource: {product: aws, service: cloudtrail}
detection:
  selection:
    eventName: CreateUser
  condition: selection
)";

std::string event(std::string_view name, std::string_view id) {
  return std::string(R"({"eventVersion":"1.08","eventTime":"2026-03-01T02:03:04Z",)") +
         R"("eventSource":"iam.amazonaws.com","awsRegion":"us-east-1","sourceIPAddress":"203.0.113.7",)" +
         R"("userIdentity":{"type":"IAMUser","userName":"alice","accountId":"111122223333",)" +
         R"("arn":"arn:aws:iam::111122223333:user/alice"},"recipientAccountId":"111122223333",)" +
         R"("eventName":")" + std::string(name) + R"(","eventID":")" + std::string(id) + "\"}";
}

class CliTest : public testing::Test {
 protected:
  CliTest() {
    const auto* test = testing::UnitTest::GetInstance()->current_test_info();
    folder_ = fs::temp_directory_path() /
              (std::string("stanch_cli_") + test->name() + std::to_string(::getpid()));
    fs::create_directories(folder_);
  }
  ~CliTest() override { fs::remove_all(folder_); }

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
  // Two events that match kRule and one that does not.
  std::string write_log() {
    return write("log.ndjson", event("CreateUser", "1") + "\n" + event("ListUsers", "2") + "\n" +
                                   event("CreateUser", "3") + "\n");
  }
  int run(const std::vector<std::string>& arguments) { return world_.run(arguments); }
  const std::string& out() { return world_.terminal.out; }
  const std::string& error() { return world_.terminal.error; }
  codec::JsonView json() { return parser_.parse(out()); }

  FakeWorld world_;
  fs::path folder_;
  codec::JsonParser parser_;
};

TEST_F(CliTest, HelpFitsEightyColumnsAndNamesEveryOption) {
  std::vector<std::string> pages = {overview(), config_page(), exit_codes_page()};
  for (const CommandSpec& command : all_commands()) {
    const std::string page = help_of(command);
    pages.push_back(page);
    EXPECT_THAT(page, HasSubstr(std::string(command.summary))) << command.name;
    EXPECT_THAT(page, HasSubstr("Usage: stanch")) << command.name;
    if (command.run == nullptr) continue;
    for (const std::string_view id : command.options) {
      EXPECT_THAT(page, HasSubstr("--" + std::string(word_of(*find_option(id))))) << command.name;
    }
    EXPECT_THAT(page, HasSubstr("Exit codes:"));
  }
  for (const std::string& page : pages) {
    std::istringstream lines(page);
    for (std::string line; std::getline(lines, line);) {
      EXPECT_LE(pipeline::output::columns_of(std::string_view(line)), 80u) << line;
      EXPECT_FALSE(line.ends_with(' ')) << line;
    }
  }
}

TEST_F(CliTest, ManPageAndCompletionsNameEverything) {
  for (const std::vector<std::string>& arguments : std::vector<std::vector<std::string>>{
           {"man"}, {"completion", "bash"}, {"completion", "zsh"}, {"completion", "fish"}}) {
    ASSERT_EQ(run(arguments), 0);
    // In roff a hyphen is escaped.
    const auto written = [&](std::string_view text) {
      std::string word(text);
      for (size_t at = 0; arguments[0] == "man" && (at = word.find('-', at)) != std::string::npos;
           at += 2) {
        word.insert(at, 1, '\\');
      }
      return word;
    };
    for (const CommandSpec& command : all_commands()) {
      const std::string_view name = command.name;
      EXPECT_THAT(out(), HasSubstr(written(name.substr(name.find(' ') + 1)))) << name;
      for (const std::string_view id : command.options) {
        EXPECT_THAT(out(), HasSubstr(written(word_of(*find_option(id))))) << arguments.back();
      }
    }
  }
  EXPECT_EQ(run({"completion", "tcsh"}), kExitUsage);
  EXPECT_THAT(error(), HasSubstr("bash, zsh or fish"));
}

// Choices came with every file of the folder, and `help` with nothing.
TEST_F(CliTest, CompletionsOfferWhatCanFollow) {
  ASSERT_EQ(run({"completion", "fish"}), 0);
  EXPECT_THAT(
      out(),
      AllOf(
          HasSubstr(" -l format -s f -x -a 'table ndjson ocsf sarif csv' "),
          HasSubstr(" -l jobs -s j -x -d "), HasSubstr(" -l output -s o -r -F "),
          HasSubstr(
              "-eq 2' -a 'scan replay trace incident timeline report metrics rules "
              "actions coverage permissions plan status approve reject apply watch respond "
              "evidence autonomy undo pause resume abort killswitch ledger completion man version "
              "help config exit-codes'"),
          HasSubstr("-eq 3' -a 'lint list explain"),
          HasSubstr("-eq 3' -a 'init key checkpoint verify export prove")));
  ASSERT_EQ(run({"completion", "bash"}), 0);
  EXPECT_THAT(out(), AllOf(HasSubstr("[[ $current == = ]]"),
                           HasSubstr("rules) topics='lint list explain test backtest diff'")));
  ASSERT_EQ(run({"completion", "zsh"}), 0);
  EXPECT_THAT(out(), AllOf(HasSubstr("compadd lint list explain test backtest diff"),
                           HasSubstr("compadd list show lint new test"), HasSubstr("'--format=[")));
}

TEST_F(CliTest, HelpInAllItsForms) {
  EXPECT_EQ(run({}), kExitUsage);
  const std::string alone = out();
  EXPECT_EQ(run({"--help"}), kExitOk);
  EXPECT_EQ(out(), alone);
  EXPECT_EQ(run({"help"}), kExitOk);
  EXPECT_EQ(out(), alone);
  EXPECT_EQ(run({"scan", "-h"}), kExitOk);
  const std::string scan = out();
  EXPECT_EQ(run({"help", "scan"}), kExitOk);
  EXPECT_EQ(out(), scan);
  EXPECT_EQ(run({"help", "rules", "lint"}), kExitOk);
  EXPECT_THAT(out(), HasSubstr("stanch rules lint"));
  EXPECT_EQ(run({"rules"}), kExitUsage);
  EXPECT_THAT(out(), HasSubstr("explain"));
  EXPECT_EQ(run({"help", "exit-codes"}), kExitOk);
  EXPECT_EQ(run({"help", "config"}), kExitOk);
  EXPECT_EQ(run({"help", "scna"}), kExitUsage);
  EXPECT_THAT(error(), HasSubstr("Did you mean 'stanch help scan'?"));
  EXPECT_EQ(run({"scan"}), kExitUsage);
  EXPECT_THAT(error(), HasSubstr("needs PATH"));
}

TEST_F(CliTest, VersionInAllItsForms) {
  EXPECT_EQ(run({"--version"}), kExitOk);
  EXPECT_THAT(out(), AllOf(testing::StartsWith("stanch "), HasSubstr("content ")));
  EXPECT_EQ(run({"version", "--json"}), kExitOk);
  EXPECT_EQ(json()["schema"].string_or_empty(), "stanch.version/1");
  EXPECT_EQ(json()["content_version"].string_or_empty().size(), 64u);
  EXPECT_EQ(run({"version", "--content", path("none")}), kExitUsage);
}

TEST_F(CliTest, ScanFindsAndSaysSo) {
  const std::string rule = write("rule.yml", kRule);
  const std::string log = write_log();
  EXPECT_EQ(run({"scan", log, "--no-builtin-rules", "--rules", rule}), kExitFindings);
  EXPECT_EQ(std::ranges::count(out(), '\n'), 2);
  EXPECT_EQ(json()["schema"].string_or_empty(), "");  // two lines are no single document
  EXPECT_THAT(out(), AllOf(HasSubstr("stanch.finding/1"), HasSubstr("\"record\":3")));
  EXPECT_THAT(error(), HasSubstr("2 findings: 2 high"));
  EXPECT_EQ(run({"scan", log, "--no-builtin-rules", "--rules", rule, "--quiet"}), kExitFindings);
  EXPECT_THAT(error(), IsEmpty());
}

TEST_F(CliTest, ScanLevels) {
  const std::string rule = write("rule.yml", kRule);
  const std::string log = write_log();
  const struct {
    const char* name;
    std::vector<std::string> options;
    int code;
    int lines;
  } cases[] = {
      {"fail above", {"--fail-level", "critical"}, kExitOk, 2},
      {"fail at", {"--fail-level", "high"}, kExitFindings, 2},
      {"fail never", {"--fail-level", "never"}, kExitOk, 2},
      {"min above: still fails", {"--min-level", "critical"}, kExitFindings, 0},
      {"min at", {"--min-level", "high"}, kExitFindings, 2},
  };
  for (const auto& each : cases) {
    SCOPED_TRACE(each.name);
    std::vector<std::string> arguments = {"scan", log, "--no-builtin-rules", "--rules", rule};
    arguments.insert(arguments.end(), each.options.begin(), each.options.end());
    EXPECT_EQ(run(arguments), each.code);
    EXPECT_EQ(std::ranges::count(out(), '\n'), each.lines);
  }
}

TEST_F(CliTest, ScanFormatFollowsWhereItGoes) {
  const std::string rule = write("rule.yml", kRule);
  const std::string log = write_log();
  const std::vector<std::string> plain = {"scan", log, "--no-builtin-rules", "--rules", rule};
  world_.terminal.out_terminal = true;
  EXPECT_EQ(run(plain), kExitFindings);
  EXPECT_THAT(out(), AllOf(testing::StartsWith("\x1b[1mTIME (UTC)"), HasSubstr("2 findings")));
  EXPECT_THAT(error(), Not(HasSubstr("2 findings")));
  world_.variables.values["NO_COLOR"] = "1";
  EXPECT_EQ(run(plain), kExitFindings);
  EXPECT_THAT(out(), testing::StartsWith("TIME (UTC)"));
  world_.variables.values["STANCH_SCAN_FORMAT"] = "csv";
  EXPECT_EQ(run(plain), kExitFindings);
  EXPECT_THAT(out(), testing::StartsWith("time,level,"));
  EXPECT_THAT(error(), HasSubstr("2 findings"));
}

TEST_F(CliTest, ScanWritesFiles) {
  const std::string rule = write("rule.yml", kRule);
  const std::string log = write("log.ndjson", event("CreateUser", "1") + "\n{\"broken\": \n");
  EXPECT_EQ(run({"scan", log, "--no-builtin-rules", "--rules", rule, "--output", path("found"),
                 "--dead-letter", path("dead"), "--summary-json", path("summary"), "--raw"}),
            kExitFindings);
  EXPECT_THAT(out(), IsEmpty());
  EXPECT_THAT(read("found"), AllOf(HasSubstr("stanch.finding/1"), HasSubstr("\"raw\":{")));
  EXPECT_THAT(read("dead"), AllOf(HasSubstr("stanch.dead-letter/1"), HasSubstr("broken")));
  EXPECT_THAT(read("summary"), AllOf(HasSubstr("stanch.scan-summary/1"), HasSubstr("\"high\":1")));
}

TEST_F(CliTest, ScanWritesItsSummaryToStandardOutput) {
  const std::string rule = write("rule.yml", kRule);
  EXPECT_EQ(run({"scan", write_log(), "--no-builtin-rules", "--rules", rule, "--output",
                 path("found"), "--summary-json", "-"}),
            kExitFindings);
  EXPECT_EQ(json()["schema"].string_or_empty(), "stanch.scan-summary/1");
  EXPECT_FALSE(fs::exists("-"));
}

TEST_F(CliTest, ScanSaysWhatItCannotDo) {
  const std::string rule = write("rule.yml", kRule);
  const std::string log = write_log();
  const std::vector<std::string> with_rule = {"--no-builtin-rules", "--rules", rule};
  const struct {
    const char* name;
    std::vector<std::string> arguments;
    int code;
    const char* error;
  } cases[] = {
      {"missing input", {"scan", path("none"), "--rules", rule}, kExitInput, "none"},
      {"missing rules", {"scan", log, "--rules", path("none")}, kExitUsage, "none"},
      {"folder without rules", {"scan", log, "--rules", folder_ / "empty"}, kExitUsage, "no rule"},
      {"no rules at all", {"scan", log, "--no-builtin-rules"}, kExitUsage, "not one rule"},
      {"content", {"scan", log, "--content", path("none")}, kExitUsage, "none"},
      {"output",
       {"scan", log, "--rules", rule, "--output", path("no/such/folder")},
       kExitUsage,
       "folder"},
      {"dead letter",
       {"scan", log, "--rules", rule, "--dead-letter", path("no/such/dead")},
       kExitUsage,
       "dead"},
      {"an empty path", {"scan", "", log, "--rules", rule}, kExitFindings, "path"},
      {"summary among findings",
       {"scan", log, "--rules", rule, "--summary-json", "-"},
       kExitUsage,
       "--output FILE"},
      {"summary",
       {"scan", log, "--rules", rule, "--summary-json", path("no/such/sum")},
       kExitInternal,
       "sum"},
  };
  fs::create_directories(folder_ / "empty");
  for (const auto& each : cases) {
    SCOPED_TRACE(each.name);
    EXPECT_EQ(run(each.arguments), each.code);
    EXPECT_THAT(error(), HasSubstr(each.error));
  }
}

TEST_F(CliTest, ScanWithBrokenInputStillFailsForFindings) {
  const std::string rule = write("rule.yml", kRule);
  EXPECT_EQ(run({"scan", write_log(), path("none"), "--no-builtin-rules", "--rules", rule}),
            kExitFindings);
  EXPECT_THAT(error(), HasSubstr("NOT READ"));
  EXPECT_EQ(run({"scan", write_log(), path("none"), "--no-builtin-rules", "--rules", rule,
                 "--fail-level", "never"}),
            kExitInput);
}

TEST_F(CliTest, ScanEndsCalmlyWhenNobodyReads) {
  const std::string rule = write("rule.yml", kRule);
  const std::vector<std::string> arguments = {"scan", write_log(), "--no-builtin-rules", "--rules",
                                              rule};
  world_.terminal.out_error = Error(ErrorCode::kDenied, "nobody reads the other end any more");
  EXPECT_EQ(run(arguments), kExitReaderGone);
  EXPECT_THAT(error(), Not(HasSubstr("nobody")));
  world_.terminal.out_error = Error(ErrorCode::kUnavailable, "no space left on the device");
  EXPECT_EQ(run(arguments), kExitInternal);
  EXPECT_THAT(error(), HasSubstr("no space left"));
  EXPECT_EQ(run({"help", "scan"}), kExitInternal);
}

TEST_F(CliTest, ContextMistakesStopAScan) {
  write("content/context.yaml", "own_accounts: 7\n");
  EXPECT_EQ(run({"scan", write_log(), "--content", path("content")}), kExitUsage);
  EXPECT_THAT(error(), AllOf(HasSubstr("CTX002"), HasSubstr("the context has errors")));
}

TEST_F(CliTest, LogsOfOnesOwnAreReadWithTheirMaps) {
  const std::string source =
      "name: shop\nlog: {product: shop}\nneeds: [till]\n"
      "facts: {time: at, actor: who, action: what}\ntargets: {order: order}\n";
  const std::string rule = write("rule.yml",
                                 "title: Order deleted\nid: 2f6c0a91-0000-4000-8000-1b2c3d4e5f60\n"
                                 "logsource: {product: shop}\nlevel: high\n"
                                 "detection: {s: {what: delete}, condition: s}\n");
  const std::string log =
      write("shop.ndjson", R"({"till":1,"at":1772439327,"who":"mara","what":"delete","order":7})"
                           "\n");
  write("content/sources/shop.yaml", source);
  write("content/sources/notes.txt", "no source");
  const std::vector<std::string> scan = {"scan", log,         "--no-builtin-rules", "--rules",
                                         rule,   "--content", path("content")};
  EXPECT_EQ(run(scan), kExitFindings);
  EXPECT_THAT(out(), AllOf(HasSubstr("Order deleted"), HasSubstr(R"("shop:user/mara")"),
                           HasSubstr(R"("2026-03-02T08:15:27Z")")));
  EXPECT_EQ(run({"trace", "shop:order/7", "--logs", log, "--content", path("content")}), kExitOk);
  EXPECT_THAT(out(), HasSubstr("mara"));
  EXPECT_EQ(run({"rules", "lint", rule, "--content", path("content")}), kExitOk);

  write("content/sources/shop.yaml", source + "fact: {}\n");
  EXPECT_EQ(run(scan), kExitUsage);
  EXPECT_THAT(error(), AllOf(HasSubstr("shop.yaml:6:1: error SRC003"), HasSubstr("'facts'")));
  EXPECT_EQ(run({"trace", "mara", "--logs", log, "--content", path("content")}), kExitUsage);
  EXPECT_THAT(error(), HasSubstr("SRC003"));
}

TEST_F(CliTest, EmptyContextIsSaidInOneLineOrMany) {
  const std::string log = write_log();
  run({"scan", log});
  EXPECT_THAT(error(), HasSubstr("of context.yaml are empty"));
  run({"scan", log, "-v"});
  EXPECT_THAT(error(), HasSubstr("note: own_accounts is empty: sharing with"));
}

TEST_F(CliTest, LintShowsAllProblems) {
  const std::string good = write("rules/good.yml", kRule);
  EXPECT_EQ(run({"rules", "lint", path("rules")}), kExitOk);
  EXPECT_THAT(out(), HasSubstr("1 rule: 1 loaded"));
  write("rules/bad.yml", "title: x\nlogsource: {product: aws}\ndetection:\n  a|b: [\n");
  EXPECT_EQ(run({"rules", "lint", path("rules")}), kExitFindings);
  EXPECT_THAT(out(),
              AllOf(HasSubstr("bad.yml:"), HasSubstr("error SIG001"), HasSubstr("1 refused")));
  EXPECT_EQ(run({"rules", "lint", "--json", path("rules")}), kExitFindings);
  EXPECT_EQ(json()["schema"].string_or_empty(), "stanch.lint/1");
  EXPECT_EQ(json()["diagnostics"].size(), json()["errors"].as_int64());
  EXPECT_EQ(json()["rules"].size(), 2u);
  EXPECT_EQ(run({"rules", "lint", path("none")}), kExitUsage);
}

TEST_F(CliTest, LintNamesBlindRules) {
  const std::string needy =
      write("needy.yml", std::string(kRule) + "stanch:\n  needs_data_events: true\n");
  const std::string log = write_log();
  EXPECT_EQ(run({"rules", "lint", needy, "--against", log}), kExitOk);
  EXPECT_THAT(out(), AllOf(HasSubstr("LNT003"), HasSubstr("none of the 3 events")));
  const std::string modest = write("modest.yml", kRule);
  EXPECT_EQ(run({"rules", "lint", modest, "--against", log}), kExitOk);
  EXPECT_THAT(out(), Not(HasSubstr("LNT003")));
  std::string data = event("GetObject", "9");
  data.insert(data.size() - 1, R"(,"eventCategory":"Data")");
  const std::string data_log = write("data.ndjson", data + "\n");
  EXPECT_EQ(run({"rules", "lint", needy, "--against", data_log}), kExitOk);
  EXPECT_THAT(out(), Not(HasSubstr("LNT003")));
  EXPECT_EQ(run({"rules", "lint", needy, "--against", path("none")}), kExitInput);
}

// They had neither a line nor the name of the list.
TEST_F(CliTest, LintShowsTheLineOfWhatCannotMatch) {
  const std::string rule = write("never.yml",
                                 "title: Never\nlogsource: {product: aws}\ndetection:\n  s:\n"
                                 "    userIdentity.arn|expand: '%iac_roles%'\n  condition: s\n");
  EXPECT_EQ(run({"rules", "lint", rule}), kExitOk);
  EXPECT_THAT(out(), AllOf(HasSubstr("never.yml:5: warning LNT001"),
                           HasSubstr("a list in it is empty: %iac_roles%\n     5 |     user"),
                           HasSubstr("= fill it in content/context.yaml"),
                           HasSubstr("%iac_roles% is empty: it matches nothing (used in 1 rule)")));
  const std::string slow = write("slow.yml",
                                 "title: Slow\nlogsource: {product: aws}\ndetection:\n"
                                 "  s: {eventName|re: 'a.*b'}\n  condition: s\n");
  EXPECT_EQ(run({"rules", "lint", slow}), kExitOk);
  EXPECT_THAT(out(), HasSubstr("slow.yml:3: note LNT002"));
}

// Three hundred notes on fifteen empty lists hid what mattered.
TEST_F(CliTest, LintSaysAnEmptyListOnce) {
  EXPECT_EQ(run({"rules", "lint"}), kExitOk);
  const std::string brief = out();
  EXPECT_THAT(brief, AllOf(Not(HasSubstr("SIG034")), HasSubstr("warning LNT001"),
                           HasSubstr("note: the list of %iac_roles% is empty")));
  EXPECT_LT(brief.find("warning LNT001"), brief.find("note: the list of %iac_roles%"));
  EXPECT_LT(std::ranges::count(brief, '\n'), 120);
  EXPECT_EQ(run({"rules", "lint", "-v"}), kExitOk);
  EXPECT_THAT(out(), HasSubstr("note SIG034"));
}

TEST_F(CliTest, BuiltInRulesAreSound) {
  EXPECT_EQ(run({"rules", "lint", "--quiet"}), kExitOk) << out();
  EXPECT_THAT(out(), Not(HasSubstr("error SIG")));
}

TEST_F(CliTest, ListShowsRulesAndCoverage) {
  const std::string rule = write("rule.yml", kRule);
  EXPECT_EQ(run({"rules", "list", "--no-builtin-rules", "--rules", rule}), kExitOk);
  EXPECT_THAT(out(), AllOf(HasSubstr("high          rule        User created"),
                           HasSubstr("T1136.003"), HasSubstr("Persistence             1 rule"),
                           HasSubstr("1 rule, 0 correlations, 0 filters, 1 ATT&CK technique\n")));
  EXPECT_EQ(run({"rules", "list", "--json", "--no-builtin-rules", "--rules", rule}), kExitOk);
  EXPECT_EQ(json()["schema"].string_or_empty(), "stanch.rules/1");
  EXPECT_EQ(json()["rules"].size(), 1u);
}

// Correlations were counted and shown as rules, and filters not at all.
TEST_F(CliTest, ListTellsRulesCorrelationsAndFiltersApart) {
  const std::string rules = write("rules.yml", pipeline::kCorrelatedRules);
  EXPECT_EQ(run({"rules", "list", "--no-builtin-rules", "--rules", rules}), kExitOk);
  EXPECT_THAT(out(),
              AllOf(HasSubstr("medium        rule        Trails were looked at\n"),
                    HasSubstr("medium        correlation Trails were looked at again and again\n"),
                    HasSubstr("-             filter      Trails may be deleted on even seconds\n"),
                    HasSubstr("2 rules, 2 correlations, 1 filter, 0 ATT&CK techniques\n")));
  EXPECT_EQ(run({"rules", "list", "--json", "--no-builtin-rules", "--rules", rules}), kExitOk);
  EXPECT_EQ(json()["counts"].raw(), R"({"rules":2,"correlations":2,"filters":1})");
  ASSERT_EQ(json()["rules"].size(), 5u);
  codec::JsonView filter;
  for (const codec::JsonView each : json()["rules"].elements()) filter = each;
  EXPECT_EQ(filter["kind"].string_or_empty(), "filter");
  EXPECT_EQ(filter["rules"].raw(), R"(["other_names"])");
  EXPECT_EQ(filter["owner"].string_or_empty(), "ann");
  EXPECT_EQ(filter["expires"].string_or_empty(), "2027-01-01T00:00:00Z");
}

TEST_F(CliTest, StatusLeavesOutTheOthers) {
  const auto rule = [](std::string_view name, std::string_view status, std::string_view rest) {
    return fmt::format("title: {}\nname: {}\nstatus: {}\n{}\n", name, name, status, rest);
  };
  constexpr std::string_view kCalls =
      "logsource: {product: aws, service: cloudtrail}\n"
      "detection: {s: {eventName: CreateUser}, condition: s}";
  const auto count = [](std::string_view of) {
    return "correlation: {type: event_count, rules: " + std::string(of) +
           ", timespan: 1h, condition: {gte: 2}}";
  };
  // `under` is there for `old` alone, and would be a finding without it.
  const std::string rules = write("rules.yml", rule("base", "experimental", kCalls) + "---\n" +
                                                   rule("under", "stable", kCalls) + "---\n" +
                                                   rule("plain", "test", kCalls) + "---\n" +
                                                   rule("new", "stable", count("base")) + "---\n" +
                                                   rule("old", "deprecated", count("under")));
  const std::vector<std::string> list = {"rules", "list", "--no-builtin-rules", "--rules", rules};
  const auto with = [](std::vector<std::string> all, std::initializer_list<const char*> more) {
    all.insert(all.end(), more.begin(), more.end());
    return all;
  };
  EXPECT_EQ(run(list), kExitOk);
  EXPECT_THAT(out(), HasSubstr("3 rules, 2 correlations"));
  EXPECT_EQ(run(with(list, {"--status", "stable"})), kExitOk);
  EXPECT_THAT(
      out(), AllOf(HasSubstr("1 rule, 1 correlation,"), HasSubstr(" base\n"), HasSubstr(" new\n")));
  EXPECT_EQ(run(with(list, {"--status", "test", "--status", "deprecated"})), kExitOk);
  EXPECT_THAT(out(), AllOf(HasSubstr("2 rules, 1 correlation,"), HasSubstr(" under\n"),
                           HasSubstr(" plain\n"), HasSubstr(" old\n")));
  EXPECT_EQ(run(with(list, {"--status", "settled"})), kExitUsage);
  EXPECT_EQ(run({"scan", write_log(), "--no-builtin-rules", "--rules", rules, "--status", "stable",
                 "--format", "ndjson"}),
            kExitOk);
  EXPECT_THAT(out(),
              AllOf(HasSubstr(R"("title":"new")"), Not(HasSubstr(R"("title":"plain")")),
                    Not(HasSubstr(R"("title":"under")")), Not(HasSubstr(R"("title":"base")"))));
  EXPECT_THAT(error(), HasSubstr("3 left out by their status"));
}

TEST_F(CliTest, ExplainShowsWhy) {
  const std::string rule = write("rule.yml", kRule);
  const std::string log = write_log();
  EXPECT_EQ(run({"rules", "explain", rule, log}), kExitOk);
  EXPECT_THAT(out(), AllOf(testing::StartsWith("+ "), HasSubstr("CreateUser")));
  EXPECT_EQ(run({"rules", "explain", rule, log, "--record", "2"}), kExitOk);
  EXPECT_THAT(out(), AllOf(testing::StartsWith("- "), HasSubstr("ListUsers")));
  world_.variables.values["LANG"] = "C.UTF-8";
  EXPECT_EQ(run({"rules", "explain", rule, log}), kExitOk);
  EXPECT_THAT(out(), testing::StartsWith("✓ "));
  EXPECT_EQ(run({"rules", "explain", "11111111-1111-4111-8111-111111111111", log, "--rules", rule,
                 "--json"}),
            kExitOk);
  EXPECT_EQ(json()["schema"].string_or_empty(), "stanch.explanation/1");
  EXPECT_TRUE(json()["matches"].as_bool());
}

constexpr std::string_view kCreatedTwice = R"(title: Two users created
id: 22222222-2222-4222-8222-222222222222
correlation:
  type: value_count
  rules: 11111111-1111-4111-8111-111111111111
  group-by: [userIdentity.userName, userAgent]
  timespan: 1h
  condition: {gte: 2, field: requestParameters.userName}
)";

// It was said that a correlation cannot be explained.
TEST_F(CliTest, ExplainSaysWhyACorrelationDidNotFire) {
  const std::string both =
      write("both.yml", std::string(kRule) + "---\n" + std::string(kCreatedTwice));
  const auto created = [](std::string_view id, std::string_view rest) {
    std::string text = event("CreateUser", id);
    text.insert(1, rest);
    return text + "\n";
  };
  constexpr std::string_view kBob = R"("userAgent":"cli","requestParameters":{"userName":"bob"},)";
  constexpr std::string_view kCarl =
      R"("userAgent":"cli","requestParameters":{"userName":"carl"},)";
  // The first event stands there twice.
  const std::string near =
      write("near.ndjson", created("1", kBob) + created("1", kBob) + created("2", kBob) +
                               created("3", "") + event("ListUsers", "4") + "\n");
  EXPECT_EQ(run({"rules", "explain", both, near}), kExitOk);
  EXPECT_EQ(out(),
            "- Two users created: it did not fire\n"
            "  value_count of requestParameters.userName gte 2 within 1 h, by "
            "userIdentity.userName, userAgent\n"
            "  + 'User created' matched 3 events\n"
            "  Not counted: 1 event without userAgent, by which it groups\n"
            "  Nearest of 1 group: userIdentity.userName 'alice', userAgent 'cli'\n"
            "    2 events from 2026-03-01T02:03:04Z to 2026-03-01T02:03:04Z\n"
            "    different values of requestParameters.userName: 1; asked for is gte 2\n");
  EXPECT_EQ(run({"rules", "explain", both, near, "--json"}), kExitOk);
  EXPECT_EQ(json()["schema"].string_or_empty(), "stanch.correlation-explanation/1");
  EXPECT_FALSE(json()["fires"].as_bool());
  EXPECT_EQ(json()["events"].raw(), "4");
  EXPECT_EQ(json()["nearest"]["counted"].raw(), "2");
  EXPECT_EQ(json()["nearest"]["value"].string_or_empty(), "1");
  EXPECT_EQ(json()["without_group"].raw(),
            R"([{"field":"userIdentity.userName","events":0},{"field":"userAgent","events":1}])");

  const std::string far = write("far.ndjson", created("1", kBob) + created("2", kCarl));
  EXPECT_EQ(run({"rules", "explain", both, far}), kExitOk);
  EXPECT_THAT(out(),
              AllOf(HasSubstr("+ Two users created: 1 firing\n"),
                    HasSubstr("for userIdentity.userName 'alice'"), HasSubstr("2 events counted")));
  EXPECT_EQ(run({"rules", "explain", both, write("none.ndjson", event("ListUsers", "1"))}),
            kExitOk);
  EXPECT_THAT(out(), HasSubstr("- 'User created' matched nothing\n"));
}

// Of a line of a test file with several events, one could not see what they do together.
TEST_F(CliTest, ExplainReadsTheEventsOfATest) {
  const std::string both =
      write("both.yml", std::string(kRule) + "---\n" + std::string(kCreatedTwice));
  const std::string events = write("both.events.ndjson", R"({"expect":true,"why":"w","events":[)" +
                                                             event("CreateUser", "1") + "," +
                                                             event("CreateUser", "2") + "]}\n");
  EXPECT_EQ(run({"rules", "explain", both, events}), kExitOk);
  EXPECT_THAT(out(), HasSubstr("+ 'User created' matched 2 events\n"));
}

TEST_F(CliTest, ExplainSaysWhatIsMissing) {
  const std::string rule = write("rule.yml", kRule);
  const std::string log = write_log();
  const struct {
    const char* name;
    std::vector<std::string> arguments;
    int code;
    const char* error;
  } cases[] = {
      {"rule", {"no-such-rule", log}, kExitUsage, "there is no rule 'no-such-rule'"},
      {"record", {rule, log, "--record", "4"}, kExitInput, "has 3 events, not 4"},
      {"record zero", {rule, log, "--record", "0"}, kExitUsage, "counts from 1"},
      {"event", {rule, path("none")}, kExitInput, "none"},
      {"broken rule", {write("broken.yml", "title: [\n"), log}, kExitUsage, "SIG001"},
  };
  for (const auto& each : cases) {
    SCOPED_TRACE(each.name);
    std::vector<std::string> arguments = {"rules", "explain"};
    arguments.insert(arguments.end(), each.arguments.begin(), each.arguments.end());
    EXPECT_EQ(run(arguments), each.code);
    EXPECT_THAT(error(), HasSubstr(each.error));
  }
}

// A wrong name was answered with nothing but "there is no rule".
TEST_F(CliTest, ExplainNamesTheRulesThatMayBeMeant) {
  const std::string log = write_log();
  EXPECT_EQ(run({"rules", "explain", "aws_evasion", log}), kExitUsage);
  EXPECT_THAT(error(),
              AllOf(HasSubstr("there is no rule 'aws_evasion'"), HasSubstr("Did you mean one of "),
                    HasSubstr("rules/aws/aws_evasion_")));
  EXPECT_EQ(run({"rules", "explain", "aws_evasion_flow_logs_deletd", log}), kExitUsage);
  EXPECT_THAT(error(), HasSubstr("Did you mean aws_evasion_flow_logs_deleted?"));
  EXPECT_EQ(run({"rules", "explain", "aws_evasion_flow_logs_deleted", log}), kExitOk);
  EXPECT_THAT(out(), HasSubstr("VPC flow logs deleted"));
  EXPECT_EQ(run({"rules", "explain", "zzzzzzzz", log}), kExitUsage);
  EXPECT_THAT(error(), HasSubstr("'stanch rules list' shows them."));
}

// errorCode: null was shown as an errorCode that is empty.
TEST_F(CliTest, FindingsSayThatAFieldWasAbsent) {
  std::string rule(kRule);
  rule.replace(rule.find("eventName: CreateUser"), 21,
               "eventName: CreateUser\n    errorCode: null");
  EXPECT_EQ(run({"scan", write_log(), "--no-builtin-rules", "--rules", write("rule.yml", rule)}),
            kExitFindings);
  EXPECT_THAT(out(), HasSubstr(R"("field":"errorCode","value":"","absent":true})"));
}

// The whole table of exit codes stood in every page, --fail-level in those without it.
TEST_F(CliTest, HelpSaysOfExitCodesWhatIsSpecial) {
  EXPECT_THAT(help_of(*find_command("scan")),
              AllOf(HasSubstr("--fail-level.\n"), HasSubstr("3  ")));
  for (const std::string_view name : {"rules list", "rules explain", "version", "man"}) {
    const std::string page = help_of(*find_command(name));
    EXPECT_THAT(page, AllOf(Not(HasSubstr("--fail-level")), Not(HasSubstr("141")),
                            HasSubstr("'stanch help exit-codes'")));
  }
  EXPECT_THAT(help_of(*find_command("ledger verify")), AllOf(HasSubstr("1  "), HasSubstr("3  ")));
  for (const CommandSpec& command : all_commands()) {
    if (command.name.starts_with("rules ")) {
      EXPECT_FALSE(command.description.empty()) << command.name;
    }
  }
}

TEST_F(CliTest, LintSaysThatAFileIsEmpty) {
  EXPECT_EQ(run({"rules", "lint", write("rules/empty.yml", "# later\n")}), kExitOk);
  EXPECT_THAT(out(), AllOf(HasSubstr("empty.yml:1:1: warning SIG041"), HasSubstr("0 rules")));
}

TEST_F(CliTest, TestRunsEventsBesideRules) {
  write("rules/user.yml", kRule);
  const std::string events = path("rules/user.events.ndjson");
  write("rules/user.events.ndjson",
        "{\"expect\":true,\"why\":\"made\",\"event\":" + event("CreateUser", "1") + "}\n" +
            "{\"expect\":false,\"why\":\"read\",\"event\":" + event("ListUsers", "2") + "}\n");
  EXPECT_EQ(run({"rules", "test", path("rules")}), kExitOk);
  EXPECT_THAT(out(), HasSubstr("1 rule, 2 events: 1 passed, 0 failed"));
  EXPECT_EQ(run({"rules", "test", path("rules"), "--strict"}), kExitFindings);
  EXPECT_THAT(out(), HasSubstr("at least 2 and 2 are wanted"));

  write("rules/user.events.ndjson",
        "{\"expect\":false,\"why\":\"made\",\"event\":" + event("CreateUser", "1") + "}\n\n" +
            "{\"expect\":true,\"why\":\"read\",\"event\":" + event("ListUsers", "2") + "}\n" +
            "nonsense\n{\"expect\":true,\"why\":\"x\"}\n{\"expect\":1}\n");
  EXPECT_EQ(run({"rules", "test", path("rules")}), kExitFindings);
  EXPECT_THAT(out(), AllOf(HasSubstr("events.ndjson:1: matches and should not: made"),
                           HasSubstr("events.ndjson:3: should match and does not: read"),
                           HasSubstr("events.ndjson:4: the line is no JSON object"),
                           HasSubstr("events.ndjson:5: \"event\" is missing"),
                           HasSubstr("events.ndjson:6: \"expect\"")));
  EXPECT_EQ(run({"rules", "test", path("rules"), "--json"}), kExitFindings);
  EXPECT_EQ(json()["schema"].string_or_empty(), "stanch.rules-test/1");
  EXPECT_EQ(json()["failed"].as_int64(), 1);
  fs::create_directories(folder_ / "empty");
  EXPECT_EQ(run({"rules", "test", path("empty")}), kExitUsage);
  EXPECT_EQ(run({"rules", "test", path("none")}), kExitUsage);
}

TEST_F(CliTest, TestEventsMayBringTheirContext) {
  std::string rule(kRule);
  rule.replace(rule.find("eventName: CreateUser"), 21,
               "eventName: CreateUser\n    recipientAccountId|expand: '%own_accounts%'");
  write("rules/user.yml", rule);
  const std::string line = "\"why\":\"x\",\"event\":" + event("CreateUser", "1");
  write("rules/user.events.ndjson", "{\"expect\":true," + line +
                                        R"(,"context":{"own_accounts":["111122223333"]}})" + "\n" +
                                        "{\"expect\":false," + line + "}\n" + "{\"expect\":false," +
                                        line + R"(,"context":{"own_accounts":[7]}})" + "\n");
  EXPECT_EQ(run({"rules", "test", path("rules")}), kExitOk) << out();
  write("rules/user.events.ndjson", "{\"expect\":true," + line + R"(,"context":{"a":1}})" + "\n");
  EXPECT_EQ(run({"rules", "test", path("rules")}), kExitFindings);
  EXPECT_THAT(out(), HasSubstr("is no list"));
}

// As a scan does, which hides neither after the end of the filter nor what changes rights.
TEST_F(CliTest, TestHidesWhatAScanHides) {
  const auto run_with = [&](std::string_view service, std::string_view expires, bool expected) {
    write("rules/user.yml",
          std::string(kRule) +
              "---\ntitle: Alice may\nlogsource: {product: aws}\nstanch: {owner: " +
              "bob, reason: r, expires: " + std::string(expires) + "}\nfilter: {rules: any, " +
              "alice: {userIdentity.userName: alice}, condition: not alice}\n");
    std::string call = event("CreateUser", "1");
    call.replace(call.find("iam."), 4, service);
    write("rules/user.events.ndjson", std::string("{\"expect\":") + (expected ? "true" : "false") +
                                          ",\"why\":\"x\",\"event\":" + call + "}\n");
    return run({"rules", "test", path("rules")});
  };
  EXPECT_EQ(run_with("ec2.", "2026-03-02", false), kExitOk) << out();
  EXPECT_EQ(run_with("ec2.", "2026-03-01", true), kExitOk) << out();
  EXPECT_EQ(run_with("iam.", "2026-03-02", true), kExitOk) << out();
}

TEST_F(CliTest, TestFindsTheRulesThatAFilterIsFor) {
  std::string other(kRule);
  other.replace(other.find("CreateUser"), 10, "OtherEvent");
  other.replace(other.find("11111111"), 8, "22222222");
  write("rules/other.yml", other);
  write("rules/user.yml", kRule);
  const auto write_filter = [&](std::string_view rules) {
    write("rules/filter.yml",
          "title: Alice may\nlogsource: {product: aws}\n"
          "stanch: {owner: bob, reason: r, expires: 2026-04-01}\n"
          "filter: {rules: " +
              std::string(rules) +
              ", alice: {userIdentity.userName: alice}, condition: not alice}\n");
  };
  std::string call = event("CreateUser", "1");
  call.replace(call.find("iam."), 4, "ec2.");
  std::string of_bob = call;
  of_bob.replace(of_bob.find("alice"), 5, "bob");
  write("rules/filter.events.ndjson",
        "{\"expect\":false,\"why\":\"hidden\",\"event\":" + call + "}\n" +
            "{\"expect\":true,\"why\":\"by another\",\"event\":" + of_bob + "}\n");
  for (const std::string_view rules : {"[11111111-1111-4111-8111-111111111111]", "any"}) {
    write_filter(rules);
    EXPECT_EQ(run({"rules", "test", path("rules")}), kExitOk) << rules << out();
  }
  write_filter("[22222222-1111-4111-8111-111111111111]");
  EXPECT_EQ(run({"rules", "test", path("rules")}), kExitFindings);
  EXPECT_THAT(out(), HasSubstr("should match and does not: by another"));
}

// Rules that name fields as consoles do were tested as if no event had these.
TEST_F(CliTest, TestMapsFieldsAsAScanDoes) {
  write("rules/role.yml", R"(title: Role given
logsource: {product: gcp, service: gcp.audit}
detection: {s: {gcp.audit.method_name: SetIamPolicy}, condition: s}
)");
  write(
      "rules/role.events.ndjson",
      R"({"expect":true,"why":"given","event":{"logName":"projects/p/logs/cloudaudit.googleapis.com%2Factivity",)"
      R"("protoPayload":{"@type":"type.googleapis.com/google.cloud.audit.AuditLog","methodName":"SetIamPolicy",)"
      R"("serviceName":"cloudresourcemanager.googleapis.com"},"insertId":"1","timestamp":"2026-03-01T00:00:00Z"}})"
      "\n");
  EXPECT_EQ(run({"rules", "test", path("rules")}), kExitOk) << out();
  EXPECT_THAT(out(), HasSubstr("1 passed, 0 failed"));
}

TEST_F(CliTest, BacktestCounts) {
  const std::string rule = write("rule.yml", kRule);
  const std::string log = write_log();
  EXPECT_EQ(run({"rules", "backtest", rule, "--on", log}), kExitOk);
  EXPECT_THAT(out(), AllOf(HasSubstr("666.667  high"), HasSubstr("alice iam:CreateUser"),
                           HasSubstr("2 findings in 3 events by 1 rule\n")));
  EXPECT_EQ(run({"rules", "backtest", rule, "--on", log, "--json", "--examples", "1"}), kExitOk);
  EXPECT_EQ(json()["schema"].string_or_empty(), "stanch.backtest/1");
  EXPECT_EQ(run({"rules", "backtest", rule}), kExitUsage);
  EXPECT_THAT(error(), HasSubstr("needs --on PATH"));
  EXPECT_EQ(run({"rules", "backtest", rule, "--on", path("none")}), kExitInput);
}

// A correlation of a built-in rule was SIG044 here, and not for lint and test.
TEST_F(CliTest, BacktestKnowsTheRulesThatAreBuiltIn) {
  const std::string correlation = write("c.yml", R"(title: Trails deleted
id: 22222222-2222-4222-8222-222222222223
correlation:
  type: event_count
  rules: f248a7e7-bfca-485a-9701-76c2380d7597
  group-by: userIdentity.userName
  timespan: 1h
  condition: {gte: 2}
)");
  std::string events;
  for (const std::string_view id : {"1", "2", "3"}) {
    std::string text = event("DeleteTrail", id);
    text.replace(text.find("iam."), 3, "cloudtrail");
    events += text + "\n";
  }
  const std::string log = write("trails.ndjson", events);
  EXPECT_EQ(run({"rules", "backtest", correlation, "--on", log}), kExitOk);
  EXPECT_THAT(error(), Not(HasSubstr("refused")));
  EXPECT_THAT(out(), AllOf(HasSubstr("Trails deleted"), Not(HasSubstr("CloudTrail trail deleted")),
                           HasSubstr("1 finding in 3 events by 1 rule\n")));
  EXPECT_EQ(run({"rules", "diff", correlation, correlation, "--on", log}), kExitOk);
  EXPECT_THAT(out(), Not(HasSubstr("CloudTrail trail deleted")));
  EXPECT_EQ(run({"rules", "explain", correlation, log}), kExitOk);
  EXPECT_THAT(out(), HasSubstr("+ Trails deleted: 1 firing\n"));
}

TEST_F(CliTest, DiffShowsWhatChanges) {
  const std::string old_rule = write("old/rule.yml", kRule);
  std::string wider(kRule);
  wider.replace(wider.find("CreateUser"), 10, "ListUsers");
  const std::string new_rule = write("new/rule.yml", wider);
  const std::string log = write_log();
  EXPECT_EQ(run({"rules", "diff", path("old"), path("new"), "--on", log}), kExitOk);
  EXPECT_THAT(out(), AllOf(HasSubstr("changed"), HasSubstr("+1"), HasSubstr("-2"),
                           HasSubstr("iam:ListUsers"), HasSubstr("iam:CreateUser"),
                           HasSubstr("1 rule differs, 0 find the same; 3 events")));
  EXPECT_EQ(run({"rules", "diff", path("old"), path("old"), "--on", log}), kExitOk);
  EXPECT_THAT(out(), HasSubstr("0 rules differ, 1 finds the same"));
  EXPECT_EQ(run({"rules", "diff", path("old"), path("new"), "--on", log, "--json"}), kExitOk);
  EXPECT_EQ(json()["schema"].string_or_empty(), "stanch.rules-diff/1");
  EXPECT_EQ(run({"rules", "diff", path("old"), path("new"), "--on", "-"}), kExitUsage);
  EXPECT_THAT(error(), HasSubstr("more than once"));
}

TEST_F(CliTest, DiffTellsRulesWithoutIdByTheirFile) {
  std::string rule(kRule);
  rule.erase(rule.find("id: "), rule.find("level") - rule.find("id: "));
  write("old/a/rule.yml", rule);
  write("new/a/rule.yml", rule);
  write("new/b.yml", rule);
  EXPECT_EQ(run({"rules", "diff", path("old"), path("new/"), "--on", write_log()}), kExitOk);
  EXPECT_THAT(out(), AllOf(HasSubstr("new "), HasSubstr("1 rule differs, 1 finds the same")));
}

TEST_F(CliTest, BadSettingsStopEveryCommand) {
  world_.variables.values["STANCH_SCAN_JOBS"] = "many";
  EXPECT_EQ(run({"version"}), kExitUsage);
  EXPECT_THAT(error(), AllOf(HasSubstr("STANCH_SCAN_JOBS"), HasSubstr("CFG005")));
}

TEST_F(CliTest, AVariableNamedAfterAFlagIsToldUnlessQuiet) {
  world_.variables.values["STANCH_FORMAT"] = "csv";
  EXPECT_EQ(run({"version"}), kExitOk);
  EXPECT_THAT(error(), AllOf(HasSubstr("STANCH_FORMAT: warning CFG007"),
                             HasSubstr("Did you mean STANCH_SCAN_FORMAT?")));
  EXPECT_EQ(run({"version", "--quiet"}), kExitOk);
  EXPECT_THAT(error(), IsEmpty());
}

// docs/formats/codes.md names every code of the content, lint and settings tables, and every
// exit code, in the words of the program.
TEST_F(CliTest, CodesDocumentHasEveryCode) {
  std::ifstream file(fs::path(STANCH_SOURCE_DIR) / "docs/formats/codes.md");
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  for (const auto& table :
       {pipeline::content_codes(), normalize::source_codes(), triage::table_codes(),
        respond::action_codes(), respond::response_codes(), host::lint_codes(), config_codes()}) {
    for (const DiagnosticCode& code : table) {
      EXPECT_THAT(text, HasSubstr(fmt::format("| {} | {} | {} | {} |", code.id, code.name,
                                              name_of(code.severity), code.summary)));
    }
  }
  for (const ExitCode& code : exit_codes()) {
    EXPECT_THAT(text,
                HasSubstr(fmt::format("| {} | {} | {} |", code.code, code.name, code.meaning)));
  }
  for (size_t i = 0; i < pipeline::kUnparsedReasons; ++i) {
    EXPECT_THAT(text,
                HasSubstr(fmt::format("| {} |", name_of(static_cast<pipeline::Unparsed>(i)))));
  }
}

// docs/formats/config.md holds the page of `stanch help config`, word for word.
TEST_F(CliTest, ConfigDocumentIsTheHelp) {
  const fs::path document = fs::path(STANCH_SOURCE_DIR) / "docs/formats/config.md";
  std::ifstream file(document);
  std::string text{std::istreambuf_iterator<char>(file), {}};
  const std::string begin = "<!-- stanch help config -->\n```text\n", end = "```\n<!-- end -->";
  const size_t from = text.find(begin), to = text.find(end);
  ASSERT_NE(from, std::string::npos);
  ASSERT_NE(to, std::string::npos);
  const size_t at = from + begin.size();
  if (std::getenv("STANCH_UPDATE") != nullptr) {
    text.replace(at, to - at, config_page());
    std::ofstream(document) << text;
    return;
  }
  EXPECT_EQ(text.substr(at, to - at), config_page());
}

}  // namespace
}  // namespace stanch::cli
