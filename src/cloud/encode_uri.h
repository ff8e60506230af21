#pragma once

#include <string>
#include <string_view>

namespace stanch::cloud {

// RFC 3986, section 2.3: what a part of a URL may hold as it is.
bool is_unreserved(char c);

// Percent-encodes all but letters, digits and "-._~", as every part of a URL must be for a
// signature to fit.
std::string encode_uri(std::string_view text);
// The same with `kept` left alone too: "/" for the key of an object.
std::string encode_uri_but(std::string_view text, std::string_view kept);

}  // namespace stanch::cloud
