#include "host/metrics.h"

#include "host/incident.h"

namespace stanch::host {

namespace {

constexpr std::string_view kPrefix = "incident/";

// Page by page: an incident may have many entries, and none of them is needed twice.
Result<learn::Case> load_case(ledger::Ledger& ledger, const model::StreamId& stream) {
  learn::CaseFold fold(model::IncidentId(stream.text().substr(kPrefix.size())));
  for (uint64_t next = 0;;) {
    TRY(const auto entries, ledger.read(stream, next));
    if (entries.empty()) return fold.result();
    for (const model::Entry& entry : entries) fold.apply(entry);
    next = entries.back().sequence + 1;
  }
}

}  // namespace

Result<std::vector<learn::Case>> load_cases(ledger::Ledger& ledger) {
  std::vector<learn::Case> cases;
  for (std::string after;;) {
    TRY(const auto heads, ledger.streams(kPrefix, after));
    if (heads.empty()) return cases;
    for (const ledger::StreamHead& head : heads) {
      TRY(learn::Case one, load_case(ledger, head.stream));
      cases.push_back(std::move(one));
    }
    after = heads.back().stream.text();
  }
}

}  // namespace stanch::host
