#include "host/trail_files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "codec/compress_for_test.h"
#include "codec/timestamp.h"
#include "env/os/os.h"
#include "host/limits.h"
#include "respond/evidence/trail_for_test.h"

namespace stanch::host {
namespace {

namespace fs = std::filesystem;
using respond::TrailMaker;
using respond::TrailVerdict;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class TrailFolderTest : public testing::Test {
 protected:
  TrailFolderTest() {
    std::string name = (fs::temp_directory_path() / "stanch-trail-XXXXXX").string();
    folder_ = ::mkdtemp(name.data());
    for (int hour = 0; hour < 3; ++hour) trail_.add(hour);
    trail_.keep_signature();
    for (const auto& [path, text] : trail_.texts) write(path, codec::gzip(text));
    for (const auto& [path, text] : trail_.kept) write(path + ".signature", text + "\n");
    write("keys.json", respond::trail_keys_json());
  }
  ~TrailFolderTest() override { fs::remove_all(folder_); }

  void write(const std::string& path, const std::string& bytes) {
    fs::create_directories((folder_ / path).parent_path());
    std::ofstream(folder_ / path, std::ios::binary) << bytes;
  }
  respond::TrailReport validate() {
    env::Files& files = os_.env().files;
    respond::TrailKeys keys;
    EXPECT_TRUE(load_trail_keys(files, (folder_ / "keys.json").string(), keys));
    const auto read = read_trail_folder(files, folder_.string());
    EXPECT_TRUE(read);
    unread_ = read->unread;
    ignored_ = read->ignored;
    return validate_trail(files, folder_.string(), read->files, keys);
  }
  // What became of that file.
  std::string reason_of(const std::string& path) {
    const respond::TrailReport report = validate();
    for (const auto* items : {&report.digests, &report.logs}) {
      for (const respond::TrailItem& item : *items) {
        if (item.path == path) return std::string(name_of(item.reason));
      }
    }
    return "not there";
  }

  env::OsEnv os_;
  fs::path folder_;
  TrailMaker trail_;
  std::vector<std::string> unread_;
  uint64_t ignored_ = 0;
};

TEST_F(TrailFolderTest, ReadsAFolderAsItWasDownloaded) {
  const respond::TrailReport report = validate();
  EXPECT_EQ(report.verdict(), TrailVerdict::kValid);
  EXPECT_EQ(report.digests.size(), 3u);
  EXPECT_EQ(report.logs.size(), 6u);
  EXPECT_THAT(unread_, IsEmpty());
  EXPECT_EQ(ignored_, 1u) << "keys.json";
}

TEST_F(TrailFolderTest, TellsEachWayInWhichALogCanBeBroken) {
  const std::string path = TrailMaker::log_path(1, 0), text = trail_.texts[path];
  const std::string good = codec::gzip(text);
  const std::pair<std::string, std::string> cases[] = {
      {good, "hashed"},
      {text, "hashed"},  // inflated on its way
      {good + std::string(100, '\0'), "hashed"},
      {good + codec::gzip(""), "hashed"},
      {good.substr(0, good.size() - 1), "damaged"},
      {good.substr(0, 12), "damaged"},
      {good + "x", "damaged"},
      {good + codec::gzip("{\"Records\":[]}"), "changed"},
      {codec::gzip(text + " "), "changed"},
      {"", "changed"},
      {"\x1f", "changed"},
  };
  for (const auto& [bytes, reason] : cases) {
    write(path, bytes);
    EXPECT_EQ(reason_of(path), reason) << bytes.size();
  }
}

TEST_F(TrailFolderTest, ADigestMayBeAnyBytes) {
  const std::string path = TrailMaker::digest_path(3), good = codec::gzip(trail_.texts[path]);
  for (const std::string& bytes :
       {std::string(), std::string("{"), std::string("\x1f\x8b"), good.substr(0, 40),
        codec::gzip(std::string(1'000'000, '[')), good + good}) {
    write(path, bytes);
    EXPECT_EQ(reason_of(path), "malformed") << bytes.size();
  }
  write(path, codec::gzip(std::string(kTrailDigestBytesMax + 1, ' ')));
  EXPECT_EQ(reason_of(path), "unreadable") << "too large to be looked at";
  write(path, trail_.texts[path]);  // inflated on its way
  EXPECT_EQ(reason_of(path), "signed");
}

TEST_F(TrailFolderTest, ReadsASignatureAsTheCommandLineOfAwsPrintsIt) {
  const std::string path = TrailMaker::digest_path(3);
  write(path + ".signature",
        "{\"Metadata\": {\"signature-algorithm\": \"SHA256withRSA\", "
        "\"signature\": \"" +
            trail_.signatures[path] + "\"}}\n");
  EXPECT_EQ(reason_of(path), "signed");
  fs::remove(folder_ / (path + ".signature"));
  EXPECT_EQ(reason_of(path), "unsigned");
}

TEST_F(TrailFolderTest, SaysWhatIsNoFolder) {
  env::Files& files = os_.env().files;
  for (const char* path : {"keys.json", "nothing"}) {
    EXPECT_FALSE(read_trail_folder(files, (folder_ / path).string())) << path;
  }
  EXPECT_FALSE(read_trail_folder(files, ""));
  EXPECT_FALSE(read_trail_folder(files, folder_.string() + "*")) << "no glob";
  EXPECT_TRUE(read_trail_folder(files, folder_.string() + "/"));
}

TEST_F(TrailFolderTest, LinksThatLeadNowhereAreTold) {
  fs::create_symlink("/nowhere/at/all", folder_ / "AWSLogs/gone.json.gz");
  validate();
  EXPECT_THAT(unread_, ElementsAre(HasSubstr("gone.json.gz")));
}

// Answers with what it has for a region, and keeps what it was asked.
class FakeCloudTrail : public cloud::Caller {
 public:
  cloud::Called call(const cloud::Call& call) override {
    asked.push_back(call);
    cloud::Called called;
    if (call.region == "us-east-1") {
      codec::JsonParser parser;
      called.answer = {codec::JsonValue::of(parser.parse(respond::trail_keys_json())), "id"};
    } else {
      called.refusal = {ErrorCode::kDenied, "AccessDenied", "not you", "id"};
    }
    return called;
  }
  Duration signature_holds(const cloud::Call&) const override { return {}; }

