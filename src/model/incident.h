#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "base/id.h"

// The nouns of an incident, and how they are written in entries and documents.

namespace stanch::model {

struct IncidentIdTag;
using IncidentId = Id<IncidentIdTag>;  // "inc-…": see incident_id()

// How bad it is, the worst first. Deadlines and meaning: content/severity.yaml.
enum class Severity : uint8_t { kS1 = 1, kS2, kS3, kS4 };

// Where an incident stands in its life; which moves there are: triage/lifecycle.h.
enum class Status : uint8_t {
  kNew,
  kAcknowledged,
  kTriaged,
  kContaining,
  kContainedWatching,  // contained, and watched for a breach
  kContained,
  kEradicating,
  kRecovering,
  kRecovered,
  kReview,
  kClosed,
};

enum class Disposition : uint8_t { kTruePositive, kBenignExpected, kFalsePositive, kUndetermined };

enum class Tlp : uint8_t { kRed, kAmberStrict, kAmber, kGreen, kClear };  // FIRST TLP 2.0

// What runs until something is due.
enum class ClockName : uint8_t { kAcknowledge, kContain, kUpdate };

std::string_view name_of(Severity severity);        // "S1"
std::string_view caption_of(Severity severity);     // "Critical"
std::string_view name_of(Status status);            // "contained_watching"
std::string_view caption_of(Status status);         // "contained, watching"
std::string_view name_of(Disposition disposition);  // "false_positive"
std::string_view name_of(Tlp tlp);                  // "AMBER+STRICT"
std::string_view name_of(ClockName clock);          // "acknowledge"

std::optional<Severity> find_severity(std::string_view name);
std::optional<Status> find_status(std::string_view name);
std::optional<Disposition> find_disposition(std::string_view name);
std::optional<Tlp> find_tlp(std::string_view name);

// inc- and the base32 characters of the hash in the opening finding's id; an incident that a
// person opened or split off has 128 bits of the hash over `key`, which names that act.
IncidentId incident_id(std::string_view opening_finding);
IncidentId incident_id_of_act(std::string_view key);

}  // namespace stanch::model
