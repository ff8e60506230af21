#include "ledger/ledger.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <optional>
#include <utility>

namespace stanch::ledger {

Result<Appended> settle_append(Ledger& ledger, const model::StreamId& stream,
                               uint64_t expected_next, std::span<const model::EntryDraft> drafts) {
  TRY(const StreamHead head, ledger.head(stream));
  if (head.next <= expected_next) {
    return Error(ErrorCode::kNotFound,
                 fmt::format("stream {} has nothing at {}", stream.text(), expected_next));
  }
  Appended appended{.next = expected_next + drafts.size(), .citations = {}, .repeated = true};
  for (const model::EntryDraft& draft : drafts) {
    const uint64_t sequence = expected_next + appended.citations.size();
    TRY(const std::vector<model::Entry> found, ledger.read(stream, sequence, 1));
    if (found.empty() || found[0].id != model::entry_id(stream, draft.kind, draft.key)) {
      return Error(ErrorCode::kConflict,
                   fmt::format("stream {} has another entry at {}", stream.text(), sequence));
    }
    appended.citations.push_back(model::citation_of(found[0]));
  }
  return appended;
}

namespace {

// Where the drafts stand in the stream already; nothing for those that do not.
Result<std::vector<std::optional<model::EntryCitation>>> find_drafts(
    Ledger& ledger, const model::StreamId& stream, std::span<const model::EntryDraft> drafts) {
  std::vector<std::optional<model::EntryCitation>> found(drafts.size());
  for (size_t i = 0; i < drafts.size(); ++i) {
    auto entry = ledger.find(stream, model::entry_id(stream, drafts[i].kind, drafts[i].key));
    if (entry) {
      found[i] = model::citation_of(*entry);
    } else if (entry.error().code() != ErrorCode::kNotFound) {
      return std::move(entry).error();
    }
  }
  return found;
}

}  // namespace

Result<Appended> append_missing(Ledger& ledger, const model::StreamId& stream,
                                std::span<const model::EntryDraft> drafts) {
  for (unsigned attempt = 1;; ++attempt) {
    TRY(const StreamHead head, ledger.head(stream));
    std::vector<std::optional<model::EntryCitation>> places(drafts.size());
    // Mostly none is there, which the append finds out by itself, and for all of them at once.
    if (attempt > 1) {
      TRY(places, find_drafts(ledger, stream, drafts));
    }
    std::vector<model::EntryDraft> missing;
    for (size_t i = 0; i < drafts.size(); ++i) {
      if (!places[i]) missing.push_back(drafts[i]);
    }
    Appended all{.next = head.next, .citations = {}, .repeated = missing.empty()};
    if (!missing.empty()) {
      auto appended = ledger.append(stream, head.next, missing);
      if (!appended && appended.error().code() == ErrorCode::kUnknownOutcome) {
        appended = settle_append(ledger, stream, head.next, missing);
      }
      if (!appended) {
        const ErrorCode code = appended.error().code();
        const bool again = code == ErrorCode::kConflict || code == ErrorCode::kNotFound;
        if (again && attempt < kAppendMissingTries) continue;
        return std::move(appended).error();
      }
      all.next = appended->next;
      for (size_t i = 0, at = 0; i < places.size(); ++i) {
        if (!places[i]) places[i] = std::move(appended->citations[at++]);
      }
    }
    for (auto& place : places) all.citations.push_back(*std::move(place));
    return all;
  }
}

Result<> each_entry(Ledger& ledger, const model::StreamId& stream,
                    const std::function<Result<>(const model::Entry&)>& visit) {
  for (uint64_t next = 0;;) {
    TRY(const std::vector<model::Entry> page, ledger.read(stream, next));
    if (page.empty()) return {};
    for (const model::Entry& entry : page) TRY(visit(entry));
    next += page.size();
  }
}

Result<std::vector<model::Entry>> read_all(Ledger& ledger, const model::StreamId& stream) {
  std::vector<model::Entry> entries;
  for (;;) {
    TRY(std::vector<model::Entry> page, ledger.read(stream, entries.size()));
    if (page.empty()) return entries;
    std::ranges::move(page, std::back_inserter(entries));
  }
}

}  // namespace stanch::ledger