  std::vector<cloud::Call> asked;
};

TEST_F(TrailFolderTest, AsksEachRegionForTheKeysOfItsTime) {
  env::Files& files = os_.env().files;
  const auto read = read_trail_folder(files, folder_.string());
  ASSERT_TRUE(read);
  FakeCloudTrail cloud;
  respond::TrailKeys keys;
  const Time now = *codec::parse_timestamp("2026-05-01T00:00:00Z");
  EXPECT_THAT(ask_trail_keys(cloud, read->files, now, keys), IsEmpty());
  ASSERT_EQ(cloud.asked.size(), 1u);
  EXPECT_EQ(cloud.asked[0].service + "." + cloud.asked[0].operation, "cloudtrail.ListPublicKeys");
  EXPECT_EQ(cloud.asked[0].region, "us-east-1");
  EXPECT_FALSE(cloud.asked[0].writes);
  EXPECT_EQ(to_json(cloud.asked[0].parameters),
            R"({"EndTime":"2026-03-01T05:00:00Z","StartTime":"2026-02-28T23:00:00Z"})");
  EXPECT_EQ(validate_trail(files, folder_.string(), read->files, keys).verdict(),
            TrailVerdict::kValid);

  TrailMaker other;
  std::string path = TrailMaker::digest_path(1);
  path.replace(path.find("us-east-1_main"), 9, "eu-west-1");
  other.add(0, {.path = path});
  write(path, other.texts[path]);
  const auto again = read_trail_folder(files, folder_.string());
  EXPECT_THAT(ask_trail_keys(cloud, again->files, now, keys), ElementsAre("eu-west-1: not you"));
}

}  // namespace
}  // namespace stanch::host
