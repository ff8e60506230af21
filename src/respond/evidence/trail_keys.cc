#include "respond/evidence/trail_keys.h"

#include <fmt/format.h>

#include "codec/base64.h"

namespace stanch::respond {

namespace {

Error no_keys(std::string why) { return Error(ErrorCode::kInvalid, std::move(why)); }

}  // namespace

Result<> TrailKeys::add(std::string_view json) {
  codec::JsonParser parser(codec::JsonParser::Texts::kFew);
  const codec::JsonView list = parser.parse(json);
  if (!list) return no_keys(fmt::format("it is no JSON ({})", name_of(parser.problem())));
  return add(list);
}

Result<> TrailKeys::add(codec::JsonView list) {
  codec::JsonView keys = list["PublicKeyList"];
  if (!keys) keys = list["publicKeyList"];  // as the User Guide's example has it
  if (!keys || !keys.is_array()) {
    return no_keys("it has no PublicKeyList, as 'aws cloudtrail list-public-keys' prints it");
  }
  for (const codec::JsonView each : keys.elements()) {
    const std::string fingerprint = each["Fingerprint"].string_or_empty();
    std::string value = each["Value"].string_or_empty();
    if (fingerprint.empty() || value.empty()) {
      return no_keys("a key has no Fingerprint or no Value");
    }
    if (const auto known = keys_.find(fingerprint); known != keys_.end()) {
      if (known->second.value == value) continue;
      return no_keys(fmt::format("there are two keys with the fingerprint {}", fingerprint));
    }
    if (keys_.size() >= kTrailKeysMax) {
      return no_keys(fmt::format("there are more than {} keys", kTrailKeysMax));
    }
    Key key{.value = std::move(value), .key = {}};
    if (const auto der = codec::decode_base64(key.value)) {
      if (auto read = codec::RsaPublicKey::parse(*der)) key.key = std::move(*read);
    }
    keys_.emplace(fingerprint, std::move(key));
  }
  return {};
}

const codec::RsaPublicKey* TrailKeys::find(const std::string& fingerprint) const {
  const auto found = keys_.find(fingerprint);
  return found == keys_.end() || !found->second.key ? nullptr : &*found->second.key;
}

}  // namespace stanch::respond
