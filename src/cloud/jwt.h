#pragma once

#include <string>

#include "codec/json_value.h"
#include "codec/rsa.h"

namespace stanch::cloud {

// A JSON Web Token (RFC 7519) in the compact form of RFC 7515, signed with RS256. `header` gets
// "alg" and "typ".
std::string sign_jwt(const codec::RsaSigningKey& key, codec::JsonValue::Object header,
                     const codec::JsonValue::Object& claims);

}  // namespace stanch::cloud
