#include "triage/findings_aside.h"

#include <algorithm>
#include <set>
#include <utility>

#include "triage/group_keys.h"

namespace stanch::triage {

namespace {

std::set<std::string> lineage_of(const Finding& finding) {
  std::set<std::string> entities;
  for (GroupKey& key : group_keys(finding)) {
    if (key.lineage) entities.insert(std::move(key.entity));
  }
  return entities;
}

}  // namespace

void FindingsAside::add(Kept kept) {
  remove(kept.finding.id);
  const uint64_t number = next_++;
  std::set<std::string> lineage = lineage_of(kept.finding);
  for (const std::string& entity : lineage) by_key_[entity].push_back(number);
  by_id_[kept.finding.id] = number;
  bytes_ += kept.payload.size();
  if (!kept.is_kept) may_go_.insert(number);
  kept_.emplace(number, Waiting{std::move(kept), std::move(lineage)});
  while (!may_go_.empty() && (kept_.size() > findings_max_ || bytes_ > bytes_max_)) {
    take(*may_go_.begin());
    ++forgotten_;
  }
}

void FindingsAside::remove(const std::string& finding) { take(finding); }

std::optional<FindingsAside::Kept> FindingsAside::take(const std::string& finding) {
  const auto known = by_id_.find(finding);
  return known == by_id_.end() ? std::nullopt : std::optional(take(known->second));
}

std::vector<FindingsAside::Kept> FindingsAside::take_kin(std::span<const std::string> entities,
                                                         Time time) {
  std::set<uint64_t> numbers;
  for (const std::string& entity : entities) {
    const auto of_key = by_key_.find(entity);
    if (of_key == by_key_.end()) continue;
    for (const uint64_t number : of_key->second) {
      const Time other = kept_.at(number).kept.time();
      if (span_of(std::min(time, other), std::max(time, other)) <= kJoinWithin) {
        numbers.insert(number);
      }
    }
  }
  std::vector<Kept> kin;
  for (const uint64_t number : numbers) kin.push_back(take(number));
  return kin;
}

FindingsAside::Kept FindingsAside::take(uint64_t number) {
  const auto at = kept_.find(number);
  Waiting waiting = std::move(at->second);
  kept_.erase(at);
  may_go_.erase(number);
  for (const std::string& entity : waiting.lineage) {
    const auto of_key = by_key_.find(entity);
    std::erase(of_key->second, number);
    if (of_key->second.empty()) by_key_.erase(of_key);
  }
  by_id_.erase(waiting.kept.finding.id);
  bytes_ -= waiting.kept.payload.size();
  return std::move(waiting.kept);
}

}  // namespace stanch::triage
