#include "codec/zstd.h"

#include <zstd.h>
#include <zstd_errors.h>

#include <algorithm>
#include <cstdint>
#include <string>

#include "base/check.h"

namespace stanch::codec {

namespace {

constexpr size_t kMagicBytes = 4;
constexpr size_t kFrameStart = 5;  // the magic bytes and one that says how long the header is
constexpr size_t kHeaderMax = 18;  // RFC 8878 section 3.1.1
// While the library waits for the rest of a header it looks for the magic bytes of its first
// versions at the start of each piece; so no piece of a header is as long as those.
constexpr size_t kHeaderPiece = kMagicBytes - 1;

uint32_t read_magic(std::string_view head) {
  uint32_t magic = 0;
  for (size_t i = 4; i-- > 0;) magic = magic << 8 | static_cast<uint8_t>(head[i]);
  return magic;
}

class ZstdInflater final : public Inflater {
 public:
  explicit ZstdInflater(const InflateLimits& limits)
      : limits_(limits), context_(ZSTD_createDCtx()) {
    CHECK(context_ != nullptr);
    const size_t set = ZSTD_DCtx_setParameter(context_, ZSTD_d_windowLogMax, kZstdWindowLogMax);
    CHECK(!ZSTD_isError(set));
  }
  ~ZstdInflater() override { ZSTD_freeDCtx(context_); }
  ZstdInflater(const ZstdInflater&) = delete;
  ZstdInflater& operator=(const ZstdInflater&) = delete;

  Step step(std::string_view in, std::span<char> out) override {
    Step step;
    if (!inside_) {
      step.consumed = std::min(in.find_first_not_of('\0'), in.size());
      compressed_ += step.consumed;
      in.remove_prefix(step.consumed);
      if (in.empty()) return step;
      inside_ = true;
      of_frame_ = 0;
      ++frames_;
    }
    step.member = frames_ - 1;
    // The library would read frames of its first versions too, in its own way.
    const std::string head = head_ + std::string(in.substr(0, kMagicBytes - head_.size()));
    if (head.size() == kMagicBytes && !is_zstd(head)) {
      step.state = InflateState::kCorrupt;
      return step;
    }
    // Block by block: where a call fails, what it decoded before is lost.
    const size_t piece = of_frame_ < kHeaderMax ? std::min(wanted_, kHeaderPiece) : wanted_;
    ZSTD_inBuffer input{in.data(), std::min(in.size(), piece), 0};
    ZSTD_outBuffer output{out.data(), out.size(), 0};
    // Returns at the end of a frame, even if another one follows.
    const size_t outcome = ZSTD_decompressStream(context_, &output, &input);
    step.consumed += input.pos;
    of_frame_ += input.pos;
    step.produced = output.pos;
    head_ += in.substr(0, std::min(input.pos, kMagicBytes - head_.size()));
    compressed_ += input.pos;
    text_ += output.pos;
    if (ZSTD_isError(outcome)) {
      step.state = ZSTD_getErrorCode(outcome) == ZSTD_error_frameParameter_windowTooLarge
                       ? InflateState::kWindowTooLarge
                       : InflateState::kCorrupt;
      return step;
    }
    wanted_ = outcome == 0 ? kFrameStart : outcome;
    if (outcome == 0) {
      inside_ = false;
      head_.clear();
    }
    if (!limits_.allow(compressed_, text_)) step.state = InflateState::kBomb;
    return step;
  }

  InflateState at_end() const override {
    return inside_ || frames_ == 0 ? InflateState::kTruncated : InflateState::kGoing;
  }

 private:
  InflateLimits limits_;
  ZSTD_DCtx* context_;
  bool inside_ = false;
  size_t wanted_ = kFrameStart;  // what the next call needs to go on
  uint64_t of_frame_ = 0;        // bytes of this frame that were read
  std::string head_;             // the first bytes of the frame, as far as they were read
  uint32_t frames_ = 0;          // begun
  uint64_t compressed_ = 0;
  uint64_t text_ = 0;
};

}  // namespace

bool is_zstd(std::string_view head) {
  if (head.size() < 4) return false;
  const uint32_t magic = read_magic(head);
  return magic == ZSTD_MAGICNUMBER ||
         (magic & ZSTD_MAGIC_SKIPPABLE_MASK) == ZSTD_MAGIC_SKIPPABLE_START;
}

std::unique_ptr<Inflater> make_zstd_inflater(const InflateLimits& limits) {
  return std::make_unique<ZstdInflater>(limits);
}

}  // namespace stanch::codec
