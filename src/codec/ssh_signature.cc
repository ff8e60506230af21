#include "codec/ssh_signature.h"

#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>

#include "base/check.h"
#include "codec/base64.h"
#include "codec/hash.h"
#include "codec/signature.h"

namespace stanch::codec {

namespace {

constexpr std::string_view kArmorBegin = "-----BEGIN SSH SIGNATURE-----";
constexpr std::string_view kArmorEnd = "-----END SSH SIGNATURE-----";
constexpr std::string_view kSshMagic = "SSHSIG";
constexpr std::string_view kPlain = "ssh-ed25519", kToken = "sk-ssh-ed25519@openssh.com";
constexpr size_t kArmorBytesMax = 16 * 1024;

Error no_signature(std::string_view why) {
  return {ErrorCode::kInvalid, "this is no signature of ssh-keygen -Y sign: " + std::string(why)};
}

// Fields of RFC 4251, section 5.
class Fields {
 public:
  explicit Fields(std::string_view bytes) : bytes_(bytes) {}

  uint32_t number() {
    uint32_t value = 0;
    for (const char c : take(4)) value = value << 8 | static_cast<unsigned char>(c);
    return value;
  }
  std::string_view string() { return take(number()); }
  std::string_view take(size_t size) {
    if (size > bytes_.size()) {
      good_ = false;
      return {};
    }
    const std::string_view taken = bytes_.substr(0, size);
    bytes_.remove_prefix(size);
    return taken;
  }
  bool ended() const { return good_ && bytes_.empty(); }
  bool good() const { return good_; }

 private:
  std::string_view bytes_;
  bool good_ = true;
};

void append_string(std::string_view text, std::string& out) {
  for (int shift = 24; shift >= 0; shift -= 8) {
    out += static_cast<char>(text.size() >> shift & 0xff);
  }
  out += text;
}

std::optional<std::string> unarmored(std::string_view text) {
  size_t begin = text.find(kArmorBegin);
  if (begin == text.npos || text.size() > kArmorBytesMax) return std::nullopt;
  begin += kArmorBegin.size();
  const size_t end = text.find(kArmorEnd, begin);
  if (end == text.npos) return std::nullopt;
  std::string base64;
  for (const char c : text.substr(begin, end - begin)) {
    if (c != '\n' && c != '\r') base64 += c;
  }
  return decode_base64(base64);
}

struct SshKey {
  std::string_view type, bytes, application;  // application: of a token
};

std::optional<SshKey> read_key(std::string_view blob) {
  Fields in(blob);
  SshKey key{.type = in.string(), .bytes = in.string(), .application = {}};
  if (key.type == kToken) key.application = in.string();
  const bool known = key.type == kPlain || key.type == kToken;
  return in.ended() && known && key.bytes.size() == 32 ? std::optional(key) : std::nullopt;
}

std::string sha512(std::string_view bytes) {
  std::string digest(64, '\0');
  auto* const to = reinterpret_cast<unsigned char*>(digest.data());
  CHECK(EVP_Digest(bytes.data(), bytes.size(), to, nullptr, EVP_sha512(), nullptr) == 1);
  return digest;
}

std::string bytes_of(const Sha256& hash) { return {hash.begin(), hash.end()}; }

}  // namespace

Result<SshSigned> verify_ssh_signature(std::string_view armored, std::string_view name_space,
                                       std::string_view message) {
  const auto blob = unarmored(armored);
  if (!blob) return no_signature("its armour is damaged");
  Fields in(*blob);
  if (in.take(kSshMagic.size()) != kSshMagic || in.number() != 1) return no_signature("its magic");
  const std::string_view key_blob = in.string(), of = in.string(), reserved = in.string(),
                         hash = in.string(), signature_blob = in.string();
  if (!in.ended()) return no_signature("it is cut off");
  const auto key = read_key(key_blob);
  if (!key) return no_signature("its key is neither ssh-ed25519 nor sk-ssh-ed25519");
  if (hash != "sha256" && hash != "sha512") return no_signature("its hash");
  if (of != name_space) {
    return Error(ErrorCode::kDenied, "it was signed for another purpose: ssh-keygen -Y sign -n " +
                                         std::string(name_space));
  }
  std::string signed_text(kSshMagic);
  append_string(of, signed_text);
  append_string(reserved, signed_text);
  append_string(hash, signed_text);
  append_string(hash == "sha256" ? bytes_of(sha256(message)) : sha512(message), signed_text);

  Fields signature(signature_blob);
  const std::string_view type = signature.string(), bytes = signature.string();
  if (type != key->type || bytes.size() != 64) return no_signature("its signature");
  if (key->type == kToken) {
    const std::string_view flags_and_counter = signature.take(5);
    if (!signature.good()) return no_signature("its signature");
    constexpr uint8_t kTouched = 0x01;
    if ((static_cast<uint8_t>(flags_and_counter[0]) & kTouched) == 0) {
      return Error(ErrorCode::kDenied, "nobody touched the token");
    }
    signed_text = bytes_of(sha256(key->application)) + std::string(flags_and_counter) +
                  bytes_of(sha256(signed_text));
  }
  if (!signature.ended()) return no_signature("its signature");
  PublicKey public_key;
  std::ranges::copy(key->bytes, public_key.bytes.begin());
  std::array<uint8_t, 64> raw;
  std::ranges::copy(bytes, raw.begin());
  if (!verify(public_key, signed_text, raw)) {
    return Error(ErrorCode::kDenied, "the signature is not of this text");
  }
  return SshSigned{.key_type = std::string(key->type), .key = encode_base64(key_blob)};
}

}  // namespace stanch::codec
