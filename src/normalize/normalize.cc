#include "normalize/normalize.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "base/check.h"
#include "normalize/aws_cloudtrail.h"
#include "normalize/family.h"
#include "normalize/own_source.h"

namespace stanch::normalize {

namespace {

constexpr auto kFirst = static_cast<size_t>(LogFamily::kAwsCloudTrail) + 1;

const Family& row_of(LogFamily family) {
  const size_t row = static_cast<size_t>(family) - kFirst;
  CHECK(row < std::size(kFamilies) && kFamilies[row]->family == family);
  return *kFamilies[row];
}

// Whether all members of one of its forms are there.
bool may_be(const Family& family, Clues clues) {
  return std::ranges::any_of(family.needs,
                             [clues](Clues form) { return form != 0 && (clues & form) == form; });
}

bool is_own(LogFamily family) { return family >= LogFamily::kFirstOwn; }

}  // namespace

struct Normalizer::Memory {
  aws::CloudTrailMemory cloudtrail;
  RecordClues clues;
  std::shared_ptr<const OwnSources> own;  // may be null

  const OwnSource& own_source(LogFamily family) const {
    const auto number = static_cast<size_t>(family) - static_cast<size_t>(LogFamily::kFirstOwn);
    CHECK(own != nullptr && number < own->all.size());
    return own->all[number];
  }
};

Normalizer::Normalizer(std::shared_ptr<const OwnSources> own)
    : memory_(std::make_unique<Memory>()) {
  memory_->own = std::move(own);
}
Normalizer::~Normalizer() = default;

std::string_view name_of(LogFamily family) {
  switch (family) {
    case LogFamily::kUnknown: return "unknown";
    case LogFamily::kAwsCloudTrail: return "aws_cloudtrail";
    default: return is_own(family) ? "own" : row_of(family).name;
  }
}

LogSource Normalizer::source_of(LogFamily family) const {
  if (is_own(family)) {
    const OwnSource& source = memory_->own_source(family);
    return {.product = source.product, .service = source.service, .category = source.category};
  }
  switch (family) {
    case LogFamily::kUnknown: return {};
    case LogFamily::kAwsCloudTrail: return {.product = "aws", .service = "cloudtrail"};
    default: return row_of(family).source;
  }
}

LogFamily Normalizer::recognise(codec::JsonView event) {
  if (!event.exists() || !event.is_object()) return LogFamily::kUnknown;
  if (aws::is_cloudtrail(event, memory_->cloudtrail)) return LogFamily::kAwsCloudTrail;
  const Clues clues = memory_->clues.of(event);
  for (const Family* family : kFamilies) {
    if (may_be(*family, clues) && family->is_one(event)) return family->family;
  }
  if (memory_->own == nullptr) return LogFamily::kUnknown;
  const std::vector<OwnSource>& all = memory_->own->all;
  const auto found =
      std::ranges::find_if(all, [event](const auto& own) { return own.is_one(event); });
  if (found == all.end()) return LogFamily::kUnknown;
  const auto number = static_cast<size_t>(found - all.begin());
  return static_cast<LogFamily>(static_cast<size_t>(LogFamily::kFirstOwn) + number);
}

std::string_view Normalizer::event_id(LogFamily family, codec::JsonView event,
                                      std::string& scratch) {
  if (family == LogFamily::kUnknown || !event.exists()) return {};
  if (family == LogFamily::kAwsCloudTrail) {
    return aws::cloudtrail_event_id(event, memory_->cloudtrail, scratch);
  }
  if (is_own(family)) return memory_->own_source(family).event_id(event, scratch);
  return row_of(family).event_id(event, scratch);
}

void Normalizer::extract(LogFamily family, codec::JsonView event, TextArena& arena,
                         model::Facts& facts) {
  switch (family) {
    case LogFamily::kAwsCloudTrail:
      aws::extract_cloudtrail(event, memory_->cloudtrail, arena, facts);
      return;
    case LogFamily::kUnknown: facts = {}; return;
    default: break;
  }
  facts = {};
  if (is_own(family)) {
    memory_->own_source(family).extract(event, arena, facts);
  } else {
    row_of(family).extract(event, arena, facts);
  }
}

std::optional<Time> Normalizer::time_of(LogFamily family, codec::JsonView event, TextArena& arena) {
  if (family == LogFamily::kAwsCloudTrail) {
    return aws::cloudtrail_time(event, memory_->cloudtrail, arena);
  }
  model::Facts facts;
  extract(family, event, arena, facts);
  return facts.time;
}

}  // namespace stanch::normalize
