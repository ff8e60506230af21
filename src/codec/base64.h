#pragma once

#include <optional>
#include <string>
#include <string_view>

// RFC 4648 section 4, with padding; and section 5, without.

namespace stanch::codec {

std::string encode_base64(std::string_view bytes);

// The bytes; nothing for text that encode_base64 would never write: another
// alphabet, white space, missing padding, bits left over that are not zero.
std::optional<std::string> decode_base64(std::string_view text);

// As JSON Web Signatures write it (RFC 7515, section 2): "-_" for "+/", no padding.
std::string encode_base64url(std::string_view bytes);

}  // namespace stanch::codec
