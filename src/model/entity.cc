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

// What a byte of a name is written as; 0: percent-encoded.
using ByteTable = std::array<char, 256>;

constexpr ByteTable make_table(bool fold) {
  ByteTable table{};
  for (char c = 'a'; c <= 'z'; ++c) table[static_cast<unsigned char>(c)] = c;
  for (char c = '0'; c <= '9'; ++c) table[static_cast<unsigned char>(c)] = c;
  for (char c : std::string_view("-._~:@+=,$")) table[static_cast<unsigned char>(c)] = c;
  for (char c = 'A'; c <= 'Z'; ++c) {
    table[static_cast<unsigned char>(c)] = fold ? static_cast<char>(c - 'A' + 'a') : c;
  }
  return table;
}
constexpr ByteTable kAsIs = make_table(false);
constexpr ByteTable kFolded = make_table(true);

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

char* write_escaped(std::string_view name, const ByteTable& table, char* to) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  for (char c : name) {
    auto byte = static_cast<unsigned char>(c);
    if (char plain = table[byte]; plain != 0) {
      *to++ = plain;
    } else {
      *to++ = '%';
      *to++ = kHex[byte >> 4];
      *to++ = kHex[byte & 15];
    }
  }
  return to;
}

// Nearly every name needs no escape: write it so, without a branch for each
// byte, and again if that was wrong.
char* write_name(std::string_view name, const ByteTable& table, char* to) {
  bool all_plain = true;
#pragma GCC unroll 8
  for (size_t i = 0; i < name.size(); ++i) {
    char written = table[static_cast<unsigned char>(name[i])];
    to[i] = written;
    all_plain &= written != 0;
  }
  return all_plain ? to + name.size() : write_escaped(name, table, to);
}

char* write_part(const EntityPart& part, char* to) {
  if (part.kind == EntityPart::Kind::kLiteral) {
    CHECK(part.text.size() <= kEntityNameBytesMax);
    return write_text(part.text, to);
  }
  if (part.text.empty()) return write_text(kEmptyName, to);
  if (part.text.size() > kEntityNameBytesMax) return write_hashed(part.text, to);
  return write_name(part.text, part.kind == EntityPart::Kind::kFoldedName ? kFolded : kAsIs, to);
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
