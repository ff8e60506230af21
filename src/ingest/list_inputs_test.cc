#include <gtest/gtest.h>

#include "ingest/fake_files_for_test.h"
#include "ingest/glob.h"
#include "ingest/ingest.h"

namespace stanch::ingest {
namespace {

FakeFiles tree() {
  FakeFiles files;
  for (const char* path :
       {"logs/b.json", "logs/a.json.gz", "logs/.hidden", "logs/sub/deep/c.json", "logs/README.md",
        "logs/sub.json", "other/d.json", "other/[x].json", "top.json", "/abs/e.json",
        "aws/CloudTrail/1_CloudTrail_us-east-1.json.gz",
        "aws/CloudTrail-Digest/us-east-1/1_CloudTrail-Digest_us-east-1_t.json.gz"}) {
    files.contents[path] = "{}";
  }
  files.contents["logs/b.json"] = "{\"a\":1}";
  return files;
}

std::vector<std::string> paths_of(const Listing& listing) {
  std::vector<std::string> paths;
  for (const InputFile& file : listing.files) paths.push_back(file.path);
  return paths;
}

std::vector<std::pair<std::string, InputProblem>> errors_of(const Listing& listing) {
  std::vector<std::pair<std::string, InputProblem>> errors;
  for (const InputError& error : listing.errors) errors.emplace_back(error.path, error.problem);
  return errors;
}

TEST(ListInputs, ExpandsFilesFoldersAndGlobs) {
  struct Case {
    const char* name;
    std::vector<std::string> arguments, expected;
  };
  const std::vector<Case> cases = {
      {"nothing", {}, {}},
      {"in the order of the arguments", {"top.json", "logs/b.json"}, {"top.json", "logs/b.json"}},
      {"folder",
       {"logs"},
       {"logs/.hidden", "logs/README.md", "logs/a.json.gz", "logs/b.json", "logs/sub/deep/c.json",
        "logs/sub.json"}},
      {"folder with a slash", {"other/"}, {"other/[x].json", "other/d.json"}},
      {"no file twice",
       {"logs/b.json", "logs", "logs/b.json", "logs/*.json"},
       {"logs/b.json", "logs/.hidden", "logs/README.md", "logs/a.json.gz", "logs/sub/deep/c.json",
        "logs/sub.json"}},
      {"standard input once", {"-", "top.json", "-"}, {"-", "top.json"}},
      {"star", {"logs/*.json"}, {"logs/b.json", "logs/sub.json"}},
      {"question mark and class",
       {"logs/[a-b].json*", "to?.json"},
       {"logs/a.json.gz", "logs/b.json", "top.json"}},
      {"star in a folder", {"*/d.json"}, {"other/d.json"}},
      {"two stars",
       {"**/*.json"},
       {"top.json", "logs/b.json", "logs/sub.json", "logs/sub/deep/c.json", "other/[x].json",
        "other/d.json"}},
      {"two stars alone", {"logs/sub/**"}, {"logs/sub/deep/c.json"}},
      {"two stars between", {"logs/**/c.json"}, {"logs/sub/deep/c.json"}},
      {"glob of folders",
       {"log?"},
       {"logs/.hidden", "logs/README.md", "logs/a.json.gz", "logs/b.json", "logs/sub/deep/c.json",
        "logs/sub.json"}},
      {"from the root", {"/ab*/e.json"}, {"/abs/e.json"}},
      {"a file that exists is no glob", {"other/[x].json"}, {"other/[x].json"}},
      {"an escaped bracket", {"other/\\[?].json"}, {"other/[x].json"}},
  };
  for (const auto& [name, arguments, expected] : cases) {
    FakeFiles files = tree();
    files.contents.erase("aws/CloudTrail/1_CloudTrail_us-east-1.json.gz");
    files.contents.erase("aws/CloudTrail-Digest/us-east-1/1_CloudTrail-Digest_us-east-1_t.json.gz");
    const Listing listing = list_inputs(files, arguments);
    EXPECT_EQ(paths_of(listing), expected) << name;
    EXPECT_TRUE(listing.errors.empty()) << name;
  }
}

TEST(ListInputs, SaysWhatIsKnownOfAFile) {
  FakeFiles files = tree();
  const std::vector<std::string> arguments = {"logs/b.json", "other"};
  const Listing listing = list_inputs(files, arguments);
  ASSERT_EQ(listing.files.size(), 3u);
  EXPECT_EQ(listing.files[0].size, 7u);
  EXPECT_FALSE(listing.files[0].found);
  EXPECT_TRUE(listing.files[1].found);
}

// A file is what its content says: named like a digest, it may hold events all the same.
TEST(ListInputs, LeavesNoFileOutForItsName) {
  FakeFiles files = tree();
  const std::vector<std::string> arguments = {"aws"};
  EXPECT_EQ(list_inputs(files, arguments).files.size(), 2u);
}

TEST(ListInputs, NamesWhatCannotBeRead) {
  FakeFiles files = tree();
  files.denied = {"logs/sub"};
  files.links["other/lost"] = "nowhere";
  files.contents["other/pipe"] = "";
  files.pipes = {"other/pipe"};
  const std::vector<std::string> arguments = {"gone.json", "gone/*", "logs", "other", "other/pipe"};
  const Listing listing = list_inputs(files, arguments);
  EXPECT_EQ(errors_of(listing), (std::vector<std::pair<std::string, InputProblem>>{
                                    {"gone.json", InputProblem::kNotFound},
                                    {"gone/*", InputProblem::kNotFound},
                                    {"logs/sub", InputProblem::kDenied},
                                    {"other/lost", InputProblem::kNotFound},
                                    {"other/pipe", InputProblem::kUnreadable}}));
  // The rest is there, and the pipe is read because it was asked for.
  EXPECT_EQ(listing.files.back().path, "other/pipe");
  EXPECT_EQ(listing.files.size(), 8u);
}

TEST(ListInputs, FoldersThatLeadBackEnd) {
  FakeFiles files = tree();
  files.links["logs/sub/again"] = "logs";
  files.links["logs/same.json"] = "logs/b.json";
  for (const char* argument : {"logs", "logs/**/*.json", "**"}) {
    const std::vector<std::string> arguments = {argument};
    const Listing listing = list_inputs(files, arguments);
    EXPECT_TRUE(listing.errors.empty()) << argument;
    EXPECT_EQ(std::ranges::count_if(listing.files, [](const InputFile& f) { return f.size == 7; }),
              1)
        << argument;
  }
}

TEST(ListInputs, HasLimits) {
  FakeFiles files = tree();
  files.contents["deep/1/2/3/x.json"] = "{}";
  Limits limits;
  limits.folder_depth_max = 2;
  std::vector<std::string> arguments = {"deep"};
  Listing listing = list_inputs(files, arguments, limits);
  EXPECT_EQ(errors_of(listing), (std::vector<std::pair<std::string, InputProblem>>{
                                    {"deep/1/2/3", InputProblem::kUnreadable}}));
  limits = {};
  limits.listed_files_max = 2;
  arguments = {"logs"};
  listing = list_inputs(files, arguments, limits);
  EXPECT_EQ(listing.files.size(), 2u);
  EXPECT_EQ(listing.errors.size(), 1u);
}

TEST(Glob, FitsNames) {
  struct Case {
    const char *name, *pattern;
    bool expected;
  };
  const std::vector<Case> cases = {
      {"", "", true},          {"", "*", true},       {"a", "", false},
      {"abc", "abc", true},    {"abc", "abd", false}, {"abc", "a*", true},
      {"abc", "*c", true},     {"abc", "a*b", false}, {"aXbXc", "a*b*c", true},
      {"aaab", "*aab", true},  {"abc", "a?c", true},  {"ac", "a?c", false},
      {".x", "*", true},       {"b", "[abc]", true},  {"b", "[a-c]", true},
      {"d", "[a-c]", false},   {"d", "[!a-c]", true}, {"b", "[^a-c]", false},
      {"]", "[]]", true},      {"-", "[a-]", true},   {"[", "[", true},
      {"[a", "[a", true},      {"a", "[a", false},    {"*", "\\*", true},
      {"a", "\\*", false},     {"\u00E9", "?", true}, {"\u00E9", "[\u00E8-\u00EA]", true},
      {"abc", "abc***", true},
  };
  for (const auto& [name, pattern, expected] : cases) {
    EXPECT_EQ(fits_glob(name, pattern), expected) << name << " / " << pattern;
  }
  EXPECT_FALSE(fits_glob(std::string(20'000, 'a'), "*a*a*a*a*a*a*a*a*b")) << "and it takes no time";
}

}  // namespace
}  // namespace stanch::ingest
