#include "host/metrics.h"

#include <set>
#include <string>

#include "host/incident.h"

namespace stanch::host {

Result<learn::Case> load_case(ledger::Ledger& ledger, const model::IncidentId& incident) {
  learn::CaseFold fold(incident);
  TRY(ledger::each_entry(ledger, incident_stream(incident),
                         [&](const model::Entry& entry) -> Result<> {
                           fold.apply(entry);
                           return {};
                         }));
  return fold.result();
}

Result<std::vector<learn::Case>> load_cases(ledger::Ledger& ledger) {
  std::vector<learn::Case> cases;
  for (std::string after;;) {
    TRY(const auto heads, ledger.streams(model::kIncidentStreams, after));
    if (heads.empty()) return cases;
    for (const ledger::StreamHead& head : heads) {
      TRY(learn::Case one, load_case(ledger, *model::find_incident_of(head.stream)));
      cases.push_back(std::move(one));
    }
    after = heads.back().stream.text();
  }
}

Result<std::vector<learn::Case>> load_absorbed(ledger::Ledger& ledger, const learn::Case& of) {
  std::vector<learn::Case> all;
  std::set<std::string> known{of.id.text()};
  std::vector<std::string> wanted = of.merged_from;
  while (!wanted.empty()) {
    const std::string id = std::move(wanted.back());
    wanted.pop_back();
    if (!known.insert(id).second) continue;
    TRY(learn::Case absorbed, load_case(ledger, model::IncidentId(id)));
    if (absorbed.merged_into.empty()) continue;  // it was reopened, and is its own again
    wanted.insert(wanted.end(), absorbed.merged_from.begin(), absorbed.merged_from.end());
    all.push_back(std::move(absorbed));
  }
  return all;
}

Result<learn::Case> load_whole_case(ledger::Ledger& ledger, const model::IncidentId& incident,
                                    std::span<const model::Entry> entries) {
  learn::CaseFold fold(incident);
  for (const model::Entry& entry : entries) fold.apply(entry);
  learn::Case whole = fold.result();
  TRY(const auto absorbed, load_absorbed(ledger, whole));
  for (const learn::Case& each : absorbed) learn::absorb(each, whole);
  return whole;
}

}  // namespace stanch::host
