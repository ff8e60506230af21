#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/check.h"
#include "codec/gzip.h"
#include "codec/zstd.h"

// Any bytes as gzip and as zstd: no crash, no endless loop, limits kept, the same text and
// the same end whatever the pieces, and for gzip the same text by both ways.

namespace {

using namespace stanch::codec;

constexpr InflateLimits kLimits = {.bytes_max = 1 << 20, .free_bytes = 1 << 16, .ratio_max = 400};

struct Inflated {
  std::string text;
  uint32_t members = 0;
  InflateState state = InflateState::kGoing;
};

Inflated inflate(Inflater& inflater, std::string_view in, size_t in_piece, size_t out_piece) {
  Inflated result;
  std::vector<char> out(out_piece);
  for (;;) {
    const std::string_view piece = in.substr(0, in_piece);
    const Inflater::Step step = inflater.step(piece, out);
    CHECK(step.consumed <= piece.size() && step.produced <= out.size());
    result.text.append(out.data(), step.produced);
    CHECK(result.text.size() <= kLimits.bytes_max + out_piece);
    if (step.produced > 0) {
      CHECK(step.member + 1 >= result.members);
      result.members = step.member + 1;
    }
    result.state = step.state;
    if (step.state != InflateState::kGoing) return result;
    in.remove_prefix(step.consumed);
    if (step.consumed > 0 || step.produced > 0) continue;
    CHECK(in.empty());  // else it would stand still
    result.state = inflater.at_end();
    return result;
  }
}

using Maker = std::unique_ptr<Inflater> (*)(const InflateLimits&);

Inflated check_pieces(Maker make, std::string_view in, size_t in_piece, size_t out_piece) {
  Inflated whole = inflate(*make(kLimits), in, std::max<size_t>(in.size(), 1), 1 << 16);
  const Inflated pieces = inflate(*make(kLimits), in, in_piece, out_piece);
  // Where a bomb is noticed depends on the pieces.
  if (whole.state == InflateState::kBomb || pieces.state == InflateState::kBomb) return whole;
  CHECK(whole.state == pieces.state);
  if (whole.state == InflateState::kGoing || whole.state == InflateState::kTruncated) {
    CHECK(whole.text == pieces.text && whole.members == pieces.members);
  }
  return whole;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 2) return 0;
  const size_t in_piece = data[0] + size_t{1}, out_piece = data[1] + size_t{1};
  const std::string_view in(reinterpret_cast<const char*>(data + 2), size - 2);
  check_pieces(make_zstd_inflater, in, in_piece, out_piece);
  const Inflated gzip = check_pieces(make_gzip_inflater, in, in_piece, out_piece);
  if (!is_gzip(in)) return 0;
  (void)claimed_gzip_size(in);
  std::vector<char> out(16);
  const std::optional<WholeInflate> at_once = inflate_whole_gzip(in, 1 << 16, 32, out);
  if (!at_once) return 0;
  CHECK(at_once->size <= 1 << 16 && out.size() >= at_once->size + 32);
  CHECK(!at_once->member_ends.empty() && at_once->member_ends.back() == at_once->size);
  CHECK(std::ranges::is_sorted(at_once->member_ends));
  // Only zlib looks at the checksum that a header may have.
  if (gzip.state != InflateState::kGoing) return 0;
  CHECK(gzip.text == std::string_view(out.data(), at_once->size));
  return 0;
}
