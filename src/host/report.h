#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"
#include "env/env.h"
#include "host/triage_tables.h"
#include "ledger/ledger.h"
#include "model/incident.h"

// The report of an incident, from the ledger.

namespace stanch::host {

enum class ReportFormat : uint8_t { kMarkdown, kHtml, kJson };
std::string_view name_of(ReportFormat format);  // "markdown"

struct ReportRequest {
  model::IncidentId incident;
  ReportFormat format = ReportFormat::kMarkdown;
  bool privileged = false;  // with the notes for counsel
  Time now{};
  std::string program_version;
};

struct MadeReport {
  std::string bytes;
  uint64_t through = 0;  // sequence of the last entry that it tells of
  bool restricted = false;
};

// kNotFound if no entry says that the incident was opened.
Result<MadeReport> make_report(ledger::Ledger& ledger, const TriageTables& tables,
                               const ReportRequest& request);

// Says in the incident's stream that this report was made.
Result<> record_report(env::Env& env, ledger::Ledger& ledger, const ReportRequest& request,
                       const MadeReport& report, const std::string& actor);

}  // namespace stanch::host
