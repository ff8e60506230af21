#include "respond/execute/journal.h"

#include <utility>
#include <vector>

#include "model/streams.h"

namespace stanch::respond {

namespace {

constexpr unsigned kTriesMax = 100;

}  // namespace

Journal::Journal(env::Clock& clock, ledger::Ledger& ledger, const model::IncidentId& incident,
                 std::string actor)
    : clock_(&clock),
      ledger_(&ledger),
      incident_(incident),
      stream_(model::incident_stream(incident)),
      actor_(std::move(actor)) {}

Result<Journal> Journal::open(env::Clock& clock, ledger::Ledger& ledger,
                              const model::IncidentId& incident, std::string actor) {
  Journal journal(clock, ledger, incident, std::move(actor));
  TRY(journal.refresh());
  return journal;
}

Result<> Journal::refresh() {
  while (true) {
    TRY(const auto entries, ledger_->read(stream_, next_));
    if (entries.empty()) return {};
    for (const model::Entry& entry : entries) book_.apply(entry);
    next_ = entries.back().sequence + 1;
  }
}

Result<model::EntryCitation> Journal::append(
    const std::string& kind, const std::string& key, const std::string& payload,
    const std::function<Result<>(const PlanBook&)>& still) {
  const Said said{kind, key, payload};
  return append({&said, 1}, still);
}

Result<model::EntryCitation> Journal::append(
    std::span<const Said> said, const std::function<Result<>(const PlanBook&)>& still) {
  for (unsigned attempt = 1;; ++attempt) {
    if (still) TRY(still(book_));
    std::vector<model::EntryDraft> drafts;
    for (const Said& each : said) {
      drafts.push_back({.kind = each.kind,
                        .key = each.key,
                        .time = clock_->now(),
                        .actor = actor_,
                        .content_version = "",
                        .payload = each.payload});
    }
    auto appended = ledger_->append(stream_, next_, drafts);
    if (!appended && appended.error().code() == ErrorCode::kUnknownOutcome) {
      appended = ledger::settle_append(*ledger_, stream_, next_, drafts);
    }
    if (appended) {
      TRY(refresh());
      return appended->citations.back();
    }
    const ErrorCode code = appended.error().code();
    const bool again = code == ErrorCode::kConflict || code == ErrorCode::kNotFound;
    if (!again || attempt == kTriesMax) return appended.error();
    const uint64_t before = next_;
    TRY(refresh());
    // Nothing new stands there, so what conflicts is this very entry, elsewhere in the stream.
    if (code == ErrorCode::kConflict && next_ == before) return appended.error();
  }
}

}  // namespace stanch::respond
