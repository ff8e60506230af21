#include "model/incident.h"

#include <array>
#include <string>
#include <utility>

#include "base/check.h"
#include "codec/hash.h"

namespace stanch::model {

namespace {

template <typename Enum>
struct Named {
  Enum value;
  std::string_view name;
  std::string_view caption = name;
};

constexpr Named<Severity> kSeverities[] = {{Severity::kS1, "S1", "Critical"},
                                           {Severity::kS2, "S2", "High"},
                                           {Severity::kS3, "S3", "Medium"},
                                           {Severity::kS4, "S4", "Low"}};
constexpr Named<Status> kStatuses[] = {
    {Status::kNew, "new"},
    {Status::kAcknowledged, "acknowledged"},
    {Status::kTriaged, "triaged"},
    {Status::kContaining, "containing"},
    {Status::kContainedWatching, "contained_watching", "contained, watching"},
    {Status::kContained, "contained"},
    {Status::kEradicating, "eradicating"},
    {Status::kRecovering, "recovering"},
    {Status::kRecovered, "recovered"},
    {Status::kReview, "review"},
    {Status::kClosed, "closed"}};
constexpr Named<Disposition> kDispositions[] = {{Disposition::kTruePositive, "true_positive"},
                                                {Disposition::kBenignExpected, "benign_expected"},
                                                {Disposition::kFalsePositive, "false_positive"},
                                                {Disposition::kUndetermined, "undetermined"}};
constexpr Named<Tlp> kTlps[] = {{Tlp::kRed, "RED"},
                                {Tlp::kAmberStrict, "AMBER+STRICT"},
                                {Tlp::kAmber, "AMBER"},
                                {Tlp::kGreen, "GREEN"},
                                {Tlp::kClear, "CLEAR"}};
constexpr Named<ClockName> kClocks[] = {{ClockName::kAcknowledge, "acknowledge"},
                                        {ClockName::kContain, "contain"},
                                        {ClockName::kUpdate, "update"}};

template <typename Enum, size_t N>
const Named<Enum>& row_of(const Named<Enum> (&table)[N], Enum value) {
  for (const Named<Enum>& row : table) {
    if (row.value == value) return row;
  }
  CHECK(false);
}

template <typename Enum, size_t N>
std::optional<Enum> find_in(const Named<Enum> (&table)[N], std::string_view name) {
  for (const Named<Enum>& row : table) {
    if (row.name == name) return row.value;
  }
  return std::nullopt;
}

}  // namespace

std::string_view name_of(Severity severity) { return row_of(kSeverities, severity).name; }
std::string_view caption_of(Severity severity) { return row_of(kSeverities, severity).caption; }
std::string_view name_of(Status status) { return row_of(kStatuses, status).name; }
std::string_view caption_of(Status status) { return row_of(kStatuses, status).caption; }
std::string_view name_of(Disposition disposition) {
  return row_of(kDispositions, disposition).name;
}
std::string_view name_of(Tlp tlp) { return row_of(kTlps, tlp).name; }
std::string_view name_of(ClockName clock) { return row_of(kClocks, clock).name; }

std::optional<Severity> find_severity(std::string_view name) { return find_in(kSeverities, name); }
std::optional<Status> find_status(std::string_view name) { return find_in(kStatuses, name); }
std::optional<Disposition> find_disposition(std::string_view name) {
  return find_in(kDispositions, name);
}
std::optional<Tlp> find_tlp(std::string_view name) { return find_in(kTlps, name); }

IncidentId incident_id(std::string_view opening_finding) {
  constexpr std::string_view kPrefix = "fnd-";
  CHECK(opening_finding.starts_with(kPrefix));
  return IncidentId("inc-" + std::string(opening_finding.substr(kPrefix.size())));
}

IncidentId incident_id_of_act(std::string_view key) {
  constexpr size_t kIdBytes = 16;
  const codec::Sha256 hash = codec::Sha256Fields().add("stanch.incident-id/1").add(key).finish();
  return IncidentId("inc-" + codec::to_base32(std::span(hash).first(kIdBytes)));
}

}  // namespace stanch::model
