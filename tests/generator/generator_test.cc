#include "generator/generator.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "codec/timestamp.h"

namespace stanch::generator {
namespace {

std::string events(size_t count, const Options& options) {
  Generator generator(options);
  std::string out;
  generator.append(count, out);
  return out;
}

std::vector<std::string_view> lines(std::string_view text) {
  std::vector<std::string_view> all;
  while (!text.empty()) {
    const size_t end = text.find('\n');
    all.push_back(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  return all;
}

// The text of the first member of that name; records write each once at the top.
std::string_view member(std::string_view record, std::string_view name) {
  const std::string start = "\"" + std::string(name) + "\":\"";
  const size_t at = record.find(start);
  if (at == std::string_view::npos) return {};
  const size_t from = at + start.size();
  return record.substr(from, record.find('"', from) - from);
}

// Enough of RFC 8259 to know that a text is one JSON value: shares nothing with the parser of ours.
class JsonChecker {
 public:
  explicit JsonChecker(std::string_view text) : text_(text) {}
  bool is_one_value() { return value() && at_ == text_.size(); }

 private:
  bool take(char c) {
    if (at_ >= text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  bool word(std::string_view expected) {
    if (text_.substr(at_, expected.size()) != expected) return false;
    at_ += expected.size();
    return true;
  }
  bool string() {
    if (!take('"')) return false;
    while (at_ < text_.size() && text_[at_] != '"') {
      if (static_cast<unsigned char>(text_[at_]) < 0x20) return false;
      at_ += text_[at_] == '\\' ? 2 : 1;
    }
    return take('"');
  }
  bool number() {
    const size_t start = at_;
    while (at_ < text_.size() &&
           (text_[at_] == '-' || text_[at_] == '.' || (text_[at_] >= '0' && text_[at_] <= '9'))) {
      ++at_;
    }
    return at_ > start;
  }
  bool members(char close, bool keys) {
    if (take(close)) return true;
    do {
      if (keys && !(string() && take(':'))) return false;
      if (!value()) return false;
    } while (take(','));
    return take(close);
  }
  bool value() {
    if (at_ >= text_.size()) return false;
    switch (text_[at_]) {
      case '{': ++at_; return members('}', true);
      case '[': ++at_; return members(']', false);
      case '"': return string();
      case 't': return word("true");
      case 'f': return word("false");
      case 'n': return word("null");
      default: return number();
    }
  }
  std::string_view text_;
  size_t at_ = 0;
};

TEST(Generator, SameSeedSameBytes) {
  const std::string once = events(20000, {.seed = 42});
  EXPECT_EQ(once, events(20000, {.seed = 42}));
  EXPECT_NE(once, events(20000, {.seed = 43}));
}

TEST(Generator, BatchesDoNotMatter) {
  Generator generator({.seed = 9});
  std::string pieces;
  for (int i = 0; i < 50; ++i) generator.append(100, pieces);
  EXPECT_EQ(pieces, events(5000, {.seed = 9}));
}

TEST(Generator, EveryLineIsOneJsonRecord) {
  for (double fraction : {0.0, 0.5}) {
    const std::string text = events(30000, {.seed = 3, .finding_fraction = fraction});
    const auto records = lines(text);
    ASSERT_EQ(records.size(), 30000U);
    for (std::string_view record : records) {
      ASSERT_TRUE(JsonChecker(record).is_one_value()) << record;
      ASSERT_TRUE(member(record, "eventSource").ends_with(".amazonaws.com")) << record;
      ASSERT_FALSE(member(record, "eventName").empty()) << record;
      ASSERT_EQ(record.find("${"), std::string_view::npos) << record;
    }
  }
}

TEST(Generator, SizesAreThoseOfRealRecords) {
  const size_t mean = events(50000, {.seed = 5}).size() / 50000;
  EXPECT_GE(mean, 1350U);
  EXPECT_LE(mean, 1600U);
}

TEST(Generator, EventIdsAreUniqueAndTimesRise) {
  const std::string text = events(50000, {.seed = 6});
  std::set<std::string_view> ids;
  std::string_view last;
  for (std::string_view record : lines(text)) {
    EXPECT_TRUE(ids.insert(member(record, "eventID")).second) << record;
    const std::string_view time = member(record, "eventTime");
    EXPECT_LE(last, time) << record;
    last = time;
  }
  ASSERT_TRUE(codec::parse_timestamp(last).has_value()) << last;
  // 50,000 events at twelve a second are a little over an hour.
  EXPECT_THAT(std::string(last), testing::StartsWith("2026-11-02T01:"));
}

TEST(Generator, MixDecidesWhichWorkIsDone) {
  Options options{.seed = 8};
  options.mix.fill(0);
  options.mix[static_cast<size_t>(Work::kObjects)] = 1;
  const std::string text = events(2000, options);
  for (std::string_view record : lines(text)) {
    EXPECT_EQ(member(record, "eventSource"), "s3.amazonaws.com") << record;
  }
}

TEST(Generator, OrdinaryWorkHoldsTheThingsThatLookBad) {
  const std::string text = events(400000, {.seed = 11});
  for (std::string_view what :
       {"\"cidrIp\":\"0.0.0.0/0\"", "skipFinalSnapshot", "ScheduleKeyDeletion",
        "ModifySnapshotAttribute", "ModifyImageAttribute", "AWS-RunShellScript", "DeleteObjects",
        "UpdateFunctionCode20150331v2", "\"attribute\":\"userData\"",
        "GetAccountAuthorizationDetails", "CreateAccessKey", "g5.12xlarge", "\"MFAUsed\":\"No\"",
        "Client.UnauthorizedOperation", "SendSSHPublicKey", "Converse"}) {
    EXPECT_NE(text.find(what), std::string::npos) << what;
  }
}

TEST(Generator, FindingFractionIsKept) {
  const std::string text = events(50000, {.seed = 12, .finding_fraction = 0.1});
  size_t thieves = 0;
  for (std::string_view record : lines(text)) {
    thieves += record.find("\"sourceIPAddress\":\"198.51.100.2") != std::string_view::npos ? 1 : 0;
  }
  EXPECT_NEAR(static_cast<double>(thieves), 5000, 400);
  EXPECT_EQ(events(20000, {.seed = 12}).find("\"sourceIPAddress\":\"198.51.100.2"),
            std::string::npos);
}

TEST(Generator, ContextNamesTheAccountsThatAreUsed) {
  std::set<std::string_view> accounts;
  for (const ContextValue& value : organisation_context()) {
    if (value.name == "own_accounts") accounts.insert(value.value);
  }
  const std::string text = events(20000, {.seed = 13});
  for (std::string_view record : lines(text)) {
    EXPECT_TRUE(accounts.contains(member(record, "recipientAccountId"))) << record;
  }
}

}  // namespace
}  // namespace stanch::generator
