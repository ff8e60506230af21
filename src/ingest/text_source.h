#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "codec/inflate.h"
#include "env/env.h"
#include "ingest/ingest.h"

namespace stanch::ingest {

// The text of a file: inflated where its first bytes, not its name, say so.
// Not thread-safe.
class TextSource {
 public:
  // Opens the file; where that fails, error() says so and there is no text.
  TextSource(env::Files& files, const InputFile& file, const Limits& limits);
  ~TextSource();

  // Puts more text behind the first `used` of `bytes`, which grows as needed,
  // and keeps `slack` bytes behind it. Returns how many came, about
  // Limits::window_bytes; 0 at the end, or where it cannot go on (see error()).
  size_t fill(std::vector<char>& bytes, size_t used, size_t slack);

  // Where in the text the members of a compressed file begin; grows with fill().
  struct Member {
    uint64_t offset;
    uint32_t number;
  };
  const std::vector<Member>& members() const { return members_; }
  void forget_members_before(uint64_t offset);

  const std::optional<InputError>& error() const { return error_; }
  uint64_t bytes_read() const { return bytes_read_; }  // from the file
  uint64_t bytes_text() const { return bytes_text_; }

 private:
  void open(env::Files& files);
  void recognise();
  bool load_small_file();
  std::optional<size_t> fill_whole(std::vector<char>& bytes, size_t slack);
  size_t fill_text(std::vector<char>& bytes, size_t used, size_t slack);
  bool is_foreign(std::string_view head);
  size_t fill_plain(std::span<char> room);
  size_t fill_inflated(std::span<char> room);
  size_t read_file(std::span<char> room);
  bool refill_compressed();
  void finish_inflating(codec::InflateState state);
  void finish_file();
  void add_member(uint64_t offset, uint32_t number);
  void fail(InputProblem problem, std::string message);

  const InputFile file_;
  const Limits limits_;
  std::unique_ptr<env::ReadableFile> input_;
  uint64_t size_at_open_ = 0;
  bool regular_ = false;

  // What was read of the file and not used yet.
  std::vector<char> buffer_;
  size_t buffer_begin_ = 0;
  size_t buffer_end_ = 0;
  bool input_at_end_ = false;

  enum class Compression : uint8_t { kNone, kGzip, kZstd };
  Compression compression_ = Compression::kNone;
  bool try_whole_ = false;
  std::unique_ptr<codec::Inflater> inflater_;  // null if not compressed
  bool inflater_holds_ = false;                // it may have text without further input

  bool at_end_ = false;
  std::vector<Member> members_;
  std::optional<InputError> error_;
  uint64_t bytes_read_ = 0;
  uint64_t bytes_text_ = 0;
};

}  // namespace stanch::ingest
