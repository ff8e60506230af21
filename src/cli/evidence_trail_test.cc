// stanch evidence validate-trail, run in-process over a small trail.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "cli/fake_world_for_test.h"
#include "cli/options.h"
#include "codec/json.h"
#include "pipeline/output/text.h"
#include "respond/evidence/trail_for_test.h"

namespace stanch::cli {
namespace {

namespace fs = std::filesystem;
using respond::TrailMaker;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

class EvidenceTrailTest : public testing::Test {
 protected:
  EvidenceTrailTest() {
    std::string name = (fs::temp_directory_path() / "stanch-trail-XXXXXX").string();
    folder_ = ::mkdtemp(name.data());
    for (int hour = 0; hour < 3; ++hour) trail_.add(hour);
    trail_.keep_signature();
    for (const auto& [path, text] : trail_.texts) write("trail/" + path, text);
    for (const auto& [path, text] : trail_.kept) write("trail/" + path + ".signature", text);
    write("keys.json", respond::trail_keys_json());
    world_.variables.values["AWS_EC2_METADATA_DISABLED"] = "true";
  }
  ~EvidenceTrailTest() override { fs::remove_all(folder_); }

  void write(const std::string& path, const std::string& bytes) {
    fs::create_directories((folder_ / path).parent_path());
    std::ofstream(folder_ / path, std::ios::binary) << bytes;
  }
  int run(std::vector<std::string> more) {
    std::vector<std::string> arguments = {"evidence", "validate-trail",
                                          (folder_ / "trail").string()};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return world_.run(arguments);
  }
  int run_with_keys(std::vector<std::string> more = {}) {
    more.insert(more.end(), {"--public-keys", (folder_ / "keys.json").string()});
    return run(std::move(more));
  }
  const std::string& out() { return world_.terminal.out; }
  const std::string& error() { return world_.terminal.error; }

  FakeWorld world_;
  fs::path folder_;
  TrailMaker trail_;
};

TEST_F(EvidenceTrailTest, AValidTrailEndsWell) {
  EXPECT_EQ(run_with_keys(), kExitOk) << out() << error();
  EXPECT_THAT(out(), AllOf(HasSubstr("trail: valid\n"),
                           HasSubstr("Digests             3         0              0\n"),
                           HasSubstr("Log files           6         0              0\n"),
                           HasSubstr("2026-03-01T00:00:00Z to 2026-03-01T03:00:00Z"),
                           HasSubstr("1, from "), Not(HasSubstr("INVALID"))));
}

TEST_F(EvidenceTrailTest, WhatIsWrongIsNamed) {
  write("trail/" + TrailMaker::log_path(1, 0), "{}");
  fs::remove(folder_ / "trail" / TrailMaker::log_path(1, 1));
  fs::remove(folder_ / "trail" / (TrailMaker::digest_path(3) + ".signature"));
  EXPECT_EQ(run_with_keys(), kExitFindings);
  EXPECT_THAT(out(),
              AllOf(HasSubstr("trail: NOT VALID\n"),
                    HasSubstr("INVALID  1 log file: not what a valid digest has the hash of\n"
                              "  111122223333_CloudTrail_us-east-1_20260301T0110Z_"),
                    HasSubstr("INVALID  1 log file: named by a digest, but not here\n"
                              "  111122223333_CloudTrail_us-east-1_20260301T0130Z_"),
                    HasSubstr("not provable  1 digest: no file here has the signature\n"),
                    HasSubstr("aws s3api head-object")));
  std::istringstream lines(out());
  for (std::string line; std::getline(lines, line);) {
    if (line.contains("_CloudTrail-Digest_") || line.contains("/tmp/"))
      continue;  // names as long as they are
    EXPECT_LE(pipeline::output::columns_of(std::string_view(line)), 80u) << line;
  }
}

TEST_F(EvidenceTrailTest, TheNewestAloneCannotBeProved) {
  fs::remove(folder_ / "trail" / (TrailMaker::digest_path(3) + ".signature"));
  EXPECT_EQ(run_with_keys({"--json"}), kExitFindings);
  codec::JsonParser parser;
  const codec::JsonView json = parser.parse(out());
  EXPECT_EQ(json["schema"].string_or_empty(), "stanch.trail-validation/1");
  EXPECT_EQ(json["verdict"].string_or_empty(), "not-provable");
  EXPECT_EQ(json["digests"]["valid"].as_int64(), 2);
  EXPECT_EQ(json["digests"]["not_provable"].as_int64(), 1);
  EXPECT_EQ(json["logs"]["valid"].as_int64(), 4);
  EXPECT_EQ(json["items"].size(), 9u);
  EXPECT_EQ(json["chains"].size(), 1u);
  EXPECT_EQ(json["public_keys"].size(), 1u);
  for (const codec::JsonView item : json["items"].elements()) {
    EXPECT_EQ(item["sha256"].string_or_empty().size(), 64u);
  }
}

TEST_F(EvidenceTrailTest, WithoutKeysItSaysSo) {
  EXPECT_EQ(run({}), kExitFindings);
  EXPECT_THAT(error(), AllOf(HasSubstr("AWS is not asked"), HasSubstr("Give --public-keys.")));
  EXPECT_THAT(out(), AllOf(HasSubstr("NOT ALL OF IT CAN BE PROVED"),
                           HasSubstr("none: no signature can be verified"),
                           HasSubstr("the public key is not at hand")));
  write("keys.json", "{}");
  EXPECT_EQ(run_with_keys(), kExitUsage);
  EXPECT_THAT(error(), HasSubstr("list-public-keys"));
}

TEST_F(EvidenceTrailTest, WhatCannotBeReadEndsWithItsOwnCode) {
  fs::create_symlink("/nowhere/at/all", folder_ / "trail/AWSLogs/gone");
  EXPECT_EQ(run_with_keys(), kExitInput);
  EXPECT_THAT(out(), HasSubstr("NOT READ  "));
  write("trail/" + TrailMaker::log_path(1, 0), "{}");
  EXPECT_EQ(run_with_keys(), kExitFindings) << "what is wrong comes first";
}

TEST_F(EvidenceTrailTest, AFolderWithoutATrailIsToldFromAValidOne) {
  fs::remove_all(folder_ / "trail");
  EXPECT_EQ(run_with_keys(), kExitInput);
  write("trail/README", "x");
  EXPECT_EQ(run_with_keys(), kExitInput);
  EXPECT_THAT(error(), HasSubstr("CloudTrail-Digest"));
}

}  // namespace
}  // namespace stanch::cli
