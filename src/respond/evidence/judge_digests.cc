// Which digests are proved.
//
// A digest is what AWS signed if any signature of it holds, wherever that was found: kept beside
// it, or in the digest after it. So each is looked at by itself, and neither order nor a circle of
// digests that name each other matters. A digest whose signature cannot be tried (its key is not
// at hand) is proved by its hash in the one after it, if that is proved.
//
//   older                                        newer
//   D1 <--hash, signature-- D2 <--hash, signature-- D3    (signature of D3: metadata of its object)
//
// Where no signature holds, somebody changed something. It was that digest if the one after it is
// proved; if that was changed itself, nothing is known of the older one; if that is merely not
// proved, it was one of them.

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "respond/evidence/trail_check.h"
#include "respond/evidence/trail_names.h"

namespace stanch::respond {

namespace {

enum class Tried : uint8_t { kNothing, kNoSignature, kNoKey, kOtherAlgorithm, kHolds, kFails };

class DigestJudge {
 public:
  DigestJudge(const std::vector<FoundDigest>& found, const TrailKeys& keys)
      : found_(found), keys_(keys), judged_(found.size()), tried_(found.size(), Tried::kNothing) {
    denied_by_.resize(found.size(), kNobody);
    proved_.resize(found.size(), false);
  }

  std::vector<DigestJudgement> judge() {
    for (size_t i = 0; i < found_.size(); ++i) place(i);
    for (size_t i = 0; i < found_.size(); ++i) {
      if (is_sound(i)) tried_[i] = try_signatures(i);
    }
    for (size_t i = 0; i < found_.size(); ++i) {
      if (tried_[i] == Tried::kHolds) deny_others(i);
    }
    prove();
    for (size_t i = 0; i < found_.size(); ++i) {
      if (is_sound(i)) conclude(i);
    }
    return std::move(judged_);
  }

 private:
  static constexpr size_t kNobody = SIZE_MAX;
  // Files that say they are one digest, or that one was before them. There is one of each; whoever
  // writes many must not make us try each with each.
  static constexpr size_t kSameMax = 64;
  using Indices = std::vector<size_t>;

  const TrailDigest& digest(size_t i) const { return *found_[i].digest; }
  // It is a digest, and where it should be.
  bool is_sound(size_t i) const {
    return judged_[i].reason != TrailReason::kMalformed &&
           judged_[i].reason != TrailReason::kUnreadable &&
           judged_[i].reason != TrailReason::kMoved &&
           judged_[i].reason != TrailReason::kContradicted;
  }

  void place(size_t i) {
    const FoundDigest& found = found_[i];
    if (!found.digest) {
      const ErrorCode code = found.digest.error().code();
      const bool is_none = code == ErrorCode::kInvalid || code == ErrorCode::kCorrupt;
      judged_[i] = {is_none ? TrailReason::kMalformed : TrailReason::kUnreadable,
                    found.digest.error().message()};
    } else if (!lies_there(found.path, digest(i).object.key)) {
      judged_[i] = {TrailReason::kMoved, "it says " + path_of(digest(i).object)};
      add_follower(i);  // a signature is none the worse for where it was found
    } else if (Indices& same = by_object_[digest(i).object]; same.size() >= kSameMax) {
      judged_[i] = {TrailReason::kContradicted,
                    fmt::format("more than {} files say that they are this digest", kSameMax)};
    } else {
      same.push_back(i);
      add_follower(i);
    }
  }
  void add_follower(size_t i) {
    if (!digest(i).previous) return;
    Indices& followers = followers_[digest(i).previous->object];
    if (followers.size() < kSameMax) followers.push_back(i);
  }

  const Indices& in(const std::map<TrailObject, Indices>& map, const TrailObject& object) const {
    static const Indices kNone;
    const auto at = map.find(object);
    return at == map.end() ? kNone : at->second;
  }
  const Indices& followers(size_t i) const { return in(followers_, digest(i).object); }

