// Textual IP addresses to their one canonical form. Written by hand because
// the system's inet_pton belongs to the outside world (env), knows only strict
// IPv4, and does not unmap.
//
// IPv6 (RFC 4291 2.2): up to eight groups of one to four hex digits, one "::"
// for the longest run left out, the last two groups possibly as IPv4.

#include <array>
#include <charconv>
#include <cstdint>
#include <optional>
#include <string_view>

#include "model/entity.h"

namespace stanch::model {
namespace {

using Groups = std::array<uint16_t, 8>;

std::optional<uint32_t> parse_ipv4(std::string_view text) {
  if (text.size() > 15) return std::nullopt;
  uint32_t address = 0;
  int parts = 0;
  for (size_t at = 0; parts < 4; ++parts) {
    uint32_t value = 0;
    size_t digits = 0;
    for (; at < text.size() && text[at] >= '0' && text[at] <= '9'; ++at, ++digits) {
      value = value * 10 + static_cast<uint32_t>(text[at] - '0');
    }
    if (digits == 0 || digits > 3 || value > 255) return std::nullopt;
    address = address << 8 | value;
    bool last = parts == 3;
    if (last) return at == text.size() ? std::optional(address) : std::nullopt;
    if (at == text.size() || text[at++] != '.') return std::nullopt;
  }
  return std::nullopt;
}

// Of a well-formed address: no part but "0" begins with a zero.
bool is_canonical_ipv4(std::string_view text) {
  bool part_begins = true;
  for (size_t i = 0; i < text.size(); ++i) {
    bool more_digits = i + 1 < text.size() && text[i + 1] != '.';
    if (part_begins && text[i] == '0' && more_digits) return false;
    part_begins = text[i] == '.';
  }
  return true;
}

std::optional<uint16_t> parse_group(std::string_view text) {
  uint16_t value = 0;
  if (text.empty() || text.size() > 4) return std::nullopt;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, 16);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// Groups between colons, appended to `groups` from `count` on. False if malformed.
bool parse_groups(std::string_view text, bool may_end_in_ipv4, Groups& groups, size_t& count) {
  while (!text.empty()) {
    size_t colon = text.find(':');
    std::string_view word = text.substr(0, colon);
    bool last = colon == std::string_view::npos;
    if (!last && colon + 1 == text.size()) return false;  // ends in ':'
    if (last && may_end_in_ipv4 && word.find('.') != std::string_view::npos) {
      std::optional<uint32_t> address = parse_ipv4(word);
      if (!address || count > 6) return false;
      groups[count++] = static_cast<uint16_t>(*address >> 16);
      groups[count++] = static_cast<uint16_t>(*address);
      return true;
    }
    std::optional<uint16_t> group = parse_group(word);
    if (!group || count == 8) return false;
    groups[count++] = *group;
    text = last ? std::string_view() : text.substr(colon + 1);
  }
  return true;
}

std::optional<Groups> parse_ipv6(std::string_view text) {
  if (text.size() < 2 || text.size() > 45) return std::nullopt;
  size_t gap = text.find("::");
  Groups front{}, back{};
  size_t front_count = 0, back_count = 0;
  if (gap == std::string_view::npos) {
    if (!parse_groups(text, true, front, front_count) || front_count != 8) return std::nullopt;
    return front;
  }
  if (!parse_groups(text.substr(0, gap), false, front, front_count)) return std::nullopt;
  if (!parse_groups(text.substr(gap + 2), true, back, back_count)) return std::nullopt;
  if (front_count + back_count > 7) return std::nullopt;
  for (size_t i = 0; i < back_count; ++i) front[8 - back_count + i] = back[i];
  return front;
}

std::optional<uint32_t> unmap(const Groups& groups) {
  for (size_t i = 0; i < 5; ++i) {
    if (groups[i] != 0) return std::nullopt;
  }
  if (groups[5] != 0xffff) return std::nullopt;
  return uint32_t{groups[6]} << 16 | groups[7];
}

char* write_ipv4(uint32_t address, char* to) {
  for (int shift = 24; shift >= 0; shift -= 8) {
    to = std::to_chars(to, to + 3, address >> shift & 255).ptr;
    if (shift > 0) *to++ = '.';
  }
  return to;
}

// RFC 5952 4: lower case, no leading zeros, "::" for the first longest run of
// at least two zero groups.
char* write_ipv6(const Groups& groups, char* to) {
  size_t run_begin = 8, run_size = 1;
  for (size_t i = 0; i < 8; ++i) {
    size_t size = 0;
    while (i + size < 8 && groups[i + size] == 0) ++size;
    if (size > run_size) run_begin = i, run_size = size;
    i += size;
  }
  for (size_t i = 0; i < 8;) {
    if (i == run_begin) {
      *to++ = ':';
      *to++ = ':';
      i += run_size;
      continue;
    }
    if (i > 0 && i != run_begin + run_size) *to++ = ':';
    to = std::to_chars(to, to + 4, groups[i++], 16).ptr;
  }
  return to;
}

}  // namespace

EntityRef ip_entity(std::string_view address, TextArena& arena) {
  std::array<char, 48> text;
  char* end;
  if (std::optional<uint32_t> ipv4 = parse_ipv4(address)) {
    // Without leading zeros the text is canonical as it stands.
    if (is_canonical_ipv4(address)) return make_entity({{"ip/"}, {address}}, arena);
    end = write_ipv4(*ipv4, text.data());
  } else if (std::optional<Groups> ipv6 = parse_ipv6(address)) {
    std::optional<uint32_t> mapped = unmap(*ipv6);
    end = mapped ? write_ipv4(*mapped, text.data()) : write_ipv6(*ipv6, text.data());
  } else {
    return {};
  }
  return make_entity({{"ip/"}, {{text.data(), end}}}, arena);
}

}  // namespace stanch::model
