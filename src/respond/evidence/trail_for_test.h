#pragma once

#include <fmt/format.h>

#include <map>
#include <string>
#include <string_view>

#include "codec/base64.h"
#include "codec/hash.h"
#include "codec/json_writer.h"
#include "codec/rsa_for_test.h"

// A trail as CloudTrail delivers it: a digest an hour, each with two log files, signed with a key
// made for it. Texts are uncompressed. What CloudTrail does is written down here once more, and
// shares nothing with what is tested.

namespace stanch::respond {

inline const codec::RsaKeyForTest& trail_key() {
  static const codec::RsaKeyForTest key;
  return key;
}
inline const codec::RsaKeyForTest& other_trail_key() {
  static const codec::RsaKeyForTest key;
  return key;
}
inline constexpr std::string_view kTrailFingerprint = "8eba5db5bea9b640d1c96a77256fe7f2";
inline constexpr std::string_view kTrailBucket = "amzn-s3-demo-bucket";

inline std::string trail_keys_json(const codec::RsaKeyForTest& key = trail_key()) {
  return fmt::format(
      R"({{"PublicKeyList":[{{"Value":"{}","ValidityStartTime":"2026-02-01T00:00:00+00:00",)"
      R"("ValidityEndTime":"2026-04-01T00:00:00+00:00","Fingerprint":"{}"}}]}})",
      codec::encode_base64(key.der()), kTrailFingerprint);
}

class TrailMaker {
 public:
  static constexpr std::string_view kRoot = "AWSLogs/111122223333/";

  static std::string log_path(int hour, int n) {
    return fmt::format(
        "{}CloudTrail/us-east-1/2026/03/01/111122223333_CloudTrail_us-east-1_"
        "20260301T{:02}{:02}Z_{:016}.json.gz",
        kRoot, hour, 10 + n * 20, hour * 10 + n);
  }
  // Of the hour that ends then.
  static std::string digest_path(int end_hour, std::string_view suffix = "") {
    return fmt::format(
        "{}CloudTrail-Digest/us-east-1/2026/03/01/111122223333_CloudTrail-Digest_us-east-1_main_"
        "us-east-1_20260301T{:02}0000Z{}.json.gz",
        kRoot, end_hour, suffix);
  }

  struct Hour {
    bool begins = false;    // no digest was before it
    bool is_empty = false;  // no log files
    std::string path = {};  // unless it is that of the hour
    const codec::RsaKeyForTest* key = &trail_key();
    std::string_view fingerprint = kTrailFingerprint;
  };
  // The hour from `hour` to the next, behind those that were added before.
  void add(int hour) { add(hour, Hour()); }
  void add(int hour, const Hour& how) {
    const std::string path = how.path.empty() ? digest_path(hour + 1) : how.path;
    const std::string end = fmt::format("2026-03-01T{:02}:00:00Z", hour + 1);
    const bool begins = how.begins || last_.empty();
    std::string text = codec::json_object([&](codec::JsonWriter& json) {
      json.field("awsAccountId", "111122223333");
      json.field("digestStartTime", fmt::format("2026-03-01T{:02}:00:00Z", hour));
      json.field("digestEndTime", end);
      json.field("digestS3Bucket", kTrailBucket).field("digestS3Object", path);
      json.field("digestPublicKeyFingerprint", how.fingerprint);
      json.field("digestSignatureAlgorithm", "SHA256withRSA");
      const auto previous = [&](std::string_view name, const std::string& value) {
        json.key(name);
        begins ? json.null() : json.string(value);
      };
      previous("previousDigestS3Bucket", std::string(kTrailBucket));
      previous("previousDigestS3Object", last_);
      previous("previousDigestHashValue", begins ? "" : hash_hex(texts[last_]));
      previous("previousDigestHashAlgorithm", "SHA-256");
      previous("previousDigestSignature", begins ? "" : signatures[last_]);
      json.key("logFiles").begin_array();
      for (int n = 0; !how.is_empty && n < 2; ++n) {
        const std::string log = fmt::format(R"({{"Records":[{{"n":"{}-{}"}}]}})", hour, n);
        texts[log_path(hour, n)] = log;
        json.begin_object().field("s3Bucket", kTrailBucket).field("s3Object", log_path(hour, n));
        json.field("hashValue", hash_hex(log)).field("hashAlgorithm", "SHA-256").end_object();
      }
      json.end_array();
    });
    const std::string signed_text =
        fmt::format("{}\n{}/{}\n{}\n{}", end, kTrailBucket, path, hash_hex(text),
                    begins ? "null" : signatures[last_]);
    signatures[path] = hex_of(how.key->sign(signed_text));
    texts[path] = std::move(text);
    last_ = path;
  }
  // The signature of the newest digest, as somebody kept it.
  void keep_signature() { kept[last_] = signatures[last_]; }

  std::map<std::string, std::string> texts;       // by path, which is the key in the bucket
  std::map<std::string, std::string> signatures;  // of digests, hex
  std::map<std::string, std::string> kept;        // beside the files

 private:
  static std::string hash_hex(const std::string& text) {
    return codec::to_hex(codec::sha256(text));
  }
  static std::string hex_of(const std::string& bytes) {
    return codec::to_hex({reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size()});
  }

  std::string last_;
};

}  // namespace stanch::respond
