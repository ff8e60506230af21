#include <gtest/gtest.h>

#include <random>
#include <vector>

#include "codec/compress_for_test.h"
#include "codec/gzip.h"
#include "codec/zstd.h"

// gzip and zstd behind the face they share, and gzip at once.

namespace stanch::codec {
namespace {

std::string skippable(std::string_view content) {
  std::string out = "\x5A\x2A\x4D\x18";
  for (int shift = 0; shift < 32; shift += 8) out += static_cast<char>(content.size() >> shift);
  return out.append(content);
}

std::string some_text(size_t size) {
  std::mt19937 random(5);
  std::string text;
  while (text.size() < size)
    text += "{\"eventName\":\"" + std::to_string(random() % 1000) + "\"}\n";
  text.resize(size);
  return text;
}

struct Outcome {
  std::string text;
  uint32_t members = 0;  // that gave text
  InflateState state = InflateState::kGoing;
};

// Feeds `compressed` in pieces of `in_size`, into room for `out_size`.
Outcome inflate_all(Inflater& inflater, std::string_view compressed, size_t in_size,
                    size_t out_size) {
  Outcome all;
  std::vector<char> out(out_size);
  std::string_view in;
  for (;;) {
    if (in.empty()) {
      in = compressed.substr(0, in_size);
      compressed.remove_prefix(in.size());
    }
    const Inflater::Step step = inflater.step(in, out);
    in.remove_prefix(step.consumed);
    all.text.append(out.data(), step.produced);
    if (step.produced > 0) all.members = step.member + 1;
    all.state = step.state;
    if (step.state != InflateState::kGoing) return all;
    if (step.produced == 0 && in.empty() && compressed.empty()) break;
  }
  all.state = inflater.at_end();
  return all;
}

struct Format {
  const char* name;
  std::string (*compress)(std::string_view);
  std::unique_ptr<Inflater> (*make)(const InflateLimits&);
};
const Format kFormats[] = {
    {"gzip", gzip, make_gzip_inflater},
    {"zstd", [](std::string_view text) { return zstd(text); }, make_zstd_inflater},
};

TEST(Inflater, GivesTheTextForAnySizesOfPieces) {
  const std::string first = some_text(5'000), second = some_text(700);
  for (const Format& format : kFormats) {
    const std::string compressed = format.compress(first) + format.compress(second);
    for (const size_t in : {1, 2, 7, 100, 1'000'000}) {
      for (const size_t out : {1, 3, 64, 1'000'000}) {
        const auto inflater = format.make({});
        const Outcome all = inflate_all(*inflater, compressed, in, out);
        ASSERT_EQ(all.text, first + second) << format.name << in << ' ' << out;
        ASSERT_EQ(all.members, 2u);
        ASSERT_EQ(all.state, InflateState::kGoing);
      }
    }
  }
}

TEST(Inflater, NamesWhatIsWrong) {
  const std::string text = some_text(300'000);
  for (const Format& format : kFormats) {
    const std::string good = format.compress(text);
    const std::string empty = format.compress("");
    std::string flipped = good;
    for (size_t i = good.size() / 2; i < good.size() / 2 + 16; ++i) flipped[i] ^= 0x55;
    struct Case {
      const char* name;
      std::string compressed;
      InflateState state;
      bool whole_text;
    };
    const std::vector<Case> cases = {
        {"good", good, InflateState::kGoing, true},
        {"empty member", good + empty + good, InflateState::kGoing, false},
        {"zero padding", good + std::string(1000, '\0'), InflateState::kGoing, true},
        {"zeros between", good + std::string(10, '\0') + empty, InflateState::kGoing, true},
        {"cut in the data", good.substr(0, good.size() / 2), InflateState::kTruncated, false},
        {"cut before the last byte", good.substr(0, good.size() - 1), InflateState::kTruncated,
         false},
        {"cut in the next header", good + empty.substr(0, 3), InflateState::kTruncated, true},
        {"nothing", "", InflateState::kTruncated, false},
        {"garbage behind", good + "garbage", InflateState::kCorrupt, true},
        {"garbage behind padding", good + std::string("\0\0x", 3), InflateState::kCorrupt, true},
        {"damaged", flipped, InflateState::kCorrupt, false},
    };
    for (const auto& [name, compressed, state, whole_text] : cases) {
      const auto inflater = format.make({});
      const Outcome all = inflate_all(*inflater, compressed, 4096, 10'000);
      EXPECT_EQ(all.state, state) << format.name << ' ' << name;
      if (whole_text) {
        EXPECT_EQ(all.text, text) << format.name << ' ' << name;
      }
    }
  }
}

TEST(Inflater, GivesWhatStandsBeforeTheCut) {
  const std::string text = some_text(300'000);
  for (const Format& format : kFormats) {
    const std::string good = format.compress(text);
    const auto inflater = format.make({});
    // zstd gives out whole blocks of 128 KiB.
    const Outcome all = inflate_all(*inflater, good.substr(0, good.size() * 3 / 4), 4096, 10'000);
    EXPECT_GT(all.text.size(), 100'000u) << format.name;
    EXPECT_TRUE(text.starts_with(all.text)) << format.name;
  }
}

TEST(Inflater, StopsABomb) {
  const std::string zeros(8 << 20, '0');
  for (const Format& format : kFormats) {
    const std::string compressed = format.compress(zeros);
    struct Case {
      const char* name;
      InflateLimits limits;
      InflateState state;
    };
    const std::vector<Case> cases = {
        {"default allows small ones", {}, InflateState::kGoing},
        {"ratio", {.free_bytes = 1 << 20}, InflateState::kBomb},
        {"size", {.bytes_max = 1 << 20}, InflateState::kBomb},
        {"ratio not reached", {.free_bytes = 1 << 20, .ratio_max = 100'000}, InflateState::kGoing},
    };
    for (const auto& [name, limits, state] : cases) {
      const auto inflater = format.make(limits);
      const Outcome all = inflate_all(*inflater, compressed, 4096, 64 << 10);
      EXPECT_EQ(all.state, state) << format.name << ' ' << name;
      if (state == InflateState::kBomb) {
        EXPECT_LE(all.text.size(), (1u << 20) + (64u << 10));
      }
    }
  }
}

TEST(Zstd, SkipsSkippableFrames) {
  const auto inflater = make_zstd_inflater({});
  const std::string compressed = skippable("meta") + zstd("text") + skippable("") + zstd("more");
  EXPECT_TRUE(is_zstd(compressed));
  EXPECT_EQ(inflate_all(*inflater, compressed, 3, 100).text, "textmore");
}

TEST(Zstd, RefusesAWindowThatNeedsTooMuchMemory) {
  const std::string text = some_text(1000);
  const auto state = [&](int window_log) {
    const auto inflater = make_zstd_inflater({});
    return inflate_all(*inflater, zstd(text, window_log), 4096, 4096).state;
  };
  EXPECT_EQ(state(kZstdWindowLogMax), InflateState::kGoing);
  EXPECT_EQ(state(kZstdWindowLogMax + 1), InflateState::kWindowTooLarge);
}

// The library reads them, and otherwise where they come in pieces.
TEST(Zstd, RefusesFramesOfOldVersions) {
  const std::string old("\x27\xB5\x2F\xFD\0\x30\x08\x95\0\0\0\0", 12);
  for (const size_t piece : {1, 3, 4, 5, 64}) {
    EXPECT_EQ(inflate_all(*make_zstd_inflater({}), old, piece, 64).state, InflateState::kCorrupt);
    EXPECT_EQ(inflate_all(*make_zstd_inflater({}), zstd("text") + old, piece, 64).text, "text");
  }
}

TEST(Zstd, ReadsNoOldFrameInsideAHeaderThatComesInPieces) {
  // A reserved bit in the header, and where the second piece begins the magic of version 0.7.
  const std::string damaged(
      "\x28\xB5\x2F\xFD\xC9\xE8\xB5\0\0\x27\xB5\x2F\xFD\0\5\0\0\0\x28\xB5\x2F", 21);
  for (size_t piece = 1; piece < 22; ++piece) {
    EXPECT_EQ(inflate_all(*make_zstd_inflater({}), damaged, piece, 5).state, InflateState::kCorrupt)
        << piece;
  }
}

TEST(CompressedFormats, AreKnownByTheirFirstBytes) {
  EXPECT_TRUE(is_gzip(gzip("")));
  EXPECT_TRUE(is_zstd(zstd("")));
  for (const char* text : {"", "\x1F", "{\"Records\":[]}", "\x28\xB5\x2F", "PK\3\4"}) {
    EXPECT_FALSE(is_gzip(text));
    EXPECT_FALSE(is_zstd(text));
  }
}

TEST(WholeGzip, GivesTextAndEndsOfMembers) {
  const std::string first = some_text(50'000), second = some_text(300);
  const std::string zeros(2'000'000, '0');
  struct Case {
    const char* name;
    std::string compressed, text;
    std::vector<size_t> ends;
  };
  const std::vector<Case> cases = {
      {"one", gzip(first), first, {50'000}},
      {"two, and the last claims little",
       gzip(first) + gzip(second),
       first + second,
       {50'000, 50'300}},
      {"grows", gzip(zeros) + gzip(second), zeros + second, {2'000'000, 2'000'300}},
      {"empty member", gzip("") + gzip(second), second, {0, 300}},
      {"padding", gzip(second) + std::string(99, '\0'), second, {300}},
  };
  std::vector<char> out;
  for (const auto& [name, compressed, text, ends] : cases) {
    const auto whole = inflate_whole_gzip(compressed, 32 << 20, 64, out);
    ASSERT_TRUE(whole.has_value()) << name;
    EXPECT_EQ(std::string_view(out.data(), whole->size), text) << name;
    EXPECT_EQ(whole->member_ends, ends) << name;
    EXPECT_GE(out.size(), whole->size + 64) << name;
  }
}

TEST(WholeGzip, LeavesTheRestToTheStream) {
  const std::string text = some_text(50'000);
  const std::string good = gzip(text);
  std::string damaged = good;
  damaged[good.size() / 2] ^= 0x55;
  std::string liar = good;
  for (size_t i = 1; i <= 4; ++i) liar[liar.size() - i] = '\xFF';
  std::vector<char> out;
  EXPECT_TRUE(inflate_whole_gzip(good, 50'000, 0, out).has_value());
  EXPECT_FALSE(inflate_whole_gzip(good, 49'999, 0, out).has_value());
  EXPECT_FALSE(inflate_whole_gzip(damaged, 1 << 20, 0, out).has_value());
  EXPECT_FALSE(inflate_whole_gzip(liar, 1 << 20, 0, out).has_value());
  EXPECT_LE(out.size(), size_t{1} << 20) << "a claim never takes more than the limit";
  EXPECT_FALSE(inflate_whole_gzip(good.substr(0, 100), 1 << 20, 0, out).has_value());
  EXPECT_FALSE(inflate_whole_gzip(good + "x", 1 << 20, 0, out).has_value());
}

}  // namespace
}  // namespace stanch::codec
