#pragma once

#include <algorithm>
#include <cstdint>
#include <initializer_list>
#include <iterator>
#include <string_view>
#include <vector>

#include "codec/json.h"
#include "model/key_table.h"

// Members of an event by whose being there families are told: a bit each, so that most families
// are ruled out at once. What the members say, the families look at.

namespace stanch::normalize {

using Clues = uint64_t;

// Whoever adds a family adds what its events always have, and most others have not.
inline constexpr std::string_view kClueNames[] = {
    // Okta
    "actor",
    "eventType",
    "outcome",
    "published",
    "uuid",
    // Azure, Entra, Microsoft 365
    "CreationTime",
    "FlowStartTime",
    "FlowType",
    "RecordType",
    "SystemAlertId",
    "activityDisplayName",
    "alertDefinitionId",
    "appId",
    "category",
    "createdDateTime",
    "evidence",
    "flowRecords",
    "initiatedBy",
    "macAddress",
    "operationName",
    "operation_name",
    "properties",
    "resourceId",
    "resource_id",
    "riskEventType",
    "riskLevel",
    "riskState",
    "scopeType",
    "serviceSource",
    "status",
    "type",
    // Google Cloud
    "finding",
    "jsonPayload",
    "protoPayload",
    // Kubernetes
    "auditID",
    "verb",
    // GitHub
    "@timestamp",
    "action",
    // Google Workspace
    "alertId",
    "events",
    "id",
    // AWS beside CloudTrail
    "SchemaVersion",
    "analyzedAt",
    "class_uid",
    "configurationItemCaptureTime",
    "eventTypeCode",
    "messageType",
    "query_name",
    "schemaVersion",
    "webaclId",
    // Suricata, Falco
    "event_type",
    "firewall_name",
    "output_fields",
    // Lines of text, the journal
    "MESSAGE",
    "text_form",
};
inline constexpr size_t kClueCount = std::size(kClueNames);
static_assert(kClueCount <= 64);

// Does not compile for a name without a row.
consteval Clues clues(std::initializer_list<std::string_view> names) {
  Clues all = 0;
  for (std::string_view name : names) {
    const auto found = std::find(std::begin(kClueNames), std::end(kClueNames), name);
    if (found == std::end(kClueNames)) throw "there is no such clue";
    all |= Clues{1} << (found - std::begin(kClueNames));
  }
  return all;
}

// Remembers those of a layout for the next record of the same one. One a thread.
class RecordClues {
 public:
  Clues of(codec::JsonView record);

 private:
  struct Known {
    uint64_t layout = 0;
    Clues clues = 0;
  };

  std::vector<Known> known_;  // by slot of a layout; empty until it is used
};

}  // namespace stanch::normalize
