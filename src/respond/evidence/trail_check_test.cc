#include "respond/evidence/trail_check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "respond/evidence/trail_for_test.h"
#include "respond/evidence/trail_names.h"

namespace stanch::respond {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

// From 00:00 to 06:00, the signature of the newest kept.
TrailMaker good_trail() {
  TrailMaker trail;
  for (int hour = 0; hour < 6; ++hour) trail.add(hour);
  trail.keep_signature();
  return trail;
}

TrailReport check(const TrailMaker& trail, const std::string& keys_json = trail_keys_json()) {
  TrailFiles files;
  for (const auto& [path, text] : trail.texts) {
    if (kind_of_trail_file(path) != TrailFileKind::kDigest) {
      files.others.push_back(path);
      continue;
    }
    FoundDigest found{.path = path, .digest = read_trail_digest(text), .signature = {}};
    if (const auto kept = trail.kept.find(path); kept != trail.kept.end()) {
      found.signature = kept->second;
    }
    files.digests.push_back(std::move(found));
  }
  TrailKeys keys;
  EXPECT_TRUE(keys.add(keys_json));
  return check_trail(files, keys, [&](const std::string& path) -> Result<codec::Sha256> {
    const std::string& text = trail.texts.at(path);
    if (text == "cut off") return Error(ErrorCode::kCorrupt, "its end is missing");
    if (text == "denied") return Error(ErrorCode::kDenied, "no permission");
    return codec::sha256(text);
  });
}

// "digest 03 bad-signature": what is not valid, by the hour in its name.
std::vector<std::string> wrong_in(const TrailReport& report) {
  std::vector<std::string> wrong;
  for (const auto* items : {&report.digests, &report.logs}) {
    for (const TrailItem& item : *items) {
      if (verdict_of(item.reason) == TrailVerdict::kValid) continue;
      const std::string& path = item.path.empty() ? item.object.key : item.path;
      wrong.push_back(fmt::format("{} {} {}", item.is_digest ? "digest" : "log",
                                  path.substr(path.find("_20260301T") + 10, 4),
                                  name_of(item.reason)));
    }
  }
  return wrong;
}

void replace(std::string& text, std::string_view what, std::string_view with) {
  const size_t at = text.find(what);
  ASSERT_NE(at, std::string::npos);
  text.replace(at, what.size(), with);
}

TEST(TrailCheck, AGoodTrailIsValid) {
  const TrailReport report = check(good_trail());
  EXPECT_EQ(report.verdict(), TrailVerdict::kValid);
  EXPECT_EQ(report.count_digests()[TrailVerdict::kValid], 6u);
  EXPECT_EQ(report.count_logs()[TrailVerdict::kValid], 12u);
  EXPECT_THAT(report.gaps, IsEmpty());
  ASSERT_EQ(report.chains.size(), 1u);
  EXPECT_EQ(report.chains[0].name, "111122223333_CloudTrail-Digest_us-east-1_main_us-east-1");
  EXPECT_TRUE(report.chains[0].begins);
}

struct Case {
  const char* name;
  std::function<void(TrailMaker&)> change;
  TrailVerdict verdict;
  std::vector<std::string> wrong;
};

TEST(TrailCheck, TellsWhatIsWrong) {
  using M = TrailMaker;
  const auto swap_files = [](TrailMaker& trail, const std::string& a, const std::string& b) {
    std::swap(trail.texts[a], trail.texts[b]);
  };
  const Case cases[] = {
      {"changed byte in a log",
       [](M& t) { replace(t.texts[M::log_path(2, 1)], "2-1", "2-9"); },
       TrailVerdict::kInvalid,
       {"log 0230 changed"}},
      {"deleted log",
       [](M& t) { t.texts.erase(M::log_path(2, 0)); },
       TrailVerdict::kInvalid,
       {"log 0210 missing"}},
      {"log cut off",
       [](M& t) { t.texts[M::log_path(2, 0)] = "cut off"; },
       TrailVerdict::kInvalid,
       {"log 0210 damaged"}},
      {"log that may not be read",
       [](M& t) { t.texts[M::log_path(2, 0)] = "denied"; },
       TrailVerdict::kNotProvable,
       {"log 0210 unreadable"}},
      {"log in the name of another",
       [&](M& t) { swap_files(t, M::log_path(2, 0), M::log_path(3, 0)); },
       TrailVerdict::kInvalid,
       {"log 0210 changed", "log 0310 changed"}},
      {"changed byte in a digest",
       [](M& t) {
         replace(t.texts[M::digest_path(3)], "\"awsAccountId\":\"1", "\"awsAccountId\":\"2");
       },
       TrailVerdict::kInvalid,
       {"digest 0300 changed", "log 0210 named-by-invalid", "log 0230 named-by-invalid"}},
      {"log and its digest changed together",
       [](M& t) {
         std::string& log = t.texts[M::log_path(2, 0)];
         const std::string before = codec::to_hex(codec::sha256(log));
         replace(log, "2-0", "2-9");
         replace(t.texts[M::digest_path(3)], before, codec::to_hex(codec::sha256(log)));
       },
       TrailVerdict::kInvalid,
       {"digest 0300 changed", "log 0210 named-by-invalid", "log 0230 named-by-invalid"}},
      // The signature of 02:00 was in the one that is gone.
      {"deleted digest in the middle",
       [](M& t) { t.texts.erase(M::digest_path(3)); },
       TrailVerdict::kInvalid,
       {"digest 0200 unsigned", "digest 0300 missing", "log 0110 named-by-unproven",
        "log 0130 named-by-unproven", "log 0210 unlisted", "log 0230 unlisted"}},
      {"digests in each other's place",
       [&](M& t) { swap_files(t, M::digest_path(3), M::digest_path(4)); },
       TrailVerdict::kInvalid,
       {"digest 0300 moved", "digest 0400 moved", "log 0210 named-by-invalid",
        "log 0230 named-by-invalid", "log 0310 named-by-invalid", "log 0330 named-by-invalid"}},
      {"digest that is none",
       [](M& t) { t.texts[M::digest_path(6)] = "{}"; },
       TrailVerdict::kInvalid,
       {"digest 0500 unsigned", "digest 0600 malformed", "log 0410 named-by-unproven",
        "log 0430 named-by-unproven", "log 0510 unlisted", "log 0530 unlisted"}},
      // It is there, though worth nothing: nothing is missing.
      {"digest that is none in the middle",
       [](M& t) { t.texts[M::digest_path(3)] = "{}"; },
       TrailVerdict::kInvalid,
       {"digest 0200 unsigned", "digest 0300 malformed", "log 0110 named-by-unproven",
        "log 0130 named-by-unproven", "log 0210 unlisted", "log 0230 unlisted"}},
      // AWS signed it, but the chain has another one: the hour's log files are hidden.
      {"signed digest in the place of another",
       [](M& t) {
         M other;
         for (const int hour : {0, 1}) other.add(hour);
         other.add(2, {.is_empty = true});
         other.keep_signature();
         t.texts[M::digest_path(3)] = other.texts[M::digest_path(3)];
         t.kept.merge(other.kept);
       },
       TrailVerdict::kInvalid,
       {"digest 0300 changed", "log 0210 unlisted", "log 0230 unlisted"}},
      {"log that no digest names",
       [](M& t) { t.texts[M::log_path(2, 2)] = "{}"; },
       TrailVerdict::kNotProvable,
       {"log 0250 unlisted-covered"}},
      {"log that came after the newest digest",
       [](M& t) { t.texts[M::log_path(6, 0)] = "{}"; },
       TrailVerdict::kNotProvable,
       {"log 0610 unlisted"}},
      {"newest without signature",
       [](M& t) { t.kept.clear(); },
       TrailVerdict::kNotProvable,
       {"digest 0600 unsigned", "log 0510 named-by-unproven", "log 0530 named-by-unproven"}},
      {"newest with another's signature",
       [](M& t) { t.kept[M::digest_path(6)] = t.signatures[M::digest_path(5)]; },
       TrailVerdict::kInvalid,
       {"digest 0600 bad-signature", "log 0510 named-by-invalid", "log 0530 named-by-invalid"}},
      {"newest with a signature that is none",
       [](M& t) { t.kept[M::digest_path(6)] = "no hex"; },
       TrailVerdict::kInvalid,
       {"digest 0600 bad-signature", "log 0510 named-by-invalid", "log 0530 named-by-invalid"}},
      // Nobody knows which of the two it was; their logs are as the digests say.
      {"unsigned newest names another signature",
       [](M& t) {
         t.kept.clear();
         const std::string& signature = t.signatures[M::digest_path(5)];
         replace(t.texts[M::digest_path(6)], signature, std::string(signature.size(), 'a'));
       },
       TrailVerdict::kInvalid,
       {"digest 0500 contradicted", "digest 0600 unsigned", "log 0410 named-by-invalid",
        "log 0430 named-by-invalid", "log 0510 named-by-unproven", "log 0530 named-by-unproven"}},
      {"changed log of an unsigned newest",
       [](M& t) {
         t.kept.clear();
         t.texts[M::log_path(5, 0)] = "{}";
       },
       TrailVerdict::kInvalid,
       {"digest 0600 unsigned", "log 0510 contradicted", "log 0530 named-by-unproven"}},
      // It was changed, as the one after it proves: what it says of the one before it is nothing.
      {"changed digest takes the signature before it along",
       [](M& t) {
         const std::string& signature = t.signatures[M::digest_path(2)];
         replace(t.texts[M::digest_path(3)], signature, std::string(signature.size(), 'a'));
       },
       TrailVerdict::kInvalid,
       {"digest 0200 signature-lost", "digest 0300 changed", "log 0110 named-by-unproven",
        "log 0130 named-by-unproven", "log 0210 named-by-invalid", "log 0230 named-by-invalid"}},
      {"other algorithm",
       [](M& t) {
         for (auto& [path, text] : t.texts) {
           if (path == M::digest_path(6)) replace(text, "SHA256withRSA", "SHA1withRSA");
         }
       },
       TrailVerdict::kNotProvable,
       {"digest 0600 other-algorithm", "log 0510 named-by-unproven", "log 0530 named-by-unproven"}},
  };
  for (const Case& each : cases) {
    TrailMaker trail = good_trail();
    each.change(trail);
    const TrailReport report = check(trail);
    EXPECT_EQ(report.verdict(), each.verdict) << each.name;
    std::vector<std::string> wrong = wrong_in(report);
    // What is missing stands behind the rest.
    std::ranges::sort(wrong);
    EXPECT_EQ(wrong, each.wrong) << each.name;
  }
}

TEST(TrailCheck, ReSignedWithAnotherKeyNothingHolds) {
  TrailMaker trail;
  for (int hour = 0; hour < 3; ++hour) trail.add(hour, {.key = &other_trail_key()});
  trail.keep_signature();
  const TrailReport report = check(trail);
  EXPECT_EQ(report.verdict(), TrailVerdict::kInvalid);
  EXPECT_EQ(report.count_digests()[TrailVerdict::kValid], 0u);
  EXPECT_EQ(report.count_logs()[TrailVerdict::kValid], 0u);
  EXPECT_EQ(check(trail, trail_keys_json(other_trail_key())).verdict(), TrailVerdict::kValid);
}

TEST(TrailCheck, WithoutKeysNothingIsProvedAndNothingAccused) {
  const TrailReport report = check(good_trail(), R"({"PublicKeyList":[]})");
  EXPECT_EQ(report.verdict(), TrailVerdict::kNotProvable);
  EXPECT_EQ(report.count_digests()[TrailVerdict::kNotProvable], 6u);
  EXPECT_EQ(report.count_logs()[TrailVerdict::kNotProvable], 12u);
  EXPECT_EQ(report.digests[0].reason, TrailReason::kNoKey);
}

// The key of an older month is not at hand; what is signed with the newer one has their hashes.
TEST(TrailCheck, AHashInAProvedDigestProvesWhatItsKeyCannot) {
  TrailMaker trail;
  trail.add(0, {.key = &other_trail_key(), .fingerprint = "of another month"});
  trail.add(1, {.key = &other_trail_key(), .fingerprint = "of another month"});
  trail.add(2);
  trail.keep_signature();
  const TrailReport report = check(trail);
  EXPECT_EQ(report.verdict(), TrailVerdict::kValid);
  EXPECT_EQ(report.digests[0].reason, TrailReason::kChained);
  EXPECT_EQ(report.digests[1].reason, TrailReason::kChained);
  EXPECT_EQ(report.digests[2].reason, TrailReason::kSigned);
  replace(trail.texts[TrailMaker::digest_path(1)], "111122223333", "111122223334");
  EXPECT_THAT(
      wrong_in(check(trail)),
      ElementsAre("digest 0100 changed", "log 0010 named-by-invalid", "log 0030 named-by-invalid"));
}

TEST(TrailCheck, TellsTimesThatNoDigestSpeaksFor) {
  TrailMaker trail;
  trail.add(0);
  trail.keep_signature();
  trail.add(4, {.begins = true});
  trail.add(5, {.is_empty = true});
  trail.add(9);
  trail.keep_signature();
  const TrailReport report = check(trail);
  EXPECT_EQ(report.verdict(), TrailVerdict::kNotProvable);
  EXPECT_THAT(wrong_in(report), IsEmpty());
  ASSERT_EQ(report.gaps.size(), 2u);
  EXPECT_EQ(report.gaps[0].why, TrailGap::Why::kBegunAnew);
  EXPECT_EQ(report.gaps[0].to - report.gaps[0].from, std::chrono::hours(3));
  EXPECT_EQ(report.gaps[1].why, TrailGap::Why::kJump);
}

TEST(TrailCheck, APartOfATrailSaysThatMoreWasBeforeIt) {
  TrailMaker trail = good_trail();
  for (const int end : {1, 2}) trail.texts.erase(TrailMaker::digest_path(end));
  for (const int hour : {0, 1}) {
    for (const int n : {0, 1}) trail.texts.erase(TrailMaker::log_path(hour, n));
  }
  const TrailReport report = check(trail);
  EXPECT_EQ(report.verdict(), TrailVerdict::kValid);
  ASSERT_EQ(report.chains.size(), 1u);
  EXPECT_FALSE(report.chains[0].begins);
  EXPECT_EQ(report.chains[0].before, TrailMaker::digest_path(2));
}

TEST(TrailCheck, ALostDigestLeavesAGap) {
  TrailMaker trail = good_trail();
  trail.texts.erase(TrailMaker::digest_path(3));
  const TrailReport report = check(trail);
  ASSERT_EQ(report.gaps.size(), 1u);
  EXPECT_EQ(report.gaps[0].why, TrailGap::Why::kLost);
}

TEST(TrailCheck, BackfillDigestsAreAChainOfTheirOwn) {
  TrailMaker trail = good_trail();
  trail.add(2, {.begins = true, .path = TrailMaker::digest_path(3, "_backfill")});
  trail.keep_signature();
  const TrailReport report = check(trail);
  EXPECT_EQ(report.verdict(), TrailVerdict::kValid);
  EXPECT_THAT(report.gaps, IsEmpty());
  ASSERT_EQ(report.chains.size(), 2u);
  EXPECT_TRUE(report.chains[1].is_backfill);
}

// Wherever its folders went, a file is known by its name and what it says.
TEST(TrailCheck, KnowsFilesWithoutTheirFolders) {
  TrailMaker trail = good_trail(), flat;
  const auto base = [](const std::string& path) { return path.substr(path.rfind('/') + 1); };
  for (const auto& [path, text] : trail.texts) flat.texts[base(path)] = text;
  for (const auto& [path, text] : trail.kept) flat.kept[base(path)] = text;
  EXPECT_EQ(check(flat).verdict(), TrailVerdict::kValid);
}

// Copies count each by itself, and one that differs is told.
TEST(TrailCheck, LooksAtEachCopy) {
  TrailMaker trail = good_trail();
  for (const auto& [path, text] : std::map(trail.texts)) trail.texts["copy/" + path] = text;
  EXPECT_EQ(check(trail).verdict(), TrailVerdict::kValid);
  trail.texts["copy/" + TrailMaker::log_path(1, 0)] = "{}";
  EXPECT_THAT(wrong_in(check(trail)), ElementsAre("log 0110 changed"));
}

// Nobody can make it try each with each, or go round in a circle.
TEST(TrailCheck, IsNotHeldUpByDigestsThatNameEachOther) {
  TrailMaker trail = good_trail();
  std::string& text = trail.texts[TrailMaker::digest_path(3)];
  replace(text, "\"previousDigestS3Object\":\"" + TrailMaker::digest_path(2),
          "\"previousDigestS3Object\":\"" + TrailMaker::digest_path(3));
  const std::string loop = text;
  for (int n = 0; n < 400; ++n)
    trail.texts[fmt::format("{}/{}", n, TrailMaker::digest_path(3))] = loop;
  const TrailReport report = check(trail);
  EXPECT_EQ(report.verdict(), TrailVerdict::kInvalid);
  EXPECT_EQ(report.count_digests()[TrailVerdict::kInvalid], 401u);
}

TEST(TrailReport, EveryReasonHasItsRow) {
  for (size_t i = 0; i < kTrailReasons; ++i) {
    const auto reason = static_cast<TrailReason>(i);
    EXPECT_NE(name_of(reason), "");
    EXPECT_NE(words_of(reason), "");
  }
  EXPECT_EQ(name_of(TrailReason::kUnreadable), "unreadable");
  EXPECT_EQ(verdict_of(TrailReason::kMoved), TrailVerdict::kInvalid);
  EXPECT_EQ(verdict_of(TrailReason::kUnsigned), TrailVerdict::kNotProvable);
}

}  // namespace
}  // namespace stanch::respond
