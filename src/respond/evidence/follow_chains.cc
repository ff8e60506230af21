// Chains of digests: which there are, which time each speaks for, and where it is broken.

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "respond/evidence/trail_check.h"
#include "respond/evidence/trail_names.h"

namespace stanch::respond {

namespace {

using Members = std::vector<const FoundDigest*>;

const TrailDigest& read(const FoundDigest* found) { return *found->digest; }

// By their ends; copies of one digest count once.
void put_in_order(Members& members) {
  std::ranges::sort(members, [](const FoundDigest* a, const FoundDigest* b) {
    return std::tie(read(a).to, read(a).object) < std::tie(read(b).to, read(b).object);
  });
  const auto copies = std::ranges::unique(members, [](const FoundDigest* a, const FoundDigest* b) {
    return read(a).object == read(b).object;
  });
  members.erase(copies.begin(), copies.end());
}

std::optional<TrailGap> gap_between(const TrailDigest& older, const TrailDigest& newer,
                                    const std::string& chain) {
  TrailGap gap{.chain = chain, .from = older.to, .to = newer.from, .why = TrailGap::Why::kJump};
  if (!newer.previous) {
    gap.why = TrailGap::Why::kBegunAnew;
    gap.to = std::max(gap.from, gap.to);
    return gap;
  }
  if (newer.from <= older.to) return std::nullopt;
  if (newer.previous->object != older.object) gap.why = TrailGap::Why::kLost;
  return gap;
}

class ChainFollower {
 public:
  ChainFollower(const std::vector<FoundDigest>& found, const std::vector<DigestJudgement>& judged,
                TrailReport& report)
      : report_(report) {
    for (size_t i = 0; i < found.size(); ++i) {
      if (!found[i].digest) {
        unread_.emplace(trail_base(found[i].path));
        continue;
      }
      const TrailDigest& digest = *found[i].digest;
      // Moved or changed, it is there: another line says so.
      here_.insert(digest.object);
      if (verdict_of(judged[i].reason) == TrailVerdict::kInvalid) continue;
      chains_[chain_of_digest(digest.object.key)].push_back(&found[i]);
    }
  }

  void follow() {
    for (auto& [name, members] : chains_) {
      put_in_order(members);
      follow(name, members);
    }
  }

 private:
  void follow(const std::string& name, const Members& members) {
    const TrailDigest& oldest = read(members.front());
    TrailChain chain{.name = name,
                     .digests = members.size(),
                     .from = oldest.from,
                     .to = read(members.back()).to,
                     .is_backfill = is_backfill_digest(oldest.object.key),
                     .begins = !oldest.previous,
                     .before = {}};
    if (oldest.previous && !here_.contains(oldest.previous->object)) {
      chain.before = oldest.previous->object.key;
    }
    for (size_t i = 1; i < members.size(); ++i) look_between(members[i - 1], members[i], chain);
    report_.chains.push_back(std::move(chain));
  }

  void look_between(const FoundDigest* older, const FoundDigest* newer, const TrailChain& chain) {
    const TrailDigest& digest = read(newer);
    const bool is_missing = digest.previous && !here_.contains(digest.previous->object) &&
                            !unread_.contains(trail_base(digest.previous->object.key));
    if (is_missing) {
      here_.insert(digest.previous->object);
      report_.digests.push_back({.is_digest = true,
                                 .path = {},
                                 .object = digest.previous->object,
                                 .reason = TrailReason::kMissing,
                                 .because = newer->path,
                                 .sha256 = {}});
    }
    if (chain.is_backfill) return;  // late files of any hour: their times follow no order
    if (auto gap = gap_between(read(older), digest, chain.name)) {
      report_.gaps.push_back(*std::move(gap));
    }
  }

  TrailReport& report_;
  std::map<std::string, Members> chains_;
  std::set<TrailObject> here_;                 // and what was said to be missing
  std::set<std::string, std::less<>> unread_;  // names of files that are none, or not read
};

}  // namespace

void follow_chains(const std::vector<FoundDigest>& found,
                   const std::vector<DigestJudgement>& judged, TrailReport& report) {
  ChainFollower(found, judged, report).follow();
}

}  // namespace stanch::respond
