// Log files: each that a digest names is hashed, and each that none names is told. What a digest
// says counts as much as the digest itself.

#include <algorithm>
#include <map>
#include <span>
#include <tuple>
#include <unordered_map>

#include "codec/timestamp.h"
#include "respond/evidence/trail_check.h"
#include "respond/evidence/trail_names.h"

namespace stanch::respond {

namespace {

// Files of one name, in different folders. Whoever writes many must not make us try each with all
// that digests name.
constexpr size_t kSameNameMax = 64;

// That a digest names a log file.
struct Naming {
  const NamedLog* log = nullptr;
  const FoundDigest* digest = nullptr;
  TrailVerdict verdict = TrailVerdict::kNotProvable;  // of the digest
};

// What is strongest comes first.
int rank_of(TrailVerdict verdict) {
  return verdict == TrailVerdict::kValid ? 0 : verdict == TrailVerdict::kNotProvable ? 1 : 2;
}

class LogJudge {
 public:
  LogJudge(const TrailFiles& files, const std::vector<DigestJudgement>& judged,
           const HashOfTrailFile& hash_of, TrailReport& report)
      : files_(files), hash_of_(hash_of), report_(report) {
    for (size_t i = 0; i < files.digests.size(); ++i) {
      const FoundDigest& found = files.digests[i];
      if (!found.digest) continue;
      const TrailVerdict verdict = verdict_of(judged[i].reason);
      for (const NamedLog& log : found.digest->logs) namings_.push_back({&log, &found, verdict});
      if (verdict == TrailVerdict::kValid) {
        covered_[{found.digest->account, region_of_digest(found.digest->object.key)}].emplace(
            found.digest->to, found.digest->from);
      }
    }
    for (const std::string& path : files.others) {
      std::vector<const std::string*>& same = by_base_[trail_base(path)];
      if (same.size() < kSameNameMax) same.push_back(&path);
    }
  }

  void judge() {
    std::ranges::stable_sort(namings_, [](const Naming& a, const Naming& b) {
      const int order_a = rank_of(a.verdict), order_b = rank_of(b.verdict);
      return std::tie(a.log->object, order_a) < std::tie(b.log->object, order_b);
    });
    for (size_t i = 0; i < namings_.size();) {
      size_t end = i + 1;
      while (end < namings_.size() && namings_[end].log->object == namings_[i].log->object) ++end;
      judge(std::span(namings_).subspan(i, end - i));
      i = end;
    }
    for (const std::string& path : files_.others) {
      if (kind_of_trail_file(path) == TrailFileKind::kLog && !hashes_.contains(&path)) {
        judge_unlisted(path);
      }
    }
    // What is missing has no path: it comes last.
    std::ranges::stable_sort(report_.logs, [](const TrailItem& a, const TrailItem& b) {
      return std::pair(a.path.empty(), std::string_view(a.path)) <
             std::pair(b.path.empty(), std::string_view(b.path));
    });
  }

 private:
  // All that is said of one object, the strongest first.
  void judge(std::span<const Naming> namings) {
    const Naming& first = namings.front();
    bool is_here = false;
    if (const auto same = by_base_.find(trail_base(first.log->object.key));
        same != by_base_.end()) {
      for (const std::string* const path : same->second) {
        if (!lies_there(*path, first.log->object.key)) continue;
        is_here = true;
        judge_file(*path, namings);
      }
    }
    if (is_here) return;
    add({}, first,
        first.verdict == TrailVerdict::kInvalid ? TrailReason::kNamedByInvalid
                                                : TrailReason::kMissing,
        {});
  }

