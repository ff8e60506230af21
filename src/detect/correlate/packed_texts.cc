#include "detect/correlate/packed_texts.h"

#include <cstring>

namespace stanch::detect::correlate {

namespace {

constexpr unsigned kBits = 7;
constexpr uint64_t kMore = uint64_t{1} << kBits;

size_t bytes_of(uint64_t number) {
  size_t bytes = 1;
  for (; number >= kMore; number >>= kBits) ++bytes;
  return bytes;
}

char* write(uint64_t number, char* to) {
  for (; number >= kMore; number >>= kBits) *to++ = static_cast<char>(number | kMore);
  *to++ = static_cast<char>(number);
  return to;
}

char* write(std::string_view text, char* to) {
  if (!text.empty()) std::memcpy(to, text.data(), text.size());
  return to + text.size();
}

uint64_t read(const char*& from) {
  uint64_t number = 0;
  for (unsigned shift = 0;; shift += kBits) {
    const auto byte = static_cast<unsigned char>(*from++);
    number |= (byte % kMore) << shift;
    if (byte < kMore) return number;
  }
}

uint64_t size_of(const std::optional<std::string_view>& text) {
  return text ? text->size() + 1 : 0;
}

}  // namespace

PackedTexts::PackedTexts(std::string_view first, Texts others) {
  size_t bytes = bytes_of(first.size()) + first.size();
  for (const auto& other : others) {
    bytes += bytes_of(size_of(other)) + (other ? other->size() : 0);
  }
  bytes_ = std::make_unique_for_overwrite<char[]>(bytes);
  char* to = write(first, write(first.size(), bytes_.get()));
  for (const auto& other : others) {
    to = write(size_of(other), to);
    if (other) to = write(*other, to);
  }
}

std::string_view PackedTexts::first() const {
  const char* from = bytes_.get();
  const size_t size = read(from);
  return {from, size};
}

std::optional<std::string_view> PackedTexts::other(size_t number) const {
  const std::string_view text = first();
  const char* from = text.data() + text.size();
  for (;; --number) {
    const size_t size = read(from);
    if (number == 0)
      return size == 0 ? std::nullopt : std::optional(std::string_view(from, size - 1));
    if (size != 0) from += size - 1;
  }
}

}  // namespace stanch::detect::correlate
