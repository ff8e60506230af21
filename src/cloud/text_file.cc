#include "cloud/text_file.h"

#include <algorithm>
#include <span>

#include "codec/trimmed.h"

namespace stanch::cloud {
namespace {
constexpr size_t kTokenBytesMax = size_t{64} << 10;
}  // namespace

Result<std::string> read_text_file(env::Files& files, const std::string& path, size_t bytes_max) {
  TRY(const auto file, files.open(path));
  std::string text(bytes_max + 1, '\0');
  size_t size = 0;
  while (size < text.size()) {
    TRY(const size_t count, file->read(std::span(text).subspan(size)));
    if (count == 0) break;
    size += count;
  }
  if (size > bytes_max) {
    return Error(ErrorCode::kInvalid,
                 path + ": it is larger than " + std::to_string(bytes_max) + " bytes");
  }
  text.resize(size);
  return text;
}

Result<std::string> read_token_file(env::Files& files, const std::string& path) {
  TRY(const std::string text, read_text_file(files, path, kTokenBytesMax));
  std::string token(codec::trimmed(text));
  if (!is_printable_word(token)) return Error(ErrorCode::kInvalid, path + ": there is no token");
  return token;
}

bool is_printable_word(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c > ' ' && c <= '~'; });
}

}  // namespace stanch::cloud