  void judge_file(const std::string& path, std::span<const Naming> namings) {
    const auto [known, is_new] = hashes_.try_emplace(&path, codec::Sha256{});
    if (is_new) known->second = hash_of_(path);
    const Result<codec::Sha256>& hash = known->second;
    if (!hash) {
      const bool is_damaged = hash.error().code() == ErrorCode::kCorrupt;
      const bool is_proof = namings.front().verdict != TrailVerdict::kInvalid;
      add(path, namings.front(),
          !is_damaged ? TrailReason::kUnreadable
          : is_proof  ? TrailReason::kDamaged
                      : TrailReason::kNamedByInvalid,
          {});
      report_.logs.back().because = hash.error().message();
      return;
    }
    // Digests that AWS signed agree; of others the first that does not is worth telling.
    const Naming* said_by = &namings.front();
    for (const Naming& each : namings) {
      if (each.verdict != said_by->verdict) break;
      if (each.log->sha256 && *each.log->sha256 != *hash) {
        said_by = &each;
        break;
      }
    }
    add(path, *said_by, reason_of(*said_by, *hash), *hash);
  }

  static TrailReason reason_of(const Naming& naming, const codec::Sha256& hash) {
    if (naming.verdict == TrailVerdict::kInvalid) return TrailReason::kNamedByInvalid;
    if (!naming.log->sha256) return TrailReason::kOtherAlgorithm;
    const bool is_same = *naming.log->sha256 == hash;
    if (naming.verdict == TrailVerdict::kValid) {
      return is_same ? TrailReason::kHashed : TrailReason::kChanged;
    }
    return is_same ? TrailReason::kNamedByUnproven : TrailReason::kContradicted;
  }

  void judge_unlisted(const std::string& path) {
    const auto name = read_log_name(path);
    report_.logs.push_back({.is_digest = false,
                            .path = path,
                            .object = {},
                            .reason = name && is_covered(*name) ? TrailReason::kUnlistedCovered
                                                                : TrailReason::kUnlisted,
                            .because = {},
                            .sha256 = {}});
  }

  // A valid digest speaks for all of the minute in which it was delivered.
  bool is_covered(const LogName& name) const {
    const auto hours =
        covered_.find(std::pair(std::string(name.account), std::string(name.region)));
    if (hours == covered_.end()) return false;
    const auto hour = hours->second.lower_bound(name.delivered + std::chrono::minutes(1));
    return hour != hours->second.end() && hour->second <= name.delivered;
  }

  void add(const std::string& path, const Naming& naming, TrailReason reason,
           std::optional<codec::Sha256> hash) {
    report_.logs.push_back({.is_digest = false,
                            .path = path,
                            .object = naming.log->object,
                            .reason = reason,
                            .because = naming.digest->path,
                            .sha256 = hash});
  }

  const TrailFiles& files_;
  const HashOfTrailFile& hash_of_;
  TrailReport& report_;
  std::vector<Naming> namings_;
  std::unordered_map<std::string_view, std::vector<const std::string*>> by_base_;
  std::unordered_map<const std::string*, Result<codec::Sha256>> hashes_;  // of what is named
  // Of valid digests, by account and region: end -> begin.
  std::map<std::pair<std::string, std::string>, std::map<Time, Time>> covered_;
};

}  // namespace

void judge_logs(const TrailFiles& files, const std::vector<DigestJudgement>& judged,
                const HashOfTrailFile& hash_of, TrailReport& report) {
  LogJudge(files, judged, hash_of, report).judge();
}

TrailReport check_trail(const TrailFiles& files, const TrailKeys& keys,
                        const HashOfTrailFile& hash_of) {
  const std::vector<DigestJudgement> judged = judge_digests(files.digests, keys);
  TrailReport report;
  for (size_t i = 0; i < files.digests.size(); ++i) {
    const FoundDigest& found = files.digests[i];
    TrailItem item{.is_digest = true,
                   .path = found.path,
                   .object = {},
                   .reason = judged[i].reason,
                   .because = judged[i].because,
                   .sha256 = {}};
    if (found.digest) {
      item.object = found.digest->object;
      item.sha256 = found.digest->sha256;
    }
    report.digests.push_back(std::move(item));
  }
  follow_chains(files.digests, judged, report);
  judge_logs(files, judged, hash_of, report);
  return report;
}

}  // namespace stanch::respond
