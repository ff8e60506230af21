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

struct Ipv4 {
  uint32_t address = 0;
  bool canonical = true;  // no part but "0" begins with a zero
};

std::optional<Ipv4> parse_ipv4(std::string_view text) {
  if (text.size() > 15) return std::nullopt;
  Ipv4 result;
  for (size_t part = 0, at = 0; part < 4; ++part) {
    const size_t begin = at;
    uint32_t value = 0;
    for (; at < text.size() && text[at] >= '0' && text[at] <= '9'; ++at) {
      value = value * 10 + static_cast<uint32_t>(text[at] - '0');
    }
    const size_t digits = at - begin;
    if (digits == 0 || digits > 3 || value > 255) return std::nullopt;
    result.canonical &= digits == 1 || text[begin] != '0';
    result.address = result.address << 8 | value;
    if (part < 3 && (at == text.size() || text[at++] != '.')) return std::nullopt;
    if (part == 3 && at != text.size()) return std::nullopt;
  }
  return result;
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
      std::optional<Ipv4> ipv4 = parse_ipv4(word);
      if (!ipv4 || count > 6) return false;
      groups[count++] = static_cast<uint16_t>(ipv4->address >> 16);
      groups[count++] = static_cast<uint16_t>(ipv4->address);
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
  if (std::optional<Ipv4> ipv4 = parse_ipv4(address)) {
    if (ipv4->canonical) return make_entity({{"ip/"}, {address}}, arena);
    end = write_ipv4(ipv4->address, text.data());
  } else if (std::optional<Groups> ipv6 = parse_ipv6(address)) {
    std::optional<uint32_t> mapped = unmap(*ipv6);
    end = mapped ? write_ipv4(*mapped, text.data()) : write_ipv6(*ipv6, text.data());
  } else {
    return {};
  }
  return make_entity({{"ip/"}, {{text.data(), end}}}, arena);
}

}  // namespace stanch::model
