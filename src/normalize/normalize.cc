#include "normalize/normalize.h"

#include "normalize/aws_cloudtrail.h"

namespace stanch::normalize {

struct Normalizer::Memory {
  aws::CloudTrailMemory cloudtrail;
};

Normalizer::Normalizer() : memory_(std::make_unique<Memory>()) {}
Normalizer::~Normalizer() = default;

std::string_view name_of(LogFamily family) {
  switch (family) {
    case LogFamily::kUnknown: return "unknown";
    case LogFamily::kAwsCloudTrail: return "aws_cloudtrail";
  }
  return "unknown";
}

LogFamily Normalizer::recognise(codec::JsonView event) {
  return aws::is_cloudtrail(event, memory_->cloudtrail) ? LogFamily::kAwsCloudTrail
                                                        : LogFamily::kUnknown;
}

std::string_view Normalizer::event_id(LogFamily family, codec::JsonView event,
                                      std::string& scratch) {
  if (family == LogFamily::kUnknown || !event.exists()) return {};
  return aws::cloudtrail_event_id(event, memory_->cloudtrail, scratch);
}

void Normalizer::extract(LogFamily family, codec::JsonView event, TextArena& arena,
                         model::Facts& facts) {
  switch (family) {
    case LogFamily::kAwsCloudTrail:
      aws::extract_cloudtrail(event, memory_->cloudtrail, arena, facts);
      return;
    case LogFamily::kUnknown: facts = {}; return;
  }
}

}  // namespace stanch::normalize
