#include "respond/evidence/trail_report.h"

#include <algorithm>
#include <iterator>

namespace stanch::respond {

namespace {

using Verdict = TrailVerdict;

struct ReasonRow {
  Verdict verdict;
  std::string_view name, words;
};
constexpr ReasonRow kReasonRows[] = {
    {Verdict::kValid, "signed", "the signature holds"},
    {Verdict::kValid, "chained", "a valid digest has its hash"},
    {Verdict::kValid, "hashed", "a valid digest has its hash"},
    {Verdict::kInvalid, "missing", "named by a digest, but not here"},
    {Verdict::kInvalid, "changed", "not what a valid digest has the hash of"},
    {Verdict::kInvalid, "bad-signature", "the signature does not hold"},
    {Verdict::kInvalid, "contradicted", "this, or the digest that names it, was changed"},
    {Verdict::kInvalid, "damaged", "cannot be inflated, or has something behind its end"},
    {Verdict::kInvalid, "malformed", "not a digest"},
    {Verdict::kInvalid, "moved", "the digest says that it lies elsewhere"},
    {Verdict::kNotProvable, "unsigned", "no file here has the signature"},
    {Verdict::kNotProvable, "signature-lost", "the digest that has the signature was changed"},
    {Verdict::kNotProvable, "no-key", "the public key is not at hand"},
    {Verdict::kNotProvable, "other-algorithm", "hashed or signed in a way that is not known here"},
    {Verdict::kNotProvable, "named-by-unproven", "as a digest says that is not proved itself"},
    {Verdict::kNotProvable, "named-by-invalid", "only an invalid digest names it"},
    {Verdict::kNotProvable, "unlisted", "no digest names it"},
    {Verdict::kNotProvable, "unlisted-covered",
     "no digest names it, though a valid one covers its time"},
    {Verdict::kNotProvable, "unreadable", "could not be read"},
};
static_assert(std::size(kReasonRows) == kTrailReasons);

const ReasonRow& row_of(TrailReason reason) { return kReasonRows[static_cast<size_t>(reason)]; }

TrailReport::Counts counts_of(const std::vector<TrailItem>& items) {
  TrailReport::Counts counts;
  for (const TrailItem& item : items) ++counts.of[static_cast<size_t>(verdict_of(item.reason))];
  return counts;
}

}  // namespace

std::string_view name_of(TrailVerdict verdict) {
  constexpr std::string_view kNames[kTrailVerdicts] = {"valid", "invalid", "not-provable"};
  return kNames[static_cast<size_t>(verdict)];
}
TrailVerdict verdict_of(TrailReason reason) { return row_of(reason).verdict; }
std::string_view name_of(TrailReason reason) { return row_of(reason).name; }
std::string_view words_of(TrailReason reason) { return row_of(reason).words; }

std::string_view name_of(TrailGap::Why why) {
  switch (why) {
    case TrailGap::Why::kBegunAnew: return "begun-anew";
    case TrailGap::Why::kJump: return "jump";
    case TrailGap::Why::kLost: return "lost";
  }
  return "";
}

TrailReport::Counts TrailReport::count_digests() const { return counts_of(digests); }
TrailReport::Counts TrailReport::count_logs() const { return counts_of(logs); }

bool TrailReport::could_read_all() const {
  const auto is_unreadable = [](const TrailItem& item) {
    return item.reason == TrailReason::kUnreadable;
  };
  return std::ranges::none_of(digests, is_unreadable) && std::ranges::none_of(logs, is_unreadable);
}

TrailVerdict TrailReport::verdict() const {
  const Counts of_digests = count_digests(), of_logs = count_logs();
  const auto any = [&](Verdict verdict) { return of_digests[verdict] + of_logs[verdict] > 0; };
  if (any(Verdict::kInvalid)) return Verdict::kInvalid;
  if (any(Verdict::kNotProvable) || digests.empty() || !gaps.empty()) return Verdict::kNotProvable;
  return Verdict::kValid;
}

}  // namespace stanch::respond
