#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/result.h"

namespace stanch::codec {

// An address as 16 bytes; IPv4 is held as IPv4-mapped (::ffff:a.b.c.d, RFC 4291 2.5.5.2),
// so that both spellings of one address are equal (docs/formats/sigma.md, M3).
using Address = std::array<uint8_t, 16>;

// Dotted decimal IPv4 (four numbers, no leading zeros), or IPv6 (RFC 4291, 2.2) without zone.
std::optional<Address> parse_address(std::string_view text);

struct Network {
  Address address{};     // its host bits are zero
  uint8_t prefix = 128;  // leading bits that count, of 128
};

// "10.0.0.0/8", "2001:db8::/32"; an address without "/n" is a network of one. kInvalid says
// what is wrong.
Result<Network> parse_network(std::string_view text);

bool is_inside(const Address& address, const Network& network);

}  // namespace stanch::codec