  Tried try_signatures(size_t i) {
    std::vector<std::string_view> signatures;
    for (const size_t copy : in(by_object_, digest(i).object)) {
      if (found_[copy].signature) signatures.push_back(*found_[copy].signature);
    }
    for (const size_t follower : followers(i)) {
      const std::string& signature = digest(follower).previous->signature;
      if (!signature.empty()) signatures.push_back(signature);
    }
    if (signatures.empty()) return Tried::kNoSignature;
    if (digest(i).algorithm != kDigestAlgorithm) return Tried::kOtherAlgorithm;
    const codec::RsaPublicKey* const key = keys_.find(digest(i).fingerprint);
    if (key == nullptr) return Tried::kNoKey;
    const std::string text = digest(i).string_to_sign();
    for (const std::string_view hex : signatures) {
      const auto bytes = codec::decode_hex(hex);
      if (bytes && key->verify(text, *bytes)) return Tried::kHolds;
    }
    return Tried::kFails;
  }

  // What AWS signed has the hash of the digest before it: all others there are not that one.
  void deny_others(size_t i) {
    if (!digest(i).previous || !digest(i).previous->sha256) return;
    for (const size_t other : in(by_object_, digest(i).previous->object)) {
      if (digest(other).sha256 != *digest(i).previous->sha256) denied_by_[other] = i;
    }
  }

  void prove() {
    Indices open;
    for (size_t i = 0; i < found_.size(); ++i) {
      if (tried_[i] == Tried::kHolds && denied_by_[i] == kNobody) {
        proved_[i] = true;
        open.push_back(i);
      }
    }
    while (!open.empty()) {
      const size_t newer = open.back();
      open.pop_back();
      const auto& previous = digest(newer).previous;
      if (!previous || !previous->sha256) continue;
      for (const size_t older : in(by_object_, previous->object)) {
        const bool is_tried = tried_[older] == Tried::kHolds || tried_[older] == Tried::kFails;
        if (proved_[older] || is_tried) continue;
        if (digest(older).sha256 == *previous->sha256) {
          proved_[older] = true;
          open.push_back(older);
        } else {
          denied_by_[older] = newer;
        }
      }
    }
  }

  // It is not what the proved digest after it names, or where it should be.
  bool was_changed(size_t i) const {
    if (proved_[i]) return false;
    if (denied_by_[i] != kNobody || !is_sound(i)) return true;
    return std::ranges::any_of(followers(i), [&](size_t each) { return proved_[each]; });
  }

  void conclude(size_t i) {
    if (proved_[i]) {
      const bool is_signed = tried_[i] == Tried::kHolds;
      judged_[i].reason = is_signed ? TrailReason::kSigned : TrailReason::kChained;
      return;
    }
    if (denied_by_[i] != kNobody) {
      judged_[i] = {TrailReason::kChanged, found_[denied_by_[i]].path};
      return;
    }
    switch (tried_[i]) {
      case Tried::kNoSignature: judged_[i].reason = TrailReason::kUnsigned; break;
      case Tried::kNoKey:
        judged_[i] = {TrailReason::kNoKey, "fingerprint " + digest(i).fingerprint};
        break;
      case Tried::kOtherAlgorithm:
        judged_[i] = {TrailReason::kOtherAlgorithm, digest(i).algorithm};
        break;
      default: judged_[i] = of_failed(i);
    }
  }

  DigestJudgement of_failed(size_t i) const {
    if (found_[i].signature) {
      return {TrailReason::kBadSignature, found_[i].path + std::string(kSignatureSuffix)};
    }
    bool all_changed = true;
    for (const size_t follower : followers(i)) {
      if (proved_[follower]) return {TrailReason::kBadSignature, found_[follower].path};
      all_changed = all_changed && was_changed(follower);
    }
    return {all_changed ? TrailReason::kSignatureLost : TrailReason::kContradicted,
            found_[followers(i).front()].path};
  }

  const std::vector<FoundDigest>& found_;
  const TrailKeys& keys_;
  std::vector<DigestJudgement> judged_;
  std::vector<Tried> tried_;
  std::vector<size_t> denied_by_;  // a digest that AWS signed, and that has another's hash
  std::vector<bool> proved_;
  std::map<TrailObject, Indices> by_object_;
  std::map<TrailObject, Indices> followers_;  // those that name it as the one before them
};

}  // namespace

std::vector<DigestJudgement> judge_digests(const std::vector<FoundDigest>& found,
                                           const TrailKeys& keys) {
  return DigestJudge(found, keys).judge();
}

}  // namespace stanch::respond
