#include "respond/evidence/trail_digest.h"

#include <fmt/format.h>

#include "codec/json.h"
#include "codec/timestamp.h"
#include "codec/trimmed.h"

namespace stanch::respond {

namespace {

using codec::JsonView;

constexpr std::string_view kHashAlgorithm = "SHA-256";

Error no_digest(std::string_view why) {
  return Error(ErrorCode::kInvalid, fmt::format("it is no digest: {}", why));
}

Result<std::string> text_member(JsonView digest, std::string_view name) {
  const JsonView value = digest[name];
  if (!value || !value.is_string()) return no_digest(fmt::format("{} is missing", name));
  return value.string_or_empty();
}

Result<Time> time_member(JsonView digest, std::string_view name) {
  TRY(const std::string text, text_member(digest, name));
  const auto time = codec::parse_timestamp(text);
  if (!time) return no_digest(fmt::format("{} is no time", name));
  return *time;
}

std::optional<codec::Sha256> hash_member(JsonView of, std::string_view hash,
                                         std::string_view algorithm) {
  if (of[algorithm].string_or_empty() != kHashAlgorithm) return std::nullopt;
  return codec::sha256_of_hex(of[hash].string_or_empty());
}

// In the first digest of a chain all members are null.
Result<std::optional<PreviousDigest>> previous_of(JsonView digest) {
  if (!digest["previousDigestSignature"]) return no_digest("previousDigestSignature is missing");
  PreviousDigest previous{
      .object = {.bucket = digest["previousDigestS3Bucket"].string_or_empty(),
                 .key = digest["previousDigestS3Object"].string_or_empty()},
      .sha256 = hash_member(digest, "previousDigestHashValue", "previousDigestHashAlgorithm"),
      .signature = digest["previousDigestSignature"].string_or_empty()};
  if (previous.object.key.empty() && previous.signature.empty()) {
    return std::optional<PreviousDigest>();
  }
  return std::optional(std::move(previous));
}

Result<std::vector<NamedLog>> logs_of(JsonView digest) {
  const JsonView files = digest["logFiles"];
  if (!files || !files.is_array()) return no_digest("logFiles is missing");
  std::vector<NamedLog> logs;
  for (const JsonView file : files.elements()) {
    TRY(std::string bucket, text_member(file, "s3Bucket"));
    TRY(std::string key, text_member(file, "s3Object"));
    logs.push_back({.object = {std::move(bucket), std::move(key)},
                    .sha256 = hash_member(file, "hashValue", "hashAlgorithm")});
  }
  return logs;
}

}  // namespace

std::string path_of(const TrailObject& object) { return object.bucket + "/" + object.key; }

std::string TrailDigest::string_to_sign() const {
  const bool has_signature = previous && !previous->signature.empty();
  return fmt::format("{}\n{}\n{}\n{}", end_text, path_of(object), codec::to_hex(sha256),
                     has_signature ? previous->signature : "null");
}

Result<TrailDigest> read_trail_digest(std::string_view text) {
  codec::JsonParser parser(codec::JsonParser::Texts::kFew);
  const JsonView json = parser.parse(text);
  if (!json) return no_digest(fmt::format("JSON ({})", name_of(parser.problem())));
  if (!json.is_object()) return no_digest("no JSON object");
  TrailDigest digest;
  TRY(digest.object.bucket, text_member(json, "digestS3Bucket"));
  TRY(digest.object.key, text_member(json, "digestS3Object"));
  TRY(digest.end_text, text_member(json, "digestEndTime"));
  TRY(digest.fingerprint, text_member(json, "digestPublicKeyFingerprint"));
  TRY(digest.from, time_member(json, "digestStartTime"));
  TRY(digest.to, time_member(json, "digestEndTime"));
  TRY(digest.previous, previous_of(json));
  TRY(digest.logs, logs_of(json));
  digest.account = json["awsAccountId"].string_or_empty();
  digest.algorithm = json["digestSignatureAlgorithm"].string_or_empty();
  digest.sha256 = codec::sha256(text);
  return digest;
}

std::string read_kept_signature(std::string_view text) {
  const std::string_view kept = codec::trimmed(text);
  if (!kept.starts_with('{')) return std::string(kept);
  codec::JsonParser parser(codec::JsonParser::Texts::kFew);
  const JsonView json = parser.parse(kept);
  return json["Metadata"]["signature"].string_or_empty();
}

}  // namespace stanch::respond
