#include "codec/network.h"

#include <algorithm>

#include <charconv>
#include <string>
#include <vector>

namespace stanch::codec {

namespace {

constexpr unsigned kMappedBits = 96;  // of ::ffff:0:0 before the IPv4 address

// A decimal number of at most three digits without leading zeros.
std::optional<unsigned> parse_decimal(std::string_view text) {
  if (text.empty() || text.size() > 3 || (text.size() > 1 && text[0] == '0')) return {};
  unsigned number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return {};
  return number;
}

bool parse_ipv4(std::string_view text, uint8_t* out) {
  for (int i = 0; i < 4; ++i) {
    const size_t dot = i < 3 ? text.find('.') : text.size();
    if (dot == std::string_view::npos) return false;
    const auto number = parse_decimal(text.substr(0, dot));
    if (!number || *number > 255) return false;
    out[i] = static_cast<uint8_t>(*number);
    text.remove_prefix(i < 3 ? dot + 1 : dot);
  }
  return true;
}

// Groups of up to four hex digits between colons, the last perhaps an IPv4 address.
bool parse_groups(std::string_view text, std::vector<uint8_t>& out) {
  while (!text.empty()) {
    const size_t colon = text.find(':');
    const std::string_view group = text.substr(0, colon);
    if (colon == std::string_view::npos && group.find('.') != std::string_view::npos) {
      uint8_t bytes[4];
      if (!parse_ipv4(group, bytes)) return false;
      out.insert(out.end(), bytes, bytes + 4);
      return true;
    }
    if (group.empty() || group.size() > 4) return false;
    unsigned number = 0;
    const auto [end, error] =
        std::from_chars(group.data(), group.data() + group.size(), number, 16);
    if (error != std::errc() || end != group.data() + group.size()) return false;
    out.push_back(static_cast<uint8_t>(number >> 8));
    out.push_back(static_cast<uint8_t>(number & 0xff));
    if (colon == std::string_view::npos) return true;
    text.remove_prefix(colon + 1);
    if (text.empty()) return false;  // a colon at the end
  }
  return true;
}

bool parse_ipv6(std::string_view text, Address& out) {
  const size_t gap = text.find("::");
  std::vector<uint8_t> head, tail;
  if (gap == std::string_view::npos) {
    if (!parse_groups(text, head) || head.size() != out.size()) return false;
  } else {
    const std::string_view before = text.substr(0, gap);
    if (before.find('.') != std::string_view::npos) return false;  // IPv4 only at the end
    if (!parse_groups(before, head) || !parse_groups(text.substr(gap + 2), tail)) return false;
    if (head.size() + tail.size() > out.size() - 2) return false;  // the gap is a group at least
  }
  out.fill(0);
  std::copy(head.begin(), head.end(), out.begin());
  std::copy(tail.begin(), tail.end(), out.end() - static_cast<std::ptrdiff_t>(tail.size()));
  return true;
}

bool bit(const Address& address, unsigned index) {
  return (address[index / 8] >> (7 - index % 8) & 1) != 0;
}

bool is_mapped(const Address& address) {
  constexpr Address kMapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};
  return std::equal(address.begin(), address.begin() + 12, kMapped.begin());
}

}  // namespace

std::optional<Address> parse_address(std::string_view text) {
  Address address{};
  if (text.find(':') != std::string_view::npos) {
    if (text.size() > 45 || !parse_ipv6(text, address)) return {};
    return address;
  }
  address[10] = address[11] = 0xff;
  if (!parse_ipv4(text, address.data() + 12)) return {};
  return address;
}

Result<Network> parse_network(std::string_view text) {
  const auto invalid = [&](std::string_view why) {
    return Error(ErrorCode::kInvalid, "'" + std::string(text) + "' " + std::string(why));
  };
  const size_t slash = text.find('/');
  const auto address = parse_address(text.substr(0, slash));
  if (!address) return invalid("is not an IPv4 or IPv6 network");
  const bool is_ipv4 = text.substr(0, slash).find(':') == std::string_view::npos;
  Network network{*address, 128};
  if (slash != std::string_view::npos) {
    const auto length = parse_decimal(text.substr(slash + 1));
    if (!length || *length > (is_ipv4 ? 32u : 128u)) {
      return invalid(is_ipv4 ? "has no prefix length of 0 to 32"
                             : "has no prefix length of 0 to 128");
    }
    network.prefix = static_cast<uint8_t>(is_ipv4 ? kMappedBits + *length : *length);
  }
  for (unsigned i = network.prefix; i < 128; ++i) {
    if (bit(*address, i)) return invalid("has host bits set beyond its prefix length");
  }
  return network;
}

bool is_inside(const Address& address, const Network& network) {
  // M3: an IPv4 address is inside IPv4 networks only, though ::/0 spans its mapped form.
  if (network.prefix < kMappedBits && is_mapped(address)) return false;
  for (unsigned i = 0; i < network.prefix; ++i) {
    if (bit(network.address, i) != bit(address, i)) return false;
  }
  return true;
}

}  // namespace stanch::codec
