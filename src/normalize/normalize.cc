#include "normalize/normalize.h"

#include <algorithm>

#include "base/check.h"
#include "normalize/aws_cloudtrail.h"
#include "normalize/family.h"

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

}  // namespace

struct Normalizer::Memory {
  aws::CloudTrailMemory cloudtrail;
  RecordClues clues;
};

Normalizer::Normalizer() : memory_(std::make_unique<Memory>()) {}
Normalizer::~Normalizer() = default;

std::string_view name_of(LogFamily family) {
  switch (family) {
    case LogFamily::kUnknown: return "unknown";
    case LogFamily::kAwsCloudTrail: return "aws_cloudtrail";
    default: return row_of(family).name;
  }
}

LogSource source_of(LogFamily family) {
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
  return LogFamily::kUnknown;
}

std::string_view Normalizer::event_id(LogFamily family, codec::JsonView event,
                                      std::string& scratch) {
  if (family == LogFamily::kUnknown || !event.exists()) return {};
  if (family == LogFamily::kAwsCloudTrail) {
    return aws::cloudtrail_event_id(event, memory_->cloudtrail, scratch);
  }
  return row_of(family).event_id(event, scratch);
}

void Normalizer::extract(LogFamily family, codec::JsonView event, TextArena& arena,
                         model::Facts& facts) {
  switch (family) {
    case LogFamily::kAwsCloudTrail:
      aws::extract_cloudtrail(event, memory_->cloudtrail, arena, facts);
      return;
    case LogFamily::kUnknown: facts = {}; return;
    default: facts = {}; row_of(family).extract(event, arena, facts);
  }
}

}  // namespace stanch::normalize
