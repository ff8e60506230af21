#include "respond/evidence/trail_digest.h"

#include <gtest/gtest.h>

#include "codec/timestamp.h"
#include "respond/evidence/trail_for_test.h"
#include "respond/evidence/trail_keys.h"
#include "respond/evidence/trail_names.h"

namespace stanch::respond {
namespace {

constexpr std::string_view kDigest =
    "AWSLogs/1/CloudTrail-Digest/us-east-2/2026/03/01/"
    "1_CloudTrail-Digest_us-east-2_a_b_eu-west-1_20260301T010000Z.json.gz";
constexpr std::string_view kLog =
    "AWSLogs/1/CloudTrail/us-east-2/2026/03/01/1_CloudTrail_us-east-2_20260301T0005Z_x_y.json.gz";

TEST(TrailNames, TellsFilesByTheirNames) {
  const std::pair<std::string, TrailFileKind> cases[] = {
      {std::string(kDigest), TrailFileKind::kDigest},
      {std::string(kDigest) + ".signature", TrailFileKind::kSignature},
      {"1_CloudTrail-Digest_us-east-2_a_us-east-2_20260301T010000Z.json", TrailFileKind::kDigest},
      {"CloudTrail-Digest/x.json.gz", TrailFileKind::kDigest},
      {std::string(kLog), TrailFileKind::kLog},
      {"1_CloudTrail-Insight_us-east-2_20260301T0005Z_x.json.gz", TrailFileKind::kLog},
      {"CloudTrail/x.json", TrailFileKind::kLog},
      {"MyCloudTrail/x.json", TrailFileKind::kOther},
      {"CloudTrail/README.md", TrailFileKind::kOther},
      {"x.json.gz", TrailFileKind::kOther},
      {"", TrailFileKind::kOther},
  };
  for (const auto& [path, kind] : cases) EXPECT_EQ(kind_of_trail_file(path), kind) << path;
}

TEST(TrailNames, AFileLiesWhereItsNameAndFoldersSay) {
  const std::string key(kLog), name = key.substr(key.rfind('/') + 1);
  for (const std::string& path :
       {key, name, "any/where/" + name, "bucket/prefix/" + key, key.substr(0, key.size() - 3)}) {
    EXPECT_TRUE(lies_there(path, key)) << path;
    EXPECT_TRUE(lies_there(path, "prefix/" + key)) << path;
  }
  for (const std::string& path :
       {"x" + name, "AWSLogs/2" + key.substr(9), "AWSLogs/" + name, std::string(), key + ".gz"}) {
    EXPECT_FALSE(lies_there(path, key)) << path;
  }
  EXPECT_FALSE(lies_there(key, "other" + key)) << "not at the beginning of a folder's name";
}

TEST(TrailNames, SaysChainRegionAndTime) {
  EXPECT_EQ(chain_of_digest(kDigest), "1_CloudTrail-Digest_us-east-2_a_b_eu-west-1");
  EXPECT_EQ(chain_of_digest("x_20260301T010000Z_backfill.json.gz"), "x_backfill");
  EXPECT_EQ(chain_of_digest("x_20260301T019900Z.json.gz"), "x_20260301T019900Z");
  EXPECT_EQ(region_of_digest(kDigest), "us-east-2");
  EXPECT_EQ(region_of_digest("x"), "");
  const auto name = read_log_name(kLog);
  ASSERT_TRUE(name);
  EXPECT_EQ(name->account, "1");
  EXPECT_EQ(name->region, "us-east-2");
  EXPECT_EQ(name->delivered, *codec::parse_timestamp("2026-03-01T00:05:00Z"));
  for (const char* none : {"", "_CloudTrail_", "1_CloudTrail_r_2026T0005Z_x.json.gz",
                           "1_CloudTrail_r", "1_CloudTrail_r_20260301T0005X_x"}) {
    EXPECT_FALSE(read_log_name(none)) << none;
  }
}

TEST(TrailDigest, SignsWhatTheUserGuideSays) {
  TrailMaker trail;
  trail.add(0);
  trail.add(1);
  const auto first = read_trail_digest(trail.texts[TrailMaker::digest_path(1)]);
  ASSERT_TRUE(first);
  EXPECT_FALSE(first->previous);
  EXPECT_EQ(first->string_to_sign(),
            fmt::format("2026-03-01T01:00:00Z\n{}/{}\n{}\nnull", kTrailBucket,
                        TrailMaker::digest_path(1), codec::to_hex(first->sha256)));
  const auto second = read_trail_digest(trail.texts[TrailMaker::digest_path(2)]);
  ASSERT_TRUE(second);
  EXPECT_TRUE(
      second->string_to_sign().ends_with("\n" + trail.signatures[TrailMaker::digest_path(1)]));
  EXPECT_EQ(second->previous->sha256, first->sha256);
  EXPECT_EQ(second->logs.size(), 2u);
}

TEST(TrailDigest, RefusesWhatIsNone) {
  TrailMaker trail;
  trail.add(0);
  const std::string good = trail.texts[TrailMaker::digest_path(1)];
  for (const char* member : {"digestS3Bucket", "digestS3Object", "digestEndTime", "digestStartTime",
                             "digestPublicKeyFingerprint", "previousDigestSignature", "logFiles",
                             "s3Bucket", "s3Object"}) {
    std::string bad = good;
    bad.replace(bad.find(std::string("\"") + member) + 1, 1, "X");
    const auto read = read_trail_digest(bad);
    ASSERT_FALSE(read) << member;
    EXPECT_EQ(read.error().code(), ErrorCode::kInvalid);
  }
  for (const char* bad : {"", "{", "[]", "null", "{}", "\xff\xfe"}) {
    EXPECT_FALSE(read_trail_digest(bad)) << bad;
  }
  for (size_t size = 0; size < good.size(); ++size) {
    EXPECT_FALSE(read_trail_digest(good.substr(0, size))) << size;
  }
}

TEST(TrailDigest, ReadsSignaturesAsPeopleKeepThem) {
  EXPECT_EQ(read_kept_signature(" 0aff\n"), "0aff");
  EXPECT_EQ(
      read_kept_signature("{\"ContentLength\": 3, \"Metadata\": {\"signature\": \"0aff\"}}\n"),
      "0aff");
  EXPECT_EQ(read_kept_signature("{\"Metadata\": {}}"), "");
  EXPECT_EQ(read_kept_signature("{"), "");
  EXPECT_EQ(read_kept_signature(""), "");
}

TEST(TrailKeys, ReadsWhatTheCommandLineOfAwsPrints) {
  TrailKeys keys;
  ASSERT_TRUE(keys.add(trail_keys_json()));
  ASSERT_TRUE(keys.add(trail_keys_json())) << "the same once more";
  EXPECT_NE(keys.find(std::string(kTrailFingerprint)), nullptr);
  EXPECT_EQ(keys.find("other"), nullptr);
  // One of a kind that is not known stays away by itself.
  ASSERT_TRUE(keys.add(R"({"publicKeyList":[{"Fingerprint":"new","Value":"AAAA"}]})"));
  EXPECT_EQ(keys.find("new"), nullptr);
  EXPECT_EQ(keys.all().size(), 2u);
  for (const std::string& bad :
       {std::string("{"), std::string("{}"), std::string("[]"),
        std::string(R"({"PublicKeyList":[{}]})"), std::string(R"({"PublicKeyList":{}})"),
        trail_keys_json(other_trail_key())}) {
    EXPECT_FALSE(keys.add(bad)) << bad;
  }
}

}  // namespace
}  // namespace stanch::respond
