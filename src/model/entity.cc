#include "model/entity.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <span>

#include "base/check.h"
#include "codec/hash.h"

namespace stanch::model {
namespace {

// Names are looked at sixteen bytes at a time; lanes of a mask are all ones or zero.
using Bytes = uint8_t __attribute__((vector_size(16)));
using Words = uint64_t __attribute__((vector_size(16)));
constexpr size_t kLanes = sizeof(Bytes);

template <typename Word>
Word load(const char* from) {
  Word word;
  std::memcpy(&word, from, sizeof word);
  return word;
}

// Up to sixteen bytes, zeros behind them.
Bytes load_short(std::string_view text) {
  const char* from = text.data();
  const size_t size = text.size();
  uint64_t low = 0, high = 0;
  if (size >= 8) {
    low = load<uint64_t>(from);
    if (size > 8) high = load<uint64_t>(from + size - 8) >> (16 - size) * 8;
  } else if (size >= 4) {
    low = load<uint32_t>(from) | uint64_t{load<uint32_t>(from + size - 4)} << (size - 4) * 8;
  } else {
    for (size_t i = size; i-- > 0;) low = low << 8 | static_cast<unsigned char>(from[i]);
  }
  return reinterpret_cast<Bytes>(Words{low, high});
}

Bytes between(const Bytes& bytes, uint8_t low, uint8_t high) {
  return reinterpret_cast<Bytes>(bytes - low <= static_cast<uint8_t>(high - low));
}

Bytes upper_case(const Bytes& bytes) { return between(bytes, 'A', 'Z'); }

// The bytes that stand for themselves: A-Z a-z 0-9 - . _ ~ : @ + = , $.
Bytes plain(const Bytes& bytes) {
  return between(bytes, '+', '.') | between(bytes, '0', ':') | between(bytes, '@', 'Z') |
         between(bytes, 'a', 'z') | between(bytes, '=', '=') | between(bytes, '_', '_') |
         between(bytes, '~', '~') | between(bytes, '$', '$');
}

// Lanes before `count`.
Bytes first(size_t count) {
  constexpr Bytes kNumbers = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
  return reinterpret_cast<Bytes>(kNumbers < static_cast<uint8_t>(std::min(count, kLanes)));
}

bool any(const Bytes& mask) {
  const auto words = reinterpret_cast<Words>(mask);
  return (words[0] | words[1]) != 0;
}

constexpr std::string_view kEmptyName = "-";
constexpr size_t kHashedNameBytes = 2 + 32;  // "%~" and 128 bits in hex

// No part is written longer: literals are short, names are escaped or hashed.
size_t size_max(const EntityPart& part) {
  return std::min(part.text.size(), kEntityNameBytesMax) * 3 + kHashedNameBytes;
}

char* write_text(std::string_view text, char* to) {
  if (text.size() == 1) {  // '/', the most frequent literal
    *to = text[0];
  } else if (!text.empty()) {
    std::memcpy(to, text.data(), text.size());
  }
  return to + text.size();
}

char* write_hashed(std::string_view name, char* to) {
  codec::Sha256 hash = codec::sha256(name);
  to = write_text("%~", to);
  return write_text(codec::to_hex(std::span(hash).first(16)), to);
}

char* write_escaped(std::string_view name, bool fold, char* to) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  static const std::array<bool, 256> stands = [] {
    std::array<bool, 256> out{};
    for (size_t c = 0; c < out.size(); ++c) out[c] = plain(Bytes{} + static_cast<uint8_t>(c))[0];
    return out;
  }();
  for (const char c : name) {
    const auto byte = static_cast<uint8_t>(c);
    if (stands[byte]) {
      *to++ = static_cast<char>(c | (fold && c >= 'A' && c <= 'Z' ? 0x20 : 0));
    } else {
      *to++ = '%';
      *to++ = kHex[byte >> 4];
      *to++ = kHex[byte & 15];
    }
  }
  return to;
}

// Nearly every name needs no escape: write it so, and again if that was wrong. There is room
// for sixteen bytes more than a name has.
char* write_name(std::string_view name, bool fold, char* to) {
  static_assert(kHashedNameBytes >= kLanes);
  Bytes escaped = {};
  const auto write = [&](Bytes bytes, size_t at) {
    if (fold) bytes |= upper_case(bytes) & 0x20;
    std::memcpy(to + at, &bytes, kLanes);
    return ~plain(bytes);
  };
  if (name.size() <= kLanes) {
    escaped = write(load_short(name), 0) & first(name.size());
  } else {
    size_t at = 0;
    for (; at + kLanes < name.size(); at += kLanes) {
      escaped |= write(load<Bytes>(name.data() + at), at);
    }
    at = name.size() - kLanes;  // the last ones, some of them again
    escaped |= write(load<Bytes>(name.data() + at), at);
  }
  return any(escaped) ? write_escaped(name, fold, to) : to + name.size();
}

char* write_part(const EntityPart& part, char* to) {
  if (part.kind == EntityPart::Kind::kLiteral) {
    CHECK(part.text.size() <= kEntityNameBytesMax);
    return write_text(part.text, to);
  }
  if (part.text.empty()) return write_text(kEmptyName, to);
  if (part.text.size() > kEntityNameBytesMax) return write_hashed(part.text, to);
  return write_name(part.text, part.kind == EntityPart::Kind::kFoldedName, to);
}

}  // namespace

// Reserves for the worst case and gives the rest back: counting first would cost a second pass.
EntityRef make_entity(std::initializer_list<EntityPart> parts, TextArena& arena) {
  size_t size = 0;
  for (const EntityPart& part : parts) size += size_max(part);
  char* begin = arena.reserve(size);
  char* end = begin;
  for (const EntityPart& part : parts) end = write_part(part, end);
  arena.give_back(end);
  return {{begin, end}};
}

std::string_view entity_type(EntityRef entity) {
  size_t end = 0;
  while (end < entity.text.size() && entity.text[end] != '/') ++end;
  return entity.text.substr(0, end);
}

}  // namespace stanch::model
