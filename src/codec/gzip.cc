#include "codec/gzip.h"

#include <libdeflate.h>
#include <zlib.h>

#include <algorithm>

#include "base/check.h"

namespace stanch::codec {

namespace {

constexpr char kMagic[] = {'\x1f', '\x8b'};
constexpr size_t kMemberBytesMin = 18;     // header and trailer alone
constexpr size_t kFirstGuessRatio = 12;    // CloudTrail compresses to about a tenth
constexpr size_t kStepBytesMax = 1 << 30;  // zlib counts in 32 bits

struct FreeDecompressor {
  void operator()(libdeflate_decompressor* d) const { libdeflate_free_decompressor(d); }
};

void skip_zeros(std::string_view& bytes) {
  bytes.remove_prefix(std::min(bytes.find_first_not_of('\0'), bytes.size()));
}

// Makes room for `size` bytes and the slack, keeping the first `used` ones.
void grow(std::vector<char>& out, size_t used, size_t size) {
  if (out.size() >= size) return;
  std::vector<char> larger(size);
  std::copy_n(out.begin(), used, larger.begin());
  out.swap(larger);
}

}  // namespace

bool is_gzip(std::string_view head) { return head.starts_with(std::string_view(kMagic, 2)); }

uint32_t claimed_gzip_size(std::string_view compressed) {
  if (compressed.size() < kMemberBytesMin) return 0;
  uint32_t size = 0;
  for (size_t i = 1; i <= 4; ++i) {
    size = size << 8 | static_cast<uint8_t>(compressed[compressed.size() - i]);
  }
  return size;
}

std::optional<WholeInflate> inflate_whole_gzip(std::string_view compressed, size_t bytes_max,
                                               size_t slack, std::vector<char>& out) {
  const std::unique_ptr<libdeflate_decompressor, FreeDecompressor> decompressor(
      libdeflate_alloc_decompressor());
  CHECK(decompressor != nullptr);

  WholeInflate result;
  // The claim is exact for an honest file of one member, and only a guess otherwise.
  const size_t claimed = claimed_gzip_size(compressed);
  const size_t guess = claimed >= compressed.size()
                           ? claimed
                           : std::min(compressed.size(), bytes_max) * kFirstGuessRatio;
  grow(out, 0, std::min(guess, bytes_max) + slack);
  while (!compressed.empty()) {
    const size_t room = std::min(out.size() - slack, bytes_max) - result.size;
    size_t consumed = 0, produced = 0;
    const libdeflate_result outcome =
        libdeflate_gzip_decompress_ex(decompressor.get(), compressed.data(), compressed.size(),
                                      out.data() + result.size, room, &consumed, &produced);
    if (outcome == LIBDEFLATE_INSUFFICIENT_SPACE) {
      if (result.size + room >= bytes_max) return std::nullopt;
      grow(out, result.size, std::min((out.size() - slack) * 2, bytes_max) + slack);
      continue;
    }
    if (outcome != LIBDEFLATE_SUCCESS) return std::nullopt;
    result.size += produced;
    result.member_ends.push_back(result.size);
    compressed.remove_prefix(consumed);
    skip_zeros(compressed);
  }
  return result;
}

namespace {

class GzipInflater final : public Inflater {
 public:
  explicit GzipInflater(const InflateLimits& limits) : limits_(limits) {
    constexpr int kGzipOnly = 16;
    CHECK(inflateInit2(&stream_, kGzipOnly + MAX_WBITS) == Z_OK);
  }
  ~GzipInflater() override { inflateEnd(&stream_); }
  GzipInflater(const GzipInflater&) = delete;
  GzipInflater& operator=(const GzipInflater&) = delete;

  Step step(std::string_view in, std::span<char> out) override {
    Step step;
    if (!inside_) {
      std::string_view rest = in;
      skip_zeros(rest);
      step.consumed = in.size() - rest.size();
      compressed_ += step.consumed;
      if (rest.empty()) return step;
      if (rest.front() != kMagic[0]) {
        step.state = InflateState::kCorrupt;
        return step;
      }
      begin_member();
      in = rest;
    }
    step.member = members_ - 1;
    inflate_some(in, out, step);
    return step;
  }

  InflateState at_end() const override {
    return inside_ || members_ == 0 ? InflateState::kTruncated : InflateState::kGoing;
  }

 private:
  void begin_member() {
    inside_ = true;
    if (members_++ > 0) CHECK(inflateReset(&stream_) == Z_OK);
  }

  void inflate_some(std::string_view in, std::span<char> out, Step& step) {
    const auto in_size = static_cast<uInt>(std::min(in.size(), kStepBytesMax));
    const auto out_size = static_cast<uInt>(std::min(out.size(), kStepBytesMax));
    // zlib does not write to its input, but does not say so.
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(in.data()));
    stream_.avail_in = in_size;
    stream_.next_out = reinterpret_cast<Bytef*>(out.data());
    stream_.avail_out = out_size;
    const int outcome = inflate(&stream_, Z_NO_FLUSH);
    step.consumed += in_size - stream_.avail_in;
    step.produced = out_size - stream_.avail_out;
    compressed_ += in_size - stream_.avail_in;
    text_ += step.produced;
    if (outcome == Z_STREAM_END) {
      inside_ = false;
    } else if (outcome != Z_OK && outcome != Z_BUF_ERROR) {  // the latter: no progress possible
      step.state = InflateState::kCorrupt;
    }
    if (!limits_.allow(compressed_, text_)) step.state = InflateState::kBomb;
  }

  InflateLimits limits_;
  z_stream stream_{};
  bool inside_ = false;
  uint32_t members_ = 0;  // begun
  uint64_t compressed_ = 0;
  uint64_t text_ = 0;
};

}  // namespace

std::unique_ptr<Inflater> make_gzip_inflater(const InflateLimits& limits) {
  return std::make_unique<GzipInflater>(limits);
}

}  // namespace stanch::codec
