#include "normalize/normalize.h"

#include "normalize/aws_cloudtrail.h"
#include "normalize/json_reader.h"

namespace stanch::normalize {

std::string_view name_of(LogFamily family) {
  switch (family) {
    case LogFamily::kUnknown: return "unknown";
    case LogFamily::kAwsCloudTrail: return "aws_cloudtrail";
  }
  return "unknown";
}

LogFamily recognise(codec::JsonView event) {
  return aws::is_cloudtrail(event) ? LogFamily::kAwsCloudTrail : LogFamily::kUnknown;
}

void extract(LogFamily family, codec::JsonView event, TextArena& arena, model::Facts& facts) {
  switch (family) {
    case LogFamily::kAwsCloudTrail: aws::extract_cloudtrail(event, arena, facts); return;
    case LogFamily::kUnknown: facts = {}; return;
  }
}

std::string_view event_id(LogFamily family, codec::JsonView event, std::string& scratch) {
  if (family == LogFamily::kUnknown || !event.exists()) return {};
  codec::JsonView id = find_member(event, "eventID");
  return id.exists() && id.is_string() ? id.text(scratch) : std::string_view();
}

}  // namespace stanch::normalize
