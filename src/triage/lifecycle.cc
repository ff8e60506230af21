#include "triage/lifecycle.h"

#include <algorithm>
#include <string>

#include "base/check.h"

namespace stanch::triage {

namespace {

using model::Status;
using enum model::Status;

constexpr std::string_view kDetection = "Detection and Analysis";
constexpr std::string_view kResponse = "Containment, Eradication, and Recovery";
constexpr std::string_view kAfter = "Post-Incident Activity";

// Containment need not wait for people: it may begin from any state before it. A breach leads
// back to containing from everywhere behind it. Nothing goes back to `new` but by `reopened`.
constexpr Status kFromNew[] = {kAcknowledged, kTriaged, kContaining, kClosed};
constexpr Status kFromAcknowledged[] = {kTriaged, kContaining, kClosed};
constexpr Status kFromTriaged[] = {kContaining, kEradicating, kReview, kClosed};
constexpr Status kFromContaining[] = {kContainedWatching, kTriaged, kClosed};
constexpr Status kFromWatching[] = {kContained, kContaining, kEradicating};
constexpr Status kFromContained[] = {kEradicating, kContaining, kRecovering, kReview};
constexpr Status kFromEradicating[] = {kRecovering, kContaining, kReview};
constexpr Status kFromRecovering[] = {kRecovered, kContaining, kEradicating};
constexpr Status kFromRecovered[] = {kReview, kContaining, kRecovering, kClosed};
constexpr Status kFromReview[] = {kClosed, kContaining, kRecovering};
constexpr Status kFromClosed[] = {kNew};

struct Row {
  Status from;
  std::span<const Status> to;
  std::string_view phase;
};
constexpr Row kTable[] = {
    {kNew, kFromNew, kDetection},
    {kAcknowledged, kFromAcknowledged, kDetection},
    {kTriaged, kFromTriaged, kDetection},
    {kContaining, kFromContaining, kResponse},
    {kContainedWatching, kFromWatching, kResponse},
    {kContained, kFromContained, kResponse},
    {kEradicating, kFromEradicating, kResponse},
    {kRecovering, kFromRecovering, kResponse},
    {kRecovered, kFromRecovered, kResponse},
    {kReview, kFromReview, kAfter},
    {kClosed, kFromClosed, kAfter},
};

const Row& row_of(Status status) {
  for (const Row& row : kTable) {
    if (row.from == status) return row;
  }
  CHECK(false);
}

}  // namespace

std::span<const Status> moves_from(Status status) { return row_of(status).to; }

Result<> check_move(Status from, Status to) {
  const std::span<const Status> moves = moves_from(from);
  if (std::ranges::find(moves, to) != moves.end()) return {};
  std::string names;
  for (const Status move : moves) {
    if (!names.empty()) names += ", ";
    names += from == kClosed ? "reopened" : name_of(move);
  }
  return Error(ErrorCode::kInvalid, "an incident that is " + std::string(caption_of(from)) +
                                        " cannot become " + std::string(caption_of(to)) +
                                        ". From there: " + names);
}

std::string_view nist_phase(Status status) { return row_of(status).phase; }

}  // namespace stanch::triage
