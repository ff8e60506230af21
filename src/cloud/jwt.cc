#include "cloud/jwt.h"

#include <utility>

#include "codec/base64.h"

namespace stanch::cloud {

std::string sign_jwt(const codec::RsaSigningKey& key, codec::JsonValue::Object header,
                     const codec::JsonValue::Object& claims) {
  using codec::JsonValue;
  header.insert_or_assign("alg", JsonValue("RS256"));
  header.insert_or_assign("typ", JsonValue("JWT"));
  const std::string text = codec::encode_base64url(codec::to_json(JsonValue(std::move(header)))) +
                           "." + codec::encode_base64url(codec::to_json(JsonValue(claims)));
  return text + "." + codec::encode_base64url(key.sign(text));
}

}  // namespace stanch::cloud
