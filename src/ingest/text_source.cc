#include "ingest/text_source.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <span>

#include "codec/gzip.h"
#include "codec/zstd.h"

// Three ways to the text:
//   plain     read into the window itself
//   at once   a small .gz: read whole, inflated into the window with libdeflate
//   streamed  .zst, larger .gz, and .gz that does not inflate at once because it
//             is too large or damaged: then the stream gives what there is and says why

namespace stanch::ingest {

namespace {

constexpr size_t kReadBytes = size_t{256} << 10;  // of a compressed file at a time
constexpr size_t kWholeRatio = 4;  // CloudTrail text is at least so many times its .gz

// Archives and compressions that we do not read, by their first bytes.
std::string_view foreign_format(std::string_view head) {
  if (head.starts_with("PK\x03\x04")) return "a zip archive";
  if (head.starts_with("BZh")) return "bzip2";
  if (head.starts_with("\xFD"
                       "7zXZ"))
    return "xz";
  if (head.starts_with("7z\xBC\xAF")) return "a 7z archive";
  if (head.starts_with("PAR1")) return "Parquet";
  if (head.size() > 262 && head.substr(257, 5) == "ustar") return "a tar archive";
  if (head.starts_with("\xFF\xFE") || head.starts_with("\xFE\xFF")) return "UTF-16 text";
  return {};
}

}  // namespace

TextSource::TextSource(env::Files& files, const InputFile& file, const Limits& limits)
    : file_(file), limits_(limits) {
  open(files);
}

TextSource::~TextSource() = default;

void TextSource::fail(InputProblem problem, std::string message) {
  at_end_ = true;
  if (!error_) error_ = InputError{file_.path, problem, std::move(message)};
}

void TextSource::open(env::Files& files) {
  const auto problem_of = [](const Error& error) {
    switch (error.code()) {
      case ErrorCode::kNotFound: return InputProblem::kNotFound;
      case ErrorCode::kDenied: return InputProblem::kDenied;
      default: return InputProblem::kUnreadable;
    }
  };
  if (file_.path != "-") {
    const Result<env::FileStatus> status = files.status(file_.path);
    if (!status) return fail(problem_of(status.error()), status.error().message());
    regular_ = status->kind == env::FileKind::kFile;
    size_at_open_ = regular_ ? status->size : 0;
  }
  Result<std::unique_ptr<env::ReadableFile>> input = files.open(file_.path);
  if (!input) return fail(problem_of(input.error()), input.error().message());
  input_ = *std::move(input);
  recognise();
}

// Reads the first bytes and sees what they are.
void TextSource::recognise() {
  constexpr size_t kHeadBytes = 512;
  buffer_.resize(kHeadBytes);
  while (buffer_end_ < kHeadBytes && !input_at_end_) {
    buffer_end_ += read_file(std::span(buffer_).subspan(buffer_end_));
  }
  const std::string_view head(buffer_.data(), buffer_end_);
  const codec::InflateLimits limits{.bytes_max = limits_.inflate_bytes_max,
                                    .free_bytes = limits_.inflate_free_bytes,
                                    .ratio_max = limits_.inflate_ratio_max};
  if (codec::is_gzip(head)) {
    compression_ = Compression::kGzip;
    inflater_ = codec::make_gzip_inflater(limits);
    try_whole_ = regular_ && size_at_open_ <= limits_.whole_member_bytes_max / kWholeRatio;
  } else if (codec::is_zstd(head)) {
    compression_ = Compression::kZstd;
    inflater_ = codec::make_zstd_inflater(limits);
  } else {
    is_foreign(head);
  }
}

// Whether text begins like something that we do not read; then it fails.
bool TextSource::is_foreign(std::string_view head) {
  std::string_view format = foreign_format(head);
  if (codec::is_gzip(head) || codec::is_zstd(head)) format = "compressed twice";
  if (format.empty()) return false;
  fail(InputProblem::kNoJson,
       fmt::format("{} {} {}: unpack or convert it first", input_name(file_.path),
                   compression_ == Compression::kNone ? "is" : "holds", format));
  return true;
}

size_t TextSource::read_file(std::span<char> room) {
  const Result<size_t> count = input_->read(room);
  if (!count || *count == 0) input_at_end_ = true;
  if (!count) {
    // What was read before still counts.
    error_ = InputError{file_.path, InputProblem::kUnreadable,
                        fmt::format("{} after {} bytes: {}", input_name(file_.path), bytes_read_,
                                    count.error().message())};
    return 0;
  }
  bytes_read_ += *count;
  return *count;
}

size_t TextSource::fill(std::vector<char>& bytes, size_t used, size_t slack) {
  if (at_end_) return 0;
  const bool first = bytes_text_ == 0;
  const size_t filled = fill_text(bytes, used, slack);
  const bool inflated = compression_ != Compression::kNone;
  if (first && inflated && is_foreign({bytes.data() + used, filled})) return 0;
  return filled;
}

size_t TextSource::fill_text(std::vector<char>& bytes, size_t used, size_t slack) {
  if (try_whole_) {
    try_whole_ = false;
    if (const std::optional<size_t> size = fill_whole(bytes, slack)) return *size;
  }
  const size_t needed = used + limits_.window_bytes + slack;
  if (bytes.size() < needed) {
    std::vector<char> larger(needed);
    std::copy_n(bytes.begin(), used, larger.begin());
    bytes.swap(larger);
  }
  const std::span<char> room = std::span(bytes).subspan(used, limits_.window_bytes);
  size_t filled = 0;
  while (filled < room.size() && !at_end_) {
    filled += inflater_ ? fill_inflated(room.subspan(filled)) : fill_plain(room.subspan(filled));
  }
  return filled;
}

size_t TextSource::fill_plain(std::span<char> room) {
  size_t count = std::min(room.size(), buffer_end_ - buffer_begin_);
  if (count > 0) {
    std::memcpy(room.data(), buffer_.data() + buffer_begin_, count);
    buffer_begin_ += count;
  } else {
    count = input_at_end_ ? 0 : read_file(room);
    if (input_at_end_) finish_file();
  }
  bytes_text_ += count;
  return count;
}

// Reads the rest of a file that is small enough to be inflated at once.
bool TextSource::load_small_file() {
  // One byte more than expected, to see the end.
  buffer_.resize(std::max<size_t>(buffer_.size(), size_at_open_ + 1));
  while (!input_at_end_ && buffer_end_ < buffer_.size()) {
    buffer_end_ += read_file(std::span(buffer_).subspan(buffer_end_));
  }
  return input_at_end_ && !error_;
}

// All of the text, or nothing if that is not possible: then nothing is lost, the
// stream begins with what was read.
std::optional<size_t> TextSource::fill_whole(std::vector<char>& bytes, size_t slack) {
  if (!load_small_file()) return std::nullopt;
  const std::string_view compressed(buffer_.data(), buffer_end_);
  const uint64_t ratio_max =
      std::max<uint64_t>(limits_.inflate_free_bytes, compressed.size() * limits_.inflate_ratio_max);
  const uint64_t bytes_max = std::min<uint64_t>(limits_.whole_member_bytes_max,
                                                std::min(limits_.inflate_bytes_max, ratio_max));
  const auto whole = codec::inflate_whole_gzip(compressed, bytes_max, slack, bytes);
  if (!whole) return std::nullopt;
  uint64_t begin = 0;
  for (size_t i = 0; i < whole->member_ends.size(); ++i) {
    if (whole->member_ends[i] > begin) add_member(begin, static_cast<uint32_t>(i));
    begin = whole->member_ends[i];
  }
  bytes_text_ = whole->size;
  finish_file();
  return whole->size;
}

// False at the end of the file.
bool TextSource::refill_compressed() {
  if (input_at_end_) return false;
  buffer_.resize(std::max(buffer_.size(), kReadBytes));
  buffer_begin_ = 0;
  buffer_end_ = read_file(buffer_);
  return buffer_end_ > 0;
}

size_t TextSource::fill_inflated(std::span<char> room) {
  if (buffer_begin_ == buffer_end_ && !refill_compressed() && !inflater_holds_) {
    if (error_) {
      at_end_ = true;
    } else {
      finish_inflating(inflater_->at_end());
    }
    return 0;
  }
  const std::string_view in(buffer_.data() + buffer_begin_, buffer_end_ - buffer_begin_);
  const codec::Inflater::Step step = inflater_->step(in, room);
  buffer_begin_ += step.consumed;
  inflater_holds_ = step.produced > 0;
  if (step.produced > 0) add_member(bytes_text_, step.member);
  bytes_text_ += step.produced;
  if (step.state != codec::InflateState::kGoing) finish_inflating(step.state);
  return step.produced;
}

void TextSource::finish_inflating(codec::InflateState state) {
  const bool gzip = compression_ == Compression::kGzip;
  const std::string_view format = gzip ? "gzip" : "zstd";
  const std::string after =
      fmt::format("{} after {} bytes of text", input_name(file_.path), bytes_text_);
  switch (state) {
    case codec::InflateState::kGoing: return finish_file();
    case codec::InflateState::kTruncated:
      finish_file();  // a file that shrank is truncated for that reason
      return fail(gzip ? InputProblem::kTruncatedGzip : InputProblem::kTruncatedZstd,
                  fmt::format("{}: the {} data ends too early; what stands before was read. "
                              "Fetch the file again",
                              after, format));
    case codec::InflateState::kCorrupt:
      return fail(gzip ? InputProblem::kCorruptGzip : InputProblem::kCorruptZstd,
                  fmt::format("{}: the {} data is damaged; what stands before was read. "
                              "Fetch the file again",
                              after, format));
    case codec::InflateState::kBomb:
      return fail(InputProblem::kBomb,
                  fmt::format("{}: stopped, {} compressed bytes become too much text. If this is "
                              "no attack, unpack it first",
                              after, bytes_read_));
    case codec::InflateState::kWindowTooLarge:
      return fail(
          InputProblem::kZstdWindow,
          fmt::format("{}: needs more than {} MiB of memory to inflate (--long or --ultra). "
                      "Unpack it first: zstd -d --long=31",
                      input_name(file_.path), 1 << (codec::kZstdWindowLogMax - 20)));
  }
}

// The end of the file, without trouble as far as its content goes.
void TextSource::finish_file() {
  at_end_ = true;
  if (bytes_read_ < size_at_open_) {
    fail(InputProblem::kChanged,
         fmt::format("{} became shorter while it was read: {} of {} bytes. Scan it again when "
                     "nobody writes to it",
                     input_name(file_.path), bytes_read_, size_at_open_));
  }
}

void TextSource::add_member(uint64_t offset, uint32_t number) {
  if (members_.empty() || members_.back().number != number) members_.push_back({offset, number});
}

void TextSource::forget_members_before(uint64_t offset) {
  const auto next = std::ranges::upper_bound(members_, offset, {}, &Member::offset);
  if (next - members_.begin() > 1) members_.erase(members_.begin(), next - 1);
}

}  // namespace stanch::ingest
